"""Requests 民情工单: the list with its queues, the record, each step as a form, the desk, and the API."""

from typing import Any

from flask import Response, abort, flash, jsonify, make_response, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.models.filters import Filters
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from models import db
from models.acting import current_scope
from models.disclosure import disclose
from models.legs import Leg
from models.routing import neighbours, proposal, targets, unit_called
from models.search import Question
from models.terms import TermKind
from models.tickets import Ticket
from models.tracking import own_files
from models.uploads import ACCEPTED
from models.worklists import BY_DUE, MY_TURN, URGENT, find_list, lists_for
from rules.deadlines import TIER_LABELS, Tier
from rules.lifecycle import MOVE_LABELS, STATE_LABELS, Move
from rules.refusals import Refusal
from rules.routing import Proposal
from rules.workdays import local_date
from views.asking import asked_number
from views.choosing import chosen_category
from views.doors import door_of
from views.dues import due_in_words, standing_badges
from views.intake_forms import IntakeForm
from views.kit.api import ScopedApi
from views.kit.context import me, now
from views.kit.views import ScopedView
from views.meanwhile import act_on, newest
from views.next_steps import obstacle
from views.reply_templates import replies
from views.saving import attempt, say
from views.suggestions import offered
from views.terms import words_of
from views.ticket_actions import ManyAtOnce
from views.ticket_forms import AcceptForm, ProposingForm
from views.ticket_record import facts, record, step
from views.ticket_search import InQueue, Mentions, TicketRows, counted, marks_asked

FACE = ["number", "standing", "title", "state", "unit", "lead_unit", "due", "submitted_at"]
LEGS = (joinedload(Ticket.legs).options(joinedload(Leg.handler), joinedload(Leg.giver)),)
LONGEST_SEARCH = 64
PAGE = 20

LABELS = {
    "number": _("Number"),
    "standing": _("Light"),
    "title": _("Title"),
    "state": _("State"),
    "unit": _("Where it arose"),
    "lead_unit": _("Responsible unit"),
    "due": _("Due"),
    "submitted_at": _("Submitted at"),
    "next_due_at": _("Due"),
    "settled_at": _("Settled at"),
    "category": _("Kind of matter"),
    "tier": _("Tier"),
    "source": _("Source"),
    "text": _("Text"),
    "address": _("Where exactly"),
}


class TicketView(ManyAtOnce, ScopedView):
    route_base = "/requests"
    datamodel = TicketRows(eager=[joinedload(Ticket.unit), joinedload(Ticket.lead_unit), joinedload(Ticket.category)])
    label_columns = LABELS
    choices = {"state": STATE_LABELS, "tier": TIER_LABELS, "source": words_of(TermKind.SOURCE)}
    list_title, add_title, add_label = _("Requests"), _("Record a request"), _("Record a request")
    exclude_route_methods = {"download", "edit", "delete"}
    method_permission_name = {
        "propose": "read",
        "options": "read",
        "number": "read",
        "move": "move",
    }
    list_columns = show_columns = FACE
    add_columns: list[str] = []
    search_columns = ["title", "number", "state", "unit", "lead_unit", "category", "tier", "source", "submitted_at"]
    order_columns = ["number", "title", "state", "due", "submitted_at"]
    base_order = ("submitted_at", "desc")
    formatters_columns = {"standing": standing_badges, "due": due_in_words}

    def asked_filters(self) -> Filters:
        filters = super().asked_filters()
        if (queue := find_list(request.args.get("queue", ""), me())) and queue.key != "all":
            filters.add_filter("id", InQueue, queue.key)  # type: ignore[arg-type]
        if mentioned := request.args.get("q", "").strip()[:LONGEST_SEARCH]:
            asked = Question(mentioned, current_scope(), marks_asked(filters))
            filters.add_filter("id", Mentions, asked)  # type: ignore[arg-type]
        return filters

    def _asked_page(self) -> dict[str, Any]:
        """What waits is shown with the nearest date first."""
        asked = super()._asked_page()
        key = queue.key if (queue := find_list(request.args.get("queue", ""), me())) else ""
        if key in MY_TURN + URGENT and "_oc_TicketView" not in request.args:
            asked |= {"order_column": "next_due_at", "order_direction": "asc"}
        elif asked["order_column"] == "due":
            column, direction = ("next_due_at", asked["order_direction"]) if key in BY_DUE else self.base_order
            asked |= {"order_column": column, "order_direction": direction}
        return asked

    @expose("/list/")
    @has_access
    def list(self) -> str:
        self.update_redirect()
        said = {"title": self.list_title, "add_label": self.add_label, "empty_text": empty_text()}
        return self.render_template(self.list_template, widgets=self._list(), queues=tabs(), **said)

    def _row(self, pk: Any) -> Any:
        """With its legs, which say who may do what."""
        return next(iter(self.datamodel.rows([pk], *LEGS)), None) or abort(404)

    @expose("/show/<pk>")
    @has_access
    def show(self, pk: Any) -> str:
        return self.render_template("tickets/show.html", **record(self._row(pk)))

    @expose("/number/<pk>", methods=["POST"])
    @has_access
    def number(self, pk: Any) -> Response:
        """Name and number of the reporter with the tracking code, and a line in the record of who read them."""
        ticket, found = self._row(pk), []
        problem = attempt(lambda: found.extend(disclose(ticket, me(), now())))
        page = self.render_template("tickets/show.html", **record(ticket, found, problem or ""))
        return make_response(page, 403 if problem else 200, {"Cache-Control": "no-store"})

    @expose("/move/<pk>/<string:name>", methods=["GET", "POST"])
    @has_access
    def move(self, pk: Any, name: str) -> Any:
        ticket, (move, door) = self._row(pk), door_of(name)
        form = door.form()
        form.start(ticket)
        happened: Any = []
        if form.validate_on_submit():
            problem, happened = act_on(ticket, form.seen.data, lambda: door.act(ticket, form))
            if problem is None:
                flash(gettext(door.done), "success")
                return redirect(url_for("TicketView.show", pk=pk))
            form.form_errors.append(problem)
        if (barred := obstacle(ticket, move)) and barred not in form.form_errors:
            form.form_errors.append(barred)
        return self.render_template("tickets/move.html", **step_page(ticket, move, form, happened))

    @expose("/propose/<pk>")
    @has_access
    def propose(self, pk: Any) -> str:
        """What the duty catalogue says of another category, for the form to accept."""
        ticket = self._row(pk)
        category = chosen_category(request.args.get("category", ""))
        found = proposal(db.session(), ticket, category)
        said = {"proposal": in_words(found), "tiers": tiers(found.tier)}
        return self.render_template("tickets/proposal.html", **said)

    @expose("/options")
    @has_access
    def options(self) -> Response:
        """Units the account may dispatch to, or all of its district, which may lie outside what it otherwise sees."""
        page = max(asked_number("page", 1, 500), 1)
        typed = request.args.get("q", "").strip()[:40]
        among = neighbours if request.args.get("among") == "district" else targets
        units = among(db.session(), me(), typed, local_date(now()), PAGE + 1, (page - 1) * PAGE)
        results = [{"id": unit.id, "text": f"{unit.name} {unit.code}"} for unit in units[:PAGE]]
        return jsonify(results=results, pagination={"more": len(units) > PAGE})

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> Any:
        form, made = IntakeForm(), []
        form.start()
        if form.validate_on_submit():
            problem = attempt(lambda: made.append(form.save()))
            if problem is None:
                flash(recorded(made[0]), "success")
                return redirect(url_for("TicketView.show", pk=made[0].id))
            form.form_errors.append(problem)
        return self.render_template("tickets/intake.html", title=self.add_title, form=form, accepted=ACCEPTED)


def recorded(ticket: Ticket) -> str:
    return gettext(
        "Request %(number)s has been recorded. Tracking code: %(code)s", number=ticket.number, code=ticket.tracking_code
    )


def tabs() -> list[dict[str, Any]]:
    asked = request.args.get("queue", "")
    current = asked if find_list(asked, me()) else "all"
    address, numbers = url_for("TicketView.list"), counted()
    return [
        {
            "label": gettext(each.label),
            "href": f"{address}?queue={each.key}",
            "count": numbers[each.key],
            "active": each.key == current,
        }
        for each in lists_for(me())
    ]


def empty_text() -> str:
    if request.args.get("queue") in MY_TURN + URGENT:
        return gettext("There is nothing to do here.")
    return gettext("No request here yet.")


def step_page(ticket: Ticket, move: Move, form: Any, happened: Any) -> dict[str, Any]:
    form.seen.data = newest(ticket)
    return {
        "title": gettext(MOVE_LABELS[move]),
        "ticket": ticket,
        "move": move.value,
        "form": form,
        "accepted": ACCEPTED,
        "facts": facts(ticket),
        "files": own_files(ticket),
        "leg": ticket.leg_of(me()) if ticket.legs else None,
        "unit": form.chosen() if move is Move.DISPATCH else None,
        "told": form.told(ticket, move),
        "happened": [step(event) for event in happened],
        **replies(ticket, move),
        **(proposed(form) if isinstance(form, ProposingForm) else {}),
    }


def proposed(form: Any) -> dict[str, Any]:
    chosen = form.tier.data if isinstance(form, AcceptForm) else None
    return {
        "proposal": in_words(form.found),
        "tiers": tiers(Tier(chosen) if chosen else form.found.tier),
        "suggestions": offered(form.ticket.path, form.ticket.title, form.ticket.text) if chosen else [],
    }


def in_words(found: Proposal) -> str:
    """Why, to whom, and whom to involve."""
    words = say(Refusal(found.reason, **found.values))
    if found.lead:
        words += f" → {unit_called(db.session(), found.lead).name}"
    if found.co_units:
        names = "、".join(unit_called(db.session(), code).name for code in found.co_units)
        words += gettext("; co-handling: %(units)s", units=names)
    return words


def tiers(chosen: Tier) -> list[tuple[str, str, bool]]:
    return [(tier.value, gettext(label), tier is chosen) for tier, label in TIER_LABELS.items()]


class TicketApi(ScopedApi):
    """Reads only, and nothing of the reporter."""

    resource_name = "requests"
    datamodel = TicketRows()
    list_columns = show_columns = [
        "id",
        "number",
        "title",
        "text",
        "state",
        "tier",
        "source",
        "unit.id",
        "unit.name",
        "lead_unit.id",
        "lead_unit.name",
        "category.code",
        "category.name",
        "submitted_at",
        "accepted_at",
        "settled_at",
        "next_due_at",
    ]
    search_columns = ["number", "title", "state", "tier", "source", "unit", "lead_unit", "category", "submitted_at"]
    order_columns = ["number", "submitted_at", "settled_at", "next_due_at"]
    base_order = ("submitted_at", "asc")  # as the indexes of a district and of a unit have them

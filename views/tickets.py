"""Requests 民情工单: the list with its queues, the record, each step as a form, the desk, and the API."""

from typing import Any

from flask import Response, flash, jsonify, make_response, redirect, request, url_for
from flask_appbuilder import action, expose, has_access
from flask_appbuilder.models.filters import BaseFilter, Filters
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import or_
from sqlalchemy.orm import Query, joinedload

from models import db
from models.acting import current_scope
from models.disclosure import disclose
from models.ratings import asked_from
from models.routing import proposal, targets, unit_called
from models.terms import TermKind
from models.tickets import Ticket
from models.tracking import own_files
from models.uploads import ACCEPTED
from models.worklists import MY_TURN, URGENT, counts, find_list, lists_for
from rules.deadlines import TIER_LABELS, Tier
from rules.identity import clean_digits, is_mobile
from rules.lifecycle import MOVE_LABELS, STATE_LABELS, Move
from rules.refusals import Refusal
from rules.workdays import local_date
from views.choosing import chosen_category
from views.dues import due_in_words, light_badge
from views.kit.api import ScopedApi
from views.kit.arguments import asked_number
from views.kit.context import me, now
from views.kit.interface import ScopedInterface
from views.kit.saving import attempt, say
from views.kit.views import ScopedView
from views.terms import words_of
from views.ticket_forms import IntakeForm, door_of
from views.ticket_record import facts, obstacle, record

FACE = ["number", "standing", "title", "state", "unit", "lead_unit", "due", "submitted_at"]
LONGEST_SEARCH = 60
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


class InQueue(BaseFilter):
    """One work list, exactly as its count has it."""

    name, arg_name = _("queue"), "queue"

    def apply(self, query: Query[Any], value: str) -> Query[Any]:
        queue = find_list(value, me())
        return query if queue is None else query.filter(queue.condition(me(), now()))


class Mentions(BaseFilter):
    """Words of the request, or the whole number of the telephone it was asked from."""

    name, arg_name = _("mentions"), "q"

    def apply(self, query: Query[Any], value: str) -> Query[Any]:
        columns = (Ticket.number, Ticket.title, Ticket.text, Ticket.address)
        found = [column.icontains(value, autoescape=True) for column in columns]
        if is_mobile(clean_digits(value)) and not current_scope().masked:
            found.append(Ticket.id.in_(asked_from(clean_digits(value))))
        return query.filter(or_(*found))


class TicketView(ScopedView):
    route_base = "/requests"
    datamodel = ScopedInterface(Ticket, eager=[joinedload(Ticket.unit), joinedload(Ticket.lead_unit)])
    label_columns = LABELS
    choices = {"state": STATE_LABELS, "tier": TIER_LABELS, "source": words_of(TermKind.SOURCE)}
    list_title, add_title, add_label = _("Requests"), _("Take down a request"), _("Take down a request")
    exclude_route_methods = {"download", "edit", "delete"}
    method_permission_name = {
        "propose": "read",
        "options": "read",
        "number": "read",
        "move": "write",
    }
    list_columns = show_columns = FACE
    add_columns: list[str] = []
    search_columns = ["title", "number", "state", "unit", "lead_unit", "category", "tier", "source", "submitted_at"]
    order_columns = ["number", "title", "state", "submitted_at"]
    base_order = ("submitted_at", "desc")
    formatters_columns = {"standing": light_badge, "due": due_in_words}

    def asked_filters(self) -> Filters:
        filters = super().asked_filters()
        if find_list(queue := request.args.get("queue", ""), me()):
            filters.add_filter("id", InQueue, queue)  # type: ignore[arg-type]
        if mentioned := request.args.get("q", "").strip()[:LONGEST_SEARCH]:
            filters.add_filter("id", Mentions, mentioned)  # type: ignore[arg-type]
        return filters

    def _asked_page(self) -> dict[str, Any]:
        """What waits is shown with the nearest date first."""
        asked = super()._asked_page()
        if request.args.get("queue") in MY_TURN + URGENT and "_oc_TicketView" not in request.args:
            asked |= {"order_column": "next_due_at", "order_direction": "asc"}
        return asked

    @expose("/list/")
    @has_access
    def list(self) -> str:
        self.update_redirect()
        said = {"title": self.list_title, "add_label": self.add_label, "empty_text": empty_text()}
        return self.render_template(self.list_template, widgets=self._list(), queues=tabs(), **said)

    @expose("/show/<pk>")
    @has_access
    def show(self, pk: Any) -> str:
        return self.render_template("tickets/show.html", **record(self._row(pk)))

    @expose("/number/<pk>", methods=["POST"])
    @has_access
    def number(self, pk: Any) -> Response:
        """Name and number of the reporter, and a line in the record of who read them."""
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
        if form.validate_on_submit():
            problem = attempt(lambda: door.act(ticket, form))
            if problem is None:
                flash(gettext(door.done), "success")
                return redirect(url_for("TicketView.show", pk=pk))
            form.form_errors.append(problem)
        elif barred := obstacle(ticket, move):
            form.form_errors.append(barred)
        return self.render_template("tickets/move.html", **step_page(ticket, move, form))

    @expose("/propose/<pk>")
    @has_access
    def propose(self, pk: Any) -> str:
        """What the duty catalogue says of another category, for the form to accept."""
        ticket = self._row(pk)
        category = chosen_category(request.args.get("category", ""))
        found = proposal(db.session(), ticket, category)
        said = {"proposed": proposed_name(found), "reason": reason(found), "tiers": tiers(found.tier)}
        return self.render_template("tickets/proposal.html", **said)

    @expose("/options")
    @has_access
    def options(self) -> Response:
        """Units the account may dispatch to, which may lie outside what it otherwise sees."""
        page = max(asked_number("page", 1, 500), 1)
        typed = request.args.get("q", "").strip()[:40]
        units = targets(db.session(), me(), typed, local_date(now()), PAGE + 1, (page - 1) * PAGE)
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
                flash(gettext("Request %(number)s has been taken down", number=made[0].number), "success")
                return redirect(url_for("TicketView.show", pk=made[0].id))
            form.form_errors.append(problem)
        return self.render_template("tickets/intake.html", title=self.add_title, form=form, accepted=ACCEPTED)

    @action("sign", _("Sign for"), "", "fa-check", multiple=True, single=False)
    def sign_chosen(self, tickets: Any) -> Any:
        return self.each(tickets, lambda ticket: ticket.sign(me(), now()))

    @action("accept", _("Accept as proposed"), "", "fa-inbox", multiple=True, single=False)
    def accept_chosen(self, tickets: Any) -> Any:
        return self.each(tickets, accept_as_proposed)


def accept_as_proposed(ticket: Ticket) -> None:
    tier = proposal(db.session(), ticket, ticket.category).tier
    ticket.accept(me(), now(), tier=tier, category=ticket.category)


def tabs() -> list[dict[str, Any]]:
    queues = lists_for(me())
    counted = counts(db.session(), queues, me(), current_scope(), now())
    asked = request.args.get("queue", "")
    current = asked if find_list(asked, me()) else "all"
    return [
        {
            "label": gettext(each.label),
            "href": url_for("TicketView.list", queue=each.key),
            "count": counted[each.key],
            "active": each.key == current,
        }
        for each in queues
    ]


def empty_text() -> str:
    if request.args.get("queue") in MY_TURN + URGENT:
        return gettext("Nothing is waiting here. Well done.")
    return gettext("No request here yet.")


def step_page(ticket: Ticket, move: Move, form: Any) -> dict[str, Any]:
    found = proposal(db.session(), ticket, ticket.category)
    return {
        "title": gettext(MOVE_LABELS[move]),
        "ticket": ticket,
        "move": move.value,
        "form": form,
        "accepted": ACCEPTED,
        "proposed": proposed_name(found),
        "facts": facts(ticket),
        "files": own_files(ticket),
        "reason": reason(found),
        "tiers": tiers(Tier(form.tier.data) if move is Move.ACCEPT and form.tier.data else found.tier),
        "unit": form.chosen() if move is Move.DISPATCH else None,
    }


def proposed_name(found: Any) -> str:
    return unit_called(db.session(), found.lead).name if found.lead else ""


def reason(found: Any) -> str:
    return say(Refusal(found.reason, **found.values))


def tiers(chosen: Tier) -> list[tuple[str, str, bool]]:
    return [(tier.value, gettext(label), tier is chosen) for tier, label in TIER_LABELS.items()]


class TicketApi(ScopedApi):
    """Reads only, and nothing of the reporter."""

    resource_name = "requests"
    datamodel = ScopedInterface(Ticket)
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

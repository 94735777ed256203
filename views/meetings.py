"""Meetings 会商: those that wait and those that decided, what each has to know, and what it decided."""

from typing import Any

import sqlalchemy as sa
from flask import Response, flash, jsonify, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from models import db
from models.acting import beyond_scope, district_of
from models.meetings import ENDED, MEETING_CAUSE_LABELS, MEETING_LABELS, Meeting, decide
from models.scope import inside
from models.tickets import Ticket
from models.units import Unit, called_like
from rules.lights import Light
from rules.refusals import N_, Refusal
from rules.workdays import local_date
from views.asking import asked_number
from views.dues import due_in_words, light_badge
from views.kit.context import me, now
from views.kit.interface import ScopedInterface
from views.kit.views import READ, READ_ONLY, WRITE
from views.meeting_forms import DecideForm
from views.queues import QueuedView, Tab
from views.saving import attempt
from views.table_pages import barred, between_the_units, meeting_facts, shown
from views.words import moment

PAGE = 20
FACE = ["ticket", "ticket.title", "kind", "standing", "due_at", "cause", "called_by"]


def needed() -> sa.ColumnElement[bool]:
    """Where the request has not come to its end without it."""
    ticket = Ticket.__table__.alias("met")
    return sa.exists().where(ticket.c.id == Meeting.ticket_id, ticket.c.state.not_in(sorted(ENDED)))


def state_words(standing: tuple[Any, Any, Any]) -> Any:
    waits, due, decided = standing
    if decided:
        return light_badge(Light.GREEN, gettext("Decided on %(day)s", day=moment(decided)[:10]))
    if not waits:
        return light_badge(Light.GREY, gettext("Not needed any more"))
    late = due is not None and due < now()
    return light_badge(Light.RED if late else Light.AMBER, due_in_words(due) or gettext("Waits for its decision"))


class MeetingView(QueuedView):
    route_base = "/meetings"
    datamodel = ScopedInterface(Meeting, eager=[joinedload(Meeting.ticket)])
    exclude_route_methods = READ_ONLY
    method_permission_name = {"minutes": READ, "decide": WRITE, "options": WRITE}
    choices = {"kind": MEETING_LABELS, "cause": MEETING_CAUSE_LABELS}
    list_title, show_title = _("Meetings"), _("Meeting")
    empty_text = _("No meeting here. It is called from the page of a request.")
    label_columns = {
        "ticket": _("Request"),
        "ticket.title": _("Title"),
        "kind": _("Kind of meeting"),
        "cause": _("Why it was called"),
        "standing": _("State"),
        "due_at": _("To decide by"),
        "called_at": _("Called"),
        "called_by": _("Called by"),
        "decided_at": _("Decided"),
    }
    list_columns = show_columns = FACE
    search_columns = ["kind", "cause", "called_at", "due_at", "decided_at"]
    order_columns = ["kind", "cause", "due_at"]
    formatters_columns = {"standing": state_words}
    tabs = (
        Tab("open", N_("Wait for their decision"), lambda: Meeting.decided_at.is_(None) & needed(), ("due_at", "asc")),
        Tab("decided", N_("Decided"), lambda: Meeting.decided_at.is_not(None), ("decided_at", "desc")),
        Tab("all", N_("All"), sa.true, ("called_at", "desc")),
    )

    @expose("/show/<pk>")
    @has_access
    def show(self, pk: Any) -> str:
        return self.render_template("meetings/show.html", **meeting_page(self._row(pk)))

    @expose("/minutes/<pk>")
    @has_access
    def minutes(self, pk: Any) -> str:
        """A sheet of A4 to sign."""
        return self.render_template("meetings/minutes.html", **meeting_page(self._row(pk)))

    @expose("/decide/<pk>", methods=["GET", "POST"])
    @has_access
    def decide(self, pk: Any) -> Any:
        meeting, form = self._row(pk), DecideForm()
        form.start(meeting)
        if form.validate_on_submit():
            problem = attempt(lambda: decide_at(meeting, form))
            if problem is None:
                flash(gettext("The decision binds from this moment"), "success")
                return redirect(url_for("MeetingView.show", pk=pk))
            form.form_errors.append(problem)
        elif problem := barred(meeting):
            form.form_errors.append(problem)
        return self.render_template("meetings/decide.html", form=form, chosen=form.units(), **meeting_page(meeting))

    @expose("/options")
    @has_access
    def options(self) -> Response:
        """Living units of the district: any of them may sit at the table."""
        page = max(asked_number("page", 1, 500), 1)
        typed = request.args.get("q", "").strip()[:40]
        units = at_any_table(typed, PAGE + 1, (page - 1) * PAGE) if me().unit_path else []
        results = [{"id": unit.id, "text": f"{unit.name} {unit.code}"} for unit in units[:PAGE]]
        return jsonify(results=results, pagination={"more": len(units) > PAGE})


def decide_at(meeting: Meeting, form: DecideForm) -> None:
    if meeting.decided_at is not None:
        raise Refusal(N_("This meeting has decided already"))
    decide(meeting.ticket, form.said(), me(), now())


def at_any_table(typed: str, limit: int, offset: int) -> list[Unit]:
    statement = sa.select(Unit).where(inside(Unit.path, district_of(me().unit_path)), Unit.lives_on(local_date(now())))
    if typed:
        statement = statement.where(called_like(typed))
    with beyond_scope():
        ordered = statement.order_by(sa.func.length(Unit.path), Unit.code)
        return list(db.session.scalars(ordered.offset(offset).limit(limit)))


def meeting_page(meeting: Meeting) -> dict[str, Any]:
    facts = meeting_facts(meeting)
    return {
        "title": facts["kind"],
        "ticket": meeting.ticket,
        "said": facts,
        "history": between_the_units(meeting.ticket),
        "minutes_text": shown(meeting.minutes),
        "decision_text": shown(meeting.decision),
    }

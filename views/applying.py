"""Deciding what a unit has asked for: granted or refused by the right superior, withdrawn by who asked."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import abort, flash, redirect, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.baseviews import BaseView
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired, Length

from models import applying
from models.applications import Application
from models.events import TicketEvent
from models.tickets import Ticket
from rules.lifecycle import Move
from rules.refusals import N_
from views.applications import barred, grant_of, shown
from views.kit.context import me, now
from views.kit.forms import choices_of
from views.kit.views import READ, WRITE
from views.meanwhile import act_on, newest
from views.moving import MoveForm
from views.ticket_record import facts, step
from views.tickets import TicketView

GRANTED, REFUSED, WITHDRAWN = N_("Granted"), N_("Refused"), N_("Withdrawn")


class DecisionForm(MoveForm):
    decision = RadioField(_("Decision"), [InputRequired()], choices=choices_of({"grant": GRANTED, "refuse": REFUSED}))
    answer = TextAreaField(
        _("Answer to who asked"), description=_("Compulsory for a refusal"), validators=[Length(max=1000)]
    )


def grant(ticket: Ticket, application: Application, answer: str) -> None:
    applying.grant(ticket, application, me(), now(), answer=answer)


def refuse(ticket: Ticket, application: Application, answer: str) -> None:
    applying.refuse(ticket, application, me(), now(), answer=answer)


def withdraw(ticket: Ticket, application: Application, answer: str = "") -> None:
    applying.withdraw(ticket, application, me(), now())


DECISIONS: Mapping[str, tuple[Callable[[Ticket, Application, str], None], str]] = {
    "grant": (grant, GRANTED),
    "refuse": (refuse, REFUSED),
    "withdraw": (withdraw, WITHDRAWN),
}


def asked_of(ticket: Ticket, key: int) -> Application | None:
    """That of another request is none, exactly as one that does not exist."""
    return next((each for each in ticket.applications if each.id == key), None)


class TicketDecisionView(BaseView):
    route_base = "/requests/decide"
    default_view = "show"
    class_permission_name = "Application"
    method_permission_name = {"show": READ, "decide": WRITE, "withdraw": WRITE}
    datamodel = TicketView.datamodel

    def found(self, pk: Any, key: int) -> tuple[Ticket, Application]:
        ticket = next(iter(self.datamodel.rows([pk])), None) or abort(404)
        return ticket, asked_of(ticket, key) or abort(404)

    @expose("/<pk>/<int(max=2147483647):application>")
    @has_access
    def show(self, pk: Any, application: int) -> str:
        return self.page(*self.found(pk, application), DecisionForm())

    @expose("/<pk>/<int(max=2147483647):application>", methods=["POST"])
    @has_access
    def decide(self, pk: Any, application: int) -> Any:
        ticket, asked = self.found(pk, application)
        form = DecisionForm()
        happened: list[TicketEvent] = []
        if form.validate():
            act, done = DECISIONS[form.decision.data]
            problem, happened = act_on(ticket, form.seen.data, lambda: act(ticket, asked, form.answer.data or ""))
            if problem is None:
                flash(gettext(done), "success")
                return redirect(url_for("TicketView.show", pk=pk))
            form.form_errors.append(problem)
        return self.page(ticket, asked, form, happened)

    @expose("/<pk>/<int(max=2147483647):application>/withdraw", methods=["POST"])
    @has_access
    def withdraw(self, pk: Any, application: int) -> Any:
        ticket, asked = self.found(pk, application)
        problem, _happened = act_on(ticket, None, lambda: withdraw(ticket, asked))
        flash(problem or gettext(WITHDRAWN), "danger" if problem else "success")
        return redirect(url_for("TicketView.show", pk=pk))

    def page(self, ticket: Ticket, application: Application, form: DecisionForm, happened: Any = ()) -> str:
        form.seen.data = newest(ticket)
        return self.render_template("tickets/decide.html", **decision(ticket, application, form, happened))


def decision(ticket: Ticket, application: Application, form: DecisionForm, happened: Any) -> dict[str, Any]:
    each = shown(ticket, application)
    return {
        "title": gettext("Application: %(kind)s", kind=each["kind"]),
        "ticket": ticket,
        "each": each,
        "facts": facts(ticket),
        "form": form,
        "happened": [step(event) for event in happened],
        "may_grant": barred(ticket, application, grant_of(application)),
        "may_refuse": barred(ticket, application, Move.REFUSE),
    }

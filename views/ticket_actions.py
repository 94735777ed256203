"""What can be done to many requests at once; each row says what became of it."""

from collections.abc import Callable
from typing import Any

from flask_appbuilder import action
from flask_babel import lazy_gettext as _

from models import db
from models.routing import proposal, unit_called
from models.tickets import Ticket
from rules.refusals import N_, Refusal
from views.kit.context import me, now


class ManyAtOnce:
    """Beside a ScopedView of requests."""

    each: Callable[..., Any]

    @action("sign", _("Sign for"), "", "fa-check", multiple=True, single=False)
    def sign_chosen(self, tickets: Any) -> Any:
        return self.each(tickets, lambda ticket: ticket.sign(me(), now()))

    @action("accept", _("Accept as proposed"), "", "fa-inbox", multiple=True, single=False)
    def accept_chosen(self, tickets: Any) -> Any:
        return self.each(tickets, accept_as_proposed)

    @action("dispatch", _("Dispatch as proposed"), "", "fa-share", multiple=True, single=False)
    def dispatch_chosen(self, tickets: Any) -> Any:
        return self.each(tickets, dispatch_as_proposed)


def accept_as_proposed(ticket: Ticket) -> None:
    tier = proposal(db.session(), ticket, ticket.category).tier
    ticket.accept(me(), now(), tier=tier, category=ticket.category)


def dispatch_as_proposed(ticket: Ticket) -> None:
    """To the unit that the duty catalogue names."""
    lead = proposal(db.session(), ticket, ticket.category).lead
    if lead is None:
        raise Refusal(N_("The duty catalogue names no unit for this request: choose one"))
    ticket.dispatch(unit_called(db.session(), lead), me(), now())

"""Who may read a reporter's name and number, and the tracking code. Every reading leaves an event."""

from datetime import datetime

from models.acting import Actor
from models.events import TicketEvent
from models.ratings import Reporter
from models.tickets import Ticket
from rules.refusals import N_, Refusal
from rules.roles import Role

SHOWN = "shown"
AT_THE_HOLDER = frozenset({Role.HANDLER, Role.UNIT_LEADER})
FOR_THE_PLACE = frozenset({Role.DISPATCHER, Role.OFFICE})


def may_read(ticket: Ticket, by: Actor) -> None:
    """Raises Refusal for those who only look on, for other units, and for all but dispatchers where it was asked."""
    if not by.roles & (AT_THE_HOLDER | FOR_THE_PLACE):
        raise Refusal(N_("Your role sees personal data masked"))
    if ticket.anonymous and Role.DISPATCHER not in by.roles:
        raise Refusal(N_("The reporter asked that only the dispatcher sees name and number"))
    if not by.roles & FOR_THE_PLACE and by.unit_id != ticket.lead_unit_id:
        raise Refusal(N_("Only the unit that handles the request sees name and number"))


def hands_out_codes(by: Actor) -> bool:
    """Who handled a request is not given the key to its rating."""
    return bool(by.roles & FOR_THE_PLACE)


def disclose(ticket: Ticket, by: Actor, at: datetime) -> list[Reporter]:
    may_read(ticket, by)
    ticket.events.append(TicketEvent.of(SHOWN, by, at, state_before=ticket.state, state_after=ticket.state))
    return list(ticket.reporters)

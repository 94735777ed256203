"""What a resident may see of an own request, and nothing beside it."""

from models.attachments import Attachment
from models.events import TicketEvent
from models.legs import Leg
from models.tickets import Ticket
from rules.lifecycle import SETTLED_STATES, Move, State

SAID_TO_THE_RESIDENT = frozenset({Move.CONTACT, Move.SETTLE})
"""Moves whose note was written for the resident; other notes are between offices."""


def public_events(ticket: Ticket) -> list[TicketEvent]:
    """Newest first."""
    return [event for event in reversed(ticket.events) if event.public]


def public_note(event: TicketEvent) -> str:
    return event.note if event.action in SAID_TO_THE_RESIDENT else ""


def answering_leg(ticket: Ticket) -> Leg | None:
    """None while there is no approved answer."""
    return ticket.legs[-1] if State(ticket.state) in SETTLED_STATES and ticket.legs else None


def own_files(ticket: Ticket) -> list[Attachment]:
    return [each for each in ticket.attachments if each.leg_id is None]


def files_shown(ticket: Ticket) -> list[Attachment]:
    """What the resident sent, and the evidence of the answer that was approved."""
    leg = answering_leg(ticket)
    return own_files(ticket) + (list(leg.attachments) if leg else [])

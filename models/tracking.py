"""What a resident may see of an own request, and nothing beside it."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.acting import beyond_scope
from models.attachments import Attachment
from models.events import TicketEvent
from models.legs import Leg
from models.notices import Notice
from models.ratings import Reporter
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
    """The last one whose answer was approved, which a re-opened request keeps until there is another."""
    return next((leg for leg in reversed(ticket.legs) if State(leg.state) in SETTLED_STATES), None)


def own_files(ticket: Ticket) -> list[Attachment]:
    return [each for each in ticket.attachments if each.leg_id is None]


def files_shown(ticket: Ticket) -> list[Attachment]:
    """What the resident sent, and the evidence of the answer that was approved."""
    leg = answering_leg(ticket)
    return own_files(ticket) + (list(leg.attachments) if leg else [])


def messages_to(session: Session, reporter: Reporter) -> list[Notice]:
    """What this reporter has been reminded of, newest first."""
    sent = sa.select(Notice).where(Notice.reporter_id == reporter.id, Notice.sent_at.is_not(None))
    return list(session.scalars(sent.order_by(Notice.sent_at.desc(), Notice.id.desc())))


def find_tracked(session: Session, tracking_code: str, tail: str) -> tuple[Ticket, Reporter] | None:
    """The resident's own key: tracking code and the last four digits of the telephone left with the request."""
    with beyond_scope():
        ticket = session.scalar(sa.select(Ticket).where(Ticket.tracking_code == tracking_code.strip().upper()))
        if ticket is None:
            return None
        reporter = next((each for each in ticket.reporters if each.is_tail(tail)), None)
        return (ticket, reporter) if reporter else None

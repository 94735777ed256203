"""What a resident may see of an own request, and nothing beside it: no other reporter's words or data."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.acting import beyond_scope
from models.applications import Application
from models.attachments import Attachment
from models.events import TicketEvent
from models.legs import Leg, LegRole
from models.notices import Notice
from models.ratings import Reporter
from models.tickets import Ticket
from rules.applications import PROCEDURES, ApplicationKind
from rules.lifecycle import SETTLED_STATES, Move, State

SAID_TO_THE_RESIDENT = frozenset({Move.CONTACT, Move.SETTLE, Move.DECLINE})
"""Moves whose note was written for the resident; other notes are between offices."""
OF_THE_REPORTER = frozenset({Move.SUBMIT, Move.MERGE, Move.SPLIT})
"""Moves that say something of one reporter's request alone."""


def course(reporter: Reporter) -> list[TicketEvent]:
    """The public steps of their own request and of the one that answers it, newest first."""
    own, other = reporter.own, reporter.ticket
    shown = [event for event in own.events if event.public]
    if other is not own:
        shown += [event for event in other.events if event.public and event.action not in OF_THE_REPORTER]
    mine = [event for event in shown if event.action != Move.RATE or is_theirs(event, reporter)]
    return sorted(mine, key=lambda event: (event.at, event.id), reverse=True)


def is_theirs(event: TicketEvent, reporter: Reporter) -> bool:
    """Of a rating and of what followed from it: whether it was this reporter's, where there are several."""
    called = [each.at for each in event.ticket.follow_ups if each.reporter is reporter]
    return len(event.ticket.reporters) == 1 or event.at in [*called, *(each.at for each in reporter.ratings)]


def public_note(event: TicketEvent) -> str:
    return event.note if event.action in SAID_TO_THE_RESIDENT else ""


def note_for(event: TicketEvent, reporter: Reporter) -> str:
    """What was said to whoever was contacted stays between them and the office once there are several reporters."""
    joined = (each.at for each in event.ticket.events if "merged" in (each.data or {}))
    together = event.ticket is not reporter.own or any(event.at >= at for at in joined)
    return "" if together and event.action == Move.CONTACT else public_note(event)


def granted(event: TicketEvent) -> Application | None:
    """What was asked for, of the step that granted it."""
    decided = (each for each in event.ticket.applications if each.decided_at == event.at)
    return next((each for each in decided if PROCEDURES[ApplicationKind(each.kind)].grant == event.action), None)


def answering_leg(ticket: Ticket) -> Leg | None:
    """The last one whose answer was approved, which a re-opened request keeps until there is another."""
    leads = (leg for leg in reversed(ticket.legs) if leg.role == LegRole.LEAD)
    return next((leg for leg in leads if State(leg.state) in SETTLED_STATES), None)


def own_files(ticket: Ticket) -> list[Attachment]:
    return [each for each in ticket.attachments if each.leg_id is None]


def files_shown(reporter: Reporter) -> list[Attachment]:
    """What the resident sent, and the evidence of the answer that was approved."""
    leg = answering_leg(reporter.ticket)
    return own_files(reporter.own) + (list(leg.attachments) if leg else [])


def messages_to(session: Session, reporter: Reporter) -> list[Notice]:
    """What this reporter has been reminded of, newest first."""
    sent = sa.select(Notice).where(Notice.reporter_id == reporter.id, Notice.sent_at.is_not(None))
    return list(session.scalars(sent.order_by(Notice.sent_at.desc(), Notice.id.desc())))


def find_tracked(session: Session, tracking_code: str, tail: str) -> Reporter | None:
    """The resident's own key: tracking code and the last four digits of the telephone left with the request."""
    with beyond_scope():
        ticket = session.scalar(sa.select(Ticket).where(Ticket.tracking_code == tracking_code.strip().upper()))
        if ticket is None:
            return None
        theirs = sa.or_(Reporter.ticket_id == ticket.id, Reporter.asked_in_id == ticket.id)
        found = session.scalars(sa.select(Reporter).where(theirs).order_by(Reporter.id))
        return next((each for each in found if each.own is ticket and each.is_tail(tail)), None)

"""Puts away requests that have been rated, or left unrated, long enough."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from jobs.rows import at_rest, each
from models.acting import SYSTEM
from models.tickets import Ticket
from rules.lifecycle import State


def archive_tickets(session: Session, now: datetime) -> int:
    over = Ticket.state.in_([State.RATED, State.UNRATED])
    due = session.scalars(sa.select(Ticket.id).where(over, Ticket.next_due_at <= now, at_rest())).all()
    return each(session, due, lambda ticket_id: archive(session, ticket_id, now))


def archive(session: Session, ticket_id: int, now: datetime) -> bool:
    session.get_one(Ticket, ticket_id).archive(SYSTEM, now)
    return True

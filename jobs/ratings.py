"""Closes the rating of requests whose window has passed in silence."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from jobs.rows import at_rest, each
from models.acting import SYSTEM
from models.tickets import Ticket
from rules.lifecycle import State


def close_ratings(session: Session, now: datetime) -> int:
    silent = sa.and_(Ticket.state == State.SETTLED, Ticket.next_due_at <= now)
    due = session.scalars(sa.select(Ticket.id).where(silent, at_rest())).all()
    return each(session, due, lambda ticket_id: close(session, ticket_id, now))


def close(session: Session, ticket_id: int, now: datetime) -> bool:
    session.get_one(Ticket, ticket_id).expire_rating(SYSTEM, now)
    return True

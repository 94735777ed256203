"""Resumes what is suspended on its review date."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from jobs.rows import each
from models.acting import SYSTEM
from models.legs import Leg
from models.resuming import resume
from models.tickets import Ticket


def resume_suspended(session: Session, now: datetime) -> int:
    due = session.scalars(sa.select(Leg.ticket_id).where(Leg.resume_at <= now)).all()
    return each(session, due, lambda ticket_id: go_on(session, ticket_id, now))


def go_on(session: Session, ticket_id: int, now: datetime) -> bool:
    resume(session.get_one(Ticket, ticket_id), SYSTEM, now)
    return True

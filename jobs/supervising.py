"""Supervises by rule what is long overdue, re-opened again and again, rated badly, or asked by many."""

from datetime import datetime

from sqlalchemy.orm import Session

from jobs.reminders import due_ids
from jobs.rows import each
from models.acting import SYSTEM
from models.policies import load_policy
from models.supervisions import cause_by_rule, supervise
from models.tickets import Ticket
from rules.policy import Policy


def supervise_by_rule(session: Session, now: datetime) -> int:
    """Looks at what a move or its date has brought up; the reminders then note when to look again."""
    policy = load_policy(session)
    due = due_ids(session, Ticket, now)
    return each(session, due, lambda ticket_id: look_at(session, ticket_id, policy, now))


def look_at(session: Session, ticket_id: int, policy: Policy, now: datetime) -> bool:
    ticket = session.get_one(Ticket, ticket_id)
    cause = cause_by_rule(ticket, policy, now)
    if cause is None:
        return False
    supervise(ticket, cause, SYSTEM, now)
    return True

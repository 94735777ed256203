"""One row, one transaction: what somebody else moved meanwhile is left to the next sweep."""

from collections.abc import Callable, Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from models.applications import Application
from models.meetings import Meeting
from models.tickets import Ticket
from rules.applications import ApplicationKind, ApplicationState
from rules.refusals import Refusal


def each(session: Session, ids: Iterable[int], act: Callable[[int], bool]) -> int:
    """Commits after every row; returns how many were acted on."""
    return sum(committed(session, row_id, act) for row_id in ids)


def committed(session: Session, row_id: int, act: Callable[[int], bool]) -> bool:
    try:
        done = act(row_id)
        session.commit()
    except (Refusal, StaleDataError):
        session.rollback()
        return False
    return done


def at_rest() -> sa.ColumnElement[bool]:
    """Of requests: no meeting has to decide about it yet, and nobody whether a rating counts."""
    called = sa.exists().where(Meeting.ticket_id == Ticket.id, Meeting.decided_at.is_(None))
    asked = sa.exists().where(
        Application.ticket_id == Ticket.id,
        Application.kind == ApplicationKind.EXCLUSION,
        Application.state == ApplicationState.OPEN,
    )
    return ~sa.or_(called, asked)

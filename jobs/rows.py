"""One row, one transaction: what somebody else moved meanwhile is left to the next sweep."""

from collections.abc import Callable, Iterable

from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

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

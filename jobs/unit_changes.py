"""Merges and splits of units whose day has come."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from jobs.rows import each
from models.unit_changes import UnitChange
from rules.refusals import Refusal
from rules.unit_changes import ChangeState
from rules.workdays import local_date


def change_units(session: Session, now: datetime) -> int:
    planned = sa.select(UnitChange.id).where(
        UnitChange.state == ChangeState.PLANNED, UnitChange.from_date <= local_date(now)
    )
    due = session.scalars(planned.order_by(UnitChange.from_date, UnitChange.id)).all()
    return each(session, due, lambda change_id: change(session, change_id, now))


def change(session: Session, change_id: int, now: datetime) -> bool:
    """What cannot be done any more says why, and is not tried again."""
    planned = session.get_one(UnitChange, change_id)
    try:
        with session.begin_nested():
            planned.carry_out(session, now)
    except Refusal as refusal:
        session.refresh(planned)
        planned.state = ChangeState.REFUSED
        planned.refusal = {"message": refusal.message, "values": refusal.values}
        return False
    return True

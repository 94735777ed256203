"""待回访: which settled requests somebody has to be called about, those that wait longest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from models.acting import Scope
from models.scope import under
from models.tickets import Ticket
from models.units import Unit
from rules.lifecycle import MOVES, Move

DUE = Ticket.follow_up == sa.literal_column("'due'")
"""As the index of what is due says it."""


@dataclass(frozen=True)
class Asked:
    """The part of the queue that is looked at. `later`: nobody answered, and the next try has not come yet."""

    later: bool = False
    unit_id: int | None = None
    mode: str = ""


def waiting(asked: Asked, scope: Scope, at: datetime) -> sa.ColumnElement[bool]:
    """What arose where the account looks; others answer for the rest."""
    conditions: list[Any] = [
        DUE,
        sa.true() if scope.everything else sa.or_(sa.false(), *(under(Ticket.path, path) for path in scope.paths)),
        Ticket.state.in_(sorted(MOVES[Move.FOLLOW_UP].sources)),
        Ticket.call_at > at if asked.later else Ticket.call_at <= at,
    ]
    if asked.unit_id is not None:
        conditions.append(Ticket.lead_unit_id == asked.unit_id)
    if asked.mode:
        conditions.append(Ticket.disposal_mode == asked.mode)
    return sa.and_(*conditions)


def queue(session: Session, asked: Asked, scope: Scope, at: datetime, limit: int, offset: int = 0) -> list[Ticket]:
    found = (
        sa.select(Ticket)
        .where(waiting(asked, scope, at))
        .options(joinedload(Ticket.lead_unit), selectinload(Ticket.legs), selectinload(Ticket.follow_ups))
        .order_by(Ticket.call_at, Ticket.id)
    )
    return list(session.scalars(found.limit(limit).offset(offset)))


def how_many(session: Session, asked: Asked, scope: Scope, at: datetime) -> int:
    counted = sa.select(sa.func.count()).select_from(Ticket).where(waiting(asked, scope, at))
    return session.scalar(counted) or 0


def units_waiting(session: Session, asked: Asked, scope: Scope, at: datetime) -> list[tuple[int, str, int]]:
    """Id, name and count of those whose settlements wait, the most first."""
    count = sa.func.count()
    found = (
        sa.select(Unit.id, Unit.name, count)
        .join_from(Ticket, Unit, Unit.id == Ticket.lead_unit_id)
        .where(waiting(asked, scope, at))
        .group_by(Unit.id, Unit.name)
        .order_by(count.desc(), Unit.id)
    )
    return [(unit_id, name, number) for unit_id, name, number in session.execute(found)]

"""Requests over time and by kind, within a scope: what the workbench draws."""

from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.acting import Scope
from models.categories import Category
from models.scope import criterion
from models.tickets import Ticket
from rules.workdays import DAY, local_date, start_of

MOST_CATEGORIES = 10


def last_days(now: datetime, days: int) -> list[date]:
    """Up to and with today."""
    today = local_date(now)
    return [today - DAY * back for back in range(days - 1, -1, -1)]


def daily(session: Session, column: Any, days: list[date], scope: Scope) -> list[int]:
    """How many requests have `column` on each of the days, which follow each other."""
    day = local_day(session, column)
    statement = (
        sa.select(day, sa.func.count())
        .where(column >= start_of(days[0]), column < start_of(days[-1] + timedelta(days=1)), seen(scope))
        .group_by(day)
    )
    found = dict(session.execute(statement).all())
    return [found.get(each.isoformat(), 0) for each in days]


def local_day(session: Session, column: Any) -> sa.ColumnElement[str]:
    """`2026-11-22` in China, which keeps one time all year."""
    if session.get_bind().dialect.name == "postgresql":
        return sa.func.to_char(sa.func.timezone("Asia/Shanghai", column), "YYYY-MM-DD")
    return sa.func.date(column, "+8 hours")


def by_category(session: Session, since: datetime, scope: Scope) -> list[tuple[Category | None, int]]:
    """The most frequent first; None is what nobody has classified yet."""
    count = sa.func.count(Ticket.id)
    statement = (
        sa.select(Ticket.category_id, count)
        .where(Ticket.submitted_at >= since, seen(scope))
        .group_by(Ticket.category_id)
        .order_by(count.desc(), Ticket.category_id)
        .limit(MOST_CATEGORIES)
    )
    rows = [(category_id, number) for category_id, number in session.execute(statement)]
    known = session.scalars(sa.select(Category).where(Category.id.in_([category_id for category_id, _ in rows])))
    named: dict[int | None, Category] = {row.id: row for row in known}
    return [(named.get(category_id), number) for category_id, number in rows]


def seen(scope: Scope) -> sa.ColumnElement[bool]:
    restriction = criterion(Ticket, scope)
    return sa.true() if restriction is None else restriction

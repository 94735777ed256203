"""Requests over time and by kind, within a scope: what the workbench draws."""

from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.acting import Scope, district_of
from models.categories import Category
from models.reach import TicketReach
from models.scope import LOOKED_UP, inside, is_district, no_way_in, one_place, reached
from models.tickets import Ticket
from rules.workdays import DAY, local_date, start_of

MOST_CATEGORIES = 10
TICKET, REACH = (sa.inspect(noun).selectable.c for noun in (Ticket, TicketReach))


def last_days(now: datetime, days: int) -> list[date]:
    """Up to and with today."""
    today = local_date(now)
    return [today - DAY * back for back in range(days - 1, -1, -1)]


def daily(session: Session, column: Any, days: list[date], scope: Scope) -> list[int]:
    """How many requests have `column` on each of the days, which follow each other."""
    moment, counted = column, seen(scope)
    if (place := one_place(scope)) is not None and column is Ticket.submitted_at:
        moment, counted = REACH.submitted_at, REACH.place == place
    day = local_day(session, moment)
    start, end = start_of(days[0]), start_of(days[-1] + timedelta(days=1))
    statement = sa.select(day, sa.func.count()).where(moment >= start, moment < end, counted).group_by(day)
    found = dict(session.execute(statement, execution_options={LOOKED_UP: True}).all())
    return [found.get(each.isoformat(), 0) for each in days]


def local_day(session: Session, column: Any) -> sa.ColumnElement[str]:
    """`2026-11-22` in China, which keeps one time all year."""
    if session.get_bind().dialect.name == "postgresql":
        return sa.func.to_char(sa.func.timezone("Asia/Shanghai", column), "YYYY-MM-DD")
    return sa.func.date(column, "+8 hours")


def by_category(session: Session, since: datetime, scope: Scope) -> list[tuple[Category | None, int]]:
    """The most frequent first; None is what nobody has classified yet."""
    category, count = no_way_in(TICKET.category_id), sa.func.count()
    statement = sa.select(category, count).group_by(category).order_by(count.desc(), category).limit(MOST_CATEGORIES)
    if (place := one_place(scope)) is not None:
        statement = statement.where(REACH.place == place, REACH.submitted_at >= since, TICKET.id == REACH.ticket_id)
    else:
        statement = statement.where(TICKET.submitted_at >= since, seen(scope))
    rows = [(key, number) for key, number in session.execute(statement, execution_options={LOOKED_UP: True})]
    known = session.scalars(sa.select(Category).where(Category.id.in_([category_id for category_id, _ in rows])))
    named: dict[int | None, Category] = {row.id: row for row in known}
    return [(named.get(category_id), number) for category_id, number in rows]


def seen(scope: Scope) -> sa.ColumnElement[bool]:
    """A leg stays in the district of its ticket."""
    if scope.everything:
        return sa.true()
    if not scope.paths:
        return reached(TICKET, scope)
    around = sa.or_(*(inside(TICKET.path, district_of(path)) for path in scope.paths))
    return around if all(map(is_district, scope.paths)) else sa.and_(around, reached(TICKET, scope))

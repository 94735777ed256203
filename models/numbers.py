"""Numbers of requests, day by day, and the codes residents follow them with."""

import re
import secrets
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, Session, mapped_column

from rules.workdays import local_date

BEGINNING = re.compile(r"20[0-9]{5,6}|20[0-9]{6}-[0-9]{0,5}")
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_tracking_code() -> str:
    """Ten characters none of which is mistaken for another."""
    return "".join(secrets.choice(ALPHABET) for _ in range(10))


def next_number(session: Session, at: datetime, count: int = 1) -> str:
    """`20261122-00001`; with `count` the first of a run that is reserved."""
    day = local_date(at)
    statement = sa.text(
        "INSERT INTO ticket_counter (day, last) VALUES (:day, :count) "
        "ON CONFLICT (day) DO UPDATE SET last = ticket_counter.last + :count RETURNING last"
    ).bindparams(sa.bindparam("day", day, sa.Date), sa.bindparam("count", count))
    last = session.execute(statement).scalar_one()
    return f"{day:%Y%m%d}-{last - count + 1:05d}"


def beginning(column: Any, typed: str) -> sa.ColumnElement[bool] | None:
    """As a range of the index; None for what may just as well stand further behind."""
    if not BEGINNING.fullmatch(typed):
        return None
    start = typed.rstrip("-9")
    return sa.and_(column >= typed, column < start[:-1] + chr(ord(start[-1]) + 1))


class TicketCounter(Model):
    __tablename__ = "ticket_counter"

    day: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[int]

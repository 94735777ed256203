"""How far each attempt at an import has come, whether it is still alive, and who wants it stopped.

Kept beside the data, so that saying so neither waits for a commit that is under way nor holds one up.
"""

import subprocess
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from models.engine import PROGRESS
from models.types import UtcDateTime
from rules.batches import LEASE
from rules.refusals import N_

Row = TypeVar("Row")

READING = N_("The file is being opened")
CHECKING = N_("Rows are being checked")
COMPARING = N_("Rows are being compared with the data")
WRITING = N_("Rows are being written")
UNDOING = N_("The import is being taken back")
TAKING_OUT = N_("Rows are being taken out again")

metadata = sa.MetaData(schema=PROGRESS)
beat = sa.Table(
    "beat",
    metadata,
    sa.Column("holder", sa.String(32), primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("phase", sa.String(60), nullable=False),
    sa.Column("done", sa.Integer, nullable=False),
    sa.Column("total", sa.Integer, nullable=False),
)
wish = sa.Table(
    "wish",
    metadata,
    sa.Column("batch_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.String(60), nullable=False),
)
for _table in metadata.tables.values():
    sa.event.listen(
        _table, "after_create", sa.DDL("ALTER TABLE %(fullname)s SET UNLOGGED").execute_if(dialect="postgresql")
    )


class Cancelled(Exception):
    """Somebody pressed Cancel."""


class Progress:
    """Told by the pipeline, which it costs next to nothing; read by whoever beats. An attempt that `gives_way` may
    keep its stage bit by bit; without, all is one transaction of the caller's."""

    def __init__(self, *, gives_way: bool = False) -> None:
        self.gives_way = gives_way
        self.phase, self.done, self.total = READING, 0, 0
        self.cancelled, self.cancelled_by = False, ""
        self.breakable = True
        self.child: weakref.ref[subprocess.Popen[bytes]] | None = None

    def enter(self, phase: str, total: int = 0) -> None:
        """`total` may be a guess; 0 where nobody knows."""
        self.check()
        self.phase, self.done, self.total = phase, 0, total

    def counted(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            self.done += 1
            if self.cancelled:
                raise Cancelled
            yield row

    def cancel(self, name: str) -> bool:
        """Whether it can be."""
        if self.breakable:
            self.cancelled_by, self.cancelled = name, True
            if self.child is not None and (child := self.child()) is not None:
                child.kill()
        return self.breakable

    def go_through(self) -> None:
        """From here on it is not broken off any more."""
        self.check()
        self.breakable = False

    def started(self, child: "subprocess.Popen[bytes]") -> None:
        """A process that reads for us; once it has read, it is not to be kept with all it was given."""
        self.child = weakref.ref(child)
        if self.cancelled:
            child.kill()

    def check(self) -> None:
        if self.cancelled:
            raise Cancelled


@dataclass(frozen=True)
class Heard:
    """The last that was heard of an attempt."""

    at: datetime
    phase: str = READING
    done: int = 0
    total: int = 0

    def lives(self, now: datetime) -> bool:
        return self.at > now - LEASE

    @property
    def percent(self) -> int | None:
        return min(100 * self.done // self.total, 99) if self.total else None


def say(connection: sa.Connection, holder: str, at: datetime, progress: Progress) -> None:
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    told = {"at": at, "phase": progress.phase, "done": progress.done, "total": progress.total}
    statement = insert(beat).values(holder=holder, **told)
    connection.execute(statement.on_conflict_do_update(index_elements=["holder"], set_=told))


def heard(connection: sa.Connection, holder: str | None, taken_at: datetime | None) -> Heard | None:
    """An attempt that has yet to speak counts from when it was taken."""
    if holder is None or taken_at is None:
        return None
    row = connection.execute(
        sa.select(beat.c.at, beat.c.phase, beat.c.done, beat.c.total).where(beat.c.holder == holder)
    ).first()
    return Heard(*row) if row else Heard(taken_at)


def silence(connection: sa.Connection, holder: str, before: datetime) -> None:
    """The attempt is over; what the dead left behind goes with it."""
    connection.execute(beat.delete().where(sa.or_(beat.c.holder == holder, beat.c.at < before)))


def ask_to_cancel(connection: sa.Connection, batch_id: int, name: str) -> None:
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(insert(wish).values(batch_id=batch_id, name=name).on_conflict_do_nothing())


def wants_cancel(connection: sa.Connection, batch_id: int) -> str | None:
    """Who wants it."""
    return connection.scalar(sa.select(wish.c.name).where(wish.c.batch_id == batch_id))


def forget_wish(connection: sa.Connection, batch_id: int) -> None:
    connection.execute(wish.delete().where(wish.c.batch_id == batch_id))

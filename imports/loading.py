"""Many rows into a table at once: what the engine takes, made of what the columns mean, without a statement a row."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any

import sqlalchemy as sa

from models.types import Sealed, UtcDateTime, keyring

BATCH = 2_000
CACHE_KB = 20_000
WORDS, WAITING_KB = "ix_ticket_search_pairs", 1 << 18
PAUSE_SECONDS = 0.12
"""SQLite's waiting writers look up every tenth of a second."""

Bind = Callable[[Any], Any]


class Loader:
    """`names` are the columns that are given, in the order of each row."""

    def __init__(self, connection: sa.Connection, table: sa.Table, names: Sequence[str]):
        self.connection = connection
        columns = [table.c[name] for name in names]
        quote = connection.dialect.identifier_preparer
        self.table = quote.format_table(table)
        self.listed = ", ".join(quote.format_column(column) for column in columns)
        self.marks = ", ".join("?" * len(columns))
        bound = ((place, _bind(column, connection.dialect)) for place, column in enumerate(columns))
        self.binds = [(place, bind) for place, bind in bound if bind]

    def write(self, rows: Iterable[Sequence[Any]]) -> None:
        rest = map(self._bound, rows) if self.binds else iter(rows)
        while batch := list(islice(rest, BATCH)):
            if self.connection.dialect.name == "postgresql":
                self._copy(batch)
            else:
                insert = f"INSERT INTO {self.table} ({self.listed}) VALUES ({self.marks})"  # noqa: S608
                self.connection.exec_driver_sql(insert, list(map(tuple, batch)))

    def _bound(self, row: Sequence[Any]) -> Sequence[Any]:
        cells = list(row)
        for place, bind in self.binds:
            if (value := cells[place]) is not None:
                cells[place] = bind(value)
        return cells

    def _copy(self, batch: Sequence[Sequence[Any]]) -> None:
        raw: Any = self.connection.connection.driver_connection
        with raw.cursor() as cursor, cursor.copy(f"COPY {self.table} ({self.listed}) FROM STDIN") as copy:
            for row in batch:
                copy.write_row(row)


def let_others_in(connection: sa.Connection) -> None:
    """Keeps what is written so far, and lets whoever waited go first."""
    connection.connection.commit()
    if connection.dialect.name == "sqlite":
        time.sleep(PAUSE_SECONDS)


@contextmanager
def roomy(connection: sa.Connection) -> Iterator[None]:
    """Pages of many indexes at once: out of SQLite's small cache the same ones would be written again and again."""
    if connection.dialect.name != "sqlite":
        yield
        return
    before = connection.exec_driver_sql("PRAGMA main.cache_size").scalar()
    connection.exec_driver_sql(f"PRAGMA main.cache_size = -{CACHE_KB}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA main.cache_size = {before}")


@contextmanager
def words_at_once(connection: sa.Connection) -> Iterator[None]:
    """PostgreSQL's index of words takes up a thousand requests together in a third of the time they take one by one.
    Nobody else sees it waiting: what waits is taken up before the transaction ends."""
    if connection.dialect.name != "postgresql":
        yield
        return
    connection.exec_driver_sql(f"ALTER INDEX {WORDS} SET (fastupdate = on, gin_pending_list_limit = {WAITING_KB})")
    yield
    connection.exec_driver_sql(f"SELECT gin_clean_pending_list('{WORDS}')")
    connection.exec_driver_sql(f"ALTER INDEX {WORDS} SET (fastupdate = off)")


@contextmanager
def planned_once(connection: sa.Connection) -> Iterator[None]:
    """A foreign key is one look-up for each row that is written or deleted. PostgreSQL makes the plan of it for each
    value anew, as connections ask for, which takes longer than the look-up."""
    if connection.dialect.name != "postgresql":
        yield
        return
    connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
    yield
    connection.exec_driver_sql("SET LOCAL plan_cache_mode = DEFAULT")


def _bind(column: sa.Column[Any], dialect: sa.Dialect) -> Bind | None:
    """What is sealed is sealed by keys that are looked up once."""
    if isinstance(column.type, Sealed):
        return partial(keyring().seal, context=column.type.context)
    if isinstance(column.type, UtcDateTime) and dialect.name == "sqlite":
        return _in_utc
    bind: Bind | None = column.type.dialect_impl(dialect).bind_processor(dialect)
    return bind


def _in_utc(at: datetime) -> str:
    """As SQLAlchemy keeps it."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")

"""Writes rows in bulk on the connection of a transaction the caller owns, and puts every index back as it stood."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import sqlalchemy as sa

from imports.demo.places import Row
from models.search_index import HASH_BYTES, HASH_BYTES_WHILE_FILLING, SQLITE_HASH
from rules.refusals import N_, Refusal

COUNTED = (
    *("ticket", "leg", "ticket_event", "reporter", "rating", "attachment", "notice", "person", "unit", "unit_alias"),
    *("visit", "visitor", "topic", "task", "household", "organisation"),
)
LARGE = (*COUNTED, "ticket_search", "ticket_reach")


Packed = Any
"""Rows as an engine takes them."""
Pack = Callable[[list[Row]], Packed]


class Bulk(Protocol):
    engine: str

    def write(self, table: str, columns: Sequence[str], packed: Packed) -> None: ...

    def unindexed(self) -> Any: ...

    def finish(self) -> None: ...


def bulk_for(connection: sa.Connection) -> Bulk:
    return SqliteBulk(connection) if connection.dialect.name == "sqlite" else PostgresBulk(connection)


def quoted(columns: Sequence[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def as_they_are(rows: list[Row]) -> Packed:
    return rows


def copied(rows: list[Row]) -> Packed:
    """In the text form of COPY."""
    return "".join(["\t".join([CELLS[type(cell)](cell) for cell in row]) + "\n" for row in rows]).encode()


SPECIAL = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def text_cell(text: Any) -> str:
    return text if text.isprintable() and "\\" not in text else str(text.translate(SPECIAL))


CELLS: dict[type, Callable[[Any], str]] = {
    str: text_cell,
    int: str,
    bool: {True: "t", False: "f"}.__getitem__,
    type(None): lambda nothing: r"\N",
    bytes: lambda blob: r"\\x" + blob.hex(),
}


def alone(raw: Any) -> None:
    """Leaves the write-ahead log, which nobody can while another reads or writes."""
    try:
        raw.execute("PRAGMA busy_timeout=1000")
        raw.execute("PRAGMA main.journal_mode=DELETE")
    except sqlite3.OperationalError:
        raise Refusal(N_("The database is in use: stop the web server and the jobs first")) from None


PACKED: dict[str, Pack] = {"sqlite": as_they_are, "postgresql": copied}


class SqliteBulk:
    """The whole load is one transaction beside a rollback journal: new pages need no copy in it, and a process that
    is killed leaves the file as it was. Whether the disk has caught up is not waited for."""

    engine = "sqlite"
    CACHE_KB = 400_000
    KEPT = "type IN ('index', 'trigger') AND sql IS NOT NULL AND tbl_name = ?"

    def __init__(self, connection: sa.Connection):
        raw: Any = connection.connection.driver_connection
        self.raw = raw
        alone(raw)
        for pragma in ("synchronous=OFF", f"cache_size=-{self.CACHE_KB}", "foreign_keys=OFF"):
            raw.execute(f"PRAGMA {pragma}")
        raw.execute("BEGIN IMMEDIATE")

    def write(self, table: str, columns: Sequence[str], packed: Packed) -> None:
        marks = ", ".join("?" * len(columns))
        self.raw.executemany(f"INSERT INTO {table} ({quoted(columns)}) VALUES ({marks})", packed)  # noqa: S608

    @contextmanager
    def unindexed(self) -> Iterator[None]:
        kept = [
            row
            for table in LARGE
            for row in self.raw.execute(
                f"SELECT type, name, sql FROM sqlite_master WHERE {self.KEPT} ORDER BY rootpage",  # noqa: S608
                (table,),
            )
        ]
        for kind, name, _ in kept:
            self.raw.execute(f'DROP {kind} "{name}"')
        self.raw.execute(SQLITE_HASH, (HASH_BYTES_WHILE_FILLING,))
        yield
        self.raw.execute(SQLITE_HASH, (HASH_BYTES,))
        for _, _, definition in kept:
            self.raw.execute(definition)

    def finish(self) -> None:
        self.raw.execute("ANALYZE main")


class PostgresBulk:
    """COPY; foreign keys and indexes that guard no uniqueness are made again afterwards from their own definitions."""

    engine = "postgresql"
    FOREIGN = """
        SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
        WHERE contype = 'f' AND conrelid = ANY(%s::regclass[]) ORDER BY conrelid::regclass::text, conname"""
    INDEXES = """
        SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
        WHERE indrelid = ANY(%s::regclass[]) AND NOT indisunique ORDER BY indexrelid::regclass::text"""

    def __init__(self, connection: sa.Connection):
        raw: Any = connection.connection.driver_connection
        self.raw = raw
        for setting in ("TIME ZONE 'UTC'", "maintenance_work_mem = '256MB'", "synchronous_commit = off"):
            raw.execute(f"SET LOCAL {setting}")

    def write(self, table: str, columns: Sequence[str], packed: Packed) -> None:
        with self.raw.cursor() as cursor, cursor.copy(f"COPY {table} ({quoted(columns)}) FROM STDIN") as copy:
            copy.write(packed)

    @contextmanager
    def unindexed(self) -> Iterator[None]:
        tables = [list(LARGE)]
        foreign = self.raw.execute(self.FOREIGN, tables).fetchall()
        indexes = self.raw.execute(self.INDEXES, tables).fetchall()
        for table, name, _ in foreign:
            self.raw.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for name, _ in indexes:
            self.raw.execute(f"DROP INDEX {name}")
        for table in LARGE:
            self.raw.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        for table in LARGE:
            self.raw.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        for _, definition in indexes:
            self.raw.execute(definition)
        for table, name, definition in foreign:
            self.raw.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")

    def finish(self) -> None:
        for table in COUNTED:
            top = f"(SELECT max(id) FROM {table})"  # noqa: S608
            self.raw.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {top}) WHERE {top} > 0")
        self.raw.execute("ANALYZE")

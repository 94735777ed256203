"""What must not happen twice at once, on one machine or on several."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

PREPARING = 0x4D494E50
UNITS = "units"
"""Held by whoever moves or ends units; shared by whoever lays many rows on units that are to stay as they are."""
ISSUES = "common issues"


@contextmanager
def one_at_a_time(engine: Engine, data_dir: Path) -> Iterator[None]:
    """Waits for its turn: a file holds off the processes of this machine, an advisory lock those of others."""
    with (data_dir / "init.lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if engine.dialect.name != "postgresql":
            yield
            return
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("SELECT pg_advisory_lock(:lock)"), {"lock": PREPARING})
            yield
            connection.execute(sa.text("SELECT pg_advisory_unlock(:lock)"), {"lock": PREPARING})


def hold(connection: Connection, what: str, *, shared: bool = False) -> None:
    """Waits for its turn and keeps it to the end of the transaction. SQLite has but one writer at a time."""
    if connection.dialect.name == "postgresql":
        lock = sa.func.pg_advisory_xact_lock_shared if shared else sa.func.pg_advisory_xact_lock
        connection.execute(sa.select(lock(sa.func.hashtext(what))))

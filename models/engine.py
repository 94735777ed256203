"""How connections are opened: SQLite's promises switched on, and the staging area of imports beside the main data."""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

STAGING = "staging"
BUSY_MS = 15_000


def prepare(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _open_sqlite)


def _open_sqlite(connection: Any, record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    cursor = connection.cursor()
    file = cursor.execute("PRAGMA database_list").fetchone()[2]
    cursor.execute("ATTACH ? AS staging", (str(Path(file).with_name("staging.db")) if file else ":memory:",))
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()

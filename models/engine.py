"""How connections are opened: SQLite's promises switched on, and the staging area of imports beside the main data."""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from models import reach, search_index

STAGING, PROGRESS = "staging", "progress"
BESIDE = (STAGING, PROGRESS)
"""Schemas of their own; on SQLite files of their own, so that writing there takes no lock on the data."""
BUSY_MS = 15_000


POSTGRES = "-c jit=off -c plan_cache_mode=force_custom_plan"
"""Compiling costs more than any page may take, and a plan for whatever unit would be the wrong one for a district."""


def options(url: str) -> dict[str, Any]:
    """What the engine of an address is made with. Errors show no values."""
    given = {"connect_args": {"options": POSTGRES}} if url.startswith("postgresql") else {}
    return {"hide_parameters": True, **given}


def prepare(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _open_sqlite)


def _open_sqlite(connection: Any, record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    search_index.bring_functions(connection)
    reach.bring_functions(connection)
    cursor = connection.cursor()
    file = cursor.execute("PRAGMA database_list").fetchone()[2]
    connection.create_function("hex_bytes", 1, _bytes, deterministic=True)
    for name in BESIDE:
        cursor.execute(f"ATTACH ? AS {name}", (str(Path(file).with_name(f"{name}.db")) if file else ":memory:",))
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _bytes(digits: str | None) -> bytes | None:
    """SQLite's own unhex() came with 3.41."""
    return None if digits is None else bytes.fromhex(digits)

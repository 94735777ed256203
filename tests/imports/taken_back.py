"""The whole database as it lies there, but for what an undone import may leave: versions, counters and the journal."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import db

LEFT = {"change", "import_batch", "import_row", "ticket_counter"}
WRITTEN_ANEW = {"visitor"}
"""Whoever took part in a visit follows from what it says, each time under another id."""


def snapshot(session: Session) -> dict[str, set[Any]]:
    session.rollback()
    return {name: rows_of(session, name) for name in db.metadata.tables if name not in LEFT}


def rows_of(session: Session, name: str) -> set[Any]:
    """Undecoded, so that a secret that was encrypted anew would be another."""
    found = session.execute(sa.text(f'SELECT * FROM "{name}"')).mappings()
    return {
        tuple(
            (column, repr(value))
            for column, value in row.items()
            if column != "version" and not (column == "id" and name in WRITTEN_ANEW)
        )
        for row in found
        if row.get("action") not in ("imported", "undone")
    }


def differences(before: dict[str, set[Any]], after: dict[str, set[Any]]) -> dict[str, Any]:
    return {name: (rows - after[name], after[name] - rows) for name, rows in before.items() if rows != after[name]}

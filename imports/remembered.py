"""Which columns were said to be which, by the headings of the table: kept for a district, used by its next file."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from imports.choices import NOT_IN_FILE
from imports.headers import plain
from imports.kind import Order
from models.acting import district_of
from models.header_choices import HeaderChoice

choice: sa.Table = HeaderChoice.__table__

Match = tuple[Mapping[int, str], Mapping[str, int]]
"""Headings by their column, and which of those columns ours are read from."""


def fingerprint(headings: Mapping[int, str]) -> str:
    """Of the headings in their order, however they are adorned and whatever columns are blank between them."""
    texts = [plain(headings[at]) for at in sorted(headings)]
    return hashlib.sha256("\x1f".join(texts).encode()).hexdigest()


@dataclass(frozen=True)
class Saved:
    """`columns`: ours → which of the headings, from 1; 0 for none."""

    columns: Mapping[str, int]
    name: str
    at: datetime

    def on(self, headings: Mapping[int, str]) -> dict[str, int]:
        """Ours → column of the sheet, where the headings are the same but may stand elsewhere."""
        places = sorted(headings)
        return {
            name: places[rank - 1] if 0 < rank <= len(places) else NOT_IN_FILE for name, rank in self.columns.items()
        }


@dataclass(frozen=True)
class Memory:
    """What a district remembers of a kind, by fingerprint."""

    saved: Mapping[str, Saved] = field(default_factory=dict)

    def of(self, headings: Mapping[int, str]) -> Saved | None:
        return self.saved.get(fingerprint(headings)) if self.saved else None


def place_of(order: Order) -> str:
    """The district for which the importer remembers; empty for the installation itself."""
    path = order.by.unit_path or next(iter(order.scope.paths), "")
    return district_of(path) if path else ""


def recall(session: Session, kind: str, order: Order) -> Memory:
    found = session.connection().execute(
        sa.select(choice.c.fingerprint, choice.c["columns"], choice.c.name, choice.c.at).where(
            choice.c.kind == kind, choice.c.path == place_of(order)
        )
    )
    return Memory({key: Saved(columns, name, at) for key, columns, name, at in found})


def keep(session: Session, kind: str, order: Order, headings: Mapping[int, str], columns: Mapping[str, int]) -> None:
    """What was kept of these headings before gives way."""
    ranks = {at: rank for rank, at in enumerate(sorted(headings), 1)}
    key = fingerprint(headings)
    forget(session, kind, order, key)
    values: dict[str, Any] = {
        "kind": kind,
        "path": place_of(order),
        "fingerprint": key,
        "columns": {name: ranks.get(at, NOT_IN_FILE) for name, at in columns.items()},
        "name": order.by.name,
        "person_id": order.by.person_id,
        "at": order.at,
    }
    session.connection().execute(choice.insert().values(**values))


def forget(session: Session, kind: str, order: Order, key: str) -> int:
    """How many there were."""
    gone = session.connection().execute(
        choice.delete().where(choice.c.kind == kind, choice.c.path == place_of(order), choice.c.fingerprint == key)
    )
    return gone.rowcount

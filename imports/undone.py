"""What undoing an import leaves in the journal, and what the journal knows of its rows since."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from imports import staging
from imports.loading import planned_once
from models.changes import Change
from models.imports import ImportBatch, ImportRow

if TYPE_CHECKING:
    from imports.kind import Kind

change = Change.__table__
c = change.c
r = ImportRow.__table__.c


def note(kind: "Kind", batch_id: int) -> None:
    note_removed(kind, batch_id)
    mine = sa.and_(r.row_id == c.subject_id, undone(kind, batch_id, added=False))
    found = kind.connection.execute(
        sa.select(c.subject_id, c.path, c.details).where(
            mine, c.batch_id == batch_id, c.subject == kind.target.name, c.action == "changed"
        )
    ).all()
    fixed = signed(kind, batch_id) | {"action": "changed"}
    staging.write(
        kind.connection,
        change,
        (
            {**fixed, "subject_id": row_id, "path": path, "details": dict(swapped(details))}
            for row_id, path, details in found
        ),
    )


def note_removed(kind: "Kind", batch_id: int) -> None:
    columns: dict[str, Any] = {
        name: sa.literal(value, c[name].type) for name, value in signed(kind, batch_id).items()
    } | {
        "action": sa.literal("removed"),
        "details": sa.literal({}, sa.JSON),
        "subject_id": kind.target.c.id,
        "path": kind.place(),
    }
    gone = sa.select(*columns.values()).where(kind.target.c.id == r.row_id, undone(kind, batch_id, added=True))
    with planned_once(kind.connection):
        kind.connection.execute(change.insert().from_select(list(columns), gone))


def signed(kind: "Kind", batch_id: int) -> dict[str, Any]:
    order = kind.order
    return {
        "subject": kind.target.name,
        "at": order.at,
        "person_id": order.by.person_id,
        "name": order.by.name,
        "batch_id": batch_id,
    }


def undone(kind: "Kind", batch_id: int, *, added: bool) -> sa.ColumnElement[bool]:
    mine = sa.and_(r.batch_id == batch_id, r.subject == kind.target.name, r.added.is_(added), r.conflict.is_(None))
    return sa.and_(mine, r.row_id.between(*kind.roots)) if kind.roots else mine


def swapped(details: dict[str, list[Any]]) -> Iterator[tuple[str, list[Any]]]:
    for name, (old, new) in details.items():
        yield name, [new, old]


def touched_since(kind: "Kind", batch: ImportBatch, ids: list[int], subject: str) -> dict[int, tuple[str, datetime]]:
    """By whom each row was last changed after the import, and when."""
    found = kind.connection.execute(
        sa.select(c.subject_id, c.name, c.at)
        .where(
            c.subject == subject,
            c.subject_id.in_(ids),
            c.batch_id.is_distinct_from(batch.id),
            c.at >= batch.committed_at,
        )
        .order_by(c.id)
    )
    return {row_id: (name, at) for row_id, name, at in found}

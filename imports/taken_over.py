"""Undoing gives open work back to those whose rows are restored, unless it has gone on in other hands."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from imports import conflicts, staging
from imports.conflicts import AWAY, CHANGED, GONE, TAKEN, Search
from imports.handing_on import TOLD, about, change, event
from imports.handover import HELD, leg, person, task, ticket, topic
from imports.trace import as_others_left_it, r, row, was
from imports.undone import swapped
from models import notices
from models.events import REASSIGNED
from models.imports import ImportBatch
from models.scope import DISTRICT

if TYPE_CHECKING:
    from imports.people import People

TABLES = {table.name: table for table in (leg, topic, task)}
COLUMNS = {
    name: [each for held in HELD if held.table is table for each in (held.column, held.named) if each]
    for name, table in TABLES.items()
}


def take_back(kind: "People", batch_id: int) -> None:
    """Whether somebody can have work back depends on whether they are restored, and whether somebody who joined can be
    removed on whether they still hold work: so the people are judged, the work is given back, and those who joined are
    to be judged anew."""
    notices.take_back(kind.session, TOLD, about(batch_id))
    Search(kind, batch_id).mark()
    for table in TABLES.values():
        _judge(kind, batch_id, table)
    staging.write(kind.connection, event, _events(kind, batch_id))
    staging.write(kind.connection, change, _changes(kind, batch_id))
    for table in TABLES.values():
        _restore(kind, batch_id, table)
    joined = (r.batch_id == batch_id, r.subject == person.name, r.added, r.conflict.startswith(conflicts.HELD))
    kind.connection.execute(sa.update(row).where(*joined).values(conflict=None))


def _open(batch_id: int, table: sa.Table) -> sa.ColumnElement[bool]:
    return sa.and_(r.batch_id == batch_id, r.subject == table.name, r.conflict.is_(None))


def _judge(kind: "People", batch_id: int, table: sa.Table) -> None:
    t, holder = table.c, row.alias()
    other = sa.exists().where(t.id == r.row_id, t.version != r.version).correlate(row)
    away = sa.select(holder.c.row_id).where(
        holder.c.batch_id == batch_id, holder.c.subject == person.name, holder.c.conflict.is_not(None)
    )
    found = {GONE: ~sa.exists().where(t.id == r.row_id).correlate(row), CHANGED: other, AWAY: r.root_id.in_(away)}
    if table is topic:
        found[TAKEN] = _alike(kind)
    for code, condition in found.items():
        mine = sa.and_(_open(batch_id, table), condition)
        kind.connection.execute(sa.update(row).where(mine).values(conflict=code))


def _alike(kind: "People") -> sa.ColumnElement[bool]:
    """Meanwhile there is another topic such as this one was."""
    dialect, one = kind.connection.dialect.name, topic.alias()
    where = sa.func.substr(was(topic.c.path, dialect), 1, DISTRICT)
    same = (one.c[name] == was(topic.c[name], dialect) for name in ("year", "title", "leader_name"))
    return (
        sa.exists().where(*same, sa.func.substr(one.c.path, 1, DISTRICT) == where, one.c.id != r.row_id).correlate(row)
    )


def _restore(kind: "People", batch_id: int, table: sa.Table) -> None:
    """A leg goes back to its version as part of a request, a record onward to one that nobody has open."""
    dialect, t = kind.connection.dialect.name, table.c
    values: dict[str, Any] = {name: was(t[name], dialect) for name in COLUMNS[table.name]}
    values["version"] = was(t.version, dialect) if table is leg else t.version + 1
    mine = sa.and_(_open(batch_id, table), r.row_id == t.id)
    kind.connection.execute(sa.update(table).where(mine).values(values))
    if table is not leg:
        as_others_left_it(kind.connection, batch_id, table, _open(batch_id, table))


def _events(kind: "People", batch_id: int) -> Iterator[dict[str, Any]]:
    by, e = kind.order.by, event.c
    found = kind.connection.execute(
        sa.select(e.ticket_id, e.leg_id, e.data)
        .where(e.leg_id == r.row_id, _open(batch_id, leg), e.action == REASSIGNED)
        .order_by(e.id)
    ).all()
    for ticket_id, leg_id, data in found:
        if data["roster"] == batch_id:
            yield {
                "ticket_id": ticket_id,
                "leg_id": leg_id,
                "action": REASSIGNED,
                "at": kind.order.at,
                "person_id": by.person_id,
                "name": by.name,
                "unit_name": by.unit_name,
                "data": data | {"handler": data["handler"][::-1]},
            }


def _changes(kind: "People", batch_id: int) -> Iterator[dict[str, Any]]:
    by, c = kind.order.by, change.c
    mine = sa.and_(r.batch_id == batch_id, r.subject == c.subject, r.conflict.is_(None), r.row_id == c.subject_id)
    found = kind.connection.execute(
        sa.select(c.subject, c.subject_id, c.path, c.details)
        .where(mine, c.batch_id == batch_id, c.subject.in_([topic.name, task.name]))
        .order_by(c.id)
    ).all()
    fixed = {"action": "changed", "at": kind.order.at, "person_id": by.person_id, "name": by.name}
    for subject, subject_id, path, details in found:
        yield {
            **fixed,
            "subject": subject,
            "subject_id": subject_id,
            "path": path,
            "details": dict(swapped(details)),
            "batch_id": batch_id,
        }


def names(kind: "People", subject: str, ids: list[int]) -> dict[int, str]:
    """By what a person knows a piece of work."""
    t = TABLES[subject].c
    if subject != leg.name:
        found = sa.select(t.id, t.title).where(t.id.in_(ids))
    else:
        found = sa.select(t.id, ticket.c.number).join(ticket, ticket.c.id == t.ticket_id).where(t.id.in_(ids))
    rows: dict[int, str] = dict(kind.connection.execute(found).all())
    return rows


def touched_since(kind: "People", batch: ImportBatch, ids: list[int]) -> dict[int, tuple[str, datetime]]:
    """By whom each leg was taken further, and when."""
    e = event.c
    found = kind.connection.execute(
        sa.select(e.leg_id, e.name, e.at)
        .where(e.leg_id.in_(ids), e.action != REASSIGNED, e.at >= batch.committed_at)
        .order_by(e.id)
    )
    return {leg_id: (name, at) for leg_id, name, at in found}

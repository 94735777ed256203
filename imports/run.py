"""An import from upload to commit. Nothing here commits: the caller does, once after `stage`, once after `record` and
once after `commit`, so that reading a file never holds a lock on the data."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from imports import batches, diff, progress, staging
from imports.cells import CellError
from imports.kind import Kind, Note, Order
from imports.lines import Line, Table, find_tables, lines
from imports.people import People
from imports.progress import Progress
from imports.reading import read
from imports.tickets import Tickets
from imports.trace import Trace
from imports.units import Units
from models.acting import Actor, Scope
from models.imports import BatchState, ImportBatch
from models.locks import hold
from rules.refusals import N_, Refusal

KINDS: dict[str, type[Kind]] = {kind.name: kind for kind in (Units, People, Tickets)}


@dataclass(frozen=True)
class Staged:
    """A file that has been read and compared and waits for a decision."""

    kind: str
    load: int
    filename: str
    sha256: str
    order: Order
    counts: dict[str, int]
    notes: list[Note] = field(default_factory=list)
    mapping: dict[str, dict[str, str]] = field(default_factory=dict)
    """Sheet → our column's title → the heading it was read from."""


def may_import(by: Actor, kind_name: str) -> None:
    if by.roles and not by.roles & KINDS[kind_name].importers:
        raise Refusal(N_("Your role does not import files of this kind"))


def stage(
    session: Session,
    kind_name: str,
    data: bytes,
    filename: str,
    order: Order,
    *,
    load: int | None = None,
    told: Progress | None = None,
) -> Staged:
    """Raises Refusal for a file that cannot be read as this kind; wrong cells are counted and kept instead."""
    may_import(order.by, kind_name)
    session.flush()
    staging.prepare(session.connection())
    load, told = load or staging.new_load(), told or Progress()
    kind = KINDS[kind_name](session, order, load)
    name = PurePath(filename).name
    with read(data, told.started) as workbook:
        for sheet in workbook.sheets:
            sheet.name = sheet.name or name
        tables = find_tables(workbook, kind.columns, kind.sheet_fills)
        notes = [Note(message, {}) for message in workbook.notes] + [*_ignored(tables)]
        told.enter(progress.CHECKING, sum(table.sheet.about for table in tables))
        found = told.counted(lines(tables, kind.columns, kind.sheet_fills))
        staging.write(kind.connection, kind.stage, _kept(kind, kind.staged(found), giving_way=told.gives_way))
    told.enter(progress.COMPARING)
    if told.gives_way:
        staging.let_others_in(kind.connection)
    counts = diff.compare(kind)
    mapping = {table.sheet.name: _mapping(kind, table) for table in tables}
    return Staged(kind_name, load, name, hashlib.sha256(data).hexdigest(), order, counts, notes + kind.notes, mapping)


def _kept(kind: Kind, found: Iterable[Line], *, giving_way: bool) -> Iterator[dict[str, object]]:
    """The rows for the stage; errors go to their own table on the way."""
    wrong: list[tuple[int, CellError]] = []
    for line in found:
        wrong += [(line.seq, error) for error in line.errors]
        if len(wrong) >= staging.BATCH:
            staging.write_errors(kind.connection, kind.load, wrong)
            wrong.clear()
        if giving_way and line.seq % staging.BATCH == 0:
            staging.let_others_in(kind.connection)
        yield kind.row(line)
    staging.write_errors(kind.connection, kind.load, wrong)


def _ignored(tables: list[Table]) -> Iterator[Note]:
    for table in tables:
        if table.mapping.unknown:
            yield Note(
                N_("Columns that are not known here were ignored: %(columns)s"),
                {"columns": "、".join(table.mapping.unknown)},
            )
        for heading, title in table.mapping.suggestions.items():
            yield Note(N_("Is the column “%(heading)s” meant to be “%(title)s”?"), {"heading": heading, "title": title})


def _mapping(kind: Kind, table: Table) -> dict[str, str]:
    titles = {column.name: column.title for column in kind.columns}
    return {titles[name]: table.header.headings[number] for name, number in table.mapping.columns.items()}


def record(session: Session, staged: Staged) -> ImportBatch:
    """The batch that a person looks at and decides on."""
    batch = batches.received(session, staged.kind, staged.filename, staged.sha256, staged.order)
    for name, value in outcome(batch, staged).items():
        setattr(batch, name, value)
    batch.state = BatchState.PREVIEWED
    session.flush()
    return batch


def outcome(batch: ImportBatch, staged: Staged) -> dict[str, Any]:
    """What reading has found out, by column of the batch."""
    notes = [[note.message, note.values] for note in staged.notes]
    return {
        "options": batch.options | {"load": staged.load, "notes": notes},
        "mapping": staged.mapping,
        **{name: staged.counts[name] for name in staging.OPS},
    }


def of_batch(session: Session, batch: ImportBatch, order: Order) -> Kind:
    return KINDS[batch.kind](session, order, int(batch.options["load"]))


def order_of(batch: ImportBatch, by: Actor, scope: Scope, at: datetime, holder: str | None = None) -> Order:
    return Order(by, scope, at, batch.options.get("source"), batch.options.get("unit"), holder)


def errors(session: Session, batch: ImportBatch, limit: int | None = None, offset: int = 0) -> list[CellError]:
    return list(staging.read_errors(session.connection(), int(batch.options["load"]), limit, offset))


def count_errors(session: Session, batch: ImportBatch) -> int:
    """A row may have several."""
    return staging.count_errors(session.connection(), int(batch.options["load"]))


def notes(batch: ImportBatch) -> list[Note]:
    return [Note(message, values) for message, values in batch.options["notes"]]


def compare_again(session: Session, batch: ImportBatch, order: Order, **values: Any) -> None:
    """Judges the rows that wait by what the data is now. Raises Refusal when the batch is done."""
    batches.move(session, batch, order, BatchState.PREVIEWED, **values)
    counts = diff.compare(of_batch(session, batch, order))
    if not any(counts.values()):
        raise Refusal(N_("The rows that waited here are gone: upload the file again"))
    batch.new, batch.changed, batch.same, batch.error = (counts[name] for name in staging.OPS)


class Overtaken(Refusal):
    """The data is no longer what the preview was compared with."""


def commit(
    session: Session, batch: ImportBatch, order: Order, *, skip_errors: bool, told: Progress | None = None
) -> dict[str, int]:
    """Raises Refusal while errors stand (unless they are to be skipped), when the batch is done, and when the data has
    changed since the preview."""
    told = told or Progress()
    decided = batch.options | {"by": order.by.name}
    batches.move(session, batch, order, BatchState.COMMITTED, committed_at=order.at, options=decided)
    may_commit(batch, skip_errors=skip_errors)
    hold(session.connection(), f"import {batch.kind}")
    told.enter(progress.COMPARING)
    kind = of_batch(session, batch, order)
    overtaken = diff.overtaken(kind)
    counts = diff.compare(kind)
    if overtaken or counts != batch.counts:
        raise Overtaken(N_("The data has changed since the preview: compare again, then commit"))
    told.enter(progress.WRITING)
    _write(kind, batch, decided)
    session.expire_all()
    return counts


def may_commit(batch: ImportBatch, *, skip_errors: bool) -> None:
    if batch.error and not skip_errors:
        raise Refusal(
            N_("%(count)s rows are wrong: correct them, or choose to import the others alone"), count=batch.error
        )


def _write(kind: Kind, batch: ImportBatch, options: dict[str, Any]) -> None:
    """With what it takes to undo it."""
    trace = Trace(kind, batch.id)
    kind.write(batch.id)
    traced = options | {"trace": trace.finish()}
    kind.connection.execute(sa.update(ImportBatch.__table__).where(ImportBatch.id == batch.id).values(options=traced))
    staging.forget(kind.connection, kind.load, errors_too=False)


def discard(session: Session, batch: ImportBatch, order: Order) -> None:
    batches.move(session, batch, order, BatchState.DISCARDED)
    staging.forget(session.connection(), int(batch.options["load"]))
    session.expire(batch)

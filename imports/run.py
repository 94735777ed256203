"""An import from upload to commit. Nothing here commits: the caller does, once after `stage`, once after `record` and
once after `commit`, so that reading a file never holds a lock on the data."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath

import sqlalchemy as sa
from sqlalchemy.orm import Session

from imports import diff, staging
from imports.amendments import NONE, Amendments
from imports.cells import CellError
from imports.headers import is_example
from imports.kind import Kind, Note, Order
from imports.lines import Line, Table, find_tables, lines
from imports.people import People
from imports.reading import read
from imports.tickets import Tickets
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


def stage(
    session: Session, kind_name: str, data: bytes, filename: str, order: Order, amendments: Amendments = NONE
) -> Staged:
    """Raises Refusal for a file that cannot be read as this kind; wrong cells are counted and kept instead."""
    if order.by.roles and not order.by.roles & KINDS[kind_name].importers:
        raise Refusal(N_("Your role does not import files of this kind"))
    session.flush()
    staging.prepare(session.connection())
    load = staging.new_load()
    kind = KINDS[kind_name](session, order, load)
    name = PurePath(filename).name
    with read(data) as workbook:
        for sheet in workbook.sheets:
            sheet.name = sheet.name or name
        amendments.lay_over(workbook)
        tables = find_tables(workbook, kind.columns, kind.sheet_fills)
        notes = [Note(message, {}) for message in workbook.notes] + [*_ignored(tables)]
        found = kind.staged(lines(tables, kind.columns, kind.sheet_fills))
        staging.write(kind.connection, kind.stage, _kept(kind, filter(amendments.take, found)))
    counts = diff.compare(kind)
    mapping = {table.sheet.name: _mapping(kind, table) for table in tables}
    return Staged(kind_name, load, name, hashlib.sha256(data).hexdigest(), order, counts, notes + kind.notes, mapping)


def _kept(kind: Kind, found: Iterable[Line]) -> Iterator[dict[str, object]]:
    """The rows for the stage; errors go to their own table on the way."""
    wrong: list[tuple[int, CellError]] = []
    for line in found:
        wrong += [(line.seq, error) for error in line.errors]
        if len(wrong) >= staging.BATCH:
            staging.write_errors(kind.connection, kind.load, wrong)
            wrong.clear()
        yield kind.row(line)
    staging.write_errors(kind.connection, kind.load, wrong)


def _ignored(tables: list[Table]) -> Iterator[Note]:
    for table in tables:
        for number, cells in table.sheet.head():
            if number > table.header.last and is_example(cells):
                yield Note(N_("Row %(row)s is marked as an example and was left out"), {"row": str(number)})
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
    order = staged.order
    batch = ImportBatch(
        kind=staged.kind,
        filename=staged.filename[:200],
        sha256=staged.sha256,
        path="" if order.scope.everything else next(iter(order.scope.paths), ""),
        options={
            "load": staged.load,
            "source": order.source,
            "unit": order.unit,
            "notes": [[note.message, note.values] for note in staged.notes],
        },
        mapping=staged.mapping,
        person_id=order.by.person_id,
        name=order.by.name,
        created_at=order.at,
        **{name: staged.counts[name] for name in ("new", "changed", "same", "error")},
    )
    session.add(batch)
    session.flush()
    return batch


def of_batch(session: Session, batch: ImportBatch, order: Order) -> Kind:
    return KINDS[batch.kind](session, order, int(batch.options["load"]))


def order_of(batch: ImportBatch, by: Actor, scope: Scope, at: datetime) -> Order:
    return Order(by, scope, at, batch.options.get("source"), batch.options.get("unit"))


def errors(
    session: Session, batch: ImportBatch, limit: int | None = None, offset: int = 0, code: str = ""
) -> list[CellError]:
    return list(staging.read_errors(session.connection(), int(batch.options["load"]), limit, offset, code))


def count_errors(session: Session, batch: ImportBatch, code: str = "") -> int:
    """A row may have several."""
    found = count_by_code(session, batch)
    return found.get(code, 0) if code else sum(found.values())


def count_by_code(session: Session, batch: ImportBatch) -> dict[str, int]:
    """The most frequent first."""
    return staging.count_by_code(session.connection(), int(batch.options["load"]))


def notes(batch: ImportBatch) -> list[Note]:
    return [Note(message, values) for message, values in batch.options["notes"]]


def compare_again(session: Session, batch: ImportBatch, order: Order) -> None:
    """Judges the rows that wait by what the data is now. Raises Refusal when the batch is done."""
    _move(session, batch, order, BatchState.PREVIEWED)
    counts = diff.compare(of_batch(session, batch, order))
    if not any(counts.values()):
        raise Refusal(N_("The rows that waited here are gone: upload the file again"))
    batch.new, batch.changed, batch.same, batch.error = (counts[name] for name in staging.OPS)


def commit(session: Session, batch: ImportBatch, order: Order, *, skip_errors: bool) -> dict[str, int]:
    """Raises Refusal while errors stand (unless they are to be skipped), when the batch is done, and when the data has
    changed since the preview."""
    _move(session, batch, order, BatchState.COMMITTED)
    if batch.error and not skip_errors:
        raise Refusal(
            N_("%(count)s rows are wrong: correct them, or choose to import the others alone"), count=batch.error
        )
    hold(session.connection(), f"import {batch.kind}")
    kind = of_batch(session, batch, order)
    overtaken = diff.overtaken(kind)
    counts = diff.compare(kind)
    if overtaken or counts != batch.counts:
        raise Refusal(N_("The data has changed since the preview: compare again, then commit"))
    kind.write(batch.id)
    staging.forget(kind.connection, kind.load, errors_too=False)
    session.expire_all()
    batch.add_up()
    return counts


def discard(session: Session, batch: ImportBatch, order: Order) -> None:
    if batch.options.get("written"):
        raise Refusal(N_("A part of this import is committed already: withdraw the corrections that wait instead"))
    _move(session, batch, order, BatchState.DISCARDED)
    staging.forget(session.connection(), int(batch.options["load"]))
    session.expire(batch)


def _move(session: Session, batch: ImportBatch, order: Order, to: BatchState) -> None:
    """The first statement writes: of two people who decide on one batch, one is told that it is decided."""
    refuse_strangers(batch, order)
    decided = {"committed_at": order.at, "options": batch.options | {"by": order.by.name}}
    moved = session.connection().execute(
        sa.update(ImportBatch.__table__)
        .where(ImportBatch.id == batch.id, ImportBatch.state == BatchState.PREVIEWED.value)
        .values(state=to.value, **(decided if to is BatchState.COMMITTED else {}))
    )
    if moved.rowcount != 1:
        raise Refusal(N_("This import is already done or discarded"))


def refuse_strangers(batch: ImportBatch, order: Order) -> None:
    if not order.scope.everything and not (batch.path and order.scope.covers(batch.path)):
        raise Refusal(N_("This import was prepared for units that are not all yours"))

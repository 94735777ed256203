"""An import from upload to commit. Nothing here commits: the caller does, once after `stage`, once after `record` and
once after `commit`, so that reading a file never holds a lock on the data."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import PurePath
from typing import Any

from sqlalchemy.orm import Session

from imports import batches, diff, missing, progress, remembered, sketch, staging, whereabouts
from imports.amendments import NONE, Amendments
from imports.categories import Categories
from imports.cells import CellError
from imports.choices import NO_CHOICES, Choices
from imports.duties import Duties
from imports.encodings import UnreadableText
from imports.households import Households
from imports.kind import Kind, Note, Order
from imports.lines import Line, Table, lines
from imports.look import filled_by_name, how_found, left_out, look, once, stopped, tables, worth_remembering
from imports.meant import meant
from imports.opened import opened
from imports.organisations import Organisations
from imports.people import People
from imports.progress import Progress
from imports.reading import Workbook
from imports.remembered import Match
from imports.sniff import sniff
from imports.tasks import Tasks
from imports.tickets import Tickets
from imports.topics import Topics
from imports.unit_mergers import AFTERWARDS
from imports.units import Units
from imports.visits import Visits
from models.acting import SYSTEM, Actor, Scope
from models.imports import BatchState, ImportBatch
from rules.refusals import N_, Refusal

OVER = (BatchState.UNDONE, BatchState.DISCARDED, BatchState.CANCELLED, BatchState.FAILED)
ALIKE = N_("Is the column “%(heading)s” meant to be “%(title)s”?")
KINDS: dict[str, type[Kind]] = {
    kind.name: kind
    for kind in (Units, People, Households, Organisations, Tickets, Visits, Topics, Tasks, Categories, Duties)
}


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
    how: dict[str, dict[str, str]] = field(default_factory=dict)
    """Sheet → our column's title → why that one."""
    passed: dict[str, dict[str, int]] = field(default_factory=dict)
    """Sheet → rows that are no data by sort."""
    choices: Choices = NO_CHOICES
    stopped: Note | None = None
    """What a person has to say before any row can be read."""
    meant: str = ""
    """The kind of which the file seems to be, where it was stopped."""
    memory: list[Match] = field(default_factory=list)
    """To be remembered for the next file."""
    basis: str = ""
    left_out: dict[str, Any] = field(default_factory=dict)
    """What imports.missing notes."""

    def refuse_unread(self) -> None:
        if self.stopped:
            raise Refusal(self.stopped.message, **self.stopped.values)


@dataclass(frozen=True)
class File:
    """What is kept of it in memory while its rows are read; `text` is empty unless it has an encoding."""

    name: str
    sha256: str
    text: bytes

    @classmethod
    def of(cls, data: bytes, name: str) -> "File":
        return cls(name, hashlib.sha256(data).hexdigest(), data if sniff(data) in sketch.TEXT_KINDS else b"")


def may_import(by: Actor, kind_name: str) -> None:
    """SYSTEM is whoever runs the installation."""
    if by != SYSTEM and not by.roles & KINDS[kind_name].importers:
        raise Refusal(N_("Your role does not import files of this kind"))


def stage(
    session: Session,
    kind_name: str,
    data: bytes,
    filename: str,
    order: Order,
    choices: Choices = NO_CHOICES,
    *,
    amendments: Amendments = NONE,
    load: int | None = None,
    told: Progress | None = None,
) -> Staged:
    """Raises Refusal for a file that cannot be read as this kind; wrong cells are counted and kept instead. Whoever
    gives the data away lets a large file go as soon as it is in the spool."""
    may_import(order.by, kind_name)
    session.flush()
    staging.prepare(session.connection())
    load, told = load or staging.new_load(), told or Progress()
    kind = KINDS[kind_name](session, order, load)
    file = File.of(data, PurePath(filename).name)
    try:
        with opened(data, file.name, choices, amendments, told.started) as workbook:
            del data
            return _read(session, kind, workbook, file, choices, told, amendments.take)
    except UnreadableText as refusal:
        offered = sketch.other_encodings(file.text, choices, kind.columns)
        if not offered:
            raise
        sketch.keep(kind.connection, load, sketch.of_nothing(offered))
        return _unread(kind, file, choices, Note(refusal.message, {}))


def _read(
    session: Session,
    kind: Kind,
    workbook: Workbook,
    file: File,
    choices: Choices,
    told: Progress,
    take: Callable[[Line], bool],
) -> Staged:
    memory, basis = remembered.recall(session, kind.name, kind.order), kind.basis()
    found = look(workbook, kind, choices, memory)
    halt = stopped(found, kind.columns, kind.sheet_fills)
    read_tables = [] if halt else tables(found)
    told.enter(progress.CHECKING, sum(table.sheet.about for table in read_tables))
    if read_tables:
        read_lines = told.counted(lines(read_tables, kind.columns, kind.sheet_fills))
        kind.keep(_noted(kind, filter(take, kind.staged(read_lines)), giving_way=told.gives_way))
    drawn = sketch.draw(file.text, found, read_tables, kind.columns, kind.sheet_fills, choices)
    sketch.keep(kind.connection, kind.load, drawn)
    if halt:
        columns = {name: other.columns for name, other in KINDS.items()}
        return replace(_unread(kind, file, choices, halt), meant=meant(workbook.sheets, columns, kind.name))
    notes = [Note(message, {}) for message in workbook.notes]
    notes += [*once(_ignored(read_tables)), *left_out(found, read_tables, choices), *filled_by_name(read_tables, kind)]
    counts = _compared(kind, told)
    return Staged(
        kind.name,
        kind.load,
        file.name,
        file.sha256,
        kind.order,
        counts,
        notes + kind.notes,
        choices=choices,
        memory=list(worth_remembering(kind, found)) if choices.remember else [],
        basis=basis,
        left_out=missing.noted(kind),
        **_told_of(kind, read_tables),
    )


def _told_of(kind: Kind, read_tables: list[Table]) -> dict[str, Any]:
    """By sheet: which of its columns were read as ours, why, and how many rows are no data."""
    return {
        "mapping": {table.sheet.name: _mapping(kind, table) for table in read_tables},
        "how": {table.sheet.name: how_found(kind.columns, table) for table in read_tables},
        "passed": {table.sheet.name: dict(table.passed.counts) for table in read_tables if table.passed.counts},
    }


def _compared(kind: Kind, told: Progress) -> dict[str, int]:
    rows = told.done
    told.enter(progress.COMPARING)
    if told.gives_way:
        staging.let_others_in(kind.connection)
    staging.gather_statistics(kind.connection, kind.stage, rows)
    return diff.compare(kind)


def _unread(kind: Kind, file: File, choices: Choices, why: Note) -> Staged:
    counts = dict.fromkeys(staging.OPS, 0)
    return Staged(kind.name, kind.load, file.name, file.sha256, kind.order, counts, choices=choices, stopped=why)


def _noted(kind: Kind, found: Iterable[Line], *, giving_way: bool) -> Iterator[Line]:
    """Errors go to their own table on the way."""
    wrong: list[tuple[int, CellError]] = []
    for line in found:
        if line.errors:
            wrong += [(line.seq, error) for error in line.errors]
        if len(wrong) >= staging.BATCH:
            staging.write_errors(kind.connection, kind.load, wrong)
            wrong.clear()
        if giving_way and line.seq % staging.BATCH == 0:
            staging.let_others_in(kind.connection)
        yield line
    staging.write_errors(kind.connection, kind.load, wrong)


def _ignored(tables: list[Table]) -> Iterator[Note]:
    for table in tables:
        if table.mapping.unknown:
            yield Note(
                N_("Columns that are not known here were ignored: %(columns)s"),
                {"columns": "、".join(table.mapping.unknown)},
            )
        for heading, title in table.mapping.suggestions.items():
            yield Note(ALIKE, {"heading": heading, "title": title})


def _mapping(kind: Kind, table: Table) -> dict[str, str]:
    titles = {column.name: column.title for column in kind.columns}
    return {titles[name]: table.header.headings[number] for name, number in table.mapping.columns.items()}


def record(session: Session, staged: Staged) -> ImportBatch:
    """The batch that a person looks at and decides on."""
    batch = batches.received(session, staged.kind, staged.filename, staged.sha256, staged.order)
    for name, value in outcome(batch, staged).items():
        setattr(batch, name, value)
    batch.state = BatchState.PREVIEWED
    keep_columns(session, staged)
    session.flush()
    return batch


def keep_columns(session: Session, staged: Staged) -> None:
    """For the next file with the same headings, where somebody asked for it."""
    for headings, columns in staged.memory:
        remembered.keep(session, staged.kind, staged.order, headings, columns)


def found(staged: Staged) -> dict[str, Any]:
    """What reading the file came to, as the batch keeps it."""
    return {
        "load": staged.load,
        "basis": staged.basis,
        "notes": [[note.message, note.values] for note in staged.notes],
        "how": staged.how,
        "passed": staged.passed,
        "choices": staged.choices.kept(),
        "meant": staged.meant,
        "stopped": [staged.stopped.message, staged.stopped.values] if staged.stopped else None,
        **staged.left_out,
    }


def read_again(session: Session, batch: ImportBatch, staged: Staged) -> None:
    """The batch goes on with the rows of a new reading of its file. Raises Refusal when it is done."""
    before = int(batch.options["load"])
    was, values = None if staged.order.holder else BatchState.PREVIEWED, outcome(batch, staged)
    batches.move(session, batch, staged.order, BatchState.PREVIEWED, was=was, **values)
    keep_columns(session, staged)
    staging.forget(session.connection(), before)


def outcome(batch: ImportBatch, staged: Staged) -> dict[str, Any]:
    """What reading has found out, by column of the batch."""
    return {
        "options": batch.options | found(staged),
        "mapping": staged.mapping,
        **{name: staged.counts[name] for name in staging.OPS},
    }


def of_batch(session: Session, batch: ImportBatch, order: Order) -> Kind:
    return KINDS[batch.kind](session, order, int(batch.options["load"]))


def order_of(batch: ImportBatch, by: Actor, scope: Scope, at: datetime, holder: str | None = None) -> Order:
    return Order(by, scope, at, batch.options.get("source"), batch.options.get("unit"), holder)


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
    """What was announced is said in the past once it is done, and no more where nothing of it is there."""
    found = [Note(message, values) for message, values in batch.options["notes"]]
    if batch.state == BatchState.COMMITTED:
        return [replace(note, message=AFTERWARDS.get(note.message, note.message)) for note in found]
    return [note for note in found if batch.state not in OVER or note.message not in AFTERWARDS]


def compare_again(session: Session, batch: ImportBatch, order: Order, **values: Any) -> None:
    """Judges the rows that wait by what the data is now. Raises Refusal when the batch is done."""
    was = None if order.holder else BatchState.PREVIEWED
    batches.move(session, batch, order, BatchState.PREVIEWED, was=was, **values)
    batches.refuse_unread(batch)
    kind = of_batch(session, batch, order)
    counts = diff.compare(kind)
    refuse_if_gone(counts)
    anew = _noted_anew(kind, batch.options | whereabouts.noted(kind, batch.options))
    batch.options = batch.options | anew | missing.noted(kind)
    batch.new, batch.changed, batch.same, batch.error = (counts[name] for name in staging.OPS)


def _noted_anew(kind: Kind, options: Mapping[str, Any]) -> dict[str, Any]:
    """What is announced is what comparing has found; the rest is what reading has."""
    found = [told for told in options["notes"] if told[0] not in AFTERWARDS]
    return {"notes": found + [[note.message, note.values] for note in kind.notes]}


def refuse_if_gone(counts: Mapping[str, int]) -> None:
    if not any(counts.values()):
        raise Refusal(N_("The rows that waited here are gone: import the file again"))


def discard(session: Session, batch: ImportBatch, order: Order) -> None:
    if batch.written:
        raise Refusal(N_("A part of this import is committed already: withdraw the corrections that wait instead"))
    batches.move(session, batch, order, BatchState.DISCARDED)
    staging.forget(session.connection(), int(batch.options["load"]))
    session.expire(batch)

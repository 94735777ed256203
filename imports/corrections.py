"""What was wrong in an import, corrected and brought back: the batch is staged anew, its good rows as they were."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from imports import batches, originals, run, staging
from imports.amendments import NONE, Amendments, read_corrections
from imports.choices import from_kept
from imports.kind import Order
from imports.progress import Progress
from models.imports import BatchState, ImportBatch
from rules.refusals import N_, Refusal

GOOD = staging.NEW, staging.CHANGED, staging.SAME
OPEN = BatchState.PREVIEWED, BatchState.COMMITTED
Fetch = Callable[[str], bytes]
"""A kept file by its sha256."""


@dataclass(frozen=True)
class Restaged:
    staged: run.Staged
    files: list[str]
    """The corrections that are laid over the file, by their sha256, the latest last."""
    load: int
    state: str
    """What the batch waited with, and how it stood, when this was read."""


def files_of(batch: ImportBatch) -> list[str]:
    return list(batch.options.get("corrections", []))


def named(batch: ImportBatch) -> set[str]:
    """The files of its corrections, and of those that a worker is to lay over them."""
    return {*files_of(batch), *batch.task.get("files", [])}


def drop_unused(session: Session, folder: Path, names: Iterable[str]) -> None:
    """Files that were refused, withdrawn or cancelled, once that is kept. The same file may serve another import."""
    b = ImportBatch.__table__.c
    for name in names:
        used = sa.or_(b.sha256 == name, sa.cast(b.options, sa.Text).contains(name))
        if not session.connection().scalar(sa.select(sa.exists().where(used))):
            originals.drop(folder, name)


def amendments(batch: ImportBatch, fetch: Fetch) -> Amendments:
    return Amendments([read_corrections(batch.id, fetch(name)) for name in files_of(batch)])


def laid(session: Session, batch: ImportBatch, files: Sequence[str], fetch: Fetch) -> Amendments:
    """These corrections, for the rows that are to be read again."""
    rows = waiting(session, batch)
    if rows is None and not files:
        return NONE
    return Amendments([read_corrections(batch.id, fetch(name)) for name in files], rows)


def stage_again(
    session: Session,
    batch: ImportBatch,
    order: Order,
    files: Sequence[str],
    fetch: Fetch,
    *,
    place: int | None = None,
    told: Progress | None = None,
) -> Restaged:
    """The file with these corrections over it. Raises Refusal for what cannot be read or is not of this batch."""
    batches.may_decide(batch, order)
    if batch.came_from not in OPEN:
        raise Refusal(batches.DECIDED)
    load, state = int(batch.options["load"]), str(batch.state)
    over = laid(session, batch, files, fetch)
    if over.waiting == frozenset() and len(files) > len(files_of(batch)):
        raise Refusal(N_("The rows that waited here are gone: import the file again"))
    choices, kind, name = from_kept(batch.options.get("choices")), batch.kind, batch.filename
    staged = run.stage(session, kind, fetch(batch.sha256), name, order, choices, amendments=over, load=place, told=told)
    staged.refuse_unread()
    return Restaged(staged, list(files), load, state)


def waiting(session: Session, batch: ImportBatch) -> frozenset[tuple[str, int]] | None:
    """None while nothing of the batch is written: then every row is."""
    if batch.came_from != BatchState.COMMITTED and not batch.written:
        return None
    load = int(batch.options["load"])
    found: set[tuple[str, int]] = set()
    for table in (run.KINDS[batch.kind].stage, staging.errors):
        places = sa.select(table.c.sheet, table.c.row).where(table.c.load == load).distinct()
        found.update((sheet, row) for sheet, row in session.connection().execute(places))
    return frozenset(found)


def replace(session: Session, batch: ImportBatch, order: Order, restaged: Restaged) -> None:
    """The batch waits with these rows from now on. Raises Refusal where somebody else was quicker."""
    staged, written = restaged.staged, batch.written or _written(batch)
    counts = {name: staged.counts[name] for name in staging.OPS}
    reopened = written is None or any(counts[name] for name in GOOD)
    _claim(session, batch, order, restaged, BatchState.PREVIEWED if reopened else BatchState.COMMITTED)
    options = {name: value for name, value in batches.lasting(batch.options).items() if name != "written"}
    if written and reopened:
        options["written"] = written
    elif written:
        counts |= {name: written[name] for name in GOOD}
    batch.new, batch.changed, batch.same, batch.error = (counts[name] for name in staging.OPS)
    batch.mapping = staged.mapping
    batch.options = options | run.found(staged) | {"corrections": restaged.files}
    staging.forget(session.connection(), restaged.load)
    session.flush()


def _claim(session: Session, batch: ImportBatch, order: Order, read: Restaged, to: BatchState) -> None:
    """The first statement writes: of two who bring corrections at once, one is told."""
    batches.may_decide(batch, order)
    moved = batches.pass_on(session.connection(), batch.id, order.holder, to, was=BatchState(read.state))
    session.refresh(batch)
    if not moved or int(batch.options["load"]) != read.load:
        raise Refusal(batches.QUICKER)


def _written(batch: ImportBatch) -> dict[str, Any] | None:
    """What a commit of the good rows alone has written, and with how many corrections."""
    if batch.came_from != BatchState.COMMITTED:
        return None
    return {**{name: batch.counts[name] for name in GOOD}, "corrections": len(files_of(batch))}


def withdrawn(batch: ImportBatch) -> list[str]:
    """The corrections that stay when those that wait are given up: the ones committed with."""
    return files_of(batch)[: batch.options["written"]["corrections"]]

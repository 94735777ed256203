"""What was wrong in an import, corrected and brought back: the batch is staged anew, its good rows as they were."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from imports import run, staging
from imports.amendments import Amendments, read_corrections
from imports.kind import Order
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


def amendments(batch: ImportBatch, fetch: Fetch) -> Amendments:
    return Amendments([read_corrections(batch.id, fetch(name)) for name in files_of(batch)])


def stage_again(session: Session, batch: ImportBatch, order: Order, files: Sequence[str], fetch: Fetch) -> Restaged:
    """The file with these corrections over it. Raises Refusal for what cannot be read or is not of this batch."""
    run.refuse_strangers(batch, order)
    if batch.state not in OPEN:
        raise Refusal(N_("This import is already done or discarded"))
    load, state = int(batch.options["load"]), str(batch.state)
    laid = Amendments([read_corrections(batch.id, fetch(name)) for name in files], waiting(session, batch))
    staged = run.stage(session, batch.kind, fetch(batch.sha256), batch.filename, order, laid)
    return Restaged(staged, list(files), load, state)


def waiting(session: Session, batch: ImportBatch) -> frozenset[tuple[str, int]] | None:
    """None while nothing of the batch is written: then every row is."""
    if batch.state != BatchState.COMMITTED and not batch.options.get("written"):
        return None
    load = int(batch.options["load"])
    found: set[tuple[str, int]] = set()
    for table in (run.KINDS[batch.kind].stage, staging.errors):
        places = sa.select(table.c.sheet, table.c.row).where(table.c.load == load).distinct()
        found.update((sheet, row) for sheet, row in session.connection().execute(places))
    return frozenset(found)


def replace(session: Session, batch: ImportBatch, order: Order, restaged: Restaged) -> None:
    """The batch waits with these rows from now on. Raises Refusal where somebody else was quicker."""
    _claim(session, batch, order, restaged)
    staged, options = restaged.staged, dict(batch.options)
    written = options.pop("written", None) or _written(batch)
    counts = {name: staged.counts[name] for name in staging.OPS}
    reopened = written is None or any(counts[name] for name in GOOD)
    if written and reopened:
        options["written"] = written
    elif written:
        counts |= {name: written[name] for name in GOOD}
    batch.state = BatchState.PREVIEWED if reopened else BatchState.COMMITTED
    batch.new, batch.changed, batch.same, batch.error = (counts[name] for name in staging.OPS)
    notes = [[note.message, note.values] for note in staged.notes]
    batch.options = options | {"load": staged.load, "corrections": restaged.files, "notes": notes}
    staging.forget(session.connection(), restaged.load)
    session.flush()


def _claim(session: Session, batch: ImportBatch, order: Order, read: Restaged) -> None:
    """The first statement writes: of two who bring corrections at once, one is told."""
    run.refuse_strangers(batch, order)
    moved = session.connection().execute(
        sa.update(ImportBatch.__table__)
        .where(ImportBatch.id == batch.id, ImportBatch.state == read.state)
        .values(filename=batch.filename)
    )
    session.refresh(batch)
    if moved.rowcount != 1 or int(batch.options["load"]) != read.load:
        raise Refusal(N_("Somebody else has corrected or decided this import in the meantime: look at it again"))


def _written(batch: ImportBatch) -> dict[str, Any] | None:
    """What a commit of the good rows alone has written, and with how many corrections."""
    if batch.state != BatchState.COMMITTED:
        return None
    return {**{name: batch.counts[name] for name in GOOD}, "corrections": len(files_of(batch))}


def withdrawn(batch: ImportBatch) -> list[str]:
    """The corrections that stay when those that wait are given up: the ones committed with."""
    return files_of(batch)[: batch.options["written"]["corrections"]]

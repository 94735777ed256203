"""From a preview to the data. `commit` is one transaction of its caller's, who commits it; only a worker writes a kind
of which offices have hundreds of thousands slice by slice, so that nobody waits for longer than a slice takes."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from imports import batches, diff, progress, run, staging, whereabouts
from imports.conflicts import Search
from imports.kind import Kind, Order, Span
from imports.loading import let_others_in, roomy
from imports.progress import Progress
from imports.trace import Trace
from models.imports import BatchState, ImportBatch
from models.locks import UNITS, hold
from rules.refusals import N_, Refusal

BEFORE_ALL = -(2**31)
OVERTAKEN = "overtaken"


class Overtaken(Refusal):
    """The data is no longer what the preview was compared with."""


def commit(
    session: Session, batch: ImportBatch, order: Order, *, skip_errors: bool, told: Progress | None = None
) -> dict[str, int]:
    """Raises Refusal while errors stand (unless they are to be skipped), when the batch is done, and when the data has
    changed since the preview."""
    told = told or Progress()
    decided = {name: value for name, value in batch.options.items() if name != "stayed"} | {"by": order.by.name}
    if told.gives_way and _is_long(batch):
        return Slices(session, batch, order, told).commit(decided, skip_errors=skip_errors)
    batches.move(session, batch, order, BatchState.COMMITTED, committed_at=order.at, options=decided)
    _may_commit(batch, skip_errors=skip_errors)
    kind = run.of_batch(session, batch, order)
    hold_still(kind)
    told.enter(progress.COMPARING)
    counts = _compared(kind, batch)
    told.enter(progress.WRITING)
    kind.heed(decided)
    with roomy(kind.connection):
        _write(kind, batch, decided)
    session.expire_all()
    batch.add_up()
    return counts


def _is_long(batch: ImportBatch) -> bool:
    """Corrections of what is written already come in one piece: they could not be taken back without it."""
    slice_of = run.KINDS[batch.kind].slice_of
    return slice_of is not None and "trace" not in batch.options and batch.new + batch.changed > slice_of


def hold_still(kind: Kind) -> None:
    """No other import of the kind is written meanwhile, and no unit comes to lie elsewhere."""
    hold(kind.connection, f"import {kind.name}")
    hold(kind.connection, UNITS, shared=not kind.changes_units)


def _may_commit(batch: ImportBatch, *, skip_errors: bool) -> None:
    batches.refuse_unread(batch)
    batches.refuse_errors(batch, skip_errors=skip_errors)


def _compared(kind: Kind, batch: ImportBatch) -> dict[str, int]:
    overtaken = diff.overtaken(kind) or kind.basis() != batch.options.get("basis", "")
    counts = diff.compare(kind)
    if overtaken or counts != batch.counts:
        raise Overtaken(N_("The data has changed since the preview: compare again, then commit"))
    kind.outcome |= whereabouts.noted(kind, batch.options)
    return counts


def _write(kind: Kind, batch: ImportBatch, options: dict[str, Any]) -> None:
    """With what it takes to undo it. What has gone on since a first commit is told apart before a second writes."""
    again = "trace" in options
    if again:
        Search(kind, batch.id).mark()
    trace = Trace(kind, batch.id, again=again)
    kind.write(batch.id)
    trace.finish()
    batches.keep_options(kind.connection, batch.id, options | kind.outcome | {"trace": True})
    staging.forget(kind.connection, kind.load, errors_too=False)


class Slices:
    """`sliced` of the batch's options tells whoever takes it up how far its lines are written; it is as true as they
    are, being kept with them. An end before the last slice leads to all of it being taken back."""

    def __init__(self, session: Session, batch: ImportBatch, order: Order, told: Progress) -> None:
        self.session, self.batch, self.order, self.told = session, batch, order, told
        self.kind = run.of_batch(session, batch, order)
        self.connection = self.kind.connection

    def commit(self, options: dict[str, Any], *, skip_errors: bool) -> dict[str, int]:
        batches.may_decide(self.batch, self.order)
        _may_commit(self.batch, skip_errors=skip_errors)
        self.told.enter(progress.COMPARING)
        begun = options.get("sliced")
        if begun:
            self._refuse_if_gone()
        else:
            _compared(self.kind, self.batch)
            self.kind.heed(options)
            let_others_in(self.connection)
        upto, done = (begun["upto"], begun["done"]) if begun else (BEFORE_ALL, 0)
        self.told.enter(progress.WRITING, self.batch.new + self.batch.changed)
        self.told.done = done
        with roomy(self.connection):
            for span in self._spans(upto):
                self.told.check()
                self.told.done = done = done + self._write(span, options, done)
                let_others_in(self.connection)
        return self._finish(options)

    def _refuse_if_gone(self) -> None:
        """Some may have become errors since they were counted."""
        here = staging.counts(self.connection, self.kind.stage, self.kind.load)
        if sum(here.values()) != sum(self.batch.counts.values()):
            raise Refusal(N_("The rows that waited here are gone: import the file again"))

    def _spans(self, upto: int) -> list[Span]:
        """Of lines that are yet to be written, `slice_of` at a time."""
        s = self.kind.stage.c
        waiting = (
            sa.select(s.seq, sa.func.row_number().over(order_by=s.seq).label("place"))
            .where(self.kind.of_load(staging.NEW, staging.CHANGED), s.seq > upto)
            .subquery()
        )
        ends = sa.select(sa.func.max(waiting.c.seq)).group_by((waiting.c.place - 1) // self.kind.slice_of)
        found = sorted(self.connection.scalars(ends))
        return list(zip([upto + 1, *(end + 1 for end in found)], found, strict=False))

    def _write(self, span: Span, options: dict[str, Any], done: int) -> int:
        """How many lines; nobody may have decided otherwise in the meantime."""
        kind = self.kind
        batches.still_held(self.connection, self.batch.id, self.order.holder)
        hold_still(kind)
        kind.window = span
        _leave_out_overtaken(kind)
        kind.outcome |= whereabouts.noted(kind, options | kind.outcome)
        trace = Trace(kind, self.batch.id, again=False)
        kind.write(self.batch.id)
        trace.finish()
        written = sum(self._lines(op) for op in (staging.NEW, staging.CHANGED))
        sliced = {"upto": span[1], "done": done + written}
        batches.keep_progress(self.connection, self.batch.id, options | kind.outcome | {"sliced": sliced})
        return written

    def _lines(self, op: str) -> int:
        counted = sa.select(sa.func.count()).select_from(self.kind.stage).where(self.kind.of_load(op))
        return self.connection.scalar(counted) or 0

    def _finish(self, options: dict[str, Any]) -> dict[str, int]:
        self.kind.window = None
        counts: dict[str, Any] = staging.counts(self.connection, self.kind.stage, self.kind.load)
        kept = {name: value for name, value in options.items() if name != "sliced"} | self.kind.outcome
        batches.move(
            self.session,
            self.batch,
            self.order,
            BatchState.COMMITTED,
            committed_at=self.order.at,
            options=kept | {"trace": True},
            **counts,
        )
        let_others_in(self.connection)
        staging.forget(self.connection, self.kind.load, errors_too=False)
        self.session.expire_all()
        return counts


def _leave_out_overtaken(kind: Kind) -> None:
    """What somebody changed or added while earlier slices were written becomes an error of its row."""
    s, t = kind.stage.c, kind.target.c
    whereabouts.match(kind)
    as_compared = sa.exists().where(t.id == s.target_id, t.version == s.target_version)
    changed = sa.and_(s.op == staging.CHANGED, sa.not_(as_compared))
    added = sa.and_(s.op == staging.NEW, s.target_id.is_not(None))
    kind.refuse_lines(
        sa.or_(changed, added),
        OVERTAKEN,
        N_("Somebody changed this while the import was being written: look at the row again"),
    )

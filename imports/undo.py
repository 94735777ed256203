"""Takes an import back: rows it changed are as before, rows it added are gone, and what has gone on since stays."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from imports import batches, broken_off, diff, progress, run, staging, whereabouts
from imports.committing import hold_still
from imports.conflicts import Search
from imports.kind import Kind, Order, Span, within
from imports.loading import let_others_in, planned_once, roomy
from imports.progress import Progress
from imports.trace import WORDS_ROOT, as_others_left_it, mark, r, row, term, was
from models.changes import Change
from models.imports import ImportBatch
from models.types import holds_code
from models.units import Unit
from rules.batches import BatchState
from rules.refusals import N_, Refusal

change, unit = Change.__table__, Unit.__table__
WIDER = 2
"""Slices that are written at once are taken back together, which holds the data no longer than writing one of them."""


def undo(session: Session, batch: ImportBatch, order: Order, told: Progress | None = None) -> dict[str, int]:
    """`removed`, `restored` and `left` records. Raises Refusal for a batch that is not committed, or undone already."""
    told = told or Progress()
    may_undo(batch)
    options = batch.options
    for table in (row, change):
        staging.gather_statistics(session.connection(), table, batch.new + batch.changed)
    if told.gives_way and run.KINDS[batch.kind].slice_of is not None:
        return Slices(session, batch, order, told).undo(options)
    batches.move(session, batch, order, BatchState.UNDONE, undone_at=order.at)
    kind = run.of_batch(session, batch, order)
    hold_still(kind)
    told.enter(progress.UNDOING)
    kind.before_undoing(batch)
    Search(kind, batch.id).mark()
    undoing = Undoing(kind, batch.id)
    done = undoing.take_back()
    undoing.finish()
    batches.keep_options(kind.connection, batch.id, options | {"undone": done, "undone_by": order.by.name})
    session.expire_all()
    return done


def may_undo(batch: ImportBatch) -> None:
    if batch.state == BatchState.UNDONE:
        raise Refusal(N_("This import has already been undone"))
    if batch.written:
        raise Refusal(N_("Corrections of this import wait: commit or withdraw them, then undo it"))
    if batch.state not in (BatchState.COMMITTED, BatchState.UNDOING):
        raise Refusal(N_("Only an import that was committed can be undone"))
    if "trace" not in batch.options and not batch.half_written:
        raise Refusal(N_("This import was committed before imports could be undone: what it changed was not kept"))


class Slices:
    """What is taken back is forgotten with it: whoever takes it up goes on with the rest. The import of which only
    slices were written waits again afterwards as it did before."""

    def __init__(self, session: Session, batch: ImportBatch, order: Order, told: Progress) -> None:
        self.session, self.batch, self.order, self.told = session, batch, order, told
        self.kind = run.of_batch(session, batch, order)
        self.connection = self.kind.connection

    def undo(self, options: dict[str, Any]) -> dict[str, int]:
        batches.may_decide(self.batch, self.order)
        undoing, spans = Undoing(self.kind, self.batch.id), self._spans()
        if self.batch.half_undone:
            self.told.go_through()
        phase = progress.TAKING_OUT if self.batch.half_written else progress.UNDOING
        self.told.enter(phase, sum(count for *_, count in spans))
        done = dict(options.get("undone") or {"removed": 0, "restored": 0, "left": self._left_before()})
        with roomy(self.connection):
            for first, last, count in spans:
                self.told.check()
                self._take_back(undoing, (first, last), options, done)
                self.told.go_through()
                self.told.done += count
                let_others_in(self.connection)
        self.kind.roots = None
        counts = self._waiting() if self.batch.half_written else {}
        batches.still_held(self.connection, self.batch.id, self.order.holder)
        undoing.finish()
        options = options | whereabouts.noted(self.kind, options)
        self._leave(options | {"undone": done, "undone_by": self.order.by.name}, counts)
        self.session.expire_all()
        return done

    def _left_before(self) -> int:
        """What an earlier commit that was broken off could not take back."""
        mine = (r.batch_id == self.batch.id, r.subject == self.kind.target.name, r.conflict.is_not(None))
        return self.connection.scalar(sa.select(sa.func.count()).where(*mine)) or 0

    def _spans(self) -> list[tuple[int, int, int]]:
        """Of records that nothing has been found against, so many at a time: first, last and how many."""
        left = (
            sa.select(r.row_id, sa.func.row_number().over(order_by=r.row_id).label("place"))
            .where(r.batch_id == self.batch.id, r.subject == self.kind.target.name, r.conflict.is_(None))
            .subquery()
        )
        slices = sa.select(sa.func.min(left.c.row_id), sa.func.max(left.c.row_id), sa.func.count()).group_by(
            (left.c.place - 1) // (WIDER * (self.kind.slice_of or 1))
        )
        return sorted((first, last, count) for first, last, count in self.connection.execute(slices))

    def _take_back(self, undoing: "Undoing", span: Span, options: dict[str, Any], done: dict[str, int]) -> None:
        batches.still_held(self.connection, self.batch.id, self.order.holder)
        hold_still(self.kind)
        self.kind.roots = span
        Search(self.kind, self.batch.id).mark()
        for name, count in undoing.take_back().items():
            done[name] += count
        batches.keep_progress(self.connection, self.batch.id, options | {"undone": done})

    def _waiting(self) -> dict[str, Any]:
        """What waits again, compared while nobody else has to wait for it."""
        counts = diff.compare(self.kind)
        let_others_in(self.connection)
        return counts

    def _leave(self, options: dict[str, Any], counts: dict[str, Any]) -> None:
        if not self.batch.half_written:
            batches.move(
                self.session, self.batch, self.order, BatchState.UNDONE, undone_at=self.order.at, options=options
            )
            return
        passing = ("sliced", "undone", "undone_by")
        kept = {name: value for name, value in options.items() if name not in passing}
        if options["undone"]["left"]:
            kept |= {"trace": True, "stayed": options["undone"]}
        else:
            why, values = options.get("said") or (broken_off.TAKEN_BACK, {})
            kept["said"] = [broken_off.of_nothing_left(why), values]
        batches.move(self.session, self.batch, self.order, BatchState.PREVIEWED, options=kept, **counts)


class Undoing:
    def __init__(self, kind: Kind, batch_id: int) -> None:
        self.kind, self.batch_id, self.connection = kind, batch_id, kind.connection
        self.dialect = self.connection.dialect.name

    def take_back(self) -> dict[str, int]:
        kind = self.kind
        kind.note_undone(self.batch_id)
        kind.taken_back(self.batch_id)
        for part in reversed(kind.parts):
            if not part.record:
                self._remove(part.table, self._of_restored())
        removed = self._remove(kind.target, r.conflict.is_(None))
        restored = self._restore(kind.target, r.conflict.is_(None), onward=True)
        as_before = sa.and_(self._rows(kind.target, added=False), r.conflict.is_(None))
        as_others_left_it(self.connection, self.batch_id, kind.target, as_before)
        for part in kind.parts:
            if not part.record:
                self._restore(part.table, self._of_restored(), onward=False)
        return {"removed": removed, "restored": restored, "left": self._forget()}

    def finish(self) -> None:
        """When every record has been taken back that can be."""
        self._unlearn()
        self.connection.execute(row.delete().where(r.batch_id == self.batch_id, r.conflict.is_(None)))
        kept = sa.exists().where(r.batch_id == self.batch_id)
        self.connection.execute(mark.delete().where(mark.c.batch_id == self.batch_id, ~kept))

    def _rows(self, table: sa.Table, *, added: bool) -> sa.ColumnElement[bool]:
        mine = sa.and_(r.batch_id == self.batch_id, r.subject == table.name, r.added.is_(added))
        return sa.and_(mine, within(self.kind.roots, r.root_id))

    def _of_restored(self) -> sa.ColumnElement[bool]:
        record = row.alias()
        return r.root_id.in_(
            sa.select(record.c.row_id).where(
                record.c.batch_id == self.batch_id,
                record.c.subject == self.kind.target.name,
                within(self.kind.roots, record.c.row_id),
                record.c.added.is_(False),
                record.c.conflict.is_(None),
            )
        )

    def _remove(self, table: sa.Table, condition: sa.ColumnElement[bool]) -> int:
        gone = sa.select(r.row_id).where(self._rows(table, added=True), condition)
        with planned_once(self.connection):
            return self.connection.execute(table.delete().where(table.c.id.in_(gone))).rowcount

    def _restore(self, table: sa.Table, condition: sa.ColumnElement[bool], *, onward: bool) -> int:
        """A record goes `onward` to a version nobody has open; its parts go back to theirs."""
        values: dict[str, Any] = {
            column.name: was(column, self.dialect) for column in table.c if column.name not in ("id", "version", "path")
        }
        if "version" in table.c:
            values["version"] = table.c.version + 1 if onward else was(table.c.version, self.dialect)
        if "path" in table.c and "unit_id" in table.c:
            values["path"] = self._path_of(was(table.c.unit_id, self.dialect))
        mine = sa.and_(self._rows(table, added=False), condition, r.row_id == table.c.id)
        return self.connection.execute(sa.update(table).where(mine).values(values)).rowcount

    @staticmethod
    def _path_of(unit_id: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        """Where the unit lies now: it may have been moved since."""
        path = sa.select(unit.c.path).where(unit.c.id == unit_id).correlate(row).scalar_subquery()
        return sa.func.coalesce(path, "")

    def _unlearn(self) -> None:
        """Words that nothing uses but what is gone now."""
        target = self.kind.target.c
        for column, words in self.kind.terms.items():
            learned = sa.select(r.row_id).where(
                r.batch_id == self.batch_id, r.subject == term.name, r.root_id == WORDS_ROOT
            )
            used = sa.exists().where(holds_code(target[column], term.c.code))
            self.connection.execute(term.delete().where(term.c.id.in_(learned), term.c.kind == words.value, ~used))

    def _forget(self) -> int:
        """Conflicts stay, to be looked at; how rows were before is not kept longer than it is needed."""
        mine = sa.and_(r.batch_id == self.batch_id, r.root_id != WORDS_ROOT, within(self.kind.roots, r.root_id))
        self.connection.execute(row.delete().where(mine, r.conflict.is_(None)))
        return self.connection.execute(sa.update(row).where(mine).values(before=None)).rowcount

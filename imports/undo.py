"""Takes an import back: rows it changed are as before, rows it added are gone, and what has gone on since stays."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from imports import batches, progress, run
from imports.conflicts import Search
from imports.kind import Kind, Order
from imports.progress import Progress
from imports.trace import WORDS_ROOT, r, row, term, was
from models.imports import ImportBatch
from models.locks import hold
from models.units import Unit
from rules.batches import BatchState
from rules.refusals import N_, Refusal

unit = Unit.__table__


def undo(session: Session, batch: ImportBatch, order: Order, told: Progress | None = None) -> dict[str, int]:
    """`removed`, `restored` and `left` records. Raises Refusal for a batch that is not committed, or undone already."""
    told = told or Progress()
    may_undo(batch)
    options = batch.options
    batches.move(session, batch, order, BatchState.UNDONE, undone_at=order.at)
    hold(session.connection(), f"import {batch.kind}")
    told.enter(progress.UNDOING)
    kind = run.of_batch(session, batch, order)
    undoing = Undoing(kind, batch.id)
    Search(kind, batch.id, options["trace"]).mark()
    done = undoing.take_back()
    kind.connection.execute(
        sa.update(ImportBatch.__table__)
        .where(ImportBatch.id == batch.id)
        .values(options=options | {"undone": done, "undone_by": order.by.name})
    )
    session.expire_all()
    return done


def may_undo(batch: ImportBatch) -> None:
    if batch.state == BatchState.UNDONE:
        raise Refusal(N_("This import has already been undone"))
    if batch.written:
        raise Refusal(N_("Corrections of this import wait: commit or withdraw them, then undo it"))
    if batch.state not in (BatchState.COMMITTED, BatchState.UNDOING):
        raise Refusal(N_("Only an import that was committed can be undone"))
    if "trace" not in batch.options:
        raise Refusal(N_("This import was committed before imports could be undone: what it changed was not kept"))


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
        self._as_others_left_it()
        for part in kind.parts:
            if not part.record:
                self._restore(part.table, self._of_restored(), onward=False)
        self._unlearn()
        return {"removed": removed, "restored": restored, "left": self._forget()}

    def _rows(self, table: sa.Table, *, added: bool) -> sa.ColumnElement[bool]:
        return sa.and_(r.batch_id == self.batch_id, r.subject == table.name, r.added.is_(added))

    def _of_restored(self) -> sa.ColumnElement[bool]:
        record = row.alias()
        return r.root_id.in_(
            sa.select(record.c.row_id).where(
                record.c.batch_id == self.batch_id,
                record.c.subject == self.kind.target.name,
                record.c.added.is_(False),
                record.c.conflict.is_(None),
            )
        )

    def _remove(self, table: sa.Table, condition: sa.ColumnElement[bool]) -> int:
        gone = sa.select(r.row_id).where(self._rows(table, added=True), condition)
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

    def _as_others_left_it(self) -> None:
        """Rows are again as an earlier import left them, which can then be undone as well."""
        target, earlier, batch = self.kind.target, row.alias(), ImportBatch.__table__.c
        written = [BatchState.COMMITTED.value, BatchState.PREVIEWED.value]
        others = sa.select(batch.id).where(batch.kind == self.kind.name, batch.state.in_(written))
        self.connection.execute(
            sa.update(earlier)
            .where(
                earlier.c.batch_id.in_(others),
                earlier.c.subject == target.name,
                earlier.c.row_id == r.row_id,
                earlier.c.version == was(target.c.version, self.dialect),
                self._rows(target, added=False),
                r.conflict.is_(None),
                target.c.id == r.row_id,
            )
            .values(version=target.c.version)
        )

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
            used = sa.exists().where(target[column] == term.c.code)
            self.connection.execute(term.delete().where(term.c.id.in_(learned), term.c.kind == words.value, ~used))

    def _forget(self) -> int:
        """Conflicts stay, to be looked at; how rows were before is not kept longer than it is needed."""
        mine = r.batch_id == self.batch_id
        self.connection.execute(row.delete().where(mine, r.conflict.is_(None)))
        return self.connection.execute(sa.update(row).where(mine).values(before=None)).rowcount

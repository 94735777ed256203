"""One upload of a spreadsheet: what it was, what it would change, what it changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.acting import Scope
from models.scope import Scoped, own
from models.types import PathText, UtcDateTime, one_of
from rules.batches import AT_WORK, BATCH_STATE_LABELS, BatchState

__all__ = ["BATCH_STATE_LABELS", "BatchState", "ImportBatch", "ImportMark", "ImportRow"]


class ImportBatch(Scoped, Model):
    __tablename__ = "import_batch"
    __table_args__: Any = (one_of("import_batch", "state", BatchState),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(16))
    state: Mapped[str] = mapped_column(sa.String(12), default=BatchState.PREVIEWED, index=True)
    filename: Mapped[str] = mapped_column(sa.String(200))
    sha256: Mapped[str] = mapped_column(sa.String(64), index=True)
    """Names the stored file too."""
    path: Mapped[str] = mapped_column(PathText, default="", index=True)
    """The subtree the importer acts for; empty for the whole installation."""
    options: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    mapping: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    new: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    same: Mapped[int] = mapped_column(default=0)
    error: Mapped[int] = mapped_column(default=0)
    person_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id", use_alter=True, name="fk_import_batch_person"), index=True
    )
    name: Mapped[str] = mapped_column(sa.String(60))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    committed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When somebody asked for what a worker is to do or did last."""
    taken_by: Mapped[str | None] = mapped_column(sa.String(32))
    """The attempt that has it; whether it lives tells imports.progress."""
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")

    @classmethod
    def within(cls, scope: Scope) -> sa.ColumnElement[bool]:
        """Those acting for a part of one's own subtree, and one's own."""
        mine = own(cls.person_id, scope)
        return sa.or_(mine, sa.and_(cls.path != "", super().within(scope)))

    @property
    def counts(self) -> dict[str, int]:
        return {"new": self.new, "changed": self.changed, "same": self.same, "error": self.error}

    @property
    def written(self) -> dict[str, int] | None:
        """What was committed before the corrections came that wait now: `new`, `changed`, `same`, and with how many
        `corrections`."""
        return self.options.get("written")

    def add_up(self) -> None:
        """What was written before its corrections came counts too."""
        options = dict(self.options)
        written = options.pop("written", None)
        if written:
            self.new, self.changed = self.new + written["new"], self.changed + written["changed"]
            self.same, self.options = self.same + written["same"], options

    @property
    def half_written(self) -> bool:
        """Slices of it are in the data: it is finished or taken back, never left."""
        return "sliced" in self.options

    @property
    def half_undone(self) -> bool:
        return half_undone(self.state, self.options)

    @property
    def stopped(self) -> tuple[str, dict[str, str]] | None:
        """What a person has to say of the file before its rows can be read, as a msgid and its values."""
        found = self.options.get("stopped")
        return (found[0], found[1]) if found else None

    @property
    def at_work(self) -> bool:
        return self.state in AT_WORK

    @property
    def missing(self) -> int | None:
        """How many records the file leaves out of what it is about; None where it is not whole."""
        return None if self.written else self.options.get("missing")

    @property
    def task(self) -> dict[str, Any]:
        """What a worker is to do with it while it is read again: see imports.rereading."""
        return dict(self.options.get("task", {}))

    @property
    def came_from(self) -> str:
        """How it stands; while it is read again, how it stood before."""
        return str(self.task["from"]) if self.state == BatchState.REREADING else self.state

    @property
    def undone(self) -> dict[str, int]:
        """`removed`, `restored`, `left`; empty while it is not undone."""
        return dict(self.options.get("undone", {}))

    @property
    def stayed(self) -> dict[str, int]:
        """Of a commit that was broken off: what taking it back came to, where some had to stay; as `undone`."""
        return dict(self.options.get("stayed", {}))

    @property
    def left(self) -> int:
        """Records that could not be taken back."""
        return (self.undone or self.stayed).get("left", 0)

    @property
    def outcome(self) -> dict[str, int]:
        """What was written before its corrections came is not forgotten while they wait."""
        before = self.written or {}
        return {name: count + before.get(name, 0) for name, count in self.counts.items()} | {"left": self.left}

    @property
    def undone_by(self) -> str:
        return str(self.options.get("undone_by", ""))

    @property
    def standing(self) -> tuple[str, str, str]:
        """Its state, who took it back, and what a preview waits for besides being looked at."""
        waits = "columns" if self.stopped else "corrections" if self.written else ""
        return self.state, self.undone_by, waits if self.state == BatchState.PREVIEWED else ""

    @property
    def said(self) -> tuple[str, dict[str, Any]] | None:
        """What the last worker has to say: a msgid and its values."""
        message, values = self.options.get("said") or ("", {})
        return (message, values) if message else None

    @property
    def short_sha256(self) -> str:
        return self.sha256[:12]

    @property
    def committed_by(self) -> str:
        return str(self.options.get("by", self.name))

    def __str__(self) -> str:
        return f"{self.filename} #{self.id}"


def half_undone(state: str, options: Mapping[str, Any]) -> bool:
    return state == BatchState.UNDOING and ("sliced" in options or "undone" in options)


class ImportRow(Model):
    """What a batch wrote to one row, and how the row was before, so that it can be taken back.

    `subject` is a table, `root_id` the record of the kind that the row belongs to. `version` is what the batch left.
    """

    __tablename__ = "import_row"
    __table_args__: Any = (
        sa.Index("ix_import_row_root", "batch_id", "root_id"),
        {"sqlite_with_rowid": False},
    )

    batch_id: Mapped[int] = mapped_column(sa.ForeignKey("import_batch.id"), primary_key=True, autoincrement=False)
    subject: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    row_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    root_id: Mapped[int]
    added: Mapped[bool]
    version: Mapped[int | None]
    before: Mapped[str | None] = mapped_column(sa.Text().with_variant(JSONB(), "postgresql"))
    """Column → value as the database holds it: what is encrypted stays so, as hexadecimal digits."""
    conflict: Mapped[str | None] = mapped_column(sa.String(60))
    """Why it could not be taken back: a code of imports.conflicts, with a table after the colon."""
    slice: Mapped[int] = mapped_column(sa.SmallInteger, default=0, server_default="0")


class ImportMark(Model):
    """The last row there was of each part when a slice of a batch had been written: later ones are not the batch's."""

    __tablename__ = "import_mark"

    batch_id: Mapped[int] = mapped_column(sa.ForeignKey("import_batch.id"), primary_key=True, autoincrement=False)
    slice: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    subject: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    last: Mapped[int]

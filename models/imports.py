"""One upload of a spreadsheet: what it was, what it would change, what it changed."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, mapped_column

from models.acting import Scope
from models.scope import Scoped, own
from models.types import PathText, UtcDateTime, one_of
from rules.refusals import N_


class BatchState(StrEnum):
    PREVIEWED = "previewed"
    COMMITTED = "committed"
    DISCARDED = "discarded"


BATCH_STATE_LABELS = {
    BatchState.PREVIEWED: N_("Previewed"),
    BatchState.COMMITTED: N_("Committed"),
    BatchState.DISCARDED: N_("Discarded"),
}


class ImportBatch(Scoped, Model):
    __tablename__ = "import_batch"
    __table_args__: Any = (one_of("import_batch", "state", BatchState),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(16))
    state: Mapped[str] = mapped_column(sa.String(12), default=BatchState.PREVIEWED)
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

    @classmethod
    def within(cls, scope: Scope) -> sa.ColumnElement[bool]:
        """Those acting for a part of one's own subtree, and one's own."""
        mine = own(cls.person_id, scope)
        return sa.or_(mine, sa.and_(cls.path != "", super().within(scope)))

    @property
    def counts(self) -> dict[str, int]:
        return {"new": self.new, "changed": self.changed, "same": self.same, "error": self.error}

    def add_up(self) -> None:
        """What was written before its corrections came counts too."""
        options = dict(self.options)
        written = options.pop("written", None)
        if written:
            self.new, self.changed = self.new + written["new"], self.changed + written["changed"]
            self.same, self.options = self.same + written["same"], options

    @property
    def short_sha256(self) -> str:
        return self.sha256[:12]

    @property
    def committed_by(self) -> str:
        return str(self.options.get("by", self.name))

    def __str__(self) -> str:
        return f"{self.filename} #{self.id}"

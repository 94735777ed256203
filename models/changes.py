"""What changed in a record, old and new, written in the same transaction by the session itself."""

from datetime import UTC, datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy import event, inspect
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.orm.attributes import instance_state

from models.acting import SYSTEM, Scope, current
from models.scope import Scoped, no_way_in, under
from models.types import PathText, UtcDateTime
from rules.workdays import ZONE


class Change(Scoped, Model):
    __tablename__ = "change"
    __table_args__: Any = (sa.Index("ix_change_subject", "subject", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(sa.String(40))
    """Table name."""
    subject_id: Mapped[int]
    path: Mapped[str] = mapped_column(PathText, default="", server_default="", index=True)
    """The subject's place, or empty for what belongs to no unit."""
    action: Mapped[str] = mapped_column(sa.String(12))
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    details: Mapped[dict[str, list[Any]]] = mapped_column(sa.JSON)
    """Column → [old, new]."""
    batch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("import_batch.id"), index=True)

    @classmethod
    def within(cls, scope: Scope) -> sa.ColumnElement[bool]:
        """Whoever reads the journal reads it for the district, with what belongs to no unit."""
        if scope.journal:
            return sa.or_(cls.path == "", under(cls.path, scope.journal))
        return super().within(scope)

    @classmethod
    def among(cls, scope: Scope) -> sa.ColumnElement[bool]:
        """The journal of a whole district is read from its end, not by place."""
        if scope.journal:
            path = no_way_in(cls.path)
            return sa.or_(path == "", under(path, scope.journal))
        return cls.within(scope)

    @property
    def story(self) -> tuple[str, dict[str, list[Any]]]:
        return self.subject, self.details

    def __str__(self) -> str:
        return f"{self.subject} {self.subject_id}"


class Tracked:
    """A noun whose every change is kept. What is encrypted is recorded by its hash column alone."""

    UNTRACKED: ClassVar[frozenset[str]] = frozenset()

    @property
    def place(self) -> str:
        """Path of the unit it belongs to; empty for what belongs to none."""
        return ""


HIDDEN = "•••"


def watch(session: Any) -> None:
    event.listen(session, "before_flush", _note_changes)
    event.listen(session, "after_flush", _note_new_and_gone)


def _note_changes(session: Session, context: Any, instances: Any) -> None:
    for row in session.dirty:
        if isinstance(row, Tracked) and (details := changed_columns(row)):
            session.add(_change(row, "changed", details))


def _note_new_and_gone(session: Session, context: Any) -> None:
    rows = [_change(row, "added", {}) for row in session.new if isinstance(row, Tracked)]
    rows += [_change(row, "removed", {}) for row in session.deleted if isinstance(row, Tracked)]
    if rows:
        names = [column.name for column in Change.__table__.columns if column.name not in ("id", "batch_id")]
        session.connection().execute(
            sa.insert(Change.__table__), [{name: getattr(row, name) for name in names} for row in rows]
        )


def note(session: Session, row: Any, column: str, old: Any, new: Any) -> None:
    """For what belongs to a record but lies in another table. What is hidden is always another."""
    if old != new or new == HIDDEN:
        session.add(_change(row, "changed", {column: [old, new]}))


def changed_columns(row: Any) -> dict[str, list[Any]]:
    state = instance_state(row)
    details: dict[str, list[Any]] = {}
    for attribute in inspect(type(row)).column_attrs:
        name = attribute.key
        if name == "version" or name in row.UNTRACKED:
            continue
        history = state.attrs[name].history
        if history.has_changes():
            old, new = (history.deleted or [None])[0], (history.added or [None])[0]
            if old != new:
                details[name] = [HIDDEN, HIDDEN] if name.endswith("_hash") else [plain(old), plain(new)]
    return details


def plain(value: Any) -> Any:
    """As the journal keeps it: something JSON knows, moments in the district's time."""
    if isinstance(value, datetime):
        return f"{value.astimezone(ZONE):%Y-%m-%d %H:%M}"
    return value if value is None or isinstance(value, int | str | bool | list) else str(value)


def _change(row: Any, action: str, details: dict[str, list[Any]]) -> Change:
    acting = current()
    actor = acting.actor if acting else SYSTEM
    return Change(
        subject=row.__tablename__,
        subject_id=row.id,
        path=row.place if isinstance(row, Tracked) else "",
        action=action,
        at=acting.at if acting else datetime.now(UTC),
        person_id=actor.person_id,
        name=actor.name,
        details=details,
    )

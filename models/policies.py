"""Office defaults as rows. Every edit gets a number; what it governed stores that number and keeps its own dates."""

from datetime import datetime

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.acting import Actor
from models.changes import Tracked
from models.types import UtcDateTime
from rules.policy import DEFAULTS, Policy

ITEMS = {item.key: item for item in DEFAULTS}


class PolicyRow(Tracked, Model):
    __tablename__ = "policy"
    UNTRACKED = frozenset({"position"})

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(48), unique=True)
    value: Mapped[str] = mapped_column(sa.String(120))
    """As an office types it: `120`, `08:30`, `natural`, `yes`."""
    position: Mapped[int] = mapped_column(default=0)

    @property
    def unit(self) -> str:
        return ITEMS[self.key].unit

    @property
    def source(self) -> str:
        return ITEMS[self.key].source

    def __str__(self) -> str:
        return self.key


class PolicyVersion(Model):
    """One edit of one row. The newest id is the version in force."""

    __tablename__ = "policy_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(48), index=True)
    old: Mapped[str] = mapped_column(sa.String(120))
    new: Mapped[str] = mapped_column(sa.String(120))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(60))

    def __str__(self) -> str:
        return f"{self.id}: {self.key}"


def seed_policies(session: Session) -> None:
    """Those that are not there yet; what the office set stays."""
    known = {row.key: row for row in session.scalars(sa.select(PolicyRow))}
    for position, item in enumerate(DEFAULTS):
        row = known.get(item.key) or PolicyRow(key=item.key, value=item.default_text)
        row.position = position
        session.add(row)


def load_policy(session: Session) -> Policy:
    return Policy.read(dict(session.execute(sa.select(PolicyRow.key, PolicyRow.value)).all()))


def policy_of_version(session: Session, version: int) -> Policy:
    """As it stood when that version was the newest."""
    return _without(session, PolicyVersion.id > version)


def policy_on(session: Session, at: datetime) -> Policy:
    return _without(session, PolicyVersion.at > at)


def _without(session: Session, later: sa.ColumnElement[bool]) -> Policy:
    texts = dict(session.execute(sa.select(PolicyRow.key, PolicyRow.value)).all())
    for edit in session.scalars(sa.select(PolicyVersion).where(later).order_by(PolicyVersion.id.desc())):
        texts[edit.key] = edit.old
    return Policy.read(texts)


def policy_version(session: Session) -> int:
    return session.scalar(sa.select(sa.func.max(PolicyVersion.id))) or 0


def set_policy(session: Session, key: str, value: str, by: Actor, at: datetime) -> None:
    """Raises Refusal where the value does not fit the key or contradicts the other settings."""
    row = session.scalars(sa.select(PolicyRow).where(PolicyRow.key == key)).one()
    stored = dict(session.execute(sa.select(PolicyRow.key, PolicyRow.value)).all())
    Policy.read({**stored, key: value})
    if row.value != value:
        session.add(PolicyVersion(key=key, old=row.value, new=value, at=at, person_id=by.person_id, name=by.name))
        row.value = value

"""Research topics 调研课题: settled on for a year and claimed by a leader (domain § 7)."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.acting import Scope
from models.changes import Tracked
from models.people import Person
from models.roster import person_named
from models.scope import DISTRICT, Scoped, district_index, in_a_district, own
from models.types import PathText, one_of
from models.units import Unit
from rules.refusals import N_, Refusal
from rules.research import TopicStage


class Topic(Scoped, Tracked, Model):
    __tablename__ = "topic"
    __table_args__: Any = (
        one_of("topic", "stage", TopicStage),
        sa.CheckConstraint("year BETWEEN 1949 AND 2119", name="ck_topic_year"),
        sa.Index("ix_topic_key", sa.text(f"substr(path, 1, {DISTRICT})"), "year", "title", "leader_name", unique=True),
        district_index("ix_topic_year", "year", "id"),
        district_index("ix_topic_title", "title", "id", "year"),
        district_index("ix_topic_leader_name", "leader_name", "id"),
        district_index("ix_topic_stage", "stage", "id"),
        district_index("ix_topic_due_on", "due_on", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    title: Mapped[str] = mapped_column(sa.String(200))
    leader_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    leader_name: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")
    post: Mapped[str] = mapped_column(sa.String(120), default="", server_default="")
    """The leader's, when the topic was claimed."""
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    path: Mapped[str] = mapped_column(PathText, index=True)
    """The lead unit's."""
    supporting: Mapped[str] = mapped_column(sa.String(400), default="", server_default="")
    """Names of units, as they were written."""
    stage: Mapped[str] = mapped_column(sa.String(12), default=TopicStage.OPENED, server_default="opened")
    due_on: Mapped[date | None]
    progress: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    result_form: Mapped[str] = mapped_column(sa.String(120), default="", server_default="")
    result_use: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    note: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    unit: Mapped[Unit] = relationship()
    leader: Mapped[Person | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def within(cls, scope: Scope) -> sa.ColumnElement[bool]:
        """Who reaches no unit has the topics that they lead."""
        return super().within(scope) if scope.paths else own(cls.leader_id, scope)

    @classmethod
    def among(cls, scope: Scope) -> sa.ColumnElement[bool]:
        return in_a_district(cls.path, scope, cls.within(scope))

    @classmethod
    def all_of(cls, scope: Scope) -> sa.ColumnElement[bool]:
        return cls.within(scope)

    @property
    def place(self) -> str:
        return self.path

    def led_by(self, session: Session, unit: Unit) -> None:
        """The lead unit, and the leader on the roster of its district where the name is clear."""
        self.unit, self.path = unit, unit.path
        self.leader_name = self.leader.name if self.leader else self.leader_name or ""
        if not self.leader_name.strip():
            raise Refusal(N_("Say who leads the topic"))
        self.leader = self.leader or person_named(session, self.leader_name, unit.path)

    def __str__(self) -> str:
        return self.title

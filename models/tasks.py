"""Livelihood tasks 民生实事 and the items of task books and lists 任务书 (domain § 7)."""

from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.acting import Scope
from models.changes import Tracked
from models.people import Person
from models.roster import person_named
from models.scope import Scoped, district_index, in_a_district, own
from models.types import PathText
from models.units import Unit
from rules.refusals import N_, Refusal


class Task(Scoped, Tracked, Model):
    __tablename__ = "task"
    __table_args__: Any = (
        sa.UniqueConstraint("year", "title", "unit_id"),
        sa.CheckConstraint("year BETWEEN 1949 AND 2119", name="ck_task_year"),
        sa.CheckConstraint("cost >= 0", name="ck_task_cost"),
        sa.CheckConstraint("written_off_on IS NULL OR written_off", name="ck_task_written_off"),
        district_index("ix_task_year", "year", "id"),
        district_index("ix_task_title", "title", "id", "year"),
        district_index("ix_task_list_kind", "list_kind", "id"),
        district_index("ix_task_responsible_name", "responsible_name", "id"),
        district_index("ix_task_due_on", "due_on", "id"),
        district_index("ix_task_written_off", "written_off", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    serial: Mapped[str] = mapped_column(sa.String(16), default="", server_default="")
    """Its number in the list it came from."""
    title: Mapped[str] = mapped_column(sa.String(200))
    list_kind: Mapped[str] = mapped_column(sa.String(32), default="", server_default="")
    """A word of the dictionary `task_list`."""
    measures: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    path: Mapped[str] = mapped_column(PathText, index=True)
    """The lead unit's."""
    responsible_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    responsible_name: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")
    leader_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    leader_name: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")
    """The leader in charge."""
    due_on: Mapped[date | None]
    households: Mapped[int | None]
    people: Mapped[int | None]
    """How many benefit."""
    cost: Mapped[Decimal | None] = mapped_column(sa.Numeric(12, 4))
    """In 万元, ten thousand yuan."""
    progress: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    written_off: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    written_off_on: Mapped[date | None]
    """Empty where a list says that it was, but not when."""
    accepted_by: Mapped[str] = mapped_column(sa.String(120), default="", server_default="")
    note: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    unit: Mapped[Unit] = relationship()
    responsible: Mapped[Person | None] = relationship(foreign_keys=[responsible_id])
    leader: Mapped[Person | None] = relationship(foreign_keys=[leader_id])

    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def within(cls, scope: Scope) -> sa.ColumnElement[bool]:
        """Who reaches no unit has the tasks that they answer for."""
        if scope.paths:
            return super().within(scope)
        return sa.or_(own(cls.responsible_id, scope), own(cls.leader_id, scope))

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
        """The lead unit, and those in charge on the roster of its district where their names are clear."""
        self.unit, self.path = unit, unit.path
        if self.written_off_on is not None and not self.written_off:
            raise Refusal(N_("A task that is not written off has no day on which it was"))
        self.responsible_name = self.responsible.name if self.responsible else self.responsible_name or ""
        self.leader_name = self.leader.name if self.leader else self.leader_name or ""
        self.responsible = self.responsible or person_named(session, self.responsible_name, unit.path)
        self.leader = self.leader or person_named(session, self.leader_name, unit.path)

    def __str__(self) -> str:
        return self.title

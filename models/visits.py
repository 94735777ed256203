"""Visits 走访: who went to whom, when, and what was heard."""

from datetime import date, time
from typing import Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.acting import Scope, current_scope, district_of
from models.changes import Tracked
from models.people import Person
from models.roster import SEPARATOR, Roster, names_in, person_named
from models.scope import Scoped, district_index, filled_index, in_a_district, named, own, under
from models.tickets import Ticket
from models.types import PathText, one_of
from models.units import Unit
from rules.identity import mask_name
from rules.refusals import N_, Refusal
from rules.research import NAMED_AFTER_SOMEBODY, ObjectKind, Outcome, VisitKind


class Visit(Scoped, Tracked, Model):
    __tablename__ = "visit"
    __table_args__: Any = (
        one_of("visit", "kind", VisitKind),
        one_of("visit", "object_kind", ObjectKind),
        one_of("visit", "outcome", Outcome),
        district_index("ix_visit_visited_on", "visited_on", "id"),
        district_index("ix_visit_kind", "kind", "visited_on", "id"),
        district_index("ix_visit_outcome", "outcome", "visited_on", "id"),
        district_index("ix_visit_object_kind", "object_kind", "visited_on", "id"),
        district_index("ix_visit_object_name", "object_name", "visited_on", "id"),
        district_index("ix_visit_visitor_name", "visitor_name", "id", "visited_on"),
        filled_index("ix_visit_ticket_id", "ticket_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    visited_on: Mapped[date]
    visited_at: Mapped[time | None]
    """By the clock of the district, where it is known."""
    kind: Mapped[str] = mapped_column(sa.String(24), default=VisitKind.DAY_VISIT)
    visitor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    visitor_name: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")
    companions: Mapped[str] = mapped_column(sa.String(400), default="", server_default="")
    """Names, as they were written."""
    object_kind: Mapped[str] = mapped_column(sa.String(24), default=ObjectKind.HOUSEHOLD)
    object_name: Mapped[str] = mapped_column(sa.String(120))
    address: Mapped[str] = mapped_column(sa.String(200), default="", server_default="")
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    path: Mapped[str] = mapped_column(PathText, index=True)
    """The unit's, in which the object lies."""
    outcome: Mapped[str] = mapped_column(sa.String(16), default=Outcome.LISTENED, server_default="listened")
    content: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    """What was heard."""
    handling: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    to_ticket: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """To be taken on as a request; `ticket` is the one that was made."""
    ticket_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ticket.id"))
    field_note: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    unit: Mapped[Unit] = relationship()
    visitor: Mapped[Person | None] = relationship()
    ticket: Mapped[Ticket | None] = relationship()
    visitors: Mapped[list["Visitor"]] = relationship(
        back_populates="visit", order_by="Visitor.seq", cascade="all, delete-orphan", passive_deletes=True
    )

    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def within(cls, scope: Scope) -> sa.ColumnElement[bool]:
        """Who reaches no unit has the visits that they were out on."""
        if scope.paths:
            return super().within(scope)
        return cls.id.in_(own_visits(scope))

    @classmethod
    def among(cls, scope: Scope) -> sa.ColumnElement[bool]:
        return in_a_district(cls.path, scope, cls.within(scope))

    @classmethod
    def all_of(cls, scope: Scope) -> sa.ColumnElement[bool]:
        return cls.within(scope)

    @property
    def place(self) -> str:
        return self.path

    @property
    def shown_object(self) -> str:
        """People who were visited are not named to those who look on."""
        hidden = current_scope().masked and ObjectKind(self.object_kind) in NAMED_AFTER_SOMEBODY
        return mask_name(self.object_name) if hidden else self.object_name

    def took_place_in(self, unit: Unit) -> None:
        self.unit, self.path = unit, unit.path

    def went(self, session: Session) -> None:
        """Who took part, after visitor and companions were written. Names are looked for on the roster of the
        district; one that leaves a doubt is kept as a name alone."""
        self.visitor_name = self.visitor.name if self.visitor else self.visitor_name or ""
        if not self.visitor_name.strip():
            raise Refusal(N_("Say who made the visit"))
        self.visitor = self.visitor or person_named(session, self.visitor_name, self.path)
        others = [name for name in names_in(self.companions or "") if name != self.visitor_name]
        roster = Roster.load(session, Scope(paths=(district_of(self.path),)), others)
        self.companions = SEPARATOR.join(others)
        first = (self.visitor_name, self.visitor.id if self.visitor else None)
        people = [first, *((name, roster.only(name, self.path)) for name in others)]
        self._list(people)

    def _list(self, people: list[tuple[str, int | None]]) -> None:
        """In the rows that are there as far as they go: each place in a visit is taken once."""
        rows = [*self.visitors, *(Visitor(seq=seq) for seq in range(len(self.visitors) + 1, len(people) + 1))]
        self.visitors = rows[: len(people)]
        for row, (name, person_id) in zip(self.visitors, people, strict=True):
            row.name, row.person_id = name[:60], person_id

    def __str__(self) -> str:
        return f"{self.visited_on:%Y-%m-%d} {self.visitor_name} → {self.shown_object}"


class Visitor(Scoped, Model):
    """One who took part in a visit; the first is the one who made it."""

    __tablename__ = "visitor"
    __table_args__: Any = (sa.UniqueConstraint("visit_id", "seq"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(sa.ForeignKey("visit.id", ondelete="CASCADE"))
    seq: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(60))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)

    visit: Mapped[Visit] = relationship(back_populates="visitors")
    person: Mapped[Person | None] = relationship()

    @classmethod
    def within(cls, scope: Scope) -> sa.ColumnElement[bool]:
        if not scope.paths:
            return cls.visit_id.in_(own_visits(scope))
        visit = named("visit", "of")
        return sa.exists().where(visit.id == cls.visit_id, sa.or_(*(under(visit.path, path) for path in scope.paths)))

    def __str__(self) -> str:
        return self.name


def own_visits(scope: Scope) -> sa.Select[tuple[int]]:
    """Ids of those that the person of the account was out on."""
    went = named("visitor", "went")
    return sa.select(went.visit_id).where(own(went.person_id, scope))

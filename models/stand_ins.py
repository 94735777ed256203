"""代办: who stands in for an absent handler of the same unit, from which day to which."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column, relationship

from models.acting import Absent, Actor, Scope, beyond_scope
from models.changes import Tracked
from models.people import Person
from models.scope import Scoped, named, own, under
from rules.lifecycle import MOVES, Move
from rules.workdays import local_date

if TYPE_CHECKING:
    from models.legs import Leg
    from models.tickets import Ticket

FOR = "for"
"""In the data of a line of the record: the person in whose place it was done."""


class StandIn(Scoped, Tracked, Model):
    __tablename__ = "stand_in"
    __table_args__: Any = (
        sa.CheckConstraint("absent_id <> stand_in_id", name="ck_stand_in_another"),
        sa.CheckConstraint("from_on <= to_on", name="ck_stand_in_days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    absent_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    stand_in_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    from_on: Mapped[date]
    to_on: Mapped[date]
    """The last day."""
    reason: Mapped[str] = mapped_column(sa.String(200))

    absent: Mapped[Person] = relationship(foreign_keys=[absent_id])
    stand_in: Mapped[Person] = relationship(foreign_keys=[stand_in_id])

    def __str__(self) -> str:
        return f"{self.absent} → {self.stand_in}"

    @classmethod
    def within(cls, scope: Scope) -> sa.ColumnElement[bool]:
        """One's own, and those of people one reaches."""
        mine = sa.or_(own(cls.absent_id, scope), own(cls.stand_in_id, scope))
        absent = named("person", "absent")
        reached = sa.or_(sa.false(), *(under(absent.path, path) for path in scope.paths))
        return sa.or_(mine, sa.exists().where(absent.id == cls.absent_id, reached))

    @classmethod
    def lasting(cls, day: date) -> sa.ColumnElement[bool]:
        return sa.and_(cls.from_on <= day, cls.to_on >= day)

    @property
    def place(self) -> str:
        return self.absent.path


def stand_ins_for(session: Session, people: Iterable[int], at: datetime) -> list[int]:
    """Whoever has left the unit of the absent since stands in no longer."""
    absent, other = aliased(Person), aliased(Person)
    statement = (
        sa.select(StandIn.stand_in_id)
        .join(absent, absent.id == StandIn.absent_id)
        .join(other, other.id == StandIn.stand_in_id)
        .where(StandIn.absent_id.in_(people), StandIn.lasting(local_date(at)), absent.unit_id == other.unit_id)
    )
    with beyond_scope():
        return list(session.scalars(statement))


def in_place_of(by: Actor, action: str, leg: "Leg | None") -> Absent | None:
    """Whose work it is that `by` does: the handler's of the leg, or what is not among their own duties."""
    for each in by.stands_for:
        if leg is not None and leg.handler_id == each.person_id:
            return each
    who = MOVES[Move(action)].who if action in set(Move) else None
    lent = isinstance(who, frozenset) and bool(who & by.roles) and not who & (by.roles - by.lent)
    return by.stands_for[0] if lent else None


def took_part(ticket: "Ticket", leg: "Leg") -> set[int | None]:
    """Those who handled a leg in somebody's place, and those in whose place they did."""
    lent = [each for each in ticket.events if FOR in (each.data or {}) and each.leg is leg]
    return {each.person_id for each in lent} | {(each.data or {})[FOR] for each in lent}

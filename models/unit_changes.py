"""撤并拆分: a unit merges into another or splits from a date. What is dated ahead waits for its day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models import unit_return
from models.acting import SYSTEM, Actor, district_of
from models.locks import UNITS, hold
from models.scope import Scoped
from models.types import PathText, UtcDateTime, one_of
from models.unit_moving import (
    Pair,
    Step,
    also_called,
    check_free,
    check_heirless,
    check_term,
    end,
    follow,
    go_on,
    join,
    living_below,
    subtree,
    weigh,
)
from models.units import Unit, path_below
from rules.refusals import N_, Refusal
from rules.roles import Role
from rules.unit_changes import ChangeKind, ChangeState, check_date, check_kinds
from rules.units import UnitKind, check_code
from rules.workdays import local_date


@dataclass(frozen=True)
class Part:
    """A unit that comes out of a split. `children` and `people` are ids; the rest goes to the first part."""

    code: str
    name: str
    children: tuple[int, ...] = ()
    people: tuple[int, ...] = ()

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Part":
        return cls(kept["code"], kept["name"], tuple(kept["children"]), tuple(kept["people"]))

    def keep(self) -> dict[str, Any]:
        return {"code": self.code, "name": self.name, "children": list(self.children), "people": list(self.people)}


class UnitChange(Scoped, Model):
    __tablename__ = "unit_change"
    __table_args__: Any = (
        one_of("unit_change", "kind", ChangeKind),
        one_of("unit_change", "state", ChangeState),
        sa.CheckConstraint("kind <> 'merge' OR into_id IS NOT NULL", name="ck_unit_change_into"),
        sa.Index("ix_unit_change_due", "state", "from_date"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(8))
    state: Mapped[str] = mapped_column(sa.String(12), default=ChangeState.PLANNED)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    path: Mapped[str] = mapped_column(PathText, index=True)
    """Of the unit that ends."""
    into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    parts: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON, default=list)
    from_date: Mapped[date]
    reason: Mapped[str] = mapped_column(sa.String(400))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    counts: Mapped[dict[str, int]] = mapped_column(sa.JSON, default=dict)
    """What moved."""
    kept: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON)
    """What taking it back needs to know, as models.unit_return keeps it."""
    refusal: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON)
    """Why it could not be done on its day: `message` and `values` of a Refusal."""

    unit: Mapped[Unit] = relationship(foreign_keys=[unit_id])
    into: Mapped[Unit | None] = relationship(foreign_keys=[into_id])

    def __str__(self) -> str:
        return f"{self.from_date} {self.unit}"

    def withdraw(self, by: Actor) -> None:
        _office(by)
        if self.state != ChangeState.PLANNED:
            raise Refusal(N_("Only what has not been done yet can be withdrawn"))
        self.state = ChangeState.WITHDRAWN

    def carry_out(self, session: Session, at: datetime) -> None:
        """On its day or later, in one transaction of the caller's."""
        hold(session.connection(), UNITS)
        step = Step(Actor(self.person_id, self.name), at, self.reason)
        self.counts = self.preview(session)
        self.kept = unit_return.before(session, subtree(session, self.unit, self.from_date), self.into)
        if self.kind == ChangeKind.MERGE and self.into is not None:
            _merge(session, self.unit, self.into, self.from_date, step)
        else:
            parts = [Part.read(part) for part in self.parts]
            made = _split(session, self.unit, parts, self.from_date, step)
            self.into, self.kept = made[0], self.kept | {"parts": [part.id for part in made]}
        self.state, self.done_at = ChangeState.DONE, at
        session.flush()
        self.kept = self.kept | unit_return.since(session)

    def take_back(self, session: Session, by: Actor, at: datetime) -> None:
        """As long as nothing has happened since to what moved; refused in a sentence otherwise."""
        _office(by)
        if self.state != ChangeState.DONE or self.kept is None:
            raise Refusal(N_("Only what has been carried out can be taken back"))
        hold(session.connection(), UNITS)
        kept, into = self.kept, self._into
        self.state, self.kept, self.into = ChangeState.TAKEN_BACK, None, into
        session.flush()
        unit_return.take_back(session, kept, into, Step(by, at, self.reason))

    def check_unchanged(self, session: Session) -> None:
        if self.kept is not None:
            unit_return.check_unchanged(session, self.kept, self._into)

    def count_from_now(self, session: Session) -> None:
        """What has happened up to now keeps nobody from taking it back: for changes that are done, or taken back,
        together."""
        if self.kept is not None:
            self.kept = self.kept | unit_return.since(session)

    @property
    def _into(self) -> Unit | None:
        return self.into if self.kind == ChangeKind.MERGE else None

    def preview(self, session: Session) -> dict[str, int]:
        units = subtree(session, self.unit, self.from_date)
        return {"children": len(units) - 1} | weigh(session, [unit.id for unit in units])


def merge(
    session: Session, olds: Sequence[Unit], into: Unit, from_date: date, actor: Actor, now: datetime, *, reason: str
) -> list[UnitChange]:
    """Done at once, unless the date is still to come."""
    _asked(actor, reason)
    check_date(from_date, local_date(now))
    for old in olds:
        check_merge(session, old, into, from_date, actor)
    made = [_planned(session, ChangeKind.MERGE, old, from_date, actor, now, reason, into=into) for old in olds]
    return _if_due(session, made, now)


def check_merge(session: Session, old: Unit, into: Unit, from_date: date, actor: Actor) -> None:
    """Neither has to be in the session: an import asks for units as it is going to leave them."""
    _may_end(session, old, from_date, actor)
    _may_take(old, into, from_date)
    units = subtree(session, old, from_date)
    check_heirless(units)
    check_term(units, from_date)
    check_free(session, units, into)


def split(
    session: Session, old: Unit, parts: Sequence[Part], from_date: date, actor: Actor, now: datetime, *, reason: str
) -> UnitChange:
    """The first part is the main one: successor of the old unit, and heir to what no other part was given."""
    _asked(actor, reason)
    check_date(from_date, local_date(now))
    _may_end(session, old, from_date, actor)
    _may_split(session, old, parts)
    kept = [part.keep() for part in parts]
    made = _planned(session, ChangeKind.SPLIT, old, from_date, actor, now, reason, parts=kept)
    return _if_due(session, [made], now)[0]


def changes_of(session: Session, unit: Unit) -> list[UnitChange]:
    """Of which it is the end or the outcome, the latest first."""
    which = sa.or_(UnitChange.unit_id == unit.id, UnitChange.into_id == unit.id)
    return list(
        session.scalars(sa.select(UnitChange).where(which).order_by(UnitChange.from_date.desc(), UnitChange.id.desc()))
    )


def _planned(
    session: Session, kind: ChangeKind, old: Unit, from_date: date, by: Actor, now: datetime, reason: str, **more: Any
) -> UnitChange:
    made = UnitChange(
        kind=kind,
        unit=old,
        path=old.path,
        from_date=from_date,
        person_id=by.person_id,
        name=by.name,
        asked_at=now,
        reason=reason.strip()[:400],
        **more,
    )
    session.add(made)
    session.flush()
    return made


def _if_due(session: Session, changes: list[UnitChange], now: datetime) -> list[UnitChange]:
    for change in changes:
        if change.from_date <= local_date(now):
            change.carry_out(session, now)
    return changes


def _office(by: Actor) -> None:
    if by != SYSTEM and Role.OFFICE not in by.roles:
        raise Refusal(N_("Only the research office merges and splits units"))


def _asked(by: Actor, reason: str) -> None:
    _office(by)
    if not reason.strip():
        raise Refusal(N_("Say why: it is written into the history of every request that moves"))


def _may_end(session: Session, old: Unit, from_date: date, by: Actor) -> None:
    if by != SYSTEM and district_of(old.path) != district_of(by.unit_path):
        raise Refusal(N_("%(unit)s lies in another district"), unit=old.name)
    if not old.lives_on(from_date):
        raise Refusal(N_("%(unit)s is closed already"), unit=old.name)
    planned = sa.select(UnitChange.id).where(UnitChange.unit_id == old.id, UnitChange.state == ChangeState.PLANNED)
    if session.scalar(planned) is not None:
        raise Refusal(N_("A change of %(unit)s is planned already; withdraw it first"), unit=old.name)


def _may_take(old: Unit, into: Unit, from_date: date) -> None:
    if old.id == into.id:
        raise Refusal(N_("A unit cannot merge into itself"))
    check_kinds(UnitKind(old.kind), UnitKind(into.kind), old.name, into.name)
    if district_of(old.path) != district_of(into.path):
        raise Refusal(N_("%(unit)s lies in another district"), unit=into.name)
    if not into.lives_on(from_date):
        raise Refusal(N_("%(unit)s is closed on that day; choose its successor"), unit=into.name)


def _may_split(session: Session, old: Unit, parts: Sequence[Part]) -> None:
    check_kinds(UnitKind(old.kind), UnitKind(old.kind), old.name, old.name)
    if len(parts) < 2:
        raise Refusal(N_("A split makes at least two units"))
    for part in parts:
        check_code(part.code)
        if not part.name.strip():
            raise Refusal(N_("Give every new unit a name"))
        if session.scalar(sa.select(Unit.id).where(Unit.code == part.code)) is not None:
            raise Refusal(N_("The code %(code)s is taken"), code=part.code)
    for what in ([part.code for part in parts], [each for part in parts for each in (*part.children,)]):
        if len(set(what)) < len(what):
            raise Refusal(N_("Two parts have the same code or the same unit below them"))


def _merge(session: Session, old: Unit, into: Unit, from_date: date, step: Step) -> None:
    _may_take(old, into, from_date)
    pairs = [(old, into)]
    for child in living_below(session, old, from_date):
        pairs += go_on(session, child, into, from_date)
    end(session, old, into, from_date)
    if into.leader_id is None and not into.leader_name:
        into.leader_id, into.leader_name = old.leader_id, old.leader_name
    also_called(into, [old.name, *(alias.alias for alias in old.aliases)])
    session.flush()
    for pair in [Pair.of(*each) for each in pairs]:
        follow(session, pair, step)


def _split(session: Session, old: Unit, parts: Sequence[Part], from_date: date, step: Step) -> list[Unit]:
    _may_split(session, old, parts)
    made = [_part(session, old, part, from_date) for part in parts]
    main = made[0]
    whose = {child: heir for part, heir in zip(parts, made, strict=True) for child in part.children}
    pairs: list[tuple[Unit, Unit]] = []
    for child in living_below(session, old, from_date):
        pairs += go_on(session, child, whose.get(child.id, main), from_date)
    end(session, old, main, from_date)
    main.leader_id, main.leader_name, main.phone = old.leader_id, old.leader_name, old.phone
    also_called(main, [old.name, *(alias.alias for alias in old.aliases)])
    session.flush()
    told = [Pair.of(*each) for each in pairs]
    for part, heir in list(zip(parts, made, strict=True))[1:]:
        join(session, Pair.of(old, heir), part.people, step)
    for pair in [Pair.of(old, main), *told]:
        follow(session, pair, step)
    return made


def _part(session: Session, old: Unit, part: Part, from_date: date) -> Unit:
    made = Unit(code=part.code, name=part.name.strip(), kind=old.kind, category=old.category, valid_from=from_date)
    made.path, made.parent = path_below(old.parent, part.code, UnitKind(old.kind)), old.parent
    session.add(made)
    session.flush()
    return made

"""What follows a unit into its successor: open work, people, households. What is closed stays where it lay."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.acting import Actor
from models.categories import Duty
from models.changes import Change
from models.events import MOVED, TicketEvent
from models.households import Household
from models.legs import Leg
from models.organisations import Organisation
from models.people import Person
from models.tasks import Task
from models.tickets import Ticket
from models.topics import Topic
from models.units import Unit, UnitAlias, path_below
from rules.lifecycle import CLOSED_STATES, State
from rules.refusals import N_, Refusal
from rules.research import TopicStage
from rules.unit_changes import former_code, last_day
from rules.units import UnitKind

TICKET, LEG, PERSON, DUTY, EVENT, CHANGE = (noun.__table__ for noun in (Ticket, Leg, Person, Duty, TicketEvent, Change))
OPEN = TICKET.c.state.not_in(sorted(CLOSED_STATES))
LEG_OPEN = sa.and_(
    LEG.c.state.not_in(sorted(CLOSED_STATES | {State.RETURNED})),
    LEG.c.ticket_id.in_(sa.select(TICKET.c.id).where(OPEN)),
)
FOLLOWING: dict[str, tuple[Any, sa.ColumnElement[bool]]] = {
    "people": (PERSON, sa.true()),
    "households": (Household.__table__, sa.true()),
    "organisations": (Organisation.__table__, sa.true()),
    "topics": (Topic.__table__, Topic.__table__.c.stage.in_([TopicStage.OPENED, TopicStage.RESEARCH])),
    "tasks": (Task.__table__, sa.not_(Task.__table__.c.written_off)),
}
"""Tracked nouns with the unit they lie in, and which of their rows go along."""
LYING: dict[str, tuple[Any, Any, sa.ColumnElement[bool]]] = {
    "requests": (TICKET, TICKET.c.unit_id, OPEN),
    "held": (TICKET, TICKET.c.lead_unit_id, OPEN),
    "legs": (LEG, LEG.c.unit_id, LEG_OPEN),
    **{name: (table, table.c.unit_id, which) for name, (table, which) in FOLLOWING.items()},
    "liaison": (PERSON, PERSON.c.liaison_unit_id, sa.true()),
    "duties": (DUTY, DUTY.c.unit_id, sa.true()),
}
"""Everything that follows, with the column that names its unit."""


@dataclass(frozen=True)
class Pair:
    """A unit that ends, and who takes over from it."""

    old_id: int
    old_path: str
    old_name: str
    new_id: int
    new_path: str
    new_name: str

    @classmethod
    def of(cls, old: Unit, new: Unit) -> "Pair":
        return cls(old.id, old.path, old.name, new.id, new.path, new.name)


@dataclass(frozen=True)
class Step:
    """Who moves it, when and why: the same for all of one change."""

    by: Actor
    at: datetime
    reason: str


def weigh(session: Session, unit_ids: Collection[int]) -> dict[str, int]:
    """How much would follow out of these units."""
    counted = {name: lying for name, lying in LYING.items() if name != "held"}
    return {
        name: session.scalar(sa.select(sa.func.count()).select_from(table).where(column.in_(unit_ids), which)) or 0
        for name, (table, column, which) in counted.items()
    }


def check_term(units: Collection[Unit], from_date: date) -> None:
    """Each lives for a day at least before it ends."""
    for unit in units:
        if unit.valid_from is not None and unit.valid_from > last_day(from_date):
            raise Refusal(N_("%(unit)s begins on %(date)s only"), unit=unit.name, date=unit.valid_from.isoformat())


def check_heirless(units: Collection[Unit]) -> None:
    """None has two successors, from whatever day."""
    for unit in units:
        if unit.valid_to is not None and unit.successor_id is not None:
            ended = unit.valid_to.isoformat()
            raise Refusal(N_("%(unit)s has a successor from the day after %(date)s"), unit=unit.name, date=ended)


def check_free(session: Session, units: Sequence[Unit], parent: Unit) -> None:
    """The first ends; the others go on below `parent`, each where it fits and no unit has ever lain."""
    first, below = units[0], units[1:]
    for unit in below:
        path_below(parent if unit.parent_id == first.id else unit.parent, unit.code, UnitKind(unit.kind))
    paths = {parent.path + unit.path.removeprefix(first.path): unit for unit in below}
    taken = session.scalar(sa.select(Unit.path).where(Unit.path.in_(paths)).order_by(Unit.path).limit(1))
    if taken is not None:
        raise Refusal(N_("%(unit)s has lain below %(parent)s before"), unit=paths[taken].name, parent=parent.name)


def end(session: Session, unit: Unit, heir: Unit | None, from_date: date) -> None:
    check_term([unit], from_date)
    unit.valid_to, unit.successor = last_day(from_date), heir


def go_on(session: Session, unit: Unit, parent: Unit, from_date: date) -> list[tuple[Unit, Unit]]:
    """A unit that comes to lie elsewhere from a date, with all that lives below it. The unit that ends keeps its place,
    its row and so its past; the one that goes on takes over its code."""
    ends, code = unit.valid_to, unit.code
    below = living_below(session, unit, from_date)
    name = unit.name if unit.name not in _names_below(session, parent, from_date) else _told_apart(unit)
    heir = Unit(code=code, name=name, valid_from=from_date, valid_to=ends, kind=unit.kind)
    for column in ("category", "leader_id", "leader_name", "phone", "extent", "households", "population"):
        setattr(heir, column, getattr(unit, column))
    unit.code = free_code(session, former_code(code, from_date))
    session.flush()
    heir.path, heir.parent = path_below(parent, code, UnitKind(unit.kind)), parent
    if session.scalar(sa.select(Unit.id).where(Unit.path == heir.path)) is not None:
        raise Refusal(N_("%(unit)s has lain below %(parent)s before"), unit=unit.name, parent=parent.name)
    session.add(heir)
    session.flush()
    end(session, unit, heir, from_date)
    also_called(heir, [alias.alias for alias in unit.aliases])
    pairs = [(unit, heir)]
    for each in below:
        pairs += go_on(session, each, heir, from_date)
    return pairs


def living_below(session: Session, unit: Unit, day: date) -> list[Unit]:
    return list(
        session.scalars(sa.select(Unit).where(Unit.parent_id == unit.id, Unit.lives_on(day)).order_by(Unit.code))
    )


def subtree(session: Session, unit: Unit, day: date) -> list[Unit]:
    """The unit and all that lives below it."""
    return [unit, *(lower for each in living_below(session, unit, day) for lower in subtree(session, each, day))]


def _names_below(session: Session, parent: Unit, day: date) -> set[str]:
    return {unit.name for unit in living_below(session, parent, day)}


def _told_apart(unit: Unit) -> str:
    upper = unit.parent.name if unit.parent else ""
    return f"{upper}{unit.name}"[:120]


def free_code(session: Session, code: str) -> str:
    number = 1
    wanted = code
    while session.scalar(sa.select(Unit.id).where(Unit.code == wanted)) is not None:
        number += 1
        wanted = f"{code[:28]}.{number}"
    return wanted


def also_called(unit: Unit, names: list[str]) -> None:
    known = {alias.alias for alias in unit.aliases} | {unit.name}
    unit.aliases += [UnitAlias(alias=name) for name in dict.fromkeys(names) if name not in known]


def follow(session: Session, pair: Pair, step: Step) -> None:
    """All that follows from one unit into another."""
    _work(session, pair, step)
    for table, which in FOLLOWING.values():
        settle_in(session, table, pair, which, step)
    _liaison(session, pair, step)
    _duties(session, pair)
    session.expire_all()


def _work(session: Session, pair: Pair, step: Step) -> None:
    mine = sa.and_(TICKET.c.unit_id == pair.old_id, OPEN)
    legs = sa.and_(LEG.c.unit_id == pair.old_id, LEG_OPEN)
    held = sa.and_(TICKET.c.lead_unit_id == pair.old_id, OPEN)
    tell(session, sa.or_(mine, held, TICKET.c.id.in_(sa.select(LEG.c.ticket_id).where(legs))), pair, step)
    session.execute(
        sa.update(LEG)
        .where(legs)
        .values(unit_id=pair.new_id, unit_name=pair.new_name, path=pair.new_path, version=LEG.c.version + 1)
    )
    session.execute(sa.update(TICKET).where(held).values(lead_unit_id=pair.new_id, version=TICKET.c.version + 1))
    session.execute(
        sa.update(TICKET).where(mine).values(unit_id=pair.new_id, path=pair.new_path, version=TICKET.c.version + 1)
    )


def tell(session: Session, which: sa.ColumnElement[bool], pair: Pair, step: Step) -> None:
    """In the history of each request: from where to where, and why."""
    columns = {
        "ticket_id": TICKET.c.id,
        "action": sa.literal(MOVED),
        "state_before": TICKET.c.state,
        "state_after": TICKET.c.state,
        "at": sa.literal(step.at, EVENT.c.at.type),
        "person_id": sa.literal(step.by.person_id, sa.Integer),
        "name": sa.literal(step.by.name),
        "unit_name": sa.literal(step.by.unit_name),
        "to_unit_name": sa.literal(pair.new_name),
        "note": sa.literal(step.reason),
        "public": sa.false(),
        "data": sa.literal({"from": pair.old_name, "to": pair.new_name}, sa.JSON),
    }
    session.execute(sa.insert(EVENT).from_select(list(columns), sa.select(*columns.values()).where(which)))


def join(session: Session, pair: Pair, people: Collection[int], step: Step) -> None:
    """Some of its people."""
    settle_in(session, PERSON, pair, PERSON.c.id.in_(people), step)


def settle_in(session: Session, table: Any, pair: Pair, which: sa.ColumnElement[bool], step: Step) -> None:
    new = {"unit_id": pair.new_id, "path": pair.new_path}
    old = {"unit_id": pair.old_id, "path": pair.old_path}
    tracked(session, table, sa.and_(table.c.unit_id == pair.old_id, which), pair.new_path, old, new, step)


def _liaison(session: Session, pair: Pair, step: Step) -> None:
    old, new = {"liaison_unit_id": pair.old_id}, {"liaison_unit_id": pair.new_id}
    tracked(session, PERSON, PERSON.c.liaison_unit_id == pair.old_id, PERSON.c.path, old, new, step)


def tracked(
    session: Session, table: Any, which: Any, path: Any, old: dict[str, Any], new: dict[str, Any], step: Step
) -> None:
    """As the session writes changes, in one statement for all rows."""
    columns = {
        "subject": sa.literal(table.name),
        "subject_id": table.c.id,
        "path": sa.literal(path, CHANGE.c.path.type) if isinstance(path, str) else path,
        "action": sa.literal("changed"),
        "at": sa.literal(step.at, CHANGE.c.at.type),
        "person_id": sa.literal(step.by.person_id, sa.Integer),
        "name": sa.literal(step.by.name),
        "details": sa.literal({name: [old[name], new[name]] for name in old}, sa.JSON),
    }
    session.execute(sa.insert(CHANGE).from_select(list(columns), sa.select(*columns.values()).where(which)))
    session.execute(sa.update(table).where(which).values(**new, version=table.c.version + 1))


def _duties(session: Session, pair: Pair) -> None:
    """A duty that the successor has already is not had twice, nor is one that holds for its place."""
    columns = ("category_id", "role", "unit_id", "place_id")
    for moved in ("unit_id", "place_id"):
        other, here = DUTY.alias(), DUTY.c[moved] == pair.old_id
        same = (other.c[name].is_not_distinct_from(DUTY.c[name]) for name in columns if name != moved)
        twice = sa.exists().where(*same, other.c[moved] == pair.new_id)
        session.execute(sa.delete(DUTY).where(here, twice))
        session.execute(sa.update(DUTY).where(here).values({moved: pair.new_id, "version": DUTY.c.version + 1}))

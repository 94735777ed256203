"""Work lists as data: what waits for whom. The list, its count and its export all use the one condition here."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.acting import Actor, Scope
from models.scope import LOOKED_UP, in_states, no_way_in, of_states, one_place
from models.tickets import Ticket
from models.types import UtcDateTime
from rules.lifecycle import CLOSED_STATES, SETTLED_STATES, State
from rules.lights import Light
from rules.refusals import N_
from rules.roles import Role
from rules.workdays import end_of, local_date

Condition = sa.ColumnElement[bool]
Found = sa.Select[Any]
OPEN_STATES = frozenset(State) - CLOSED_STATES

COUNTED_TO = 10_000
"""A count stops one above it and is shown as `10,000+`."""

DISPATCHING = frozenset({Role.DISPATCHER})
HANDLING = frozenset({Role.HANDLER})
LEADING = frozenset({Role.UNIT_LEADER})
AT_THE_UNIT = HANDLING | LEADING
EVERYONE = frozenset(Role)


@dataclass(frozen=True)
class Moment:
    """Now and the end of today, as values or as parameters of a statement."""

    now: Any
    midnight: Any


ASKED = Moment(*(sa.bindparam(name, type_=UtcDateTime()) for name in ("now", "midnight")))


def moment_at(now: datetime) -> Moment:
    return Moment(now, end_of(local_date(now)))


@dataclass(frozen=True)
class WorkList:
    key: str
    label: str
    roles: frozenset[Role]
    condition: Callable[[Actor, Moment], Condition]
    light: Light = Light.BLUE
    states: frozenset[State] = OPEN_STATES
    """Those its requests can be in."""


def state_is(*states: State) -> Condition:
    return Ticket.state.in_(sorted(states))


def is_open() -> Condition:
    return Ticket.state.in_(sorted(OPEN_STATES))


def at_my_unit(by: Actor, *states: State) -> Condition:
    return sa.and_(Ticket.lead_unit_id == by.unit_id, state_is(*states))


def concerning(by: Actor, unit: Any = Ticket.lead_unit_id) -> Condition:
    """Handlers and leaders answer for what their unit holds, the others for all they see."""
    return unit == by.unit_id if by.roles and by.roles <= AT_THE_UNIT else sa.true()


def settled(by: Actor, at: Moment) -> Condition:
    """Most of all there are: met sooner in the order of the list than by state or by who holds them."""
    return sa.and_(concerning(by, no_way_in(Ticket.lead_unit_id)), no_way_in(Ticket.state).in_(sorted(SETTLED_STATES)))


def due_today(by: Actor, at: Moment) -> Condition:
    return sa.and_(concerning(by), is_open(), Ticket.next_due_at >= at.now, Ticket.next_due_at <= at.midnight)


def overdue(by: Actor, at: Moment) -> Condition:
    return sa.and_(concerning(by), is_open(), Ticket.next_due_at < at.now)


def waiting_for_units(by: Actor, at: Moment) -> Condition:
    return state_is(State.DISPATCHED, State.SIGNED, State.HANDLING, State.PENDING_REVIEW)


WORK_LISTS = (
    WorkList("to_accept", N_("To accept"), DISPATCHING, lambda by, at: state_is(State.SUBMITTED), Light.AMBER),
    WorkList("to_dispatch", N_("To dispatch"), DISPATCHING, lambda by, at: state_is(State.ACCEPTED), Light.AMBER),
    WorkList("to_sign", N_("To sign for"), HANDLING, lambda by, at: at_my_unit(by, State.DISPATCHED), Light.AMBER),
    WorkList("to_contact", N_("To contact"), HANDLING, lambda by, at: at_my_unit(by, State.SIGNED)),
    WorkList("in_hand", N_("In hand"), AT_THE_UNIT, lambda by, at: at_my_unit(by, State.SIGNED, State.HANDLING)),
    WorkList("to_review", N_("To review"), LEADING, lambda by, at: at_my_unit(by, State.PENDING_REVIEW), Light.AMBER),
    WorkList("due_today", N_("Due today"), EVERYONE, due_today, Light.AMBER),
    WorkList("overdue", N_("Overdue"), EVERYONE, overdue, Light.RED),
    WorkList("with_units", N_("With the units"), EVERYONE - AT_THE_UNIT, waiting_for_units),
    WorkList("in_review", N_("Awaiting review"), HANDLING, lambda by, at: at_my_unit(by, State.PENDING_REVIEW)),
    WorkList(
        "to_rate",
        N_("Awaiting rating"),
        EVERYONE,
        lambda by, at: sa.and_(concerning(by), state_is(State.SETTLED)),
        states=frozenset({State.SETTLED}),
    ),
    WorkList(
        "settled",
        N_("Settled"),
        EVERYONE,
        settled,
        Light.GREEN,
        SETTLED_STATES,
    ),
    WorkList("all", N_("All"), EVERYONE, lambda by, at: sa.true(), Light.GREY, frozenset(State)),
)
MY_TURN = ("to_accept", "to_dispatch", "to_sign", "to_contact", "in_hand", "to_review")
URGENT = ("due_today", "overdue")
WITH_OTHERS = ("with_units", "in_review", "to_rate")


def lists_for(by: Actor) -> list[WorkList]:
    return [each for each in WORK_LISTS if each.roles & by.roles]


def find_list(key: str, by: Actor) -> WorkList | None:
    return next((each for each in lists_for(by) if each.key == key), None)


def counts(session: Session, lists: Iterable[WorkList], by: Actor, scope: Scope, now: datetime) -> dict[str, int]:
    """Each within scope and up to COUNTED_TO + 1."""
    found: dict[str, int] = {}
    for statement in _statements(tuple(lists), by, scope):
        asked = session.execute(statement, asdict(moment_at(now)), execution_options={LOOKED_UP: True})
        found |= asked.one()._mapping
    return {key: min(count or 0, COUNTED_TO + 1) for key, count in found.items()}


@lru_cache(128)
def _statements(lists: tuple[WorkList, ...], by: Actor, scope: Scope) -> list[Found]:
    """The open requests of one unit are few and are gone through once; those of a district are counted list by list."""
    waiting = [each for each in lists if each.states <= OPEN_STATES]
    over = [_counted(_held(each, by, scope)).label(each.key) for each in lists if each not in waiting]
    if one_place(scope) is None:
        statements: list[Any] = [
            sa.select(*(_counted(_asked(each, by, scope)).label(each.key) for each in waiting), *over)
        ]
    else:
        sums = [sa.func.sum(sa.case((each.condition(by, ASKED), 1), else_=0)).label(each.key) for each in waiting]
        statements = [sa.select(*sums).where(in_states(OPEN_STATES, scope)), sa.select(*over)]
    return [each for each in statements if each.selected_columns]


def _asked(each: WorkList, by: Actor, scope: Scope) -> Found:
    return sa.select(sa.literal(1)).where(each.condition(by, ASKED), in_states(each.states, scope))


def _held(each: WorkList, by: Actor, scope: Scope) -> Found:
    """What lies with one's own unit is in scope by that alone; what others hold depends on nothing but its state."""
    mine = by.roles <= AT_THE_UNIT and each.key != "all"
    held = sa.and_(concerning(by), state_is(*each.states))
    return sa.select(sa.literal(1)).where(held if mine else of_states(each.states, scope))


def _counted(found: Found) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.count()).select_from(found.limit(COUNTED_TO + 1).subquery()).scalar_subquery()

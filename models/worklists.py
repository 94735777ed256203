"""Work lists as data: what waits for whom. The list, its count and its export all use the one condition here."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import waiting
from models.acting import Actor, Scope
from models.scope import LOOKED_UP, in_states, of_states, one_place, reached
from models.tickets import Ticket
from models.waiting import ASKED, AT_THE_UNIT, OPEN_STATES, Condition, Moment, at_my_unit, state_is
from rules.lifecycle import SETTLED_STATES, State
from rules.lights import Light
from rules.refusals import N_
from rules.roles import Role

Found = sa.Select[Any]

COUNTED_TO = 10_000
"""A count stops one above it and is shown as `10,000+`."""

DISPATCHING = frozenset({Role.DISPATCHER})
HANDLING = frozenset({Role.HANDLER})
LEADING = frozenset({Role.UNIT_LEADER})
DECIDING = DISPATCHING | LEADING | {Role.EVALUATOR}
CALLING = DISPATCHING | {Role.OFFICE, Role.SUPERVISOR}
WATCHING = CALLING | {Role.MANAGER}
STARTING = DISPATCHING | AT_THE_UNIT | {Role.OFFICE, Role.MEMBER, Role.GROUP_LEADER}
EVERYONE = frozenset(Role)


@dataclass(frozen=True)
class WorkList:
    key: str
    label: str
    roles: frozenset[Role]
    condition: Callable[[Actor, Moment], Condition]
    light: Light = Light.BLUE
    states: frozenset[State] = OPEN_STATES
    """Those its requests can be in."""
    few: bool = False
    """What its condition leads to is counted there, one by one."""


ANY_STATE = frozenset(State)
WORK_LISTS = (
    WorkList("to_accept", N_("To accept"), DISPATCHING, lambda by, at: state_is(State.SUBMITTED), Light.AMBER),
    WorkList(
        "to_dispatch",
        N_("To dispatch"),
        DISPATCHING,
        lambda by, at: state_is(State.ACCEPTED, State.RETURNED),
        Light.AMBER,
    ),
    WorkList("to_sign", N_("To sign for"), HANDLING, lambda by, at: at_my_unit(by, State.DISPATCHED), Light.AMBER),
    WorkList("to_contact", N_("To contact"), HANDLING, lambda by, at: at_my_unit(by, State.SIGNED)),
    WorkList("in_hand", N_("In hand"), AT_THE_UNIT, lambda by, at: at_my_unit(by, State.SIGNED, State.HANDLING)),
    WorkList("to_review", N_("To review"), LEADING, lambda by, at: at_my_unit(by, State.PENDING_REVIEW), Light.AMBER),
    WorkList("to_decide", N_("To decide"), DECIDING, waiting.to_decide, Light.AMBER, ANY_STATE, few=True),
    WorkList("to_follow_up", N_("To follow up"), CALLING, waiting.to_follow_up, states=ANY_STATE, few=True),
    WorkList("due_soon", N_("Due soon"), EVERYONE, waiting.due_soon, Light.AMBER),
    WorkList("overdue", N_("Overdue"), EVERYONE, waiting.overdue, Light.RED),
    WorkList(
        "supervised",
        N_("Supervised"),
        WATCHING | AT_THE_UNIT,
        waiting.supervised,
        Light.RED,
        ANY_STATE,
        few=True,
    ),
    WorkList("meetings", N_("Meetings"), WATCHING | AT_THE_UNIT, waiting.met_about, states=ANY_STATE, few=True),
    WorkList("with_units", N_("With the units"), EVERYONE - AT_THE_UNIT, waiting.with_units),
    WorkList("in_review", N_("Awaiting review"), HANDLING, lambda by, at: at_my_unit(by, State.PENDING_REVIEW)),
    WorkList("started", N_("Started by me"), STARTING, waiting.started, states=ANY_STATE, few=True),
    WorkList("to_rate", N_("Awaiting rating"), EVERYONE, waiting.to_rate, states=frozenset({State.SETTLED})),
    WorkList("settled", N_("Settled"), EVERYONE, waiting.settled, Light.GREEN, SETTLED_STATES),
    WorkList("all", N_("All"), EVERYONE, lambda by, at: sa.true(), Light.GREY, ANY_STATE),
)
MY_TURN = ("to_accept", "to_dispatch", "to_sign", "to_contact", "in_hand", "to_review", "to_decide", "to_follow_up")
URGENT = ("due_soon", "overdue", "supervised", "meetings")
WITH_OTHERS = ("with_units", "in_review", "started", "to_rate")
BY_DUE = frozenset(each.key for each in WORK_LISTS if each.few or each.states <= OPEN_STATES)
"""Short enough to be put in the order of their dates."""


def lists_for(by: Actor) -> list[WorkList]:
    return [each for each in WORK_LISTS if each.roles & by.roles]


def find_list(key: str, by: Actor) -> WorkList | None:
    return next((each for each in lists_for(by) if each.key == key), None)


def counts(session: Session, lists: Iterable[WorkList], by: Actor, scope: Scope, at: Moment) -> dict[str, int]:
    """Each within scope and up to COUNTED_TO + 1."""
    found: dict[str, int] = {}
    for statement in _statements(tuple(lists), by, scope):
        asked = session.execute(statement, asdict(at), execution_options={LOOKED_UP: True})
        found |= asked.one()._mapping
    return {key: min(count or 0, COUNTED_TO + 1) for key, count in found.items()}


@lru_cache(128)
def _statements(lists: tuple[WorkList, ...], by: Actor, scope: Scope) -> list[Found]:
    """The open requests of one unit are few and are gone through once; those of a district are counted list by list."""
    waits = [each for each in lists if each.states <= OPEN_STATES]
    over = [_counted(_held(each, by, scope)).label(each.key) for each in lists if each not in waits]
    if one_place(scope) is None:
        statements: list[Any] = [
            sa.select(*(_counted(_asked(each, by, scope)).label(each.key) for each in waits), *over)
        ]
    else:
        sums = [sa.func.sum(sa.case((each.condition(by, ASKED), 1), else_=0)).label(each.key) for each in waits]
        statements = [sa.select(*sums).where(in_states(OPEN_STATES, scope)), sa.select(*over)]
    return [each for each in statements if each.selected_columns]


def _asked(each: WorkList, by: Actor, scope: Scope) -> Found:
    return sa.select(sa.literal(1)).where(each.condition(by, ASKED), in_states(each.states, scope))


def _held(each: WorkList, by: Actor, scope: Scope) -> Found:
    """What lies with one's own unit is in scope by that alone; what others hold depends on nothing but its state."""
    if each.few:
        in_scope = sa.true() if scope.everything else reached(Ticket, scope)
        return sa.select(sa.literal(1)).where(each.condition(by, ASKED), in_scope)
    mine = by.roles <= AT_THE_UNIT and each.key != "all"
    held = sa.and_(waiting.concerning(by), state_is(*each.states))
    return sa.select(sa.literal(1)).where(held if mine else of_states(each.states, scope))


def _counted(found: Found) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.count()).select_from(found.limit(COUNTED_TO + 1).subquery()).scalar_subquery()

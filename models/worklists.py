"""Work lists as data: what waits for whom. The list, its count and its export all use the one condition here."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.acting import Actor, Scope
from models.scope import criterion
from models.tickets import Ticket
from rules.lifecycle import CLOSED_STATES, SETTLED_STATES, State
from rules.lights import Light
from rules.refusals import N_
from rules.roles import Role
from rules.workdays import end_of, local_date

Condition = sa.ColumnElement[bool]

COUNTED_TO = 10_000
"""A count stops one above it and is shown as `10,000+`."""

DISPATCHING = frozenset({Role.DISPATCHER})
HANDLING = frozenset({Role.HANDLER})
LEADING = frozenset({Role.UNIT_LEADER})
AT_THE_UNIT = HANDLING | LEADING
EVERYONE = frozenset(Role)


@dataclass(frozen=True)
class WorkList:
    key: str
    label: str
    roles: frozenset[Role]
    condition: Callable[[Actor, datetime], Condition]
    light: Light = Light.BLUE


def state_is(*states: State) -> Condition:
    return Ticket.state.in_(states)


def is_open() -> Condition:
    return Ticket.state.not_in(CLOSED_STATES)


def at_my_unit(by: Actor, *states: State) -> Condition:
    return sa.and_(Ticket.lead_unit_id == by.unit_id, state_is(*states))


def concerning(by: Actor) -> Condition:
    """Handlers and leaders answer for what their unit holds, the others for all they see."""
    return Ticket.lead_unit_id == by.unit_id if by.roles and by.roles <= AT_THE_UNIT else sa.true()


def due_today(by: Actor, now: datetime) -> Condition:
    until = end_of(local_date(now))
    return sa.and_(concerning(by), is_open(), Ticket.next_due_at >= now, Ticket.next_due_at <= until)


def overdue(by: Actor, now: datetime) -> Condition:
    return sa.and_(concerning(by), is_open(), Ticket.next_due_at < now)


def waiting_for_units(by: Actor, now: datetime) -> Condition:
    return state_is(State.DISPATCHED, State.SIGNED, State.HANDLING, State.PENDING_REVIEW)


WORK_LISTS = (
    WorkList("to_accept", N_("To accept"), DISPATCHING, lambda by, now: state_is(State.SUBMITTED), Light.AMBER),
    WorkList("to_dispatch", N_("To dispatch"), DISPATCHING, lambda by, now: state_is(State.ACCEPTED), Light.AMBER),
    WorkList("to_sign", N_("To sign for"), HANDLING, lambda by, now: at_my_unit(by, State.DISPATCHED), Light.AMBER),
    WorkList("to_contact", N_("To contact"), HANDLING, lambda by, now: at_my_unit(by, State.SIGNED)),
    WorkList("in_hand", N_("In hand"), AT_THE_UNIT, lambda by, now: at_my_unit(by, State.SIGNED, State.HANDLING)),
    WorkList("to_review", N_("To review"), LEADING, lambda by, now: at_my_unit(by, State.PENDING_REVIEW), Light.AMBER),
    WorkList("due_today", N_("Due today"), EVERYONE, due_today, Light.AMBER),
    WorkList("overdue", N_("Overdue"), EVERYONE, overdue, Light.RED),
    WorkList("with_units", N_("With the units"), EVERYONE - AT_THE_UNIT, waiting_for_units),
    WorkList("in_review", N_("Awaiting review"), HANDLING, lambda by, now: at_my_unit(by, State.PENDING_REVIEW)),
    WorkList(
        "to_rate", N_("Awaiting rating"), EVERYONE, lambda by, now: sa.and_(concerning(by), state_is(State.SETTLED))
    ),
    WorkList(
        "settled",
        N_("Settled"),
        EVERYONE,
        lambda by, now: sa.and_(concerning(by), state_is(*SETTLED_STATES)),
        Light.GREEN,
    ),
    WorkList("all", N_("All"), EVERYONE, lambda by, now: sa.true(), Light.GREY),
)
MY_TURN = ("to_accept", "to_dispatch", "to_sign", "to_contact", "in_hand", "to_review")
URGENT = ("due_today", "overdue")
WITH_OTHERS = ("with_units", "in_review", "to_rate")


def lists_for(by: Actor) -> list[WorkList]:
    return [each for each in WORK_LISTS if each.roles & by.roles]


def find_list(key: str, by: Actor) -> WorkList | None:
    return next((each for each in lists_for(by) if each.key == key), None)


def counts(session: Session, lists: Iterable[WorkList], by: Actor, scope: Scope, now: datetime) -> dict[str, int]:
    """In one query, each within scope and up to COUNTED_TO + 1."""
    restriction = criterion(Ticket, scope)
    seen = sa.true() if restriction is None else restriction
    capped = {
        each.key: sa.select(sa.func.count())
        .select_from(sa.select(Ticket.id).where(seen, each.condition(by, now)).limit(COUNTED_TO + 1).subquery())
        .scalar_subquery()
        for each in lists
    }
    if not capped:
        return {}
    row = session.execute(sa.select(*(query.label(key) for key, query in capped.items()))).one()
    return dict(zip(capped, row, strict=True))

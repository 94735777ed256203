"""What a request can wait for, as conditions: in a state, at a unit that leads or helps, for a decision, for a call."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.acting import Actor
from models.scope import LOOKED_UP, is_district, named, no_way_in, under
from models.tickets import Ticket
from models.types import UtcDateTime
from rules.applications import ApplicationKind
from rules.deadlines import Tier
from rules.lifecycle import CLOSED_STATES, OVER, SETTLED_STATES, State
from rules.lights import NOT_STARTED
from rules.policy import Policy
from rules.roles import Role

Condition = sa.ColumnElement[bool]
OPEN_STATES = frozenset(State) - CLOSED_STATES
AT_THE_UNIT = frozenset({Role.HANDLER, Role.UNIT_LEADER})
AT_WORK = (State.DISPATCHED, State.SIGNED, State.HANDLING)
WITH_A_UNIT = (*AT_WORK, State.PENDING_REVIEW, State.SUSPENDED)


@dataclass(frozen=True)
class Moment:
    """Now, and up to when a date is near (of what is not begun, of micro matters, of the others), as values or as
    parameters of a statement; the longest is `latest`. `most_days` are those a leader may extend by."""

    now: Any
    sign: Any
    short: Any
    long: Any
    latest: Any
    most_days: Any


ASKED = Moment(
    **{name: sa.bindparam(name, type_=UtcDateTime()) for name in ("now", "sign", "short", "long", "latest")},
    **{"most_days": sa.bindparam("most_days", type_=sa.Integer())},
)


def moment_at(now: datetime, policy: Policy) -> Moment:
    warned = (policy.sign_warn_hours, policy.settle_warn_short_hours, policy.settle_warn_hours)
    sign, short, long = (now + timedelta(hours=hours) for hours in warned)
    return Moment(now, sign, short, long, max(sign, short, long), policy.extension_leader_days)


def state_is(*states: State) -> Condition:
    return Ticket.state.in_(sorted(states))


def is_open() -> Condition:
    return state_is(*OPEN_STATES)


def at_a_unit(by: Actor) -> bool:
    """Handlers and leaders answer for what their unit holds, the others for all they see."""
    return bool(by.roles) and by.roles <= AT_THE_UNIT


def concerning(by: Actor, unit: Any = Ticket.lead_unit_id) -> Condition:
    return unit == by.unit_id if at_a_unit(by) else sa.true()


def at_my_unit(by: Actor, *states: State) -> Condition:
    """What it leads and what it helps with, each by the state of its own leg."""
    own = named("ticket", "led")
    led = sa.select(own.id).where(own.lead_unit_id == by.unit_id, own.state.in_(sorted(states)))
    return Ticket.id.in_(led.union_all(helped(by, *states)))


def helped(by: Actor, *states: State, due: Any = None) -> sa.Select[Any]:
    """Ids of the requests that the unit has a part in. `due` is a condition made of the leg and its request."""
    leg, ticket = named("leg", "helping"), named("ticket", "helped")
    found = sa.select(leg.ticket_id).where(is_co(leg), leg.unit_id == by.unit_id, leg.state.in_(sorted(states)))
    return found if due is None else found.where(ticket.id == leg.ticket_id, due(leg, ticket))


def is_co(leg: Any) -> Condition:
    """Spelt as the index of co-handlers has it."""
    return leg.role == sa.literal_column("'co'")


def own_due(leg: Any) -> Any:
    """The date that matters to a co-handler now."""
    return sa.case((leg.state == State.DISPATCHED, leg.sign_due_at), else_=leg.settle_due_at)


def due_of_mine(by: Actor) -> Any:
    """The date of the own part, or that of the request."""
    leg = named("leg", "mine")
    mine = (is_co(leg), leg.ticket_id == Ticket.id, leg.unit_id == by.unit_id, leg.state.in_(sorted(AT_WORK)))
    return sa.func.coalesce(sa.select(sa.func.min(own_due(leg))).where(*mine).scalar_subquery(), Ticket.next_due_at)


def parts(session: Session, by: Actor, ids: Iterable[int]) -> dict[int, tuple[str, datetime | None]]:
    """Of these requests, those the unit helps with: the state and the date of its own leg."""
    leg = named("leg", "part")
    found = sa.select(leg.ticket_id, leg.state, sa.case((leg.state.in_(sorted(AT_WORK)), own_due(leg)))).where(
        is_co(leg), leg.unit_id == by.unit_id, leg.state.in_(sorted(WITH_A_UNIT)), leg.ticket_id.in_(list(ids))
    )
    rows = session.execute(found, execution_options={LOOKED_UP: True})
    return {ticket_id: (state, due) for ticket_id, state, due in rows}


def settled(by: Actor, at: Moment) -> Condition:
    """Most of all there are: met sooner in the order of the list than by state or by who holds them."""
    return sa.and_(concerning(by, no_way_in(Ticket.lead_unit_id)), no_way_in(Ticket.state).in_(sorted(SETTLED_STATES)))


def to_rate(by: Actor, at: Moment) -> Condition:
    return sa.and_(concerning(by), state_is(State.SETTLED))


def due_soon(by: Actor, at: Moment) -> Condition:
    """What is shown in amber."""
    return dated(by, lambda state, tier, due: near(state, tier, due, at))


def overdue(by: Actor, at: Moment) -> Condition:
    return dated(by, lambda state, tier, due: due < at.now)


def near(state: Any, tier: Any, due: Any, at: Moment) -> Condition:
    begun, micro = state.not_in(sorted(NOT_STARTED)), sa.func.coalesce(tier, "") == Tier.MICRO
    until = sa.case((sa.not_(begun), at.sign), (micro, at.short), else_=at.long)
    return sa.and_(due >= at.now, due <= at.latest, due <= until)


def dated(by: Actor, test: Any) -> Condition:
    """By the date of the request, and for a unit that helps by its own."""
    led = sa.and_(concerning(by), is_open(), test(Ticket.state, Ticket.tier, Ticket.next_due_at))
    if not at_a_unit(by):
        return led
    own = named("ticket", "led")
    mine = sa.select(own.id).where(
        own.lead_unit_id == by.unit_id, own.state.in_(sorted(OPEN_STATES)), test(own.state, own.tier, own.next_due_at)
    )
    part = helped(by, *AT_WORK, due=lambda leg, ticket: test(leg.state, ticket.tier, own_due(leg)))
    return Ticket.id.in_(mine.union_all(part))


def with_units(by: Actor, at: Moment) -> Condition:
    return state_is(*WITH_A_UNIT)


def to_follow_up(by: Actor, at: Moment) -> Condition:
    """Of the own place, and nothing the own unit has handled."""
    leg = named("leg", "handled")
    handled = sa.exists().where(leg.ticket_id == Ticket.id, leg.unit_id == by.unit_id, leg.signed_at.is_not(None))
    chosen = Ticket.follow_up == sa.literal_column("'due'")
    return sa.and_(chosen, under(Ticket.path, by.unit_path), no_way_in(Ticket.state).in_(sorted(OVER)), ~handled)


def supervised(by: Actor, at: Moment) -> Condition:
    """A unit sees what it has to answer, the others all that is not closed."""
    opened, ticket = named("supervision", "opened"), named("ticket", "supervised")
    found = sa.select(opened.ticket_id).where(opened.closed_at.is_(None))
    if at_a_unit(by):
        mine = (ticket.id == opened.ticket_id, ticket.lead_unit_id == by.unit_id, opened.answered_at.is_(None))
        found = found.where(*mine)
    return Ticket.id.in_(found)


def met_about(by: Actor, at: Moment) -> Condition:
    """A unit sees those it sits at the table of."""
    meeting, there = named("meeting", "called"), named("meeting_unit", "there")
    found = sa.select(meeting.ticket_id).where(meeting.decided_at.is_(None))
    if at_a_unit(by):
        found = found.where(there.meeting_id == meeting.id, there.unit_id == by.unit_id)
    return Ticket.id.in_(found)


def started(by: Actor, at: Moment) -> Condition:
    """What one has recorded or asked for, until it is put away."""
    own, asked = named("ticket", "recorded"), named("application", "asked")
    recorded = sa.select(own.id).where(own.submitted_by_id == by.person_id)
    applied = sa.select(asked.ticket_id).where(asked.asked_by_id == by.person_id)
    return sa.and_(Ticket.id.in_(recorded.union_all(applied)), no_way_in(Ticket.state) != State.ARCHIVED)


def to_decide(by: Actor, at: Moment) -> Condition:
    """Applications that this account may decide, as models.applying.may_decide has it."""
    asked, leg, ticket = (named(*names) for names in (("application", "waits"), ("leg", "about"), ("ticket", "of_it")))
    table, legs = asked.ticket_id.table, leg.ticket_id.table
    found = (
        sa.select(asked.ticket_id)
        .join_from(table, legs, leg.id == asked.leg_id, isouter=True)
        .where(asked.state == sa.literal_column("'open'"), ticket.id == no_way_in(asked.ticket_id))
        .where(sa.func.coalesce(asked.asked_by_id, 0) != by.person_id, may_be_mine(by, asked, leg, ticket, at))
    )
    return Ticket.id.in_(found)


def may_be_mine(by: Actor, asked: Any, leg: Any, ticket: Any, at: Moment) -> Condition:
    ways: list[Condition] = []
    is_kind = lambda *kinds: asked.kind.in_(sorted(kinds))  # noqa: E731
    handed = is_kind(ApplicationKind.RETURN, ApplicationKind.SUSPENSION, ApplicationKind.PROMISE)
    extended = is_kind(ApplicationKind.EXTENSION)
    if Role.UNIT_LEADER in by.roles:
        invited = sa.and_(is_co(leg), ticket.lead_unit_id == by.unit_id)
        own = leg.unit_id == by.unit_id
        ways += [sa.and_(handed, invited), sa.and_(extended, own, asked.days <= at.most_days)]
        ways += [sa.and_(extended, sa.not_(own), invited)]
    if Role.DISPATCHER in by.roles and by.unit_path:
        ways.append(sa.and_(sa.or_(handed, sa.and_(extended, not_my_leaders(by, leg))), handed_by(by, leg, ticket)))
    if by.roles & {Role.DISPATCHER, Role.UNIT_LEADER}:
        ways.append(sa.and_(is_kind(ApplicationKind.DECLINE), under(ticket.path, by.unit_path)))
    if Role.EVALUATOR in by.roles:
        rating = named("rating", "given")
        own_rating = sa.exists().where(rating.id == asked.rating_id, rating.unit_id == by.unit_id)
        ways.append(sa.and_(is_kind(ApplicationKind.EXCLUSION), sa.not_(own_rating)))
    return sa.or_(sa.false(), *ways)


def not_my_leaders(by: Actor, leg: Any) -> Condition:
    """Of the own unit the leader decides as leader, however many roles the account has."""
    return leg.unit_id != by.unit_id if Role.UNIT_LEADER in by.roles else sa.true()


def handed_by(by: Actor, leg: Any, ticket: Any) -> Condition:
    """The unit handed it over or stands above who did, and the leg lies not with it or above it."""
    giver = named("unit", "giver")
    given_by = sa.select(giver.path).where(giver.id == leg.giver_id).scalar_subquery()
    above = under(sa.func.coalesce(given_by, ticket.path), by.unit_path)
    up = by.unit_path.strip("/").split("/")
    over_me = [f"/{'/'.join(up[: length + 1])}/" for length in range(len(up))]
    barred = [path for path in over_me if not is_district(path)]
    return sa.and_(above, leg.path.not_in(barred)) if barred else above

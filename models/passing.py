"""上报、下派、收回: up and down the five levels, and taking a dispatch back. Nobody passes the parcel."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from models.acting import Actor, beyond_scope
from models.calendar import load_calendar
from models.lapsing import lapse
from models.legs import Ended, Leg, LegRole, LegTerms
from models.policies import load_policy
from models.standing import may_go, may_send, unless_met_about
from models.units import Unit
from rules import deadlines
from rules.applications import ApplicationKind, ApplicationState
from rules.deadlines import Tier
from rules.dispatching import level_tier
from rules.lifecycle import Move
from rules.parcels import HANDED_ON, Passing, refuse_again, refuse_back, refuse_taking_back
from rules.policy import ClockMode
from rules.receipt import Basis
from rules.refusals import N_, Refusal
from rules.units import UnitKind
from rules.workdays import Calendar

if TYPE_CHECKING:
    from models.tickets import Ticket


def escalate(ticket: "Ticket", by: Actor, at: datetime, *, opinion: str) -> Leg:
    """上报 to the unit right above, with what this level thinks of it; the limit is that of the new level."""
    ticket.permit(Move.ESCALATE, by)
    if not opinion.strip():
        raise Refusal(N_("Write your unit's opinion: what was tried, and why it is beyond your level"))
    to = above(ticket)
    _may_pass(ticket, to, at)
    ticket.tier, terms = level_terms(ticket, UnitKind(to.kind), at)
    _end(ticket, Ended.ESCALATED, at)
    return ticket.hand_over(Move.ESCALATE, to, by, at, terms, note=opinion.strip(), opinion=opinion.strip())


def delegate(ticket: "Ticket", to: Unit, by: Actor, at: datetime, *, note: str) -> Leg:
    """下派: down one level, or from a town straight to a department or station."""
    ticket.permit(Move.DELEGATE, by)
    if to.id == ticket.lead.unit_id:
        raise Refusal(N_("Your unit holds this request already"))
    may_send(ticket, to, by, at)
    _may_pass(ticket, to, at)
    ticket.tier, terms = level_terms(ticket, UnitKind(to.kind), at)
    _end(ticket, Ended.DELEGATED, at)
    return ticket.hand_over(Move.DELEGATE, to, by, at, terms, note=note.strip())


def recall(ticket: "Ticket", by: Actor, at: datetime, *, reason: str) -> None:
    """Whoever dispatched it wrongly takes it back before anybody has signed for it."""
    ticket.permit(Move.RECALL, by)
    if not reason.strip():
        raise Refusal(N_("Say why the dispatch is taken back"))
    leg, (*before, _last) = ticket.lead, passed(ticket)
    unless_met_about(ticket)
    if leg.binding:
        raise Refusal(N_("A meeting decided that this unit handles it; only a meeting changes that"))
    if before and before[-1].ended in HANDED_ON:
        raise Refusal(N_("Only a dispatch is taken back; this was handed up or down by another unit"))
    refuse_taking_back(passed(ticket))
    _end(ticket, Ended.RECALLED, at)
    ticket.mark(Move.RECALL, by, at, leg=leg, note=reason.strip())
    ticket.lead_unit, ticket.next_due_at = None, ticket.respond_due_at


def may_dispatch_to(ticket: "Ticket", to: Unit) -> None:
    """Raises Refusal where only a meeting decides who handles it."""
    unless_met_about(ticket)
    if ticket.legs:
        refuse_back(passed(ticket), to.id)


def above(ticket: "Ticket") -> Unit:
    """The unit right above the one that holds it. Raises Refusal at the top."""
    with beyond_scope():
        parent = ticket.lead.unit.parent
    if parent is None:
        raise Refusal(N_("There is no level above the district: call a meeting"))
    return parent


def passed(ticket: "Ticket") -> list[Passing]:
    """The lead legs of this round in their order."""
    leads = [leg for leg in ticket.round if leg.role == LegRole.LEAD]
    return [Passing(leg.giver_id, leg.unit_id, leg.ended) for leg in leads]


def level_terms(ticket: "Ticket", kind: UnitKind, at: datetime) -> tuple[Tier, LegTerms]:
    """What it counts as there and the new level's limit: no more in all than the office allows without an extension."""
    tier = level_tier(Tier(ticket.tier or Tier.MINOR), kind)
    fresh, taking = LegTerms.fresh(ticket.session, tier, at), total_limit(ticket)
    calendar = load_calendar(ticket.session)
    most = taking.due(calendar) if taking else None
    if tier is Tier.EMERGENCY or taking is None or most is None or fresh.settle_due_at is None:
        return tier, fresh
    if fresh.settle_due_at <= most:
        return tier, fresh
    if most <= at:
        raise Refusal(
            N_("It has taken %(days)s days in all; only a granted extension or a meeting leads further"),
            days=load_policy(ticket.session).total_days,
        )
    return tier, fresh.due_by(most, calendar, Basis.TOTAL, **taking.told())


@dataclass(frozen=True)
class TotalLimit:
    """What a round may take in all: the days of the office and those of the extensions that were granted."""

    since: datetime
    days: int
    mode: ClockMode

    def due(self, calendar: Calendar) -> datetime:
        return deadlines.settle_due(self.since, self.days, self.mode, calendar)

    def told(self) -> dict[str, Any]:
        return {"since": self.since.isoformat(), "days": self.days, "mode": self.mode.value}


def total_limit(ticket: "Ticket") -> TotalLimit | None:
    started = next((leg for leg in ticket.round if leg.role == LegRole.LEAD), None)
    if started is None or started.dispatched_at is None:
        return None
    round_ids = {leg.id for leg in ticket.round}
    granted = sum(
        each.days or 0
        for each in ticket.applications
        if each.kind == ApplicationKind.EXTENSION
        and each.state == ApplicationState.GRANTED
        and each.leg_id in round_ids
    )
    days = load_policy(ticket.session).total_days + granted
    return TotalLimit(started.dispatched_at, days, ClockMode(started.clock_mode))


def _may_pass(ticket: "Ticket", to: Unit, at: datetime) -> None:
    may_go(ticket, to, at)
    unless_met_about(ticket)
    if ticket.lead.binding:
        raise Refusal(N_("A meeting decided that this unit handles it; only a meeting changes that"))
    refuse_again(passed(ticket), to.id)


def _end(ticket: "Ticket", how: Ended, at: datetime) -> None:
    leg = ticket.lead
    for helper in ticket.helping:
        if helper.is_open:
            helper.end(Ended.NOT_NEEDED, at)
    lapse(ticket, at)
    leg.end(how, at)

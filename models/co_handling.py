"""协办: other units do their part beside the lead, each on a leg with clocks of its own."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from models import notices
from models.acting import Actor
from models.calendar import load_calendar
from models.lapsing import lapse
from models.legs import Ended, Leg, LegRole, LegTerms
from models.policies import load_policy
from models.standing import may_go
from models.units import Unit
from rules import deadlines
from rules.deadlines import Tier
from rules.lifecycle import Move
from rules.policy import ClockMode
from rules.receipt import Basis
from rules.refusals import N_, Refusal
from rules.reminders import Event

if TYPE_CHECKING:
    from models.tickets import Ticket


def invite(ticket: "Ticket", to: Unit, by: Actor, at: datetime, *, task: str, mandatory: bool = True) -> Leg:
    """The lead asks another unit for its part; what it shall do is said."""
    ticket.permit(Move.INVITE, by)
    if not task.strip():
        raise Refusal(N_("Say what the unit shall do"))
    if to.id == ticket.lead.unit_id or to.id in {leg.unit_id for leg in ticket.helping}:
        raise Refusal(N_("%(unit)s handles this request already"), unit=to.name)
    may_go(ticket, to, at)
    return join(ticket, to, by, at, mandatory=mandatory, note=task.strip())


def join(
    ticket: "Ticket", to: Unit, by: Actor, at: datetime, *, mandatory: bool, binding: bool = False, note: str = ""
) -> Leg:
    """Due a day before the lead, and never later than the lead; whoever calls has asked who may."""
    terms = LegTerms.fresh(ticket.session, Tier(ticket.tier or Tier.MINOR), at)
    if (due := ticket.lead.settle_due_at) is not None:
        terms = _before_the_lead(ticket.session, terms, due, ClockMode(ticket.lead.clock_mode), at)
    columns = {"role": LegRole.CO, "mandatory": mandatory, "binding": binding, "giver_id": by.unit_id}
    leg = Leg.opened(ticket, to, at, terms, **columns)
    ticket.mark(Move.INVITE, by, at, leg=leg, note=note, to=to, data={"mandatory": mandatory})
    ticket.session.flush()
    notices.tell_now(ticket.session, Event.NEW_LEG, ticket, leg, at)
    return leg


def _before_the_lead(session: Session, terms: LegTerms, due: datetime, mode: ClockMode, at: datetime) -> LegTerms:
    calendar, days = load_calendar(session), load_policy(session).co_lead_days
    sooner = deadlines.sooner(due, days, mode, calendar)
    if sooner <= at:
        days, sooner = 0, due
    said = {"days": days, "mode": mode.value, "lead_due": due.isoformat()}
    return terms.due_by(sooner, calendar, Basis.LEAD, **said)


def release(ticket: "Ticket", leg: Leg, by: Actor, at: datetime, *, reason: str) -> None:
    """The lead needs the other unit no more; what it has done stays on record."""
    ticket.permit(Move.RELEASE, by)
    if leg not in ticket.helping or not leg.is_open:
        raise Refusal(N_("%(unit)s does not help with this request at the moment"), unit=leg.unit_name)
    if leg.binding:
        raise Refusal(N_("A meeting decided that %(unit)s helps; only a meeting changes that"), unit=leg.unit_name)
    if not reason.strip():
        raise Refusal(N_("Say why its part is not needed"))
    lapse(ticket, at, leg)
    ticket.mark(Move.RELEASE, by, at, leg=leg, note=reason)
    leg.end(Ended.RELEASED, at)

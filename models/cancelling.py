"""撤回: whoever asked takes it back before it is answered."""

from datetime import datetime
from typing import TYPE_CHECKING

from models import notices
from models.acting import RESIDENT
from models.lapsing import lapse
from models.legs import Ended, Leg
from models.merging import apart
from models.policies import load_policy
from models.ratings import Reporter
from rules.lifecycle import BEFORE_REVIEW, Move, State
from rules.refusals import N_, Refusal
from rules.reminders import Event, steps

if TYPE_CHECKING:
    from models.tickets import Ticket


def cancel(ticket: "Ticket", reporter: Reporter, at: datetime, reason: str) -> None:
    """All its clocks stop and the units that had it are told. What others have asked for as well goes on for them."""
    if not reason.strip():
        raise Refusal(N_("Say in a few words why you take it back"))
    may_cancel(ticket, reporter)
    if ticket.merged_into is not None:
        apart(ticket, RESIDENT, at, reason=reason)
    ticket.permit(Move.CANCEL, RESIDENT)
    ending = [leg for leg in ticket.legs if leg.is_open]
    for leg in ending:
        leg.end(Ended.CANCELLED, at)
    lapse(ticket, at)
    _over(ticket, at, reason.strip())
    ticket.mark(Move.CANCEL, RESIDENT, at, note=reason.strip(), public=True)
    ticket.next_due_at = None
    ticket.session.flush()
    _tell(ticket, ending, at)


def may_cancel(ticket: "Ticket", reporter: Reporter) -> None:
    """Raises the Refusal that a try would meet."""
    if reporter.own is not ticket:
        raise Refusal(N_("Choose one of the reporters of this request"))
    into = ticket.merged_into
    if into is None:
        ticket.permit(Move.CANCEL, RESIDENT)
    elif State(into.state) not in BEFORE_REVIEW:
        raise Refusal(N_("The request that yours is handled together with is on hold or answered already"))
    if any(each is not reporter for each in ticket.reporters):
        raise Refusal(N_("Others have asked for the same, and it is handled in your request: it goes on for them"))


def _over(ticket: "Ticket", at: datetime, reason: str) -> None:
    """Nobody meets about it or answers for it any more."""
    if (meeting := ticket.meeting) is not None:
        meeting.decided_at, meeting.decided_by, meeting.decision = at, RESIDENT.name, reason
    for each in ticket.supervisions:
        if each.closed_at is None:
            each.closed_at, each.closed_by, each.closing = at, RESIDENT.name, reason


def _tell(ticket: "Ticket", ending: list[Leg], at: datetime) -> None:
    """The units at work on it, or the dispatcher where there is none."""
    at_a_unit, undispatched = steps(Event.CANCELLED, load_policy(ticket.session))
    step = at_a_unit if ending else undispatched
    told: list[Leg | None] = [*ending] or [None]
    for leg in told:
        bucket = f"{step.name}/{at:%Y%m%dT%H%M%S}"
        notices.tell(ticket.session, Event.CANCELLED, step, ticket, leg, at, bucket)

"""What settling asks for and what it fixes: everybody's part done, the mode's own duty kept, whose merit it is."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from models.acting import Actor
from models.credits import Credit
from models.lapsing import lapse
from models.legs import Ended, LegRole
from models.policies import load_policy
from rules.follow_up import is_chosen
from rules.lifecycle import State
from rules.refusals import N_, Refusal

if TYPE_CHECKING:
    from models.tickets import Ticket

ASSIGNED, SUPERVISED = "assigned", "supervised"


def may_settle(ticket: "Ticket", mode: str) -> None:
    """Raises Refusal while a co-handler's part is missing or the disposal mode's duty is not kept."""
    missing = [leg.unit_name for leg in ticket.helping if leg.mandatory and leg.state != State.SETTLED]
    if missing:
        raise Refusal(N_("These units have yet to settle their part: %(units)s"), units="、".join(missing))
    if mode == ASSIGNED and ticket.lead.promise_at is None:
        raise Refusal(N_("What is assigned needs a promise: a date and who keeps it"))
    if mode == SUPERVISED and not ticket.supervisions:
        raise Refusal(N_("No supervision of this request was opened"))
    if ticket.lead.promise_at is not None and mode != ASSIGNED:
        raise Refusal(N_("A promise was given for this request: settle it as assigned once it is kept"))
    if any(each.closed_at is None and each.answered_at is None for each in ticket.supervisions):
        raise Refusal(N_("The supervision of this request waits for an answer"))


def settled(ticket: "Ticket", by: Actor, at: datetime) -> None:
    """Of a lead leg that has just been settled: what the ticket then knows, and the reporters of what was merged."""
    lead = ticket.lead
    ticket.settled_at, ticket.disposal_mode = lead.settled_at, lead.disposal_mode
    policy = load_policy(ticket.session)
    ticket.credited_unit_id, ticket.credited_person_id = lead.unit_id, lead.handler_id
    ticket.rate_until = ticket.next_due_at = at + timedelta(days=policy.rating_window_days)
    ticket.follow_up = "due" if is_chosen(ticket.number, policy.follow_up_percent) else None
    for leg in ticket.helping:
        if leg.is_open:
            leg.end(Ended.NOT_NEEDED, at)
    ticket.session.flush()
    lapse(ticket, at)
    done = [leg for leg in ticket.helping if leg.state == State.SETTLED and leg.role == LegRole.CO]
    ticket.session.add_all(Credit.of(lead, leg) for leg in [lead, *done])

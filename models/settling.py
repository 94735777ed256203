"""What settling asks for and what it fixes: everybody's part done, the mode's own duty kept, whose merit it is."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from models.acting import Actor
from models.conditions import unanswered
from models.credits import Credit
from models.follow_ups import DUE
from models.lapsing import lapse
from models.legs import Ended, LegRole
from models.policies import load_policy
from models.units import Unit
from rules.follow_up import is_chosen
from rules.lifecycle import Move, State
from rules.refusals import N_, Refusal

if TYPE_CHECKING:
    from models.tickets import Ticket

ON_THE_SPOT, ASSIGNED, SUPERVISED = "on_the_spot", "assigned", "supervised"
RESULTS = frozenset({Move.ON_THE_SPOT, Move.SUBMIT_RESULT})
NOT_ON_THE_SPOT = N_("It was not recorded as handled on the spot")
NO_PROMISE = N_("What is assigned needs a promise: a date and who keeps it")
NO_SUPERVISION = N_("No supervision of this request was opened")
PROMISED = N_("A promise was given for this request: settle it as assigned once it is kept")


def may_settle(ticket: "Ticket", mode: str, *, kept: bool) -> None:
    """Raises Refusal while a co-handler's part is missing, something waits, or the disposal mode's duty is not kept."""
    missing = [leg.unit_name for leg in ticket.helping if leg.mandatory and leg.state != State.SETTLED]
    if missing:
        raise Refusal(N_("These units have yet to settle their part: %(units)s"), units="、".join(missing))
    if unanswered(ticket):
        raise Refusal(N_("The supervision of this request waits for an answer"))
    may_be_settled_as(ticket, mode)
    if mode == ASSIGNED and not kept:
        raise Refusal(N_("Confirm that the promise was kept; until then the request stays open"))


def may_be_settled_as(ticket: "Ticket", mode: str) -> None:
    """Raises the Refusal that the mode itself would meet; the form greys it by that."""
    promised = ticket.lead.promise_at is not None
    if mode == ON_THE_SPOT and not was_on_the_spot(ticket):
        raise Refusal(NOT_ON_THE_SPOT)
    if mode == ASSIGNED and not promised:
        raise Refusal(NO_PROMISE)
    if mode == SUPERVISED and not ticket.supervisions:
        raise Refusal(NO_SUPERVISION)
    if mode != ASSIGNED and promised:
        raise Refusal(PROMISED)


def was_on_the_spot(ticket: "Ticket") -> bool:
    """A result that was sent back and handed in again is none any more."""
    results = [each.action for each in ticket.events if each.action in RESULTS and each.leg is ticket.lead]
    return results[-1:] == [Move.ON_THE_SPOT]


def settled(ticket: "Ticket", by: Actor, at: datetime) -> None:
    """Of a lead leg that has just been settled: what the ticket then knows, and the reporters of what was merged."""
    lead = ticket.lead
    ticket.settled_at, ticket.disposal_mode = lead.settled_at, lead.disposal_mode
    policy = load_policy(ticket.session)
    ticket.credited_unit_id, ticket.credited_person_id = lead.unit_id, lead.handler_id
    ticket.rate_until = ticket.next_due_at = at + timedelta(days=policy.rating_window_days)
    if is_chosen(ticket.number, policy.follow_up_percent):
        ticket.follow_up, ticket.call_at = DUE, at
    for leg in ticket.helping:
        if leg.is_open:
            leg.end(Ended.NOT_NEEDED, at)
    ticket.session.flush()
    lapse(ticket, at)
    done = [leg for leg in ticket.helping if leg.state == State.SETTLED and leg.role == LegRole.CO]
    ticket.session.add_all(Credit.of(lead, leg) for leg in [lead, *done])


def first_responsible(ticket: "Ticket") -> Unit:
    """首问负责 for a request that is opened again; who answers today for a unit that is gone."""
    unit = ticket.session.get_one(Unit, ticket.first_unit_id) if ticket.first_unit_id else ticket.lead.unit
    while unit.valid_to is not None and (heir := unit.successor or unit.parent):
        unit = heir
    return unit

"""现场办: done while the resident was there, recorded in one step; a second person of the unit confirms it."""

from datetime import datetime

from models import notices
from models.acting import Actor
from models.legs import Leg
from models.routing import proposal
from models.standing import may_go
from models.tickets import Ticket
from models.units import Unit
from rules.deadlines import Tier
from rules.lifecycle import Move
from rules.refusals import N_, Refusal
from rules.reminders import Event
from rules.routing import UNLISTED


def on_the_spot(ticket: Ticket, by: Actor, at: datetime, *, result: str, feedback: str) -> Leg:
    """From submitted to the review of the actor's own unit. No evidence is asked for: its leader vouches for it."""
    ticket.permit(Move.ON_THE_SPOT, by)
    if not result.strip() or not feedback.strip():
        raise Refusal(N_("Write both what was done and what the reporter was told"))
    unit = ticket.session.get_one(Unit, by.unit_id)
    may_go(ticket, unit, at)
    ticket.tier, ticket.accepted_at = proposed_tier(ticket), at
    leg = Leg.opened(ticket, unit, at, ticket.terms(at), giver_id=unit.id, handler_id=by.person_id)
    leg.signed_at = leg.first_contact_at = leg.result_at = at
    leg.result, leg.feedback = result.strip(), feedback.strip()
    ticket.lead_unit, ticket.first_unit_id, ticket.next_due_at = unit, unit.id, None
    ticket.mark(Move.ON_THE_SPOT, by, at, leg=leg, note=leg.result, public=True)
    ticket.session.flush()
    notices.tell_now(ticket.session, Event.TO_REVIEW, ticket, leg, at)
    return leg


def proposed_tier(ticket: Ticket) -> Tier:
    found = proposal(ticket.session, ticket, ticket.category)
    return Tier.MICRO if found.reason == UNLISTED else found.tier

"""A suspension ends: on its review date by itself, or earlier by whoever decides."""

from datetime import datetime
from typing import TYPE_CHECKING

from models import notices
from models.acting import Actor
from models.calendar import load_calendar
from rules.lifecycle import Move
from rules.refusals import N_, Refusal
from rules.reminders import Event

if TYPE_CHECKING:
    from models.tickets import Ticket


def resume(ticket: "Ticket", by: Actor, at: datetime, *, note: str = "") -> None:
    """What was left when it was suspended is left again."""
    leg = ticket.lead
    if by.roles:
        ticket.permit(Move.RESUME, by)
    elif leg.resume_at is None or at < leg.resume_at:
        raise Refusal(N_("It is suspended until a later date"))
    given = leg.give_back(leg.paused_at, at, load_calendar(ticket.session)) if leg.paused_at is not None else None
    leg.paused_at = leg.resume_at = None
    ticket.mark(Move.RESUME, by, at, leg=leg, note=note, public=True, data=given)
    ticket.next_due_at = leg.settle_due_at
    notices.tell_now(ticket.session, Event.RESUMED, ticket, leg, at)

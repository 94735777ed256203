"""What residents are told of a step: their words, not the office's."""

from flask_babel import gettext

from models.events import TicketEvent
from rules.lifecycle import Move, State
from rules.refusals import N_

STATE_FOR_RESIDENTS = {
    State.SUBMITTED: N_("Received, waiting to be accepted"),
    State.ACCEPTED: N_("Accepted, being assigned"),
    State.DISPATCHED: N_("Assigned, waiting to be taken up"),
    State.SIGNED: N_("Taken up"),
    State.HANDLING: N_("Being handled"),
    State.PENDING_REVIEW: N_("Handled, being checked"),
    State.SETTLED: N_("Settled, waiting for your rating"),
    State.RATED: N_("Settled and rated"),
    State.UNRATED: N_("Settled, not rated"),
    State.ARCHIVED: N_("Settled and filed"),
    State.DECLINED: N_("Not accepted"),
    State.RETURNED: N_("Being assigned again"),
    State.SUSPENDED: N_("On hold"),
    State.MERGED: N_("Handled together with another request"),
    State.CANCELLED: N_("Withdrawn"),
}
STEPS = {
    Move.SUBMIT: N_("You handed in the request"),
    Move.ACCEPT: N_("The request was accepted"),
    Move.DISPATCH: N_("The request was assigned to %(unit)s"),
    Move.ON_THE_SPOT: N_("%(unit)s handled it on the spot"),
    Move.DECIDE: N_("Units met about it; the request was assigned to %(unit)s"),
    Move.SIGN: N_("%(unit)s took it up"),
    Move.CONTACT: N_("%(unit)s contacted you"),
    Move.SETTLE: N_("The request was settled"),
    Move.RATE: N_("You rated how it was handled"),
    Move.REOPEN: N_("You were not satisfied: %(unit)s handles the request again"),
}


def said(event: TicketEvent) -> str:
    """In the resident's language; a step without words of its own is called by its name."""
    text = STEPS.get(Move(event.action)) if event.action in set(Move) else None
    return gettext(text, unit=event.to_unit_name or event.unit_name) if text else event.action

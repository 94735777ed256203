"""What residents are told of a step: their words, not the office's."""

from flask_babel import gettext

from models.events import TicketEvent
from models.ratings import Reporter
from models.terms import TermKind
from models.tickets import Ticket
from models.tracking import granted, is_theirs, note_for
from rules.lifecycle import MOVE_LABELS, Move, State
from rules.refusals import N_
from views.terms import words_of
from views.words import deadline

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
    Move.DECLINE: N_("The request was not accepted: %(reason)s"),
    Move.DISPATCH: N_("The request was assigned to %(unit)s"),
    Move.ON_THE_SPOT: N_("%(unit)s handled it on the spot"),
    Move.DECIDE: N_("Units met about it; the request was assigned to %(unit)s"),
    Move.SIGN: N_("%(unit)s took it up"),
    Move.CONTACT: N_("%(unit)s contacted you"),
    Move.ON_THE_SPOT: N_("%(unit)s handled it on the spot"),
    Move.ESCALATE: N_("The request was handed up to %(unit)s"),
    Move.DELEGATE: N_("The request was handed on to %(unit)s"),
    Move.SUSPEND: N_("The request is on hold until %(until)s: %(reason)s"),
    Move.RESUME: N_("The request is no longer on hold: %(unit)s goes on with it"),
    Move.PROMISE: N_("It takes longer: it is promised to be done by %(until)s"),
    Move.DECIDE: N_("Units met about the request: %(unit)s handles it"),
    Move.MERGE: N_("The request is handled together with another one about the same matter"),
    Move.SPLIT: N_("The request is handled by itself again"),
    Move.SETTLE: N_("The request was settled"),
    Move.RATE: N_("You rated how it was handled"),
    Move.REOPEN: N_("You were not satisfied: %(unit)s handles the request again"),
    Move.CANCEL: N_("You took the request back"),
}
ON_THE_TELEPHONE = N_("You told us on the telephone how it was handled")
ANOTHER = N_("Another reporter was not satisfied: %(unit)s handles the request again")
TO_SOMEBODY = N_("%(unit)s contacted the reporters")
REASONS = {Move.DECLINE: TermKind.DECLINE_REASON, Move.SUSPEND: TermKind.SUSPENSION_REASON}
STANDING = {State.DECLINED: Move.DECLINE, State.SUSPENDED: Move.SUSPEND}
"""States that a resident asks about, and the step that explains them."""


def said(event: TicketEvent, reporter: Reporter) -> str:
    """In the resident's language."""
    if event.action not in set(Move):
        return event.action
    move, unit = Move(event.action), event.to_unit_name or event.unit_name
    if move is Move.RESUME:
        unit = event.leg.unit_name if event.leg else unit
    text = _text(move, event, reporter)
    return gettext(text, unit=unit, **_details(move, event))


def _text(move: Move, event: TicketEvent, reporter: Reporter) -> str:
    if move is Move.RATE and "noted_by" in (event.data or {}):
        return ON_THE_TELEPHONE
    if move is Move.REOPEN and not is_theirs(event, reporter):
        return ANOTHER
    if move is Move.CONTACT and event.note != note_for(event, reporter):
        return TO_SOMEBODY
    return STEPS.get(move, MOVE_LABELS[move])


def _details(move: Move, event: TicketEvent) -> dict[str, str]:
    asked = granted(event)
    words = dict(words_of(REASONS[move])()) if move in REASONS else {}
    if asked is None:
        return {"until": "—", "reason": "—"}
    return {"until": deadline(asked.until), "reason": words.get(asked.reason, asked.reason)}


def explained(ticket: Ticket, reporter: Reporter) -> tuple[str, str]:
    """Why nothing is being done, or until when it takes, and what the office adds."""
    move = STANDING.get(State(ticket.state))
    if move is None and ticket.legs and ticket.lead.promise_at is not None and ticket.lead.is_open:
        move = Move.PROMISE
    last = next((event for event in reversed(ticket.events) if event.action == move), None)
    return (said(last, reporter), note_for(last, reporter)) if last else ("", "")

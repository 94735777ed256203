"""Who was called back about a request, by whom, and what they said."""

from typing import Any

from flask import url_for
from flask_babel import gettext

from models.follow_ups import ANSWERED_LABELS, DUE, Answered, FollowUp, tries
from models.tickets import Ticket
from rules.lifecycle import MOVE_LABELS, MOVES, Move, may
from rules.refusals import Refusal
from views.dues import policy
from views.kit.context import me
from views.saving import say
from views.words import moment

LIGHTS = {Answered.RESOLVED: "green", Answered.PARTLY: "amber", Answered.NO: "red", Answered.UNREACHED: "grey"}


def panel(ticket: Ticket) -> dict[str, Any]:
    """Empty where nobody was called or has to be."""
    waits = ticket.follow_up == DUE
    settled = any(leg.settled_at is not None for leg in ticket.legs)
    if not waits and not (settled and ticket.follow_ups):
        return {}
    calls = [called(each) for each in reversed(ticket.follow_ups)]
    return {"calls": calls, "waits": waiting_words(ticket) if waits else "", "actions": way_in(ticket)}


def called(call: FollowUp) -> dict[str, Any]:
    outcome = Answered(call.outcome)
    return {
        "light": LIGHTS[outcome],
        "outcome": gettext(ANSWERED_LABELS[outcome]),
        "reporter": call.reporter.masked_name,
        "call": call,
        "rating": next((each for each in call.reporter.ratings if each.at == call.at), None),
    }


def waiting_words(ticket: Ticket) -> str:
    number = tries(ticket)
    if not number:
        return gettext("Waits for a call since %(at)s", at=moment(ticket.call_at))
    said = {"count": number, "most": policy().follow_up_tries, "at": moment(ticket.call_at)}
    return gettext("Not reached: %(count)s of %(most)s tries. To be tried again from %(at)s", **said)


def way_in(ticket: Ticket) -> list[dict[str, Any]]:
    if not may(MOVES[Move.FOLLOW_UP].who, me().roles):
        return []
    return [
        {
            "label": gettext(MOVE_LABELS[Move.FOLLOW_UP]),
            "url": url_for("FollowUpView.call", pk=ticket.id),
            "icon": "fa-phone",
            "disabled_reason": barred(ticket),
        }
    ]


def barred(ticket: Ticket) -> str:
    """Why the account may not ask about it: its own unit handled it, or it is under way again."""
    try:
        ticket.permit(Move.FOLLOW_UP, me())
    except Refusal as refusal:
        return say(refusal)
    return ""

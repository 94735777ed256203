"""Legs 环节 as the page of a request shows them: who gave it to whom, by when, and how it ended."""

from typing import Any

from flask_babel import gettext

from models.acting import beyond_scope
from models.legs import ENDED_LABELS, Ended, Leg, LegRole
from models.tickets import Ticket
from models.units import Unit
from rules.lifecycle import STATE_LABELS, State
from rules.refusals import N_
from views.dues import explained
from views.words import deadline, moment

LEG_ROLES = {LegRole.LEAD: N_("Lead"), LegRole.CO: N_("Co-handling")}


def legs_of(ticket: Ticket) -> list[dict[str, Any]]:
    """The newest first."""
    return [leg_facts(leg) for leg in reversed(ticket.legs)]


def first_unit(ticket: Ticket) -> str:
    """首问责任单位, as it was called when it took the request."""
    if ticket.first_unit_id is None:
        return ""
    held = next((leg.unit_name for leg in ticket.legs if leg.unit_id == ticket.first_unit_id), None)
    if held is not None:
        return held
    with beyond_scope():
        return ticket.session.get_one(Unit, ticket.first_unit_id).name


def leg_facts(leg: Leg) -> dict[str, Any]:
    return {
        "leg": leg,
        "role": role(leg),
        "state": gettext(ENDED_LABELS[Ended(leg.ended)] if leg.ended else STATE_LABELS[State(leg.state)]),
        "files": [each for each in leg.ticket.attachments if each.leg_id == leg.id],
        "facts": [
            (gettext("Handed over by"), leg.giver.name if leg.giver else ""),
            (gettext("Handler"), leg.handler.name if leg.handler else ""),
            (gettext("Dispatched at"), moment(leg.dispatched_at)),
            (gettext("Sign for by"), explained(deadline(leg.sign_due_at), leg.ticket_id)),
            (gettext("Signed for at"), moment(leg.signed_at) + (gettext(" (late)") if leg.signed_late else "")),
            (gettext("First contact at"), moment(leg.first_contact_at)),
            (gettext("Settle by"), explained(settle_by(leg), leg.ticket_id)),
            (gettext("Result submitted at"), moment(leg.result_at)),
            (gettext("Settled at"), moment(leg.settled_at)),
            *by_the_way(leg),
        ],
    }


def role(leg: Leg) -> str:
    named = [gettext(LEG_ROLES[LegRole(leg.role)])]
    if leg.role == LegRole.CO:
        named.append(gettext("must be settled") if leg.mandatory else gettext("need not be settled"))
    if leg.binding:
        named.append(gettext("decided by a meeting"))
    return " · ".join(named)


def settle_by(leg: Leg) -> str:
    notes = []
    if leg.settle_due_original and leg.settle_due_original != leg.settle_due_at:
        notes.append(gettext("(at first %(due)s)", due=deadline(leg.settle_due_original)))
    if leg.due_unofficial:
        notes.append(gettext(" (calendar not official yet)").strip())
    return " ".join([deadline(leg.settle_due_at), *notes])


def by_the_way(leg: Leg) -> list[tuple[str, str]]:
    """What most legs do not have."""
    ended = gettext(ENDED_LABELS[Ended(leg.ended)]) if leg.ended else ""
    said = [
        (gettext("Suspended since"), moment(leg.paused_at)),
        (gettext("To be looked at again on"), moment(leg.resume_at)),
        (gettext("Promised for"), deadline(leg.promise_at)),
        (gettext("Who keeps it"), leg.promise_owner),
        (gettext("How it ended"), f"{ended} {moment(leg.ended_at)}" if ended else ""),
    ]
    return [(label, value) for label, value in said if value]

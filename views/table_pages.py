"""What a request's page and a meeting's page show of meetings, supervisions, mediations and outcomes."""

from typing import Any

from flask import url_for
from flask_babel import gettext

from models.acting import current_scope
from models.legs import ENDED_LABELS, Ended, Leg
from models.mediations import MEDIATED_LABELS, Mediated, Mediation
from models.meetings import MEETING_CAUSE_LABELS, MEETING_LABELS, PART_LABELS, Meeting, MeetingCause, MeetingKind, Part
from models.supervisions import SUPERVISION_LABELS, Supervision, SupervisionCause
from models.terms import TermKind
from models.tickets import Ticket
from rules.applications import APPLICATION_STATE_LABELS, ApplicationKind, ApplicationState
from rules.identity import mask_mobiles
from rules.lifecycle import STATE_LABELS, Move, State
from rules.lights import Light
from rules.refusals import Refusal
from views.dues import due_in_words, light_badge
from views.kit.context import me, now
from views.saving import say
from views.terms import words_of
from views.words import day, deadline, moment


def panels(ticket: Ticket) -> dict[str, Any]:
    """Newest first."""
    return {
        "litigation": lawsuit(ticket),
        "meetings": [meeting_facts(each) for each in reversed(ticket.meetings)],
        "supervisions": [supervision_facts(each) for each in reversed(ticket.supervisions)],
        "mediations": [mediation_facts(each) for each in reversed(ticket.mediations)],
        "outcomes": list(reversed(ticket.outcomes)),
    }


def lawsuit(ticket: Ticket) -> dict[str, Any] | None:
    """While it is before a court: which, and since when."""
    if not ticket.in_litigation:
        return None
    noted = next((each for each in reversed(ticket.events) if each.action == Move.LITIGATE), None)
    return {"note": noted.note if noted else "", "at": noted.at if noted else None}


def meeting_facts(meeting: Meeting) -> dict[str, Any]:
    """For the panel and the head of its page."""
    return {
        "meeting": meeting,
        "kind": gettext(MEETING_LABELS[MeetingKind(meeting.kind)]),
        "state": meeting_state(meeting),
        "cause": gettext(MEETING_CAUSE_LABELS[MeetingCause(meeting.cause)]),
        "facts": [
            (gettext("Why it was called"), gettext(MEETING_CAUSE_LABELS[MeetingCause(meeting.cause)])),
            (gettext("Why they meet"), shown(meeting.reason)),
            (gettext("Called"), f"{moment(meeting.called_at)} {meeting.called_by}"),
            (gettext("To decide by"), deadline(meeting.due_at)),
            (gettext("Units"), "、".join(each.unit_name for each in meeting.units)),
        ],
        "held": held_facts(meeting) if meeting.decided_at else [],
        "units": [unit_facts(each) for each in meeting.units],
        "ways": ways(meeting),
    }


def held_facts(meeting: Meeting) -> list[tuple[str, Any]]:
    return [
        (gettext("Day of the meeting"), day(meeting.held_on)),
        (gettext("Place where they met"), meeting.place),
        (gettext("Chair"), meeting.chair),
        (gettext("To be settled by"), deadline(meeting.settle_by)),
        (gettext("Decided"), f"{moment(meeting.decided_at)} {meeting.decided_by}"),
    ]


def unit_facts(row: Any) -> dict[str, Any]:
    return {"row": row, "part": gettext(PART_LABELS[Part(row.part)])}


def meeting_state(meeting: Meeting) -> Any:
    if meeting.decided_at:
        return light_badge(Light.GREEN, gettext("Decided"))
    if not meeting.waits:
        return light_badge(Light.GREY, gettext("Not needed any more"))
    late = meeting.due_at is not None and meeting.due_at < now()
    words = due_in_words(meeting.due_at) if late else gettext("Waits for its decision")
    return light_badge(Light.RED if late else Light.AMBER, words)


def ways(meeting: Meeting) -> list[dict[str, Any]]:
    if meeting.decided_at:
        minutes = url_for("MeetingView.minutes", pk=meeting.id)
        return [{"label": gettext("Minutes to print"), "url": minutes, "icon": "fa-print"}]
    if not meeting.waits:
        return []
    decide = url_for("MeetingView.decide", pk=meeting.id)
    return [
        {
            "label": gettext("Hold the meeting"),
            "url": decide,
            "icon": "fa-people-group",
            "primary": True,
            "disabled_reason": barred(meeting),
        }
    ]


def barred(meeting: Meeting) -> str:
    try:
        meeting.ticket.permit(Move.DECIDE, me())
    except Refusal as refusal:
        return say(refusal)
    return ""


def between_the_units(ticket: Ticket) -> dict[str, Any]:
    """How the request went between them, and what was asked to be returned."""
    words = dict(words_of(TermKind.RETURN_REASON)())
    returns = [each for each in ticket.applications if each.kind == ApplicationKind.RETURN]
    return {
        "passed": [passed(leg) for leg in ticket.legs],
        "returns": [
            {
                "asked": each,
                "reason": words.get(each.reason, each.reason),
                "basis": shown(each.basis),
                "state": gettext(APPLICATION_STATE_LABELS[ApplicationState(each.state)]),
            }
            for each in returns
        ],
    }


def passed(leg: Leg) -> dict[str, Any]:
    ended = gettext(ENDED_LABELS[Ended(leg.ended)]) if leg.ended else gettext(STATE_LABELS[State(leg.state)])
    return {"leg": leg, "giver": leg.giver.name if leg.giver else "", "ended": ended, "opinion": shown(leg.opinion)}


def supervision_facts(supervision: Supervision) -> dict[str, Any]:
    return {
        "supervision": supervision,
        "state": supervision_state(supervision.standing),
        "facts": [
            (gettext("Cause"), gettext(SUPERVISION_LABELS[SupervisionCause(supervision.cause)])),
            (gettext("Supervised since"), f"{moment(supervision.opened_at)} {supervision.opened_by}"),
            (gettext("To answer by"), deadline(supervision.answer_due_at)),
            (gettext("Answered"), f"{moment(supervision.answered_at)} {supervision.answered_by}".strip()),
            (gettext("Closed"), f"{moment(supervision.closed_at)} {supervision.closed_by}".strip()),
        ],
    }


def supervision_state(standing: tuple[Any, Any, Any]) -> Any:
    due, answered_at, closed_at = standing
    if closed_at:
        return light_badge(Light.GREEN, gettext("Closed"))
    if answered_at:
        return light_badge(Light.BLUE, gettext("Answered"))
    if due < now():
        return light_badge(Light.RED, gettext("Not answered, %(late)s", late=due_in_words(due)))
    return light_badge(Light.AMBER, gettext("To be answered"))


def mediation_facts(mediation: Mediation) -> dict[str, Any]:
    """Who quarrels is not for those who only look on."""
    parties = gettext("Not shown to those who only look on") if current_scope().masked else mediation.parties
    return {
        "mediation": mediation,
        "outcome": gettext(MEDIATED_LABELS[Mediated(mediation.outcome)]),
        "agreement": shown(mediation.agreement),
        "facts": [
            (gettext("Day of the mediation"), day(mediation.held_on)),
            (gettext("Place where they met"), mediation.place),
            (gettext("Who mediated"), mediation.mediators),
            (gettext("Between whom"), parties),
            (gettext("To be kept by"), day(mediation.keep_by)),
            (gettext("Recorded by"), f"{mediation.name} {moment(mediation.at)}"),
        ],
    }


def shown(text: str) -> str:
    """Numbers of residents that stand in it are masked for those who only look on."""
    return mask_mobiles(text) if current_scope().masked else text

"""What the page of one request shows to whoever looks at it."""

from collections.abc import Iterable
from typing import Any

from flask import url_for
from flask_babel import gettext

from models import db
from models.beside import leave_out_what_is_not_there
from models.disclosure import SHOWN, hands_out_codes, may_read
from models.events import IMPORTED, MOVED, REASSIGNED, RECOUNTED, UNDONE, TicketEvent
from models.ratings import RESOLVED_LABELS, Rating, Reporter, Resolved
from models.terms import TermKind
from models.tickets import Ticket
from models.tracking import own_files, public_note
from rules.deadlines import TIER_LABELS, Tier
from rules.lifecycle import MOVE_LABELS, STATE_LABELS, Move, State
from rules.lights import LIGHT_LABELS
from rules.policy import CLOCK_MODE_LABELS, ClockMode
from rules.refusals import N_, Refusal
from rules.routing import REQUEST_KIND_LABELS, RequestKind
from views.applications import applications_of
from views.dues import due_words, emergency_badge, explained, in_language, light_of, policy
from views.follow_up_panel import panel
from views.kit.context import me, now
from views.legs import first_unit, legs_of
from views.merging_forms import together
from views.next_steps import next_steps
from views.saving import say
from views.table_pages import panels
from views.terms import words_of
from views.words import moment

CHANNELS = {"online": N_("Online"), "offline": N_("At the desk")}


def record(ticket: Ticket, reporters: Iterable[Reporter] = (), refused: str = "") -> dict[str, Any]:
    """`reporters` are those whose name and number were asked for and may be shown."""
    leave_out_what_is_not_there(db.session(), ticket)
    light = light_of(ticket, policy(), now())
    return {
        "ticket": ticket,
        "title": ticket.title,
        "emergency": emergency_badge(ticket.kind),
        "light": light,
        "light_words": gettext(LIGHT_LABELS[light]),
        "state": gettext(STATE_LABELS[State(ticket.state)]),
        "due": explained(due_words(ticket.due, now(), gettext("Due")), ticket.id),
        "steps": next_steps(ticket),
        "applications": applications_of(ticket),
        "first_unit": first_unit(ticket),
        "table": panels(ticket),
        "facts": facts(ticket),
        "reporters": list(reporters),
        "tracking_code": ticket.tracking_code if hands_out_codes(me()) else "",
        "number_problem": refused or number_problem(ticket),
        "number_url": url_for("TicketView.number", pk=ticket.id),
        "legs": legs_of(ticket),
        "files": own_files(ticket),
        "follow_ups": panel(ticket),
        "together": together(ticket),
        "ratings": [rating_facts(rating) for rating in ticket.ratings],
        "events": [step(event) for event in reversed(ticket.events)],
    }


def number_problem(ticket: Ticket) -> str:
    try:
        may_read(ticket, me())
    except Refusal as refusal:
        return say(refusal)
    return ""


def facts(ticket: Ticket) -> list[tuple[str, Any]]:
    category = ticket.category
    return [
        (gettext("Kind"), gettext(REQUEST_KIND_LABELS[RequestKind(ticket.kind)])),
        (gettext("Where it arose"), ticket.unit.name),
        (gettext("Where exactly"), ticket.address),
        (gettext("Kind of matter"), in_language(category.name, category.name_en) if category else ""),
        (gettext("Tier"), gettext(TIER_LABELS[Tier(ticket.tier)]) if ticket.tier else ""),
        (gettext("Source"), dict(words_of(TermKind.SOURCE)()).get(ticket.source, ticket.source)),
        (gettext("Channel"), gettext(CHANNELS[ticket.channel])),
        (gettext("Responsible unit"), ticket.lead_unit.name if ticket.lead_unit else ""),
        (gettext("Submitted at"), moment(ticket.submitted_at)),
        (gettext("Promised to the resident"), explained(moment(ticket.respond_due_at), ticket.id)),
        (gettext("Days are counted in"), gettext(CLOCK_MODE_LABELS[ClockMode(ticket.clock_mode)])),
        (gettext("Disposal mode"), disposal(ticket.disposal_mode)),
    ]


def disposal(code: str | None) -> str:
    return dict(words_of(TermKind.DISPOSAL_MODE)()).get(code or "", code or "")


def rating_facts(rating: Rating) -> dict[str, Any]:
    tags = dict(words_of(TermKind.RATING_TAG)())
    return {
        "rating": rating,
        "resolved": gettext(RESOLVED_LABELS[Resolved(rating.resolved)]) if rating.resolved else "",
        "tags": [tags.get(code, code) for code in rating.tags],
    }


def step(event: TicketEvent) -> dict[str, Any]:
    return {
        "title": titled(event),
        "at": event.at,
        "who": event.name,
        "unit": event.unit_name,
        "note": event.note,
        "public": event.public and event.note == public_note(event),
        "from_ledger": event.from_ledger,
    }


def titled(event: TicketEvent) -> str:
    if event.action == IMPORTED:
        return gettext("Brought up to date")
    if event.action == UNDONE:
        return gettext("An import was taken back")
    if event.action == MOVED and event.data:
        return gettext("Passed on as units changed: %(old)s → %(new)s", old=event.data["from"], new=event.data["to"])
    if event.action == REASSIGNED:
        (old, new), nobody = (event.data or {})["handler"], gettext("nobody")
        return gettext("Handed on: %(old)s → %(new)s", old=old or nobody, new=new or nobody)
    if event.action == RECOUNTED:
        return gettext("Counted anew: the calendar was changed")
    if event.action == SHOWN:
        return gettext("Looked at the reporter's name and number")
    label = gettext(MOVE_LABELS[Move(event.action)]) if event.action in set(Move) else event.action
    return f"{label} → {event.to_unit_name}" if event.to_unit_name else label

"""What has been asked for about a request, as its page shows it: what waits first, what was decided below."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import url_for
from flask_babel import gettext

from models import applying
from models.applications import Application
from models.tickets import Ticket
from rules.applications import (
    APPLICATION_LABELS,
    APPLICATION_STATE_LABELS,
    PROCEDURES,
    ApplicationKind,
    ApplicationState,
)
from rules.lifecycle import Move
from rules.refusals import Refusal
from rules.workdays import local_date
from views.applying_forms import reasons_of, stars
from views.kit.context import me
from views.meanwhile import newest
from views.saving import say
from views.terms import words_of
from views.words import day, deadline, moment


def applications_of(ticket: Ticket) -> dict[str, list[dict[str, Any]]]:
    ordered = list(reversed(ticket.applications))
    return {
        "open": [shown(ticket, each) for each in ordered if each.state == ApplicationState.OPEN],
        "decided": [shown(ticket, each) for each in ordered if each.state != ApplicationState.OPEN],
    }


def shown(ticket: Ticket, application: Application) -> dict[str, Any]:
    waits = application.state == ApplicationState.OPEN
    return {
        "application": application,
        "kind": gettext(APPLICATION_LABELS[ApplicationKind(application.kind)]),
        "state": gettext(APPLICATION_STATE_LABELS[ApplicationState(application.state)]),
        "facts": asked_facts(application),
        "effect": effect(ticket, application) if waits else "",
        "actions": actions(ticket, application) if waits else [],
        "decided_by": application.decided_by,
        "decided_at": moment(application.decided_at),
    }


def asked_facts(application: Application) -> list[tuple[str, Any]]:
    kind = ApplicationKind(application.kind)
    reasons = dict(words_of(reasons_of(kind))())
    said = [
        (gettext("Reason"), reasons.get(application.reason, application.reason)),
        (gettext("By how many days"), application.days),
        (gettext("To be looked at again on"), look_again(application) if kind is ApplicationKind.SUSPENSION else ""),
        (gettext("Kept by"), deadline(application.until) if kind is ApplicationKind.PROMISE else ""),
        (gettext("Who keeps it"), application.owner),
        (gettext("Whose matter it is"), application.unit.name if application.unit else ""),
        (gettext("Which rating"), stars(application.rating) if application.rating else ""),
        (gettext("Leg"), application.leg.unit_name if application.leg else ""),
        (gettext("Asked by"), f"{application.asked_by} {application.asked_unit}"),
        (gettext("Asked at"), moment(application.asked_at)),
    ]
    return [(label, value) for label, value in said if value]


def look_again(application: Application) -> str:
    return day(local_date(application.until)) if application.until else ""


def _return(ticket: Ticket, application: Application) -> str:
    if applying.meets_instead(ticket, application):
        return gettext("The units have returned it to each other before: a meeting is called, whose decision binds")
    return gettext("The leg ends and the request is dispatched anew; what the resident was promised stands")


def _extend(ticket: Ticket, application: Application) -> str:
    leg = application.leg or ticket.lead
    try:
        due = applying.extended_due(ticket, application)
    except Refusal as refusal:
        return say(refusal)
    return gettext("Settle by: %(old)s → %(new)s", old=deadline(leg.settle_due_at), new=deadline(due))


def _suspend(ticket: Ticket, application: Application) -> str:
    return gettext(
        "The clock for settling pauses and runs on by itself on %(day)s; the days in between are given back",
        day=look_again(application),
    )


def _promise(ticket: Ticket, application: Application) -> str:
    old, new = deadline(ticket.lead.settle_due_at), deadline(application.until)
    return gettext("The promise becomes the due date: %(old)s → %(new)s", old=old, new=new)


def _decline(ticket: Ticket, application: Application) -> str:
    return gettext("The request is not accepted, all clocks stop, and the resident reads the basis")


def _exclude(ticket: Ticket, application: Application) -> str:
    return gettext("The rating stays as it was given and is counted no more")


EFFECTS: Mapping[ApplicationKind, Callable[[Ticket, Application], str]] = {
    ApplicationKind.RETURN: _return,
    ApplicationKind.EXTENSION: _extend,
    ApplicationKind.SUSPENSION: _suspend,
    ApplicationKind.PROMISE: _promise,
    ApplicationKind.DECLINE: _decline,
    ApplicationKind.EXCLUSION: _exclude,
}


def effect(ticket: Ticket, application: Application) -> str:
    """What granting it would do, with the dates of today."""
    return EFFECTS[ApplicationKind(application.kind)](ticket, application)


def actions(ticket: Ticket, application: Application) -> list[dict[str, Any]]:
    here = url_for("TicketDecisionView.show", pk=ticket.id, application=application.id)
    decide = {"label": gettext("Decide"), "url": here, "icon": "fa-gavel", "primary": True}
    found = [decide | {"disabled_reason": barred(ticket, application, grant_of(application))}]
    if me().person_id is not None and application.asked_by_id == me().person_id:
        withdraw = {"label": gettext("Withdraw"), "method": "post", "icon": "fa-xmark", "seen": newest(ticket)}
        address = url_for("TicketDecisionView.withdraw", pk=ticket.id, application=application.id)
        found.append(withdraw | {"url": address})
    return found


def grant_of(application: Application) -> Move:
    return PROCEDURES[ApplicationKind(application.kind)].grant


def barred(ticket: Ticket, application: Application, move: Move) -> str:
    try:
        applying.may_decide(ticket, application, me(), move)
    except Refusal as refusal:
        return say(refusal)
    return ""

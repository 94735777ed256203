"""Merging a request into another one and splitting it off again: what is asked, and what would happen."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from models import db
from models.common_issues import CommonIssue, issue_of
from models.merging import Foreseen, foresee, merge, split
from models.similar import Similar, similar
from models.tickets import Ticket
from rules.common_issues import ISSUE_STATE_LABELS, IssueState
from rules.lifecycle import STATE_LABELS, Move, State
from rules.refusals import N_, Refusal
from views.kit.context import me, now
from views.moving import Door, MoveForm
from views.saving import say
from views.words import deadline, moment

NO_SUCH = N_("No request that you may see has the number %(number)s")
INDIVIDUAL, PERHAPS = N_("Individual case"), N_("Perhaps part of a common issue")


class MergeForm(MoveForm):
    picked = RadioField(_("Similar open requests"), choices=[], validate_choice=False)
    number = StringField(
        _("Or by its number"), description=_("Counts before what is chosen above"), validators=[Length(max=24)]
    )
    reason = TextAreaField(
        _("Why it is the same matter"),
        description=_("Written into the record of both requests"),
        validators=[InputRequired(), Length(max=400)],
    )

    def start(self, ticket: Ticket) -> None:
        self.ticket = ticket
        if not self.is_submitted():
            self.number.data = ""

    @cached_property
    def similar(self) -> list[dict[str, Any]]:
        ticket = self.ticket
        found = similar(
            db.session(), ticket.title, ticket.text, ticket.unit, ticket.category, now(), but=ticket.id
        )  # fmt: skip
        return [told(each) for each in found]

    @property
    def asked(self) -> str:
        return (self.number.data or "").strip() or self.picked.data or ""

    def foreseen(self) -> dict[str, Any]:
        return foreseen(self.ticket, self.asked)

    def chosen(self) -> Ticket:
        return called(self.asked)


class SplitForm(MoveForm):
    reason = TextAreaField(
        _("Why it is another matter"),
        description=_("Written into the record of both requests"),
        validators=[InputRequired(), Length(max=400)],
    )


def called(number: str) -> Ticket:
    found = db.session.scalar(sa.select(Ticket).where(Ticket.number == number))
    if found is None:
        raise Refusal(NO_SUCH, number=number)
    return found


def told(each: Similar) -> dict[str, Any]:
    """For staff, who see the request anyway."""
    ticket = each.ticket
    return {
        "ticket": ticket,
        "state": gettext(STATE_LABELS[State(ticket.state)]),
        "url": url_for("TicketView.show", pk=ticket.id),
        "why": reasons(each),
    }


def reasons(each: Similar) -> str:
    why = each.why
    said = [
        gettext("the same text") if why.same_text else "",
        gettext("the same place") if why.same_unit else gettext("the same town") if why.same_town else "",
        gettext("the same kind of matter") if why.same_category else "",
        gettext("both say “%(words)s”", words=why.shared) if why.shared and not why.same_text else "",
    ]
    return gettext(", ").join(filter(None, said))


def foreseen(ticket: Ticket, number: str) -> dict[str, Any]:
    """For the page; what stands in the way as a sentence."""
    if not number:
        return {}
    try:
        into = called(number)
        return {"into": into, "lines": lines(ticket, into, foresee(ticket, into, me()))}
    except Refusal as refusal:
        return {"problem": say(refusal)}


def lines(ticket: Ticket, into: Ticket, found: Foreseen) -> list[tuple[str, str]]:
    units = "、".join(found.ending) or gettext("none")
    lapsing = ngettext("%(num)s application", "%(num)s applications", found.lapsing)
    along = gettext(
        "%(moving)s come along, %(there)s are there already; each is told and may rate",
        moving=found.moving, there=found.there,
    )  # fmt: skip
    return [
        (gettext("Reporters"), along),
        (gettext("Units whose part in %(number)s ends", number=ticket.number), units),
        (gettext("Applications that lapse"), lapsing if found.lapsing else gettext("none")),
        (gettext("Promised to the resident"), moved(found.before["respond"], found.after["respond"])),
        (gettext("Settle by"), moved(found.before["settle"], found.after["settle"])),
    ]


def moved(before: datetime | None, after: datetime | None) -> str:
    if deadline(before) == deadline(after):
        return gettext("%(date)s, as before", date=deadline(before)) if before else "—"
    return gettext("%(old)s → %(new)s", old=deadline(before), new=deadline(after))


def together(ticket: Ticket) -> dict[str, Any]:
    """What the record shows of merging and of common issues."""
    merged = [event for event in ticket.events if event.action == Move.MERGE]
    last = merged[-1] if merged and ticket.merged_into else None
    issue = issue_of(db.session(), ticket)
    return {
        "into": shown(ticket.merged_into) if ticket.merged_into else None,
        "why": last.note if last else "",
        "at": moment(last.at) if last else "",
        "joined": [shown(each) | {"reporters": came_with(ticket, each)} for each in ticket.merged],
        "issue": issue,
        "issue_url": url_for("CommonIssueView.show", pk=issue.id) if issue else "",
        "common": common_words(issue),
    }


def shown(other: Ticket) -> dict[str, Any]:
    """A way there only for those who see it."""
    seen = db.session.scalar(sa.select(Ticket.id).where(Ticket.id == other.id))
    return {
        "number": other.number,
        "title": other.title if seen else "",
        "url": url_for("TicketView.show", pk=other.id) if seen else "",
    }


def came_with(ticket: Ticket, other: Ticket) -> int:
    return sum(reporter.asked_in_id == other.id for reporter in ticket.reporters)


def common_words(issue: CommonIssue | None) -> str:
    if issue is None:
        return gettext(INDIVIDUAL)
    confirmed = issue.state == IssueState.CONFIRMED
    return gettext(ISSUE_STATE_LABELS[IssueState.CONFIRMED]) if confirmed else gettext(PERHAPS)


DOORS: Mapping[Move, Door] = {
    Move.MERGE: Door(
        MergeForm,
        lambda ticket, form: merge(ticket, form.chosen(), me(), now(), reason=form.reason.data or ""),
        "fa-code-merge",
        N_("Merged; every reporter is told"),
    ),
    Move.SPLIT: Door(
        SplitForm,
        lambda ticket, form: split(ticket, me(), now(), reason=form.reason.data or ""),
        "fa-code-branch",
        N_("Split off again"),
    ),
}

"""Deadline receipt 期限说明: every due date of a request in words, to be printed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from flask import abort
from flask_appbuilder import expose, has_access
from flask_appbuilder.baseviews import BaseView
from flask_babel import gettext
from sqlalchemy.orm import joinedload, selectinload

from models import db
from models.calendar import day_names
from models.legs import Leg
from models.receipts import Section, receipt
from models.tickets import Ticket
from rules.lifecycle import STATE_LABELS, State
from rules.receipt import Line
from rules.refusals import Term
from rules.workdays import DAY, SATURDAY, spoken
from views.dues import whole_span
from views.kit.context import me, now
from views.kit.interface import ScopedInterface
from views.kit.views import READ
from views.words import day, deadline, moment

BESIDE = (
    joinedload(Ticket.lead_unit),
    selectinload(Ticket.legs),
    selectinload(Ticket.events),
    selectinload(Ticket.meetings),
    selectinload(Ticket.supervisions),
)
Names = Mapping[date, str]


class DueReceiptView(BaseView):
    route_base = "/requests/due"
    default_view = "show"
    class_permission_name = "Ticket"
    method_permission_name = {"show": READ}
    datamodel = ScopedInterface(Ticket)

    @expose("/<pk>")
    @has_access
    def show(self, pk: Any) -> str:
        ticket = next(iter(self.datamodel.rows([pk], *BESIDE)), None) or abort(404)
        names = day_names(db.session())
        return self.render_template(
            "tickets/due.html",
            ticket=ticket,
            title=gettext("Deadline receipt"),
            state=gettext(STATE_LABELS[State(ticket.state)]),
            sections=[told(section, names) for section in receipt(ticket)],
            printed=gettext("As of %(at)s, for %(name)s", at=moment(now()), name=me().name),
        )


def told(section: Section, names: Names) -> dict[str, Any]:
    return {
        "title": gettext(section.title),
        "unit": section.unit,
        "due": deadline(section.explained.due),
        "steps": [step(line, names) for line in section.explained.lines],
        "notes": [in_words(line, names) for line in section.notes],
        "whole": section.explained.whole,
        "closed": section.leg is not None and not lasting(section.leg),
    }


def lasting(leg: Leg) -> bool:
    return leg.ended is None


def step(line: Line, names: Names) -> tuple[str, str]:
    return in_words(line, names), spoken(line.due) if line.due else ""


def in_words(line: Line, names: Names) -> str:
    return gettext(line.message, **{name: worded(value, names) for name, value in line.values.items()})


def worded(value: Any, names: Names) -> Any:
    match value:
        case datetime():
            return moment(value)
        case date():
            return day(value)
        case timedelta():
            return whole_span(value)
        case tuple():
            return gettext(", ").join(runs(value, names))
        case Term():
            return gettext(value)
    return value


def runs(days: Sequence[date], names: Names) -> Iterator[str]:
    """Days that follow each other under one name are told together."""
    begun = days[0]
    for before, after in pairwise([*days, None]):
        if before is None:
            return
        if after is None or after - before != DAY or name_of(after, names) != name_of(before, names):
            span = (
                day(begun) if begun == before else gettext("%(first)s to %(last)s", first=day(begun), last=day(before))
            )
            yield f"{span} {name_of(before, names)}".rstrip()
            begun = after or begun


def name_of(each: date, names: Names) -> str:
    return names.get(each) or (gettext("weekend") if each.weekday() >= SATURDAY else "")

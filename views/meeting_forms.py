"""会商: a meeting is called, and what it decided is written down."""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    DecimalField,
    FieldList,
    Form,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from models import db
from models.acting import beyond_scope, district_of
from models.legs import LegRole
from models.meetings import (
    MEETING_LABELS,
    PART_LABELS,
    Meeting,
    MeetingCause,
    MeetingKind,
    Minutes,
    Part,
    Undertaking,
    call,
)
from models.scope import inside
from models.tickets import Ticket
from models.units import Unit
from rules.lifecycle import Move
from rules.refusals import N_, Refusal
from rules.workdays import end_of, local_date
from views.dues import policy
from views.kit.context import me, now
from views.kit.forms import choices_of
from views.moving import NOT_A_CHOICE, Door, MoveForm, is_key

SPARE, MOST_UNITS = 12, 80
"""Rows for units that join at the table, shown one at a time."""
MOST_YUAN = 10**11


class CallForm(MoveForm):
    kind = RadioField(
        _("Kind of meeting"),
        choices=choices_of(MEETING_LABELS),
        default=MeetingKind.HARD_CASE.value,
        validators=[InputRequired()],
    )
    reason = TextAreaField(_("Why they meet"), validators=[InputRequired(), Length(max=1000)])

    def start(self, ticket: Ticket) -> None:
        self.reason.description = gettext(
            "The meeting decides within %(days)s working days; until then nobody hands the request on",
            days=policy().meeting_within_days,
        )


class UnitRow(Form):
    """One unit at the table."""

    unit = IntegerField(_("Unit"), validators=[Optional()])
    part = SelectField(_("Its part"), choices=choices_of(PART_LABELS), default=Part.PRESENT.value)
    undertakes = StringField(_("What it undertakes"), validators=[Length(max=400)])
    cost = DecimalField(_("Share of the cost (yuan)"), places=2, validators=[Optional(), NumberRange(0, MOST_YUAN)])
    signatory = StringField(_("Signed for it"), validators=[Length(max=60)])

    @property
    def is_empty(self) -> bool:
        return self.unit.data is None and not self.unit.errors and not (self.undertakes.data or self.signatory.data)


class DecideForm(FlaskForm):
    held_on = DateField(_("Day of the meeting"), validators=[InputRequired()])
    place = StringField(_("Place where they met"), validators=[Length(max=120)])
    chair = StringField(_("Chair"), validators=[InputRequired(), Length(max=60)])
    rows = FieldList(FormField(UnitRow), max_entries=MOST_UNITS)
    minutes = TextAreaField(_("What the units said"), validators=[InputRequired(), Length(max=10_000)])
    decision = TextAreaField(
        _("Decision"),
        description=_("It binds: the unit that leads cannot return it, and those that help have to do their part"),
        validators=[InputRequired(), Length(max=5000)],
    )
    settle_by = DateField(
        _("To be settled by"),
        description=_("Left empty, the limit of a hard issue counts from today"),
        validators=[Optional()],
    )

    def start(self, meeting: Meeting) -> None:
        self.meeting = meeting
        if self.is_submitted():
            return
        self.held_on.data = local_date(now())
        for each in meeting.units:
            self.rows.append_entry({"unit": each.unit_id, "part": part_so_far(meeting.ticket, each.unit_id)})
        for _each in range(SPARE):
            self.rows.append_entry()

    def units(self) -> dict[int, Unit]:
        """Those chosen, of the whole district."""
        keys = {each.form.unit.data for each in self.rows if is_key(each.form.unit.data)}
        district = inside(Unit.path, district_of(self.meeting.ticket.path))
        with beyond_scope():
            return {each.id: each for each in db.session.scalars(sa.select(Unit).where(Unit.id.in_(keys), district))}

    def said(self) -> Minutes:
        given: dict[str, Any] = self.data
        return Minutes(
            given["held_on"],
            given["chair"] or "",
            given["minutes"] or "",
            given["decision"] or "",
            undertakings(self.units(), [each.form for each in self.rows if not each.form.is_empty]),
            place=given["place"] or "",
            settle_by=end_of(given["settle_by"]) if given["settle_by"] else None,
        )


def part_so_far(ticket: Ticket, unit_id: int) -> str:
    """Who leads and helps already is proposed to go on."""
    if ticket.legs and ticket.lead.unit_id == unit_id and ticket.lead.is_open:
        return Part.LEAD
    helps = any(leg.unit_id == unit_id and leg.role == LegRole.CO and leg.is_open for leg in ticket.legs)
    return Part.CO if helps else Part.PRESENT


def undertakings(units: Mapping[int, Unit], rows: Iterable[Any]) -> list[Undertaking]:
    made = []
    for row in rows:
        unit = units.get(row.unit.data)
        if unit is None:
            raise Refusal(NOT_A_CHOICE if row.unit.data is not None else N_("Choose the unit of each line"))
        texts = {name: row[name].data or "" for name in ("undertakes", "signatory")}
        made.append(Undertaking(unit, Part(row.part.data), cost=row.cost.data, **texts))
    return made


DOORS: Mapping[Move, Door] = {
    Move.CALL_MEETING: Door(
        CallForm,
        lambda ticket, form: call(
            ticket, MeetingCause.CALLED, me(), now(), MeetingKind(form.kind.data), form.reason.data or ""
        ),
        "fa-people-group",
        N_("The meeting has been called"),
    ),
}

"""A request taken down at the desk: by telephone, at the counter, on a visit."""

from functools import cached_property
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from models import db
from models.desk import TAIL, known_caller, may_be_known
from models.intake import Draft, submit
from models.legs import Leg
from models.on_the_spot import on_the_spot
from models.ratings import Reporter
from models.terms import TermKind
from models.tickets import Ticket
from models.units import Unit
from models.uploads import keep, prepared
from rules.lifecycle import MOVES, Move, may
from rules.refusals import Refusal
from rules.routing import RequestKind
from rules.units import UnitKind
from rules.workdays import local_date
from views.choosing import category_choices, chosen_category
from views.dues import policy
from views.kit.context import me, now
from views.moving import NOT_A_CHOICE, is_key
from views.policy_words import files_taken
from views.portal_forms import KINDS, digits, given_id, uploads, valid_mobile
from views.suggestions import count
from views.terms import at_desk, words_of

SMALL_PLACES = frozenset({UnitKind.VILLAGE, UnitKind.ESTATE, UnitKind.GRID})
"""Whoever sits in one mostly takes down what arose there."""


class IntakeForm(FlaskForm):
    client_id = HiddenField()
    suggested = HiddenField()
    kind = RadioField(_("Kind"), choices=KINDS, default=RequestKind.DEMAND.value)
    source = RadioField(_("Source"), choices=[], validators=[InputRequired()])
    title = StringField(_("What is it about, in a few words"), validators=[InputRequired(), Length(max=100)])
    text = TextAreaField(_("What the resident says"), validators=[InputRequired(), Length(max=5000)])
    category = SelectField(_("Kind of matter"), choices=[], validators=[Optional()])
    unit = IntegerField(_("Where it arose"), description=_("Village or town where it is"), validators=[InputRequired()])
    address = StringField(_("Where exactly"), validators=[Length(max=200)])
    name = StringField(_("Reporter's name"), validators=[Length(max=60)])
    mobile = StringField(_("Reporter's mobile number"), description=_("Or its last four digits"), filters=[digits])
    reporter = IntegerField(_("Who has called before"), validators=[Optional()])
    anonymous = BooleanField(_("Keep name and number from those who handle it"))
    files = MultipleFileField(_("Pictures or documents"), description=files_taken)
    on_the_spot = BooleanField(_("Handled on the spot"))
    result = TextAreaField(_("What was done"), validators=[Length(max=5000)])
    feedback = TextAreaField(_("Answer to the reporter"), validators=[Length(max=5000)])

    def start(self) -> None:
        self.category.choices = category_choices()
        self.source.choices = words_of(TermKind.SOURCE, at_desk)()
        if not self.is_submitted():
            self.source.data = "phone"
            self.unit.data = me().unit_id if me().unit_kind in SMALL_PLACES else None

    def validate_mobile(self, field: Any) -> None:
        """A tail alone names nobody."""
        if len(field.data or "") != TAIL:
            valid_mobile(self, field)
        elif self.caller is None:
            raise ValidationError(gettext("Choose whose number ends so, or type the whole number"))

    def validate_unit(self, field: Any) -> None:
        if self.chosen() is None:
            raise ValidationError(gettext(NOT_A_CHOICE))

    def chosen(self) -> Unit | None:
        """Within one's scope."""
        statement = sa.select(Unit).where(Unit.id == self.unit.data, Unit.lives_on(local_date(now())))
        return db.session.scalar(statement) if is_key(self.unit.data) else None

    @cached_property
    def caller(self) -> Reporter | None:
        """Whose earlier request was chosen beside the form."""
        typed, key = self.mobile.data or "", self.reporter.data
        return known_caller(db.session(), key, typed) if is_key(key) and may_be_known(typed) else None

    @property
    def may_be_done(self) -> bool:
        return may(MOVES[Move.ON_THE_SPOT].who, me().roles)

    @cached_property
    def external_id(self) -> str:
        return given_id(self.client_id.data)

    def save(self) -> Ticket:
        unit = self.chosen()
        if unit is None:
            raise Refusal(NOT_A_CHOICE)
        draft = Draft(
            title=self.title.data or "",
            text=self.text.data or "",
            unit=unit,
            source=self.source.data,
            kind=self.kind.data,
            category=chosen_category(self.category.data),
            reporter_name=self.name.data or (self.caller and self.caller.sealed_name) or "",
            reporter_mobile=(self.caller and self.caller.sealed_mobile) or self.mobile.data or "",
            address=self.address.data or "",
            channel="offline",
            external_id=self.external_id,
            anonymous=bool(self.anonymous.data),
        )
        files = prepared(uploads(self.files), policy())
        ticket, made = submit(db.session(), draft, me(), now())
        if made:
            leg = self.done(ticket) if self.on_the_spot.data else None
            for file in files:
                keep(db.session(), ticket, file, me(), now(), leg=leg)
            count(ticket, self.suggested.data or "")
        return ticket

    def done(self, ticket: Ticket) -> Leg:
        said = {"result": self.result.data or "", "feedback": self.feedback.data or ""}
        return on_the_spot(ticket, me(), now(), **said)

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
from models.intake import Draft, submit
from models.terms import TermKind
from models.tickets import Ticket
from models.units import Unit
from models.uploads import keep, prepared
from rules.refusals import Refusal
from rules.routing import RequestKind
from rules.workdays import local_date
from views.choosing import category_choices, chosen_category
from views.dues import policy
from views.kit.context import me, now
from views.moving import NOT_A_CHOICE, is_key
from views.policy_words import files_taken
from views.portal_forms import KINDS, digits, given_id, uploads, valid_mobile
from views.suggestions import count
from views.terms import at_desk, words_of


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
    mobile = StringField(_("Reporter's mobile number"), filters=[digits], validators=[valid_mobile])
    anonymous = BooleanField(_("Keep name and number from those who handle it"))
    files = MultipleFileField(_("Pictures or documents"), description=files_taken)

    def start(self) -> None:
        self.category.choices = category_choices()
        self.source.choices = words_of(TermKind.SOURCE, at_desk)()
        if not self.is_submitted():
            self.source.data = "phone"

    def validate_unit(self, field: Any) -> None:
        if self.chosen() is None:
            raise ValidationError(gettext(NOT_A_CHOICE))

    def chosen(self) -> Unit | None:
        """Within one's scope."""
        statement = sa.select(Unit).where(Unit.id == self.unit.data, Unit.lives_on(local_date(now())))
        return db.session.scalar(statement) if is_key(self.unit.data) else None

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
            reporter_name=self.name.data or "",
            reporter_mobile=self.mobile.data or "",
            address=self.address.data or "",
            channel="offline",
            external_id=self.external_id,
            anonymous=bool(self.anonymous.data),
        )
        files = prepared(uploads(self.files), policy())
        ticket, made = submit(db.session(), draft, me(), now())
        for file in files if made else []:
            keep(db.session(), ticket, file, me(), now())
        if made:
            count(ticket, self.suggested.data or "")
        return ticket

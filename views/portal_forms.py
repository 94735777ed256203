"""What residents fill in: a request, the key to follow it, an opinion of the answer."""

import re
import uuid
from functools import cached_property
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, Optional

from models.uploads import Upload
from rules.identity import clean_digits, is_mobile
from rules.routing import REQUEST_KIND_LABELS, RequestKind
from views.kit.forms import choices_of
from views.policy_words import files_taken

CLIENT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
KINDS = choices_of(REQUEST_KIND_LABELS)
STARS = [
    (5, _("Very satisfied")),
    (4, _("Satisfied")),
    (3, _("Fair")),
    (2, _("Dissatisfied")),
    (1, _("Very dissatisfied")),
]


def digits(value: str | None) -> str:
    return clean_digits(value or "")


def valid_mobile(form: Any, field: Any) -> None:
    if field.data and not is_mobile(field.data):
        raise ValidationError(gettext("A mobile number has 11 digits and begins with 1"))


def given_id(text: str | None) -> str:
    """What no browser of ours made is replaced: two people must not meet under one id."""
    return text if text and CLIENT_ID.fullmatch(text) else str(uuid.uuid4())


def uploads(field: Any) -> list[Upload]:
    return [Upload(each.filename, each.read()) for each in field.data or [] if each.filename]


DANGER = _("If somebody is in danger, first call 110 (police), 119 (fire) or 120 (ambulance)")


class AskForm(FlaskForm):
    client_id = HiddenField()
    kind = RadioField(
        _("Kind"),
        choices=KINDS,
        default=RequestKind.DEMAND.value,
        description=DANGER,
    )
    title = StringField(_("What is it about, in a few words"), validators=[InputRequired(), Length(max=100)])
    text = TextAreaField(_("Describe it"), validators=[InputRequired(), Length(max=5000)])
    category = SelectField(_("Kind of matter"), choices=[], validators=[Optional()])
    town = SelectField(_("Town or sub-district"), choices=[], validators=[InputRequired()])
    village = SelectField(_("Village or community"), choices=[], validators=[Optional()])
    address = StringField(_("Where exactly"), validators=[Length(max=200)])
    files = MultipleFileField(_("Pictures or documents"), description=files_taken)
    name = StringField(_("Your name"), validators=[Length(max=60)])
    mobile = StringField(
        _("Your mobile number"),
        filters=[digits],
        validators=[valid_mobile],
        description=_("Without it nobody can call you back, and you cannot follow or rate your request"),
    )
    anonymous = BooleanField(_("Keep my name and number from those who handle it"))

    @cached_property
    def external_id(self) -> str:
        """Made by the resident's browser, so that sending the same thing twice makes one request."""
        return given_id(self.client_id.data)


class FollowForm(FlaskForm):
    code = StringField(_("Tracking code"), validators=[InputRequired(), Length(max=20)])
    tail = StringField(_("Last four digits of your mobile number"), validators=[InputRequired(), Length(max=8)])


class RateForm(FlaskForm):
    stars = RadioField(_("How satisfied are you"), coerce=int, choices=[], validators=[InputRequired()])
    resolved = RadioField(_("Has it been resolved"), choices=[], validators=[InputRequired()])
    tags = SelectMultipleField(_("What was good or bad"), choices=[], validators=[Optional()])
    comment = TextAreaField(_("Anything else"), validators=[Length(max=1000)])


class WithdrawForm(FlaskForm):
    reason = StringField(_("Why you take it back"), validators=[InputRequired(), Length(max=200)])

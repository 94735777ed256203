"""What staff fill in at each step of a request. One table says which form belongs to which move and what it does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from flask import abort
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from models import db
from models.acting import beyond_scope
from models.routing import proposal, unit_called
from models.terms import TermKind
from models.intake import Draft, submit
from models.tickets import Ticket
from models.units import Unit
from models.uploads import keep, prepared
from rules.deadlines import TIER_LABELS, Tier
from rules.lifecycle import Move
from rules.refusals import N_, Refusal
from rules.routing import Proposal, RequestKind
from rules.workdays import local_date
from views.choosing import category_choices, chosen_category
from views.dues import policy
from views.kit.context import me, now
from views.policy_words import files_taken
from views.portal_forms import KINDS, digits, given_id, uploads, valid_mobile
from views.terms import at_desk, in_use, words_of

NOT_A_CHOICE = N_("Not a valid choice")


def is_key(number: int | None) -> bool:
    """What no column holds is not asked of the database."""
    return number is not None and 0 < number < 2**31


class MoveForm(FlaskForm):
    """A step without anything to fill in."""

    def start(self, ticket: Ticket) -> None:
        """Choices, and what is proposed before anything was typed."""


class ProposingForm(MoveForm):
    """A step for which the duty catalogue has a proposal."""

    def start(self, ticket: Ticket) -> None:
        self.ticket = ticket

    @cached_property
    def found(self) -> Proposal:
        return proposal(db.session(), self.ticket, self.ticket.category)

    @cached_property
    def lead(self) -> Unit | None:
        return unit_called(db.session(), self.found.lead) if self.found.lead else None


class AcceptForm(ProposingForm):
    category = SelectField(_("Kind of matter"), choices=[], validators=[Optional()])
    tier = RadioField(_("Tier"), choices=[], validators=[InputRequired()])

    def start(self, ticket: Ticket) -> None:
        super().start(ticket)
        self.category.choices = category_choices()
        self.tier.choices = [(tier.value, gettext(label)) for tier, label in TIER_LABELS.items()]
        if not self.is_submitted():
            self.category.data = ticket.category.code if ticket.category else ""
            self.tier.data = self.found.tier.value


class DispatchForm(ProposingForm):
    unit = IntegerField(_("Unit"), validators=[InputRequired()])
    note = TextAreaField(_("Note for the unit"), validators=[Length(max=1000)])

    def start(self, ticket: Ticket) -> None:
        super().start(ticket)
        if not self.is_submitted() and self.lead:
            self.unit.data = self.lead.id

    def chosen(self) -> Unit | None:
        with beyond_scope():
            return db.session.get(Unit, self.unit.data) if is_key(self.unit.data) else None


class ContactForm(MoveForm):
    note = TextAreaField(
        _("How you reached the reporter and what was said"),
        description=_("The resident sees this"),
        validators=[InputRequired(), Length(max=1000)],
    )


class ResultForm(MoveForm):
    result = TextAreaField(
        _("What was done"), description=_("For the office"), validators=[InputRequired(), Length(max=5000)]
    )
    feedback = TextAreaField(
        _("Answer to the reporter"),
        description=_("The resident sees this once the request is settled"),
        validators=[InputRequired(), Length(max=5000)],
    )
    files = MultipleFileField(_("Evidence"), description=files_taken)


class SendBackForm(MoveForm):
    reason = TextAreaField(_("What is missing"), validators=[InputRequired(), Length(max=1000)])


class SettleForm(MoveForm):
    mode = RadioField(_("Disposal mode"), choices=[], validators=[InputRequired()])

    def start(self, ticket: Ticket) -> None:
        self.mode.choices = words_of(TermKind.DISPOSAL_MODE, in_use)()


def accept(ticket: Ticket, form: AcceptForm) -> None:
    ticket.accept(me(), now(), tier=Tier(form.tier.data), category=chosen_category(form.category.data))


def dispatch(ticket: Ticket, form: DispatchForm) -> None:
    unit = form.chosen()
    if unit is None:
        raise Refusal(NOT_A_CHOICE)
    ticket.dispatch(unit, me(), now(), note=form.note.data or "")


def submit_result(ticket: Ticket, form: ResultForm) -> None:
    ticket.permit(Move.SUBMIT_RESULT, me())
    for file in prepared(uploads(form.files), policy()):
        keep(db.session(), ticket, file, me(), now(), leg=ticket.lead)
    ticket.submit_result(me(), now(), result=form.result.data or "", feedback=form.feedback.data or "")


@dataclass(frozen=True)
class Door:
    """`act` may raise a Refusal, which is shown on the form with everything that was typed."""

    form: type[MoveForm]
    act: Callable[[Ticket, Any], object]
    icon: str
    done: str


DOORS: Mapping[Move, Door] = {
    Move.ACCEPT: Door(AcceptForm, accept, "fa-inbox", N_("Accepted")),
    Move.DISPATCH: Door(DispatchForm, dispatch, "fa-share", N_("Dispatched")),
    Move.SIGN: Door(MoveForm, lambda ticket, form: ticket.sign(me(), now()), "fa-check", N_("Signed for")),
    Move.CONTACT: Door(
        ContactForm, lambda ticket, form: ticket.contact(me(), now(), note=form.note.data), "fa-phone", N_("Noted")
    ),
    Move.SUBMIT_RESULT: Door(ResultForm, submit_result, "fa-file-circle-check", N_("The result is with the leader")),
    Move.SETTLE: Door(
        SettleForm,
        lambda ticket, form: ticket.settle(me(), now(), mode=form.mode.data),
        "fa-flag-checkered",
        N_("Settled"),
    ),
    Move.SEND_BACK: Door(
        SendBackForm,
        lambda ticket, form: ticket.send_back(me(), now(), reason=form.reason.data),
        "fa-rotate-left",
        N_("Sent back"),
    ),
}


def door_of(name: str) -> tuple[Move, Door]:
    if name not in set(DOORS):
        abort(404)
    return Move(name), DOORS[Move(name)]


class IntakeForm(FlaskForm):
    """A request taken down at the desk: by telephone, at the counter, on a visit."""

    client_id = HiddenField()
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
        return ticket

"""What staff fill in at each step of the straight way."""

from collections.abc import Mapping
from functools import cached_property

import sqlalchemy as sa
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf.file import MultipleFileField
from wtforms import HiddenField, IntegerField, RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from models import db
from models.acting import beyond_scope
from models.routing import next_step, proposal, reachable, unit_called
from models.tickets import Ticket
from models.units import Unit
from models.uploads import keep, prepared
from rules.deadlines import TIER_LABELS, Tier
from rules.lifecycle import Move
from rules.refusals import N_, Refusal
from rules.routing import Proposal
from views.choosing import category_choices, chosen_category
from views.dues import policy
from views.kit.context import me, now
from views.moving import NOT_A_CHOICE, Door, MoveForm, is_key
from views.policy_words import files_taken
from views.portal_forms import uploads
from views.settle_forms import SettleForm
from views.suggestions import count


class ProposingForm(MoveForm):
    """A step for which the duty catalogue has a proposal."""

    def start(self, ticket: Ticket) -> None:
        self.ticket = ticket

    @cached_property
    def found(self) -> Proposal:
        return proposal(db.session(), self.ticket, self.ticket.category)

    @cached_property
    def lead(self) -> Unit | None:
        """On the way to it, where it is out of one's own reach."""
        return next_step(unit_called(db.session(), self.found.lead), me()) if self.found.lead else None


class AcceptForm(ProposingForm):
    suggested = HiddenField()
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
        """Of those that are offered; whoever guesses a number learns no name."""
        offered = sa.select(Unit).where(Unit.id == self.unit.data, reachable(me()))
        with beyond_scope():
            return db.session.scalar(offered) if is_key(self.unit.data) else None


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


def accept(ticket: Ticket, form: AcceptForm) -> None:
    ticket.accept(me(), now(), tier=Tier(form.tier.data), category=chosen_category(form.category.data))
    count(ticket, form.suggested.data or "")


def dispatch(ticket: Ticket, form: DispatchForm) -> None:
    unit = form.chosen()
    if unit is None:
        raise Refusal(NOT_A_CHOICE)
    ticket.dispatch(unit, me(), now(), note=form.note.data or "")


def submit_result(ticket: Ticket, form: ResultForm) -> None:
    ticket.permit(Move.SUBMIT_RESULT, me())
    leg = ticket.leg_of(me())
    for file in prepared(uploads(form.files), policy()):
        keep(db.session(), ticket, file, me(), now(), leg=leg)
    ticket.submit_result(me(), now(), result=form.result.data or "", feedback=form.feedback.data or "")


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
        lambda ticket, form: ticket.settle(me(), now(), mode=form.mode.data, kept=bool(form.kept and form.kept.data)),
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

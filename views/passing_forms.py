"""What staff fill in to hand a request on, to take it back, and to have others help."""

from collections.abc import Mapping

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, RadioField, TextAreaField
from wtforms.validators import InputRequired, Length

from models import co_handling, passing
from models.legs import Leg
from models.tickets import Ticket
from models.units import Unit
from rules.lifecycle import Move
from rules.refusals import N_, Refusal
from views.kit.context import me, now
from views.moving import NOT_A_CHOICE, Door, MoveForm, UnitField
from views.words import deadline, sentences

LONGEST = Length(max=1000)


class RecallForm(MoveForm):
    reason = TextAreaField(_("Why it is taken back"), validators=[InputRequired(), LONGEST])


class EscalateForm(MoveForm):
    opinion = TextAreaField(
        _("Opinion of your unit"),
        description=_("What was tried, and why it is beyond your level"),
        validators=[InputRequired(), LONGEST],
    )

    def told(self, ticket: Ticket, move: Move) -> str:
        try:
            above = passing.above(ticket).name
        except Refusal:
            return super().told(ticket, move)
        return sentences(gettext("It goes to %(unit)s.", unit=above), super().told(ticket, move))


class DelegateForm(MoveForm):
    unit = UnitField(_("Unit"), [InputRequired()], among="targets")
    note = TextAreaField(_("Note for the unit"), validators=[LONGEST])


class InviteForm(MoveForm):
    unit = UnitField(_("Unit"), [InputRequired()])
    task = TextAreaField(_("What it shall do"), validators=[InputRequired(), LONGEST])
    mandatory = BooleanField(_("The request is settled only once this unit has settled its part"), default=True)


class ReleaseForm(MoveForm):
    leg = RadioField(_("Which unit"), choices=[], validators=[InputRequired()])
    reason = TextAreaField(_("Why its part is not needed"), validators=[InputRequired(), LONGEST])

    def start(self, ticket: Ticket) -> None:
        self.leg.choices = [(str(leg.id), helper(leg)) for leg in helpers(ticket)]


def helpers(ticket: Ticket) -> list[Leg]:
    return [leg for leg in ticket.helping if leg.is_open] if ticket.legs else []


def helper(leg: Leg) -> str:
    due = deadline(leg.settle_due_at)
    return gettext("%(unit)s, settle by %(due)s", unit=leg.unit_name, due=due) if due else leg.unit_name


def chosen(field: UnitField) -> Unit:
    if (unit := field.unit) is None:
        raise Refusal(NOT_A_CHOICE)
    return unit


def delegate(ticket: Ticket, form: DelegateForm) -> None:
    passing.delegate(ticket, chosen(form.unit), me(), now(), note=form.note.data or "")


def invite(ticket: Ticket, form: InviteForm) -> None:
    task, mandatory = form.task.data or "", bool(form.mandatory.data)
    co_handling.invite(ticket, chosen(form.unit), me(), now(), task=task, mandatory=mandatory)


def release(ticket: Ticket, form: ReleaseForm) -> None:
    leg = next(each for each in helpers(ticket) if str(each.id) == form.leg.data)
    co_handling.release(ticket, leg, me(), now(), reason=form.reason.data or "")


DOORS: Mapping[Move, Door] = {
    Move.ESCALATE: Door(
        EscalateForm,
        lambda ticket, form: passing.escalate(ticket, me(), now(), opinion=form.opinion.data),
        "fa-arrow-up",
        N_("Escalated"),
    ),
    Move.DELEGATE: Door(DelegateForm, delegate, "fa-arrow-down", N_("Delegated")),
    Move.INVITE: Door(InviteForm, invite, "fa-user-plus", N_("Invited")),
    Move.RELEASE: Door(ReleaseForm, release, "fa-user-minus", N_("Released")),
    Move.RECALL: Door(
        RecallForm,
        lambda ticket, form: passing.recall(ticket, me(), now(), reason=form.reason.data),
        "fa-rotate-left",
        N_("The dispatch is taken back"),
    ),
}

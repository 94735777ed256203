"""What a unit fills in to ask for a return, an extension and the like; another decides: views.applying."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import DateField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import NumberInput

from models import resuming
from models.applying import Ask, ask
from models.legs import LegRole
from models.ratings import Rating
from models.terms import TermKind
from models.tickets import Ticket
from rules.applications import PROCEDURES, ApplicationKind
from rules.lifecycle import CLOCK_LABELS, MOVES, Move
from rules.refusals import N_, Refusal
from rules.workdays import end_of, local_date, start_of
from views.dues import policy
from views.kit.context import me, now
from views.kit.forms import DateWidget
from views.moving import NOT_A_CHOICE, Door, MoveForm, UnitField
from views.terms import in_use, words_of
from views.words import moment

WRITTEN = ["%Y-%m-%d", "%Y年%m月%d日", "%Y.%m.%d", "%Y/%m/%d"]
SUPERIOR = N_("The dispatcher who handed it over, or one above, decides.")
WHO_DECIDES = {
    ApplicationKind.RETURN: SUPERIOR,
    ApplicationKind.SUSPENSION: SUPERIOR,
    ApplicationKind.PROMISE: SUPERIOR,
    ApplicationKind.DECLINE: N_("A second person decides: another dispatcher, or a leader, of the place or above it."),
    ApplicationKind.EXCLUSION: N_("An evaluator of another unit decides."),
}
ASKED = N_("Asked for; it waits for a decision")


class ApplicationForm(MoveForm):
    kind: ApplicationKind
    reason = RadioField(_("Reason"), choices=[], validators=[InputRequired()])
    basis = TextAreaField(
        _("Basis"), description=_("What it rests on: facts, rules, documents"),
        validators=[InputRequired(), Length(max=2000)],
    )  # fmt: skip

    def start(self, ticket: Ticket) -> None:
        self.reason.choices = words_of(reasons_of(self.kind), in_use)()

    def told(self, ticket: Ticket, move: Move) -> str:
        clock = gettext(CLOCK_LABELS[MOVES[PROCEDURES[self.kind].grant].clock])
        said = gettext("If it is granted: %(clock)s. Until then all clocks run on.", clock=clock)
        return gettext("%(first)s %(second)s", first=self.who_decides(ticket), second=said)

    def who_decides(self, ticket: Ticket) -> str:
        if ticket.legs and ticket.leg_of(me()).role == LegRole.CO:
            return gettext("The leader of the unit that leads, or a dispatcher above, decides.")
        return gettext(WHO_DECIDES[self.kind])

    def asked(self, ticket: Ticket) -> dict[str, Any]:
        """What else of `Ask` it fills."""
        return {}


class ReturnForm(ApplicationForm):
    kind = ApplicationKind.RETURN
    unit = UnitField(_("Whose matter it is"), [Optional()], description=_("If you know it"))

    def asked(self, ticket: Ticket) -> dict[str, Any]:
        return {"unit": self.unit.unit}


class ExtensionForm(ApplicationForm):
    kind = ApplicationKind.EXTENSION
    days = IntegerField(
        _("By how many days"),
        validators=[InputRequired(), NumberRange(min=1, max=3650)],
        widget=NumberInput(min=1),
    )

    def who_decides(self, ticket: Ticket) -> str:
        if ticket.legs and ticket.leg_of(me()).role == LegRole.CO:
            return super().who_decides(ticket)
        return gettext(
            "Your unit's leader decides up to %(days)s days; more is for the dispatcher who handed it over, or one"
            " above.",
            days=policy().extension_leader_days,
        )

    def asked(self, ticket: Ticket) -> dict[str, Any]:
        return {"days": self.days.data}


class UntilForm(ApplicationForm):
    def offer(self, field: DateField, days: int, last: int) -> None:
        today = local_date(now())
        field.render_kw = {"min": str(today + timedelta(1)), "max": str(today + timedelta(last))}
        field.description = gettext("Within the next %(days)s days", days=days)


class SuspensionForm(UntilForm):
    kind = ApplicationKind.SUSPENSION
    until = DateField(_("To be looked at again on"), [InputRequired()], format=WRITTEN, widget=DateWidget())

    def start(self, ticket: Ticket) -> None:
        super().start(ticket)
        self.offer(self.until, policy().suspend_days, last=policy().suspend_days)

    def asked(self, ticket: Ticket) -> dict[str, Any]:
        return {"until": start_of(day_of(self.until))}


class PromiseForm(UntilForm):
    kind = ApplicationKind.PROMISE
    until = DateField(_("Kept by"), [InputRequired()], format=WRITTEN, widget=DateWidget())
    owner = StringField(_("Who keeps it"), [InputRequired(), Length(max=60)])

    def start(self, ticket: Ticket) -> None:
        super().start(ticket)
        self.offer(self.until, policy().promise_days, last=policy().promise_days - 1)

    def asked(self, ticket: Ticket) -> dict[str, Any]:
        return {"until": end_of(day_of(self.until)), "owner": self.owner.data or ""}


class DeclineForm(ApplicationForm):
    kind = ApplicationKind.DECLINE
    basis = TextAreaField(
        _("Basis, and where the reporter can go"),
        description=_("The resident sees this if it is granted"),
        validators=[InputRequired(), Length(max=2000)],
    )

    def who_decides(self, ticket: Ticket) -> str:
        return gettext(WHO_DECIDES[self.kind])


class ExclusionForm(ApplicationForm):
    kind = ApplicationKind.EXCLUSION
    rating = RadioField(_("Which rating"), choices=[], validators=[InputRequired()])

    def start(self, ticket: Ticket) -> None:
        super().start(ticket)
        self.rating.choices = [(str(each.id), stars(each)) for each in scored(ticket)]

    def who_decides(self, ticket: Ticket) -> str:
        return gettext(WHO_DECIDES[self.kind])

    def asked(self, ticket: Ticket) -> dict[str, Any]:
        return {"rating": next(each for each in scored(ticket) if str(each.id) == self.rating.data)}


class ResumeForm(MoveForm):
    note = TextAreaField(_("Why it goes on"), description=_("The resident sees this"), validators=[Length(max=1000)])


def reasons_of(kind: ApplicationKind) -> TermKind:
    return TermKind(f"{kind}_reason")


def day_of(field: DateField) -> date:
    if field.data is None:
        raise Refusal(NOT_A_CHOICE)
    return field.data


def scored(ticket: Ticket) -> list[Rating]:
    """Of the own unit."""
    return [each for each in ticket.ratings if each.scored and each.unit_id == me().unit_id]


def stars(rating: Rating) -> str:
    return gettext("%(stars)s stars, %(at)s", stars=rating.stars, at=moment(rating.at))


def put(ticket: Ticket, form: ApplicationForm) -> None:
    asked = Ask(form.kind, form.reason.data or "", form.basis.data or "", **form.asked(ticket))
    ask(ticket, asked, me(), now())


asking = partial(Door, act=put, done=ASKED)

DOORS: Mapping[Move, Door] = {
    Move.ASK_EXTENSION: asking(form=ExtensionForm, icon="fa-calendar-plus"),
    Move.ASK_SUSPENSION: asking(form=SuspensionForm, icon="fa-pause"),
    Move.RESUME: Door(
        ResumeForm,
        lambda ticket, form: resuming.resume(ticket, me(), now(), note=form.note.data or ""),
        "fa-play",
        N_("It goes on"),
    ),
    Move.ASK_PROMISE: asking(form=PromiseForm, icon="fa-handshake"),
    Move.ASK_RETURN: asking(form=ReturnForm, icon="fa-reply"),
    Move.ASK_DECLINE: asking(form=DeclineForm, icon="fa-ban"),
    Move.ASK_EXCLUSION: asking(form=ExclusionForm, icon="fa-star-half-stroke"),
}

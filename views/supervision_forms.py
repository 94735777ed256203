"""督办: what a supervisor asks, what the unit answers, and how it ends."""

from collections.abc import Mapping

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from models.conditions import open_supervision, unanswered
from models.supervisions import SupervisionCause, answer, close, supervise
from models.tickets import Ticket
from rules.lifecycle import Move
from rules.refusals import N_
from views.dues import policy
from views.kit.context import me, now
from views.moving import Door, MoveForm


class SuperviseForm(MoveForm):
    demand = TextAreaField(_("What the unit has to answer"), validators=[InputRequired(), Length(max=2000)])

    def start(self, ticket: Ticket) -> None:
        self.demand.description = gettext(
            "The unit answers within %(days)s working days", days=policy().supervision_answer_days
        )


class AnswerForm(MoveForm):
    text = TextAreaField(
        _("Answer of the unit"),
        description=_("What was done, why not sooner, and by when the rest"),
        validators=[InputRequired(), Length(max=5000)],
    )

    def start(self, ticket: Ticket) -> None:
        opened = open_supervision(ticket)
        if opened and opened.demand:
            self.text.description = gettext("Asked: %(demand)s", demand=opened.demand)


class CloseForm(MoveForm):
    note = TextAreaField(_("How it ends"), validators=[Length(max=2000)])

    def start(self, ticket: Ticket) -> None:
        if unanswered(ticket):
            self.note.description = gettext("The unit has not answered: say why it ends without an answer")


DOORS: Mapping[Move, Door] = {
    Move.SUPERVISE: Door(
        SuperviseForm,
        lambda ticket, form: supervise(ticket, SupervisionCause.PERSON, me(), now(), demand=form.demand.data or ""),
        "fa-eye",
        N_("The unit has been told to answer"),
    ),
    Move.ANSWER_SUPERVISION: Door(
        AnswerForm,
        lambda ticket, form: answer(ticket, me(), now(), text=form.text.data or ""),
        "fa-reply",
        N_("The answer is with the supervisor"),
    ),
    Move.CLOSE_SUPERVISION: Door(
        CloseForm,
        lambda ticket, form: close(ticket, me(), now(), note=form.note.data or ""),
        "fa-eye-slash",
        N_("The supervision is closed"),
    ),
}

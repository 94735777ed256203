"""成效: a number with its evidence, chosen among the request's files or handed in with it."""

from collections.abc import Mapping

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import DecimalField, RadioField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from models import db
from models.attachments import Attachment
from models.outcomes import SMALLEST, note_outcome
from models.tickets import Ticket
from models.uploads import ACCEPTED, Upload, keep, prepared
from rules.lifecycle import Move
from rules.refusals import N_, Refusal
from views.dues import policy
from views.kit.context import me, now
from views.moving import Door, MoveForm
from views.policy_words import files_taken

MOST = 10**10
NONE = ""


class OutcomeForm(MoveForm):
    what = StringField(
        _("What came of it"), description=_("Like: street lamps mended"), validators=[InputRequired(), Length(max=120)]
    )
    quantity = DecimalField(_("How much"), places=None, validators=[InputRequired(), NumberRange(SMALLEST, MOST)])
    measure = StringField(
        _("Counted in"), description=_("Like: households, metres, lamps"), validators=[InputRequired(), Length(max=16)]
    )
    evidence = RadioField(_("Evidence"), choices=[], validators=[Optional()])
    file = FileField(_("Another file as the evidence"), description=files_taken, render_kw={"accept": ACCEPTED})

    def start(self, ticket: Ticket) -> None:
        self.files: dict[str, Attachment] = {str(each.id): each for each in ticket.attachments}
        self.evidence.choices = [(key, each.name) for key, each in self.files.items()]
        self.evidence.choices.append((NONE, gettext("The file below")))
        if not self.is_submitted():
            self.evidence.data = next(reversed(self.files), NONE)


def note(ticket: Ticket, form: OutcomeForm) -> None:
    ticket.permit(Move.NOTE_OUTCOME, me())
    note_outcome(
        ticket, form.what.data or "", form.quantity.data, form.measure.data or "", evidence(ticket, form), me(), now()
    )


def evidence(ticket: Ticket, form: OutcomeForm) -> Attachment:
    """What was handed in goes before what was chosen."""
    if form.file.data:
        upload = Upload(form.file.data.filename, form.file.data.read())
        made = keep(db.session(), ticket, prepared([upload], policy())[0], me(), now(), leg=ticket.lead)
        db.session.flush()
        return made
    if form.evidence.data not in form.files:
        raise Refusal(N_("Choose a file of this request as the evidence, or add one"))
    return form.files[form.evidence.data]


DOORS: Mapping[Move, Door] = {
    Move.NOTE_OUTCOME: Door(OutcomeForm, note, "fa-seedling", N_("The outcome is recorded")),
}

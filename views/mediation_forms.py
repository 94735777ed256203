"""调解与涉诉: who sat down with whom, and whether the matter is before a court."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import DateField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from models.mediations import MEDIATED_LABELS, Mediated, Sitting, litigate, mediate
from models.tickets import Ticket
from rules.lifecycle import Move
from rules.refusals import N_
from rules.workdays import local_date
from views.kit.context import me, now
from views.kit.forms import choices_of
from views.moving import Door, MoveForm


class MediateForm(MoveForm):
    held_on = DateField(_("Day of the mediation"), validators=[InputRequired()])
    place = StringField(_("Place where they met"), validators=[Length(max=120)])
    mediators = StringField(_("Who mediated"), validators=[InputRequired(), Length(max=200)])
    parties = StringField(_("Between whom"), validators=[InputRequired(), Length(max=400)])
    outcome = RadioField(_("How it ended"), choices=choices_of(MEDIATED_LABELS), validators=[InputRequired()])
    agreement = TextAreaField(
        _("What was agreed"),
        description=_("To be left empty only where there was no agreement"),
        validators=[Length(max=5000)],
    )
    keep_by = DateField(_("To be kept by"), validators=[Optional()])

    def start(self, ticket: Ticket) -> None:
        if not self.is_submitted():
            self.held_on.data = local_date(now())

    def sitting(self) -> Sitting:
        given: dict[str, Any] = self.data
        texts = {name: given[name] or "" for name in ("mediators", "parties", "agreement", "place")}
        return Sitting(given["held_on"], outcome=Mediated(given["outcome"]), keep_by=given["keep_by"], **texts)


class LitigateForm(MoveForm):
    note = TextAreaField(_("Which court and which case"), validators=[InputRequired(), Length(max=1000)])

    def start(self, ticket: Ticket) -> None:
        self.over = ticket.in_litigation
        marked = gettext("The request is marked as before a court, and the unit is told to ask its legal adviser")
        self.note.description = marked
        if self.over:
            self.note.label.text = gettext("How the lawsuit ended")
            self.note.description = gettext("From then on the request says no more that it is before a court")


DOORS: Mapping[Move, Door] = {
    Move.MEDIATE: Door(
        MediateForm,
        lambda ticket, form: mediate(ticket, form.sitting(), me(), now()),
        "fa-handshake",
        N_("The mediation is recorded"),
    ),
    Move.LITIGATE: Door(
        LitigateForm,
        lambda ticket, form: litigate(ticket, me(), now(), note=form.note.data or "", over=form.over),
        "fa-gavel",
        N_("Noted"),
    ),
}

"""现场办: a request that was handled while the resident was there, noted in one step."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from models.on_the_spot import on_the_spot
from models.tickets import Ticket
from rules.lifecycle import Move
from rules.refusals import N_
from views.kit.context import me, now
from views.moving import Door, MoveForm


class OnTheSpotForm(MoveForm):
    result = TextAreaField(
        _("What was done"),
        description=_("No evidence is needed: a second person of your unit, its leader, confirms it"),
        validators=[InputRequired(), Length(max=5000)],
    )
    feedback = TextAreaField(
        _("Answer to the reporter"),
        description=_("The resident sees this once the request is settled"),
        validators=[InputRequired(), Length(max=5000)],
    )


def done_on_the_spot(ticket: Ticket, form: OnTheSpotForm) -> None:
    on_the_spot(ticket, me(), now(), result=form.result.data or "", feedback=form.feedback.data or "")


DOORS: Mapping[Move, Door] = {
    Move.ON_THE_SPOT: Door(OnTheSpotForm, done_on_the_spot, "fa-bolt", N_("Noted; your unit's leader confirms it")),
}

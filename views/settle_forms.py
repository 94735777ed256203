"""What the leader chooses when a result is settled: the disposal mode, and the duty that comes with it."""

from collections.abc import Mapping

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, RadioField
from wtforms.validators import InputRequired

from models.settling import ASSIGNED, ON_THE_SPOT, SUPERVISED, may_be_settled_as, was_on_the_spot
from models.terms import TermKind
from models.tickets import Ticket
from rules.refusals import N_, Refusal
from views.kit.context import me
from views.moving import MoveForm
from views.saving import say
from views.terms import in_use, words_of
from views.words import deadline

DUTIES: Mapping[str, str] = {
    ON_THE_SPOT: N_("Done while the resident was there; you confirm it as the second person"),
    "coordinated": N_("Units agreed on what to do, and it is done"),
    ASSIGNED: N_("A date and who keeps it were promised; settled only once the promise is kept"),
    SUPERVISED: N_("Somebody supervised it, and the unit has answered"),
    "explained": N_("Nothing could be changed and the reporter was told why: counts as settled, not as resolved"),
}


class SettleForm(MoveForm):
    mode = RadioField(_("Disposal mode"), choices=[], validators=[InputRequired()])
    kept = BooleanField(_("The promise was kept"))

    def start(self, ticket: Ticket) -> None:
        leads = bool(ticket.legs) and ticket.leg_of(me()) is ticket.lead
        self.mode.choices = words_of(TermKind.DISPOSAL_MODE, in_use)()
        self.duties = {mode: gettext(duty) for mode, duty in DUTIES.items()}
        asked = [mode for mode, _word in self.mode.choices] if leads else []
        self.barred = {mode: problem for mode in asked if (problem := why_not(ticket, mode))}
        promise = ticket.lead.promise_at if leads else None
        if promise:
            self.kept.description = gettext(
                "Promised: %(due)s, by %(owner)s", due=deadline(promise), owner=ticket.lead.promise_owner
            )
        else:
            del self.kept
        if not self.is_submitted() and leads:
            self.mode.data = ASSIGNED if promise else ON_THE_SPOT if was_on_the_spot(ticket) else None


def why_not(ticket: Ticket, mode: str) -> str:
    try:
        may_be_settled_as(ticket, mode)
    except Refusal as refusal:
        return say(refusal)
    return ""

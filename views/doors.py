"""Which form belongs to which move, gathered from the subjects in the order in which the buttons stand."""

from collections.abc import Mapping

from flask import abort

from rules.lifecycle import Move
from views import (
    applying_forms,
    mediation_forms,
    meeting_forms,
    merging_forms,
    on_the_spot_forms,
    outcome_forms,
    passing_forms,
    supervision_forms,
    ticket_forms,
)
from views.moving import Door

DOORS: Mapping[Move, Door] = {
    **ticket_forms.DOORS,
    **passing_forms.DOORS,
    **applying_forms.DOORS,
    **on_the_spot_forms.DOORS,
    **meeting_forms.DOORS,
    **supervision_forms.DOORS,
    **mediation_forms.DOORS,
    **outcome_forms.DOORS,
    **merging_forms.DOORS,
}


def door_of(name: str) -> tuple[Move, Door]:
    if name not in set(DOORS):
        abort(404)
    return Move(name), DOORS[Move(name)]

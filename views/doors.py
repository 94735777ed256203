"""Which form belongs to which move, gathered from the subjects in the order in which the buttons stand."""

from collections.abc import Mapping

from flask import abort

from rules.lifecycle import Move
from views import merging_forms, ticket_forms
from views.moving import Door

DOORS: Mapping[Move, Door] = {
    **ticket_forms.DOORS,
    **merging_forms.DOORS,
}


def door_of(name: str) -> tuple[Move, Door]:
    if name not in set(DOORS):
        abort(404)
    return Move(name), DOORS[Move(name)]

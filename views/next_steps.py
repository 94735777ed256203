"""What whoever looks at a request can do next: the next step first, the others in a menu by the regulation's sections,
each that cannot be taken now with its reason."""

from typing import Any

from flask import url_for
from flask_babel import gettext

from models.tickets import Ticket
from rules.lifecycle import MOVE_LABELS, MOVES, SECTIONS, STRAIGHT_WAY, Move, may
from rules.refusals import Refusal
from views.doors import DOORS
from views.kit.context import me
from views.meanwhile import newest
from views.saving import say


def next_steps(ticket: Ticket) -> dict[str, Any]:
    """What the account's roles can ever do here. Two steps of the straight way may stand open side by side."""
    steps = {move: step(ticket, move) for move in DOORS if may(MOVES[move].who, me().roles)}
    possible = [move for move in steps if not steps[move]["disabled_reason"]]
    buttons = [move for move in possible if move in STRAIGHT_WAY] or possible[:1]
    if buttons:
        steps[buttons[0]]["primary"] = True
    others = {
        gettext(label): sorted(
            (steps[move] for move in steps if move in section and move not in buttons),
            key=lambda each: bool(each["disabled_reason"]),
        )
        for label, section in SECTIONS.items()
    }
    return {
        "buttons": [steps[move] for move in buttons],
        "others": [(label, found) for label, found in others.items() if found],
    }


def step(ticket: Ticket, move: Move) -> dict[str, Any]:
    return {
        "label": gettext(MOVE_LABELS[move]),
        "url": url_for("TicketView.move", pk=ticket.id, name=move.value),
        "method": "post" if move is Move.SIGN else "get",
        "icon": DOORS[move].icon,
        "disabled_reason": obstacle(ticket, move),
        "seen": newest(ticket),
    }


def obstacle(ticket: Ticket, move: Move) -> str:
    try:
        ticket.permit(move, me())
    except Refusal as refusal:
        return say(refusal)
    return ""

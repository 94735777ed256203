"""A step of a request as a form: what is filled in, and the door it goes through."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_wtf import FlaskForm

from models.tickets import Ticket
from rules.refusals import N_

NOT_A_CHOICE = N_("Not a valid choice")


def is_key(number: int | None) -> bool:
    """What no column holds is not asked of the database."""
    return number is not None and 0 < number < 2**31


class MoveForm(FlaskForm):
    """A step without anything to fill in."""

    def start(self, ticket: Ticket) -> None:
        """Choices, and what is proposed before anything was typed."""


@dataclass(frozen=True)
class Door:
    """`act` may raise a Refusal, which is shown on the form with everything that was typed."""

    form: type[MoveForm]
    act: Callable[[Ticket, Any], object]
    icon: str
    done: str

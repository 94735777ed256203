"""A step of a request as a form: what is filled in, and the door it goes through."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField
from wtforms.validators import ValidationError

from models import db
from models.acting import beyond_scope, district_of
from models.tickets import Ticket
from models.units import Unit
from rules.lifecycle import CLOCK_LABELS, MOVES, Move
from rules.refusals import N_
from rules.workdays import local_date
from views.kit.context import me, now

NOT_A_CHOICE = N_("Not a valid choice")


def is_key(number: int | None) -> bool:
    """What no column holds is not asked of the database."""
    return number is not None and 0 < number < 2**31


class UnitField(IntegerField):
    """A living unit of the account's district, which may lie outside what the account otherwise sees."""

    def __init__(self, label: Any, validators: Any, among: str = "district", **kwargs: Any) -> None:
        super().__init__(label, validators, **kwargs)
        self.among = among

    @property
    def offered_at(self) -> str:
        return url_for("TicketView.options", among=self.among)

    @property
    def unit(self) -> Unit | None:
        if not is_key(self.data) or not me().unit_path:
            return None
        with beyond_scope():
            unit = db.session.get(Unit, self.data)
        known = unit is not None and district_of(unit.path) == district_of(me().unit_path)
        return unit if known and unit.lives_on(local_date(now())) else None

    def pre_validate(self, form: Any) -> None:
        if self.data is not None and self.unit is None:
            raise ValidationError(gettext(NOT_A_CHOICE))


class MoveForm(FlaskForm):
    """A step without anything to fill in."""

    seen = HiddenField()
    """The last event of the request that whoever fills this in has seen."""

    def start(self, ticket: Ticket) -> None:
        """Choices, and what is proposed before anything was typed."""

    def told(self, ticket: Ticket, move: Move) -> str:
        """Who decides, and what it does to the clock."""
        return gettext("This takes effect at once. %(clock)s.", clock=gettext(CLOCK_LABELS[MOVES[move].clock]))


@dataclass(frozen=True)
class Door:
    """`act` may raise a Refusal, which is shown on the form with everything that was typed."""

    form: type[MoveForm]
    act: Callable[[Ticket, Any], object]
    icon: str
    done: str

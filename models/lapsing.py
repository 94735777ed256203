"""Applications that the course of things has overtaken."""

from datetime import datetime
from typing import TYPE_CHECKING

from rules.applications import ApplicationKind, ApplicationState

if TYPE_CHECKING:
    from models.legs import Leg
    from models.tickets import Ticket


def lapse(ticket: "Ticket", at: datetime, leg: "Leg | None" = None) -> None:
    """Those about the leg, or all but those about a rating; whoever asked sees that nobody decides them any more."""
    for each in ticket.applications:
        waits = each.state == ApplicationState.OPEN and each.kind != ApplicationKind.EXCLUSION
        if waits and (leg is None or each.leg is leg):
            each.state, each.decided_at = ApplicationState.LAPSED, at

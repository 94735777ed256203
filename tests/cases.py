"""Tickets, legs and ratings put straight into the tables, with whatever times a figure needs."""

from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from models.legs import Leg, LegRole
from models.ratings import Rating, Reporter
from models.tickets import Ticket
from models.units import Unit
from tests.stage import at as at_moment

numbers = count(1)


def make_ticket(session: Session, place: Unit, submitted_at: datetime, state: str = "settled", **more: Any) -> Ticket:
    number = f"T{next(numbers):09d}"
    ticket = Ticket(
        number=number,
        tracking_code=number,
        source="portal",
        title=f"诉求{number}",
        text="内容",
        unit=place,
        path=place.path,
        submitted_at=submitted_at,
        state=state,
        **more,
    )
    session.add(ticket)
    session.flush()
    return ticket


def make_leg(session: Session, ticket: Ticket, unit: Unit, state: str = "settled", **columns: Any) -> Leg:
    leg = Leg(unit_id=unit.id, unit_name=unit.name, path=unit.path, state=state, seq=len(ticket.legs) + 1, **columns)
    ticket.legs.append(leg)
    session.flush()
    return leg


def make_rating(session: Session, ticket: Ticket, unit: Unit | None, stars: int, at: datetime, **more: Any) -> Rating:
    """Of the last leg, or of one that no figure counts."""
    outside: dict[str, Any] = {"role": LegRole.CO, "sign_due_at": at_moment("2000-01-01 00:00")}
    leg = ticket.legs[-1] if ticket.legs else make_leg(session, ticket, unit or ticket.unit, **outside)
    reporter = Reporter(ticket_id=ticket.id)
    of = {"unit_id": unit.id, "path": unit.path} if unit else {}
    rating = Rating(ticket_id=ticket.id, leg=leg, stars=stars, at=at, **of, **more)
    rating.reporter = reporter
    session.add(rating)
    session.flush()
    return rating

"""Tickets, legs and ratings put straight into the tables, with whatever times a figure needs."""

from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from models.legs import Leg
from models.ratings import Rating, Reporter
from models.tickets import Ticket
from models.units import Unit

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
    reporter = Reporter(ticket_id=ticket.id)
    rating = Rating(ticket_id=ticket.id, unit_id=unit.id if unit else None, stars=stars, at=at, **more)
    rating.reporter = reporter
    session.add(rating)
    session.flush()
    return rating

"""Delivers notices whose time has come. In the console a notice is delivered by being marked as sent."""

from collections import Counter
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from models.legs import Leg
from models.notices import Notice
from models.ratings import Rating
from models.tickets import Ticket
from rules.reminders import STANDS_WHILE, Event, topics

BATCH = 200
STANDING = [(topic, state) for event, states in STANDS_WHILE.items() for topic in topics(event) for state in states]


def send_notices(session: Session, now: datetime) -> Counter[str]:
    """How many were sent, by topic. Two senders never take the same notice."""
    sent: Counter[str] = Counter()
    drop_lapsed(session, now)
    session.commit()
    while taken := claim(session, now):
        sent.update(taken)
        session.commit()
    return sent


def drop_lapsed(session: Session, now: datetime) -> None:
    """What is over by now, or due to be said again in the same breath, is neither sent nor kept."""
    bound = Notice.event.in_({topic for topic, _ in STANDING})
    past = sa.and_(~stands(Leg, Leg.ticket_id, ":leg-"), ~stands(Ticket, Ticket.id, ":ticket-"))
    over = sa.and_(bound, sa.or_(past, has_rated()))
    lapsed = (
        sa.select(Notice.id)
        .where(Notice.sent_at.is_(None), Notice.deliver_at <= now, sa.or_(over, said_again(now)))
        .with_for_update(skip_locked=True)
    )
    table = Notice.__table__
    session.connection().execute(sa.delete(table).where(table.c.id.in_(lapsed)))


def stands(model: type[Leg] | type[Ticket], ticket_id: Any, about: str) -> sa.ColumnElement[bool]:
    """The key tells which leg a notice is about."""
    named = Notice.key.contains(sa.literal(about) + sa.cast(model.id, sa.String) + ":")
    return sa.exists().where(ticket_id == Notice.ticket_id, named, sa.tuple_(Notice.event, model.state).in_(STANDING))


def has_rated() -> sa.ColumnElement[bool]:
    """Asked to rate, and did before it was sent."""
    answered = sa.and_(Rating.reporter_id == Notice.reporter_id, Rating.at >= Notice.created_at)
    return sa.and_(Notice.event == Event.PLEASE_RATE, sa.exists().where(answered))


def said_again(now: datetime) -> sa.ColumnElement[bool]:
    later = aliased(Notice)
    return sa.exists().where(
        later.ticket_id == Notice.ticket_id,
        later.event == Notice.event,
        sa.or_(later.person_id == Notice.person_id, later.reporter_id == Notice.reporter_id),
        later.id > Notice.id,
        later.sent_at.is_(None),
        later.deliver_at <= now,
    )


def claim(session: Session, now: datetime) -> list[str]:
    due = (
        sa.select(Notice.id)
        .where(Notice.sent_at.is_(None), Notice.deliver_at <= now)
        .order_by(Notice.deliver_at, Notice.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    table = Notice.__table__
    claimed = sa.update(table).where(table.c.id.in_(sa.select(due.c.id)), table.c.sent_at.is_(None)).values(sent_at=now)
    return list(session.connection().execute(claimed.returning(table.c.event)).scalars())

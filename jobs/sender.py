"""Delivers notices whose time has come. In the console a notice is delivered by being marked as sent."""

from collections import Counter
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.notices import Notice

BATCH = 200


def send_notices(session: Session, now: datetime) -> Counter[str]:
    """How many were sent, by topic. Two senders never take the same notice."""
    sent: Counter[str] = Counter()
    while taken := claim(session, now):
        sent.update(taken)
        session.commit()
    return sent


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

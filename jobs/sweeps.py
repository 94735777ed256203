"""Everything that happens without anyone asking, each part in the order in which it can cause the next."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from jobs.archive import archive_tickets
from jobs.calendar import ask_for_calendar
from jobs.ratings import close_ratings
from jobs.reminders import remind
from jobs.sender import send_notices
from jobs.supervising import supervise_by_rule
from jobs.suspensions import resume_suspended
from jobs.unit_changes import change_units
from models.acting import SYSTEM, acting_as
from rules.reminders import TOPICS


@dataclass
class Done:
    sent: Counter[str] = field(default_factory=Counter)
    resumed: int = 0
    supervised: int = 0
    unrated: int = 0
    archived: int = 0

    def __str__(self) -> str:
        """`new_leg=3 sign_overdue=2 … resumed=0 supervised=1 unrated=1 archived=0 sent=5`"""
        done = {"resumed": self.resumed, "supervised": self.supervised, "unrated": self.unrated}
        done |= {"archived": self.archived, "sent": self.sent.total()}
        parts = [f"{topic}={self.sent[topic]}" for topic in TOPICS]
        return " ".join([*parts, *(f"{name}={count}" for name, count in done.items())])


def sweep(session: Session, now: datetime) -> Done:
    """Twice is harmless: each part asks only for what is due and marks what it did in the same transaction."""
    with acting_as(SYSTEM, now):
        change_units(session, now)
        resumed = resume_suspended(session, now)
        unrated, archived = close_ratings(session, now), archive_tickets(session, now)
        supervised = supervise_by_rule(session, now)
        remind(session, now)
        ask_for_calendar(session, now)
        return Done(send_notices(session, now), resumed, supervised, unrated, archived)

"""Asks the office, once a week from mid-November, for next year's holidays while they are missing."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.calendar import load_calendar
from models.notices import holders, post
from models.policies import load_policy
from rules.reminders import Event, key, next_year_is_missing, send_at, steps, week_of
from rules.roles import Role
from rules.workdays import local_date


def ask_for_calendar(session: Session, now: datetime) -> int:
    today = local_date(now)
    if not next_year_is_missing(today, load_calendar(session)):
        return 0
    policy = load_policy(session)
    (step,) = steps(Event.CALENDAR, policy)
    year = today.year + 1
    row = {
        "event": Event.CALENDAR.value,
        "message": step.text,
        "values": {"year": year},
        "ticket_id": None,
        "reporter_id": None,
        "created_at": now,
        "deliver_at": send_at(now, step.kind, policy),
    }
    about, bucket = f"year-{year}", week_of(today)
    told = post(
        session,
        [
            {**row, "person_id": person, "key": key(Event.CALENDAR, about, f"person-{person}", bucket)}
            for person in holders(session, Role.OFFICE)
        ],
    )
    session.commit()
    return told

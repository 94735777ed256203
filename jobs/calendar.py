"""Asks the office, once a week from mid-November, for next year's holidays while they are missing."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.calendar import load_calendar
from models.notices import holders, inform
from rules.reminders import Event, next_year_is_missing, week_of
from rules.roles import Role
from rules.workdays import local_date


def ask_for_calendar(session: Session, now: datetime) -> int:
    today = local_date(now)
    if not next_year_is_missing(today, load_calendar(session)):
        return 0
    year = today.year + 1
    told = {person: {"year": year} for person in holders(session, Role.OFFICE)}
    new = inform(session, Event.CALENDAR, f"year-{year}", told, now, week_of(today))
    session.commit()
    return new

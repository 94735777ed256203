"""The working calendar: what differs from plain weekends, and which years the State Council has published."""

from datetime import date

import chinese_calendar
import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, Session, mapped_column, validates

from models.changes import Tracked
from rules.refusals import N_, Refusal
from rules.workdays import Calendar

FIRST_YEAR, LAST_YEAR = 2004, 2099  # from the first that chinesecalendar knows; later ones are slips of the hand


def check_year(year: int) -> int:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Refusal(N_("The calendar runs from %(first)s to %(last)s"), first=FIRST_YEAR, last=LAST_YEAR)
    return year


class CalendarYear(Tracked, Model):
    __tablename__ = "calendar_year"

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(unique=True)
    official: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Unofficial: plain weekends until the office enters the published days."""

    @validates("year")
    def _within_the_calendar(self, name: str, year: int) -> int:
        return check_year(year)

    def __str__(self) -> str:
        return str(self.year)


class CalendarDay(Tracked, Model):
    __tablename__ = "calendar_day"

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(unique=True)
    working: Mapped[bool]
    name: Mapped[str] = mapped_column(sa.String(40), default="", server_default="")

    @validates("day")
    def _within_the_calendar(self, name: str, day: date) -> date:
        check_year(day.year)
        return day

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.name}"


HOLIDAYS = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
    "Anti-Fascist 70th Day": "抗战胜利70周年纪念日",
}


def seed_calendar(session: Session, first: int, last: int) -> None:
    """Every year from `first` to `last`; those the package does not know stay unofficial."""
    known = {day.year for day in chinese_calendar.holidays}
    for year in range(first, last + 1):
        session.add(CalendarYear(year=year, official=year in known))
    for working, days in ((False, chinese_calendar.holidays), (True, chinese_calendar.workdays)):
        for day, holiday in days.items():
            if first <= day.year <= last:
                session.add(CalendarDay(day=day, working=working, name=HOLIDAYS.get(str(holiday), str(holiday))))


def day_names(session: Session) -> dict[date, str]:
    named = sa.select(CalendarDay.day, CalendarDay.name).where(CalendarDay.name != "")
    return {row.day: row.name for row in session.execute(named)}


def load_calendar(session: Session) -> Calendar:
    working = {row.day: row.working for row in session.execute(sa.select(CalendarDay.day, CalendarDay.working))}
    official = session.scalars(sa.select(CalendarYear.year).where(CalendarYear.official))
    return Calendar(working, frozenset(official))

"""Working days (with 调休) and working hours, in the district's time zone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from rules.refusals import N_, Refusal

ZONE = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
SATURDAY = 5

Spans = Iterator[tuple[datetime, datetime]]


def local_date(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()


def at_local(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, ZONE).astimezone(UTC)


def start_of(day: date) -> datetime:
    return at_local(day, time())


def end_of(day: date) -> datetime:
    """24:00, which is 00:00 of the next day."""
    return start_of(day + DAY)


def spoken(limit: datetime) -> str:
    """`2026-11-22 17:30` in the district; the end of a day is its 24:00."""
    local = limit.astimezone(ZONE)
    if (local.hour, local.minute) == (0, 0):
        return f"{local - DAY:%Y-%m-%d} 24:00"
    return f"{local:%Y-%m-%d %H:%M}"


@dataclass(frozen=True)
class Calendar:
    """Weekends are off and other days are worked unless `working` says otherwise."""

    working: Mapping[date, bool]
    official_years: frozenset[int]

    def is_workday(self, day: date) -> bool:
        return self.working.get(day, day.weekday() < SATURDAY)

    def is_official(self, day: date) -> bool:
        """Whether the State Council's list for that year is in the calendar."""
        return day.year in self.official_years

    def workdays_from(self, day: date) -> Iterator[date]:
        return (later for later in (day + DAY * n for n in count()) if self.is_workday(later))

    def on_or_after(self, day: date) -> date:
        return next(self.workdays_from(day))

    def workday_before(self, day: date) -> date:
        return next(earlier for earlier in (day - DAY * n for n in count(1)) if self.is_workday(earlier))

    def add_workdays(self, day: date, days: int) -> date:
        """The given day does not count."""
        if days <= 0:
            raise ValueError(days)
        following = self.workdays_from(day + DAY)
        return [next(following) for _ in range(days)][-1]

    def whole_workdays_from(self, day: date) -> Spans:
        return ((start_of(workday), end_of(workday)) for workday in self.workdays_from(day))


@dataclass(frozen=True)
class WorkingHours:
    morning_from: time = time(8, 30)
    morning_to: time = time(12)
    afternoon_from: time = time(14)
    afternoon_to: time = time(17, 30)

    def __post_init__(self) -> None:
        if not self.morning_from < self.morning_to <= self.afternoon_from < self.afternoon_to:
            raise Refusal(
                N_("Working hours must be in this order: morning from, morning to, afternoon from, afternoon to")
            )

    def spans_from(self, day: date, calendar: Calendar) -> Spans:
        for workday in calendar.workdays_from(day):
            yield at_local(workday, self.morning_from), at_local(workday, self.morning_to)
            yield at_local(workday, self.afternoon_from), at_local(workday, self.afternoon_to)

    def add(self, start: datetime, amount: timedelta, calendar: Calendar) -> datetime:
        return advance(start, amount, self.spans_from(local_date(start), calendar))


def advance(start: datetime, amount: timedelta, spans: Spans) -> datetime:
    """When a clock that runs only in the spans has run for `amount`. The spans come in order and without end."""
    left = amount
    while True:
        opens, closes = next(spans)
        begins = max(start, opens)
        if begins + left <= closes:
            return begins + left
        left -= max(closes - begins, timedelta())


def elapsed(start: datetime, end: datetime, spans: Spans) -> timedelta:
    """How long a clock that runs only in the spans has run between two moments."""
    total = timedelta()
    for opens, closes in spans:
        if opens >= end:
            break
        total += max(min(closes, end) - max(opens, start), timedelta())
    return total

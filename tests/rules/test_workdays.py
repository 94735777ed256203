from datetime import UTC, date, datetime, time, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.refusals import Refusal
from rules.workdays import Calendar, WorkingHours, end_of, local_date, spoken, start_of
from tests.rules.calendar_2026 import CALENDAR, SHANGHAI, at, day

DAYS_OF_2026 = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
HOURS = WorkingHours()
dates = st.dates(date(2025, 12, 1), date(2026, 12, 31))


def test_our_table_of_2026_says_what_the_published_calendar_says():
    assert [d for d in DAYS_OF_2026 if CALENDAR.is_workday(d) != chinese_calendar.is_workday(d)] == []


def test_a_worked_saturday_is_a_workday_and_a_holiday_on_a_tuesday_is_not():
    assert CALENDAR.is_workday(day("2026-02-14"))
    assert not CALENDAR.is_workday(day("2026-02-17"))


def test_a_year_nobody_has_published_has_weekends_only_and_says_so():
    assert CALENDAR.is_workday(day("2027-01-01"))
    assert not CALENDAR.is_workday(day("2027-01-02"))
    assert not CALENDAR.is_official(day("2027-01-01"))
    assert CALENDAR.is_official(day("2026-12-31"))


def test_a_day_off_moves_to_the_next_workday_and_a_workday_stays():
    assert CALENDAR.on_or_after(day("2026-10-01")) == day("2026-10-08")
    assert CALENDAR.on_or_after(day("2026-10-08")) == day("2026-10-08")


@given(dates, st.integers(1, 40))
def test_adding_workdays_lands_on_a_workday_with_exactly_that_many_in_between(start, days):
    landed = CALENDAR.add_workdays(start, days)
    passed = [start + timedelta(days=n) for n in range(1, (landed - start).days + 1)]
    assert CALENDAR.is_workday(landed)
    assert sum(CALENDAR.is_workday(d) for d in passed) == days


def test_a_limit_of_no_days_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="0"):
        CALENDAR.add_workdays(day("2026-02-13"), 0)


def test_the_day_is_that_of_shanghai_not_of_greenwich():
    assert local_date(datetime(2026, 9, 17, 16, tzinfo=UTC)) == day("2026-09-18")
    assert start_of(day("2026-09-18")) == datetime(2026, 9, 17, 16, tzinfo=UTC)
    assert end_of(day("2026-09-18")) == datetime(2026, 9, 18, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-02-13 16:00", 8, "2026-02-14 17:00"),
        ("2026-09-30 10:00", 8, "2026-10-08 11:00"),
        ("2026-11-18 09:00", 2, "2026-11-18 11:00"),
        ("2026-11-18 11:00", 2, "2026-11-18 15:00"),
        ("2026-11-18 08:30", 7, "2026-11-18 17:30"),
        ("2026-11-18 12:40", 1, "2026-11-18 15:00"),
        ("2026-11-18 21:00", 1, "2026-11-19 09:30"),
        ("2026-11-21 10:00", 8, "2026-11-24 09:30"),
        ("2026-11-18 05:00", 1, "2026-11-18 09:30"),
    ],
)
def test_hours_run_only_while_the_office_is_open(start, hours, due):
    assert HOURS.add(at(start), timedelta(hours=hours), CALENDAR) == at(due)


@given(st.timedeltas(timedelta(), timedelta(days=330)), st.integers(1, 60 * 40))
def test_a_working_hour_never_ends_while_the_office_is_shut(later, minutes):
    due = HOURS.add(at("2026-01-01 00:00") + later, timedelta(minutes=minutes), CALENDAR)
    clock = due.astimezone(SHANGHAI).time()
    assert CALENDAR.is_workday(local_date(due))
    assert time(8, 30) < clock <= time(12) or time(14) < clock <= time(17, 30)


def test_hours_that_run_backwards_are_refused():
    with pytest.raises(Refusal):
        WorkingHours(morning_to=HOURS.morning_from)


def test_a_limit_at_midnight_is_the_end_of_the_day_before():
    assert spoken(at("2026-11-20 00:00")) == "2026-11-19 24:00"
    assert spoken(at("2026-11-19 17:30")) == "2026-11-19 17:30"


def test_an_empty_calendar_knows_weekends():
    assert Calendar({}, frozenset()).on_or_after(day("2026-11-21")) == day("2026-11-23")

"""What a receipt tells is the whole way from the start to the date."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.deadlines import ClockMode, extended, settle_due, shift_for_pause, sooner
from rules.receipt import (
    Counted,
    Extended,
    Fixed,
    Paused,
    Recounted,
    Unknown,
    Within,
    explain,
    last_day,
    outcome,
    replay,
)
from rules.workdays import Calendar, WorkingHours, local_date
from tests.rules.calendar_2026 import CALENDAR, at, day, end_of_day

NATURAL, ROLL, WORKDAY = ClockMode.NATURAL, ClockMode.NATURAL_ROLL, ClockMode.WORKDAY
FIRST = at("2025-12-01 00:00")
moments = st.timedeltas(timedelta(), timedelta(days=330)).map(lambda later: FIRST + later)


def counted(start, days, mode, **more):
    return Counted(message="counted", start=start, days=days, mode=mode, **more)


def listed(explanation, name):
    return [each.isoformat() for line in explanation.lines for each in line.values.get(name, ())]


def test_each_day_between_is_accounted_for():
    start = at("2026-04-30 10:00")
    told = explain([counted(start, 3, WORKDAY)], end_of_day("2026-05-08"), CALENDAR)
    assert told.whole
    assert listed(told, "skipped") == [f"2026-05-0{n}" for n in range(1, 6)]
    assert listed(told, "made_up") == []
    rolled = explain([counted(start, 3, ROLL)], end_of_day("2026-05-06"), CALENDAR)
    assert (rolled.whole, listed(rolled, "skipped")) == (True, ["2026-05-03", "2026-05-04", "2026-05-05"])
    natural = explain([counted(start, 3, NATURAL)], end_of_day("2026-05-03"), CALENDAR)
    assert (natural.whole, listed(natural, "skipped")) == (True, [])


@given(moments, st.integers(1, 20), st.sampled_from(ClockMode))
def test_the_start_the_days_and_those_skipped_add_up_to_the_date(start, days, mode):
    due = settle_due(start, days, mode, CALENDAR)
    told = explain([counted(start, days, mode)], due, CALENDAR)
    skipped = [date.fromisoformat(each) for each in listed(told, "skipped")]
    assert told.whole
    assert local_date(start) + timedelta(days + len(skipped)) == last_day(due)
    assert not any(CALENDAR.is_workday(each) for each in skipped)


@given(
    moments,
    st.sampled_from(ClockMode),
    st.lists(st.one_of(st.integers(1, 7), st.timedeltas(timedelta(hours=1), timedelta(days=12))), max_size=5),
)
def test_a_chain_of_pauses_and_extensions_gives_what_was_stored_step_by_step(start, mode, course):
    steps, due, now = [counted(start, 7, mode)], settle_due(start, 7, mode, CALENDAR), start
    for each in course:
        if isinstance(each, int):
            due = extended(due, each, mode, CALENDAR)
            steps.append(Extended(message="extended", days=each, mode=mode, recorded=due))
        else:
            due = shift_for_pause(due, now, now + each, mode, CALENDAR)
            steps.append(Paused(message="paused", since=now, until=now + each, mode=mode, recorded=due))
            now += each
    told = explain(steps, due, CALENDAR)
    assert (told.whole, outcome(steps, CALENDAR), replay(steps, CALENDAR)) == (True, due, due)
    assert told.lines[-1].due == due


def test_working_hours_name_the_days_on_which_no_office_was_open():
    step = Within(
        message="", start=at("2026-09-30 10:00"), amount=timedelta(hours=8), mode=WORKDAY, hours=WorkingHours()
    )
    told = explain([step], at("2026-10-08 11:00"), CALENDAR)
    assert told.whole
    assert listed(told, "skipped") == [f"2026-10-0{n}" for n in range(1, 8)]
    assert told.lines[1].values["hours"] == "08:30–12:00、14:00–17:30"


def test_a_pause_tells_how_much_of_it_was_working_time():
    due = end_of_day("2026-09-30")
    since, until = at("2026-09-24 18:00"), at("2026-09-28 06:00")
    steps = [
        Fixed(message="fixed", to=due),
        Paused(message="paused", since=since, until=until, mode=WORKDAY),
    ]
    told = explain(steps, at("2026-10-08 12:00"), CALENDAR)
    assert told.whole
    assert told.lines[2].values["span"] == timedelta(hours=12)
    assert listed(told, "skipped") == [f"2026-10-0{n}" for n in range(1, 8)]


def test_a_date_of_unknown_origin_is_never_whole():
    told = explain([Unknown(message="unknown", to=end_of_day("2026-09-30"))], end_of_day("2026-09-30"), CALENDAR)
    assert not told.whole
    other = explain([counted(at("2026-09-18 10:00"), 3, NATURAL)], end_of_day("2026-09-30"), CALENDAR)
    assert (other.whole, other.lines[-1].values["due"]) == (False, "2026-09-30 24:00")


def test_after_a_recount_the_steps_before_are_told_by_the_calendar_in_force():
    changed = Calendar({**CALENDAR.working, day("2026-11-19"): False}, CALENDAR.official_years)
    start, before, after = at("2026-11-17 10:00"), end_of_day("2026-11-20"), end_of_day("2026-11-23")
    steps = [counted(start, 3, WORKDAY, recorded=before), Recounted(message="recounted", to=after)]
    told = explain(steps, after, changed)
    assert (told.whole, listed(told, "skipped")) == (True, ["2026-11-19", "2026-11-21", "2026-11-22"])
    back = [*steps, Recounted(message="back", to=before)]
    told = explain(back, before, changed)
    assert (told.whole, told.lines[0].message, told.lines[1].message[:25]) == (
        True,
        "counted",
        "This was counted by the c",
    )


@pytest.mark.parametrize(
    ("due", "mode", "earlier"),
    [
        ("2026-09-28", NATURAL, "2026-09-27"),
        ("2026-09-28", ROLL, "2026-09-24"),
        ("2026-09-28", WORKDAY, "2026-09-24"),
        ("2026-10-09", ROLL, "2026-10-08"),
        ("2026-10-08", WORKDAY, "2026-09-30"),
        ("2026-03-01", WORKDAY, "2026-02-28"),
    ],
)
def test_a_day_sooner_is_never_a_day_off_where_days_off_count(due, mode, earlier):
    assert sooner(end_of_day(due), 1, mode, CALENDAR) == end_of_day(earlier)


@pytest.mark.parametrize(
    ("due", "days", "roll", "workday"),
    [
        ("2026-09-24 24:00", 1, "2026-09-28 24:00", "2026-09-28 24:00"),
        ("2026-09-24 24:00", 2, "2026-09-28 24:00", "2026-09-29 24:00"),
        ("2026-09-30 24:00", 7, "2026-10-08 24:00", "2026-10-15 24:00"),
        ("2026-09-30 12:00", 1, "2026-10-08 24:00", "2026-10-08 12:00"),
        ("2026-02-13 24:00", 1, "2026-02-14 24:00", "2026-02-14 24:00"),
        ("2026-02-14 24:00", 1, "2026-02-24 24:00", "2026-02-24 24:00"),
        ("2026-11-21 15:00", 1, "2026-11-23 24:00", "2026-11-23 15:00"),
    ],
)
def test_an_extension_from_midnight_and_over_holidays(due, days, roll, workday):
    """The days by hand from the State Council's list of 2026."""
    assert extended(midnight(due), days, ROLL, CALENDAR) == midnight(roll)
    assert extended(midnight(due), days, WORKDAY, CALENDAR) == midnight(workday)


@pytest.mark.parametrize(
    ("due", "since", "until", "natural", "roll", "workday"),
    [
        ("09-24 24:00", "09-23 00:00", "09-24 00:00", "09-25 24:00", "09-28 24:00", "09-28 24:00"),
        ("09-30 24:00", "09-30 18:00", "10-08 06:00", "10-08 12:00", "10-08 12:00", "10-08 12:00"),
        ("10-08 24:00", "10-01 09:00", "10-03 09:00", "10-10 24:00", "10-10 24:00", "10-08 24:00"),
        ("02-14 24:00", "02-13 12:00", "02-14 12:00", "02-15 24:00", "02-24 24:00", "02-24 24:00"),
    ],
)  # fmt: skip
def test_a_pause_from_midnight_and_over_holidays(due, since, until, natural, roll, workday):
    paused = at(f"2026-{since}"), at(f"2026-{until}")
    for mode, expected in ((NATURAL, natural), (ROLL, roll), (WORKDAY, workday)):
        assert shift_for_pause(midnight(f"2026-{due}"), *paused, mode, CALENDAR) == midnight(f"2026-{expected}")


def midnight(text):
    """24:00 is the end of its day."""
    written, clock = text.split()
    return end_of_day(written) if clock == "24:00" else at(text)

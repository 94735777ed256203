from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.deadlines import (
    TIER_LABELS,
    ClockMode,
    Tier,
    accept_due,
    days_for,
    settle_due,
    shift_for_pause,
    tier_settle_due,
    tier_sign_due,
)
from rules.policy import Policy
from tests.rules.calendar_2026 import CALENDAR, at, end_of_day

NATURAL, ROLL, WORKDAY = ClockMode.NATURAL, ClockMode.NATURAL_ROLL, ClockMode.WORKDAY
FIRST = at("2025-12-01 00:00")
moments = st.timedeltas(timedelta(), timedelta(days=360)).map(lambda later: FIRST + later)


@pytest.mark.parametrize(
    ("start", "days", "natural", "roll", "workday"),
    [
        ("2026-02-13", 3, "2026-02-16", "2026-02-24", "2026-02-25"),
        ("2026-02-13", 7, "2026-02-20", "2026-02-24", "2026-03-02"),
        ("2026-09-18", 7, "2026-09-25", "2026-09-28", "2026-09-29"),
        ("2026-04-30", 3, "2026-05-03", "2026-05-06", "2026-05-08"),
        ("2025-12-31", 3, "2026-01-03", "2026-01-04", "2026-01-06"),
    ],
)
@pytest.mark.parametrize("clock", ["00:00", "10:30", "23:59"])
def test_a_limit_ends_with_its_last_day_in_each_clock_mode(start, days, natural, roll, workday, clock):
    dispatched = at(f"{start} {clock}")
    assert settle_due(dispatched, days, NATURAL, CALENDAR) == end_of_day(natural)
    assert settle_due(dispatched, days, ROLL, CALENDAR) == end_of_day(roll)
    assert settle_due(dispatched, days, WORKDAY, CALENDAR) == end_of_day(workday)


def test_the_end_of_a_day_is_midnight_in_shanghai_kept_as_utc():
    due = settle_due(at("2026-02-13 09:00"), 3, NATURAL, CALENDAR)
    assert due == datetime(2026, 2, 16, 16, tzinfo=UTC)
    assert due.tzinfo is UTC


@given(moments, st.integers(1, 20))
def test_rolling_never_shortens_and_working_days_are_never_shorter_than_rolled_ones(moment, days):
    natural, roll, workday = (settle_due(moment, days, mode, CALENDAR) for mode in (NATURAL, ROLL, WORKDAY))
    assert moment < natural <= roll <= workday


def test_a_village_has_three_days_a_town_seven_and_a_hard_issue_fifteen_unless_the_office_says_otherwise():
    policy = Policy(micro_days=2, minor_days=5, hard_days=20)
    assert [days_for(tier, policy) for tier in (Tier.MICRO, Tier.MINOR, Tier.HARD)] == [2, 5, 20]
    assert [days_for(tier, Policy()) for tier in (Tier.MICRO, Tier.MINOR, Tier.HARD)] == [3, 7, 15]
    assert set(TIER_LABELS) == set(Tier)


def test_the_resident_is_promised_signing_within_eight_hours_by_day_and_night():
    start = at("2026-02-13 16:00")
    assert tier_sign_due(Tier.MINOR, start, Policy(), CALENDAR) == at("2026-02-14 00:00")
    assert tier_sign_due(Tier.MINOR, start, Policy(clock_mode=ROLL), CALENDAR) == at("2026-02-14 00:00")
    assert tier_sign_due(Tier.MINOR, start, Policy(sign_within_hours=6), CALENDAR) == at("2026-02-13 22:00")


def test_in_working_day_mode_the_eight_hours_run_in_working_hours():
    policy = Policy(clock_mode=WORKDAY)
    assert tier_sign_due(Tier.MICRO, at("2026-02-13 16:00"), policy, CALENDAR) == at("2026-02-14 17:00")
    assert tier_sign_due(Tier.MINOR, at("2026-09-30 10:00"), policy, CALENDAR) == at("2026-10-08 11:00")


def test_working_hours_are_the_policy_s():
    policy = Policy.read({"clock_mode": "workday", "afternoon_from": "13:00", "afternoon_to": "16:30"})
    assert accept_due(at("2026-11-18 11:30"), policy, CALENDAR) == at("2026-11-18 14:30")


def test_accepting_and_dispatching_take_at_most_two_of_the_eight_hours():
    assert accept_due(at("2026-09-18 09:00"), Policy(), CALENDAR) == at("2026-09-18 11:00")


@pytest.mark.parametrize("mode", ClockMode)
def test_an_emergency_is_signed_in_ten_minutes_and_settled_in_a_day_even_on_a_holiday(mode):
    policy = Policy(clock_mode=mode)
    night = at("2026-10-01 23:50")
    assert tier_sign_due(Tier.EMERGENCY, night, policy, CALENDAR) == at("2026-10-02 00:00")
    assert tier_settle_due(Tier.EMERGENCY, night, policy, CALENDAR) == at("2026-10-02 23:50")


def test_a_tier_settles_in_the_mode_of_the_policy():
    dispatched = at("2026-02-13 10:00")
    assert tier_settle_due(Tier.MICRO, dispatched, Policy(clock_mode=ROLL), CALENDAR) == end_of_day("2026-02-24")
    assert tier_settle_due(Tier.MINOR, dispatched, Policy(clock_mode=WORKDAY), CALENDAR) == end_of_day("2026-03-02")
    assert tier_settle_due(Tier.HARD, dispatched, Policy(), CALENDAR) == end_of_day("2026-02-28")


def test_a_pause_gives_back_what_it_took():
    due = end_of_day("2026-11-20")
    shifted = shift_for_pause(due, at("2026-11-18 10:00"), at("2026-11-19 16:00"), NATURAL, CALENDAR)
    assert shifted == at("2026-11-22 06:00")


def test_a_pause_that_ends_on_a_day_off_rolls_with_the_due_day():
    due = end_of_day("2026-09-24")
    shifted = shift_for_pause(due, at("2026-09-23 10:00"), at("2026-09-24 10:00"), ROLL, CALENDAR)
    assert shifted == end_of_day("2026-09-28")


def test_a_pause_that_ends_with_the_last_working_day_rolls_nowhere():
    due = end_of_day("2026-11-19")
    shifted = shift_for_pause(due, at("2026-11-18 10:00"), at("2026-11-19 10:00"), ROLL, CALENDAR)
    assert shifted == end_of_day("2026-11-20")


def test_a_pause_on_a_working_day_keeps_its_hour_when_days_roll():
    due = end_of_day("2026-11-18")
    shifted = shift_for_pause(due, at("2026-11-17 10:00"), at("2026-11-17 15:00"), ROLL, CALENDAR)
    assert shifted == at("2026-11-19 05:00")


def test_days_off_within_a_pause_are_not_given_back_to_a_limit_in_working_days():
    due = end_of_day("2026-09-30")
    shifted = shift_for_pause(due, at("2026-09-24 18:00"), at("2026-09-28 06:00"), WORKDAY, CALENDAR)
    assert shifted == at("2026-10-08 12:00")


def test_a_pause_over_a_weekend_alone_moves_no_limit_in_working_days():
    due = end_of_day("2026-11-24")
    assert shift_for_pause(due, at("2026-11-21 09:00"), at("2026-11-22 20:00"), WORKDAY, CALENDAR) == due


@given(moments, st.timedeltas(timedelta(), timedelta(days=30)), st.sampled_from(ClockMode))
def test_a_pause_never_brings_a_due_date_forward(moment, pause, mode):
    due = settle_due(moment, 7, mode, CALENDAR)
    assert shift_for_pause(due, moment, moment + pause, mode, CALENDAR) >= due

"""The vectors of the domain's calendar, in seconds."""

from datetime import date

import chinese_calendar
import pytest

from imports.demo.moments import Clocks, instant, midnight, second_of, stamp
from rules.deadlines import Tier
from rules.policy import ClockMode, Policy
from rules.workdays import Calendar
from tests.stage import at

CALENDAR = Calendar(
    {**dict.fromkeys(chinese_calendar.holidays, False), **dict.fromkeys(chinese_calendar.workdays, True)},
    frozenset({2026}),
)


def clocks(mode: ClockMode) -> Clocks:
    return Clocks(Policy(clock_mode=mode), CALENDAR)


@pytest.mark.parametrize(
    ("mode", "asked", "due"),
    [
        (ClockMode.WORKDAY, "2026-02-13 16:00", "2026-02-14 17:00"),
        (ClockMode.WORKDAY, "2026-09-30 10:00", "2026-10-08 11:00"),
        (ClockMode.NATURAL, "2026-02-13 16:00", "2026-02-14 00:00"),
        (ClockMode.NATURAL_ROLL, "2026-09-30 10:00", "2026-09-30 18:00"),
    ],
)
def test_signing_is_due_after_eight_hours_of_the_office_s_own_counting(mode, asked, due):
    assert instant(clocks(mode).sign(Tier.MINOR, second_of(at(asked)))) == at(due)


@pytest.mark.parametrize(
    ("mode", "tier", "sent", "due"),
    [
        (ClockMode.NATURAL, Tier.MICRO, "2026-02-13 11:00", "2026-02-17 00:00"),
        (ClockMode.NATURAL_ROLL, Tier.MINOR, "2026-02-13 11:00", "2026-02-25 00:00"),
        (ClockMode.WORKDAY, Tier.MICRO, "2026-04-30 23:00", "2026-05-09 00:00"),
        (ClockMode.NATURAL, Tier.EMERGENCY, "2026-04-30 23:00", "2026-05-01 23:00"),
    ],
)
def test_settlement_is_due_at_the_end_of_the_last_day(mode, tier, sent, due):
    asked = clocks(mode)
    for _ in range(2):
        moment, unofficial = asked.settle(tier, second_of(at(sent)))
        assert (instant(moment), unofficial) == (at(due), False)
    assert asked.settle(Tier.HARD, second_of(at("2026-12-28 09:00")))[1]


def test_offices_open_on_the_next_working_morning_and_duty_on_any():
    asked = clocks(ClockMode.NATURAL)
    assert instant(asked.in_office(second_of(at("2026-09-30 20:00")), 0.5)) == at("2026-10-08 09:30")
    assert instant(asked.in_office(second_of(at("2026-09-30 10:00")), 0.5)) == at("2026-09-30 10:00")
    assert instant(asked.on_duty(second_of(at("2026-10-01 23:10")), 0.0)) == at("2026-10-02 07:30")


def test_moments_are_written_as_both_engines_read_them():
    assert stamp(midnight(date(2026, 11, 20))) == "2026-11-19 16:00:00.000000"
    assert stamp(None) is None

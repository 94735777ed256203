from datetime import timedelta

import pytest

from rules.deadlines import Tier
from rules.lifecycle import State
from rules.lights import LIGHT_LABELS, Light, light, warn_before
from rules.policy import Policy
from tests.rules.calendar_2026 import at

DUE = at("2026-11-20 00:00")
DAY = timedelta(hours=24)


@pytest.mark.parametrize(
    ("state", "now", "seen"),
    [
        (State.SUBMITTED, "2026-11-17 09:00", Light.GREY),
        (State.DISPATCHED, "2026-11-17 09:00", Light.GREY),
        (State.SIGNED, "2026-11-17 09:00", Light.BLUE),
        (State.HANDLING, "2026-11-18 23:59", Light.BLUE),
        (State.HANDLING, "2026-11-19 00:00", Light.AMBER),
        (State.HANDLING, "2026-11-20 00:00", Light.AMBER),
        (State.HANDLING, "2026-11-20 00:01", Light.RED),
        (State.SUBMITTED, "2026-11-20 00:01", Light.RED),
        (State.DISPATCHED, "2026-11-19 12:00", Light.AMBER),
        (State.SETTLED, "2026-11-25 00:00", Light.GREEN),
        (State.UNRATED, "2026-11-25 00:00", Light.GREEN),
        (State.ARCHIVED, "2026-11-25 00:00", Light.GREEN),
    ],
)
def test_the_light_follows_state_and_due_date(state, now, seen):
    assert light(state, DUE, at(now), DAY) is seen


def test_a_request_without_a_due_date_is_never_overdue():
    assert light(State.HANDLING, None, at("2026-11-20 00:00"), DAY) is Light.BLUE


def test_every_light_has_a_word():
    assert set(LIGHT_LABELS) == set(Light)


@pytest.mark.parametrize(
    ("state", "tier", "hours"),
    [
        (State.SUBMITTED, None, 1),
        (State.DISPATCHED, Tier.MICRO, 1),
        (State.SIGNED, Tier.MICRO, 12),
        (State.HANDLING, Tier.MINOR, 24),
    ],
)
def test_signing_is_warned_of_by_the_hour_and_settling_by_the_day_or_half_of_it(state, tier, hours):
    assert warn_before(state, tier, Policy()) == timedelta(hours=hours)

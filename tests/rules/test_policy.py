from dataclasses import fields
from datetime import time, timedelta

import pytest

from rules.policy import CLOCK_MODE_LABELS, DEFAULTS, ClockMode, Policy
from rules.refusals import Refusal

ITEMS = {item.key: item for item in DEFAULTS}


def test_every_setting_is_a_row_of_the_policy_screen():
    assert [item.key for item in DEFAULTS] == [setting.name for setting in fields(Policy)]
    assert set(CLOCK_MODE_LABELS) == set(ClockMode)


def test_the_office_defaults_are_those_of_the_domain_page():
    policy = Policy()
    assert policy.clock_mode is ClockMode.NATURAL
    assert policy.accept_within == timedelta(hours=2)
    assert (policy.hard_days, policy.emergency_sign_minutes, policy.emergency_settle_hours) == (15, 10, 24)
    assert (policy.rating_window_days, policy.archive_after_days, policy.min_cases_ranked) == (7, 30, 5)
    assert (policy.quiet_from, policy.quiet_to, policy.warn_at) == (time(22), time(7), time(21, 30))


def test_every_default_survives_being_stored_as_text():
    assert Policy.read({item.key: item.default_text for item in DEFAULTS}) == Policy()


def test_stored_texts_override_their_defaults_only():
    policy = Policy.read({"clock_mode": "workday", "hard_days": " 20 ", "score_unverified_stars": "yes"})
    assert policy.clock_mode is ClockMode.WORKDAY
    assert policy.hard_days == 20
    assert policy.score_unverified_stars is True
    assert policy.rating_window_days == 7


@pytest.mark.parametrize(
    ("key", "text"),
    [("hard_days", "0"), ("hard_days", "many"), ("morning_from", "25:00"), ("clock_mode", "lunar")],
)
def test_a_value_that_makes_no_sense_is_refused_with_its_label(key, text):
    with pytest.raises(Refusal) as refused:
        ITEMS[key].parse(text)
    assert refused.value.values == {"value": text, "label": ITEMS[key].label}


def test_working_hours_that_run_backwards_are_refused():
    with pytest.raises(Refusal, match="Working hours"):
        _ = Policy.read({"morning_from": "13:00"}).hours

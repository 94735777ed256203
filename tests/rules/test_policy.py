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
    assert (policy.sign_warn_hours, policy.settle_warn_hours, policy.settle_warn_short_hours) == (1, 24, 12)
    assert (policy.sign_within_hours, policy.micro_days, policy.minor_days) == (8, 3, 7)
    assert policy.first_contact_remind_hours == 6
    assert (policy.sign_late_leader_hours, policy.sign_late_dispatcher_hours) == (4, 8)
    assert (policy.review_remind_hours, policy.review_again_hours) == (1, 2)
    assert (policy.emergency_again_minutes, policy.emergency_third_minutes) == (5, 10)
    assert (policy.rate_again_days, policy.upload_files, policy.upload_megabytes) == (3, 9, 20)
    assert (policy.sign_in_failures, policy.locked_minutes, policy.password_length) == (5, 15, 10)
    assert policy.score_unverified_stars
    assert policy.reopen_up_to_stars == 2
    assert (policy.morning_from, policy.morning_to) == (time(8, 30), time(12))
    assert (policy.afternoon_from, policy.afternoon_to) == (time(14), time(17, 30))
    assert (policy.quiet_from, policy.quiet_to, policy.warn_at) == (time(22), time(7), time(21, 30))


def test_the_documents_prescribe_three_limits_and_the_office_the_rest():
    assert {item.key: item.source for item in DEFAULTS if item.source != "o"} == {
        "sign_within_hours": "s1",
        "micro_days": "s1",
        "minor_days": "s1",
    }


def test_every_default_survives_being_stored_as_text():
    assert Policy.read({item.key: item.default_text for item in DEFAULTS}) == Policy()


def test_stored_texts_override_their_defaults_only():
    policy = Policy.read({"clock_mode": "workday", "hard_days": " 20 ", "score_unverified_stars": "no"})
    assert policy.clock_mode is ClockMode.WORKDAY
    assert policy.hard_days == 20
    assert policy.score_unverified_stars is False
    assert policy.rating_window_days == 7


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("hard_days", "0"),
        ("hard_days", "many"),
        ("morning_from", "25:00"),
        ("clock_mode", "lunar"),
        ("archive_after_days", "999999999"),
        ("accept_within_minutes", "99999999"),
        ("password_length", "7"),
        ("upload_megabytes", "61"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_with_its_label(key, text):
    with pytest.raises(Refusal) as refused:
        ITEMS[key].parse(text)
    assert refused.value.values == {"value": text, "label": ITEMS[key].label}


def test_working_hours_that_run_backwards_are_refused():
    with pytest.raises(Refusal, match="Working hours"):
        Policy.read({"morning_from": "13:00"})


def test_a_warning_time_within_quiet_hours_is_refused():
    with pytest.raises(Refusal, match="quiet hours"):
        Policy.read({"warn_at": "22:30"})
    with pytest.raises(Refusal, match="quiet hours"):
        Policy.read({"quiet_from": "21:00"})


def test_quiet_hours_run_over_midnight_or_within_a_day():
    night, siesta = Policy(), Policy(quiet_from=time(12), quiet_to=time(14))
    assert [night.is_quiet(time(hour)) for hour in (6, 7, 21, 22)] == [True, False, False, True]
    assert [siesta.is_quiet(time(hour)) for hour in (11, 12, 13, 14)] == [False, True, True, False]

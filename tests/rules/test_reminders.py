import pytest

from rules.deadlines import Tier
from rules.lifecycle import Outside
from rules.policy import Policy
from rules.reminders import (
    TOPICS,
    Event,
    Kind,
    around,
    deliver_at,
    key,
    next_year_is_missing,
    occasions,
    send_at,
    steps,
    topic,
    week_of,
)
from rules.roles import Role
from tests.rules.calendar_2026 import CALENDAR, at, day

POLICY = Policy()


def heard(event, start, due, now, *, tier=None, policy=POLICY):
    """What has come by now: step, recipients and bucket; and when the next one comes."""
    latest, following = around(occasions(steps(event, policy, tier), at(start), at(due), policy, CALENDAR), at(now))
    return latest and (latest.step.name, latest.step.to, latest.bucket), following


@pytest.mark.parametrize("event", Event)
def test_every_event_has_steps_with_distinct_names_and_somebody_to_hear_them(event):
    chosen = steps(event, POLICY)
    assert chosen
    assert len({step.name for step in chosen}) == len(chosen)
    assert all(step.to and step.text for step in chosen)


SIGNING = ("2026-11-18 05:00", "2026-11-18 13:00")


@pytest.mark.parametrize(
    ("now", "name", "to"),
    [
        ("2026-11-18 09:00", "half", (Role.HANDLER,)),
        ("2026-11-18 12:00", "soon", (Role.HANDLER,)),
        ("2026-11-18 13:00", "due", (Role.HANDLER,)),
        ("2026-11-18 17:00", "leader", (Role.UNIT_LEADER,)),
        ("2026-11-18 21:00", "dispatcher", (Role.DISPATCHER,)),
    ],
)
def test_an_unsigned_leg_goes_from_the_handler_to_the_leader_to_the_dispatcher(now, name, to):
    latest, _ = heard(Event.SIGN, *SIGNING, now)
    assert latest == (name, to, f"{name}/20261118T1300")


def test_nothing_is_said_before_half_the_time_is_over_and_the_next_moment_is_known():
    assert heard(Event.SIGN, *SIGNING, "2026-11-18 08:59") == (None, at("2026-11-18 09:00"))
    assert heard(Event.SIGN, *SIGNING, "2026-11-18 09:00")[1] == at("2026-11-18 12:00")
    assert heard(Event.SIGN, *SIGNING, "2026-11-20 12:00")[1] is None


def test_a_job_that_slept_says_the_latest_thing_only():
    latest, _ = heard(Event.SIGN, *SIGNING, "2026-11-18 13:30")
    assert latest[0] == "due"


SETTLING = ("2026-09-17 10:00", "2026-09-25 00:00")


@pytest.mark.parametrize(
    ("now", "bucket", "following"),
    [
        ("2026-09-23 21:30", "soon/20260925T0000", "2026-09-25 07:00"),
        ("2026-09-25 07:00", "due/20260925T0000", "2026-09-28 08:30"),
        ("2026-09-27 12:00", "due/20260925T0000", "2026-09-28 08:30"),
        ("2026-09-28 08:30", "2026-09-28", "2026-09-29 08:30"),
        ("2026-10-05 12:00", "2026-09-30", "2026-10-08 08:30"),
    ],
)
def test_an_overdue_leg_is_reminded_on_each_working_day_and_on_no_holiday(now, bucket, following):
    latest, following_at = heard(Event.SETTLE, *SETTLING, now, tier=Tier.MINOR)
    assert latest[1:] == ((Role.HANDLER, Role.UNIT_LEADER), bucket)
    assert following_at == at(following)


def test_a_three_day_leg_is_warned_twelve_hours_before_and_others_a_day_before():
    start, due = "2026-11-16 10:00", "2026-11-20 00:00"
    assert heard(Event.SETTLE, start, due, "2026-11-16 11:00", tier=Tier.MICRO)[1] == at("2026-11-19 12:00")
    assert heard(Event.SETTLE, start, due, "2026-11-16 11:00", tier=Tier.MINOR)[1] == at("2026-11-18 21:30")


def test_the_warning_times_are_the_policy_s():
    policy = Policy(settle_warn_hours=48)
    _, following = heard(Event.SETTLE, "2026-11-13 10:00", "2026-11-20 15:00", "2026-11-13 11:00", policy=policy)
    assert following == at("2026-11-18 15:00")


OFFICE_S_OWN = Policy(
    sign_late_leader_hours=2,
    sign_late_dispatcher_hours=5,
    review_remind_hours=3,
    review_again_hours=6,
    emergency_again_minutes=2,
    emergency_third_minutes=4,
    rate_again_days=5,
)


@pytest.mark.parametrize(
    ("event", "now", "step", "following"),
    [
        (Event.SIGN, "2026-11-18 13:00", "due", "2026-11-18 15:00"),
        (Event.SIGN, "2026-11-18 15:00", "leader", "2026-11-18 18:00"),
        (Event.NOT_REVIEWED, "2026-11-18 08:00", "first", "2026-11-18 11:00"),
        (Event.EMERGENCY, "2026-11-18 05:00", "first", "2026-11-18 05:02"),
        (Event.EMERGENCY, "2026-11-18 05:02", "second", "2026-11-18 05:04"),
        (Event.PLEASE_RATE, "2026-11-18 12:00", "1", "2026-11-23 07:00"),
    ],
)
def test_every_later_step_comes_when_the_office_says(event, now, step, following):
    latest, following_at = heard(event, *SIGNING, now, policy=OFFICE_S_OWN)
    assert (latest[0], following_at) == (step, at(following))


def test_a_due_date_that_moved_is_warned_of_again():
    before, _ = heard(Event.SETTLE, "2026-11-13 10:00", "2026-11-20 00:00", "2026-11-19 23:00")
    after, _ = heard(Event.SETTLE, "2026-11-13 10:00", "2026-11-23 00:00", "2026-11-22 23:00")
    assert (before[2], after[2]) == ("soon/20261120T0000", "soon/20261123T0000")


def test_an_emergency_is_cried_to_all_three_at_0_5_and_10_minutes_in_the_middle_of_the_night():
    everyone = (Role.HANDLER, Role.UNIT_LEADER, Role.DISPATCHER)
    start, due = "2026-11-18 02:00", "2026-11-18 02:10"
    first, following = heard(Event.EMERGENCY, start, due, start)
    assert (first, following) == (("first", everyone, "first/20261118T0200"), at("2026-11-18 02:05"))
    assert heard(Event.EMERGENCY, start, due, "2026-11-18 02:10") == (("third", everyone, "third/20261118T0200"), None)


def test_a_warning_whose_evening_is_already_over_waits_for_the_morning():
    start, due = "2026-11-18 23:00", "2026-11-19 07:00"
    assert heard(Event.SIGN, start, due, "2026-11-18 23:30") == (None, at("2026-11-19 07:00"))
    assert heard(Event.SIGN, start, due, "2026-11-19 07:00")[0][0] == "due"


def test_a_resident_is_asked_to_rate_at_settlement_and_three_days_later():
    start, due = "2026-11-16 10:00", "2026-11-23 10:00"
    first, following = heard(Event.PLEASE_RATE, start, due, start)
    assert first == ("1", (Outside.REPORTER,), "1/20261116T1000")
    assert following == at("2026-11-19 10:00")


def test_acceptance_is_reminded_half_way_and_when_due():
    start, due = "2026-11-18 09:00", "2026-11-18 11:00"
    assert heard(Event.NOT_ACCEPTED, start, due, "2026-11-18 10:00")[0][1] == (Role.DISPATCHER,)
    assert heard(Event.NOT_ACCEPTED, start, due, "2026-11-18 11:00")[0][1] == (Role.DISPATCHER, Role.UNIT_LEADER)


def test_a_result_that_nobody_reviews_is_reminded_after_one_and_two_hours():
    start = "2026-11-18 09:00"
    assert heard(Event.NOT_REVIEWED, start, start, start) == (None, at("2026-11-18 10:00"))
    assert heard(Event.NOT_REVIEWED, start, start, "2026-11-18 11:00")[0] == (
        "second",
        (Role.UNIT_LEADER,),
        "second/20261118T0900",
    )


def test_a_second_result_is_reminded_of_like_the_first():
    first, _ = heard(Event.NOT_REVIEWED, "2026-11-18 09:00", "2026-11-18 09:00", "2026-11-18 10:00")
    second, _ = heard(Event.NOT_REVIEWED, "2026-11-18 14:00", "2026-11-18 14:00", "2026-11-18 15:00")
    assert (first[2], second[2]) == ("first/20261118T0900", "first/20261118T1400")


def test_first_contact_is_reminded_after_six_hours():
    start = "2026-11-18 09:00"
    assert heard(Event.NO_FIRST_CONTACT, start, start, start) == (None, at("2026-11-18 15:00"))


@pytest.mark.parametrize(
    ("moment", "kind", "delivered"),
    [
        ("2026-11-18 21:59", Kind.WARN, "2026-11-18 21:59"),
        ("2026-11-18 22:00", Kind.WARN, "2026-11-18 21:30"),
        ("2026-11-18 23:59", Kind.INFORM, "2026-11-19 07:00"),
        ("2026-11-19 00:00", Kind.WARN, "2026-11-18 21:30"),
        ("2026-11-19 06:59", Kind.WARN, "2026-11-18 21:30"),
        ("2026-11-19 06:59", Kind.INFORM, "2026-11-19 07:00"),
        ("2026-11-19 07:00", Kind.WARN, "2026-11-19 07:00"),
        ("2026-11-19 03:00", Kind.ALARM, "2026-11-19 03:00"),
    ],
)
def test_nobody_is_woken_but_for_an_emergency(moment, kind, delivered):
    assert deliver_at(at(moment), kind, POLICY) == at(delivered)


def test_a_warning_found_at_night_is_sent_in_the_morning_and_an_alarm_at_once():
    night = at("2026-11-18 23:00")
    assert send_at(night, Kind.WARN, POLICY) == at("2026-11-19 07:00")
    assert send_at(night, Kind.ALARM, POLICY) == night
    assert send_at(at("2026-11-18 12:00"), Kind.WARN, POLICY) == at("2026-11-18 12:00")


def test_quiet_hours_need_not_run_over_midnight():
    siesta = Policy.read({"quiet_from": "12:00", "quiet_to": "14:00", "warn_at": "11:45"})
    assert deliver_at(at("2026-11-18 13:00"), Kind.WARN, siesta) == at("2026-11-18 11:45")
    assert deliver_at(at("2026-11-18 13:00"), Kind.INFORM, siesta) == at("2026-11-18 14:00")
    assert deliver_at(at("2026-11-18 23:00"), Kind.WARN, siesta) == at("2026-11-18 23:00")


def test_reminders_before_and_after_a_due_date_are_counted_apart():
    before, after = steps(Event.SIGN, POLICY)[0], steps(Event.SIGN, POLICY)[-1]
    assert (topic(Event.SIGN, before), topic(Event.SIGN, after)) == ("sign_due", "sign_overdue")
    assert topic(Event.NEW_LEG, steps(Event.NEW_LEG, POLICY)[0]) == "new_leg"
    assert {"settle_due", "settle_overdue", "emergency"} < set(TOPICS)


def test_a_key_says_event_object_recipient_and_bucket():
    assert key(Event.SIGN, "leg-7", 42, "half") == "sign:leg-7:42:half"


def test_weeks_are_those_of_the_calendar():
    assert week_of(day("2027-01-03")) == "2026-W53"


def test_the_office_is_asked_for_next_year_from_mid_november():
    assert not next_year_is_missing(day("2026-11-14"), CALENDAR)
    assert next_year_is_missing(day("2026-11-15"), CALENDAR)
    assert next_year_is_missing(day("2026-12-01"), CALENDAR)
    assert not next_year_is_missing(day("2025-12-01"), CALENDAR)

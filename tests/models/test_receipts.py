"""Due dates are what the regulation says, and their receipts tell truly how they came about."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.applying import Ask, ask, grant
from models.calendar import CalendarDay, load_calendar
from models.co_handling import invite
from models.legs import Leg
from models.meetings import MeetingCause, Minutes, Part, Undertaking, call, decide
from models.merging import merge, split
from models.passing import escalate
from models.policies import policy_version, set_policy
from models.receipts import receipt
from models.resuming import resume
from models.uploads import keep
from rules.applications import ApplicationKind
from rules.deadlines import Tier
from rules.receipt import last_day
from rules.refusals import Refusal
from rules.workdays import local_date
from tests.factories import actor
from tests.stage import at
from tests.way import EVIDENCE, Way

MODES = ["natural", "natural_roll", "workday"]


@pytest.fixture
def counted_in(way):
    def count(mode: str) -> None:
        set_policy(way.session, "clock_mode", mode, way.office, at("2025-12-01 08:00"))

    return count


def settle_section(ticket, leg=None):
    wanted = leg or ticket.lead
    return next(each for each in receipt(ticket) if each.leg is wanted and each.title == "Settle by")


def said(section):
    return [line.message % line.values for line in section.explained.lines]


@pytest.mark.parametrize(
    ("dispatched", "tier", "natural", "natural_roll", "workday"),
    [
        ("2026-02-13", Tier.MICRO, "2026-02-16", "2026-02-24", "2026-02-25"),
        ("2026-02-13", Tier.MINOR, "2026-02-20", "2026-02-24", "2026-03-02"),
        ("2026-09-18", Tier.MINOR, "2026-09-25", "2026-09-28", "2026-09-29"),
        ("2026-04-30", Tier.MICRO, "2026-05-03", "2026-05-06", "2026-05-08"),
        ("2025-12-31", Tier.MICRO, "2026-01-03", "2026-01-04", "2026-01-06"),
    ],
)
@pytest.mark.parametrize("mode", MODES)
def test_a_leg_dispatched_on_that_day_is_stored_with_that_due_date(
    way, counted_in, mode, dispatched, tier, natural, natural_roll, workday
):
    counted_in(mode)
    ticket = way.dispatched(at(f"{dispatched} 10:30"), tier=tier)
    way.session.commit()
    stored = way.session.scalar(sa.select(Leg.settle_due_at).where(Leg.id == ticket.lead.id))
    day = {"natural": natural, "natural_roll": natural_roll, "workday": workday}[mode]
    assert stored == at(f"{day} 00:00") + timedelta(days=1)
    assert settle_section(ticket).explained.whole


@pytest.mark.parametrize(
    ("submitted", "promised"), [("2026-02-13 16:00", "2026-02-14 17:00"), ("2026-09-30 10:00", "2026-10-08 11:00")]
)
def test_the_resident_s_eight_hours_are_stored_in_working_hours(way, counted_in, submitted, promised):
    counted_in("workday")
    ticket = way.dispatched(at(submitted))
    way.session.commit()
    way.session.refresh(ticket)
    assert (ticket.respond_due_at, ticket.lead.sign_due_at) == (at(promised), at(promised))
    assert all(section.explained.whole for section in receipt(ticket))


def test_working_days_tell_what_was_skipped_and_what_was_made_up(way, counted_in):
    counted_in("workday")
    lines = settle_section(way.dispatched(at("2026-02-13 10:00"), tier=Tier.MINOR)).explained.lines
    assert [line.message for line in lines[1:]] == [
        "The first day, %(day)s, does not count.",
        "%(days)s working days are counted.",
        "Skipped as days off: %(skipped)s.",
        "Counted as make-up working days: %(made_up)s.",
    ]
    assert [day.isoformat() for day in lines[3].values["skipped"]] == [
        *[f"2026-02-{day}" for day in range(15, 24)],
        "2026-03-01",
    ]
    assert [day.isoformat() for day in lines[4].values["made_up"]] == ["2026-02-14", "2026-02-28"]
    assert lines[0].values["days"] == 7
    assert lines[0].values["version"] == policy_version(way.session)


def test_a_day_that_rolls_says_past_which_days(way, counted_in):
    counted_in("natural_roll")
    lines = settle_section(way.dispatched(at("2026-09-18 10:00"), tier=Tier.MINOR)).explained.lines
    assert [day.isoformat() for day in lines[-1].values["skipped"]] == ["2026-09-25", "2026-09-26", "2026-09-27"]
    assert lines[-1].due == at("2026-09-29 00:00")


@pytest.mark.parametrize(
    ("mode", "due"),
    [("natural", "2026-10-02 00:00"), ("natural_roll", "2026-10-09 00:00"), ("workday", "2026-10-10 00:00")],
)
def test_an_extension_runs_from_midnight_over_the_holidays(way, counted_in, mode, due):
    """Due at the end of 09-29, 09-29 and 09-30; two days more, with the National Day from 10-01 to 10-07."""
    counted_in(mode)
    when = {"natural": "2026-09-22 10:00", "natural_roll": "2026-09-22 10:00", "workday": "2026-09-20 10:00"}[mode]
    ticket = way.signed(at(when), tier=Tier.MINOR)
    before = {"natural": "2026-09-30 00:00", "natural_roll": "2026-09-30 00:00", "workday": "2026-10-01 00:00"}[mode]
    assert ticket.lead.settle_due_at == at(before)
    asked = ask(ticket, Ask(ApplicationKind.EXTENSION, "works", "等配件", days=2), way.handler, at("2026-09-28 09:00"))
    grant(ticket, asked, way.dispatcher, at("2026-09-28 10:00"))
    assert ticket.lead.settle_due_at == at(due)
    section = settle_section(ticket)
    assert (section.explained.whole, section.explained.lines[-1].due) == (True, at(due))
    assert ("The original date was %(due)s.") in [note.message for note in section.notes]


def test_an_emergency_is_given_back_its_pause_on_a_day_off(way, counted_in):
    counted_in("workday")
    ticket = way.signed(at("2026-10-03 09:00"), tier=Tier.EMERGENCY)
    assert (ticket.lead.clock_mode, ticket.lead.settle_due_at) == ("natural", at("2026-10-04 09:00"))
    keep(way.session, ticket, EVIDENCE, way.handler, at("2026-10-03 10:00"), leg=ticket.lead)
    ticket.submit_result(way.handler, at("2026-10-03 10:00"), result="堵住了", feedback="已处理")
    ticket.send_back(way.leader, at("2026-10-03 12:00"), reason="没有照片")
    assert ticket.lead.settle_due_at == at("2026-10-04 11:00")
    assert settle_section(ticket).explained.whole


@pytest.mark.parametrize(
    ("mode", "due"),
    [("natural", "2026-09-27 00:00"), ("natural_roll", "2026-09-25 00:00"), ("workday", "2026-09-29 00:00")],
)
def test_a_co_handler_is_done_a_day_of_the_mode_before_the_lead(way, counted_in, mode, due):
    """The lead is due at the end of 09-27, 09-28 and 09-29; from 09-25 to 09-27 nobody works."""
    counted_in(mode)
    when = {"natural": "2026-09-20 10:00", "natural_roll": "2026-09-19 10:00", "workday": "2026-09-18 10:00"}[mode]
    ticket = way.signed(at(when), tier=Tier.MINOR)
    leg = invite(ticket, way.district.department, way.handler, at("2026-09-20 11:00"), task="查道路权属")
    assert leg.settle_due_at == at(due)
    assert settle_section(ticket, leg).explained.whole


def test_a_date_in_a_year_nobody_has_published_says_so_whatever_moved_it_there(way):
    ticket = way.signed(at("2026-12-20 09:00"), tier=Tier.MINOR)
    assert not ticket.lead.due_unofficial
    asked = ask(ticket, Ask(ApplicationKind.EXTENSION, "works", "等配件", days=7), way.handler, at("2026-12-21 09:00"))
    grant(ticket, asked, way.dispatcher, at("2026-12-21 10:00"))
    assert (ticket.lead.settle_due_at, ticket.lead.due_unofficial) == (at("2027-01-04 00:00"), True)


def test_a_promise_a_merger_and_a_split_are_told(way):
    first, second = way.signed(at("2026-09-18 09:00")), way.signed(at("2026-09-20 09:00"), tier=Tier.MINOR)
    first.contact(way.handler, at("2026-09-20 10:00"), note="已联系")
    merge(first, second, way.dispatcher, at("2026-09-20 11:00"), reason="同一盏路灯")
    assert second.lead.settle_due_at == at("2026-09-22 00:00")
    told = settle_section(second)
    assert (told.explained.whole, told.explained.lines[-1].values["number"]) == (True, first.number)
    promise = next(each for each in receipt(second) if each.title == "Promised to the resident")
    assert (promise.explained.whole, promise.explained.due) == (True, at("2026-09-18 17:00"))
    split(first, way.dispatcher, at("2026-09-20 12:00"), reason="是另一盏")
    assert settle_section(second).explained.whole
    assert settle_section(second).explained.due == at("2026-09-28 00:00")
    first.contact(way.handler, at("2026-09-20 13:00"), note="已联系")
    asking = Ask(ApplicationKind.PROMISE, "budget", "列入计划", until=at("2026-10-20 00:00"), owner="王书记")
    grant(first, ask(first, asking, way.handler, at("2026-09-20 14:00")), way.dispatcher, at("2026-09-20 15:00"))
    promised = settle_section(first).explained
    assert (promised.whole, promised.due, promised.lines[-1].values["owner"]) == (
        True,
        at("2026-10-20 00:00"),
        "王书记",
    )


def test_the_limit_in_all_and_the_date_of_a_meeting_are_told(way, counted_in):
    set_policy(way.session, "total_days", "5", way.office, at("2026-09-01 08:00"))
    ticket = way.signed(at("2026-09-18 09:00"))
    escalate(ticket, way.handler, at("2026-09-19 09:00"), opinion="办不了")
    section = settle_section(ticket)
    assert (section.explained.whole, section.explained.due) == (True, at("2026-09-24 00:00"))
    assert section.explained.lines[0].values["days"] == 5
    call(ticket, MeetingCause.CALLED, way.dispatcher, at("2026-09-20 09:00"))
    decide(
        ticket,
        Minutes(
            at("2026-09-21 09:00").date(), "区长", "到会", "交通局办",
            [Undertaking(way.district.department, Part.LEAD)], settle_by=at("2026-10-09 18:00"),
        ),
        way.dispatcher,
        at("2026-09-21 10:00"),
    )  # fmt: skip
    assert settle_section(ticket).explained.due == at("2026-10-09 18:00")
    assert all(section.explained.whole for section in receipt(ticket))


def test_what_no_step_tells_is_said_not_to_be_told(way):
    ticket = way.signed()
    ticket.lead.settle_due_at = at("2026-12-24 12:00")
    explained = settle_section(ticket).explained
    assert not explained.whole
    assert explained.lines[-1].message.startswith("The date that is stored")


def test_a_leg_of_a_ledger_claims_its_tier_only_where_that_gives_its_date(way):
    ticket = way.dispatched(at("2026-09-18 09:00"))
    ticket.lead.counted = None
    way.session.flush()
    assert settle_section(ticket).explained.whole
    ticket.lead.settle_due_at = ticket.lead.settle_due_original = at("2026-10-30 00:00")
    explained = settle_section(ticket).explained
    assert (explained.whole, len(explained.lines)) == (False, 1)
    assert explained.lines[0].message == "How this date was counted is not recorded."


def test_a_calendar_that_was_changed_since_is_not_held_against_the_date(way, counted_in):
    counted_in("workday")
    ticket = way.dispatched(at("2026-09-18 09:00"), tier=Tier.MINOR)
    way.session.add(CalendarDay(day=at("2026-09-22 09:00").date(), working=False, name="停工"))
    way.session.flush()
    explained = settle_section(ticket).explained
    assert (explained.whole, explained.due) == (True, at("2026-09-30 00:00"))
    assert explained.lines[-1].message.startswith("This was counted by the calendar as it stood then")


def test_a_policy_that_was_changed_since_is_told_as_it_was(way):
    ticket = way.dispatched(at("2026-09-18 09:00"))
    set_policy(way.session, "micro_days", "9", way.office, at("2026-09-19 08:00"))
    set_policy(way.session, "sign_within_hours", "2", way.office, at("2026-09-19 08:00"))
    assert all(section.explained.whole for section in receipt(ticket))


MOVES = st.lists(
    st.tuples(st.sampled_from(["review", "extend", "suspend", "escalate"]), st.integers(1, 60), st.integers(1, 7)),
    max_size=6,
)


@pytest.mark.parametrize("mode", MODES)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hours=st.integers(0, 24 * 300), tier=st.sampled_from([Tier.MICRO, Tier.MINOR, Tier.EMERGENCY]), moves=MOVES)
def test_the_steps_that_are_told_give_the_date_that_is_stored(way, mode, hours, tier, moves):
    fresh = Way(way.session, way.district)
    try:
        walk(fresh, mode, at("2025-12-20 00:20") + timedelta(hours=hours), tier, moves)
    finally:
        way.session.rollback()


def walk(way, mode, now, tier, moves) -> None:
    set_policy(way.session, "clock_mode", mode, way.office, at("2025-12-01 08:00"))
    calendar, ticket = load_calendar(way.session), way.signed(now, tier=tier)
    town = actor(way.session, "handler", way.district.town), actor(way.session, "unit_leader", way.district.town)
    staff = way.handler, way.leader
    for move, later, days in moves:
        now += timedelta(hours=later)
        try:
            staff = COURSE[move](way, ticket, staff, town, now, days)
        except Refusal:
            continue
        now += timedelta(hours=later + days * 24)
        check_truth(ticket, calendar)
    check_truth(ticket, calendar)


def check_truth(ticket, calendar) -> None:
    """By arithmetic of the test's own: a day is counted off for each that the receipt names as skipped."""
    for section in receipt(ticket):
        explained = section.explained
        assert explained.whole, said(section)
        assert explained.lines[-1].due == explained.due
        first = explained.lines[0]
        if section.leg is None or section.title != "Settle by" or "mode" not in first.values:
            continue
        upto = next(n for n, line in enumerate(explained.lines) if line.due is not None)
        part = explained.lines[: upto + 1]
        if "since" in first.values and "days" in first.values:
            start = first.values["since"]
            skipped = sum(len(line.values.get("skipped", ())) for line in part)
            last = last_day(part[-1].due)
            assert (last - local_date(start)).days == first.values["days"] + skipped
            assert all(not calendar.is_workday(day) for line in part for day in line.values.get("skipped", ()))


def review(way, ticket, staff, town, now, days):
    handler, leader = staff
    if ticket.state == "dispatched":
        ticket.sign(handler, now)
    keep(way.session, ticket, EVIDENCE, handler, now, leg=ticket.lead)
    ticket.submit_result(handler, now, result="办了", feedback="办了")
    ticket.send_back(leader, now + timedelta(hours=days * 7), reason="再办")
    return staff


def extend(way, ticket, staff, town, now, days):
    asked = ask(ticket, Ask(ApplicationKind.EXTENSION, "works", "等配件", days=days), staff[0], now)
    grant(ticket, asked, way.dispatcher, now + timedelta(minutes=30))
    return staff


def suspend(way, ticket, staff, town, now, days):
    if ticket.state == "dispatched":
        ticket.sign(staff[0], now)
    ticket.contact(staff[0], now, note="已联系")
    until = now + timedelta(days=days)
    asked = ask(ticket, Ask(ApplicationKind.SUSPENSION, "season", "冬天不能施工", until=until), staff[0], now)
    grant(ticket, asked, way.dispatcher, now)
    resume(ticket, way.dispatcher, until - timedelta(hours=5), note="开工")
    return staff


def hand_up(way, ticket, staff, town, now, days):
    if ticket.state == "dispatched":
        ticket.sign(staff[0], now)
    escalate(ticket, staff[0], now, opinion="办不了")
    return town


COURSE = {"review": review, "extend": extend, "suspend": suspend, "escalate": hand_up}

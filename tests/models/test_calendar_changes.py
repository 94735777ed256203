"""A change of the calendar moves open due dates only where somebody says so."""

from datetime import date

import pytest
import sqlalchemy as sa

from models.applying import Ask, ask, grant
from models.calendar import CalendarDay, CalendarYear, load_calendar
from models.calendar_changes import Entry, due_moves, enter, take_back, unofficial_dues, with_entries
from models.legs import Leg
from models.policies import set_policy
from models.receipts import receipt
from rules.applications import ApplicationKind
from rules.deadlines import Tier
from rules.refusals import Refusal
from tests.stage import at

OFF = [Entry(date(2026, 11, 19), False, "运动会")]
WHEN = at("2026-11-18 09:00")


@pytest.fixture
def dispatched(way):
    """Due 2026-11-20: a working week without a day off."""

    def dispatch(mode="workday", when="2026-11-17 10:00", **more):
        set_policy(way.session, "clock_mode", mode, way.office, at("2026-11-01 08:00"))
        return way.signed(at(when), **more)

    return dispatch


def moves(session, entries=OFF):
    return list(due_moves(session, with_entries(load_calendar(session), entries, [])))


def settle_by(ticket):
    return next(each for each in receipt(ticket) if each.leg is ticket.lead and each.title == "Settle by")


def test_what_would_move_is_told_and_nothing_changes(way, dispatched):
    ticket = dispatched()
    [move] = moves(way.session)
    assert (move.leg_id, move.unit_name) == (ticket.lead.id, "石桥村")
    assert (move.old, move.new) == (at("2026-11-21 00:00"), at("2026-11-24 00:00"))
    assert ticket.lead.settle_due_at == at("2026-11-21 00:00")


def test_days_that_are_not_counted_or_are_over_move_nothing(way, dispatched):
    dispatched("natural")
    dispatched("natural_roll")
    dispatched(when="2026-11-02 10:00")
    settled = way.settled(at("2026-11-17 10:00"))
    assert settled.lead.clock_mode == "workday"
    assert moves(way.session) == []
    [move] = moves(way.session, [Entry(date(2026, 11, 20), False)])
    assert (move.old, move.new) == (at("2026-11-21 00:00"), at("2026-11-24 00:00"))


def test_a_calendar_alone_leaves_every_stored_date(way, dispatched):
    ticket = dispatched()
    change = enter(way.session, OFF, [], way.office, WHEN, move=False)
    assert (change.moved, ticket.lead.settle_due_at) == (0, at("2026-11-21 00:00"))
    assert not load_calendar(way.session).is_workday(date(2026, 11, 19))
    assert settle_by(ticket).explained.whole
    [move] = moves(way.session, [])
    assert move.new == at("2026-11-24 00:00")


def test_due_dates_that_go_along_say_so_and_can_be_taken_back(way, dispatched):
    ticket, other = dispatched(), dispatched("natural")
    change = enter(way.session, OFF, [], way.office, WHEN, move=True)
    assert (change.moved, change.name, change.days) == (1, "冯调研", [["2026-11-19", False, "运动会"]])
    assert (ticket.lead.settle_due_at, ticket.next_due_at) == (at("2026-11-24 00:00"),) * 2
    assert ticket.lead.settle_due_original == at("2026-11-21 00:00")
    assert other.lead.settle_due_at == at("2026-11-21 00:00")
    event = ticket.events[-1]
    assert (event.action, event.name, event.data["calendar"], event.state_after) == (
        "recounted", "冯调研", change.id, "signed")  # fmt: skip
    assert settle_by(ticket).explained.whole
    assert take_back(way.session, change, way.office, at("2026-11-18 10:00")) == 1
    assert (ticket.lead.settle_due_at, ticket.next_due_at) == (at("2026-11-21 00:00"),) * 2
    assert settle_by(ticket).explained.whole
    with pytest.raises(Refusal, match="taken this move back already"):
        take_back(way.session, change, way.office, at("2026-11-18 11:00"))


def test_what_has_moved_since_stays_where_it_is(way, dispatched):
    ticket, other = dispatched(), dispatched()
    change = enter(way.session, OFF, [], way.office, WHEN, move=True)
    asked = ask(ticket, Ask(ApplicationKind.EXTENSION, "works", "等配件", days=1), way.handler, at("2026-11-18 12:00"))
    grant(ticket, asked, way.dispatcher, at("2026-11-18 13:00"))
    assert take_back(way.session, change, way.office, at("2026-11-18 14:00")) == 1
    assert ticket.lead.settle_due_at == at("2026-11-25 00:00")
    assert other.lead.settle_due_at == at("2026-11-21 00:00")
    assert settle_by(ticket).explained.whole


def test_extensions_and_pauses_go_along_and_a_promise_does_not(way, dispatched):
    extended, promised = dispatched(), dispatched()
    for ticket, asking in (
        (extended, Ask(ApplicationKind.EXTENSION, "works", "等配件", days=1)),
        (promised, Ask(ApplicationKind.PROMISE, "budget", "列入计划", until=at("2026-11-25 00:00"), owner="王书记")),
    ):
        ticket.contact(way.handler, at("2026-11-17 11:00"), note="已联系")
        grant(ticket, ask(ticket, asking, way.handler, at("2026-11-17 12:00")), way.dispatcher, at("2026-11-17 13:00"))
    assert extended.lead.settle_due_at == at("2026-11-24 00:00")
    [move] = moves(way.session)
    assert (move.leg_id, move.new) == (extended.lead.id, at("2026-11-25 00:00"))


def test_a_date_that_nobody_can_tell_stays(way, dispatched):
    ticket = dispatched()
    ticket.lead.settle_due_at = at("2026-11-22 00:00")
    way.session.flush()
    assert moves(way.session) == []


def test_a_year_is_official_only_when_somebody_says_so(way, dispatched):
    ticket = dispatched(when="2026-12-28 10:00", tier=Tier.MINOR)
    assert (ticket.lead.due_unofficial, unofficial_dues(way.session)) == (True, {2027: 1})
    day = [Entry(date(2027, 1, 1), False, "元旦")]
    enter(way.session, day, [], way.office, WHEN, move=False)
    assert way.session.scalar(sa.select(CalendarYear.official).where(CalendarYear.year == 2027)) is False
    assert ticket.lead.due_unofficial
    enter(way.session, day, [2027], way.office, WHEN, move=True)
    assert way.session.scalar(sa.select(CalendarYear.official).where(CalendarYear.year == 2027)) is True
    assert (ticket.lead.due_unofficial, unofficial_dues(way.session)) == (False, {})


def test_a_day_that_is_plain_again_leaves_the_calendar(way):
    enter(way.session, OFF, [], way.office, WHEN, move=False)
    enter(way.session, [Entry(date(2026, 11, 19), None)], [], way.office, WHEN, move=False)
    assert load_calendar(way.session).is_workday(date(2026, 11, 19))
    assert way.session.scalar(sa.select(CalendarDay).where(CalendarDay.day == date(2026, 11, 19))) is None


def test_what_nothing_was_moved_by_cannot_be_taken_back(way):
    change = enter(way.session, OFF, [], way.office, WHEN, move=True)
    with pytest.raises(Refusal, match="No due date went along"):
        take_back(way.session, change, way.office, WHEN)
    assert way.session.scalar(sa.select(sa.func.count()).select_from(Leg)) == 0

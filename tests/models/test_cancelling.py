"""A reporter takes the request back."""

import pytest
import sqlalchemy as sa

from jobs.reminders import remind
from models.applying import Ask, ask, grant
from models.cancelling import cancel
from models.co_handling import invite
from models.meetings import MeetingCause, call
from models.merging import merge
from models.notices import Notice
from models.supervisions import SupervisionCause, supervise
from models.tracking import find_tracked
from rules.applications import ApplicationKind
from rules.refusals import Refusal
from tests.factories import actor
from tests.stage import at

WHY = "已经自己修好了"


def take_back(ticket, when="2026-09-19 09:00", reason=WHY, reporter=None):
    cancel(ticket, reporter or ticket.reporters[0], at(when), reason)


def told(way, event="cancelled"):
    way.session.flush()
    return set(way.session.scalars(sa.select(Notice.person_id).where(Notice.event == event)))


def test_before_it_is_dispatched_the_dispatcher_is_told(way):
    ticket = way.submitted()
    _ = way.dispatcher
    take_back(ticket)
    assert (ticket.state, ticket.next_due_at) == ("cancelled", None)
    assert (ticket.events[-1].action, ticket.events[-1].note, ticket.events[-1].public) == ("cancel", WHY, True)
    assert told(way) == {way.dispatcher.person_id}


def test_all_clocks_stop_what_was_asked_for_lapses_and_all_units_are_told(way):
    helper = actor(way.session, "handler", way.district.department)
    ticket, _leader = way.signed(), way.leader
    ticket.contact(way.handler, at("2026-09-18 10:00"), note="已联系")
    invite(ticket, way.district.department, way.handler, at("2026-09-18 11:00"), task="查线路")
    asked = ask(ticket, Ask(ApplicationKind.EXTENSION, "works", "等配件", days=2), way.handler, at("2026-09-18 12:00"))
    take_back(ticket)
    assert [(leg.state, leg.ended, leg.ended_at) for leg in ticket.legs] == [
        ("cancelled", "cancelled", at("2026-09-19 09:00"))
    ] * 2
    assert asked.state == "lapsed"
    assert told(way) == {way.handler.person_id, way.leader.person_id, helper.person_id}
    way.session.commit()
    remind(way.session, at("2026-10-30 09:00"))
    assert told(way, "settle_overdue") == told(way, "settle_due") == set()


def test_a_meeting_and_a_supervision_are_over_with_it(way):
    ticket = way.signed()
    call(ticket, MeetingCause.CALLED, way.dispatcher, at("2026-09-18 10:00"))
    supervisor = actor(way.session, "supervisor", way.district.root)
    supervise(ticket, SupervisionCause.PERSON, supervisor, at("2026-09-18 10:00"), demand="抓紧")
    take_back(ticket)
    way.session.flush()
    assert (ticket.meeting, ticket.meetings[0].decision) == (None, WHY)
    assert (ticket.supervisions[0].closing, ticket.supervisions[0].closed_at) == (WHY, at("2026-09-19 09:00"))


def test_what_is_suspended_may_be_taken_back_and_what_is_reviewed_or_settled_may_not(way):
    ticket = way.signed()
    ticket.contact(way.handler, at("2026-09-18 10:00"), note="已联系")
    until = at("2026-10-01 00:00")
    asked = ask(
        ticket, Ask(ApplicationKind.SUSPENSION, "season", "等天晴", until=until), way.handler, at("2026-09-18 11:00")
    )
    grant(ticket, asked, way.dispatcher, at("2026-09-18 12:00"))
    take_back(ticket)
    assert ticket.state == "cancelled"
    for other in (way.with_result(), way.settled()):
        with pytest.raises(Refusal, match="“Withdraw the request” is not possible"):
            take_back(other)


def test_a_reason_is_asked_for_and_the_own_request_alone_is_taken_back(way):
    ticket, other = way.signed(), way.signed()
    with pytest.raises(Refusal, match="why you take it back"):
        take_back(ticket, reason=" ")
    with pytest.raises(Refusal, match="one of the reporters"):
        take_back(ticket, reporter=other.reporters[0])


@pytest.fixture
def merged(way):
    """The second is handled in the first."""
    first, second = (
        way.signed(at("2026-09-18 09:00")),
        way.accepted(at("2026-09-18 08:00"), reporter_mobile="13900005678"),
    )
    merge(second, first, way.dispatcher, at("2026-09-18 10:00"), reason="同一盏路灯")
    return first, second


def test_of_merged_requests_only_the_own_part_is_taken_back(way, merged):
    first, second = merged
    [reporter] = [each for each in first.reporters if each.asked_in is second]
    assert first.respond_due_at == at("2026-09-18 16:00")
    take_back(second, reporter=reporter)
    assert (second.state, second.merged_into, reporter.ticket, reporter.asked_in) == ("cancelled", None, second, None)
    assert (first.state, first.respond_due_at, len(first.reporters)) == ("signed", at("2026-09-18 17:00"), 1)
    assert find_tracked(way.session, second.tracking_code, "5678") is reporter


def test_whose_request_answers_others_cannot_end_it_for_them(way, merged):
    first, _second = merged
    with pytest.raises(Refusal, match="Others have asked for the same"):
        take_back(first, reporter=first.reporters[0])
    assert first.state == "signed"


def test_what_is_answered_already_together_with_another_is_not_taken_back(way, merged):
    first, second = merged
    first.state = "settled"
    with pytest.raises(Refusal, match="on hold or answered already"):
        take_back(second, reporter=first.reporters[-1])

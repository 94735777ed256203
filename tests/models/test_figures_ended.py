"""What was taken back, returned, suspended, merged or not accepted, as the figures have it: counted by hand."""

import pytest

from models.applying import Ask, ask, grant
from models.co_handling import invite
from models.figures import Count, overall
from models.merging import merge
from models.passing import escalate, recall
from rules.applications import ApplicationKind
from rules.periods import parse_month
from tests.factories import actor
from tests.stage import at

SEPTEMBER, LATER = parse_month("2026-09"), at("2026-11-20 12:00")
NOBODY = Count(0, 0, 0)


@pytest.fixture
def counted(way):
    def count(place, figure):
        way.session.flush()
        return overall(way.session, place.path, SEPTEMBER.start, SEPTEMBER.end, LATER)[figure]

    return count


@pytest.mark.parametrize(("taken_back", "sign"), [("2026-09-18 16:59", NOBODY), ("2026-09-18 17:01", Count(0, 1, 0))])
def test_a_unit_answers_for_not_signing_what_was_taken_back_only_after_its_time(way, counted, taken_back, sign):
    recall(way.dispatched(at("2026-09-18 09:00")), way.dispatcher, at(taken_back), reason="派错了")
    assert counted(way.district.village, "sign") == sign
    assert counted(way.district.village, "on_time") == NOBODY


def decided(way, kind, by, granting):
    ticket = way.signed(at("2026-09-18 09:00"))
    ticket.contact(way.handler, at("2026-09-18 09:30"), note="已联系")
    asking = Ask(kind, "r", "依据", until=at("2026-10-10 09:00"), unit=way.district.department)
    grant(ticket, ask(ticket, asking, by, at("2026-09-18 10:00")), granting, at("2026-09-18 11:00"))
    return ticket


def test_what_was_returned_counts_as_signed_for_and_its_limit_is_answered_for_by_the_next(way, counted):
    ticket = decided(way, ApplicationKind.RETURN, way.handler, way.dispatcher)
    assert counted(way.district.village, "sign") == Count(1, 1, 0)
    assert counted(way.district.village, "on_time") == NOBODY
    assert counted(way.district.village, "settle") == Count(0, 0, 1)
    ticket.dispatch(way.district.department, way.dispatcher, at("2026-09-18 12:00"))
    assert counted(way.district.department, "on_time") == Count(0, 1, 0)
    assert counted(way.district.department, "settle") == Count(0, 1, 0)


def test_while_it_is_suspended_no_limit_passes(way, counted):
    ticket = decided(way, ApplicationKind.SUSPENSION, way.handler, way.dispatcher)
    assert ticket.state == "suspended"
    assert counted(way.district.village, "on_time") == NOBODY
    assert counted(way.district.village, "settle") == Count(0, 1, 0)


def test_what_was_escalated_is_the_next_level_s(way, counted):
    ticket = way.signed(at("2026-09-18 09:00"))
    escalate(ticket, way.handler, at("2026-09-18 10:00"), opinion="村里办不了")
    assert counted(way.district.village, "on_time") == NOBODY
    assert counted(way.district.root, "on_time") == Count(0, 1, 0)
    assert counted(way.district.root, "sign") == Count(1, 2, 0)


def test_what_was_merged_or_not_accepted_is_no_case_of_its_own(way, counted):
    into, same = way.signed(at("2026-09-18 09:00")), way.signed(at("2026-09-18 09:00"))
    merge(same, into, way.dispatcher, at("2026-09-18 10:00"), reason="同一盏灯")
    refused = way.accepted(at("2026-09-18 09:00"))
    asked = ask(refused, Ask(ApplicationKind.DECLINE, "r", "依据"), way.town_dispatcher, at("2026-09-18 10:00"))
    grant(refused, asked, way.dispatcher, at("2026-09-18 11:00"))
    assert (same.state, refused.state) == ("merged", "declined")
    assert counted(way.district.village, "settle") == Count(0, 1, 0)
    assert counted(way.district.village, "on_time") == Count(0, 1, 0)


def test_a_unit_that_helps_answers_for_signing_and_leaves_the_limit_to_the_lead(way, counted):
    ticket = way.signed(at("2026-09-18 09:00"))
    invite(ticket, way.district.department, way.handler, at("2026-09-18 10:00"), task="查线路")
    ticket.sign(actor(way.session, "handler", way.district.department), at("2026-09-18 18:01"))
    assert counted(way.district.department, "sign") == Count(0, 1, 0)
    assert counted(way.district.department, "on_time") == NOBODY

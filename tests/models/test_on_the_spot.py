"""What was done while the resident was there is recorded in one step and confirmed by a second person."""

import pytest

from models.on_the_spot import on_the_spot
from models.policies import set_policy
from models.uploads import keep
from rules.refusals import Refusal
from tests.factories import actor
from tests.stage import at
from tests.way import EVIDENCE

NOON = at("2026-09-18 12:00")
SAID = {"result": "当场换了灯泡", "feedback": "已当面告知"}


@pytest.fixture
def done(way):
    ticket = way.submitted(at("2026-09-18 09:00"))
    on_the_spot(ticket, way.handler, NOON, **SAID)
    return ticket


def test_one_step_brings_it_before_the_units_own_leader_with_every_clock_stopped(way, done):
    (leg,) = done.legs
    assert (done.state, done.lead_unit, done.tier) == ("pending_review", way.district.village, "micro")
    assert (leg.state, leg.role, leg.handler_id, leg.unit_id) == (
        "pending_review", "lead", way.handler.person_id, way.district.village.id,
    )  # fmt: skip
    assert [leg.dispatched_at, leg.signed_at, leg.first_contact_at, leg.result_at] == [NOON] * 4
    assert (leg.sign_due_at, leg.signed_late) == (at("2026-09-18 17:00"), False)
    assert leg.settle_due_at == leg.settle_due_original == at("2026-09-22 00:00")
    assert (done.accepted_at, done.first_unit_id, done.next_due_at) == (NOON, way.district.village.id, None)
    assert (leg.result, leg.feedback) == ("当场换了灯泡", "已当面告知")


def test_the_record_has_one_line_of_it_and_the_resident_sees_that(way, done):
    line = done.events[-1]
    assert [each.action for each in done.events] == ["submit", "on_the_spot"]
    assert (line.state_before, line.state_after, line.leg, line.public) == (
        "submitted", "pending_review", done.lead, True,
    )  # fmt: skip


def test_it_is_settled_as_done_on_the_spot_by_the_leader_without_evidence(way, done):
    done.settle(way.leader, at("2026-09-18 15:00"), mode="on_the_spot")
    assert (done.state, done.disposal_mode, done.settled_at) == ("settled", "on_the_spot", NOON)
    assert (done.credited_unit_id, done.credited_person_id) == (way.district.village.id, way.handler.person_id)


def test_nobody_confirms_what_they_did_themselves(way):
    both = actor(way.session, "handler", way.district.village)
    both = type(both)(**{**vars(both), "roles": both.roles | way.leader.roles})
    ticket = way.submitted()
    on_the_spot(ticket, both, NOON, **SAID)
    with pytest.raises(Refusal, match="of their own"):
        ticket.settle(both, NOON, mode="on_the_spot")
    assert ticket.state == "pending_review"


def test_a_result_handed_in_again_after_it_was_sent_back_was_not_on_the_spot(way, done):
    done.send_back(way.leader, at("2026-09-18 13:00"), reason="灯没亮")
    keep(way.session, done, EVIDENCE, way.handler, at("2026-09-18 16:00"), leg=done.lead)
    done.submit_result(way.handler, at("2026-09-18 16:00"), result="换了线路", feedback="已告知")
    with pytest.raises(Refusal, match="not recorded as handled on the spot"):
        done.settle(way.leader, at("2026-09-18 17:00"), mode="on_the_spot")
    done.settle(way.leader, at("2026-09-18 17:00"), mode="coordinated")
    assert done.disposal_mode == "coordinated"


def test_a_dispatcher_of_the_town_does_it_in_the_name_of_the_town(way):
    ticket = way.submitted()
    leg = on_the_spot(ticket, way.town_dispatcher, NOON, **SAID)
    assert (leg.unit_name, ticket.first_unit_id) == ("青石镇", way.district.town.id)


def test_the_catalogue_says_otherwise_of_an_emergency(way):
    ticket = way.submitted(kind="emergency")
    on_the_spot(ticket, way.handler, NOON, **SAID)
    assert ticket.tier == "emergency"


def test_days_are_counted_as_the_office_counts_them(way):
    set_policy(way.session, "clock_mode", "workday", way.office, at("2026-09-18 08:00"))
    ticket = way.submitted(at("2026-09-18 09:00"))
    assert on_the_spot(ticket, way.handler, NOON, **SAID).settle_due_at == at("2026-09-23 00:00")


@pytest.mark.parametrize("missing", ["result", "feedback"])
def test_both_what_was_done_and_what_was_said_are_written_down(way, missing):
    ticket = way.submitted()
    with pytest.raises(Refusal, match="Write both"):
        on_the_spot(ticket, way.handler, NOON, **SAID | {missing: " "})
    assert (ticket.state, ticket.legs) == ("submitted", [])


def test_it_is_not_for_people_of_another_place_nor_for_what_is_under_way(way):
    ticket = way.submitted()
    with pytest.raises(Refusal, match="lies outside"):
        on_the_spot(ticket, way.far_handler, NOON, **SAID)
    under_way = way.dispatched()
    with pytest.raises(Refusal, match="not possible while the request is “Dispatched”"):
        on_the_spot(under_way, way.handler, NOON, **SAID)

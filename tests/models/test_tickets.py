from datetime import date

import pytest
import sqlalchemy as sa

from models.acting import RESIDENT, SYSTEM, Actor
from models.categories import Category
from models.intake import Draft, submit
from models.policies import set_policy
from models.ratings import Opinion, Resolved
from models.tickets import Ticket
from models.tracking import find_tracked
from models.uploads import keep
from rules.deadlines import Tier
from rules.lifecycle import Move, State
from rules.refusals import Refusal
from tests.stage import at
from tests.way import EVIDENCE, MORNING


def actions(ticket: Ticket) -> list[str]:
    return [event.action for event in ticket.events]


def test_the_whole_way_leaves_one_event_a_move_and_the_state_of_each(way):
    ticket = way.settled()
    ticket.rate(ticket.reporters[0], Opinion(5, Resolved.YES), RESIDENT, at("2026-09-19 08:00"))
    ticket.archive(SYSTEM, at("2026-10-19 08:00"))
    assert actions(ticket) == [
        "submit", "accept", "dispatch", "sign", "submit_result", "settle", "rate", "archive",
    ]  # fmt: skip
    assert [event.state_after for event in ticket.events] == [
        "submitted", "accepted", "dispatched", "signed", "pending_review", "settled", "rated", "archived",
    ]  # fmt: skip
    assert ticket.next_due_at is None


def test_the_resident_is_promised_an_answer_within_eight_hours_and_acceptance_within_two(way):
    ticket = way.submitted(at("2026-09-18 09:00"))
    assert ticket.accept_due_at == at("2026-09-18 11:00")
    assert ticket.respond_due_at == at("2026-09-18 17:00")
    assert ticket.next_due_at == at("2026-09-18 11:00")


def test_a_ticket_remembers_the_policy_it_was_made_under(way):
    set_policy(way.session, "accept_within_minutes", "60", way.office, at("2026-09-17 09:00"))
    ticket = way.submitted(at("2026-09-18 09:00"))
    assert ticket.policy_version == 2
    assert ticket.accept_due_at == at("2026-09-18 10:00")


def test_numbers_run_on_within_a_day_and_start_afresh_on_the_next(way):
    first, second = way.submitted(at("2026-09-18 00:00")), way.submitted(at("2026-09-18 23:59"))
    third = way.submitted(at("2026-09-19 00:00"))
    assert [each.number for each in (first, second, third)] == ["20260918-00001", "20260918-00002", "20260919-00001"]


def test_a_resend_is_the_first_request_again(way):
    first = way.submitted(external_id="a1")
    again = way.submitted(external_id="a1", text="又发了一次")
    assert again is first
    assert first.text == "村口的路灯三天没亮了"


def test_the_same_external_id_of_another_source_is_another_request(way):
    assert way.submitted(external_id="a1") is not way.submitted(external_id="a1", source="phone")


@pytest.mark.parametrize(("title", "text"), [(" ", "灯不亮"), ("灯", "\n ")])
def test_a_request_without_words_is_refused(way, title, text):
    with pytest.raises(Refusal, match="Say in a few words"):
        submit(way.session, Draft(title, text, way.district.village, "portal"), RESIDENT, MORNING)


def test_accepting_lays_down_tier_and_category_and_the_next_date_is_the_residents_own(way):
    ticket = way.submitted()
    lights = way.session.scalars(sa.select(Category).where(Category.code == "3002")).one()
    ticket.accept(way.dispatcher, at("2026-09-18 09:30"), tier=Tier.MINOR, category=lights)
    assert (ticket.state, ticket.tier, ticket.category.name) == ("accepted", "minor", "路灯照明")
    assert ticket.accepted_at == at("2026-09-18 09:30")
    assert ticket.next_due_at == at("2026-09-18 17:00")


def test_a_dispatcher_of_one_town_does_not_accept_for_another(way):
    ticket = way.submitted(unit=way.district.far_village)
    with pytest.raises(Refusal, match="20260918-00001 lies outside 青石镇"):
        ticket.accept(way.town_dispatcher, MORNING, tier=Tier.MICRO, category=None)


def test_a_handler_cannot_accept(way):
    ticket = way.submitted()
    with pytest.raises(Refusal, match="is not among the duties of your role"):
        ticket.accept(way.handler, MORNING, tier=Tier.MICRO, category=None)
    assert ticket.state == State.SUBMITTED


def test_a_town_may_dispatch_to_a_department_but_not_to_the_village_of_another_town(way):
    town = way.town_dispatcher
    assert way.accepted().dispatch(way.district.department, town, MORNING).unit_name == "区交通局"
    with pytest.raises(Refusal, match="青石镇 cannot dispatch to 沙口村"):
        way.accepted().dispatch(way.district.far_village, town, MORNING)


def test_a_unit_that_no_longer_exists_gets_nothing(way):
    way.district.grid.valid_to = date(2026, 9, 17)
    with pytest.raises(Refusal, match="石桥第一网格 no longer exists"):
        way.accepted().dispatch(way.district.grid, way.dispatcher, MORNING)


def test_a_unit_gets_requests_until_the_end_of_its_last_day(way):
    way.district.grid.valid_to = date(2026, 9, 18)
    last_minute = at("2026-09-18 23:59")
    assert way.accepted().dispatch(way.district.grid, way.dispatcher, last_minute).unit_name == "石桥第一网格"
    with pytest.raises(Refusal, match="石桥第一网格 no longer exists"):
        way.accepted().dispatch(way.district.grid, way.dispatcher, at("2026-09-19 00:00"))


def test_a_refused_dispatch_leaves_no_leg_behind(way):
    ticket = way.submitted()
    with pytest.raises(Refusal):
        ticket.dispatch(way.district.village, way.dispatcher, MORNING)
    assert ticket.legs == []


def test_only_the_unit_that_holds_the_request_signs_for_it(way):
    ticket = way.dispatched()
    with pytest.raises(Refusal, match="Only 石桥村"):
        ticket.sign(way.far_handler, MORNING)


def test_nothing_is_signed_for_twice(way):
    ticket = way.signed()
    with pytest.raises(Refusal, match="is not possible while the request is"):
        ticket.sign(way.second_handler, MORNING)


def test_the_first_unit_that_signs_stays_the_first(way):
    assert way.signed().first_unit_id == way.district.village.id


def test_a_result_needs_words_for_the_file_and_for_the_reporter(way):
    ticket = way.signed()
    with pytest.raises(Refusal, match="Write both"):
        ticket.submit_result(way.handler, MORNING, result="换了", feedback=" ")


def test_a_result_without_evidence_is_refused(way):
    ticket = way.signed()
    with pytest.raises(Refusal, match="at least one picture or document"):
        ticket.submit_result(way.handler, MORNING, result="换了", feedback="已告知")


def test_what_came_with_the_request_is_no_evidence(way):
    ticket = way.signed()
    keep(way.session, ticket, EVIDENCE, RESIDENT, MORNING)
    with pytest.raises(Refusal, match="at least one picture or document"):
        ticket.submit_result(way.handler, MORNING, result="换了", feedback="已告知")


def test_the_clock_stands_while_the_result_is_reviewed(way):
    ticket = way.with_result(result_at=at("2026-09-20 10:00"))
    assert ticket.next_due_at is None
    ticket.send_back(way.leader, at("2026-09-20 16:00"), reason="照片看不清")
    assert ticket.state == State.HANDLING
    assert ticket.lead.settle_due_at == at("2026-09-22 06:00")
    assert ticket.lead.settle_due_original == at("2026-09-22 00:00")
    assert ticket.next_due_at == at("2026-09-22 06:00")


def test_sending_back_needs_a_reason(way):
    with pytest.raises(Refusal, match="Say what is missing"):
        way.with_result().send_back(way.leader, MORNING, reason=" ")


def test_settling_counts_from_the_moment_the_result_came_in(way):
    ticket = way.with_result(result_at=at("2026-09-20 10:00"))
    ticket.settle(way.leader, at("2026-09-22 09:00"), mode="coordinated")
    assert ticket.settled_at == ticket.lead.settled_at == at("2026-09-20 10:00")
    assert ticket.disposal_mode == "coordinated"
    assert ticket.rate_until == at("2026-09-29 09:00")


def test_credit_is_fixed_for_unit_and_person_at_settlement(way):
    ticket = way.settled()
    assert ticket.credited_unit_id == way.district.village.id
    assert ticket.credited_person_id == way.handler.person_id


def test_nobody_settles_a_result_of_their_own(way):
    handler = way.handler
    both = Actor(handler.person_id, handler.name, way.leader.roles, handler.unit_id, handler.unit_name)
    with pytest.raises(Refusal, match="Nobody reviews a result of their own"):
        way.with_result().settle(both, MORNING, mode="coordinated")


def test_the_leader_of_another_unit_settles_nothing(way):
    with pytest.raises(Refusal, match="Only 石桥村"):
        way.with_result().settle(way.far_leader, MORNING, mode="coordinated")


def test_stars_of_an_unverified_reporter_are_shown_but_not_scored_if_the_office_says_so(way):
    set_policy(way.session, "score_unverified_stars", "no", way.office, MORNING)
    ticket = way.settled()
    rating = ticket.rate(ticket.reporters[0], Opinion(5, Resolved.YES, ["fast"]), RESIDENT, at("2026-09-19 09:00"))
    assert (rating.stars, rating.scored) == (5, False)
    assert rating.unit_id == way.district.village.id


def test_they_are_scored_otherwise(way):
    ticket = way.settled()
    assert ticket.rate(ticket.reporters[0], Opinion(2, Resolved.NO), RESIDENT, at("2026-09-19 09:00")).scored


def test_a_reporter_rates_once(way):
    ticket = way.settled()
    ticket.rate(ticket.reporters[0], Opinion(5, Resolved.YES), RESIDENT, at("2026-09-19 09:00"))
    with pytest.raises(Refusal, match="already rated"):
        ticket.rate(ticket.reporters[0], Opinion(1, Resolved.NO), RESIDENT, at("2026-09-19 10:00"))


def test_the_window_for_rating_closes_after_seven_days(way):
    ticket = way.settled(settled_at=at("2026-09-18 09:00"))
    with pytest.raises(Refusal, match="The time for rating"):
        ticket.rate(ticket.reporters[0], Opinion(5, Resolved.YES), RESIDENT, at("2026-09-25 09:00"))


def test_staff_cannot_rate(way):
    ticket = way.settled()
    with pytest.raises(Refusal, match="is not among the duties"):
        ticket.rate(ticket.reporters[0], Opinion(5, Resolved.YES), way.handler, at("2026-09-19 09:00"))


@pytest.mark.parametrize("stars", [0, 6])
def test_stars_go_from_one_to_five(stars):
    with pytest.raises(Refusal, match="between one and five"):
        Opinion(stars, Resolved.YES)


def test_silence_becomes_unrated_and_carries_no_stars(way):
    ticket = way.settled()
    ticket.expire_rating(SYSTEM, at("2026-09-25 09:00"))
    assert (ticket.state, ticket.ratings) == ("unrated", [])


@pytest.mark.parametrize("tail", ["1234", " 1234"])
def test_tracking_code_and_tail_open_a_request_however_they_are_typed(way, tail):
    ticket = way.submitted()
    found = find_tracked(way.session, f" {ticket.tracking_code.lower()} ", tail)
    assert found is ticket.reporters[0]


@pytest.mark.parametrize("tail", ["4321", "", "234", "13800001234"])
def test_another_tail_opens_nothing(way, tail):
    assert find_tracked(way.session, way.submitted().tracking_code, tail) is None


def test_a_request_without_telephone_is_opened_by_no_tail(way):
    ticket = way.submitted(reporter_mobile="")
    assert find_tracked(way.session, ticket.tracking_code, "") is None


def test_tracking_codes_hold_no_characters_that_look_alike(way):
    code = way.submitted().tracking_code
    assert len(code) == 10
    assert not set(code) & set("01IO")


def test_the_database_itself_refuses_a_settled_request_without_a_date(way):
    ticket = way.submitted()
    way.session.flush()
    with pytest.raises(sa.exc.IntegrityError):
        way.session.execute(sa.update(Ticket).where(Ticket.id == ticket.id).values(state="settled"))


def test_what_the_resident_sees_names_no_inner_step(way):
    ticket = way.with_result()
    assert [event.action for event in ticket.events if event.public] == [
        Move.SUBMIT,
        Move.ACCEPT,
        Move.DISPATCH,
        Move.SIGN,
    ]
    assert ticket.path == way.district.village.path
    assert ticket.unit.name == "石桥村"
    assert way.district.town.path in ticket.path

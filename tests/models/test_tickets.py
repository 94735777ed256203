import pytest
import sqlalchemy as sa

from models.acting import RESIDENT, SYSTEM, Actor
from models.policies import set_policy
from models.ratings import Opinion, Resolved
from models.tickets import Draft, Ticket, find_tracked, submit
from models.uploads import Upload, keep
from rules.deadlines import Tier
from rules.lifecycle import Move, State
from rules.refusals import Refusal
from tests.district import DEPARTMENT, GRID, OTHER_VILLAGE, PDF, SUBMITTED, TOWN, VILLAGE, at


def actions(ticket: Ticket) -> list[str]:
    return [event.action for event in ticket.events]


def test_the_whole_way_leaves_one_event_a_move_and_the_state_of_each(district):
    ticket = district.settled()
    ticket.rate(ticket.reporters[0], Opinion(5, Resolved.YES), RESIDENT, at("2026-09-19 08:00"))
    ticket.archive(SYSTEM, at("2026-10-19 08:00"))
    assert actions(ticket) == [
        "submit", "accept", "dispatch", "sign", "submit_result", "settle", "rate", "archive",
    ]  # fmt: skip
    assert [event.state_after for event in ticket.events] == [
        "submitted", "accepted", "dispatched", "signed", "pending_review", "settled", "rated", "archived",
    ]  # fmt: skip
    assert ticket.next_due_at is None


def test_the_resident_is_promised_an_answer_within_eight_hours_and_acceptance_within_two(district):
    ticket = district.submitted(at("2026-09-18 09:00"))
    assert ticket.accept_due_at == at("2026-09-18 11:00")
    assert ticket.respond_due_at == at("2026-09-18 17:00")
    assert ticket.next_due_at == at("2026-09-18 11:00")


def test_a_ticket_remembers_the_policy_it_was_made_under(district):
    set_policy(district.session, "accept_within_minutes", "60", district.actor("office"), at("2026-09-17 09:00"))
    ticket = district.submitted(at("2026-09-18 09:00"))
    assert ticket.policy_version == 2
    assert ticket.accept_due_at == at("2026-09-18 10:00")


def test_numbers_run_on_within_a_day_and_start_afresh_on_the_next(district):
    first, second = district.submitted(at("2026-09-18 00:00")), district.submitted(at("2026-09-18 23:59"))
    third = district.submitted(at("2026-09-19 00:00"))
    assert [each.number for each in (first, second, third)] == ["20260918-00001", "20260918-00002", "20260919-00001"]


def test_a_resend_is_the_first_request_again(district):
    first = district.submitted(external_id="a1")
    again = district.submitted(external_id="a1", text="又发了一次")
    assert again is first
    assert first.text == "村口的路灯三天没亮了"


def test_the_same_external_id_of_another_source_is_another_request(district):
    assert district.submitted(external_id="a1") is not district.submitted(external_id="a1", source="phone")


@pytest.mark.parametrize(("title", "text"), [(" ", "灯不亮"), ("灯", "\n ")])
def test_a_request_without_words_is_refused(district, title, text):
    with pytest.raises(Refusal, match="Say in a few words"):
        submit(district.session, Draft(title, text, district[VILLAGE], "portal"), RESIDENT, SUBMITTED)


def test_accepting_lays_down_tier_and_category_and_the_next_date_is_the_residents_own(district):
    ticket = district.submitted()
    ticket.accept(district.actor("dispatcher"), at("2026-09-18 09:30"), tier=Tier.MINOR, category=district.category("3002"))
    assert (ticket.state, ticket.tier, ticket.category.name) == ("accepted", "minor", "路灯照明")
    assert ticket.accepted_at == at("2026-09-18 09:30")
    assert ticket.next_due_at == at("2026-09-18 17:00")


def test_a_dispatcher_of_one_town_does_not_accept_for_another(district):
    ticket = district.submitted(unit=OTHER_VILLAGE)
    with pytest.raises(Refusal, match="20260918-00001 lies outside 富春街道"):
        ticket.accept(district.actor("town_dispatcher"), SUBMITTED, tier=Tier.MICRO, category=None)


def test_a_handler_cannot_accept(district):
    ticket = district.submitted()
    with pytest.raises(Refusal, match="is not among the duties of your role"):
        ticket.accept(district.actor("handler"), SUBMITTED, tier=Tier.MICRO, category=None)
    assert ticket.state == State.SUBMITTED


def test_a_town_may_dispatch_to_a_department_but_not_to_the_village_of_another_town(district):
    town = district.actor("town_dispatcher")
    assert district.accepted().dispatch(district[DEPARTMENT], town, SUBMITTED).unit_name == "区建设局"
    with pytest.raises(Refusal, match="富春街道 cannot dispatch to 临江村"):
        district.accepted().dispatch(district[OTHER_VILLAGE], town, SUBMITTED)


def test_a_unit_that_no_longer_exists_gets_nothing(district):
    district[GRID].valid_to = at("2026-01-01").date()
    with pytest.raises(Refusal, match="苋浦第一网格 no longer exists"):
        district.accepted().dispatch(district[GRID], district.actor("dispatcher"), SUBMITTED)


def test_a_refused_dispatch_leaves_no_leg_behind(district):
    ticket = district.submitted()
    with pytest.raises(Refusal):
        ticket.dispatch(district[VILLAGE], district.actor("dispatcher"), SUBMITTED)
    assert ticket.legs == []


def test_only_the_unit_that_holds_the_request_signs_for_it(district):
    ticket = district.dispatched()
    with pytest.raises(Refusal, match="Only 苋浦社区"):
        ticket.sign(district.actor("other_handler"), SUBMITTED)


def test_nothing_is_signed_for_twice(district):
    ticket = district.signed()
    with pytest.raises(Refusal, match="is not possible while the request is"):
        ticket.sign(district.actor("second_handler"), SUBMITTED)


def test_the_first_unit_that_signs_stays_the_first(district):
    assert district.signed().first_unit_id == district[VILLAGE].id


def test_a_result_needs_words_for_the_file_and_for_the_reporter(district):
    ticket = district.signed()
    with pytest.raises(Refusal, match="Write both"):
        ticket.submit_result(district.actor("handler"), SUBMITTED, result="换了", feedback=" ")


def test_a_result_without_evidence_is_refused(district):
    ticket = district.signed()
    with pytest.raises(Refusal, match="at least one picture or document"):
        ticket.submit_result(district.actor("handler"), SUBMITTED, result="换了", feedback="已告知")


def test_what_came_with_the_request_is_no_evidence(district):
    ticket = district.signed()
    keep(district.session, ticket, Upload("路灯.pdf", PDF), RESIDENT, SUBMITTED)
    with pytest.raises(Refusal, match="at least one picture or document"):
        ticket.submit_result(district.actor("handler"), SUBMITTED, result="换了", feedback="已告知")


def test_the_clock_stands_while_the_result_is_reviewed(district):
    ticket = district.with_result(result_at=at("2026-09-20 10:00"))
    assert ticket.next_due_at is None
    ticket.send_back(district.actor("leader"), at("2026-09-20 16:00"), reason="照片看不清")
    assert ticket.state == State.HANDLING
    assert ticket.lead.settle_due_at == at("2026-09-22 06:00")
    assert ticket.lead.settle_due_original == at("2026-09-22 00:00")
    assert ticket.next_due_at == at("2026-09-22 06:00")


def test_sending_back_needs_a_reason(district):
    with pytest.raises(Refusal, match="Say what is missing"):
        district.with_result().send_back(district.actor("leader"), SUBMITTED, reason=" ")


def test_settling_counts_from_the_moment_the_result_came_in(district):
    ticket = district.with_result(result_at=at("2026-09-20 10:00"))
    ticket.settle(district.actor("leader"), at("2026-09-22 09:00"), mode="coordinated")
    assert ticket.settled_at == ticket.lead.settled_at == at("2026-09-20 10:00")
    assert ticket.disposal_mode == "coordinated"
    assert ticket.rate_until == at("2026-09-29 09:00")


def test_credit_is_fixed_for_unit_and_person_at_settlement(district):
    ticket = district.settled()
    assert ticket.credited_unit_id == district[VILLAGE].id
    assert ticket.credited_person_id == district.actor("handler").person_id


def test_nobody_settles_a_result_of_their_own(district):
    handler = district.actor("handler")
    both = Actor(handler.person_id, handler.name, district.actor("leader").roles, handler.unit_id, handler.unit_name)
    with pytest.raises(Refusal, match="Nobody reviews a result of their own"):
        district.with_result().settle(both, SUBMITTED, mode="on_the_spot")


def test_the_leader_of_another_unit_settles_nothing(district):
    with pytest.raises(Refusal, match="Only 苋浦社区"):
        district.with_result().settle(district.actor("other_leader"), SUBMITTED, mode="on_the_spot")


def test_stars_of_an_unverified_reporter_are_shown_but_not_scored(district):
    ticket = district.settled()
    rating = ticket.rate(ticket.reporters[0], Opinion(5, Resolved.YES, ["fast"]), RESIDENT, at("2026-09-19 09:00"))
    assert (rating.stars, rating.scored) == (5, False)
    assert rating.unit_id == district[VILLAGE].id


def test_they_are_scored_if_the_office_says_so(district):
    set_policy(district.session, "score_unverified_stars", "yes", district.actor("office"), SUBMITTED)
    ticket = district.settled()
    assert ticket.rate(ticket.reporters[0], Opinion(2, Resolved.NO), RESIDENT, at("2026-09-19 09:00")).scored


def test_a_reporter_rates_once(district):
    ticket = district.settled()
    ticket.rate(ticket.reporters[0], Opinion(5, Resolved.YES), RESIDENT, at("2026-09-19 09:00"))
    with pytest.raises(Refusal, match="already rated"):
        ticket.rate(ticket.reporters[0], Opinion(1, Resolved.NO), RESIDENT, at("2026-09-19 10:00"))


def test_the_window_for_rating_closes_after_seven_days(district):
    ticket = district.settled(settled_at=at("2026-09-18 09:00"))
    with pytest.raises(Refusal, match="The time for rating"):
        ticket.rate(ticket.reporters[0], Opinion(5, Resolved.YES), RESIDENT, at("2026-09-25 09:00"))


def test_staff_cannot_rate(district):
    ticket = district.settled()
    with pytest.raises(Refusal, match="is not among the duties"):
        ticket.rate(ticket.reporters[0], Opinion(5, Resolved.YES), district.actor("handler"), at("2026-09-19 09:00"))


@pytest.mark.parametrize("stars", [0, 6])
def test_stars_go_from_one_to_five(stars):
    with pytest.raises(Refusal, match="between one and five"):
        Opinion(stars, Resolved.YES)


def test_silence_becomes_unrated_and_carries_no_stars(district):
    ticket = district.settled()
    ticket.expire_rating(SYSTEM, at("2026-09-25 09:00"))
    assert (ticket.state, ticket.ratings) == ("unrated", [])


@pytest.mark.parametrize("tail", ["1234", " 1234"])
def test_tracking_code_and_tail_open_a_request_however_they_are_typed(district, tail):
    ticket = district.submitted()
    found = find_tracked(district.session, f" {ticket.tracking_code.lower()} ", tail)
    assert found == (ticket, ticket.reporters[0])


@pytest.mark.parametrize("tail", ["4321", "", "234", "13800001234"])
def test_another_tail_opens_nothing(district, tail):
    assert find_tracked(district.session, district.submitted().tracking_code, tail) is None


def test_a_request_without_telephone_is_opened_by_no_tail(district):
    ticket = district.submitted(reporter_mobile="")
    assert find_tracked(district.session, ticket.tracking_code, "") is None


def test_tracking_codes_hold_no_characters_that_look_alike(district):
    code = district.submitted().tracking_code
    assert len(code) == 10
    assert not set(code) & set("01IO")


def test_the_database_itself_refuses_a_settled_request_without_a_date(district):
    ticket = district.submitted()
    district.session.flush()
    with pytest.raises(sa.exc.IntegrityError):
        district.session.execute(sa.update(Ticket).where(Ticket.id == ticket.id).values(state="settled"))


def test_what_the_resident_sees_names_no_inner_step(district):
    ticket = district.with_result()
    assert [event.action for event in ticket.events if event.public] == [Move.SUBMIT, Move.ACCEPT, Move.DISPATCH, Move.SIGN]
    assert ticket.path == district[VILLAGE].path
    assert ticket.unit.name == "苋浦社区"
    assert district[TOWN].path in ticket.path

import pytest
import sqlalchemy as sa

from models.legs import Leg
from models.policies import set_policy
from rules.deadlines import Tier
from rules.refusals import Refusal
from tests.stage import at


def test_the_first_leg_signs_by_the_residents_eight_hours_however_late_it_was_dispatched(way):
    ticket = way.accepted(at("2026-09-18 09:00"))
    leg = ticket.dispatch(way.district.village, way.dispatcher, at("2026-09-18 10:30"))
    assert leg.sign_due_at == at("2026-09-18 17:00")
    assert ticket.next_due_at == at("2026-09-18 17:00")


@pytest.mark.parametrize(("moment", "late"), [("2026-09-18 17:00", False), ("2026-09-18 17:01", True)])
def test_a_leg_is_late_a_minute_after_its_due_date(way, moment, late):
    ticket = way.dispatched(at("2026-09-18 09:00"))
    ticket.sign(way.handler, at(moment))
    assert ticket.lead.signed_late is late


@pytest.mark.parametrize(
    ("tier", "sign_due", "settle_due"),
    [
        (Tier.MICRO, "2026-09-18 17:00", "2026-09-22 00:00"),
        (Tier.MINOR, "2026-09-18 17:00", "2026-09-26 00:00"),
        (Tier.HARD, "2026-09-18 17:00", "2026-10-04 00:00"),
        (Tier.EMERGENCY, "2026-09-18 09:10", "2026-09-19 09:00"),
    ],
)
def test_each_tier_has_its_own_days_and_an_emergency_its_minutes(way, tier, sign_due, settle_due):
    leg = way.dispatched(at("2026-09-18 09:00"), tier=tier).lead
    assert (leg.sign_due_at, leg.settle_due_at) == (at(sign_due), at(settle_due))
    assert leg.settle_due_original == at(settle_due)


def test_days_of_an_unpublished_year_are_marked_as_such(way):
    assert not way.dispatched(at("2026-12-20 09:00"), tier=Tier.MINOR).lead.due_unofficial
    assert way.dispatched(at("2026-12-28 09:00"), tier=Tier.MINOR).lead.due_unofficial


def test_a_later_change_of_policy_moves_no_due_date(way):
    leg = way.dispatched(at("2026-09-18 09:00"), tier=Tier.MINOR).lead
    set_policy(way.session, "clock_mode", "workday", way.office, at("2026-09-18 12:00"))
    assert (leg.settle_due_at, leg.clock_mode, leg.policy_version) == (at("2026-09-26 00:00"), "natural", 1)
    later = way.dispatched(at("2026-09-18 13:00"), tier=Tier.MINOR).lead
    assert (later.settle_due_at, later.clock_mode, later.policy_version) == (at("2026-09-30 00:00"), "workday", 2)


def test_the_first_contact_is_kept_and_a_later_one_does_not_replace_it(way):
    ticket = way.signed(at("2026-09-18 09:00"))
    ticket.contact(way.handler, at("2026-09-18 10:00"), note="已电话联系")
    ticket.contact(way.handler, at("2026-09-18 15:00"), note="又去了一趟")
    assert ticket.lead.first_contact_at == at("2026-09-18 10:00")
    assert ticket.state == "handling"


def test_a_result_without_earlier_contact_is_the_first_contact(way):
    assert way.with_result(result_at=at("2026-09-19 10:00")).lead.first_contact_at == at("2026-09-19 10:00")


def test_whoever_submits_the_result_answers_for_it(way):
    ticket = way.signed()
    assert ticket.lead.handler_id == way.handler.person_id
    assert way.with_result().lead.handler_id == way.handler.person_id


def test_a_request_not_yet_dispatched_has_no_leg_that_answers(way):
    with pytest.raises(Refusal, match="has not been dispatched yet"):
        _ = way.accepted().lead


def test_the_database_refuses_a_leg_signed_before_it_was_dispatched(way):
    leg = way.signed().lead
    way.session.flush()
    with pytest.raises(sa.exc.IntegrityError):
        way.session.execute(sa.update(Leg).where(Leg.id == leg.id).values(signed_at=at("2026-09-01 09:00")))

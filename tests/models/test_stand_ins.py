from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from models.accounts import Account, actor_of
from models.acting import Absent
from models.arranging import arrange, take_off
from models.notices import Notice
from models.people import Person
from models.stand_ins import StandIn
from models.uploads import keep
from rules.refusals import Refusal
from rules.roles import Role
from tests.factories import actor
from tests.stage import at
from tests.way import EVIDENCE, MORNING

FRIDAY, MONDAY, NEXT_FRIDAY = date(2026, 9, 18), date(2026, 9, 21), date(2026, 9, 25)


@pytest.fixture
def helper(session, district):
    """Of the same unit, and no handler."""
    return actor(session, "member", district.village, "赵代办")


def agreed(session, absent, other, first=FRIDAY, last=NEXT_FRIDAY) -> StandIn:
    people = [session.get_one(Person, each.person_id) for each in (absent, other)]
    return StandIn(absent=people[0], stand_in=people[1], from_on=first, to_on=last, reason="年休假")


def stands_in(session, way, absent, other, **days) -> StandIn:
    made = agreed(session, absent, other, **days)
    arrange(session, made, way.leader, FRIDAY)
    session.add(made)
    session.flush()
    return made


def as_known(session, who, when=MORNING):
    user = session.scalars(sa.select(Account).where(Account.person_id == who.person_id)).one().user
    return actor_of(session, user, when)


def test_while_it_lasts_the_stand_in_may_do_what_a_handler_may(session, way, helper):
    stands_in(session, way, way.handler, helper)
    known = as_known(session, helper)
    assert known.roles == {Role.MEMBER, Role.HANDLER}
    assert known.lent == {Role.HANDLER}
    assert known.stands_for == (Absent(way.handler.person_id, "李经办"),)
    assert as_known(session, helper, at("2026-09-25 23:00")).lent
    for outside in ("2026-09-17 23:00", "2026-09-26 00:30"):
        assert as_known(session, helper, at(outside)).stands_for == ()
    assert not as_known(session, way.handler).stands_for


def test_whoever_has_left_the_unit_since_stands_in_no_longer(session, way, helper, district):
    stands_in(session, way, way.handler, helper)
    session.get_one(Person, helper.person_id).join(district.twin)
    session.flush()
    assert as_known(session, helper).stands_for == ()


def test_the_record_says_for_whom_it_was_done(session, way, helper):
    ticket = way.signed()
    stands_in(session, way, way.handler, helper)
    ticket.contact(as_known(session, helper), MORNING, note="已联系")
    event = ticket.events[-1]
    assert (event.name, event.person_id) == ("赵代办（代李经办）", helper.person_id)
    assert event.data == {"for": way.handler.person_id}


def test_what_a_stand_in_could_do_anyway_for_others_is_their_own(session, way):
    stands_in(session, way, way.handler, way.second_handler)
    known = as_known(session, way.second_handler)
    other = way.dispatched()
    other.sign(known, MORNING)
    assert other.events[-1].name == "周二办"
    assert other.events[-1].data is None


def test_a_role_that_is_lent_is_used_in_the_place_of_the_absent(session, way, helper):
    stands_in(session, way, way.handler, helper)
    ticket = way.dispatched()
    ticket.sign(as_known(session, helper), MORNING)
    assert ticket.events[-1].name == "赵代办（代李经办）"


def test_notices_for_the_absent_go_to_the_stand_in_as_well(session, way, helper):
    stands_in(session, way, way.handler, helper)
    way.dispatched()
    told = set(session.scalars(sa.select(Notice.person_id).where(Notice.event.startswith("new_leg"))))
    assert told >= {way.handler.person_id, helper.person_id}
    session.execute(sa.delete(Notice))
    way.dispatched(at("2026-09-26 09:00"))
    told = set(session.scalars(sa.select(Notice.person_id).where(Notice.event.startswith("new_leg"))))
    assert way.handler.person_id in told
    assert helper.person_id not in told


def result_by(session, ticket, by):
    keep(session, ticket, EVIDENCE, by, MORNING, leg=ticket.lead)
    ticket.submit_result(by, MORNING, result="换了灯泡", feedback="已电话告知")


def test_nobody_reviews_what_they_handled_as_a_stand_in(session, way):
    ticket = way.signed()
    stands_in(session, way, way.handler, way.leader)
    ticket.contact(as_known(session, way.leader), MORNING, note="已联系")
    result_by(session, ticket, way.handler)
    back = replace(way.leader, stands_for=())
    with pytest.raises(Refusal, match="Nobody reviews"):
        ticket.settle(back, at("2026-10-08 09:00"), mode="coordinated")


def test_nobody_reviews_what_was_handled_in_their_place(session, way, district):
    both = actor(session, "handler", district.village, "钱双职")
    ticket = way.dispatched()
    ticket.sign(both, MORNING)
    stands_in(session, way, both, way.second_handler)
    result_by(session, ticket, as_known(session, way.second_handler))
    with pytest.raises(Refusal, match="Nobody reviews"):
        ticket.send_back(replace(both, roles=way.leader.roles), MORNING, reason="缺照片")


def test_a_stand_in_does_not_review_what_the_absent_one_handled(session, way):
    ticket = way.with_result()
    stands_in(session, way, way.handler, way.leader)
    with pytest.raises(Refusal, match="stands in for the handler"):
        ticket.settle(as_known(session, way.leader), MORNING, mode="coordinated")
    ticket.settle(as_known(session, way.leader, at("2026-09-28 09:00")), at("2026-09-28 09:00"), mode="coordinated")


def test_only_the_leader_of_the_unit_or_the_absent_one_arranges_it(session, way, helper, district):
    made = agreed(session, way.handler, helper)
    arrange(session, made, way.handler, FRIDAY)
    for other in (way.second_handler, way.far_leader, way.dispatcher):
        with pytest.raises(Refusal, match="Only the leader"):
            arrange(session, made, other, FRIDAY)


@pytest.mark.parametrize(
    ("absent", "other", "days", "said"),
    [
        ("handler", "handler", {}, "for themselves"),
        ("handler", "far_handler", {}, "another unit"),
        ("handler", "second_handler", {"first": NEXT_FRIDAY, "last": MONDAY}, "before the first"),
        ("handler", "second_handler", {"last": date(2026, 9, 17), "first": date(2026, 9, 16)}, "over already"),
        ("leader", "handler", {}, "no handler"),
    ],
)
def test_what_makes_no_sense_is_refused(session, way, absent, other, days, said):
    with pytest.raises(Refusal, match=said):
        stands_in(session, way, getattr(way, absent), getattr(way, other), **days)


def test_an_administrator_stands_in_for_nobody(session, way, district):
    clerk = actor(session, "sys_admin", district.village)
    with pytest.raises(Refusal, match="no account"):
        stands_in(session, way, way.handler, clerk)


def test_there_are_no_chains_and_no_two_at_once(session, way, district, helper):
    third = actor(session, "handler", district.village, "孙三办")
    first = stands_in(session, way, way.handler, way.second_handler, first=MONDAY, last=NEXT_FRIDAY)
    with pytest.raises(Refusal, match="already"):
        stands_in(session, way, way.handler, third, first=NEXT_FRIDAY, last=NEXT_FRIDAY)
    with pytest.raises(Refusal, match="stands in for somebody else"):
        stands_in(session, way, way.second_handler, third, first=FRIDAY, last=MONDAY)
    with pytest.raises(Refusal, match="will be absent"):
        stands_in(session, way, third, way.handler, first=FRIDAY, last=MONDAY)
    stands_in(session, way, way.handler, third, first=FRIDAY, last=FRIDAY)
    stands_in(session, way, third, way.second_handler, first=MONDAY, last=MONDAY)
    first.to_on = MONDAY
    arrange(session, first, way.leader, FRIDAY)


def test_what_has_begun_is_ended_not_taken_off(session, way, helper):
    made = stands_in(session, way, way.handler, helper, first=MONDAY)
    take_off(made, way.handler, FRIDAY)
    with pytest.raises(Refusal, match="begun"):
        take_off(made, way.handler, MONDAY)


def test_the_database_itself_knows_no_stand_in_for_oneself(session, way, helper):
    made = agreed(session, way.handler, helper)
    made.stand_in = made.absent
    session.add(made)
    with pytest.raises(IntegrityError):
        session.flush()

"""What waits for a decision, a call or an answer is found by exactly those who may give it."""

import pytest

from models.acting import RESIDENT, scope_for
from models.applying import Ask, ask, grant, may_decide
from models.co_handling import invite
from models.meetings import MeetingCause, call
from models.policies import load_policy
from models.ratings import Opinion, Resolved
from models.supervisions import SupervisionCause, answer, close, supervise
from models.waiting import moment_at
from models.worklists import counts, lists_for
from rules.applications import PROCEDURES, ApplicationKind
from rules.deadlines import Tier
from rules.refusals import Refusal
from tests.factories import actor, unit
from tests.stage import at

NOON = at("2026-09-18 12:00")
TEN = at("2026-09-18 10:00")


def count(way, who, key: str, now=NOON) -> int:
    way.session.flush()
    lists = [each for each in lists_for(who) if each.key == key]
    return counts(way.session, lists, who, scope_for(who), moment_at(now, load_policy(way.session)))[key]


@pytest.fixture
def helper(way):
    return {role: actor(way.session, role, way.district.department) for role in ("handler", "unit_leader")}


@pytest.fixture
def helped(way, helper):
    """Led by the village, with a part of the department's; due on the 22nd and the 21st at 24:00."""
    ticket = way.signed(at("2026-09-18 09:00"))
    invite(ticket, way.district.department, way.handler, TEN, task="查线路")
    return ticket


def test_a_unit_that_helps_has_its_part_in_its_lists_by_its_own_state(way, helped, helper):
    handler = helper["handler"]
    assert [count(way, handler, key) for key in ("to_sign", "to_contact", "in_hand")] == [1, 0, 0]
    assert [count(way, way.handler, key) for key in ("to_sign", "to_contact", "in_hand")] == [0, 1, 1]
    helped.sign(handler, NOON)
    assert [count(way, handler, key) for key in ("to_sign", "to_contact", "in_hand")] == [0, 1, 1]


@pytest.mark.parametrize(
    ("now", "due_soon", "overdue"),
    [
        ("2026-09-20 11:59", 0, 0),
        ("2026-09-20 12:00", 1, 0),
        ("2026-09-21 00:00", 1, 0),
        ("2026-09-21 00:01", 0, 1),
    ],
)
def test_a_unit_that_helps_is_late_by_its_own_date(way, helped, helper, now, due_soon, overdue):
    helped.sign(helper["handler"], NOON)
    who = helper["handler"]
    assert (count(way, who, "due_soon", at(now)), count(way, who, "overdue", at(now))) == (due_soon, overdue)


EVERYBODY = [
    *(("dispatcher", place) for place in ("root", "town", "village", "far_town", "department")),
    *(("unit_leader", place) for place in ("village", "department", "far_village")),
    *(("evaluator", place) for place in ("root", "village")),
]


def asked_for(way, kind, days=None):
    if kind is ApplicationKind.DECLINE:
        ticket, by = way.submitted(at("2026-09-18 09:00")), way.town_dispatcher
    else:
        ticket, by = way.signed(at("2026-09-18 09:00")), way.handler
    if kind in (ApplicationKind.SUSPENSION, ApplicationKind.PROMISE):
        ticket.contact(way.handler, TEN, note="已联系")
    asking = Ask(kind, "r", "依据", days=days, until=at("2026-09-25 12:00"), owner="某人")
    if kind is ApplicationKind.EXCLUSION:
        ticket = way.settled(at("2026-09-18 09:00"))
        rating = ticket.rate(ticket.reporters[0], Opinion(4, Resolved.YES), RESIDENT, TEN)
        way.session.flush()
        asking, by = Ask(kind, "r", "依据", rating=rating), way.leader
    return ticket, ask(ticket, asking, by, at("2026-09-18 10:30"))


@pytest.mark.parametrize(
    ("kind", "days"),
    [(kind, 2 if kind is ApplicationKind.EXTENSION else None) for kind in ApplicationKind]
    + [(ApplicationKind.EXTENSION, 5)],
)
def test_an_application_waits_for_all_who_may_decide_it_and_for_nobody_else(way, kind, days):
    ticket, application = asked_for(way, kind, days)
    deciding = [actor(way.session, role, getattr(way.district, place)) for role, place in EVERYBODY]
    able = [each for each in deciding if may(ticket, application, each) and scope_for(each).covers(ticket.path)]
    waits = [each for each in deciding if count(way, each, "to_decide")]
    assert waits == able
    assert len(able) > 0
    grant(ticket, application, able[0], NOON)
    assert [count(way, each, "to_decide") for each in able] == [0] * len(able)


def may(ticket, application, by) -> bool:
    try:
        may_decide(ticket, application, by, PROCEDURES[ApplicationKind(application.kind)].grant)
    except Refusal:
        return False
    return True


def test_a_co_handler_s_application_waits_for_the_leader_who_invited_it_and_for_the_dispatcher_above(
    way, helped, helper
):
    helped.sign(helper["handler"], NOON)
    asking = Ask(ApplicationKind.RETURN, "not_ours", "不归我们管")
    application = ask(helped, asking, helper["handler"], NOON)
    assert count(way, way.leader, "to_decide") == 1
    assert count(way, way.dispatcher, "to_decide") == 1
    assert count(way, helper["unit_leader"], "to_decide") == 0
    grant(helped, application, way.leader, NOON)
    assert count(way, way.leader, "to_decide") == 0


def test_nobody_waits_for_a_decision_on_what_they_asked_for(way):
    both = actor(way.session, "dispatcher", way.district.town)
    ticket = way.submitted(at("2026-09-18 09:00"))
    ask(ticket, Ask(ApplicationKind.DECLINE, "r", "不属受理范围"), both, TEN)
    assert count(way, both, "to_decide") == 0
    assert count(way, way.town_dispatcher, "to_decide") == 1
    assert count(way, both, "started") == 1


def test_what_was_settled_and_drawn_is_called_back_by_others_than_the_unit_that_handled_it(way):
    ticket = way.settled(at("2026-09-18 09:00"))
    ticket.follow_up = "due"
    village_dispatcher = actor(way.session, "dispatcher", way.district.village)
    supervisor = actor(way.session, "supervisor", way.district.root)
    waiting = [way.office, supervisor, way.dispatcher, way.town_dispatcher]
    assert [count(way, each, "to_follow_up") for each in waiting] == [1, 1, 1, 1]
    assert count(way, village_dispatcher, "to_follow_up") == 0
    assert count(way, actor(way.session, "dispatcher", way.district.far_town), "to_follow_up") == 0
    ticket.follow_up = "done"
    assert count(way, way.office, "to_follow_up") == 0


def test_a_supervision_waits_for_the_unit_until_it_has_answered_and_for_the_supervisor_until_it_is_closed(way):
    ticket, supervisor = way.signed(at("2026-09-18 09:00")), actor(way.session, "supervisor", way.district.root)
    supervise(ticket, SupervisionCause.PERSON, supervisor, TEN, demand="为何未办结")
    seen = [way.leader, supervisor, way.far_leader]
    assert [count(way, each, "supervised") for each in seen] == [1, 1, 0]
    answer(ticket, way.leader, NOON, text="明天办好")
    assert [count(way, each, "supervised") for each in seen] == [0, 1, 0]
    close(ticket, supervisor, NOON, note="已答复")
    assert [count(way, each, "supervised") for each in seen] == [0, 0, 0]


def test_a_meeting_is_listed_for_the_units_at_its_table_and_for_those_above(way, helped, helper):
    call(helped, MeetingCause.CALLED, way.dispatcher, NOON)
    other = unit(way.session, way.district.root, "339901-ZJJ", "区住建局", "department")
    housing = actor(way.session, "handler", other)
    seen = [way.handler, helper["handler"], way.dispatcher, housing]
    assert [count(way, each, "meetings") for each in seen] == [1, 1, 1, 0]


def test_what_was_returned_waits_to_be_dispatched_again(way):
    ticket = way.signed(at("2026-09-18 09:00"), tier=Tier.MINOR)
    application = ask(ticket, Ask(ApplicationKind.RETURN, "not_ours", "不归村里"), way.handler, TEN)
    grant(ticket, application, way.dispatcher, NOON)
    assert ticket.state == "returned"
    assert count(way, way.dispatcher, "to_dispatch") == 1

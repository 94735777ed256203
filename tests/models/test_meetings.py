"""Units at one table: when they meet, who decides, and that what they decide binds."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa

from models.acting import RESIDENT, Actor, acting_as, scope_for
from models.applying import Ask, ask
from models.co_handling import invite, release
from models.meetings import MeetingCause, MeetingKind, Minutes, Part, Undertaking, call, decide
from models.notices import Notice
from models.passing import delegate, escalate
from models.ratings import Opinion, Reporter, Resolved
from models.tickets import Ticket
from models.uploads import Prepared, keep
from rules.applications import ApplicationKind
from rules.lifecycle import Move
from rules.refusals import Refusal
from tests.factories import actor, unit
from tests.stage import at
from tests.way import EVIDENCE, PDF

CALLED, HELD = at("2026-09-18 12:00"), at("2026-09-21 16:00")


def minutes(*undertakings, **said):
    given = {"held_on": date(2026, 9, 21), "chair": "区长", "minutes": "都到会", "decision": "交通局牵头"}
    return Minutes(**given | said, undertakings=list(undertakings))


@pytest.fixture
def called(way):
    """The village has signed, the department helps; the dispatcher of the district has called them together."""
    ticket = way.signed()
    invite(ticket, way.district.department, way.handler, at("2026-09-18 10:00"), task="查道路权属")
    call(ticket, MeetingCause.CALLED, way.dispatcher, CALLED, MeetingKind.JOINT, "两家说法不一")
    return ticket


def led_by(place, *others):
    return minutes(Undertaking(place, Part.LEAD), *others)


def test_a_meeting_lists_the_units_concerned_and_the_day_by_which_it_decides(way, called):
    meeting = called.meeting
    assert [each.unit_name for each in meeting.units] == ["石桥村", "区交通局"]
    assert (meeting.kind, meeting.cause, meeting.called_by, meeting.reason) == (
        "joint", "called", "张小派", "两家说法不一",
    )  # fmt: skip
    assert meeting.due_at == at("2026-09-23 00:00")
    assert (called.state, called.events[-1].action, called.events[-1].note) == (
        "signed", "call_meeting", "两家说法不一",
    )  # fmt: skip


def test_one_meeting_at_a_time(way, called):
    with pytest.raises(Refusal, match="called already"):
        call(called, MeetingCause.CALLED, way.dispatcher, CALLED)
    assert len(called.meetings) == 1


def test_a_handler_calls_no_meeting(way):
    with pytest.raises(Refusal, match="not among the duties"):
        call(way.signed(), MeetingCause.CALLED, way.handler, CALLED)


def test_until_it_has_decided_nobody_hands_the_request_on(way, called):
    with pytest.raises(Refusal, match="it decides who handles it"):
        escalate(called, way.handler, CALLED, opinion="村里办不了")
    with pytest.raises(Refusal, match="it decides who handles it"):
        ask(called, Ask(ApplicationKind.RETURN, "not_ours", "不归我们"), way.handler, CALLED)


def test_who_stands_beside_or_below_a_unit_at_the_table_does_not_decide(way, called):
    for one in (way.town_dispatcher, actor(way.session, "manager", way.district.town)):
        with pytest.raises(Refusal, match="somebody above 区交通局"):
            decide(called, led_by(way.district.department), one, HELD)
    with pytest.raises(Refusal, match="not among the duties"):
        decide(called, led_by(way.district.department), way.office, HELD)
    assert called.meeting.decided_at is None


def test_the_decision_ends_what_went_before_and_gives_a_binding_leg(way, called):
    leg = decide(called, led_by(way.district.department), way.dispatcher, HELD)
    assert [each.ended for each in called.legs] == ["decided", "decided", None]
    assert (called.state, called.lead_unit, leg.binding, leg.role) == (
        "dispatched", way.district.department, True, "lead",
    )  # fmt: skip
    assert (called.next_due_at, leg.sign_due_at) == (at("2026-09-22 00:00"), at("2026-09-22 00:00"))
    assert leg.settle_due_at == at("2026-10-07 00:00")
    assert called.first_unit_id == way.district.village.id
    assert (called.events[-1].action, called.events[-1].note) == ("decide", "交通局牵头")
    handler = actor(way.session, "handler", way.district.department)
    called.sign(handler, HELD)
    with pytest.raises(Refusal, match="A meeting decided"):
        ask(called, Ask(ApplicationKind.RETURN, "not_ours", "不归我们"), handler, HELD)
    with pytest.raises(Refusal, match="A meeting decided"):
        escalate(called, handler, HELD, opinion="办不了")


def test_the_table_may_set_the_day_to_settle_by(way, called):
    until = at("2026-12-01 00:00")
    leg = decide(called, replace(led_by(way.district.department), settle_by=until), way.dispatcher, HELD)
    assert leg.settle_due_at == leg.settle_due_original == until
    assert called.meetings[0].settle_by == until


def test_a_day_that_has_passed_is_no_day_to_settle_by(way, called):
    with pytest.raises(Refusal, match="has passed"):
        decide(called, replace(led_by(way.district.department), settle_by=CALLED), way.dispatcher, HELD)


def test_those_who_help_have_to_and_only_another_meeting_lets_them_go(way, called):
    housing = unit(way.session, way.district.root, "339901-ZJJ", "区住建局", "department")
    decide(
        called, led_by(way.district.department, Undertaking(housing, Part.CO, "查手续")), way.dispatcher, HELD
    )  # fmt: skip
    (helper,) = called.helping
    assert (helper.unit_name, helper.mandatory, helper.binding) == ("区住建局", True, True)
    assert called.events[-1].note == "查手续"
    handler, leader = (actor(way.session, role, way.district.department) for role in ("handler", "unit_leader"))
    called.sign(handler, HELD)
    with pytest.raises(Refusal, match="A meeting decided that 区住建局 helps"):
        release(called, helper, leader, HELD, reason="不用了")
    keep(way.session, called, EVIDENCE, handler, HELD, leg=called.lead)
    called.submit_result(handler, HELD, result="修好", feedback="已告知")
    with pytest.raises(Refusal, match="区住建局"):
        called.settle(leader, HELD, mode="coordinated")


def test_what_each_undertakes_bears_and_signs_is_kept_and_the_costs_add_up(way, called):
    said = minutes(
        Undertaking(way.district.department, Part.LEAD, " 修路 ", Decimal("12000.50"), "陈局长"),
        Undertaking(way.district.village, Part.PRESENT, "", Decimal("3000")),
        Undertaking(way.district.far_town, Part.PRESENT),
        place="区政府三楼",
    )  # fmt: skip
    decide(called, said, way.dispatcher, HELD)
    way.session.flush()
    meeting = called.meetings[0]
    assert [(each.unit_name, each.part, each.undertakes, each.cost, each.signatory) for each in meeting.units] == [
        ("石桥村", "present", "", Decimal("3000"), ""),
        ("区交通局", "lead", "修路", Decimal("12000.50"), "陈局长"),
        ("白沙乡", "present", "", None, ""),
    ]
    assert meeting.cost == Decimal("15000.50")
    assert (meeting.place, meeting.chair, meeting.held_on) == ("区政府三楼", "区长", date(2026, 9, 21))
    assert (meeting.decided_at, meeting.decided_by, called.meeting) == (HELD, "张小派", None)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"decision": " "}, "Write down what was said"),
        ({"minutes": ""}, "Write down what was said"),
        ({"held_on": date(2026, 9, 22)}, "lies in the future"),
    ],
)
def test_the_minutes_say_when_it_was_what_was_said_and_what_was_decided(way, called, said, problem):
    with pytest.raises(Refusal, match=problem):
        decide(called, replace(led_by(way.district.department), **said), way.dispatcher, HELD)
    assert called.state == "signed"


def test_one_unit_leads_and_each_stands_there_once(way, called):
    places = way.district
    with pytest.raises(Refusal, match="Name the one unit that leads"):
        decide(called, minutes(Undertaking(places.village, Part.CO)), way.dispatcher, HELD)
    with pytest.raises(Refusal, match="Name the one unit that leads"):
        decide(called, led_by(places.village, Undertaking(places.town, Part.LEAD)), way.dispatcher, HELD)
    with pytest.raises(Refusal, match="Name each unit once"):
        decide(called, led_by(places.village, Undertaking(places.village, Part.CO)), way.dispatcher, HELD)


def test_a_unit_that_is_gone_may_have_sat_there_but_is_given_nothing(way, called):
    gone = way.district.twin
    gone.valid_to = date(2026, 9, 20)
    with pytest.raises(Refusal, match="no longer exists"):
        decide(called, led_by(way.district.village, Undertaking(gone, Part.CO)), way.dispatcher, HELD)
    decide(called, led_by(way.district.village, Undertaking(gone, Part.PRESENT)), way.dispatcher, HELD)
    assert called.lead.unit_name == "石桥村"


def test_a_unit_of_another_district_does_not_sit_there(way, called):
    outside = unit(way.session, None, "339902000000", "外县", "district")
    with pytest.raises(Refusal, match="lies outside 外县"):
        decide(called, led_by(way.district.village, Undertaking(outside, Part.PRESENT)), way.dispatcher, HELD)


def test_who_only_took_part_reaches_the_request_no_more_than_before(way, called):
    places = way.district
    helped = Undertaking(places.station, Part.CO)
    decide(called, led_by(places.department, helped, Undertaking(places.far_town, Part.PRESENT)), way.dispatcher, HELD)
    way.session.commit()

    def reaches(one: Actor) -> bool:
        with acting_as(one, HELD, scope_for(one)):
            return way.session.scalar(sa.select(sa.func.count(Ticket.id))) == 1

    handlers = [actor(way.session, "handler", place) for place in (places.department, places.station, places.far_town)]
    assert [reaches(each) for each in handlers] == [True, True, False]


def test_without_a_meeting_there_is_nothing_to_decide(way):
    with pytest.raises(Refusal, match="No meeting about this request"):
        decide(way.signed(), led_by(way.district.village), way.dispatcher, HELD)


def test_a_second_meeting_may_undo_what_the_first_decided(way, called):
    decide(called, led_by(way.district.department), way.dispatcher, HELD)
    call(called, MeetingCause.CALLED, way.dispatcher, at("2026-09-22 09:00"))
    assert [each.unit_name for each in called.meeting.units] == ["石桥村", "区交通局"]
    decide(called, led_by(way.district.village), way.dispatcher, at("2026-09-23 09:00"))
    assert (called.lead.unit_name, len(called.meetings)) == ("石桥村", 2)


@pytest.fixture
def rated_badly_again(way):
    """Settled three times and rated badly each time."""
    ticket = way.settled()
    for day in ("2026-09-20", "2026-09-22"):
        rate(ticket, f"{day} 10:00")
        ticket.sign(way.second_handler, at(f"{day} 11:00"))
        evidence = Prepared(f"{day}.pdf", "application/pdf", PDF)
        keep(way.session, ticket, evidence, way.second_handler, at(f"{day} 12:00"), leg=ticket.lead)
        ticket.submit_result(way.second_handler, at(f"{day} 12:00"), result="再办", feedback="已告知")
        ticket.settle(way.leader, at(f"{day} 16:00"), mode="coordinated")
    rate(ticket, "2026-09-23 10:00")
    return ticket


def rate(ticket, when, stars=1):
    resolved = Resolved.NO if stars < 3 else Resolved.YES
    return ticket.rate(ticket.reporters[0], Opinion(stars, resolved), RESIDENT, at(when))


def test_rated_badly_the_third_time_it_waits_for_a_meeting_and_is_not_filed_away(way, rated_badly_again):
    ticket = rated_badly_again
    assert (ticket.state, ticket.meeting.cause, ticket.meeting.called_by) == ("rated", "third_reopening", "系统")
    assert (ticket.next_due_at, ticket.reopened) == (None, 2)
    with pytest.raises(Refusal, match="already rated"):
        rate(ticket, "2026-09-23 11:00")
    ticket.reporters.append(Reporter.named("另一人", "13900004321"))
    ticket.rate(ticket.reporters[1], Opinion(5, Resolved.YES), RESIDENT, at("2026-09-23 12:00"))
    assert ticket.next_due_at is None


def test_a_decision_about_it_begins_a_new_round(way, rated_badly_again):
    ticket = rated_badly_again
    decide(ticket, led_by(way.district.department), way.dispatcher, at("2026-09-25 10:00"))
    assert (ticket.state, ticket.lead_unit, ticket.lead.binding) == ("dispatched", way.district.department, True)
    assert (ticket.settled_at, ticket.disposal_mode, ticket.rate_until, ticket.follow_up) == (None, None, None, None)
    assert (ticket.credited_unit_id, ticket.credited_person_id) == (None, None)
    assert [leg.state for leg in ticket.legs] == ["settled", "settled", "settled", "dispatched"]
    assert (len(ticket.ratings), ticket.round) == (3, [ticket.lead])
    handler, leader = (actor(way.session, role, way.district.department) for role in ("handler", "unit_leader"))
    ticket.sign(handler, at("2026-09-25 11:00"))
    keep(way.session, ticket, EVIDENCE, handler, at("2026-09-26 11:00"), leg=ticket.lead)
    ticket.submit_result(handler, at("2026-09-26 11:00"), result="重修", feedback="已告知")
    ticket.settle(leader, at("2026-09-26 12:00"), mode="coordinated")
    rate(ticket, "2026-09-27 10:00", stars=5)
    assert (ticket.state, ticket.next_due_at) == ("rated", at("2026-10-27 10:00"))


def test_rated_badly_once_more_after_a_meeting_the_units_meet_again(way, rated_badly_again):
    ticket = rated_badly_again
    decide(ticket, led_by(way.district.village), way.dispatcher, at("2026-09-25 10:00"))
    ticket.sign(way.handler, at("2026-09-25 11:00"))
    keep(way.session, ticket, EVIDENCE, way.handler, at("2026-09-26 11:00"), leg=ticket.lead)
    ticket.submit_result(way.handler, at("2026-09-26 11:00"), result="重修", feedback="已告知")
    ticket.settle(way.leader, at("2026-09-26 12:00"), mode="coordinated")
    rate(ticket, "2026-09-27 10:00")
    assert (ticket.state, [each.cause for each in ticket.meetings]) == ("rated", ["third_reopening"] * 2)
    assert ticket.meeting is ticket.meetings[1]


def test_a_request_withdrawn_meanwhile_needs_no_meeting(way, called):
    assert called.meeting.waits
    called.step(Move.CANCEL, RESIDENT, HELD)
    assert not called.meetings[0].waits


def test_the_decided_lead_may_not_be_delegated_either(way, called):
    decide(called, led_by(way.district.town), way.dispatcher, HELD)
    called.sign(actor(way.session, "handler", way.district.town), HELD)
    with pytest.raises(Refusal, match="A meeting decided"):
        delegate(called, way.district.village, way.town_dispatcher, HELD, note="请村里办")


def test_whoever_decides_and_every_unit_concerned_is_told_of_a_meeting(way):
    supervisor = actor(way.session, "supervisor", way.district.root)
    department = actor(way.session, "unit_leader", way.district.department)
    _ = way.leader, way.far_leader
    ticket = way.signed()
    invite(ticket, way.district.department, way.handler, at("2026-09-18 10:00"), task="查道路权属")
    call(ticket, MeetingCause.CALLED, way.dispatcher, CALLED)
    way.session.flush()
    told = sa.select(Notice.event, Notice.person_id).where(Notice.event.in_(["meeting", "at_the_table"]))
    assert {tuple(row) for row in way.session.execute(told)} == {
        ("meeting", way.dispatcher.person_id),
        ("meeting", supervisor.person_id),
        ("at_the_table", way.handler.person_id),
        ("at_the_table", way.leader.person_id),
        ("at_the_table", department.person_id),
    }

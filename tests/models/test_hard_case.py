"""The whole way of a hard case, and that nobody passes the parcel."""

from datetime import date

import pytest

from models.acting import RESIDENT, Actor
from models.applying import Ask, ask, grant, refuse
from models.co_handling import invite
from models.meetings import MeetingCause, Minutes, Part, Undertaking, call, decide
from models.passing import delegate, escalate, recall
from models.ratings import Opinion, Resolved
from models.uploads import keep
from rules.applications import ApplicationKind, ApplicationState
from rules.deadlines import Tier
from rules.refusals import Refusal
from tests.factories import actor, unit
from tests.stage import at
from tests.way import EVIDENCE


@pytest.fixture
def people(way):
    """Handlers and leaders of the village, the town and two departments."""
    places = way.district
    housing = unit(way.session, places.root, "339901-ZJJ", "区住建局", "department")
    found = {
        name: {role: actor(way.session, role, place) for role in ("handler", "unit_leader")}
        for name, place in (
            ("village", places.village),
            ("town", places.town),
            ("traffic", places.department),
            ("housing", housing),
        )
    }
    return found | {"housing unit": housing}


def answer(way, ticket, staff: dict[str, Actor], when: str, mode: str = "coordinated") -> None:
    handler, leg = staff["handler"], ticket.leg_of(staff["handler"])
    keep(way.session, ticket, EVIDENCE, handler, at(when), leg=leg)
    ticket.submit_result(handler, at(when), result="办好了", feedback="已办好，请查看")
    ticket.settle(staff["unit_leader"], at(when), mode=mode)


@pytest.fixture
def met(way, people):
    """From the village to the town, with two departments beside it, to a meeting that decided."""
    ticket = way.accepted(at("2026-09-18 09:00"))
    ticket.dispatch(way.district.village, way.dispatcher, at("2026-09-18 09:30"))
    ticket.sign(people["village"]["handler"], at("2026-09-18 10:00"))
    escalate(ticket, people["village"]["handler"], at("2026-09-18 11:00"), opinion="村里没有施工力量")
    assert (ticket.state, ticket.lead.unit_name, ticket.tier) == ("dispatched", "青石镇", "minor")
    assert ticket.lead.settle_due_at == at("2026-09-26 00:00")
    assert ticket.first_unit_id == way.district.village.id
    ticket.sign(people["town"]["handler"], at("2026-09-18 14:00"))
    invite(ticket, way.district.department, people["town"]["handler"], at("2026-09-18 15:00"), task="查道路权属")
    invite(ticket, people["housing unit"], people["town"]["handler"], at("2026-09-18 15:00"), task="查建设手续")
    assert [leg.settle_due_at for leg in ticket.helping] == [at("2026-09-25 00:00")] * 2
    call(ticket, MeetingCause.CALLED, way.dispatcher, at("2026-09-19 09:00"))
    with pytest.raises(Refusal, match="has been called; it decides"):
        escalate(ticket, people["town"]["handler"], at("2026-09-19 10:00"), opinion="镇里办不了")
    minutes = Minutes(
        date(2026, 9, 21), "区长", "三家都到会", "交通局牵头，住建局配合",
        [Undertaking(way.district.department, Part.LEAD), Undertaking(people["housing unit"], Part.CO)],
        settle_by=at("2026-10-09 00:00"),
    )  # fmt: skip
    decide(ticket, minutes, way.dispatcher, at("2026-09-21 16:00"))
    return ticket


def test_a_hard_case_goes_up_meets_is_settled_rated_badly_and_settled_again(way, people, met):
    ticket = met
    assert (ticket.lead.unit_name, ticket.lead.binding) == ("区交通局", True)
    assert [leg.ended for leg in ticket.legs] == ["escalated", "decided", "decided", "decided", None, None]
    ticket.sign(people["traffic"]["handler"], at("2026-09-21 17:00"))
    with pytest.raises(Refusal, match="A meeting decided"):
        ask(
            ticket, Ask(ApplicationKind.RETURN, "not_ours", "不归我们"), people["traffic"]["handler"],
            at("2026-09-21 17:30"),
        )  # fmt: skip
    handler = people["traffic"]["handler"]
    keep(way.session, ticket, EVIDENCE, handler, at("2026-09-25 09:00"), leg=ticket.lead)
    ticket.submit_result(handler, at("2026-09-25 09:00"), result="路修好了", feedback="路已修好")
    with pytest.raises(Refusal, match="These units have yet to settle their part: 区住建局"):
        ticket.settle(people["traffic"]["unit_leader"], at("2026-09-25 10:00"), mode="coordinated")
    ticket.sign(people["housing"]["handler"], at("2026-09-21 18:00"))
    answer(way, ticket, people["housing"], "2026-09-25 11:00")
    assert ticket.state == "pending_review"
    ticket.settle(people["traffic"]["unit_leader"], at("2026-09-25 12:00"), mode="coordinated")
    assert ticket.settled_at == at("2026-09-25 09:00")
    ticket.rate(ticket.reporters[0], Opinion(2, Resolved.PARTLY), RESIDENT, at("2026-09-26 09:00"))
    assert (ticket.state, ticket.lead.unit_name, ticket.reopened) == ("dispatched", "石桥村", 1)
    ticket.sign(people["village"]["handler"], at("2026-09-26 10:00"))
    answer(way, ticket, people["village"], "2026-09-27 10:00")
    ticket.rate(ticket.reporters[0], Opinion(5, Resolved.YES), RESIDENT, at("2026-09-27 12:00"))
    assert ticket.state == "rated"


def test_the_second_return_between_two_units_is_a_meeting_and_its_decision_binds(way, people):
    ticket = way.accepted(at("2026-09-18 09:00"), tier=Tier.MINOR)
    ticket.dispatch(way.district.department, way.dispatcher, at("2026-09-18 09:30"))
    asked = ask(
        ticket, Ask(ApplicationKind.RETURN, "not_ours", "是住建局的职责", unit=people["housing unit"]),
        people["traffic"]["handler"], at("2026-09-18 10:00"),
    )  # fmt: skip
    with pytest.raises(Refusal, match="not among the duties"):
        grant(ticket, asked, people["traffic"]["handler"], at("2026-09-18 10:05"))
    grant(ticket, asked, way.dispatcher, at("2026-09-18 10:30"))
    assert (ticket.state, ticket.lead_unit) == ("returned", None)
    ticket.dispatch(people["housing unit"], way.dispatcher, at("2026-09-18 11:00"))
    again = ask(
        ticket, Ask(ApplicationKind.RETURN, "not_ours", "是交通局的职责", unit=way.district.department),
        people["housing"]["handler"], at("2026-09-18 12:00"),
    )  # fmt: skip
    grant(ticket, again, way.dispatcher, at("2026-09-18 13:00"))
    assert (ticket.state, ticket.lead.unit_name) == ("dispatched", "区住建局")
    assert [unit.unit_name for unit in ticket.meeting.units] == ["区交通局", "区住建局"]
    assert again.state == ApplicationState.GRANTED


def test_up_and_down_between_the_same_two_units_ends_at_once(way, people):
    ticket = way.accepted(at("2026-09-18 09:00"))
    ticket.dispatch(way.district.village, way.dispatcher, at("2026-09-18 09:30"))
    village, town = people["village"]["handler"], people["town"]["handler"]
    ticket.sign(village, at("2026-09-18 10:00"))
    escalate(ticket, village, at("2026-09-18 10:10"), opinion="办不了")
    ticket.sign(town, at("2026-09-18 10:20"))
    delegate(ticket, way.district.village, town, at("2026-09-18 10:30"), note="请村里先办")
    ticket.sign(village, at("2026-09-18 10:40"))
    with pytest.raises(Refusal, match="has handed it there before"):
        escalate(ticket, village, at("2026-09-18 10:50"), opinion="还是办不了")


def test_a_wrong_dispatch_is_taken_back_and_the_promise_to_the_resident_stands(way):
    ticket = way.dispatched(at("2026-09-18 09:00"))
    recall(ticket, way.dispatcher, at("2026-09-18 09:10"), reason="派错了")
    assert (ticket.state, ticket.lead_unit, ticket.lead.ended) == ("accepted", None, "recalled")
    leg = ticket.dispatch(way.district.department, way.dispatcher, at("2026-09-18 09:20"))
    assert leg.sign_due_at == at("2026-09-18 17:00")


def test_an_extension_is_granted_by_the_right_superior_and_the_original_date_is_kept(way, people):
    ticket = way.dispatched(at("2026-09-18 09:00"))
    village = people["village"]
    ticket.sign(village["handler"], at("2026-09-18 10:00"))
    asking, now = Ask(ApplicationKind.EXTENSION, "works", "等路灯配件", days=5), at("2026-09-19 09:00")
    asked = ask(ticket, asking, village["handler"], now)
    with pytest.raises(Refusal, match="Your unit may grant 3 days"):
        grant(ticket, asked, village["unit_leader"], at("2026-09-19 10:00"))
    grant(ticket, asked, way.dispatcher, at("2026-09-19 10:00"))
    assert ticket.lead.settle_due_at == at("2026-09-27 00:00")
    assert ticket.lead.settle_due_original == at("2026-09-22 00:00")
    assert ticket.next_due_at == at("2026-09-27 00:00")
    asking, now = Ask(ApplicationKind.EXTENSION, "works", "还差一点", days=2), at("2026-09-20 09:00")
    second = ask(ticket, asking, village["handler"], now)
    refuse(ticket, second, village["unit_leader"], at("2026-09-20 10:00"), answer="抓紧办")
    assert ticket.lead.settle_due_at == at("2026-09-27 00:00")

"""Asking for a return, an extension and the like, and deciding it, on screen."""

import re

import pytest

from models.acting import RESIDENT
from models.applications import Application
from models.applying import refuse
from models.ratings import Opinion, Rating, Resolved
from models.tickets import Ticket
from tests.factories import actor
from tests.stage import at
from tests.views.browsing import send
from tests.views.handling import TEN, clock_at, page_of, staff_of, step

NINE = at("2026-09-18 09:00")


@pytest.fixture
def clock():
    with clock_at(TEN) as travelling:
        yield travelling


@pytest.fixture
def staff(clock, client_as, district):
    return staff_of(client_as, district)


@pytest.fixture
def signed(way, staff):
    ticket = way.signed(NINE)
    way.session.commit()
    return ticket


@pytest.fixture
def handled(way, signed):
    signed.contact(way.handler, NINE, note="已联系")
    way.session.commit()
    return signed


def again(session, ticket) -> Ticket:
    session.expire_all()
    return session.get(Ticket, ticket.id)


def the_only(session, ticket) -> Application:
    [application] = again(session, ticket).applications
    return application


def page_to_decide(ticket, application) -> str:
    return f"/requests/decide/{ticket.id}/{application.id}"


def decide(client, session, ticket, decision: str, answer: str = ""):
    address = page_to_decide(ticket, the_only(session, ticket))
    return send(client, address, {"decision": decision, "answer": answer})


def panel(page: str) -> str:
    return page[page.index('class="sheet asked"') : page.index("</section>", page.index('class="sheet asked"'))]


def test_an_extension_is_asked_shown_to_all_and_granted_by_the_right_superior(staff, session, signed):
    form = staff["village handler"].get(f"/requests/move/{signed.id}/ask_extension").text
    assert "3 天以内由本单位负责人审批" in form
    assert "同意之后：到期时间改变，原到期时间保留。审批之前各项时限照常计算。" in form
    step(staff["village handler"], signed, "ask_extension", reason="works", basis="等路灯配件", days=5)
    asked = the_only(session, signed)
    told = panel(page_of(staff["root manager"], signed))
    assert "申请：延期 <small>待审批</small>" in told
    for said in ("等路灯配件", "工程施工需要时间", "<dd>5</dd>", "办结时限：2026-09-21 24:00 → 2026-09-26 24:00"):
        assert said in told
    own = panel(page_of(staff["village handler"], signed))
    assert "btn-barred" in own
    assert "撤回" in own
    leader = staff["village unit_leader"].get(page_to_decide(signed, asked)).text
    assert "同意<small>本单位可批准 3" in leader
    assert leader.count("btn-barred") == 2, "what the leader may not grant the leader does not refuse"
    assert decide(staff["village unit_leader"], session, signed, "grant").status_code == 200
    assert the_only(session, signed).state == "open"
    response = decide(staff["root dispatcher"], session, signed, "grant", "抓紧")
    assert response.location == f"/requests/show/{signed.id}"
    granted = the_only(session, signed)
    assert (granted.state, granted.answer, granted.decided_by_id) == (
        "granted",
        "抓紧",
        staff["root dispatcher"].person_id,
    )
    page = page_of(staff["village handler"], signed)
    assert "2026-09-26 24:00 （原时限 2026-09-21 24:00）" in page
    assert "已审批的申请" in page
    assert 'class="sheet asked"' not in page


def test_a_refusal_without_a_reason_is_refused_on_the_form(staff, session, signed):
    step(staff["village handler"], signed, "ask_extension", reason="works", basis="等路灯配件", days=2)
    page = decide(staff["village unit_leader"], session, signed, "refuse", "  ").text
    assert 'role="alert"' in page
    assert the_only(session, signed).state == "open"
    decide(staff["village unit_leader"], session, signed, "refuse", "配件有库存")
    asked = the_only(session, signed)
    assert (asked.state, asked.answer) == ("refused", "配件有库存")
    assert "配件有库存" in page_of(staff["village handler"], signed)
    late = staff["root dispatcher"].post(page_to_decide(signed, asked), data={"decision": "grant"}).text
    assert 'role="alert"' in late
    assert the_only(session, signed).state == "refused"


def test_what_was_typed_stays_where_the_days_are_no_number(staff, session, signed):
    page = step(staff["village handler"], signed, "ask_extension", reason="works", basis="等路灯配件", days="几天").text
    assert "等路灯配件" in page
    assert 'value="几天"' in page
    assert again(session, signed).applications == []


def test_only_who_asked_withdraws(staff, session, signed):
    step(staff["village handler"], signed, "ask_extension", reason="works", basis="等路灯配件", days=2)
    address = f"{page_to_decide(signed, the_only(session, signed))}/withdraw"
    staff["village unit_leader"].post(address)
    assert the_only(session, signed).state == "open"
    staff["village handler"].post(address)
    assert the_only(session, signed).state == "withdrawn"


def test_a_return_names_whose_matter_it_is_and_leads_back_to_the_dispatcher(staff, session, way, signed):
    given = {"reason": "not_ours", "basis": "属公路管养", "unit": way.district.department.id}
    step(staff["village handler"], signed, "ask_return", **given)
    told = panel(page_of(staff["root dispatcher"], signed))
    assert "<dt>应由哪个单位办理</dt><dd>区交通局</dd>" in told
    assert "工单重新派单" in told
    decide(staff["root dispatcher"], session, signed, "grant")
    told = again(session, signed)
    assert (told.state, told.lead.ended, told.lead_unit) == ("returned", "returned", None)


def test_the_second_return_says_beforehand_that_units_will_meet(staff, session, way, signed):
    step(staff["village handler"], signed, "ask_return", reason="not_ours", basis="属公路管养")
    decide(staff["root dispatcher"], session, signed, "grant")
    step(staff["root dispatcher"], signed, "dispatch", unit=way.district.department.id)
    step(staff["traffic handler"], signed, "ask_return", reason="not_ours", basis="属村道")
    [_first, second] = again(session, signed).applications
    assert "将召开会商，会商决定必须执行" in panel(page_of(staff["root dispatcher"], signed))
    send(staff["root dispatcher"], page_to_decide(signed, second), {"decision": "grant"})
    told = again(session, signed)
    assert (told.state, told.lead.unit_name, told.meeting is not None) == ("dispatched", "区交通局", True)


@pytest.mark.parametrize("written", ["2026-10-08", "2026.10.8", "2026年10月8日"])
def test_a_suspension_is_written_with_a_date_as_people_write_it_and_ends_earlier(
    staff, session, handled, written, clock, client_as
):
    step(staff["village handler"], handled, "ask_suspension", reason="season", basis="雨季", until=written)
    assert the_only(session, handled).until == at("2026-10-08 00:00")
    assert "2026-10-08 自动恢复计时" in panel(page_of(staff["root dispatcher"], handled))
    decide(staff["root dispatcher"], session, handled, "grant")
    assert again(session, handled).state == "suspended"
    page = page_of(staff["village handler"], handled)
    assert "<dt>挂起时间</dt><dd>2026-09-18 10:00</dd>" in page
    clock.move_to(at("2026-09-20 10:00"))
    step(client_as("dispatcher", handled.legs[0].giver), handled, "resume", note="雨停了")
    told = again(session, handled)
    assert (told.state, told.lead.settle_due_at) == ("handling", at("2026-09-24 00:00"))


def test_a_date_beyond_what_the_office_allows_is_refused_in_words(staff, session, handled):
    page = step(
        staff["village handler"], handled, "ask_suspension", reason="season", basis="雨季", until="2026-12-31"
    ).text
    assert "30 天" in page
    assert 'value="2026-12-31"' in page
    assert again(session, handled).applications == []


def test_a_promise_becomes_the_due_date_and_has_an_owner(staff, session, handled):
    given = {"reason": "budget", "basis": "列入四季度计划", "until": "2026-11-30", "owner": "王书记"}
    step(staff["village handler"], handled, "ask_promise", **given)
    assert "2026-09-21 24:00 → 2026-11-30 24:00" in panel(page_of(staff["root dispatcher"], handled))
    decide(staff["root dispatcher"], session, handled, "grant")
    told = again(session, handled)
    assert told.lead.settle_due_at == at("2026-12-01 00:00")
    assert told.lead.promise_owner == "王书记"
    page = page_of(staff["village handler"], handled)
    assert "<dt>承诺完成时间</dt><dd>2026-11-30 24:00</dd>" in page
    assert "<dt>承诺责任人</dt><dd>王书记</dd>" in page


def test_a_second_person_confirms_that_a_request_is_not_accepted(staff, session, way):
    ticket = way.submitted(NINE)
    session.commit()
    step(staff["root dispatcher"], ticket, "ask_decline", reason="legal", basis="已在法院审理，请向法院查询")
    own = staff["root dispatcher"].get(page_to_decide(ticket, the_only(session, ticket))).text
    assert own.count("btn-barred") == 2
    decide(staff["town dispatcher"], session, ticket, "grant")
    assert again(session, ticket).state == "declined"


def test_the_evaluator_of_another_unit_leaves_a_rating_out(staff, session, way):
    ticket = way.settled(NINE)
    ticket.rate(ticket.reporters[0], Opinion(3, Resolved.YES), RESIDENT, at("2026-09-18 09:30"))
    session.commit()
    [rating] = ticket.ratings
    form = staff["village unit_leader"].get(f"/requests/move/{ticket.id}/ask_exclusion").text
    assert "3 星，2026-09-18 09:30" in form
    given = {"reason": "mistaken", "basis": "反映人电话说明点错", "rating": rating.id}
    step(staff["village unit_leader"], ticket, "ask_exclusion", **given)
    assert "btn-barred" in panel(page_of(staff["root dispatcher"], ticket))
    decide(staff["root evaluator"], session, ticket, "grant", "核实属实")
    told = session.get(Rating, rating.id, populate_existing=True)
    assert (told.stars, told.scored) == (3, False)


def test_an_application_of_another_request_or_beyond_ones_units_is_not_there(staff, session, way, signed, client_as):
    step(staff["village handler"], signed, "ask_extension", reason="works", basis="等路灯配件", days=2)
    asked, other = the_only(session, signed), way.signed(NINE)
    session.commit()
    stranger = client_as("unit_leader", way.district.far_village)
    for client, ticket in ((staff["root dispatcher"], other), (stranger, signed)):
        address = page_to_decide(ticket, asked)
        for path in (address, f"{address}/withdraw"):
            assert client.post(path, data={"decision": "grant"}).status_code == 404
        assert client.get(address).status_code == 404
    assert staff["root dispatcher"].get(f"/requests/decide/{signed.id}/999999").status_code == 404
    assert the_only(session, signed).state == "open"


def test_those_who_only_look_on_read_an_application_and_cannot_decide_it(staff, session, signed):
    step(staff["village handler"], signed, "ask_extension", reason="works", basis="等路灯配件", days=2)
    address = page_to_decide(signed, the_only(session, signed))
    assert staff["root manager"].get(address).text.count("btn-barred") == 2
    assert staff["root manager"].post(address, data={"decision": "grant"}).status_code == 403
    assert the_only(session, signed).state == "open"


def test_who_decides_second_reads_that_it_has_been_decided_and_by_whom(staff, session, way, signed):
    step(staff["village handler"], signed, "ask_extension", reason="works", basis="等路灯配件", days=2)
    address = page_to_decide(signed, the_only(session, signed))
    seen = re.search(r'name="seen"[^>]*value="(\d+)"', staff["village unit_leader"].get(address).text)[1]
    ticket = again(session, signed)
    first = actor(session, "dispatcher", way.district.root, "赵先批")
    refuse(ticket, ticket.applications[0], first, at("2026-09-18 09:58"), answer="有库存")
    session.commit()
    page = staff["village unit_leader"].post(address, data={"decision": "grant", "answer": "可以", "seen": seen}).text
    told = page[page.index("这期间发生的变化") :]
    for said in ("不同意申请", "赵先批", "2026-09-18 09:58", "有库存"):
        assert said in told

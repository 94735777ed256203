"""Handing on, taking back and co-handling on screen; two people at one request; the regulation."""

import re
import threading
from html import unescape

import pytest
import sqlalchemy as sa

from models.events import TicketEvent
from models.legs import Leg
from models.tickets import Ticket
from rules.lifecycle import MOVE_LABELS, MOVES
from tests.factories import unit
from tests.stage import at
from tests.views.browsing import file
from tests.views.handling import TEN, clock_at, page_of, staff_of, step
from tests.way import PDF

NINE = at("2026-09-18 09:00")
MOVE_CHINESE = {"escalate": "上报", "ask_extension": "申请延期"}
SEEN = re.compile(r'name="seen"[^>]*value="(\d+)"')


@pytest.fixture
def clock():
    with clock_at(TEN) as travelling:
        yield travelling


@pytest.fixture
def staff(clock, client_as, district):
    return staff_of(client_as, district)


@pytest.fixture
def in_town(way, staff):
    """Signed for by the town."""
    ticket = way.dispatched(NINE, to=way.district.town)
    way.session.commit()
    step(staff["town handler"], ticket, "sign")
    return ticket


def happened(page: str) -> str:
    begin = page.index("这期间发生的变化")
    return page[begin : page.index("</section>", begin)]


def again(session, ticket) -> Ticket:
    session.expire_all()
    return session.get(Ticket, ticket.id)


def test_a_village_escalates_with_its_opinion_and_stays_the_first_responsible_unit(staff, session, way):
    ticket = way.signed(NINE)
    session.commit()
    staff["village handler"].get("/lang/en")
    form = unescape(step(staff["village handler"], ticket, "escalate", opinion=" ").text)
    assert "It goes to 青石镇. This takes effect at once. The unit's clocks end" in form
    assert "Write your unit's opinion: what was tried, and why it is beyond your level" in form
    response = step(staff["village handler"], ticket, "escalate", opinion="村里没有施工力量")
    assert response.location == f"/requests/show/{ticket.id}"
    told = again(session, ticket)
    assert (told.state, told.lead.unit_name, told.tier) == ("dispatched", "青石镇", "minor")
    page = page_of(staff["town handler"], ticket)
    assert "首问责任单位 <small>石桥村</small>" in page
    assert "上报单位意见" in page
    assert "村里没有施工力量" in page
    assert "主办 · 已上报" in page
    assert "<dt>交办单位</dt><dd>石桥村</dd>" in page
    assert "<dt>结束方式</dt><dd>已上报 2026-09-18 10:00</dd>" in page


def test_a_town_delegates_to_whom_it_may_dispatch_and_to_nobody_else(staff, session, way, in_town):
    handler, village = staff["town handler"], way.district.village
    offered = {each["text"].split()[0] for each in handler.get("/requests/options?among=targets").json["results"]}
    assert {"石桥村", "区交通局"} <= offered
    assert "沙口村" not in offered
    refused = step(handler, in_town, "delegate", unit=way.district.far_village.id, note="请先办")
    assert "请先办" in refused.text
    assert again(session, in_town).lead.unit_name == "青石镇"
    step(handler, in_town, "delegate", unit=village.id, note="请先办")
    told = again(session, in_town)
    assert (told.lead.unit_name, told.legs[0].ended) == ("石桥村", "delegated")


def test_any_living_unit_of_the_district_is_asked_to_help_and_none_of_another(staff, session, way, in_town):
    outside = unit(session, None, "339902000000", "外县", "district")
    session.commit()
    handler = staff["town handler"]
    found = handler.get("/requests/options?among=district&q=沙口").json["results"]
    assert [each["id"] for each in found] == [way.district.far_village.id]
    assert handler.get("/requests/options?among=district&q=外县").json["results"] == []
    page = step(handler, in_town, "invite", unit=outside.id, task="查道路权属", mandatory="y").text
    assert "外县" not in page
    assert "查道路权属" in page
    assert len(again(session, in_town).legs) == 1
    step(handler, in_town, "invite", unit=way.district.department.id, task="查道路权属")
    [_lead, helper] = again(session, in_town).legs
    assert (helper.unit_name, helper.role, helper.mandatory) == ("区交通局", "co", False)
    assert helper.settle_due_at == at("2026-09-21 00:00"), "a day before the lead"
    page = page_of(staff["traffic handler"], in_town)
    assert "区交通局 <small>协办 · 不必办结 · 已派单</small>" in page


def test_who_helps_hands_in_its_own_result_with_its_own_evidence(staff, session, way, in_town):
    step(staff["town handler"], in_town, "invite", unit=way.district.department.id, task="查道路权属", mandatory="y")
    step(staff["traffic handler"], in_town, "sign")
    done = {"result": "查清了", "feedback": "已答复", "files": [file("权属.pdf", PDF)]}
    step(staff["traffic handler"], in_town, "submit_result", **done)
    [lead, helper] = again(session, in_town).legs
    assert [each.name for each in helper.attachments] == ["权属.pdf"]
    assert (lead.attachments, helper.state, lead.state) == ([], "pending_review", "signed")
    page = staff["traffic unit_leader"].get(f"/requests/move/{in_town.id}/settle").text
    assert "查清了" in page
    assert "权属.pdf" in page


def test_the_leader_releases_a_helper_and_says_why(staff, session, way, in_town):
    step(staff["town handler"], in_town, "invite", unit=way.district.department.id, task="查道路权属", mandatory="y")
    helper = again(session, in_town).legs[1]
    form = staff["town unit_leader"].get(f"/requests/move/{in_town.id}/release").text
    assert "区交通局，办结时限 2026-09-20 24:00" in form
    step(staff["town unit_leader"], in_town, "release", leg=helper.id, reason="已查清")
    assert session.get(Leg, helper.id, populate_existing=True).ended == "released"
    assert "协办 · 须办结 · 已解除" in page_of(staff["town handler"], in_town)


def test_a_dispatch_is_taken_back_before_anybody_has_signed(staff, session, way):
    ticket = way.dispatched(NINE)
    session.commit()
    step(staff["root dispatcher"], ticket, "recall", reason="派错了")
    told = again(session, ticket)
    assert (told.state, told.lead_unit, told.lead.ended) == ("accepted", None, "recalled")
    assert "收回派单" in page_of(staff["root dispatcher"], ticket)


def test_the_next_step_is_a_button_and_the_others_stand_in_a_menu_with_their_reasons(staff, session, way):
    ticket = way.signed(NINE)
    session.commit()
    page = page_of(staff["village handler"], ticket)
    bar = page[page.index("steps-bar") : page.index('<div class="record">')]
    buttons, menu = bar.split('<details class="menu more-steps">')
    assert f'class="btn btn-primary" href="/requests/move/{ticket.id}/contact"' in buttons
    assert "btn-barred" not in buttons
    assert "<h3>上下流转与协办</h3>" in menu
    assert f'href="/requests/move/{ticket.id}/escalate"' in menu
    assert "申请挂起<small>“已签收”的工单不能申请挂起</small>" in menu
    assert menu.index("申请延期") < menu.index("申请挂起"), "what can be done stands first"
    assert 'href="/regulation/"' in menu


def test_who_comes_second_reads_what_has_happened_and_loses_nothing_that_was_typed(staff, session, way):
    ticket = way.signed(NINE)
    session.commit()
    address = f"/requests/move/{ticket.id}/escalate"
    opened = staff["village handler"].get(address).text
    seen = SEEN.search(opened)[1]
    step(staff["village unit_leader"], ticket, "ask_extension", reason="works", basis="等配件", days=2)
    page = staff["village handler"].post(address, data={"seen": seen, "opinion": "村里办不了"}).text
    assert "这件工单已有新的变化" in page
    told = happened(page)
    assert "申请延期" in told
    assert "等配件" in told
    assert "2026-09-18 10:00" in told
    assert "村里办不了" in page
    assert again(session, ticket).state == "signed"
    newer = SEEN.search(page)[1]
    assert int(newer) > int(seen)
    staff["village handler"].post(address, data={"seen": newer, "opinion": "村里办不了"})
    assert again(session, ticket).lead.unit_name == "青石镇"


def test_looking_at_a_telephone_number_is_nothing_that_has_happened(staff, session, way):
    ticket = way.signed(NINE)
    session.commit()
    address = f"/requests/move/{ticket.id}/contact"
    seen = SEEN.search(staff["village handler"].get(address).text)[1]
    staff["village handler"].post(f"/requests/number/{ticket.id}")
    assert staff["village handler"].post(address, data={"seen": seen, "note": "已联系"}).status_code == 302


def test_two_act_at_once_one_wins_and_the_other_reads_who_did_what(staff, session, way):
    ticket = way.signed(NINE)
    session.commit()
    typed = {
        "village handler": ("escalate", {"opinion": "村里没有施工力量"}),
        "village unit_leader": ("ask_extension", {"reason": "works", "basis": "路灯配件要等", "days": "2"}),
    }
    forms = {}
    for name, (move, given) in typed.items():
        address = f"/requests/move/{ticket.id}/{move}"
        form = staff[name].get(address).text
        forms[name] = address, given | {"seen": SEEN.search(form)[1]}
    meet, answers = threading.Barrier(2), {}

    def press(name):
        meet.wait()
        response = staff[name].post(forms[name][0], data=forms[name][1])
        answers[name] = response.status_code, response.text

    threads = [threading.Thread(target=press, args=(name,)) for name in typed]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(status for status, _page in answers.values()) == [200, 302]
    [loser] = [name for name, (status, _page) in answers.items() if status == 200]
    [winner] = set(typed) - {loser}
    page = answers[loser][1]
    told = happened(page)
    assert MOVE_CHINESE[typed[winner][0]] in told
    assert "2026-09-18 10:00" in told
    assert list(typed[loser][1].values())[0 if loser == "village handler" else 1] in page
    made = sa.select(TicketEvent.action).where(TicketEvent.action.in_([move for move, _given in typed.values()]))
    assert session.scalars(made).all() == [typed[winner][0]]


def test_everybody_who_is_signed_in_reads_the_regulation_and_nobody_else(staff, client):
    staff["root sys_admin"].get("/lang/en")
    page = unescape(staff["root sys_admin"].get("/regulation/").text)
    rows = re.findall(r'<th scope="row" data-label="Step">([^<]+)</th>', page)
    assert sorted(rows) == sorted(MOVE_LABELS[move] for move in MOVES)
    assert "Up, down and beside" in page
    assert "of the unit that handed it over, or above it" in page
    assert client.get("/regulation/").location == "/login/"
    assert 'href="/regulation/"' in staff["village handler"].get("/workbench/").text

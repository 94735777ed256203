"""Meetings on screen: calling one, holding it, reading and printing what it decided."""

import re

import pytest
import sqlalchemy as sa

from models.applying import Ask, ask, grant
from models.meetings import Meeting, MeetingCause, MeetingUnit, call
from models.ratings import Reporter
from models.tickets import Ticket
from rules.applications import ApplicationKind
from tests.factories import actor, unit
from tests.stage import at
from tests.views.browsing import send

SAID = {
    "held_on": "2026-09-18", "chair": "区长", "place": "区政府三楼", "minutes": "两家都到会",
    "decision": "交通局牵头修路",
}  # fmt: skip


@pytest.fixture
def met(way, session):
    """A request that two departments returned to each other, so that they meet."""
    places = way.district
    housing = unit(session, places.root, "339901-ZJJ", "区住建局", "department")
    ticket = way.accepted()
    ticket.dispatch(places.department, way.dispatcher, at("2026-09-18 09:30"))
    for holder, other, when in ((places.department, housing, "10:00"), (housing, places.department, "12:00")):
        handler = actor(session, "handler", holder)
        asked = Ask(ApplicationKind.RETURN, "not_ours", f"{holder.name}说不归本单位", unit=other)
        application = ask(ticket, asked, handler, at(f"2026-09-18 {when}"))
        grant(ticket, application, way.dispatcher, at("2026-09-18 12:30"), answer="请对方办理")
        if other is housing:
            ticket.dispatch(housing, way.dispatcher, at("2026-09-18 11:00"))
    session.commit()
    return ticket.meeting


def rows(*given):
    """As the page sends them: unit, part, what it undertakes, cost, signatory."""
    names = ("unit", "part", "undertakes", "cost", "signatory")
    return {
        f"rows-{number}-{name}": value
        for number, row in enumerate(given)
        for name, value in zip(names, row, strict=True)
    }


def decide(client, meeting, *given, **said):
    return send(client, f"/meetings/decide/{meeting.id}", {**SAID, **rows(*given), **said})


def test_a_dispatcher_calls_a_meeting_and_says_why(client_as, session, way):
    ticket = way.signed()
    session.commit()
    dispatcher = client_as("dispatcher", way.district.root)
    page = send(
        dispatcher, f"/requests/move/{ticket.id}/call_meeting", {"kind": "joint", "reason": "两家说法不一"},
        content_type="multipart/form-data",
    )  # fmt: skip
    assert page.status_code == 302
    (meeting,) = session.scalars(sa.select(Meeting))
    assert (meeting.kind, meeting.cause, meeting.reason) == ("joint", "called", "两家说法不一")
    shown = dispatcher.get(f"/requests/show/{ticket.id}").text
    assert "两家说法不一" in shown
    assert f'href="/meetings/decide/{meeting.id}"' in shown


def test_its_page_has_why_by_when_and_every_return_between_the_units(client_as, way, met):
    page = client_as("dispatcher", way.district.root).get(f"/meetings/show/{met.id}").text
    for words in ("同样两个单位之间第二次退单", "2026-09-22 24:00", "区交通局", "区住建局", "不属本单位职责"):
        assert words in page, words
    assert "区交通局说不归本单位" in page
    assert "区住建局说不归本单位" in page
    assert page.count("请对方办理") == 2


def test_holding_it_decides_who_leads_who_helps_and_who_pays(client_as, session, way, met):
    manager = client_as("manager", way.district.root)
    table = {each.unit_name: each.unit_id for each in met.units}
    answer = decide(
        manager, met,
        (table["区交通局"], "lead", "修路", "12000.50", "陈局长"),
        (table["区住建局"], "co", "查手续", "", ""),
        (way.district.far_village.id, "present", "", "3000", ""),
        ("", "present", "", "", ""),
        settle_by="2099-10-09",
    )  # fmt: skip
    assert answer.location == f"/meetings/show/{met.id}"
    session.expire_all()
    ticket = session.get(Ticket, met.ticket_id)
    assert (ticket.lead.unit_name, ticket.lead.binding, ticket.lead.settle_due_at) == (
        "区交通局", True, at("2099-10-10 00:00"),
    )  # fmt: skip
    assert [(leg.unit_name, leg.mandatory) for leg in ticket.helping] == [("区住建局", True)]
    page = manager.get(f"/meetings/show/{met.id}").text
    for words in ("交通局牵头修路", "15,000.50", "陈局长", "沙口村", "2099-10-09 24:00"):
        assert words in page, words


def test_what_was_typed_stays_when_the_decision_is_refused(client_as, session, way, met):
    dispatcher = client_as("dispatcher", way.district.root)
    dispatcher.get("/lang/en")
    page = decide(dispatcher, met, (way.district.far_village.id, "co", "出工", "1.5", "")).text
    assert "Name the one unit that leads" in page
    assert "交通局牵头修路" in page
    assert f'<option value="{way.district.far_village.id}" selected>沙口村</option>' in page
    assert 'value="出工"' in page
    assert session.scalar(sa.select(sa.func.count(MeetingUnit.id)).where(MeetingUnit.part == "co")) == 0


@pytest.mark.parametrize("row", [("", "co", "出工", "", ""), (999_999, "co", "", "", ""), ("", "lead", "", "-1", "")])
def test_a_line_without_a_unit_of_the_district_or_with_a_wrong_sum_is_sent_back(client_as, session, way, met, row):
    leads = (met.units[0].unit_id, "lead", "", "", "")
    assert decide(client_as("dispatcher", way.district.root), met, leads, row).status_code == 200
    session.expire_all()
    assert session.get(Meeting, met.id).decided_at is None


def test_who_stands_beside_the_units_reads_that_somebody_above_decides(client_as, session, way, met):
    town = client_as("dispatcher", way.district.town)
    town.get("/lang/en")
    for page in (f"/requests/show/{met.ticket_id}", f"/meetings/show/{met.id}"):
        shown = town.get(page).text
        assert re.search(r"btn-barred[^>]*>Hold the meeting<small>This is decided by somebody above", shown), page
    answer = decide(town, met, (met.units[0].unit_id, "lead", "", "", ""))
    assert "This is decided by somebody above" in answer.text
    session.expire_all()
    assert session.get(Meeting, met.id).decided_at is None


@pytest.mark.parametrize("role", ["handler", "unit_leader", "office", "supervisor", "evaluator"])
def test_those_who_decide_nothing_have_no_form_for_it(client_as, way, met, role):
    browser = client_as(role, way.district.root)
    assert browser.get(f"/meetings/show/{met.id}").status_code == 200
    assert browser.get(f"/meetings/decide/{met.id}").status_code in (302, 403)
    assert browser.get("/meetings/options").status_code in (302, 403)


def test_a_meeting_that_has_decided_is_not_held_again(client_as, session, way, met):
    dispatcher = client_as("dispatcher", way.district.root)
    lead = (met.units[0].unit_id, "lead", "", "", "")
    decide(dispatcher, met, lead)
    dispatcher.get("/lang/en")
    session.expire_all()
    call(session.get(Ticket, met.ticket_id), MeetingCause.CALLED, way.dispatcher, at("2026-09-19 09:00"))
    session.commit()
    assert "This meeting has decided already" in decide(dispatcher, met, lead).text
    session.expire_all()
    assert session.get(Ticket, met.ticket_id).meeting is not None


def test_a_unit_elsewhere_does_not_find_the_meeting(client_as, way, met):
    stranger = client_as("handler", way.district.far_village)
    for page in ("show", "minutes"):
        assert stranger.get(f"/meetings/{page}/{met.id}").status_code == 404
    assert "区住建局" not in stranger.get("/meetings/list/?queue=all").text


def test_the_list_has_those_that_wait_with_the_nearest_first_and_those_that_decided(client_as, session, way, met):
    later = way.signed(at("2026-09-21 09:00"), title="路面塌陷")
    call(later, MeetingCause.CALLED, way.dispatcher, at("2026-09-21 10:00"))
    gone = way.signed(at("2026-09-21 09:00"), title="已经撤回")
    call(gone, MeetingCause.CALLED, way.dispatcher, at("2026-09-21 10:00"))
    gone.state = "cancelled"
    session.commit()
    dispatcher = client_as("dispatcher", way.district.root)
    waiting = dispatcher.get("/meetings/list/").text
    assert waiting.index("路灯不亮") < waiting.index("路面塌陷")
    assert "已经撤回" not in waiting
    decide(dispatcher, met, (met.units[0].unit_id, "lead", "", "", ""))
    assert "路灯不亮" not in dispatcher.get("/meetings/list/").text
    decided = dispatcher.get("/meetings/list/?queue=decided").text
    assert "路灯不亮" in decided
    assert "路面塌陷" not in decided
    assert "已经撤回" in dispatcher.get("/meetings/list/?queue=all").text


def test_any_living_unit_of_the_district_may_be_asked_to_the_table(client_as, session, way):
    unit(session, None, "339902000000", "外县", "district")
    session.commit()
    dispatcher = client_as("dispatcher", way.district.town)
    found = [each["text"] for each in dispatcher.get("/meetings/options?q=沙口").json["results"]]
    assert found == ["沙口村 339901002001"]
    assert dispatcher.get("/meetings/options?q=外县").json["results"] == []


def test_the_minutes_are_a_sheet_to_print_and_sign(client_as, way, met):
    dispatcher = client_as("dispatcher", way.district.root)
    decide(dispatcher, met, (met.units[0].unit_id, "lead", "修路", "800", "陈局长"))
    page = dispatcher.get(f"/meetings/minutes/{met.id}").text
    for words in ("会商纪要", "区政府三楼", "两家都到会", "交通局牵头修路", "800.00", "陈局长", "data-print"):
        assert words in page, words


def test_numbers_of_residents_in_the_minutes_are_masked_for_those_who_look_on(client_as, session, way, met):
    decide(
        client_as("dispatcher", way.district.root), met, (met.units[0].unit_id, "lead", "", "", ""),
        minutes="何阿姨 13800001234 到会",
    )  # fmt: skip
    seen = [client_as(role, way.district.root).get(f"/meetings/show/{met.id}").text for role in ("office", "manager")]
    assert ["13800001234" in page for page in seen] == [True, False]
    assert session.scalar(sa.select(sa.func.count(Reporter.id))) == 1

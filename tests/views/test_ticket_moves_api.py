"""The steps of a request by program: each once, with the sentences of the screens, and nothing beyond one's units."""

import pytest
import sqlalchemy as sa

from models.acting import RESIDENT
from models.events import TicketEvent
from models.ratings import Opinion, Resolved
from models.tickets import Ticket
from tests.factories import unit
from tests.stage import at
from tests.views.browsing import file
from tests.views.handling import TEN, clock_at, staff_of
from tests.way import PDF
from views.doors import DOORS

NINE = at("2026-09-18 09:00")


@pytest.fixture
def clock():
    with clock_at(TEN) as travelling:
        yield travelling


@pytest.fixture
def staff(clock, client_as, district):
    return staff_of(client_as, district)


def move(client, ticket, name: str, **given):
    return client.post(f"/api/v1/requests/{ticket.id}/moves/{name}", json=given)


def decide(client, ticket, application, decision: str, **given):
    address = f"/api/v1/requests/{ticket.id}/applications/{application.id}/decide"
    return client.post(address, json={"decision": decision, **given})


def again(session, ticket) -> Ticket:
    session.expire_all()
    return session.get(Ticket, ticket.id)


def actions_of(session, ticket) -> list[str]:
    told = sa.select(TicketEvent.action, TicketEvent.name).where(TicketEvent.ticket_id == ticket.id)
    return [action for action, _name in session.execute(told.order_by(TicketEvent.id))]


def contacted(way, at_) -> Ticket:
    ticket = way.signed(at_)
    ticket.contact(way.handler, at_, note="已联系")
    return ticket


def rated(way, at_) -> Ticket:
    ticket = way.settled(at_)
    ticket.rate(ticket.reporters[0], Opinion(3, Resolved.YES), RESIDENT, at_)
    return ticket


def suspended(way, at_) -> Ticket:
    ticket = contacted(way, at_)
    ticket.mark("suspend", way.dispatcher, at_, leg=ticket.lead)
    ticket.lead.paused_at = at_
    return ticket


ASKED = {"basis": "有文件为证"}
STEPS = {
    "accept": ("submitted", "root dispatcher", {"tier": "micro", "category": "3002"}, "accepted", None),
    "dispatch": ("accepted", "root dispatcher", {"unit": "village", "note": "请尽快"}, "dispatched", "石桥村"),
    "recall": ("dispatched", "root dispatcher", {"reason": "派错了"}, "accepted", None),
    "sign": ("dispatched", "village handler", {}, "signed", "石桥村"),
    "contact": ("signed", "village handler", {"note": "已电话联系"}, "handling", "石桥村"),
    "send_back": ("with_result", "village unit_leader", {"reason": "没有照片"}, "handling", "石桥村"),
    "settle": ("with_result", "village unit_leader", {"mode": "coordinated"}, "settled", "石桥村"),
    "escalate": ("signed", "village handler", {"opinion": "村里办不了"}, "dispatched", "青石镇"),
    "delegate": ("signed", "village handler", {"unit": "grid", "note": "请网格先办"}, "dispatched", "石桥第一网格"),
    "invite": ("signed", "village handler", {"unit": "department", "task": "查权属"}, "signed", "石桥村"),
    "ask_return": ("signed", "village handler", ASKED | {"reason": "not_ours", "unit": "twin"}, "signed", "石桥村"),
    "ask_extension": ("signed", "village handler", ASKED | {"reason": "works", "days": 2}, "signed", "石桥村"),
    "ask_suspension": (
        "contacted", "village handler", ASKED | {"reason": "season", "until": "2026-10-08"}, "handling", "石桥村",
    ),
    "ask_promise": (
        "contacted",
        "village handler",
        ASKED | {"reason": "budget", "until": "2026-11-30", "owner": "王书记"},
        "handling",
        "石桥村",
    ),
    "resume": ("suspended", "root dispatcher", {"note": "雨停了"}, "handling", "石桥村"),
    "ask_decline": ("submitted", "root dispatcher", ASKED | {"reason": "legal"}, "submitted", None),
}  # fmt: skip
OTHERWISE = {"submit_result", "release", "ask_exclusion"}
MADE = {"contacted": contacted, "suspended": suspended}


def made(way, point: str) -> Ticket:
    ticket = MADE[point](way, NINE) if point in MADE else getattr(way, point)(NINE)
    way.session.commit()
    return ticket


@pytest.mark.parametrize("name", STEPS)
def test_a_step_taken_by_program_does_what_it_does_on_screen(staff, session, way, name):
    point, who, given, state, lead = STEPS[name]
    ticket = made(way, point)
    units = {"unit": getattr(way.district, given["unit"]).id} if "unit" in given else {}
    answer = move(staff[who], ticket, name, **given | units)
    assert (answer.status_code, answer.json.get("state")) == (200, state), answer.text
    told = again(session, ticket)
    assert (told.state, told.lead_unit.name if told.lead_unit else None) == (state, lead)
    event = told.events[-1]
    assert (event.action, event.person_id, event.at) == (name, staff[who].person_id, at(TEN))
    assert answer.json["seen"] == event.id


def test_the_steps_above_are_all_there_are(app):
    ours = set(STEPS) | OTHERWISE
    assert ours <= set(DOORS)


def test_a_result_comes_with_its_evidence_as_a_browser_sends_it(staff, session, way):
    ticket = made(way, "signed")
    address = f"/api/v1/requests/{ticket.id}/moves/submit_result"
    bare = staff["village handler"].post(address, json={"result": "换了灯泡", "feedback": "已修好"})
    assert (bare.status_code, bare.json["message"]) == (409, "提交办理结果前，请至少上传一份照片或文件作为佐证")
    sent = {"result": "换了灯泡", "feedback": "已修好", "files": [file("灯.pdf", PDF)]}
    answer = staff["village handler"].post(address, data=sent, content_type="multipart/form-data")
    assert (answer.status_code, answer.json["state"]) == (200, "pending_review")
    assert [each.name for each in again(session, ticket).lead.attachments] == ["灯.pdf"]


def test_a_box_that_is_ticked_unless_one_says_otherwise_stays_ticked(staff, session, way):
    ticket, district = made(way, "signed"), way.district
    move(staff["village handler"], ticket, "invite", unit=district.department.id, task="查权属")
    move(staff["village handler"], ticket, "invite", unit=district.station.id, task="看现场", mandatory=False)
    helpers = again(session, ticket).legs[1:]
    assert [(leg.unit_name, leg.mandatory) for leg in helpers] == [("区交通局", True), ("城管青石中队", False)]
    answer = move(staff["village unit_leader"], ticket, "release", leg=helpers[1].id, reason="不必了")
    assert answer.status_code == 200
    assert again(session, ticket).legs[2].ended == "released"


def test_an_evaluator_decides_about_a_rating(staff, session, way):
    ticket = rated(way, NINE)
    session.commit()
    given = {"reason": "mistaken", "basis": "反映人说明点错", "rating": ticket.ratings[0].id}
    assert move(staff["village unit_leader"], ticket, "ask_exclusion", **given).status_code == 200
    [asked] = again(session, ticket).applications
    assert decide(staff["root evaluator"], ticket, asked, "grant").status_code == 200
    assert again(session, ticket).ratings[0].scored is False


def test_an_application_is_granted_refused_and_withdrawn(staff, session, way):
    ticket, given = made(way, "signed"), {"reason": "works", "basis": "等配件", "days": 1}
    outcomes = (("grant", "village unit_leader", "granted"), ("withdraw", "village handler", "withdrawn"))
    for decision, who, state in (*outcomes, ("refuse", "root dispatcher", "refused")):
        move(staff["village handler"], ticket, "ask_extension", **given)
        asked = again(session, ticket).applications[-1]
        answer = decide(staff[who], ticket, asked, decision, answer="抓紧办")
        assert answer.status_code == 200, answer.text
        assert again(session, ticket).applications[-1].state == state
    assert again(session, ticket).lead.settle_due_at == at("2026-09-23 00:00")
    assert actions_of(session, ticket)[-6:] == [
        "ask_extension", "extend", "ask_extension", "withdraw", "ask_extension", "refuse",
    ]  # fmt: skip


def test_a_refusal_is_the_sentence_of_the_screen_in_the_language_of_the_account(staff, session, way):
    ticket = made(way, "submitted")
    handler = staff["village handler"]
    assert move(handler, ticket, "accept", tier="micro").json["message"] == "您的角色没有“受理”的权限"
    handler.get("/lang/en")
    answer = move(handler, ticket, "accept", tier="micro")
    assert (answer.status_code, answer.json["message"]) == (409, "“Accept” is not among the duties of your role")
    signing = move(handler, ticket, "sign").json["message"]
    assert signing == f"{ticket.number} has not been dispatched yet"
    assert actions_of(session, ticket) == ["submit"]


def test_those_who_only_look_on_are_refused_every_step(staff, session, way):
    ticket = made(way, "submitted")
    assert move(staff["root manager"], ticket, "accept", tier="micro").status_code == 403
    assert staff["root manager"].get(f"/api/v1/requests/{ticket.id}/moves").status_code == 200
    assert staff["root sys_admin"].get(f"/api/v1/requests/{ticket.id}/moves").status_code == 403


def test_what_is_no_answer_to_a_form_is_said_field_by_field(staff, session, way):
    ticket = made(way, "signed")
    handler, asking = staff["village handler"], {"reason": "works", "basis": "等配件"}
    handler.get("/lang/en")
    for given, wrong in (
        (asking, {"days": ["This field is required."]}),
        (asking | {"days": 2, "note": "x"}, {"note": ["There is no such field"]}),
        (asking | {"days": [2]}, {"days": ["This must be a word, a number, true or false"]}),
        (asking | {"days": 2, "basis": "a\x07b"}, {"basis": ["There are characters in it that cannot be kept"]}),
        (asking | {"days": 2, "reason": "because"}, {"reason": ["Not a valid choice."]}),
    ):
        answer = move(handler, ticket, "ask_extension", **given)
        assert (answer.status_code, answer.json["message"]) == (422, wrong)
    assert handler.post(f"/api/v1/requests/{ticket.id}/moves/sign", data="x").status_code == 400
    assert again(session, ticket).applications == []


def test_a_request_an_application_and_a_unit_beyond_ones_own_are_not_there(staff, session, way, client_as):
    ticket, other = made(way, "signed"), made(way, "signed")
    outside = unit(session, None, "339902000000", "外县", "district")
    session.commit()
    move(staff["village handler"], ticket, "ask_extension", reason="works", basis="等配件", days=2)
    [asked] = again(session, ticket).applications
    stranger = client_as("unit_leader", way.district.far_village)
    assert move(stranger, ticket, "escalate", opinion="办不了").status_code == 404
    assert stranger.get(f"/api/v1/requests/{ticket.id}/moves").status_code == 404
    assert decide(stranger, ticket, asked, "grant").status_code == 404
    assert decide(staff["root dispatcher"], other, asked, "grant").status_code == 404
    assert move(staff["village handler"], ticket, "rate").status_code == 404
    refused = move(staff["village handler"], ticket, "invite", unit=outside.id, task="查权属")
    assert (refused.status_code, refused.json["message"]) == (422, {"unit": ["选择无效"]})
    assert "外县" not in refused.text
    assert (again(session, ticket).state, len(again(session, ticket).legs)) == ("signed", 1)
    assert again(session, ticket).applications[0].state == "open"


def test_the_steps_are_listed_with_what_is_possible_and_why_the_others_are_not(staff, session, way):
    ticket = made(way, "signed")
    listed = staff["village handler"].get(f"/api/v1/requests/{ticket.id}/moves").json
    told = {each["move"]: each for each in listed["result"]}
    assert told["escalate"]["label"] == "上报"
    assert (told["escalate"]["possible"], told["escalate"]["why_not"]) == (True, "")
    assert told["escalate"]["fields"][-1] == {"name": "opinion", "label": "本单位意见", "required": True}
    assert (told["sign"]["possible"], told["sign"]["why_not"]) == (False, "“已签收”的工单不能签收")
    assert listed["seen"] == max(event.id for event in again(session, ticket).events)


def test_a_step_upon_what_has_moved_on_is_told_what_happened(staff, session, way):
    ticket = made(way, "signed")
    seen = staff["village handler"].get(f"/api/v1/requests/{ticket.id}/moves").json["seen"]
    move(staff["village unit_leader"], ticket, "ask_extension", reason="works", basis="等配件", days=2)
    answer = move(staff["village handler"], ticket, "escalate", opinion="办不了", seen=seen)
    assert answer.status_code == 409
    [happened] = answer.json["since"]
    assert (happened["what"], happened["unit"], happened["at"]) == ("申请延期", "石桥村", "2026-09-18T02:00:00+00:00")
    assert (
        move(staff["village handler"], ticket, "escalate", opinion="办不了", seen=answer.json["seen"]).status_code
        == 200
    )


def test_a_step_without_the_token_of_the_page_is_refused(staff, session, way, app):
    ticket = made(way, "dispatched")
    app.config["WTF_CSRF_ENABLED"] = True
    assert move(staff["village handler"], ticket, "sign").status_code == 400
    assert again(session, ticket).state == "dispatched"
    assert app.test_client().post(f"/api/v1/requests/{ticket.id}/moves/sign", json={}).status_code in (400, 401)

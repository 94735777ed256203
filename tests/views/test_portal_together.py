"""What the portal says to reporters of merged requests, of pauses and refusals, and taking a request back."""

from datetime import UTC, datetime, timedelta

import pytest

from jobs.reminders import remind
from jobs.sender import send_notices
from models.acting import RESIDENT
from models.applying import Ask, ask, grant
from models.co_handling import invite
from models.follow_ups import Answered, Call, follow_up
from models.merging import merge, split
from models.ratings import Opinion, Resolved
from models.resuming import resume
from models.uploads import Prepared, keep
from rules.applications import ApplicationKind
from rules.workdays import spoken
from tests.factories import actor
from tests.stage import at
from tests.views.browsing import send
from tests.views.test_portal import follow, messages
from tests.way import EVIDENCE, PDF

NOW = datetime.now(UTC)
SECOND = {"title": "村口漆黑", "text": "晚上看不见路", "reporter_name": "李大爷", "reporter_mobile": "13900005678"}


@pytest.fixture
def merged(way):
    """何阿姨 asked first; 李大爷's request goes on in hers."""
    first = way.signed(NOW)
    second = way.accepted(NOW, **SECOND)
    keep(way.session, second, Prepared("夜里.pdf", "application/pdf", PDF), RESIDENT, NOW)
    keep(way.session, first, Prepared("路灯.pdf", "application/pdf", PDF + b"1"), RESIDENT, NOW)
    merge(second, first, way.dispatcher, NOW, reason="都是村口那盏灯，何阿姨先报的")
    way.session.commit()
    return first, second


def settle(way, ticket):
    ticket.contact(way.handler, NOW, note="与何阿姨通了电话")
    keep(way.session, ticket, EVIDENCE, way.handler, NOW, leg=ticket.lead)
    ticket.submit_result(way.handler, NOW, result="换了灯泡", feedback="路灯已修好")
    ticket.settle(way.leader, NOW, mode="coordinated")
    way.session.commit()


def mine(client, ticket, tail):
    assert follow(client, ticket, tail).location == "/portal/mine"
    return client.get("/portal/mine").text


def test_a_merged_request_is_found_by_its_own_code_and_shows_its_own_words(client, merged):
    first, second = merged
    page = mine(client, second, "5678")
    assert second.number in page
    assert "合并办理" in page
    assert first.number in page
    assert "晚上看不见路" in page
    assert "夜里.pdf" in page
    assert "您提交了诉求" in page
    assert page.count("您提交了诉求") == 1
    for foreign in ("村口的路灯三天没亮了", "路灯不亮", "路灯.pdf", "何阿姨", "都是村口那盏灯"):
        assert foreign not in page
    assert client.get(f"/portal/file/{first.attachments[0].id}").status_code == 404
    assert client.get(f"/portal/file/{second.attachments[0].id}").data == PDF


def test_each_code_opens_with_its_own_number_alone(client, merged):
    first, second = merged
    assert follow(client, first, "5678").status_code == 422
    assert follow(client, second, "1234").status_code == 422
    page = mine(client, first, "1234")
    assert "村口的路灯三天没亮了" in page
    for foreign in ("晚上看不见路", "村口漆黑", "夜里.pdf", "李大爷"):
        assert foreign not in page


def test_what_was_said_with_one_reporter_is_not_told_to_another(client, way, merged):
    settle(way, merged[0])
    for ticket, tail in zip(merged, ("1234", "5678"), strict=True):
        page = mine(client, ticket, tail)
        assert "石桥村已与诉求人联系" in page
        assert "与何阿姨通了电话" not in page


def test_both_are_answered_and_both_rate(client, app, way, merged):
    first, second = merged
    settle(way, first)
    for ticket, tail, stars in ((first, "1234", "5"), (second, "5678", "4")):
        browser = app.test_client()
        page = mine(browser, ticket, tail)
        assert "路灯已修好" in page
        assert "现场.pdf" in page
        assert "已办结，等待您的评价" in page
        assert "您对办理情况作出了评价" not in page
        given = {"stars": stars, "resolved": "yes", "comment": f"{stars}星的话"}
        assert send(browser, "/portal/rate", given).location == "/portal/mine"
        page = browser.get("/portal/mine").text
        assert f"{stars}星的话" in page
        assert "/portal/rate" not in page
    assert "4星的话" not in mine(client, first, "1234")
    way.session.expire_all()
    assert [each.stars for each in first.ratings] == [5, 4]


def test_a_bad_rating_of_one_is_told_to_the_other_as_anothers(client, way, merged):
    first, second = merged
    settle(way, first)
    first.rate(first.reporters[0], Opinion(1, Resolved.NO), RESIDENT, datetime.now(UTC))
    way.session.commit()
    assert "您不满意，由石桥村重新办理" in mine(client, first, "1234")
    page = mine(client, second, "5678")
    assert "另一位诉求人不满意，由石桥村重新办理" in page
    assert "您不满意" not in page


def test_after_the_first_rating_the_others_are_still_asked(way):
    first, second = way.signed(at("2026-09-18 09:00")), way.accepted(at("2026-09-18 09:00"), **SECOND)
    merge(second, first, way.dispatcher, at("2026-09-18 09:10"), reason="同一盏灯")
    keep(way.session, first, EVIDENCE, way.handler, at("2026-09-18 09:20"), leg=first.lead)
    first.submit_result(way.handler, at("2026-09-18 09:20"), result="修", feedback="修好了")
    first.settle(way.leader, at("2026-09-18 23:00"), mode="coordinated")
    one, other = first.reporters
    first.rate(one, Opinion(5, Resolved.YES), RESIDENT, at("2026-09-18 23:30"))
    way.session.commit()
    assert send_notices(way.session, at("2026-09-19 07:00"))["please_rate"] == 1
    remind(way.session, at("2026-09-22 07:00"))
    assert send_notices(way.session, at("2026-09-22 07:00"))["please_rate"] == 1
    first.rate(other, Opinion(4, Resolved.YES), RESIDENT, at("2026-09-22 08:00"))
    way.session.commit()
    assert remind(way.session, at("2026-09-22 08:01")) == 1
    assert first.remind_at is None


def test_a_request_that_was_split_off_again_stands_for_itself(client, way, merged):
    first, second = merged
    mine(client, second, "5678")
    split(second, way.dispatcher, datetime.now(UTC), reason="不是同一盏")
    way.session.commit()
    page = client.get("/portal/mine").text
    assert "恢复单独办理" in page
    assert "石桥村已签收" not in page
    assert "不是同一盏" not in page
    assert first.number not in page


@pytest.fixture
def asked(way):
    """Asked and granted at once; the answer of whoever decides is between offices."""

    def granted(ticket, kind, reason, basis, **more):
        by = way.handler if ticket.legs else actor(way.session, "dispatcher", way.district.town)
        made = ask(ticket, Ask(kind, reason, basis, **more), by, datetime.now(UTC))
        grant(ticket, made, way.dispatcher, datetime.now(UTC), answer="内部批示")
        way.session.commit()

    return granted


def test_what_is_not_accepted_says_why_and_where_to_go(client, way, asked):
    ticket = way.submitted(NOW)
    asked(ticket, ApplicationKind.DECLINE, "legal", "请到区人民法院立案庭咨询")
    page = mine(client, ticket, "1234")
    why = page.split("data-why")[1].split("</div>")[0]
    assert "诉求未予受理：已进入法定程序" in why
    assert "请到区人民法院立案庭咨询" in why
    assert "内部批示" not in page


@pytest.mark.parametrize(
    ("kind", "reason", "more", "said"),
    [
        (ApplicationKind.SUSPENSION, "season", {}, "诉求暂缓办理至 {until}：季节限制"),
        (ApplicationKind.PROMISE, "budget", {"owner": "王书记"}, "办理需要较长时间，承诺在 {until} 前办好"),
    ],
)
def test_until_when_it_waits_is_said_and_not_what_the_offices_wrote(client, way, asked, kind, reason, more, said):
    ticket = way.signed(NOW)
    ticket.contact(way.handler, NOW, note="已联系")
    until = NOW + timedelta(days=5)
    asked(ticket, kind, reason, "内部理由", until=until, **more)
    page = mine(client, ticket, "1234")
    assert said.format(until=spoken(until)) in page.split("data-why")[1].split("</div>")[0]
    assert "内部理由" not in page
    assert "内部批示" not in page
    if kind is ApplicationKind.SUSPENSION:
        resume(ticket, way.dispatcher, datetime.now(UTC), note="内部说明")
        way.session.commit()
        page = client.get("/portal/mine").text
        assert "诉求恢复办理，由石桥村继续办理" in page
        assert "data-why" not in page
        assert "内部说明" not in page


def test_the_answer_is_the_leads_and_not_that_of_who_helped(client, way):
    ticket = way.signed(NOW)
    handler, leader = (actor(way.session, role, way.district.department) for role in ("handler", "unit_leader"))
    invite(ticket, way.district.department, way.handler, NOW, task="查线路")
    ticket.sign(handler, NOW)
    keep(way.session, ticket, Prepared("线路.pdf", "application/pdf", PDF), handler, NOW, leg=ticket.leg_of(handler))
    ticket.submit_result(handler, NOW, result="查了", feedback="只给主办单位看")
    ticket.settle(leader, NOW, mode="coordinated")
    way.session.commit()
    page = mine(client, ticket, "1234")
    assert "只给主办单位看" not in page
    assert "线路.pdf" not in page


def test_what_was_told_on_the_telephone_is_called_so(client, way):
    ticket = way.settled(NOW)
    follow_up(ticket, ticket.reporters[0], Call(Answered.RESOLVED, "很好", 5), way.office, datetime.now(UTC))
    way.session.commit()
    page = mine(client, ticket, "1234")
    assert "您在电话回访中作出了评价" in page
    assert "冯调研" not in page


def test_a_resident_takes_a_request_back(client, way):
    ticket = way.signed(NOW)
    way.session.commit()
    assert "/portal/withdraw" in mine(client, ticket, "1234")
    assert send(client, "/portal/withdraw", {"reason": ""}).status_code == 200
    assert send(client, "/portal/withdraw", {"reason": "自己修好了"}).location == "/portal/mine"
    way.session.expire_all()
    assert ticket.state == "cancelled"
    page = client.get("/portal/mine").text
    assert "您撤回了诉求" in page
    assert "/portal/withdraw" not in page
    assert "不能" in send(client, "/portal/withdraw", {"reason": "再撤"}).text


def test_of_merged_requests_each_takes_back_the_own_alone(client, way, merged):
    first, second = merged
    assert "/portal/withdraw" not in mine(client, first, "1234")
    refused = send(client, "/portal/withdraw", {"reason": "不用了"})
    assert "工单将继续为他们办理" in refused.text
    assert "/portal/withdraw" in mine(client, second, "5678")
    assert send(client, "/portal/withdraw", {"reason": "不用了"}).location == "/portal/mine"
    way.session.expire_all()
    assert (first.state, second.state) == ("signed", "cancelled")
    assert "/portal/withdraw" in mine(client, first, "1234")


def test_staff_cannot_take_a_request_back(client_as, way):
    ticket = way.signed(NOW)
    way.session.commit()
    client = client_as("handler", way.district.village)
    follow(client, ticket)
    assert 'name="reason"' not in client.get("/portal/withdraw").text
    assert client.post("/portal/withdraw", data={"reason": "替他撤"}).status_code == 200
    way.session.expire_all()
    assert ticket.state == "signed"


def test_whoever_is_merged_is_told_and_reads_it_on_their_page(client, way, merged):
    first, second = merged
    send_notices(way.session, at("2099-01-01 12:00"))
    assert f"工单 {first.number}" in messages(mine(client, second, "5678"))

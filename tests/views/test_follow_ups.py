"""The queue of calls and the page to call from."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from models.call_scripts import CallScript
from models.events import TicketEvent
from models.follow_ups import FollowUp
from models.merging import merge
from models.policies import set_policy
from models.tickets import Ticket
from models.uploads import keep
from tests.views.browsing import send
from tests.views.test_statements import MOST, statements
from tests.way import EVIDENCE

NOW = datetime.now(UTC)


@pytest.fixture
def due(way):
    set_policy(way.session, "follow_up_percent", "100", way.office, NOW)
    ticket = way.settled(NOW - timedelta(hours=2))
    way.session.commit()
    return ticket


@pytest.fixture
def office(client_as, district):
    return client_as("office", district.root)


def page_of(ticket):
    return f"/follow-ups/call/{ticket.id}"


def test_the_queue_leads_to_the_call_and_the_call_to_the_next(office, way, due):
    later = way.settled(NOW - timedelta(hours=1))
    way.session.commit()
    queue = office.get("/follow-ups/").text
    assert queue.index(due.number) < queue.index(later.number)
    assert "全部办结工单都要回访" in queue
    assert office.get("/follow-ups/next").location == page_of(due)
    page = office.get(page_of(due)).text
    assert "村口的路灯三天没亮了" in page
    assert "已电话告知" in page
    assert "您反映的“路灯不亮”" in page
    saved = send(office, page_of(due), {"outcome": "resolved", "stars": "5", "tags": ["fast"], "note": "谢谢"})
    assert saved.location == f"/follow-ups/next?after={due.id}"
    assert office.get(saved.location).location == page_of(later)
    way.session.expire_all()
    assert (due.state, due.ratings[0].stars, due.ratings[0].tags) == ("rated", 5, ["fast"])
    office.get("/me/")
    assert due.number not in office.get("/follow-ups/").text
    record = office.get(f"/requests/show/{due.id}").text
    assert "谢谢" in record.split('id="follow-ups"')[1].split("</section>")[0]
    assert send(office, page_of(later), {"outcome": "unreached"}).status_code == 302
    office.get("/me/")
    assert later.number not in office.get("/follow-ups/").text
    again = office.get("/follow-ups/?later=1").text
    assert later.number in again
    assert "未联系上：已尝试 1 次，最多 3 次" in office.get(page_of(later)).text
    assert "没有待回访的工单" in office.get("/follow-ups/").text


def test_the_filters_stay_from_call_to_call(office, way, due):
    unit = way.district.village.id
    assert due.number in office.get(f"/follow-ups/?unit={unit}&mode=coordinated").text
    assert due.number not in office.get("/follow-ups/?mode=assigned").text.split("<tbody>")[-1]
    assert due.number not in office.get(f"/follow-ups/?unit={way.district.twin.id}").text
    assert office.get(f"/follow-ups/next?unit={unit}").location == f"{page_of(due)}?unit={unit}"
    saved = send(office, f"{page_of(due)}?unit={unit}", {"outcome": "partly"})
    assert saved.location == f"/follow-ups/next?after={due.id}&unit={unit}"
    assert office.get(saved.location).location == f"/follow-ups/?unit={unit}"


def test_the_number_is_shown_when_it_is_asked_for_and_each_reading_is_kept(office, way, due):
    masked = office.get(page_of(due)).text
    assert "13800001234" not in masked
    shown = send(office, f"/follow-ups/number/{due.id}", {}, page=page_of(due))
    assert "tel:13800001234" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    read = way.session.scalars(sa.select(TicketEvent).where(TicketEvent.action == "shown")).all()
    assert [event.ticket_id for event in read] == [due.id]


def test_a_supervisor_calls_without_reading_the_number(client_as, way, due):
    supervisor = client_as("supervisor", way.district.root)
    assert "您的角色只能查看脱敏信息" in supervisor.get(page_of(due)).text
    refused = send(supervisor, f"/follow-ups/number/{due.id}", {}, page=page_of(due))
    assert (refused.status_code, "13800001234" in refused.text) == (403, False)
    assert send(supervisor, page_of(due), {"outcome": "resolved"}).status_code == 302


def test_what_the_own_unit_handled_is_greyed_with_the_reason_and_refused(client_as, way, due):
    mine = client_as("dispatcher", way.district.village)
    why = "办理过本工单的单位不能回访"
    assert why in mine.get("/follow-ups/").text
    assert mine.get("/follow-ups/next").location == "/follow-ups/"
    page = mine.get(page_of(due)).text
    assert why in page
    assert "保存并回访下一件" not in page
    refused = send(mine, page_of(due), {"outcome": "resolved"})
    assert (refused.status_code, why in refused.text) == (200, True)
    assert send(mine, f"/follow-ups/number/{due.id}", {}, page=page_of(due)).status_code == 403
    assert way.session.scalar(sa.select(sa.func.count(FollowUp.id))) == 0
    assert why in mine.get(f"/requests/show/{due.id}").text


@pytest.mark.parametrize("role", ["handler", "unit_leader", "manager", "member", "evaluator"])
def test_others_find_no_queue(client_as, way, due, role):
    someone = client_as(role, way.district.root)
    for address in ("/follow-ups/", page_of(due)):
        assert someone.get(address).status_code in (302, 403)
    assert 'href="/follow-ups/"' not in someone.get("/me/").text


def test_what_lies_elsewhere_does_not_exist(client_as, way, due):
    far = client_as("dispatcher", way.district.far_town)
    assert due.number not in far.get("/follow-ups/").text
    assert far.get(page_of(due)).status_code == 404
    assert far.post(f"/follow-ups/number/{due.id}").status_code == 404


def test_a_call_about_nothing_settled_or_nothing_dispatched(office, way):
    open_, fresh = way.signed(), way.submitted()
    way.session.commit()
    assert "保存并回访下一件" not in office.get(page_of(open_)).text
    assert send(office, page_of(open_), {"outcome": "resolved"}).status_code == 200
    assert office.get(page_of(fresh)).status_code == 404


def test_no_stars_are_asked_for_once_there_are_some(office, way, due):
    assert 'name="stars"' in office.get(page_of(due)).text
    send(office, page_of(due), {"outcome": "partly", "stars": "3"})
    assert 'name="stars"' not in office.get(page_of(due)).text


def test_each_reporter_of_merged_requests_is_called_with_their_own_words(office, way, due):
    first = way.signed(NOW)
    second = way.accepted(
        NOW, title="村口漆黑", text="晚上看不见路", reporter_name="李大爷", reporter_mobile="13900005678"
    )
    merge(second, first, way.dispatcher, NOW, reason="同一盏灯")
    keep(way.session, first, EVIDENCE, way.handler, NOW, leg=first.lead)
    first.submit_result(way.handler, NOW, result="换了灯泡", feedback="修好了")
    first.settle(way.leader, NOW, mode="coordinated")
    way.session.commit()
    other = first.reporters[1]
    assert f"reporter={other.id}" in office.get(page_of(first)).text
    page = office.get(f"{page_of(first)}?reporter={other.id}").text
    assert "您反映的“村口漆黑”" in page
    assert "晚上看不见路" in page
    send(office, f"{page_of(first)}?reporter={other.id}", {"outcome": "resolved", "stars": "4"})
    way.session.expire_all()
    assert [(each.reporter_id, each.stars) for each in first.ratings] == [(other.id, 4)]


def test_the_office_writes_the_script(office, way, due):
    script = way.session.scalars(sa.select(CallScript)).one()
    assert send(office, f"/call-scripts/edit/{script.id}", {"text": "{回访人}问：{标题}好了吗？"}).status_code == 302
    assert "路灯不亮好了吗？" in office.get(page_of(due)).text
    assert office.get("/call-scripts/list/").status_code == 200
    assert way.session.scalar(sa.select(Ticket.state).where(Ticket.id == due.id)) == "settled"


def test_the_queue_asks_as_few_things_for_many_as_for_one(office, way, due):
    few = statements(office, "/follow-ups/")
    for _ in range(5):
        way.settled(NOW - timedelta(hours=1))
    way.session.commit()
    assert len(statements(office, "/follow-ups/")) == len(few) <= MOST

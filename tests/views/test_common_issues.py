"""Common issues on screen: the list, the decision, the merging of many, the meeting, the topic, the way back."""

import pytest
import sqlalchemy as sa

from models.common_issues import CommonIssue, propose
from models.topics import Topic
from tests.stage import at

NIGHT = at("2026-09-19 02:00")


@pytest.fixture
def three(way):
    return [way.dispatched(title=f"路灯{number}", text=f"村口的路灯{number}天没亮了") for number in "三四五"]


@pytest.fixture
def issue(session, three):
    found = propose(session, three, NIGHT)
    session.commit()
    return found


@pytest.fixture
def dispatcher(client_as, district):
    return client_as("dispatcher", district.root)


def confirm(session, way, issue):
    issue.confirm(way.dispatcher, NIGHT)
    session.commit()


def test_the_list_and_the_page_show_what_they_share(dispatcher, issue, three):
    assert "路灯三" in dispatcher.get("/common-issues/list/").text
    page = dispatcher.get(f"/common-issues/show/{issue.id}").text
    for said in ("村口的路灯", "石桥村", *(ticket.number for ticket in three), "是共性问题"):
        assert said in page


def test_a_dismissal_without_a_reason_is_refused_in_words(session, dispatcher, issue):
    sent = {"verdict": "dismissed", "reason": ""}
    page = dispatcher.post(f"/common-issues/decide/{issue.id}", data=sent, follow_redirects=True).text
    assert "请说明为什么是互不相关的个例" in page
    dispatcher.post(f"/common-issues/decide/{issue.id}", data=sent | {"reason": "三盏不同的灯"})
    session.expire_all()
    assert (issue.state, issue.reason) == ("dismissed", "三盏不同的灯")


def test_requests_say_whether_they_are_individual_or_common(session, way, dispatcher, issue, three):
    address = f"/requests/show/{three[0].id}"
    assert "可能是共性问题" in dispatcher.get(address).text
    confirm(session, way, issue)
    page = dispatcher.get(address).text
    assert f'href="/common-issues/show/{issue.id}"' in page
    issue.dismiss(way.dispatcher, NIGHT, reason="不同的灯")
    session.commit()
    assert "个例</p>" in dispatcher.get(address).text


def test_another_one_leads_and_takes_the_chosen_ones_up_each_by_itself(session, way, dispatcher, issue, three):
    confirm(session, way, issue)
    dispatcher.post(f"/common-issues/member/{issue.id}/{three[1].id}")
    refused = three[2]
    refused.state = "suspended"
    session.commit()
    sent = {"ticket": [three[0].id, refused.id]}
    page = dispatcher.post(f"/common-issues/take-up/{issue.id}", data=sent, follow_redirects=True).text
    session.expire_all()
    assert three[0].merged_into is three[1]
    assert refused.merged_into is None
    assert f'href="/requests/show/{refused.id}">{refused}</a>' in page
    assert "已完成 1" in page


def test_what_does_not_belong_is_left_out(session, dispatcher, issue, three):
    dispatcher.post(f"/common-issues/member/{issue.id}/{three[1].id}", data={"leave_out": "1"})
    session.expire_all()
    assert issue.size == 2
    assert dispatcher.post(f"/common-issues/member/{issue.id}/{three[1].id}").status_code == 404


def test_a_joint_meeting_is_called_from_the_page(session, way, dispatcher, issue, three):
    confirm(session, way, issue)
    answer = dispatcher.post(f"/common-issues/meet/{issue.id}")
    assert answer.headers["Location"] == f"/requests/show/{three[0].id}"
    session.expire_all()
    assert three[0].meeting.kind == "joint"
    assert "已召集" in dispatcher.get(f"/common-issues/show/{issue.id}").text


def test_the_office_makes_it_a_topic_and_the_topic_leads_back(session, way, client_as, district, issue):
    confirm(session, way, issue)
    office = client_as("office", district.root)
    sent = {"title": "农村路灯怎么管", "year": 2026, "leader_name": "冯调研", "unit": district.town.id}
    answer = office.post(f"/common-issues/topic/{issue.id}", data=sent)
    topic = session.scalars(sa.select(Topic)).one()
    assert answer.headers["Location"] == f"/topics/show/{topic.id}"
    assert f'href="/common-issues/show/{issue.id}"' in office.get(f"/topics/show/{topic.id}").text
    assert f'href="/topics/show/{topic.id}"' in office.get(f"/common-issues/show/{issue.id}").text


def test_a_topic_is_not_the_dispatcher_s_to_make(session, way, dispatcher, issue):
    confirm(session, way, issue)
    assert "课题由调研办登记" in dispatcher.get(f"/common-issues/show/{issue.id}").text
    assert dispatcher.get(f"/common-issues/topic/{issue.id}").status_code == 403


def test_those_who_look_on_decide_nothing(session, client_as, district, issue):
    supervisor = client_as("supervisor", district.root)
    assert "是共性问题</button>" not in supervisor.get(f"/common-issues/show/{issue.id}").text
    supervisor.post(f"/common-issues/decide/{issue.id}", data={"verdict": "confirmed"})
    session.expire_all()
    assert issue.state == "proposed"


def test_whoever_sees_none_of_it_finds_none_of_it(session, client_as, district, issue):
    stranger = client_as("dispatcher", district.far_town)
    assert stranger.get(f"/common-issues/show/{issue.id}").status_code == 404
    assert stranger.post(f"/common-issues/decide/{issue.id}", data={"verdict": "confirmed"}).status_code == 404
    assert session.scalar(sa.select(CommonIssue.state)) == "proposed"

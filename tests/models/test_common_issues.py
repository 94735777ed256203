"""Who decides what about a common issue, and what comes of it."""

import pytest

from models.common_issues import issue_of, propose
from models.topics import Topic
from rules.refusals import Refusal
from tests.stage import at

NIGHT = at("2026-09-19 02:00")


@pytest.fixture
def three(way):
    return [way.dispatched() for _ in range(3)]


@pytest.fixture
def issue(way, three):
    return propose(way.session, three, NIGHT)


def test_the_first_open_request_leads(way, three):
    three[0].state = "suspended"
    assert propose(way.session, three, NIGHT).lead is three[1]


def test_it_lies_where_all_of_its_requests_lie(way):
    found = propose(way.session, [way.submitted(), way.submitted(unit=way.district.twin)], NIGHT)
    assert (found.path, found.unit) == (way.district.town.path, way.district.town)


def test_a_dismissal_needs_a_reason_and_makes_each_an_individual_case(way, three, issue):
    with pytest.raises(Refusal, match="Say why these are separate matters"):
        issue.dismiss(way.dispatcher, NIGHT, reason=" ")
    issue.dismiss(way.dispatcher, NIGHT, reason="三处不同的灯")
    assert (issue.state, issue.decided_by, issue.reason) == ("dismissed", "张小派", "三处不同的灯")
    assert issue_of(way.session, three[0]) is None


def test_a_dismissal_can_be_thought_better_of(way, three, issue):
    issue.dismiss(way.dispatcher, NIGHT, reason="三处不同的灯")
    issue.confirm(way.dispatcher, NIGHT)
    assert issue_of(way.session, three[0]) is issue
    with pytest.raises(Refusal, match="decided that already"):
        issue.confirm(way.dispatcher, NIGHT)


def test_the_lead_request_takes_the_others_up_and_answers_their_reporters(way, three, issue):
    with pytest.raises(Refusal, match="Say first that this is a common issue"):
        issue.take_up(three[1], way.dispatcher, NIGHT)
    issue.confirm(way.dispatcher, NIGHT)
    issue.choose(three[2], way.dispatcher)
    assert issue.others == three[:2]
    for other in three[:2]:
        issue.take_up(other, way.dispatcher, NIGHT)
    assert [each.merged_into for each in three] == [three[2], three[2], None]
    assert (len(three[2].reporters), issue.others) == (3, [])


def test_only_an_open_request_of_the_issue_can_lead(way, three, issue):
    with pytest.raises(Refusal, match="does not belong to this issue"):
        issue.choose(way.dispatched(), way.dispatcher)
    three[1].state = "cancelled"
    with pytest.raises(Refusal, match="choose an open request"):
        issue.choose(three[1], way.dispatcher)


def test_what_does_not_belong_is_left_out_but_not_the_lead(way, three, issue):
    issue.leave_out(three[1], way.dispatcher)
    assert ([member.ticket for member in issue.members], issue.size) == ([three[0], three[2]], 2)
    with pytest.raises(Refusal, match="The lead request stays"):
        issue.leave_out(three[0], way.dispatcher)


def test_a_joint_meeting_is_called_about_the_lead_request(way, three, issue):
    issue.confirm(way.dispatcher, NIGHT)
    meeting = issue.call_meeting(way.dispatcher, NIGHT)
    assert (meeting.kind, meeting.ticket) == ("joint", three[0])
    with pytest.raises(Refusal, match="has been called already"):
        issue.may_meet(way.dispatcher)


def test_it_becomes_a_topic_once_and_the_topic_knows_where_it_comes_from(way, three, issue):
    issue.confirm(way.dispatcher, NIGHT)
    topic = issue.become_topic(Topic(year=2026, title="农村路灯怎么管", leader_name="冯调研"), way.district.town)
    way.session.add(topic)
    way.session.flush()
    assert (topic.common_issues, topic.path) == ([issue], way.district.town.path)
    assert topic.note == "、".join(ticket.number for ticket in three)
    with pytest.raises(Refusal, match="made of this issue already"):
        issue.become_topic(Topic(year=2026, title="再来一个", leader_name="冯调研"), way.district.town)


def test_whoever_answers_for_a_part_of_the_place_does_not_decide_for_all(way):
    wide = propose(way.session, [way.submitted(), way.submitted(unit=way.district.far_village)], NIGHT)
    with pytest.raises(Refusal, match="reaches beyond 青石镇"):
        wide.confirm(way.town_dispatcher, NIGHT)

"""Every night what was asked several times is proposed as one issue; what people decided about it stays decided."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from jobs.common_issues import find_common_issues
from models.common_issues import CommonIssue
from models.merging import merge
from models.notices import Notice
from models.policies import set_policy
from tests.stage import at

NIGHT = at("2026-09-19 02:00")
TEXTS = ["村口的路灯三天没亮了", "村口的路灯有三天没亮了", "村口路灯已经三天没亮了，请来修"]


@pytest.fixture
def lamps(way):
    found = [way.submitted(text=text) for text in TEXTS]
    way.submitted(title="水管漏水", text="三组水管接头漏水，请来修")
    _ = way.dispatcher
    way.session.commit()
    return found


def issues(session):
    return session.scalars(sa.select(CommonIssue).order_by(CommonIssue.id)).all()


def members(issue):
    return sorted(member.ticket.number for member in issue.members)


def numbers(tickets):
    return sorted(ticket.number for ticket in tickets)


def test_three_requests_that_say_the_same_become_an_issue_and_the_dispatcher_is_told(session, way, lamps):
    assert find_common_issues(session, NIGHT) == 1
    [issue] = issues(session)
    assert (members(issue), issue.state, issue.size, issue.path) == (
        numbers(lamps), "proposed", 3, way.district.village.path,
    )  # fmt: skip
    assert issue.lead in lamps
    [notice] = session.scalars(sa.select(Notice).where(Notice.event == "common_issues"))
    assert (notice.person_id, notice.values) == (way.dispatcher.person_id, {"count": 1})


def test_a_second_night_adds_nothing_and_says_nothing(session, lamps):
    find_common_issues(session, NIGHT)
    assert find_common_issues(session, NIGHT) == 0
    assert find_common_issues(session, NIGHT + timedelta(days=1)) == 0
    assert len(issues(session)) == 1
    assert session.scalar(sa.select(sa.func.count(Notice.id)).where(Notice.event == "common_issues")) == 1


def test_two_are_no_issue_unless_the_office_says_so(session, way, lamps):
    lamps[0].state = "cancelled"
    session.commit()
    assert find_common_issues(session, NIGHT) == 0
    set_policy(session, "cluster_from", "2", way.office, NIGHT)
    assert find_common_issues(session, NIGHT) == 1


def test_only_requests_of_the_last_days_are_looked_at(session, way, lamps):
    set_policy(session, "cluster_days", "1", way.office, NIGHT)
    session.commit()
    assert find_common_issues(session, NIGHT + timedelta(days=1)) == 0


def test_where_nothing_is_open_there_is_nothing_to_do(session, way):
    for text in TEXTS:
        way.settled(text=text)
    session.commit()
    assert find_common_issues(session, NIGHT) == 0


def test_what_comes_later_joins_the_issue_and_changes_nothing_that_was_decided(session, way, lamps):
    find_common_issues(session, NIGHT)
    [issue] = issues(session)
    issue.confirm(way.dispatcher, NIGHT)
    later = way.submitted(at("2026-09-19 09:00"), text="村口的路灯三天没亮了呀")
    session.commit()
    assert find_common_issues(session, NIGHT + timedelta(days=1)) == 0
    assert (members(issue), issue.size, issue.state) == (numbers([*lamps, later]), 4, "confirmed")


def test_a_dismissed_issue_does_not_come_back_with_the_same_requests(session, way, lamps):
    find_common_issues(session, NIGHT)
    [issue] = issues(session)
    issue.dismiss(way.dispatcher, NIGHT, reason="三处不同的灯")
    session.commit()
    assert find_common_issues(session, NIGHT + timedelta(days=1)) == 0
    way.submitted(at("2026-09-19 09:00"), text="村口的路灯三天没亮了呀")
    session.commit()
    assert find_common_issues(session, NIGHT + timedelta(days=1)) == 1
    assert [(each.state, each.size) for each in issues(session)] == [("dismissed", 3), ("proposed", 4)]


def test_what_was_merged_by_hand_meanwhile_is_not_taken_for_more(session, way, lamps):
    find_common_issues(session, NIGHT)
    merge(lamps[1], lamps[0], way.dispatcher, NIGHT, reason="同一处")
    session.commit()
    assert find_common_issues(session, NIGHT + timedelta(days=1)) == 0
    assert len(issues(session)) == 1

"""What a bad rating sets going, and what the answer before it keeps."""

import re
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask_migrate import downgrade, upgrade

from models.acting import RESIDENT, SYSTEM
from models.figures import Count, overall
from models.notices import Notice
from models.policies import PolicyRow, load_policy, set_policy
from models.ratings import Opinion, Rating, Resolved
from models.uploads import Prepared, keep
from rules.refusals import Refusal
from tests.factories import actor
from tests.stage import at
from tests.way import PDF

BAD = Opinion(1, Resolved.NO)
VERSIONS = Path(__file__).parents[2] / "models" / "migrations" / "versions"


def rate(ticket, when, given=BAD):
    return ticket.rate(ticket.reporters[0], given, RESIDENT, at(when))


def settle_again(way, ticket, when, evidence="再办.pdf"):
    ticket.sign(way.second_handler, at(when))
    keep(way.session, ticket, Prepared(evidence, "application/pdf", PDF), way.second_handler, at(when), leg=ticket.lead)
    ticket.submit_result(way.second_handler, at(when), result="重新接线", feedback="已上门说明")
    ticket.settle(way.leader, at(when), mode="coordinated")


def told(way, event):
    way.session.flush()
    return [
        notice.person_id
        for notice in way.session.scalars(sa.select(Notice).where(Notice.event == event).order_by(Notice.id))
    ]


def test_a_bad_rating_begins_a_new_leg_at_once_with_a_fresh_limit(way):
    ticket = way.settled()
    rate(ticket, "2026-09-20 10:00")
    leg = ticket.legs[1]
    assert [(event.action, event.state_after, event.name) for event in ticket.events[-2:]] == [
        ("rate", "rated", "群众"),
        ("reopen", "dispatched", "系统"),
    ]
    assert (ticket.events[-1].public, ticket.events[-1].to_unit_name, ticket.events[-1].leg) == (True, "石桥村", leg)
    assert (ticket.state, ticket.lead, ticket.lead_unit) == ("dispatched", leg, way.district.village)
    assert (leg.state, leg.dispatched_at, leg.handler_id) == ("dispatched", at("2026-09-20 10:00"), None)
    assert (leg.sign_due_at, leg.settle_due_at) == (at("2026-09-20 18:00"), at("2026-09-24 00:00"))
    assert ticket.next_due_at == at("2026-09-20 18:00")
    assert ticket.remind_at == leg.remind_at == at("2026-09-20 10:00")


def test_the_new_limit_is_counted_as_the_office_counts_by_then(way):
    ticket = way.settled()
    set_policy(way.session, "clock_mode", "workday", way.office, at("2026-09-19 09:00"))
    rate(ticket, "2026-09-23 10:00")
    assert ticket.lead.settle_due_at == at("2026-09-30 00:00")
    assert (ticket.legs[0].clock_mode, ticket.lead.clock_mode, ticket.lead.policy_version) == ("natural", "workday", 2)


def test_what_the_resident_was_promised_and_what_the_first_leg_earned_stay(way):
    ticket = way.settled(settled_at=at("2026-09-18 11:00"))
    rating = rate(ticket, "2026-09-20 10:00")
    first = ticket.legs[0]
    assert (ticket.submitted_at, ticket.respond_due_at) == (at("2026-09-18 09:00"), at("2026-09-18 17:00"))
    assert (first.state, first.settled_at, first.disposal_mode) == ("settled", at("2026-09-18 09:00"), "coordinated")
    assert (rating.leg, rating.unit_id, rating.person_id) == (first, way.district.village.id, way.handler.person_id)
    assert (ticket.settled_at, ticket.rate_until, ticket.disposal_mode) == (None, None, None)
    assert (ticket.credited_unit_id, ticket.credited_person_id) == (None, None)


@pytest.mark.parametrize(
    ("given", "state"),
    [
        (Opinion(2, Resolved.PARTLY), "dispatched"),
        (Opinion(5, Resolved.NO), "dispatched"),
        (Opinion(3, Resolved.PARTLY), "rated"),
    ],
)
def test_two_stars_or_a_matter_not_resolved_are_bad(way, given, state):
    ticket = way.settled()
    rate(ticket, "2026-09-20 10:00", given)
    assert ticket.state == state


def test_how_many_stars_are_bad_the_office_decides(way):
    set_policy(way.session, "reopen_up_to_stars", "3", way.office, at("2026-09-17 09:00"))
    ticket = way.settled()
    rate(ticket, "2026-09-20 10:00", Opinion(3, Resolved.YES))
    assert ticket.state == "dispatched"


def test_the_unit_and_the_supervisor_are_told_at_once(way):
    supervisor = actor(way.session, "supervisor", way.district.root)
    _ = way.second_handler, way.far_handler, actor(way.session, "supervisor", way.district.far_town)
    ticket = way.settled()
    rate(ticket, "2026-09-20 10:00")
    people = [way.handler, way.second_handler, way.leader, supervisor]
    assert sorted(told(way, "reopened")) == sorted(each.person_id for each in people)


def test_the_second_answer_is_rated_for_itself(way):
    ticket = way.settled()
    rate(ticket, "2026-09-20 10:00")
    settle_again(way, ticket, "2026-09-21 10:00")
    assert (ticket.settled_at, ticket.disposal_mode) == (at("2026-09-21 10:00"), "coordinated")
    assert ticket.credited_person_id == way.second_handler.person_id
    assert ticket.rate_until == ticket.next_due_at == at("2026-09-28 10:00")
    rate(ticket, "2026-09-22 10:00", Opinion(5, Resolved.YES))
    with pytest.raises(Refusal, match="already rated"):
        rate(ticket, "2026-09-22 11:00")
    given = [(each.stars, each.leg.seq, each.person_id) for each in ticket.reporters[0].ratings]
    assert given == [(1, 1, way.handler.person_id), (5, 2, way.second_handler.person_id)]
    assert (ticket.state, ticket.next_due_at) == ("rated", at("2026-10-22 10:00"))
    ticket.archive(SYSTEM, at("2026-10-22 10:00"))
    assert [event.action for event in ticket.events][5:] == [
        "settle", "rate", "reopen", "sign", "submit_result", "settle", "rate", "archive",
    ]  # fmt: skip


def test_a_second_answer_needs_evidence_of_its_own(way):
    ticket = way.settled()
    rate(ticket, "2026-09-20 10:00")
    ticket.sign(way.handler, at("2026-09-20 11:00"))
    with pytest.raises(Refusal, match="at least one picture or document"):
        ticket.submit_result(way.handler, at("2026-09-20 12:00"), result="换了", feedback="已告知")


def test_the_third_time_it_stays_rated_and_the_supervisor_is_told(way):
    supervisor = actor(way.session, "supervisor", way.district.root)
    ticket = way.settled()
    for day in (20, 22):
        rate(ticket, f"2026-09-{day} 10:00")
        settle_again(way, ticket, f"2026-09-{day} 16:00")
    assert told(way, "hard_case") == []
    rate(ticket, "2026-09-24 10:00")
    assert (ticket.state, len(ticket.legs), len(ticket.ratings)) == ("rated", 3, 3)
    assert ticket.settled_at == at("2026-09-22 16:00")
    assert ticket.next_due_at is None
    assert (ticket.meeting.cause, ticket.meeting.due_at) == ("third_reopening", at("2026-10-01 00:00"))
    assert [each.unit_name for each in ticket.meeting.units] == ["石桥村"]
    assert told(way, "hard_case") == [supervisor.person_id]


def test_nothing_is_re_opened_before_it_is_settled(way):
    with pytest.raises(Refusal, match="“Re-open” is not possible while the request is “Awaiting review”"):
        way.with_result().reopen(at("2026-09-20 10:00"))


def test_the_first_unit_answers_and_its_successor_where_it_is_gone(way):
    ticket = way.settled()
    way.district.village.valid_to, way.district.village.successor = date(2026, 9, 19), way.district.twin
    rate(ticket, "2026-09-20 10:00")
    assert (ticket.lead_unit, ticket.lead.unit_name) == (way.district.twin, "蒋湾村")
    assert ticket.legs[0].unit_name == "石桥村"


def figures_of_september(way, as_of):
    counts = overall(way.session, "/339901000000/", at("2026-09-01 00:00"), at("2026-10-01 00:00"), at(as_of))
    return [counts[key] for key in ("sign", "on_time", "settle", "satisfaction")]


def test_both_legs_and_both_ratings_count_and_the_request_once(way):
    ticket = way.settled()
    way.settled()
    rate(ticket, "2026-09-20 10:00")
    way.session.flush()
    assert figures_of_september(way, "2026-09-26 00:00") == [Count(2, 3), Count(2, 3), Count(1, 2), Count(0, 1)]
    settle_again(way, ticket, "2026-09-26 10:00")
    rate(ticket, "2026-09-27 10:00", Opinion(4, Resolved.YES))
    way.session.flush()
    assert figures_of_september(way, "2026-10-10 00:00") == [Count(2, 3), Count(2, 3), Count(2, 2), Count(1, 2)]


def test_the_database_itself_refuses_a_second_rating_of_one_settlement(way):
    ticket = way.settled()
    rating = rate(ticket, "2026-09-20 10:00")
    way.session.flush()
    same = {"ticket_id": ticket.id, "leg_id": rating.leg_id, "reporter_id": rating.reporter_id, "stars": 5}
    with pytest.raises(sa.exc.IntegrityError):
        way.session.execute(sa.insert(Rating).values(**same, tags=[], at=at("2026-09-20 11:00")))


def test_a_rating_of_before_finds_its_leg_and_an_office_its_new_setting(way):
    ticket = way.settled()
    rating = rate(ticket, "2026-09-20 10:00", Opinion(4, Resolved.YES))
    way.session.commit()
    before = [(rating.id, ticket.lead.id)]
    (own,) = (path for path in VERSIONS.glob("*_reopening.py"))
    way.session.remove()
    downgrade(directory=str(VERSIONS.parent), revision=re.findall(r'down_revision = "(\w+)"', own.read_text())[0])
    upgrade(directory=str(VERSIONS.parent))
    assert way.session.execute(sa.select(Rating.id, Rating.leg_id)).all() == before
    keys = way.session.scalars(sa.select(PolicyRow.key).order_by(PolicyRow.position)).all()
    place = keys.index("rating_window_days")
    assert keys[place : place + 3] == ["rating_window_days", "reopen_up_to_stars", "reopen_at_most"]
    assert load_policy(way.session).reopen_up_to_stars == 2

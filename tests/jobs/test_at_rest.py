"""Jobs put nothing away that somebody still has to decide about, and speak of co-handlers as of the lead."""

import pytest
from sqlalchemy import select

from jobs.sweeps import sweep
from models.acting import RESIDENT
from models.applying import Ask, ask, refuse
from models.co_handling import invite, release
from models.meetings import MeetingCause, call
from models.notices import Notice
from models.passing import recall
from models.ratings import Opinion, Resolved
from rules.applications import ApplicationKind
from tests.factories import actor
from tests.stage import at


@pytest.fixture
def rated(scene):
    ticket = scene.submit("2026-11-02 08:00", reporter_mobile="13800001234")
    scene.dispatch(ticket, "2026-11-02 09:00")
    scene.sign(ticket, "2026-11-02 10:00")
    scene.submit_result(ticket, "2026-11-02 11:00")
    scene.settle(ticket, "2026-11-02 12:00")
    ticket.rate(ticket.reporters[0], Opinion(4, Resolved.YES), RESIDENT, at("2026-11-03 09:00"))
    scene.session.commit()
    return ticket


@pytest.mark.parametrize(("moment", "archived"), [("2026-12-03 08:59", 0), ("2026-12-03 09:00", 1)])
def test_what_nobody_has_to_decide_about_is_put_away_in_its_time(rated, session, moment, archived):
    assert sweep(session, at(moment)).archived == archived


def test_a_request_with_an_open_meeting_is_not_put_away(scene, rated, session):
    call(rated, MeetingCause.CALLED, scene.dispatcher, at("2026-11-04 09:00"))
    rated.next_due_at = at("2026-12-03 09:00")
    session.commit()
    assert sweep(session, at("2026-12-03 09:00")).archived == 0


def test_a_request_whose_rating_may_be_left_out_is_not_put_away_before_that_is_decided(scene, rated, session, district):
    evaluator = actor(session, "evaluator", district.root)
    asking = Ask(ApplicationKind.EXCLUSION, "wrong_unit", "误评", rating=rated.ratings[0])
    asked = ask(rated, asking, scene.leader, at("2026-11-04 09:00"))
    session.commit()
    assert sweep(session, at("2026-12-03 09:00")).archived == 0
    refuse(rated, asked, evaluator, at("2026-12-03 10:00"), answer="理由不足")
    session.commit()
    assert sweep(session, at("2026-12-03 10:00")).archived == 1


def test_a_co_handler_is_reminded_to_sign_to_call_and_to_settle_by_its_own_dates(scene, session, district):
    ticket = scene.submit("2026-11-16 08:00")
    scene.dispatch(ticket, "2026-11-16 09:00")
    scene.sign(ticket, "2026-11-16 10:00")
    helper = actor(session, "handler", district.department)
    leg = invite(ticket, district.department, scene.handler, at("2026-11-16 11:00"), task="查线路")
    session.commit()
    assert (leg.sign_due_at, leg.settle_due_at) == (at("2026-11-16 19:00"), at("2026-11-19 00:00"))
    sweep(session, at("2026-11-16 15:00"))
    assert mine(scene, "sign_due", helper) == ["half"]
    ticket.sign(helper, at("2026-11-16 15:30"))
    session.commit()
    sweep(session, at("2026-11-16 21:29"))
    assert mine(scene, "no_first_contact", helper) == []
    sweep(session, at("2026-11-16 21:30"))
    assert mine(scene, "no_first_contact", helper) == ["silent"]
    sweep(session, at("2026-11-18 11:59"))
    assert mine(scene, "settle_due", helper) == []
    sweep(session, at("2026-11-18 12:00"))
    assert mine(scene, "settle_due", helper) == ["soon"]
    sweep(session, at("2026-11-19 07:00"))
    assert mine(scene, "settle_overdue", helper) == ["due"]


def mine(scene, event: str, who) -> list[str]:
    return [step for person, step in scene.heard(event) if person == who.person_id]


def test_nothing_more_is_said_of_a_leg_that_has_ended(scene, session, district):
    ticket = scene.submit("2026-11-16 08:00")
    scene.dispatch(ticket, "2026-11-16 09:00")
    scene.sign(ticket, "2026-11-16 10:00")
    helper = actor(session, "handler", district.department)
    leg = invite(ticket, district.department, scene.handler, at("2026-11-16 11:00"), task="查线路")
    release(ticket, leg, scene.leader, at("2026-11-16 12:00"), reason="已查清")
    other = scene.submit("2026-11-16 08:00")
    scene.dispatch(other, "2026-11-16 09:00")
    recall(other, scene.dispatcher, at("2026-11-16 09:30"), reason="派错了")
    session.commit()
    for day in range(16, 28):
        sweep(session, at(f"2026-11-{day} 22:00"))
    said = session.scalars(select(Notice.event).where(Notice.ticket_id == other.id)).all()
    assert mine(scene, "sign_due", helper) + mine(scene, "settle_overdue", helper) == []
    assert {"sign_due", "sign_overdue", "settle_due", "settle_overdue"} & set(said) == set()

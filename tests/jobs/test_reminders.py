from sqlalchemy import select, update

from jobs.reminders import remind
from models.legs import Leg
from models.notices import Notice
from models.tickets import Ticket
from rules.deadlines import Tier
from tests.factories import make_account
from tests.stage import at


def test_a_request_nobody_accepts_is_brought_to_the_dispatcher_and_then_to_the_leader_too(scene, session):
    boss = make_account(session, "unit_leader", scene.district.town).person_id
    scene.submit("2026-11-18 09:00")
    remind(session, at("2026-11-18 09:59"))
    assert scene.heard("not_accepted") == []
    remind(session, at("2026-11-18 10:00"))
    assert scene.heard("not_accepted") == [(scene.dispatcher.person_id, "half")]
    remind(session, at("2026-11-18 11:00"))
    assert scene.heard("not_accepted")[1:] == [(scene.dispatcher.person_id, "due"), (boss, "due")]


def test_an_accepted_request_waits_to_be_dispatched_and_is_not_said_to_wait_to_be_accepted(scene, session):
    accepted, untouched = scene.submit("2026-11-18 09:00"), scene.submit("2026-11-18 09:00")
    accepted.accept(scene.dispatcher, at("2026-11-18 09:30"), tier=Tier.MICRO, category=None)
    session.commit()
    remind(session, at("2026-11-18 10:00"))
    said = {each.ticket_id: each.message for each in session.scalars(select(Notice))}
    assert said == {
        accepted.id: "Request %(number)s waits to be dispatched",
        untouched.id: "Request %(number)s waits to be accepted",
    }


def test_an_unsigned_leg_climbs_from_the_handler_to_the_leader_to_the_dispatcher(scene, session):
    ticket = scene.submit("2026-11-18 09:00")
    scene.dispatch(ticket, "2026-11-18 10:00")
    for moment in ("13:30", "16:00", "17:00", "21:00"):
        remind(session, at(f"2026-11-18 {moment}"))
    remind(session, at("2026-11-19 07:00"))
    handler, leader, dispatcher = (each.person_id for each in (scene.handler, scene.leader, scene.dispatcher))
    assert scene.heard("sign_due") == [(handler, "half"), (handler, "soon")]
    assert scene.heard("sign_overdue") == [(handler, "due"), (leader, "leader"), (dispatcher, "dispatcher")]


def test_a_leg_is_asked_for_only_when_its_next_reminder_has_come(scene, session):
    ticket = scene.submit("2026-11-18 09:00")
    scene.dispatch(ticket, "2026-11-18 09:00")
    assert remind(session, at("2026-11-18 09:01")) == 2
    assert session.scalar(select(Leg.remind_at)) == at("2026-11-18 13:00")
    assert remind(session, at("2026-11-18 12:59")) == 0
    assert remind(session, at("2026-11-18 13:00")) == 1


def test_signing_ends_the_sign_reminders_and_silence_after_it_is_noticed_after_six_hours(scene, session):
    ticket = scene.submit("2026-11-18 08:00")
    scene.dispatch(ticket, "2026-11-18 08:10")
    scene.sign(ticket, "2026-11-18 09:00")
    remind(session, at("2026-11-18 14:59"))
    assert scene.heard("no_first_contact") == []
    remind(session, at("2026-11-18 15:00"))
    assert scene.heard("no_first_contact") == [(scene.handler.person_id, "silent")]
    assert scene.heard("sign_due") == []


def test_an_overdue_leg_is_brought_up_on_each_working_day_and_never_on_a_day_off(scene, session):
    ticket = scene.submit("2026-11-16 08:00")
    scene.dispatch(ticket, "2026-11-16 09:00")
    scene.sign(ticket, "2026-11-16 10:00")
    ticket.contact(scene.handler, at("2026-11-16 11:00"), note="已联系")
    session.commit()
    for day in range(19, 25):
        for hour in ("07:00", "09:00", "12:00"):
            remind(session, at(f"2026-11-{day} {hour}"))
    warned = [scene.handler.person_id, scene.leader.person_id]
    assert scene.heard("settle_due") == [(person, "soon") for person in warned]
    steps = [step for person, step in scene.heard("settle_overdue") if person == scene.handler.person_id]
    assert steps == ["due", "2026-11-23", "2026-11-24"]


def test_a_result_is_brought_to_the_leader_alone_while_it_waits_and_the_settle_clock_rests(scene, session):
    ticket = scene.submit("2026-11-16 08:00")
    scene.dispatch(ticket, "2026-11-16 09:00")
    scene.sign(ticket, "2026-11-16 10:00")
    scene.submit_result(ticket, "2026-11-16 14:00")
    for moment in ("2026-11-16 15:00", "2026-11-16 16:00", "2026-11-25 10:00"):
        remind(session, at(moment))
    assert scene.heard("not_reviewed") == [(scene.leader.person_id, "first"), (scene.leader.person_id, "second")]
    assert scene.heard("settle_overdue") == []


def test_an_emergency_rings_at_once_at_night_for_all_three_and_no_gentle_warning_goes_with_it(scene, session):
    ticket = scene.submit("2026-11-18 02:00", kind="emergency")
    scene.dispatch(ticket, "2026-11-18 02:01", Tier.EMERGENCY)
    for minute in (1, 6, 11):
        remind(session, at(f"2026-11-18 02:{minute:02}"))
    people = [scene.handler.person_id, scene.leader.person_id, scene.dispatcher.person_id]
    assert scene.heard("emergency") == [(person, step) for step in ("first", "second", "third") for person in people]
    rung = session.scalars(select(Notice.deliver_at).where(Notice.event == "emergency")).all()
    assert set(rung) == {at(f"2026-11-18 02:{minute:02}") for minute in (1, 6, 11)}
    assert scene.heard("sign_due") == []


def test_an_emergency_that_is_not_dispatched_rings_for_the_dispatcher(scene, session):
    scene.submit("2026-11-18 02:00", kind="emergency")
    remind(session, at("2026-11-18 02:00"))
    assert scene.heard("emergency") == [(scene.dispatcher.person_id, "first")]


def test_a_resident_is_asked_to_rate_at_settlement_and_once_more_after_three_days(scene, session):
    ticket = scene.submit("2026-11-16 08:00", reporter_mobile="13800001234")
    scene.dispatch(ticket, "2026-11-16 09:00")
    scene.sign(ticket, "2026-11-16 10:00")
    scene.submit_result(ticket, "2026-11-16 14:00")
    scene.settle(ticket, "2026-11-16 15:00")
    for moment in ("2026-11-16 15:01", "2026-11-19 14:59", "2026-11-19 15:00", "2026-11-21 15:00"):
        remind(session, at(moment))
    asked = session.execute(select(Notice.reporter_id, Notice.created_at).where(Notice.event == "please_rate")).all()
    reporter = ticket.reporters[0].id
    assert asked == [(reporter, at("2026-11-16 15:00")), (reporter, at("2026-11-19 15:00"))]


def test_a_leg_that_moved_while_it_was_looked_at_is_left_to_the_next_sweep(scene, session, monkeypatch):
    ticket = scene.submit("2026-11-18 09:00")
    scene.dispatch(ticket, "2026-11-18 09:00")
    leg = ticket.lead
    from jobs import reminders

    def moved_meanwhile(*arguments):
        session.execute(update(Leg.__table__).values(remind_at=at("2026-11-18 12:30")))
        return heard(*arguments)

    heard = reminders.around
    monkeypatch.setattr(reminders, "around", moved_meanwhile)
    remind(session, at("2026-11-18 13:00"))
    assert scene.heard("sign_due") == []
    assert session.scalar(select(Leg.remind_at).where(Leg.id == leg.id)) == at("2026-11-18 12:30")


def test_an_old_ledger_s_request_without_dates_is_never_brought_up(scene, session):
    ticket = scene.submit("2019-06-18 09:51")
    session.execute(update(Ticket.__table__).values(remind_at=None))
    session.commit()
    assert remind(session, at("2026-11-18 13:00")) == 0
    assert ticket.remind_at is None

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from jobs.reminders import remind
from jobs.sweeps import Done, sweep
from models.acting import RESIDENT
from models.events import TicketEvent
from models.notices import Notice
from models.ratings import Opinion
from models.tickets import Ticket
from rules.lifecycle import State
from tests.factories import make_account
from tests.stage import at


def test_what_it_sent_is_said_by_kind_and_a_second_time_there_is_nothing_left_to_send(scene, session):
    for _ in range(3):
        scene.dispatch(scene.submit("2026-11-13 09:00"), "2026-11-13 09:30")
    first = sweep(session, at("2026-11-13 17:00"))
    assert str(first).startswith("not_accepted=0 not_reviewed=0 emergency=0 new_leg=3 ")
    assert "sign_due=0 sign_overdue=3 " in str(first)
    assert str(first).endswith("unrated=0 archived=0 sent=6")
    again = sweep(session, at("2026-11-13 17:00"))
    assert again == Done()
    assert str(again).count("=0") == len(str(again).split())


def test_what_falls_into_the_night_is_sent_in_the_morning(scene, session):
    scene.dispatch(scene.submit("2026-11-12 23:00"), "2026-11-12 23:30")
    assert sweep(session, at("2026-11-13 06:59")).sent.total() == 0
    assert sweep(session, at("2026-11-13 07:00")).sent["new_leg"] == 1


def test_what_is_over_before_the_morning_is_not_said_and_what_still_stands_is(scene, session):
    done = scene.submit("2026-11-13 06:00", reporter_mobile="13800001234")
    scene.dispatch(done, "2026-11-13 06:10")
    scene.sign(done, "2026-11-13 06:20")
    scene.submit_result(done, "2026-11-13 06:30")
    done.send_back(scene.leader, at("2026-11-13 06:32"), reason="请补照片")
    scene.submit_result(done, "2026-11-13 06:35")
    scene.settle(done, "2026-11-13 06:40")
    [reporter] = done.reporters
    done.rate(reporter, Opinion(5, "yes"), RESIDENT, at("2026-11-13 06:45"))
    session.commit()
    waiting = scene.submit("2026-11-13 06:00", reporter_mobile="13800005678")
    scene.dispatch(waiting, "2026-11-13 06:10")
    assert sweep(session, at("2026-11-13 08:30")).sent == {"new_leg": 1}
    assert session.execute(select(Notice.ticket_id, Notice.event)).all() == [(waiting.id, "new_leg")]


def test_each_step_of_a_night_is_said_in_the_morning_while_it_is_the_last(scene, session):
    tickets = [scene.submit("2026-11-13 06:00", reporter_mobile="13800001234") for _ in range(3)]
    for ticket in tickets:
        scene.dispatch(ticket, "2026-11-13 06:10")
        scene.sign(ticket, "2026-11-13 06:20")
        scene.submit_result(ticket, "2026-11-13 06:30")
    tickets[1].send_back(scene.leader, at("2026-11-13 06:32"), reason="请补照片")
    scene.settle(tickets[2], "2026-11-13 06:40")
    assert sweep(session, at("2026-11-13 07:00")).sent == {"to_review": 1, "sent_back": 1, "please_rate": 1}


def test_a_reminder_of_a_clock_that_has_stopped_before_it_was_sent_is_dropped(scene, session):
    ticket = scene.submit("2026-11-12 18:00")
    scene.dispatch(ticket, "2026-11-12 18:10")
    sweep(session, at("2026-11-12 18:10"))
    sweep(session, at("2026-11-12 22:30"))
    assert [person for person, _ in scene.heard("sign_due")] == [scene.handler.person_id]
    scene.sign(ticket, "2026-11-13 06:00")
    assert sweep(session, at("2026-11-13 07:00")).sent.total() == 0


def test_a_leg_that_is_over_is_not_announced_because_the_next_one_waits(scene, session):
    ticket = scene.submit("2026-11-13 06:00", reporter_mobile="13800001234")
    scene.dispatch(ticket, "2026-11-13 06:10")
    scene.sign(ticket, "2026-11-13 06:20")
    scene.submit_result(ticket, "2026-11-13 06:30")
    scene.settle(ticket, "2026-11-13 06:40")
    ticket.rate(ticket.reporters[0], Opinion(1, "no"), RESIDENT, at("2026-11-13 06:45"))
    session.commit()
    assert ticket.state == State.DISPATCHED
    assert sweep(session, at("2026-11-13 07:00")).sent == {"reopened": 2, "supervision": 1}


def test_of_two_overdue_notices_that_come_together_only_the_later_is_sent(scene, session):
    ticket = scene.submit("2026-11-16 08:00")
    scene.dispatch(ticket, "2026-11-16 09:00")
    scene.sign(ticket, "2026-11-16 10:00")
    sweep(session, at("2026-11-19 06:00"))
    remind(session, at("2026-11-20 07:00"))
    remind(session, at("2026-11-23 10:00"))
    assert [step for _, step in scene.heard("settle_overdue")] == ["due", "due", "2026-11-23", "2026-11-23"]
    assert sweep(session, at("2026-11-23 10:00")).sent["settle_overdue"] == 2
    people = [scene.handler.person_id, scene.leader.person_id]
    assert scene.heard("settle_overdue") == [(person, "2026-11-23") for person in people]


def settled(scene):
    ticket = scene.submit("2026-11-02 08:00")
    scene.dispatch(ticket, "2026-11-02 09:00")
    scene.sign(ticket, "2026-11-02 10:00")
    scene.submit_result(ticket, "2026-11-02 14:00")
    scene.settle(ticket, "2026-11-02 15:00")
    return ticket


def test_silence_is_unrated_after_seven_days_and_archived_thirty_days_later(scene, session):
    ticket = settled(scene)
    assert sweep(session, at("2026-11-09 14:59")).unrated == 0
    assert sweep(session, at("2026-11-09 15:00")).unrated == 1
    assert ticket.state == State.UNRATED
    assert sweep(session, at("2026-12-09 14:59")).archived == 0
    assert sweep(session, at("2026-12-09 15:00")).archived == 1
    assert ticket.state == State.ARCHIVED
    done = session.execute(select(TicketEvent.action, TicketEvent.at, TicketEvent.name).order_by(TicketEvent.id)).all()
    assert done[-2:] == [
        ("expire_rating", at("2026-11-09 15:00"), "系统"),
        ("archive", at("2026-12-09 15:00"), "系统"),
    ]


def test_a_request_that_somebody_else_moves_at_the_same_moment_does_not_stop_the_others(scene, session, app):
    first, second = settled(scene), settled(scene)

    def rated_elsewhere(*arguments):
        table = Ticket.__table__
        with app.extensions["sqlalchemy"].engine.begin() as other:
            gone = {"version": 99, "state": "rated", "next_due_at": None}
            other.execute(table.update().where(table.c.id == first.id).values(gone))

    from sqlalchemy import event

    event.listen(session, "before_flush", rated_elsewhere, once=True)
    assert sweep(session, at("2026-11-09 15:00")).unrated == 1
    session.expire_all()
    assert (first.state, second.state) == (State.RATED, State.UNRATED)


def test_the_office_is_asked_for_next_year_s_calendar_once_a_week(scene, session):
    office = make_account(session, "office", scene.district.root)
    session.commit()
    sent = [sweep(session, at(f"2026-11-{day} 09:00")).sent["calendar"] for day in (14, 15, 16, 20, 23)]
    assert sent == [0, 1, 1, 0, 1]
    notice = session.scalars(select(Notice).where(Notice.event == "calendar")).first()
    assert (notice.person_id, notice.values) == (office.person_id, {"year": 2027})


KILLED = """
    import sys
    from datetime import datetime

    import settings
    from app import create_app
    from jobs.sweeps import sweep
    from models import db

    app = create_app(settings.load())
    with app.app_context():
        print("on", flush=True)
        sweep(db.session(), datetime.fromisoformat(sys.argv[1]))
"""


def test_a_sweep_killed_again_and_again_loses_nothing_and_says_nothing_twice(scene, session, backend, tmp_path):
    for _ in range(60):
        scene.dispatch(scene.submit("2026-11-13 09:00"), "2026-11-13 09:30")
    moment = at("2026-11-13 17:00")
    environment = os.environ | {
        "MINQING_DATA_DIR": str(backend.folder),
        "MINQING_DATABASE_URL": backend.settings.database_url,
        "MINQING_SECRET_KEY": backend.settings.secret_key,
        "MINQING_FIELD_KEYS": backend.settings.field_keys,
    }
    program = tmp_path / "killed.py"
    program.write_text(textwrap.dedent(KILLED))
    root = Path(__file__).parents[2]
    for delay in (0.05, 0.2):
        child = subprocess.Popen(
            [sys.executable, program, moment.isoformat()],
            cwd=root,
            env=environment | {"PYTHONPATH": str(root)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        with child:
            assert child.stdout.readline() == b"on\n"
            time.sleep(delay)
            child.send_signal(signal.SIGKILL)
    sweep(session, moment)
    told = session.execute(select(Notice.event, func.count(Notice.sent_at)).group_by(Notice.event)).all()
    assert dict(map(tuple, told)) == {"new_leg": 60, "sign_overdue": 60}
    assert session.scalar(select(func.count(Notice.id)).where(Notice.sent_at.is_(None))) == 0


@pytest.fixture
def leaders(app, backend, tmp_path):
    from jobs.leader import leader_for
    from models import db

    with app.app_context():
        first, second = leader_for(db.engine, tmp_path), leader_for(db.engine, tmp_path)
    yield first, second
    first.resign()
    second.resign()


def test_of_two_schedulers_one_leads_until_it_resigns(leaders):
    first, second = leaders
    assert first.leads()
    assert first.leads()
    assert not second.leads()
    first.resign()
    assert second.leads()
    assert not first.leads()

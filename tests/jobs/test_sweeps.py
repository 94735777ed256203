import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from jobs.sweeps import Done, sweep
from models.events import TicketEvent
from models.notices import Notice
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

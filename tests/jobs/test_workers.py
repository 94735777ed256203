"""Workers as processes of their own: one is killed in the midst of its work, two go for the same file at once."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from imports import batches, staging
from jobs.importing import work_all, work_next
from models.imports import BatchState
from models.people import Person
from tests.conftest import KEYS
from tests.imports.books import xlsx
from tests.imports.taken_back import differences, snapshot
from tests.jobs.test_importing import asked, clock, handed_in

ROOT = Path(__file__).parents[2]
BEGINNING = """
import sys, time
from datetime import UTC, datetime
from app import create_app
from imports import diff, undo
from imports.people import People
from jobs.importing import work_all
from models import db

def stop_after(owner, name):
    does = getattr(owner, name)
    def stuck(*given):
        does(*given)
        print("stuck", flush=True)
        time.sleep(120)
    setattr(owner, name, stuck)

app = create_app()
"""
WORK = """
with app.app_context():
    work_all(db.session(), lambda: datetime.now(UTC))
"""
WAIT = """
print("ready", flush=True)
sys.stdin.readline()
"""
STOPS = {
    "read": 'stop_after(diff, "compare")',
    "commit": 'stop_after(People, "write")',
    "undo": 'stop_after(undo.Undoing, "_unlearn")',
}
PEOPLE = xlsx([["姓名", "单位", "联系电话"], *(["干部", "石桥村", f"139{n:08d}"] for n in range(300))])
"""Known by telephone alone, so that no constraint would keep them from coming in twice."""


@contextmanager
def process(backend, program: str) -> Iterator[subprocess.Popen]:
    environment = os.environ | {
        "MINQING_DATA_DIR": str(backend.folder),
        "MINQING_DATABASE_URL": backend.settings.database_url,
        "MINQING_SECRET_KEY": "only for tests " * 3,
        "MINQING_FIELD_KEYS": KEYS,
    }
    command = [sys.executable, "-c", BEGINNING + program]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, env=environment, **pipes) as worker:
        try:
            yield worker
        finally:
            worker.kill()


def in_a_minute():
    return datetime.now(UTC) + timedelta(minutes=1)


def brought_to(session, step):
    """A batch that waits for that step."""
    batch, order = handed_in(session, PEOPLE)
    for to in {"read": [], "commit": [BatchState.COMMITTING], "undo": [BatchState.COMMITTING, BatchState.UNDOING]}[
        step
    ]:
        work_all(session, clock)
        asked(session, batch, order, to)
    return batch


@pytest.mark.parametrize(
    ("step", "stood", "ends", "people"),
    [("read", "reading", "previewed", 0), ("commit", "committing", "committed", 300), ("undo", "undoing", "undone", 0)],
)
def test_a_worker_that_is_killed_leaves_nothing_half_done_and_another_goes_on(
    backend, session, district, step, stood, ends, people
):
    batch = brought_to(session, step)
    before = snapshot(session)
    with process(backend, STOPS[step] + WORK) as worker:
        assert worker.stdout.readline() == "stuck\n"
        assert not work_next(session, clock)
        assert differences(before, snapshot(session)) == {}
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
    session.rollback()
    session.refresh(batch)
    assert (batch.state, batch.attempts) == (stood, 1)
    assert differences(before, snapshot(session)) == {}
    assert not work_next(session, clock)
    assert work_next(session, in_a_minute)
    assert (batch.state, batch.attempts, len(session.scalars(select(Person.id)).all())) == (ends, 2, people)
    assert batch.said[0].startswith("The attempt before ended unexpectedly")


def test_what_a_killed_reader_had_staged_is_dropped(backend, session, district):
    batch = brought_to(session, "read")
    with process(backend, STOPS["read"] + WORK) as worker:
        assert worker.stdout.readline() == "stuck\n"
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
    work_next(session, in_a_minute)
    loads = {row.load for table in staging.metadata.tables.values() for row in session.execute(table.select())}
    assert loads == {batch.options["load"]}


def test_two_workers_at_once_write_one_file_of_two_people_once(backend, session, district):
    (first, order), (second, _) = handed_in(session, PEOPLE), handed_in(session, PEOPLE)
    work_all(session, clock)
    for batch in (first, second):
        batches.ask(session, batch, order, BatchState.COMMITTING, None)
    session.commit()
    with process(backend, WAIT + WORK) as one, process(backend, WAIT + WORK) as other:
        assert [worker.stdout.readline() for worker in (one, other)] == ["ready\n"] * 2
        for worker in (one, other):
            worker.stdin.write("\n")
            worker.stdin.flush()
        assert [worker.wait(60) for worker in (one, other)] == [0, 0]
    session.rollback()
    assert len(session.scalars(select(Person.id)).all()) == 300
    done, shown = sorted((first, second), key=lambda batch: batch.state)
    assert (done.state, shown.state, shown.new, shown.same) == ("committed", "previewed", 0, 300)
    assert shown.said[0].startswith("The data changed before this was committed")


def test_two_workers_share_what_waits(backend, session, district):
    waiting = [handed_in(session, PEOPLE)[0] for _ in range(4)]
    with process(backend, WAIT + WORK) as one, process(backend, WAIT + WORK) as other:
        assert [worker.stdout.readline() for worker in (one, other)] == ["ready\n"] * 2
        for worker in (one, other):
            worker.stdin.write("\n")
            worker.stdin.flush()
        assert [worker.wait(60) for worker in (one, other)] == [0, 0]
    session.rollback()
    assert [(batch.state, batch.attempts, batch.new) for batch in waiting] == [("previewed", 1, 300)] * 4

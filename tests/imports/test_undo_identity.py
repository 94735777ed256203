"""Importing and undoing leaves the database as it was, whatever the file held and whatever was there before."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from imports import batches, committing, loading, run
from imports.kind import Order
from imports.progress import Progress
from imports.tickets import Tickets
from imports.undo import undo
from models.acting import EVERYTHING, SYSTEM
from models.imports import BatchState
from rules.refusals import Refusal
from tests.factories import make_person
from tests.imports.books import xlsx
from tests.imports.drawn import HEADS, rows_of
from tests.imports.taken_back import differences, snapshot
from tests.stage import at

ROUNDS = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
FEWER = settings(ROUNDS, max_examples=5)


def committed(session, kind, book, hour, told=None):
    order = Order(SYSTEM, EVERYTHING, at(f"2026-11-20 {hour:02d}:00"))
    batch = run.record(session, run.stage(session, kind, book, "a.xlsx", order))
    if told:
        batches.ask(session, batch, order, BatchState.COMMITTING, None)
    session.commit()
    try:
        committing.commit(session, batch, order, skip_errors=True, told=told)
    except Refusal:
        session.rollback()
    session.commit()
    return batch


def there_and_back(session, kind, before, file, told=None):
    """Brings in a first file to stand on, then another, once more the same, which is then taken back. A list of units
    that contradicts itself may be refused as a whole."""
    before, file = (xlsx([HEADS[kind], *rows]) for rows in (before, file))
    committed(session, kind, before, 9)
    lay = snapshot(session)
    batch = committed(session, kind, file, 10, told)
    if batch.state == BatchState.COMMITTED:
        changes_nothing(session, kind, file, batch.error)
        order = Order(SYSTEM, EVERYTHING, at("2026-11-20 12:00"))
        if told:
            batches.ask(session, batch, order, BatchState.UNDOING, None)
        done = undo(session, batch, order, told)
        session.commit()
        assert done == {"removed": batch.new, "restored": batch.changed, "left": 0}
    assert differences(lay, snapshot(session)).keys() <= {"import_mark"}


def changes_nothing(session, kind, file, wrong):
    """Imported twice is imported once. A row that was wrong beside what there was may be right beside what there is."""
    if wrong:
        counts = run.stage(session, kind, file, "a.xlsx", Order(SYSTEM, EVERYTHING, at("2026-11-20 11:00"))).counts
        session.rollback()
        assert counts["new"] + counts["changed"] <= wrong
        return
    once = snapshot(session)
    again = committed(session, kind, file, 11)
    assert (again.state, again.new, again.changed) == ("committed", 0, 0)
    assert differences(once, snapshot(session)).keys() <= {"import_mark"}


@pytest.fixture
def roster(session, district):
    """People who are named in visits, topics, tasks and as liaison of organisations."""
    for unit, name in ((district.town, "王小明"), (district.village, "林海"), (district.village, "包小联")):
        make_person(session, unit, name)
    make_person(session, district.root, "陈建国").staff_no = "T1"
    session.commit()


@ROUNDS
@given(before=rows_of("people"), file=rows_of("people"))
def test_of_people(session, district, before, file):
    there_and_back(session, "people", before, file)


@ROUNDS
@given(before=rows_of("units"), file=rows_of("units"))
def test_of_units(session, district, before, file):
    there_and_back(session, "units", before, file)


@ROUNDS
@given(before=rows_of("tickets"), file=rows_of("tickets"))
def test_of_requests(session, district, before, file):
    there_and_back(session, "tickets", before, file)


@ROUNDS
@given(before=rows_of("tickets"), file=rows_of("tickets"))
def test_of_requests_that_are_written_and_taken_back_in_slices(session, district, before, file):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Tickets, "slice_of", 2)
        patch.setattr(loading, "PAUSE_SECONDS", 0)
        there_and_back(session, "tickets", before, file, Progress(gives_way=True))


@FEWER
@given(before=rows_of("households"), file=rows_of("households"))
def test_of_households(session, district, before, file):
    there_and_back(session, "households", before, file)


@FEWER
@given(before=rows_of("organisations"), file=rows_of("organisations"))
def test_of_organisations(session, roster, before, file):
    there_and_back(session, "organisations", before, file)


@FEWER
@given(before=rows_of("visits"), file=rows_of("visits"))
def test_of_visits(session, roster, before, file):
    there_and_back(session, "visits", before, file)


@FEWER
@given(before=rows_of("topics"), file=rows_of("topics"))
def test_of_topics(session, roster, before, file):
    there_and_back(session, "topics", before, file)


@FEWER
@given(before=rows_of("tasks"), file=rows_of("tasks"))
def test_of_tasks(session, roster, before, file):
    there_and_back(session, "tasks", before, file)

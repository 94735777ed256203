"""A file is read, or its rows are compared, once more: the import changes at the end of it or not at all."""

import io
from datetime import timedelta

import openpyxl
import pytest
from sqlalchemy import select

from imports import batches, corrections, diff, originals, progress, staging
from imports.choices import NO_CHOICES, Choices, SheetChoice
from imports.error_book import error_book
from imports.people import stage
from imports.rereading import has_gone_well
from jobs.importing import kept, work_all, work_next
from models import db
from models.header_choices import HeaderChoice
from models.imports import BatchState, ImportBatch
from models.notices import Notice
from models.units import Unit
from rules.refusals import Refusal
from settings import installed
from tests.factories import make_account, make_person
from tests.imports.desk import WRONG, corrected, saved
from tests.imports.test_people import roster
from tests.jobs.test_importing import asked, clock, handed_in

pytestmark = pytest.mark.usefixtures("district")

FILE = roster(*WRONG)
POST_FOR_TEAM = {"staff_no": 2, "name": 3, "unit": 7, "mobile": 6, "post": 9}
TASKS = ("correct", "correct a committed one", "withdraw", "columns", "compare")
SLOW = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000) SELECT max(i) FROM n"


def previewed(session, account=None):
    batch, order = handed_in(session, FILE, account=account)
    work_all(session, clock)
    assert batch.counts == {"new": 1, "changed": 0, "same": 0, "error": 2}
    return batch, order


def mended(session, batch, order, book=None):
    """The sha256 of an error workbook that has come back with every cell right."""
    laid = corrections.amendments(batch, kept)
    data = error_book(session, batch, order, kept(batch.sha256), laid, lambda message, values: message)
    session.rollback()
    return originals.keep(installed().files_dir, book or saved(corrected(openpyxl.load_workbook(io.BytesIO(data)))))


def ask(session, batch, order, do, **task):
    asked(session, batch, order, BatchState.REREADING, task={"from": batch.state, "do": do, **task})


def ask_for_columns(session, batch, order, columns=POST_FOR_TEAM, **task):
    choices = Choices(sheets={"Sheet1": SheetChoice(columns=columns)}) if columns else NO_CHOICES
    said = {"choices": choices.kept(), "remember": False, "apply": True}
    ask(session, batch, order, "columns", **said | task)


def commit_the_good(session, batch, order):
    asked(session, batch, order, skip_errors=True)
    work_all(session, clock)
    assert batch.state == "committed"


def waiting_for(session, what):
    """An import that is to be read again, and how it stood before."""
    batch, order = previewed(session)
    if what in ("correct a committed one", "withdraw"):
        commit_the_good(session, batch, order)
    if what == "withdraw":
        ask(session, batch, order, "correct", files=[mended(session, batch, order)])
        work_all(session, clock)
    before = standing(session, batch)
    match what:
        case "correct" | "correct a committed one":
            ask(session, batch, order, "correct", files=[mended(session, batch, order)])
        case "withdraw":
            ask(session, batch, order, "withdraw", files=corrections.withdrawn(batch))
        case "columns":
            ask_for_columns(session, batch, order)
        case "compare":
            village = session.scalars(select(Unit).where(Unit.name == "石桥村")).one()
            make_person(session, village, "王小明").staff_no = "A001"
            session.commit()
            ask(session, batch, order, "compare")
    assert batch.state == "rereading"
    return batch, order, before


def standing(session, batch):
    """All there is to an import but what was said of it: its row, and every line in the stage."""
    session.expire_all()
    options = {name: value for name, value in batches.lasting(batch.options).items() if name != "user"}
    lines = session.execute(select(stage.c.load, stage.c.seq, stage.c.op, stage.c.name).order_by(stage.c.seq)).all()
    wrong = session.execute(select(staging.errors.c.load, staging.errors.c.row, staging.errors.c.code)).all()
    return batch.state, batch.counts, batch.mapping, options, lines, sorted(wrong)


def places(session):
    """Whatever holds rows in the stage."""
    tables = staging.metadata.tables.values()
    return {load for table in tables for load in session.scalars(select(table.c.load))}


OUTCOMES = {
    "correct": ("previewed", (3, 0, 0, 0), "The corrected rows have taken their place"),
    "correct a committed one": ("previewed", (2, 0, 0, 0), "The corrected rows have taken their place"),
    "withdraw": ("committed", (1, 0, 0, 2), "The corrections were withdrawn; what was committed stays"),
    "columns": ("previewed", (1, 0, 0, 2), "Read again with these columns; nothing was written yet"),
    "compare": ("previewed", (0, 1, 0, 2), "Compared with today's data"),
}


@pytest.mark.parametrize("what", TASKS)
def test_a_worker_reads_it_again_and_says_so(session, what):
    batch, _, _ = waiting_for(session, what)
    assert work_all(session, clock) == 1
    state, counts, said = OUTCOMES[what]
    assert (batch.state, tuple(batch.counts.values()), batch.said) == (state, counts, (said, {}))
    assert has_gone_well(batch)
    assert (batch.task, batch.taken_by, places(session)) == ({}, None, {batch.options["load"]})


def test_columns_that_are_not_to_be_applied_yet_are_read_without_a_word(session):
    batch, order = previewed(session)
    ask_for_columns(session, batch, order, apply=False)
    work_all(session, clock)
    assert (batch.said, batch.mapping["Sheet1"]["职务"]) == (None, "人员类别")


def test_what_is_to_be_remembered_is_once_the_batch_has_taken_it(session, monkeypatch):
    batch, order = previewed(session)
    ask_for_columns(session, batch, order, remember=True)
    monkeypatch.setattr(diff, "compare", die)
    with pytest.raises(SystemExit):
        work_next(session, clock)
    assert session.query(HeaderChoice).count() == 0
    monkeypatch.undo()
    work_all(session, clock)
    assert session.scalars(select(HeaderChoice)).one().columns["post"] == 9


def test_compared_again_rows_that_are_gone_are_read_from_the_file(session):
    batch, order = previewed(session)
    for table in staging.metadata.tables.values():
        session.execute(table.delete())
    ask(session, batch, order, "compare")
    work_all(session, clock)
    assert (batch.state, batch.counts["new"], batch.said[0]) == ("previewed", 1, "Compared with today's data")
    assert len(session.execute(select(stage)).all()) == 3


@pytest.mark.parametrize("what", TASKS)
def test_cancelled_at_work_it_is_as_it_was(session, monkeypatch, what):
    batch, _, before = waiting_for(session, what)

    def press_cancel(kind):
        with db.engine.begin() as connection:
            progress.ask_to_cancel(connection, batch.id, "李主任")
        session.connection().exec_driver_sql(SLOW)

    monkeypatch.setattr(diff, "compare", press_cancel)
    work_next(session, clock)
    assert standing(session, batch) == before
    assert batch.said == ("Cancelled by %(name)s; nothing was written", {"name": "李主任"})
    assert (batch.task, batch.taken_by, places(session)) == ({}, None, {batch.options["load"]})


@pytest.mark.parametrize("what", TASKS)
def test_cancelled_before_a_worker_has_it_it_is_as_it_was(session, what):
    batch, order, before = waiting_for(session, what)
    assert batches.cancel_unless_taken(session, batch, order)
    session.commit()
    assert (standing(session, batch), work_all(session, clock)) == (before, 0)


def die(*_):
    raise SystemExit


@pytest.mark.parametrize("what", TASKS)
def test_a_worker_that_is_ended_leaves_it_as_it_was_to_another(session, monkeypatch, what):
    batch, _, before = waiting_for(session, what)
    compare = diff.compare
    monkeypatch.setattr(diff, "compare", lambda kind: (compare(kind), session.commit(), die()))
    with pytest.raises(SystemExit):
        work_next(session, clock)
    monkeypatch.undo()
    assert (batch.state, batch.counts, batch.options["load"]) == ("rereading", before[1], before[3]["load"])
    assert places(session) == {batch.options["load"], batch.task["load"]}
    work_all(session, clock)
    assert (batch.state, tuple(batch.counts.values()), batch.said[0]) == OUTCOMES[what]
    assert places(session) == {batch.options["load"]}


@pytest.mark.parametrize("what", TASKS)
def test_what_kills_every_worker_is_given_up_as_it_was(session, monkeypatch, what):
    batch, _, before = waiting_for(session, what)
    compare = diff.compare
    monkeypatch.setattr(diff, "compare", lambda kind: (compare(kind), session.commit(), die()))
    for _ in range(3):
        with pytest.raises(SystemExit):
            work_next(session, clock)
    work_next(session, clock)
    assert standing(session, batch) == before
    assert batch.said[0].startswith("Several attempts at this ended unexpectedly")
    assert places(session) == {batch.options["load"]}


def test_a_worker_taken_for_dead_changes_nothing_any_more(session, monkeypatch):
    batch, _, _ = waiting_for(session, "compare")
    compare, later = diff.compare, lambda: clock() + timedelta(minutes=1)

    def sleep_long(kind):
        monkeypatch.setattr(diff, "compare", compare)
        found = compare(kind)
        session.commit()
        other = batches.take(session, later())
        session.commit()
        assert other.attempt == 2
        return found

    monkeypatch.setattr(diff, "compare", sleep_long)
    work_next(session, clock)
    assert (batch.state, batch.attempts, batch.counts["changed"], batch.said[0][:18]) == (
        "rereading", 2, 0, "The attempt before"
    )  # fmt: skip


def test_what_is_no_error_workbook_is_refused_and_the_import_is_as_it_was(session):
    batch, order = previewed(session)
    commit_the_good(session, batch, order)
    before = standing(session, batch)
    ask(session, batch, order, "correct", files=[mended(session, batch, order, FILE)])
    work_all(session, clock)
    assert standing(session, batch) == before
    assert batch.said[0].startswith("This is not an error workbook")
    assert not has_gone_well(batch)


def test_a_column_chosen_twice_is_refused_and_the_import_is_as_it_was(session):
    batch, order = previewed(session)
    before = standing(session, batch)
    ask_for_columns(session, batch, order, {"name": 3, "unit": 7, "post": 3})
    work_all(session, clock)
    assert standing(session, batch) == before
    assert "is chosen for" in batch.said[0]


def test_rows_that_are_gone_with_a_part_committed_cannot_be_compared_again(session):
    batch, order = previewed(session)
    commit_the_good(session, batch, order)
    ask(session, batch, order, "correct", files=[mended(session, batch, order)])
    work_all(session, clock)
    for table in staging.metadata.tables.values():
        session.execute(table.delete())
    before = standing(session, batch)
    ask(session, batch, order, "compare")
    work_all(session, clock)
    assert standing(session, batch) == before
    assert batch.said[0] == "The rows that waited here are gone: import the file again"


def test_a_file_that_is_no_longer_kept_is_told_so_and_the_import_is_as_it_was(session):
    batch, order = previewed(session)
    before = standing(session, batch)
    ask_for_columns(session, batch, order)
    originals.path_of(installed().files_dir, batch.sha256).unlink()
    work_all(session, clock)
    assert standing(session, batch) == before
    assert batch.said[0] == "The file of this import is no longer kept here: import it again"


def test_while_it_is_read_again_nobody_decides_on_it(session):
    batch, order, _ = waiting_for(session, "columns")
    for to in (BatchState.REREADING, BatchState.COMMITTING):
        with pytest.raises(Refusal, match="Somebody else has corrected or decided this import"):
            asked(session, batch, order, to)
        session.rollback()
    with pytest.raises(Refusal, match="Somebody else has corrected or decided this import"):
        batches.move(session, batch, order, BatchState.DISCARDED)
    session.rollback()
    work_all(session, clock)
    assert batch.state == "previewed"


@pytest.mark.parametrize("to", [BatchState.REREADING, BatchState.COMMITTING])
def test_who_looked_at_rows_that_another_has_replaced_is_told(session, to):
    batch, order = previewed(session)
    replaced = batch.options | {"load": batch.options["load"] + 1}
    with db.engine.begin() as connection:
        connection.execute(ImportBatch.__table__.update().values(options=replaced))
    with pytest.raises(Refusal, match="Somebody else has corrected or decided this import"):
        asked(session, batch, order, to)
    session.rollback()
    assert batch.state == "previewed"


def test_who_waited_long_is_told_that_it_is_over(session, district):
    account = make_account(session, "office", district.root)
    batch, order = previewed(session, account)
    ask_for_columns(session, batch, order)
    batch.asked_at -= timedelta(seconds=30)
    session.commit()
    work_all(session, clock)
    [notice] = session.scalars(select(Notice))
    assert str(notice) == "名册.xlsx is no longer being read again: look at what came of it"

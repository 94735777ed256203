from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from sqlalchemy import text

from imports import committing, run, staging
from imports.kind import Order
from imports.progress import Progress
from models import db
from models.acting import EVERYTHING, SYSTEM, Actor, Scope
from models.imports import BatchState, ImportBatch
from models.people import Person
from models.policies import load_policy
from rules.refusals import Refusal
from tests.factories import actor
from tests.imports.books import compound, xlsx
from tests.imports.conftest import counted
from tests.stage import at

ROSTER = xlsx([["工号", "姓名", "单位"], ["A1", "甲", "石桥村"], ["A2", "乙", "无此村"]])
UNNUMBERED = xlsx([["姓名", "单位", "联系电话"], ["甲", "石桥村", "13800138000"]])
GOOD = xlsx([["工号", "姓名", "单位"], ["A1", "甲", "石桥村"]])


def staged_rows(session):
    return sum(session.execute(table.select()).fetchall() != [] for table in staging.metadata.tables.values())


class Watched(bytes):
    gone = False

    def __del__(self):
        Watched.gone = True


@pytest.mark.usefixtures("started_readers")
def test_a_file_is_let_go_once_its_rows_are_in_the_spool(session, district, monkeypatch):
    held, while_reading, find = [Watched(GOOD)], [], run.look
    monkeypatch.setattr(run, "look", lambda *given: while_reading.append(Watched.gone) or find(*given))
    monkeypatch.setattr(Watched, "gone", False)
    order, told = Order(SYSTEM, EVERYTHING, at("2026-11-20 12:00")), Progress()
    staged = run.stage(session, "people", held.pop(), "名册.xlsx", order, told=told)
    assert (staged.counts["new"], while_reading) == (1, [True])


def test_a_preview_writes_nothing_but_its_batch(session, load, district):
    load.preview("people", GOOD)
    assert session.query(Person).count() == 0
    assert (load.batch.state, load.batch.new, load.batch.filename) == (BatchState.PREVIEWED, 1, "名册.xlsx")
    assert load.batch.mapping == {"Sheet1": {"工号": "工号", "姓名": "姓名", "单位": "单位"}}


def test_a_batch_with_errors_is_not_committed_unless_they_may_be_skipped(session, load, district):
    order, _ = load.preview("people", ROSTER)
    with pytest.raises(Refusal, match="1 rows are wrong"):
        committing.commit(session, load.batch, order, skip_errors=False)
    session.rollback()
    assert committing.commit(session, load.batch, order, skip_errors=True) == counted(new=1, error=1)


def test_a_batch_is_committed_once(session, load, district):
    order, _ = load.preview("people", GOOD)
    committing.commit(session, load.batch, order, skip_errors=False)
    session.commit()
    assert load.batch.state == BatchState.COMMITTED
    with pytest.raises(Refusal, match="already done"):
        committing.commit(session, load.batch, order, skip_errors=False)


def test_what_changed_since_the_preview_is_not_overwritten(session, load, district):
    order, _ = load.preview("people", GOOD)
    first = load.batch
    load("people", GOOD)
    with pytest.raises(Refusal, match="changed since the preview"):
        committing.commit(session, first, order, skip_errors=False)
    session.rollback()
    assert session.query(Person).count() == 1


def test_of_two_imports_of_one_roster_at_once_the_second_is_told_and_nobody_is_there_twice(
    app, session, load, district
):
    order, _ = load.preview("people", UNNUMBERED)
    first = load.batch
    load.preview("people", UNNUMBERED)
    second = load.batch.id

    def commit_second():
        with app.app_context():
            try:
                committing.commit(db.session(), db.session.get_one(ImportBatch, second), order, skip_errors=False)
            except Refusal as refusal:
                return refusal.message
            return db.session.commit()

    session.commit()
    committing.commit(session, first, order, skip_errors=False)
    with ThreadPoolExecutor(1) as elsewhere:
        told = elsewhere.submit(commit_second)
        wait([told], timeout=1)
        session.commit()
    assert told.result() == "The data has changed since the preview: compare again, then commit"
    assert session.query(Person).count() == 1


def test_a_commit_that_is_rolled_back_leaves_nothing_and_can_be_repeated(session, load, district):
    order, _ = load.preview("people", GOOD)
    committing.commit(session, load.batch, order, skip_errors=False)
    session.rollback()
    assert session.query(Person).count() == 0
    committing.commit(session, load.batch, order, skip_errors=False)
    session.commit()
    assert session.query(Person).count() == 1


def test_the_stage_is_empty_after_the_commit_and_after_a_refusal_to_go_on(session, load, district):
    load("people", GOOD)
    order, _ = load.preview("people", ROSTER)
    run.discard(session, load.batch, order)
    session.commit()
    assert staged_rows(session) == 0
    with pytest.raises(Refusal, match="already done or discarded"):
        run.discard(session, load.batch, order)


def test_a_preview_holds_no_lock_on_the_data(session, load, district, backend):
    if backend.kind != "sqlite":
        pytest.skip("only SQLite locks a whole file")
    import sqlite3
    from contextlib import closing

    order = Order(SYSTEM, EVERYTHING, at("2026-11-20 12:00"))
    run.stage(session, "people", GOOD, "a.xlsx", order)
    with closing(sqlite3.connect(backend.folder / "minqing.db", timeout=0)) as other:
        written = other.execute("UPDATE policy SET value = '90' WHERE key = 'accept_within_minutes'").rowcount
        other.commit()
    session.rollback()
    assert written == 1
    assert load_policy(session).accept_within_minutes == 90


def test_several_sheets_are_one_import_with_each_error_in_its_sheet(session, load, district):
    head = ["工号", "姓名", "单位"]
    book = xlsx(("一季度", [head, ["A1", "甲", "石桥村"]]), ("二季度", [[], head, ["A2", "乙", "无此村"]]))
    assert load.preview("people", book)[1] == counted(new=1, error=1)
    [error] = run.errors(session, load.batch)
    assert (error.sheet, error.cell) == ("二季度", "C3")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"%PDF-1.7\n", "a pdf file, not a spreadsheet"),
        (compound("EncryptedPackage"), "password"),
    ],
)
def test_a_file_that_is_no_roster_is_refused_with_a_sentence(load, district, data, words):
    with pytest.raises(Refusal, match=words):
        load.preview("people", data)


def test_no_stage_table_belongs_to_a_migration(session):
    from models import db

    assert not [table for table in db.metadata.tables if "_line" in table or "cell_error" in table]


def test_postgres_keeps_the_stage_out_of_its_log(session, load, district, backend):
    if backend.kind != "postgresql":
        pytest.skip("SQLite keeps the stage in a file of its own")
    load.preview("people", GOOD)
    kinds = (
        session.execute(
            text(
                "SELECT DISTINCT relpersistence FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace"
                " WHERE nspname = 'staging' AND relkind = 'r'"
            )
        )
        .scalars()
        .all()
    )
    assert kinds == ["u"]


@pytest.mark.parametrize("kind", sorted(run.KINDS))
def test_whoever_has_no_role_imports_nothing_and_the_installation_itself_everything(kind):
    with pytest.raises(Refusal, match="Your role does not import"):
        run.may_import(Actor(7, "无角色"), kind)
    run.may_import(SYSTEM, kind)


@pytest.mark.parametrize(("role", "kind"), [("dispatcher", "people"), ("dispatcher", "units"), ("handler", "tickets")])
def test_a_role_imports_only_what_is_its_business(session, district, role, kind):
    by = actor(session, role, district.town)
    order = Order(by, Scope(paths=(district.town.path,)), at("2026-11-20 12:00"))
    with pytest.raises(Refusal, match="Your role does not import"):
        run.stage(session, kind, GOOD, "a.xlsx", order)

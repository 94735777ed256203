"""An import whose good rows were committed first and whose corrected rows later is taken back as one."""

import pytest
from sqlalchemy import select

from imports import conflicts, run
from imports.undo import undo
from models.imports import BatchState, ImportRow
from models.people import Person
from rules.refusals import Refusal
from tests.imports.conftest import counted
from tests.imports.desk import WRONG, Desk, corrected, set_cell
from tests.imports.taken_back import differences, snapshot
from tests.imports.test_people import roster, wang


@pytest.fixture
def desk(session, load, district):
    return Desk(session, load)


def take_back(desk):
    done = undo(desk.session, desk.batch, desk.later)
    desk.session.commit()
    return done


def in_two_steps(desk, *rows, mend=corrected):
    desk.preview("people", roster(*rows))
    desk.commit(skip_errors=True)
    book = desk.download()
    mend(book)
    desk.upload(book)
    return desk.commit()


SAME_BY_MOBILE = [wang(), wang(工号="", 身份证号码="", 入党时间="明年")]
"""Only by what is on the roster then, the second row is known to be about the person of the first."""


def as_the_first(book):
    set_cell(book.worksheets[0], 3, "入党时间", "2001-07-01")
    set_cell(book.worksheets[0], 3, "职务", "主任")


def test_what_both_commits_wrote_is_undone_together(session, desk):
    desk.load("people", roster(wang(职务="村长")))
    before = snapshot(session)
    assert in_two_steps(desk, *WRONG) == counted(new=2, changed=1)
    assert take_back(desk) == {"removed": 2, "restored": 1, "left": 0}
    assert differences(before, snapshot(session)) == {}
    assert session.query(ImportRow).filter_by(batch_id=desk.batch.id).count() == 0


def test_a_row_that_both_commits_wrote_is_as_it_was_before_the_first(session, desk):
    desk.load("people", roster(wang(职务="村长")))
    before = snapshot(session)
    assert in_two_steps(desk, *SAME_BY_MOBILE, mend=as_the_first) == counted(changed=2)
    assert session.scalars(select(Person.post).where(Person.staff_no == "A001")).one() == "主任"
    assert take_back(desk) == {"removed": 0, "restored": 1, "left": 0}
    assert differences(before, snapshot(session)) == {}


def test_a_row_that_the_first_commit_added_and_the_second_changed_is_gone(session, desk):
    before = snapshot(session)
    assert in_two_steps(desk, *SAME_BY_MOBILE, mend=as_the_first) == counted(new=1, changed=1)
    assert take_back(desk) == {"removed": 1, "restored": 0, "left": 0}
    assert differences(before, snapshot(session)) == {}


@pytest.mark.parametrize("mend", [corrected, as_the_first])
def test_what_somebody_changed_between_the_commits_stays_even_if_the_second_wrote_to_it(session, desk, mend):
    desk.preview("people", roster(*(SAME_BY_MOBILE if mend is as_the_first else WRONG)))
    desk.commit(skip_errors=True)
    session.scalars(select(Person).where(Person.staff_no == "A001")).one().note = "工程师"
    session.commit()
    book = desk.download()
    mend(book)
    desk.upload(book)
    desk.commit()
    assert take_back(desk)["left"] == 1
    assert session.scalars(select(Person.name)).all() == ["王小明"]
    kind = run.of_batch(session, desk.batch, desk.later)
    assert [(each.name, each.code) for each in conflicts.found(kind, desk.batch)] == [("王小明 A001", "changed")]


def test_while_corrections_wait_nothing_is_undone(session, desk):
    desk.preview("people", roster(*WRONG))
    desk.commit(skip_errors=True)
    desk.upload(corrected(desk.download()))
    with pytest.raises(Refusal, match="Corrections of this import wait"):
        undo(session, desk.batch, desk.later)
    assert desk.batch.state == BatchState.PREVIEWED
    with pytest.raises(Refusal, match="A part of this import is committed already"):
        run.discard(session, desk.batch, desk.later)


def test_a_committed_import_is_neither_compared_nor_committed_again(session, desk):
    desk.preview("people", roster(*WRONG))
    desk.commit(skip_errors=True)
    with pytest.raises(Refusal, match="already done"):
        run.compare_again(session, desk.batch, desk.later)
    with pytest.raises(Refusal, match="already done"):
        desk.commit(skip_errors=True)
    session.rollback()
    assert (desk.batch.state, desk.batch.counts) == (BatchState.COMMITTED, counted(new=1, error=2))

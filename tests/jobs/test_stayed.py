"""A commit that was broken off has to leave what others have worked on since: it says so, and lists it."""

from datetime import timedelta

import pytest
from flask import current_app
from flask_babel import force_locale
from sqlalchemy import select

from imports import conflicts, loading, progress, run
from imports import undo as undoing
from imports.tickets import Tickets
from jobs.importing import NEWS_OF_TAKING_BACK, work_all, work_next
from models import db
from models.imports import BatchState, ImportRow
from models.notices import Notice
from models.tickets import Ticket
from rules.batches import TOLD_AFTER
from rules.refusals import Refusal
from tests.factories import make_account
from tests.imports.test_tickets import ledger, row
from tests.jobs.test_importing import asked, clock, handed_in
from tests.jobs.test_slices import (  # noqa: F401
    LEDGER,
    after,
    before_the_third_slice,
    cancel_if_wished,
    edit,
    numbers,
    raise_if_cancelled,
    threes,
    waiting,
)
from views.import_work import stayed_in_words, working
from views.imports import in_words

CALLED_OFF = ("Cancelled by %(name)s", {"name": "李主任"})


def cancel(batch, monkeypatch, meanwhile=lambda: None):
    """At the third slice; what was written waits to be taken back."""

    def press_cancel():
        meanwhile()
        with db.engine.begin() as connection:
            progress.ask_to_cancel(connection, batch.id, "李主任")

    before_the_third_slice(press_cancel, monkeypatch)
    monkeypatch.setattr(
        progress.Progress, "check", lambda told: cancel_if_wished(told, batch.id) or raise_if_cancelled(told)
    )


def break_off(session, batch, monkeypatch):
    """Cancelled at the third slice, after somebody had changed H-1 and H-4."""
    cancel(batch, monkeypatch, lambda: [edit("H-1"), edit("H-4")])
    work_next(session, clock)
    monkeypatch.undo()
    monkeypatch.setattr(Tickets, "slice_of", 3)
    monkeypatch.setattr(loading, "PAUSE_SECONDS", 0)
    assert batch.state == "undoing"


@pytest.fixture
def broken_off(session, waiting, monkeypatch):  # noqa: F811
    batch, order = waiting
    break_off(session, batch, monkeypatch)
    return batch, order


def listed(session, batch, order):
    return [(each.name.split()[-1], each.code) for each in conflicts.found(run.of_batch(session, batch, order), batch)]


def test_while_it_is_taken_back_nobody_is_told_that_nothing_was_written(session, broken_off):
    batch, _ = broken_off
    assert batch.said == CALLED_OFF
    with current_app.test_request_context():
        shown = working(batch)
        assert (shown.state, shown.may_be_cancelled) == ("正在撤回", False)


def test_what_has_to_stay_is_counted_and_listed(session, broken_off):
    batch, order = broken_off
    work_all(session, clock)
    assert (batch.state, numbers(session)) == ("previewed", ["H-1", "H-4"])
    assert (batch.said, batch.stayed, batch.left) == (CALLED_OFF, {"removed": 4, "restored": 0, "left": 2}, 2)
    assert listed(session, batch, order) == [("改过了", "changed"), ("改过了", "changed")]
    with current_app.test_request_context():
        with force_locale("zh"):
            assert stayed_in_words(batch) == "已写入的部分已撤回，其中 2 条后来又有办理或变动，予以保留。"
            assert in_words(batch.outcome) == "新增 8 · 变更 2 · 保留 2"
        with force_locale("en"):
            assert stayed_in_words(batch) == (
                "What had been written was taken back, but for 2 records that have been worked on since: they stay."
            )
            assert in_words(batch.outcome) == "new 8, changed 2, left alone 2"


def test_where_nothing_stays_it_says_that_nothing_was_written(session, waiting, monkeypatch):  # noqa: F811
    batch, _ = waiting
    cancel(batch, monkeypatch)
    work_next(session, clock)
    monkeypatch.undo()
    monkeypatch.setattr(Tickets, "slice_of", 3)
    assert batch.said == CALLED_OFF
    work_all(session, clock)
    assert (batch.said, batch.left) == (
        ("Cancelled by %(name)s; nothing was written", {"name": "李主任"}), 0
    )  # fmt: skip


def test_a_failure_that_leaves_something_does_not_say_that_nothing_was_changed(
    session, waiting, monkeypatch  # noqa: F811
):
    batch, _ = waiting

    def fail(*_):
        raise Refusal("This could not be saved. Nothing was changed; please try again")

    def meanwhile():
        edit("H-1")
        monkeypatch.setattr(Tickets, "write", fail)

    before_the_third_slice(meanwhile, monkeypatch)
    work_next(session, clock)
    monkeypatch.undo()
    work_all(session, clock)
    assert (batch.state, batch.said, batch.left) == (
        "previewed", ("This could not be saved; please try again", {}), 1
    )  # fmt: skip


def test_a_worker_that_dies_on_the_way_back_forgets_neither_why_nor_what_stayed(session, broken_off, monkeypatch):
    batch, order = broken_off

    def die():
        raise SystemExit

    after(1, die, monkeypatch, undoing)
    with pytest.raises(SystemExit):
        work_next(session, clock)
    session.execute(type(batch).__table__.update().values(taken_by="dead"))
    session.commit()
    monkeypatch.setattr(undoing, "let_others_in", loading.let_others_in)
    work_all(session, lambda: clock() + timedelta(minutes=1))
    assert (batch.state, batch.said, batch.left) == ("previewed", CALLED_OFF, 2)
    assert len(listed(session, batch, order)) == 2


def test_committed_after_all_it_lists_nothing_until_it_is_undone(session, broken_off):
    batch, order = broken_off
    work_all(session, clock)
    asked(session, batch, order)
    work_all(session, clock)
    assert (batch.state, len(numbers(session)), batch.stayed, batch.left) == ("committed", 10, {}, 0)
    asked(session, batch, order, BatchState.UNDOING)
    work_all(session, clock)
    assert (batch.state, batch.undone) == ("undone", {"removed": 8, "restored": 0, "left": 2})
    assert numbers(session) == ["H-1", "H-4"]
    assert len(listed(session, batch, order)) == 2


def test_discarded_it_still_lists_what_stays(session, broken_off):
    batch, order = broken_off
    work_all(session, clock)
    run.discard(session, batch, order)
    session.commit()
    assert (batch.state, batch.left, len(listed(session, batch, order))) == ("discarded", 2, 2)


def test_rows_of_an_earlier_import_stay_as_others_left_them(session, waiting, monkeypatch):  # noqa: F811
    work_all(session, clock)
    better = ledger(*(row(工单编号=f"H-{number}", 标题="路灯全灭") for number in range(10)))
    batch, order = handed_in(session, better, "tickets")
    work_all(session, clock)
    asked(session, batch, order)
    cancel(batch, monkeypatch, lambda: edit("H-1"))
    work_next(session, clock)
    monkeypatch.undo()
    monkeypatch.setattr(Tickets, "slice_of", 3)
    work_all(session, clock)
    assert batch.stayed == {"removed": 0, "restored": 5, "left": 1}
    titles = dict(session.execute(select(Ticket.external_id, Ticket.title)).all())
    assert (titles.pop("H-1"), set(titles.values())) == ("改过了", {"路灯不亮"})
    assert session.query(ImportRow).filter_by(batch_id=batch.id).count() == 1


def test_who_waited_long_is_told_that_it_was_broken_off(session, district, monkeypatch):
    account = make_account(session, "office", district.root)
    batch, order = handed_in(session, LEDGER, "tickets", account)
    work_all(session, clock)
    asked(session, batch, order)
    cancel(batch, monkeypatch)
    work_next(session, clock)
    monkeypatch.undo()
    work_all(session, lambda: clock() + TOLD_AFTER)
    assert [notice.message for notice in session.scalars(select(Notice))] == [NEWS_OF_TAKING_BACK]

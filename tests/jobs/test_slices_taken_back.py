"""A ledger of which slices are written is finished or taken back, whoever is killed, goes or presses what at whatever
moment."""

from contextlib import suppress

import pytest
from flask import current_app
from sqlalchemy import text

from imports import batches, committing, diff, loading, progress
from imports import undo as undoing
from jobs.importing import work_all, work_next
from models import db
from models.imports import BatchState
from rules.refusals import Refusal
from tests.factories import make_account
from tests.imports.taken_back import differences, snapshot
from tests.imports.test_tickets import ledger, row
from tests.jobs.test_importing import asked, clock, handed_in
from tests.jobs.test_slices import LEDGER, after, before_the_third_slice, edit, numbers, threes, waiting  # noqa: F401
from views.import_work import undo_action


def die():
    raise SystemExit


def killed(session, then, monkeypatch):
    """At the third slice, once `then` has happened."""
    before_the_third_slice(die, monkeypatch)
    with pytest.raises(SystemExit):
        work_next(session, clock)
    monkeypatch.setattr(committing, "let_others_in", loading.let_others_in)
    session.expire_all()
    then()
    session.commit()


def wish(batch):
    with db.engine.begin() as connection:
        progress.ask_to_cancel(connection, batch.id, "李主任")


def given_up(session, batch, monkeypatch):
    """By the worker that took it up after one was killed; it is to be taken back."""
    forgotten = progress.forget_wish
    wish(batch)
    monkeypatch.setattr(progress, "forget_wish", lambda *_: die())
    with suppress(SystemExit):
        work_next(session, clock)
    monkeypatch.setattr(progress, "forget_wish", forgotten)
    session.rollback()
    session.expire_all()
    assert (batch.state, batch.half_written) == ("undoing", True)


def test_killed_before_the_wish_is_forgotten_it_is_taken_back_all_the_same(session, waiting, monkeypatch):  # noqa: F811
    batch, order = waiting
    lay = snapshot(session)
    killed(session, lambda: None, monkeypatch)
    given_up(session, batch, monkeypatch)
    work_all(session, clock)
    assert (batch.state, batch.half_written, numbers(session)) == ("previewed", False, [])
    assert differences(lay, snapshot(session)) == {}
    asked(session, batch, order)
    work_all(session, clock)
    assert (batch.state, len(numbers(session))) == ("committed", 10)


def test_who_wished_to_stop_an_undoing_that_has_begun_is_too_late(session, waiting, monkeypatch):  # noqa: F811
    batch, order = waiting
    work_all(session, clock)
    asked(session, batch, order, BatchState.UNDOING)
    after(2, die, monkeypatch, undoing)
    with pytest.raises(SystemExit):
        work_next(session, clock)
    monkeypatch.setattr(undoing, "let_others_in", loading.let_others_in)
    wish(batch)
    work_all(session, clock)
    assert (batch.state, batch.undone, numbers(session)) == ("undone", {"removed": 10, "restored": 0, "left": 0}, [])


@pytest.mark.parametrize("lost", ["account", "units"])
def test_whoever_has_lost_their_rights_half_way_leaves_nothing_half_written(session, district, monkeypatch, lost):
    account = make_account(session, "dispatcher", district.town)
    batch, order = handed_in(session, LEDGER, "tickets", account)
    work_all(session, clock)
    asked(session, batch, order)

    def lose():
        if lost == "account":
            account.user.active = False
        else:
            account.person.unit = district.far_town

    killed(session, lose, monkeypatch)
    assert len(numbers(session)) == 6
    work_all(session, clock)
    assert (batch.state, batch.half_written, numbers(session)) == ("previewed", False, [])


def test_what_became_an_error_of_its_row_keeps_nobody_from_going_on(session, waiting, monkeypatch):  # noqa: F811
    work_all(session, clock)
    better = ledger(*(row(工单编号=f"H-{number}", 标题="路灯全灭") for number in range(10)))
    batch, order = handed_in(session, better, "tickets")
    work_all(session, clock)
    asked(session, batch, order)

    kept, seen = loading.let_others_in, [0]

    def let_others_in(connection):
        kept(connection)
        seen[0] += 1
        if seen[0] == 2:
            edit("H-4")
        if seen[0] == 3:
            die()

    monkeypatch.setattr(committing, "let_others_in", let_others_in)
    with pytest.raises(SystemExit):
        work_next(session, clock)
    monkeypatch.setattr(committing, "let_others_in", kept)
    work_all(session, clock)
    assert (batch.state, batch.counts) == ("committed", {"new": 0, "changed": 9, "same": 0, "error": 1})


def test_what_kills_every_worker_that_takes_it_back_can_be_undone_later(session, waiting, monkeypatch):  # noqa: F811
    batch, order = waiting
    killed(session, lambda: None, monkeypatch)
    given_up(session, batch, monkeypatch)
    taken_back = undoing.Undoing.take_back
    monkeypatch.setattr(undoing.Undoing, "take_back", lambda _: die())
    for _ in range(3):
        with pytest.raises(SystemExit):
            work_next(session, clock)
    work_all(session, clock)
    assert (batch.state, batch.half_written, len(numbers(session))) == ("committed", True, 6)
    assert batch.said == (batches.HALF_LEFT, {})
    with current_app.test_request_context():
        assert [action["url"] for action in undo_action(batch)] == [f"/imports/undo/{batch.id}"]
    with pytest.raises(Refusal, match="still in the data"):
        asked(session, batch, order, BatchState.REREADING, task={"from": "committed", "do": "compare"})
    session.rollback()
    monkeypatch.setattr(undoing.Undoing, "take_back", taken_back)
    asked(session, batch, order, BatchState.UNDOING)
    work_all(session, clock)
    assert (batch.state, numbers(session)) == ("previewed", [])
    assert batch.said == ("What had been written before it was broken off has been taken back", {})


def test_comparing_what_waits_again_keeps_nobody_waiting(session, waiting, monkeypatch):  # noqa: F811
    batch, _ = waiting
    killed(session, lambda: None, monkeypatch)
    given_up(session, batch, monkeypatch)
    compare, written = diff.compare, []

    def compare_beside_others(kind):
        counts = compare(kind)
        with db.engine.begin() as other:
            if other.dialect.name == "sqlite":
                other.execute(text("PRAGMA busy_timeout = 50"))
            written.append(other.execute(text("UPDATE import_batch SET filename = 'x'")).rowcount)
        return counts

    monkeypatch.setattr(diff, "compare", compare_beside_others)
    work_all(session, clock)
    assert (batch.state, written) == ("previewed", [1])

"""A ledger that is written slice by slice is, whatever comes between, written whole or not at all."""

import pytest
from sqlalchemy import func, select

from imports import batches, committing, conflicts, loading, progress, run
from imports import undo as undoing
from imports.tickets import Tickets
from jobs.importing import work_all, work_next
from models import db
from models.events import TicketEvent
from models.imports import BatchState, ImportMark, ImportRow
from models.legs import Leg
from models.tickets import Ticket
from rules.refusals import Refusal
from tests.imports.taken_back import differences, snapshot
from tests.imports.test_tickets import ledger, row
from tests.jobs.test_importing import asked, clock, handed_in

LEDGER = ledger(*(row(工单编号=f"H-{number}") for number in range(10)))


@pytest.fixture(autouse=True)
def threes(monkeypatch):
    monkeypatch.setattr(Tickets, "slice_of", 3)
    monkeypatch.setattr(loading, "PAUSE_SECONDS", 0)


@pytest.fixture
def waiting(session, district):
    """A ledger that has been read, and is to be committed."""
    batch, order = handed_in(session, LEDGER, "tickets")
    work_all(session, clock)
    assert (batch.state, batch.new) == ("previewed", 10)
    asked(session, batch, order)
    return batch, order


def numbers(session):
    session.expire_all()
    return session.scalars(select(Ticket.external_id).order_by(Ticket.id)).all()


def after(count, then, monkeypatch, module=committing):
    """`then` happens when so many slices are written."""
    seen, kept = [0], loading.let_others_in

    def let_others_in(connection):
        kept(connection)
        seen[0] += 1
        if seen[0] == count:
            then()

    monkeypatch.setattr(module, "let_others_in", let_others_in)


def before_the_third_slice(then, monkeypatch):
    """What has been compared is kept first, then come the slices."""
    after(3, then, monkeypatch)


def edit(number):
    """As somebody at a screen does it in the meantime."""
    with db.engine.begin() as connection:
        ticket = Ticket.__table__
        mine = ticket.update().where(ticket.c.external_id == number)
        connection.execute(mine.values(title="改过了", version=ticket.c.version + 1))


def test_slices_come_to_the_same_as_one_piece(session, waiting):
    batch, order = waiting
    work_all(session, clock)
    assert (batch.state, batch.counts) == ("committed", {"new": 10, "changed": 0, "same": 0, "error": 0})
    assert numbers(session) == [f"H-{number}" for number in range(10)]
    assert session.scalar(select(func.count()).select_from(Leg)) == 10
    assert session.scalar(select(func.count()).select_from(TicketEvent)) == 60
    slices = select(ImportRow.slice, func.count()).where(ImportRow.subject == "ticket").group_by(ImportRow.slice)
    assert dict(session.execute(slices).all()) == {0: 3, 1: 3, 2: 3, 3: 1}
    assert not batch.half_written
    with pytest.raises(Refusal, match="already done"):
        asked(session, batch, order)


def test_each_slice_is_kept_by_itself_and_tells_how_far_it_is(session, waiting, monkeypatch):
    batch, _ = waiting
    seen = []

    def look():
        with db.engine.connect() as other:
            there = other.scalar(select(func.count()).select_from(Ticket))
            told = other.scalar(select(type(batch).options).where(type(batch).id == batch.id))
            seen.append((there, told["sliced"]["done"]))

    before_the_third_slice(look, monkeypatch)
    work_all(session, clock)
    assert seen == [(6, 6)]


def test_undone_in_slices_the_data_is_as_before(session, district):
    lay = snapshot(session)
    batch, order = handed_in(session, LEDGER, "tickets")
    work_all(session, clock)
    asked(session, batch, order)
    work_all(session, clock)
    asked(session, batch, order, BatchState.UNDOING)
    work_all(session, clock)
    assert (batch.state, batch.undone) == ("undone", {"removed": 10, "restored": 0, "left": 0})
    assert differences(lay, snapshot(session)) == {}
    assert (session.query(ImportRow).count(), session.query(ImportMark).count()) == (0, 0)


def test_a_worker_that_is_killed_half_way_leaves_the_rest_to_another(session, waiting, monkeypatch):
    batch, _ = waiting

    def die():
        raise SystemExit

    before_the_third_slice(die, monkeypatch)
    with pytest.raises(SystemExit):
        work_next(session, clock)
    monkeypatch.setattr(committing, "let_others_in", loading.let_others_in)
    session.expire_all()
    assert (batch.state, batch.half_written, len(numbers(session))) == ("committing", True, 6)
    work_all(session, clock)
    assert (batch.state, numbers(session)) == ("committed", [f"H-{number}" for number in range(10)])
    assert session.scalar(select(func.count()).select_from(TicketEvent)) == 60


def test_a_worker_that_is_started_anew_after_every_slice_comes_to_the_end(session, waiting, monkeypatch):
    batch, _ = waiting

    def die():
        raise SystemExit

    for slices in range(1, 5):
        after(2 if slices == 1 else 1, die, monkeypatch)
        with pytest.raises(SystemExit):
            work_next(session, clock)
        assert (batch.state, len(numbers(session))) == ("committing", min(3 * slices, 10))
    monkeypatch.setattr(committing, "let_others_in", loading.let_others_in)
    work_all(session, clock)
    assert (batch.state, batch.new, len(numbers(session))) == ("committed", 10, 10)


def test_cancelled_half_way_what_was_written_is_taken_back_and_it_can_be_committed_later(session, waiting, monkeypatch):
    batch, order = waiting
    lay = snapshot(session)

    def press_cancel():
        with db.engine.begin() as connection:
            progress.ask_to_cancel(connection, batch.id, "李主任")

    before_the_third_slice(press_cancel, monkeypatch)
    monkeypatch.setattr(
        progress.Progress, "check", lambda told: cancel_if_wished(told, batch.id) or raise_if_cancelled(told)
    )
    work_next(session, clock)
    assert batch.state == "undoing"
    with pytest.raises(Refusal, match="cannot be stopped half-way"):
        batches.refuse_to_stop(batch)
    monkeypatch.undo()
    monkeypatch.setattr(Tickets, "slice_of", 3)
    work_all(session, clock)
    assert (batch.state, batch.counts["new"], batch.half_written) == ("previewed", 10, False)
    assert batch.said == ("Cancelled by %(name)s; nothing was written", {"name": "李主任"})
    assert differences(lay, snapshot(session)) == {}
    asked(session, batch, order)
    work_all(session, clock)
    assert (batch.state, len(numbers(session))) == ("committed", 10)


def cancel_if_wished(told, batch_id):
    with db.engine.connect() as connection:
        if name := progress.wants_cancel(connection, batch_id):
            told.cancel(name)


def raise_if_cancelled(told):
    if told.cancelled:
        raise progress.Cancelled


def test_what_somebody_changes_between_two_slices_is_left_to_look_at_again(session, waiting, monkeypatch):
    work_all(session, clock)
    better = ledger(*(row(工单编号=f"H-{number}", 标题="路灯全灭") for number in range(10)))
    batch, order = handed_in(session, better, "tickets")
    work_all(session, clock)
    assert batch.changed == 10
    asked(session, batch, order)

    before_the_third_slice(lambda: edit("H-8"), monkeypatch)
    work_all(session, clock)
    assert (batch.state, batch.counts) == ("committed", {"new": 0, "changed": 9, "same": 0, "error": 1})
    assert dict(session.execute(select(Ticket.title, func.count()).group_by(Ticket.title)).all()) == {
        "路灯全灭": 9, "改过了": 1
    }  # fmt: skip
    [error] = run.errors(session, batch)
    assert (error.code, error.message) == (
        "overtaken",
        "Somebody changed this while the import was being written: look at the row again",
    )


def test_what_happens_to_a_request_between_two_slices_keeps_it_from_being_taken_back(session, waiting, monkeypatch):
    batch, order = waiting

    def note():
        with db.engine.begin() as connection:
            event = TicketEvent.__table__
            ticket = connection.scalar(select(Ticket.id).where(Ticket.external_id == "H-1"))
            connection.execute(event.insert().values(
                ticket_id=ticket, action="add_note", at=clock(), name="张三", unit_name="", public=False, data={},
            ))  # fmt: skip

    before_the_third_slice(note, monkeypatch)
    work_all(session, clock)
    asked(session, batch, order, BatchState.UNDOING)
    work_all(session, clock)
    assert (batch.state, batch.undone, numbers(session)) == (
        "undone", {"removed": 9, "restored": 0, "left": 1}, ["H-1"]
    )  # fmt: skip
    kind = run.of_batch(session, batch, order)
    [conflict] = conflicts.found(kind, batch)
    assert (conflict.code, conflict.table, conflict.who) == ("newer", "ticket_event", "张三")


def test_a_worker_that_dies_while_it_takes_back_leaves_the_rest_to_another(session, waiting, monkeypatch):
    batch, order = waiting
    work_all(session, clock)
    asked(session, batch, order, BatchState.UNDOING)

    def die():
        raise SystemExit

    after(1, die, monkeypatch, undoing)
    with pytest.raises(SystemExit):
        work_next(session, clock)
    assert (batch.state, batch.half_undone, len(numbers(session))) == ("undoing", True, 4)
    monkeypatch.setattr(undoing, "let_others_in", loading.let_others_in)
    work_all(session, clock)
    assert (batch.state, batch.undone, numbers(session)) == ("undone", {"removed": 10, "restored": 0, "left": 0}, [])


def test_two_ledgers_are_never_written_at_once(session, waiting):
    first, order = waiting
    second, _ = handed_in(session, LEDGER, "tickets")
    claim = batches.take(session, clock(), first.id)
    session.commit()
    assert claim.state is BatchState.COMMITTING
    assert work_all(session, clock) == 1
    asked(session, second, order)
    assert (second.state, work_all(session, clock)) == ("committing", 0)

"""Units merge or move while a ledger waits, or between two of its slices."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from imports import committing, loading, run
from imports.tickets import Tickets
from jobs.importing import Attempt, work_all, work_next
from models import db
from models.acting import SYSTEM
from models.imports import BatchState
from models.legs import Leg
from models.tickets import Ticket
from models.unit_changes import merge
from models.units import Unit, move
from rules.refusals import Refusal
from rules.workdays import local_date
from tests.factories import make_account
from tests.imports.books import xlsx
from tests.imports.meanwhile import FOLLOWED
from tests.imports.taken_back import differences, snapshot
from tests.imports.test_tickets import NOT_YET, ledger, row
from tests.jobs.test_importing import asked, clock, handed_in
from tests.jobs.test_rereading import ask
from tests.jobs.test_slices import LEDGER, before_the_third_slice, numbers, threes, waiting  # noqa: F401

STILL_OPEN = ledger(*(row(工单编号=f"H-{number}", **NOT_YET) for number in range(10)))


def in_another_session(do):
    """As somebody at a screen."""
    with Session(db.engine) as other:
        do(other)
        other.commit()


def merging(old="339901001001", into="339901001002"):
    def do(other):
        units = {unit.code: unit for unit in other.scalars(select(Unit))}
        merge(other, [units[old]], units[into], local_date(clock()), SYSTEM, clock(), reason="撤并")

    in_another_session(do)


def moving(other):
    units = {unit.code: unit for unit in other.scalars(select(Unit))}
    move(other, units["339901001001"], units["339901002000"])


def closing(other):
    village = other.scalars(select(Unit).where(Unit.code == "339901001001")).one()
    village.valid_to = local_date(clock()) - timedelta(1)


def places(session):
    """Number, unit of the request, unit of its leg, in the order of the ledger."""
    session.expire_all()
    rows = select(Ticket.external_id, Ticket.path, Leg.path).join(Leg).order_by(Ticket.external_id)
    return [tuple(each) for each in session.execute(rows)]


def notes(batch):
    return [note.message % note.values for note in run.notes(batch)]


def undone(session, batch, order):
    asked(session, batch, order, BatchState.UNDOING)
    work_all(session, clock)
    return batch.state, batch.undone


def test_merged_before_the_commit_all_of_it_goes_to_the_heir(session, district, waiting):  # noqa: F811
    batch, order = waiting
    merging()
    lay = snapshot(session)
    work_all(session, clock)
    assert (batch.state, batch.new) == ("committed", 10)
    assert places(session) == [(f"H-{number}", *[district.twin.path] * 2) for number in range(10)]
    assert FOLLOWED in notes(batch)
    assert undone(session, batch, order) == ("undone", {"removed": 10, "restored": 0, "left": 0})
    assert differences(lay, snapshot(session)) == {}


def test_merged_between_two_slices_the_past_stays_and_the_rest_goes_to_the_heir(
    session, district, waiting, monkeypatch  # noqa: F811
):
    batch, order = waiting
    old, heir = district.village.path, district.twin.path
    before_the_third_slice(merging, monkeypatch)
    work_all(session, clock)
    assert (batch.state, batch.counts) == ("committed", {"new": 10, "changed": 0, "same": 0, "error": 0})
    assert places(session) == [(f"H-{number}", *[old if number < 6 else heir] * 2) for number in range(10)]
    assert notes(batch).count(FOLLOWED) == 1
    assert undone(session, batch, order) == ("undone", {"removed": 10, "restored": 0, "left": 0})
    assert numbers(session) == []


def test_moved_between_two_slices_all_of_it_lies_under_the_new_town(session, waiting, monkeypatch):  # noqa: F811
    batch, order = waiting
    before_the_third_slice(lambda: in_another_session(moving), monkeypatch)
    work_all(session, clock)
    assert batch.state == "committed"
    there = "/339901000000/339901002000/339901001001/"
    assert places(session) == [(f"H-{number}", there, there) for number in range(10)]
    assert undone(session, batch, order) == ("undone", {"removed": 10, "restored": 0, "left": 0})


def test_what_had_been_written_and_moved_with_a_merger_is_left_alone_and_the_rest_taken_back(
    session, district, monkeypatch
):
    batch, order = handed_in(session, STILL_OPEN, "tickets")
    work_all(session, clock)
    asked(session, batch, order)
    before_the_third_slice(merging, monkeypatch)
    work_all(session, clock)
    assert batch.state == "committed"
    assert places(session) == [(f"H-{number}", *[district.twin.path] * 2) for number in range(10)]
    assert undone(session, batch, order) == ("undone", {"removed": 4, "restored": 0, "left": 6})


def test_closed_between_two_slices_what_is_still_open_becomes_an_error_of_its_row(session, district, monkeypatch):
    batch, order = handed_in(session, STILL_OPEN, "tickets")
    work_all(session, clock)
    asked(session, batch, order)
    before_the_third_slice(lambda: in_another_session(closing), monkeypatch)
    work_all(session, clock)
    assert (batch.state, batch.counts) == ("committed", {"new": 6, "changed": 0, "same": 0, "error": 4})
    errors = run.errors(session, batch)
    assert {error.code for error in errors} == {"unit_ended"}
    assert [error.cell for error in errors[:2]] == ["I9", "M9"]


def test_an_heir_outside_ones_units_between_two_slices_leaves_the_rest_out(session, district, monkeypatch):
    account = make_account(session, "dispatcher", district.town)
    batch, order = handed_in(session, LEDGER, "tickets", account)
    work_all(session, clock)
    asked(session, batch, order)
    before_the_third_slice(lambda: merging(into="339901002001"), monkeypatch)
    work_all(session, clock)
    assert (batch.state, batch.counts) == ("committed", {"new": 6, "changed": 0, "same": 0, "error": 4})
    assert {error.code for error in run.errors(session, batch)} == {"unit_ended"}


def test_a_worker_that_goes_on_after_a_merger_follows_it(session, district, waiting, monkeypatch):  # noqa: F811
    batch, _ = waiting

    def die():
        raise SystemExit

    before_the_third_slice(die, monkeypatch)
    monkeypatch.setattr(Attempt, "_leave_to_others", lambda attempt: attempt.heart.let_go())
    with pytest.raises(SystemExit):
        work_next(session, clock)
    monkeypatch.setattr(committing, "let_others_in", loading.let_others_in)
    merging()
    work_all(session, lambda: clock() + timedelta(minutes=1))
    assert batch.state == "committed"
    assert [path for _, path, _ in places(session)] == [district.village.path] * 6 + [district.twin.path] * 4
    assert batch.said == ("The attempt before ended unexpectedly; this one goes on from where that was", {})


def test_compared_again_by_a_worker_it_says_what_gave_way(session, district):
    batch, order = handed_in(session, LEDGER, "tickets")
    work_all(session, clock)
    merging()
    ask(session, batch, order, "compare")
    work_all(session, clock)
    assert (batch.state, batch.new, FOLLOWED in notes(batch)) == ("previewed", 10, True)
    asked(session, batch, order)
    work_all(session, clock)
    assert {path for _, path, _ in places(session)} == {district.twin.path}
    assert notes(batch).count(FOLLOWED) == 1


def test_a_list_of_units_is_read_again_when_it_is_compared(session, district):
    book = xlsx([["代码", "名称", "上级代码"], ["339901001001-02", "石桥第二网格", "339901001001"]])
    batch, order = handed_in(session, book, "units")
    work_all(session, clock)
    merging()
    asked(session, batch, order)
    work_all(session, clock)
    assert (batch.state, batch.said[0]) == (
        "previewed", "The data has changed since the preview: compare again, then commit"
    )  # fmt: skip
    ask(session, batch, order, "compare")
    work_all(session, clock)
    assert (batch.state, batch.new, batch.said[0]) == ("previewed", 1, "Compared with today's data")
    asked(session, batch, order)
    work_all(session, clock)
    made = session.scalars(select(Unit).where(Unit.code == "339901001001-02")).one()
    assert (batch.state, made.parent, made.path) == (
        "committed", district.twin, f"{district.twin.path}339901001001-02/"
    )  # fmt: skip
    assert undone(session, batch, order) == ("undone", {"removed": 1, "restored": 0, "left": 0})


def test_what_merged_meanwhile_is_counted_no_more_when_a_list_of_units_is_compared_again(session, district):
    book = xlsx([["代码", "名称", "并入"], ["339901001001", "石桥村", "339901001002"]])
    batch, order = handed_in(session, book, "units")
    work_all(session, clock)
    assert notes(batch)[0].startswith("Units to be merged into others: 1.")
    merging()
    ask(session, batch, order, "compare")
    work_all(session, clock)
    session.expire_all()
    assert (batch.counts["same"], notes(batch)) == (1, [])


def test_what_waits_again_after_a_merger_waits_for_the_heir(session, district, waiting, monkeypatch):  # noqa: F811
    batch, order = waiting

    def refuse(*_):
        raise Refusal("no more")

    def meanwhile():
        merging()
        monkeypatch.setattr(Tickets, "write", refuse)

    before_the_third_slice(meanwhile, monkeypatch)
    work_next(session, clock)
    assert batch.state == "undoing"
    monkeypatch.undo()
    monkeypatch.setattr(Tickets, "slice_of", 3)
    work_all(session, clock)
    assert (batch.state, batch.new, numbers(session)) == ("previewed", 10, [])
    asked(session, batch, order)
    work_all(session, clock)
    assert {path for _, path, _ in places(session)} == {district.twin.path}

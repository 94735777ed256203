"""Who of the lead unit has a request in hand, as a ledger says it."""

import pytest
import sqlalchemy as sa

from imports import preview, run
from imports.kind import Order
from imports.ticket_stage import stage
from imports.undo import undo
from models.acting import EVERYTHING, SYSTEM
from models.ratings import Rating
from tests.factories import make_person
from tests.imports.books import xlsx
from tests.imports.conftest import counted
from tests.imports.taken_back import differences, snapshot
from tests.imports.test_tickets import HEAD, NOT_YET, row, the_ticket
from tests.stage import at


def ledger(*rows):
    """Each with the handler it names."""
    return xlsx([[*HEAD, "经办人"], *([*cells, handler] for handler, cells in rows)])


@pytest.fixture
def wang(session, district):
    made = make_person(session, district.village, "王芳")
    make_person(session, district.twin, "王芳")
    make_person(session, district.village, "李经办")
    session.commit()
    return made


@pytest.mark.parametrize("written", ["王芳", "王　芳", "{number}", "王芳（{number}）"])
def test_who_is_named_has_it_in_hand(session, load, wang, written):
    assert load("tickets", ledger((written.format(number=wang.staff_no), row(**NOT_YET)))) == counted(new=1)
    ticket = the_ticket(session)
    assert (ticket.lead.handler_id, ticket.credited_person_id) == (wang.id, None)


def test_an_answer_is_credited_to_who_handled_it_and_so_are_its_stars(session, load, wang):
    load("tickets", ledger(("王芳", row())))
    assert the_ticket(session).credited_person_id == wang.id
    assert session.scalars(sa.select(Rating)).one().person_id == wang.id


def test_a_ledger_without_the_column_leaves_it_to_the_unit(session, load, district):
    load("tickets", xlsx([HEAD, row(**NOT_YET)]))
    assert the_ticket(session).lead.handler_id is None


def test_a_name_that_nobody_of_the_unit_bears_is_an_error_at_its_cell(session, load, district, wang):
    assert load("tickets", ledger(("赵六", row(**NOT_YET)))) == counted(error=1)
    (error,) = run.errors(session, load.batch)
    assert (error.cell, error.value, error.code) == ("S2", "赵六", "unknown_person")
    assert error.message % error.values == "Nobody of 石桥村 on the roster is called “赵六”"
    elsewhere = make_person(session, district.far_village, "钱远")
    session.commit()
    assert load("tickets", ledger((elsewhere.staff_no, row(**NOT_YET)))) == counted(error=1)


def test_a_name_that_two_of_the_unit_bear_is_an_error_that_lists_them(session, load, district, wang):
    other = make_person(session, district.village, "王芳")
    session.commit()
    assert load("tickets", ledger(("王芳", row(**NOT_YET)))) == counted(error=1)
    (error,) = run.errors(session, load.batch)
    assert (error.code, error.values["candidates"]) == (
        "ambiguous_person", f"王芳（石桥村 {wang.staff_no}）、王芳（石桥村 {other.staff_no}）",
    )  # fmt: skip


def test_who_has_left_is_still_known_to_an_old_ledger(session, load, wang):
    wang.employment = "left"
    session.commit()
    assert load("tickets", ledger(("王芳", row()))) == counted(new=1)


def test_a_later_ledger_changes_keeps_and_clears_the_handler(session, load, wang):
    load("tickets", ledger(("王芳", row(**NOT_YET))))
    assert load("tickets", ledger(("", row(**NOT_YET)))) == counted(same=1)
    order, counts = load.preview("tickets", ledger(("李经办", row(**NOT_YET))))
    assert counts == counted(changed=1)
    (shown,) = preview.page(run.of_batch(session, load.batch, order), "changed", limit=5, offset=0)
    assert [(cell.title, cell.old, cell.text) for cell in shown.changes] == [("经办人", "王芳", "李经办")]
    assert load("tickets", ledger(("清空", row(**NOT_YET)))) == counted(changed=1)
    assert the_ticket(session).lead.handler_id is None


def test_a_request_that_goes_to_another_unit_leaves_its_handler_behind(session, load, wang):
    load("tickets", ledger(("王芳", row(**NOT_YET))))
    assert load("tickets", ledger(("", row(主办单位="沙口村", **NOT_YET)))) == counted(changed=1)
    leg = the_ticket(session).lead
    assert (leg.unit_name, leg.handler_id) == ("沙口村", None)


def test_a_request_settled_by_a_later_ledger_is_credited_to_its_handler(session, load, wang):
    load("tickets", ledger(("王芳", row(**NOT_YET))))
    load("tickets", ledger(("", row())))
    assert the_ticket(session).credited_person_id == wang.id


def test_undoing_takes_the_handler_back(session, load, wang):
    load("tickets", ledger(("王芳", row(**NOT_YET))))
    before = snapshot(session)
    load("tickets", ledger(("李经办", row()), ("王芳", row(工单编号="H-2"))))
    assert undo(session, load.batch, Order(SYSTEM, EVERYTHING, at("2026-11-21 09:00"))) == {
        "removed": 1, "restored": 1, "left": 0,
    }  # fmt: skip
    session.commit()
    assert differences(before, snapshot(session)) == {}


def test_a_stage_that_an_earlier_version_made_gets_the_columns_that_have_come_since(session, load, wang):
    session.execute(sa.text(f"ALTER TABLE {stage.fullname} DROP COLUMN handler_id"))
    session.commit()
    assert load("tickets", ledger(("王芳", row()))) == counted(new=1)

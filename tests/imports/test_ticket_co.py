"""Units that help the lead unit of a request from a ledger."""

import pytest
from sqlalchemy import select

from imports import committing, run
from imports.undo import undo
from models.acting import scope_for
from models.figures import Count, overall
from models.legs import Leg
from models.unit_changes import merge
from rules.periods import parse_month
from tests.factories import actor
from tests.imports.books import xlsx
from tests.imports.conftest import counted
from tests.imports.meanwhile import NOON, TODAY
from tests.imports.test_preview import shown
from tests.imports.test_tickets import HEAD, NOT_YET, OPEN, row
from tests.stage import at


def ledger(*rows):
    """Each of the units that help, and the row."""
    return xlsx([[*HEAD, "协办单位"], *([*cells, co] for co, cells in rows)])


def legs(session):
    session.expire_all()
    found = session.scalars(select(Leg).order_by(Leg.ticket_id, Leg.seq))
    return [(each.seq, each.role, each.unit_name, each.state) for each in found]


@pytest.mark.parametrize("between", ["、", "，", ",", "；", ";", " ", "\n"])
def test_each_unit_that_helped_has_a_leg_beside_that_of_the_lead_unit(session, load, district, between):
    assert load("tickets", ledger((f"区交通局{between}沙口村", row()))) == counted(new=1), load.errors
    assert legs(session) == [
        (1, "lead", "石桥村", "rated"),
        (2, "co", "沙口村", "rated"),
        (3, "co", "区交通局", "rated"),
    ]


def test_no_time_is_invented_for_them(session, load, district):
    load("tickets", ledger(("沙口村", row()), ("沙口村", row(工单编号="H-2", 派单时间="", 签收时间=""))))
    done, answered = session.scalars(select(Leg).where(Leg.role == "co").order_by(Leg.ticket_id))
    assert (done.dispatched_at, done.settled_at) == (at("2026-10-08 09:30"), at("2026-10-10 16:30"))
    assert (done.signed_at, done.sign_due_at, done.settle_due_at, done.remind_at) == (None, None, None, None)
    assert (answered.dispatched_at, answered.settled_at) == (None, at("2026-10-10 16:30"))


def test_a_request_in_hand_is_in_the_hands_of_all_until_a_ledger_settles_it(session, load, district):
    load("tickets", ledger(("沙口村", row(**NOT_YET))))
    _, co = session.scalars(select(Leg).order_by(Leg.seq))
    assert (co.state, co.settled_at, co.settle_due_at, co.remind_at) == ("handling", None, None, None)
    assert load("tickets", ledger(("沙口村", row(满意度="")))) == counted(changed=1)
    session.expire_all()
    assert (co.state, co.settled_at, co.settle_due_at) == ("settled", at("2026-10-10 16:30"), None)


def test_nobody_is_counted_for_not_having_signed_for_what_the_lead_unit_signs_for(session, load, district):
    load("tickets", ledger(("沙口村", row())))
    month = parse_month("2026-10")
    assert overall(session, district.root.path, month.start, month.end, at("2026-11-20 12:00"))["sign"] == Count(
        1, 1, 0
    )


def test_the_same_ledger_again_writes_nothing_and_another_unit_joins(session, load, district):
    book = ledger(("沙口村、石桥村", row()))
    load("tickets", book)
    assert load("tickets", book) == counted(same=1)
    assert load("tickets", ledger(("", row()))) == counted(same=1)
    load.preview("tickets", ledger(("区交通局", row())))
    [line] = shown(session, load, "changed")
    assert [(cell.title, cell.old, cell.text) for cell in line.changes] == [("协办单位", "沙口村", "沙口村、区交通局")]
    assert load("tickets", ledger(("区交通局", row()))) == counted(changed=1)
    assert [name for _, _, name, _ in legs(session)] == ["石桥村", "沙口村", "区交通局"]


def test_undo_takes_them_out_again(session, load, district):
    load("tickets", ledger(("", row()), ("", row(工单编号="H-2", **NOT_YET))))
    before = legs(session)
    order, _ = load.preview("tickets", ledger(("沙口村", row()), ("沙口村", row(工单编号="H-2", 满意度=""))))
    committing.commit(session, load.batch, order, skip_errors=False)
    session.commit()
    assert len(legs(session)) == 4
    assert undo(session, load.batch, order) == {"removed": 0, "restored": 2, "left": 0}
    session.commit()
    assert legs(session) == before


def test_undo_of_a_new_request_leaves_no_leg(session, load, district):
    book = ledger(("沙口村", row()))
    order, _ = load.preview("tickets", book)
    committing.commit(session, load.batch, order, skip_errors=False)
    session.commit()
    undo(session, load.batch, order)
    session.commit()
    assert legs(session) == []


def test_the_preview_shows_them_by_name(session, load, district):
    load.preview("tickets", ledger(("石桥 区交通局,沙口村", row())))
    [line] = shown(session, load, "new")
    assert {cell.title: cell.text for cell in line.face}["协办单位"] == "区交通局、沙口村"


def test_each_unknown_unit_is_an_error_of_its_cell(session, load, district):
    assert load("tickets", ledger(("无此局、沙口村、无此村", row()))) == counted(error=1)
    assert load.errors == [("S2", "无此局、沙口村、无此村", "unknown_unit")] * 2
    assert load.said == ["There is no unit “无此局”", "There is no unit “无此村”"]


def test_nobody_helps_where_nobody_leads(session, load, district):
    load("tickets", ledger(("沙口村", row(**OPEN))))
    assert load.errors == [("S2", "沙口村", "required")]


def test_a_town_charges_no_unit_that_it_could_not_dispatch_to(session, load, district):
    town = actor(session, "dispatcher", district.town)
    session.commit()
    load("tickets", ledger(("沙口村", row())), by=town, scope=scope_for(town))
    assert load.errors == [("S2", "沙口村", "outside")]


def test_open_work_goes_to_whoever_took_over_from_a_unit_since_the_file_was_read(session, load, district, office):
    order, _ = load.preview("tickets", ledger(("沙口村", row(**NOT_YET))))
    merge(session, [district.far_village], district.far_twin, TODAY, office, NOON, reason="撤并")
    session.commit()
    later = run.order_of(load.batch, order.by, order.scope, NOON)
    run.compare_again(session, load.batch, later)
    session.commit()
    committing.commit(session, load.batch, later, skip_errors=False)
    session.commit()
    assert [each[2:] for each in legs(session)] == [("石桥村", "handling"), ("蒋湾村", "handling")]

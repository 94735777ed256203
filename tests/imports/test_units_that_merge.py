"""Lists that say which unit has merged into which."""

from datetime import date

import pytest
import sqlalchemy as sa

from imports import committing, conflicts, run
from imports.kind import Order
from imports.preview import page
from imports.undo import undo
from jobs.unit_changes import change_units
from models.acting import EVERYTHING, SYSTEM, Scope
from models.changes import Change
from models.people import Person
from models.tickets import Ticket
from models.unit_changes import UnitChange, merge
from models.units import Unit, UnitAlias
from tests.cases import make_leg, make_ticket
from tests.factories import actor, make_household, make_person
from tests.factories import unit as make_unit
from tests.imports.books import xlsx
from tests.imports.conftest import counted
from tests.imports.desk import Desk, set_cell
from tests.imports.taken_back import differences, snapshot
from tests.stage import at

HEAD = ["代码", "名称", "上级代码", "层级", "是否撤销", "并入", "撤并日期"]
VILLAGE = ["339901001001", "石桥村", "", "", "", "339901001002", "2026-11-01"]
TWIN = ["339901001002", "蒋湾村", "", "", "", "", ""]
LATER = at("2026-11-21 09:00")


def book(*rows):
    return xlsx([HEAD, *rows])


def row(code="339901001001", name="石桥村", above="", kind="", closed="", into="339901001002", day=""):
    return [code, name, above, kind, closed, into, day]


def unit(session, code):
    return session.scalars(sa.select(Unit).where(Unit.code == code)).one()


@pytest.fixture
def filled(session, district):
    """An open and a closed request, people in each unit who are in liaison with the village, a household."""
    grid = make_unit(session, district.twin, "339901001002-01", "石桥第一网格", "grid")
    running = make_ticket(session, district.grid, at("2026-10-30 09:00"), "dispatched", lead_unit=district.village)
    make_leg(session, running, district.village, "dispatched")
    make_ticket(session, district.village, at("2026-10-01 09:00"), settled_at=at("2026-10-02 09:00"))
    for place in (district.village, district.grid, grid):
        make_person(session, place, liaison_unit_id=district.village.id)
    make_household(session, district.grid)
    session.commit()
    return running


@pytest.fixture
def take_back(session, load):
    def take_back(batch=None, now=LATER):
        done = undo(session, batch or load.batch, Order(SYSTEM, EVERYTHING, now))
        session.commit()
        return done

    return take_back


def left(session, batch):
    kind = run.of_batch(session, batch, Order(SYSTEM, EVERYTHING, LATER))
    return [(each.name, each.code, each.table) for each in conflicts.found(kind, batch)]


def test_a_row_merges_its_unit_as_the_screen_does(session, load, district, filled):
    office = actor(session, "office", district.root, "冯调研")
    session.commit()
    assert load("units", book(VILLAGE), by=office, scope=Scope(paths=("/339901000000/",))) == counted(changed=1)
    session.expire_all()
    assert (district.village.valid_to, district.village.successor) == (date(2026, 10, 31), district.twin)
    assert {alias.alias for alias in district.twin.aliases} == {"石桥村", "石桥"}
    grid = unit(session, "339901001001-01")
    assert (grid.parent, grid.valid_from, grid.name) == (district.twin, date(2026, 11, 1), "石桥村石桥第一网格")
    assert district.grid.path == "/339901000000/339901001000/339901001001/339901001001-01/"
    assert (filled.unit_id, filled.lead_unit_id, filled.legs[0].unit_id) == (
        grid.id,
        district.twin.id,
        district.twin.id,
    )
    settled = session.scalars(sa.select(Ticket).where(Ticket.state == "settled")).one()
    assert settled.unit_id == district.village.id
    assert session.query(Person).filter_by(unit_id=district.village.id).count() == 0
    change = session.scalars(sa.select(UnitChange)).one()
    assert (change.state, change.name, change.reason) == ("done", "冯调研", "导入《名册.xlsx》")
    assert (change.from_date, change.counts["people"], change.counts["children"]) == (date(2026, 11, 1), 2, 1)


def test_without_a_date_it_merges_on_the_day_of_the_import(session, load, district):
    assert load("units", book(row(into="青石镇蒋湾村"))) == counted(changed=1)
    assert district.village.valid_to == date(2026, 11, 19)


def test_the_preview_names_the_successor_the_day_and_how_many_merge(session, load, district):
    order, counts = load.preview("units", book(VILLAGE, TWIN))
    assert counts == counted(changed=1, same=1)
    assert load.notes == [
        "Units to be merged into others: 1. What is open there, units below and people move along;"
        " what is closed stays with the old unit"
    ]
    (shown,) = page(run.of_batch(session, load.batch, order), "changed", limit=10, offset=0)
    assert [(cell.title, cell.old, cell.text) for cell in shown.changes] == [
        ("并入", "", "蒋湾村"),
        ("撤并日期", "", "2026-11-01"),
    ]


def test_what_is_announced_is_told_in_the_past_once_it_is_done_and_not_at_all_once_it_is_undone(
    load, district, take_back
):
    far = row("339901002001", "沙口村", into="339901002002", day="2026-12-20")
    load.preview("units", book(VILLAGE, far))
    assert [note.split(":")[0] for note in load.notes] == [
        "Units to be merged into others",
        "Units to be merged into others on a day to come",
    ]
    load("units", book(VILLAGE, far))
    assert load.notes == [
        "Units merged into others: 1. What was open there, units below and people moved along;"
        " what was closed stayed with the old unit",
        "Units planned to merge on a day to come: 1. Each plan can be withdrawn on the page of its unit",
    ]
    take_back()
    assert load.notes == []


@pytest.mark.parametrize("heading", ["撤并至", "并入单位", "合并至", "撤并到"])
@pytest.mark.parametrize("dated", ["并入日期", "撤销日期", "生效日期"])
def test_other_offices_head_the_columns_otherwise(session, load, district, heading, dated):
    rows = [["代码", "名称", heading, dated], ["339901001001", "石桥村", "339901001002", "2026年11月1日"]]
    assert load("units", xlsx(rows)) == counted(changed=1)
    assert district.village.valid_to == date(2026, 10, 31)


@pytest.mark.parametrize("closed", ["", "是"])
@pytest.mark.parametrize("day", ["", "2026-11-01", "2026-12-20"])
def test_the_same_list_again_is_the_same_and_writes_nothing(session, load, district, filled, closed, day):
    file = book(
        row(closed=closed, day=day), TWIN, row("339901001001-01", "石桥村石桥第一网格", "339901001001", into="")
    )
    load("units", file)
    lies, told = snapshot(session), session.query(Change).count()
    for now in ("2026-11-20 13:00", "2026-11-25 09:00"):
        assert load("units", file, now=now) == counted(same=3)
        assert load.notes == []
    assert set(differences(lies, snapshot(session))) == {"import_mark"}
    assert session.query(Change).count() == told


def test_what_merged_has_no_second_day_nor_a_second_successor(load, district):
    load("units", book(VILLAGE))
    for day in ("2026-10-20", "2026-11-02"):
        assert load("units", book(row(day=day))) == counted(error=1)
    assert load("units", book(row(into="339901002001"))) == counted(error=1)
    assert load.errors == [("F2", "339901002001", "merger")]


def test_a_day_ahead_is_planned_and_comes_to_pass_on_it(session, load, district):
    assert load("units", book(row(day="2026-12-20"))) == counted(changed=1)
    assert session.scalars(sa.select(UnitChange.state)).all() == ["planned"]
    assert district.village.valid_to is None
    change_units(session, at("2026-12-20 06:00"))
    session.commit()
    session.expire_all()
    assert (district.village.valid_to, district.village.successor) == (date(2026, 12, 19), district.twin)


def test_several_villages_merge_into_one_that_the_same_list_founds(session, load, district, filled, take_back):
    before = snapshot(session)
    new = row("339901001009", "新桥村", "339901001000", "村", into="")
    old = [row(into="新桥村"), row("339901001002", "蒋湾村", into="339901001009")]
    assert load("units", book(*old, new)) == counted(new=1, changed=2)
    session.expire_all()
    founded = unit(session, "339901001009")
    assert (district.village.successor, district.twin.successor) == (founded, founded)
    assert session.query(Person).filter_by(liaison_unit_id=founded.id).count() == 3
    assert take_back() == {"removed": 1, "restored": 2, "left": 0}
    assert set(differences(before, snapshot(session))) == {"ticket_event"}


def test_undoing_takes_the_mergers_back_and_the_rest_of_the_row_with_them(session, load, district, take_back):
    make_person(session, district.grid)
    session.commit()
    before = snapshot(session)
    head = ["代码", "名称", "负责人", "别名", "并入"]
    rows = [["339901001001", "石桥新村", "李四", "老石桥", "339901001002"],
            ["339901001002", "蒋湾村", "王五", "老蒋湾", ""],
            ["339901001001-01", "石桥网格", "赵六", "", ""]]  # fmt: skip
    assert load("units", xlsx([head, *rows])) == counted(changed=3)
    assert take_back() == {"removed": 0, "restored": 3, "left": 0}
    assert differences(before, snapshot(session)) == {}
    assert load("units", xlsx([head, *rows])) == counted(changed=3)


def test_undoing_withdraws_what_is_still_to_come(session, load, district, take_back):
    before = snapshot(session)
    load(
        "units",
        book(row(into="新桥村", day="2026-12-20"), row("339901001009", "新桥村", "339901001000", "村", into="")),
    )
    assert take_back() == {"removed": 1, "restored": 1, "left": 0}
    assert differences(before, snapshot(session)) == {}


def test_what_has_been_worked_on_since_stays_merged_and_is_listed(session, load, district, filled, take_back):
    other = row("339901002002", "蒋湾村", into="339901002001")
    load("units", book(row(into="新桥村"), other, row("339901001009", "新桥村", "339901001000", "村", into="")))
    moved = session.scalars(sa.select(Person).where(Person.unit_id == unit(session, "339901001009").id)).first()
    moved.post = "书记"
    session.commit()
    assert take_back() == {"removed": 0, "restored": 1, "left": 2}
    assert left(session, load.batch) == [
        ("石桥村 339901001001", "merged", ""),
        ("新桥村 339901001009", "held", "person"),
    ]
    session.expire_all()
    assert (district.village.successor.name, district.far_twin.successor) == ("新桥村", None)
    assert session.scalars(sa.select(UnitChange.unit_id)).all() == [district.village.id]


def test_who_took_a_merger_back_by_hand_keeps_the_record_of_it(session, load, district, take_back):
    load("units", book(VILLAGE))
    session.scalars(sa.select(UnitChange)).one().take_back(session, SYSTEM, at("2026-11-20 15:00"))
    session.commit()
    assert take_back() == {"removed": 0, "restored": 0, "left": 1}
    assert left(session, load.batch) == [("石桥村 339901001001", "changed", "")]
    assert session.scalars(sa.select(UnitChange.state)).all() == ["taken_back"]


def test_corrections_that_come_later_leave_all_of_it_to_be_undone(session, load, district, filled):
    before, desk = snapshot(session), Desk(session, load)
    new = row("339901001009", "新桥村", "339901001000", "村", into="")
    assert (
        desk.preview("units", book(row(into="新桥村"), row("339901001002", "蒋湾村", into="无此村"), new))["error"] == 1
    )
    desk.commit(skip_errors=True)
    corrected = desk.download()
    set_cell(corrected.worksheets[0], 3, "并入", "新桥村")
    assert desk.upload(corrected) == counted(changed=1)
    desk.commit()
    session.expire_all()
    assert [district.village.successor.name, district.twin.successor.name] == ["新桥村", "新桥村"]
    assert undo(session, desk.batch, desk.later) == {"removed": 1, "restored": 2, "left": 0}
    session.commit()
    assert set(differences(before, snapshot(session))) == {"ticket_event"}


@pytest.mark.parametrize(
    ("wrong", "cell", "code"),
    [
        (row(into="无此村"), "F2", "unknown_unit"),
        (row(into="蒋湾村"), "F2", "ambiguous_unit"),
        (row(into="339901001001"), "F2", "merger"),
        (row(into="石桥第一网格"), "F2", "merger"),
        (row(into="青石镇"), "F2", "merger"),
        (row(into="清空"), "F2", "required"),
        (row(day="明天"), "G2", "date"),
        (row(day="2026-01-01"), "G2", "merger"),
        (row(day="2028-01-01"), "G2", "merger"),
        (row(closed="否"), "E2", "contradiction"),
        (row(above="339901002000"), "C2", "contradiction"),
        (row(kind="网格", above="339901001002"), "C2", "contradiction"),
        (row("339901001077", "未知村", "339901001000", "村"), "F2", "merger"),
        (row("339901000000", "清溪区", into="339901000000"), "F2", "merger"),
    ],
)
def test_what_cannot_merge_is_an_error_at_its_cell(session, load, district, wrong, cell, code):
    before = snapshot(session)
    assert load("units", book(wrong)) == counted(error=1)
    assert [(error[0], error[2]) for error in load.errors] == [(cell, code)]
    assert differences(before, snapshot(session)) == {}


def said(session, load):
    return [error.message % error.values for error in run.errors(session, load.batch)]


def test_a_unit_that_has_merged_takes_none_nor_one_that_is_closed(session, load, district):
    office = actor(session, "office", district.root)
    merge(
        session, [district.twin], district.far_village, date(2026, 8, 1), office, at("2026-08-03 09:00"), reason="撤并"
    )
    session.commit()
    assert load("units", book(row())) == counted(error=1)
    assert said(session, load) == ["蒋湾村 is closed on that day; choose its successor"]


def test_a_unit_does_not_end_before_it_began_nor_while_another_change_is_planned(session, load, district):
    district.village.valid_from = date(2026, 11, 10)
    session.commit()
    assert load("units", book(VILLAGE)) == counted(error=1)
    assert (load.errors, said(session, load)) == (
        [("G2", "2026-11-01", "merger")],
        ["石桥村 begins on 2026-11-10 only"],
    )
    load("units", book(row(day="2026-12-20")))
    assert load("units", book(row(day="2026-12-21"))) == counted(error=1)
    assert said(session, load) == ["A change of 石桥村 is planned already; withdraw it first"]


def test_chains_and_successors_that_the_same_list_closes_are_refused_with_what_to_do(session, load, district):
    chain = [row(), row("339901001002", "蒋湾村", into="339901002001")]
    assert load("units", book(*chain)) == counted(changed=1, error=1)
    assert said(session, load) == ["蒋湾村 itself merges in row 3: name the unit into which all of them go in the end"]
    assert load("units", book(row(), row("339901001002", "蒋湾村", closed="是", into=""))) == counted(
        changed=1, error=1
    )
    assert said(session, load) == ["蒋湾村 is closed in row 3: name a unit that goes on"]
    towns = [row(), row("339901001000", "青石镇", into="339901002000")]
    assert load("units", book(*towns)) == counted(changed=1, error=1)
    assert said(session, load) == [
        "青石镇 lies above and merges in row 3: import the lower units first, in a list of their own"
    ]


def test_no_unit_merges_out_of_or_into_what_lies_outside_ones_own(session, load, district):
    office = actor(session, "office", district.root)
    town = Scope(paths=(district.town.path,))
    assert load("units", book(row(into="339901002001")), by=office, scope=town) == counted(error=1)
    assert load.errors == [("F2", "339901002001", "outside")]


def test_a_grid_that_lay_below_the_successor_before_is_refused_in_the_preview(session, load, district):
    office = actor(session, "office", district.root)
    merge(session, [district.village], district.twin, date(2026, 11, 1), office, at("2026-11-02 09:00"), reason="撤并")
    session.commit()
    back = row("339901001003", "新村", "339901001000", "村", into="")
    load("units", book(back))
    merge(session, [district.twin], unit(session, "339901001003"), date(2026, 11, 3), office, at("2026-11-03 09:00"),
          reason="撤并")  # fmt: skip
    reopened = row("339901001002", "蒋湾村", closed="否", into="")
    session.commit()
    load("units", book(reopened))
    assert load("units", book(row("339901001003", "新村", into="339901001002"))) == counted(error=1)
    assert said(session, load) == ["石桥第一网格 has lain below 蒋湾村 before"]


def test_what_was_closed_after_the_preview_is_an_error_once_it_is_compared_again(session, load, district):
    order, counts = load.preview("units", book(VILLAGE))
    assert counts == counted(changed=1)
    district.twin.valid_to = date(2026, 10, 1)
    session.commit()
    with pytest.raises(committing.Overtaken):
        committing.commit(session, load.batch, order, skip_errors=False)
    session.rollback()
    run.compare_again(session, load.batch, order)
    session.commit()
    assert load.batch.counts == counted(error=1)
    assert said(session, load) == ["蒋湾村 is closed on that day; choose its successor"]
    assert session.scalars(sa.select(UnitAlias.alias)).all() == ["石桥"]


def test_what_merged_after_the_preview_is_counted_no_more_once_it_is_compared_again(session, load, district):
    third = make_unit(session, district.town, "339901001003", "新村", "village")
    session.commit()
    order, _ = load.preview("units", book(VILLAGE, row("339901001003", "新村", day="2026-12-01")))
    assert [note.split(".")[0] for note in load.notes] == [
        "Units to be merged into others: 1",
        "Units to be merged into others on a day to come: 1",
    ]
    merge(session, [third], district.twin, date(2026, 12, 1), SYSTEM, LATER, reason="撤并")
    session.commit()
    run.compare_again(session, load.batch, order)
    session.commit()
    assert [note.split(".")[0] for note in load.notes] == ["Units to be merged into others: 1"]


def test_a_closed_unit_ends_the_day_before_the_date_of_its_row(session, load, district):
    assert load("units", book(row(closed="是", into="", day="2026-11-01"))) == counted(changed=1)
    assert district.village.valid_to == date(2026, 10, 31)
    assert load("units", book(row(closed="是", into="", day="2026-11-01"))) == counted(same=1)


def test_a_date_that_belongs_to_nothing_is_left_out_and_told(session, load, district):
    assert load("units", book(row(into="", day="2026-11-01"), TWIN)) == counted(same=2)
    assert load.notes == ["Rows with a date of merging that name no unit to merge into: 1. The date was left out"]

from datetime import date

import pytest
from sqlalchemy import select

from imports import run
from models.changes import Change
from models.units import Unit, UnitAlias
from rules.refusals import Refusal
from tests.imports.books import xlsx
from tests.imports.conftest import counted

TOWNS = "code,name,kind\n330111001,富春街道,街道\n330111100,万市镇,镇\n".encode()
VILLAGES = (
    "village_code,village_name,kind,street_code,street_name,area_code,area_name,city_name\n"
    "330111001003,城西社区,社区,330111001,富春街道,330111,富阳区,杭州市\n"
    "330111100201,蒋家村委会,村,330111100,万市镇,330111,富阳区,杭州市\n"
    "330111001245,蒋家村委会,村,330111001,富春街道,330111,富阳区,杭州市\n"
).encode()


def unit(session, code):
    return session.scalars(select(Unit).where(Unit.code == code)).one()


def test_a_list_of_towns_makes_their_district_in_an_empty_installation_and_says_so(session, load):
    assert load("units", TOWNS) == counted(new=2)
    assert load.notes == ["District 330111000000 was not there and is made; its name is “330111000000”"]
    town = unit(session, "330111001000")
    assert (town.name, town.kind, town.category) == ("富春街道", "town", "街道")
    assert town.path == "/330111000000/330111001000/"
    assert town.parent.code == "330111000000"


def test_a_list_of_villages_hangs_under_the_towns_and_names_the_district(session, load):
    load("units", TOWNS)
    assert load("units", VILLAGES) == counted(new=3)
    assert load.notes == ["Columns that are not known here were ignored: city_name"]
    assert unit(session, "330111000000").name == "富阳区"
    twins = session.scalars(select(Unit).where(Unit.name == "蒋家村委会").order_by(Unit.code)).all()
    assert [twin.parent.name for twin in twins] == ["富春街道", "万市镇"]


def test_the_same_list_again_writes_nothing(session, load):
    load("units", TOWNS)
    load("units", VILLAGES)
    before = session.query(Change).count()
    assert load("units", VILLAGES) == counted(same=3)
    assert session.query(Change).count() == before


def test_villages_before_their_towns_are_errors_at_their_cells_and_write_nothing(session, load):
    assert load("units", VILLAGES) == counted(error=3)
    assert load.errors[0] == ("D2", "330111001", "unknown_unit")
    assert session.query(Unit).count() == 0


def test_parents_may_stand_below_their_children(session, load, district):
    rows = [["名称", "代码", "上级代码", "层级"], ["新一网格", "339901001009-01", "339901001009", "网格"],
            ["新村", "339901001009", "", "村"]]  # fmt: skip
    assert load("units", xlsx(rows)) == counted(new=2)
    grid = unit(session, "339901001009-01")
    assert grid.path == "/339901000000/339901001000/339901001009/339901001009-01/"
    assert grid.parent.name == "新村"


def test_grids_without_a_code_are_known_again_by_name_under_their_village(session, load, district):
    rows = [["网格名称", "所属镇街", "所属村社", "网格长", "联系电话", "户数"],
            ["桥东网格", "青石镇", "蒋湾村", "王工", 13800138000.0, 120.0],
            ["桥西网格", "青石镇", "蒋湾村", "李工", "0571-6332", "98"]]  # fmt: skip
    assert load("units", xlsx(rows)) == counted(new=2)
    first = session.scalars(select(Unit).where(Unit.name == "桥东网格")).one()
    assert (first.code, first.kind, first.phone, first.households) == ("339901001002-01", "grid", "13800138000", 120)
    rows[1][5] = 121.0
    assert load("units", xlsx(rows)) == counted(changed=1, same=1)
    session.expire_all()
    assert (first.households, first.version) == (121, 2)
    change = session.scalars(select(Change).where(Change.subject_id == first.id, Change.action == "changed")).one()
    assert (change.subject, change.details, change.batch_id) == ("unit", {"households": [120, 121]}, load.batch.id)


def test_a_village_without_code_or_level_is_known_again_by_name_under_its_town(session, load, district):
    rows = [["村社名称", "所属乡镇", "负责人"], ["石桥村", "青石镇", "王工"], ["从未有过村", "青石镇", "李工"]]
    assert load("units", xlsx(rows)) == counted(changed=1, error=1)
    assert [(error[0], error[2]) for error in load.errors] == [("3", "kind")]


def test_an_ambiguous_parent_is_an_error_that_lists_the_candidates(session, load, district):
    rows = [["网格名称", "所属村社"], ["桥东网格", "蒋湾村"]]
    assert load("units", xlsx(rows)) == counted(error=1)
    assert load.errors == [("B2", "蒋湾村", "ambiguous_unit")]


def test_a_name_is_looked_for_among_the_units_that_live_on_the_day_of_the_import(session, load, district):
    rows = [["网格名称", "所属村社"], ["桥东网格", "蒋湾村"]]
    district.twin.valid_to = date(2026, 11, 20)
    session.commit()
    assert load("units", xlsx(rows), now="2026-11-20 09:00") == counted(error=1)
    assert load("units", xlsx(rows), now="2026-11-21 09:00") == counted(new=1)
    grid = session.scalars(select(Unit).where(Unit.name == "桥东网格")).one()
    assert grid.parent.parent.name == "白沙乡"


def test_aliases_are_added_and_find_the_unit_afterwards(session, load, district):
    rows = [["代码", "名称", "别名"], ["339901001001", "石桥村", "石桥、老石桥"]]
    assert load("units", xlsx(rows)) == counted(changed=1)
    assert set(session.scalars(select(UnitAlias.alias))) == {"石桥", "老石桥"}
    assert load("units", xlsx(rows)) == counted(same=1)


def test_a_unit_hung_elsewhere_takes_its_subtree_along(session, load, district):
    rows = [["代码", "名称", "上级代码"], ["339901001001", "石桥村", "339901002000"]]
    assert load("units", xlsx(rows)) == counted(changed=1)
    session.expire_all()
    assert unit(session, "339901001001-01").path == "/339901000000/339901002000/339901001001/339901001001-01/"
    assert unit(session, "339901001001").parent.name == "白沙乡"


def test_blank_keeps_and_the_word_for_emptying_empties(session, load, district):
    head = ["代码", "名称", "负责人", "联系电话"]
    load("units", xlsx([head, ["339901001001", "石桥村", "王书记", "63322110"]]))
    assert load("units", xlsx([head, ["339901001001", "石桥村", "", "清空"]])) == counted(changed=1)
    village = unit(session, "339901001001")
    assert (village.leader_name, village.phone) == ("王书记", "")


def test_a_dissolved_unit_ends_on_the_day_of_the_import_and_stays(session, load, district):
    rows = [["代码", "名称", "是否撤销"], ["339901001001", "石桥村", "是"]]
    assert load("units", xlsx(rows)) == counted(changed=1)
    assert unit(session, "339901001001").valid_to.isoformat() == "2026-11-20"
    assert load("units", xlsx(rows), now="2026-12-01 09:00") == counted(same=1)


def test_the_journal_keeps_old_and_new_of_what_ends_moves_or_names_a_unit(session, load, district):
    head = ["代码", "名称", "上级代码", "别名", "是否撤销"]
    load("units", xlsx([head, ["339901001001", "石桥村", "", "石桥头", ""]]))
    load("units", xlsx([head, ["339901001001", "石桥村", "339901002000", "老石桥", "是"]]))
    load("units", xlsx([head, ["339901001001", "石桥村", "", "", "否"]]))
    changes = session.scalars(select(Change).where(Change.action == "changed").order_by(Change.id)).all()
    assert [change.details for change in changes] == [
        {"alias_names": ["石桥", "石桥、石桥头"]},
        {
            "path": ["/339901000000/339901001000/339901001001/", "/339901000000/339901002000/339901001001/"],
            "valid_to": [None, "2026-11-20"],
            "alias_names": ["石桥、石桥头", "石桥、石桥头、老石桥"],
        },
        {"parent_id": [district.town.id, district.far_town.id]},
        {"valid_to": ["2026-11-20", None]},
    ]


@pytest.mark.parametrize(
    ("row", "cell", "code"),
    [
        (["339901001001", "石桥村", "部落"], "C2", "kind"),
        (["339901001050", "新村", "网格"], "C2", "parent_kind"),
        (["", "新村", "村"], "2", "no_parent"),
        ([3399010010010012.0, "新村", "村"], "A2", "rounded"),
        (["339901001001", "", "村"], "B2", "required"),
        (["339999001001", "新村", "村"], "A2", "unknown_unit"),
        (["bm/01", "区水利局", "部门"], "A2", "unit_code"),
        (["bm“01”", "区水利局", "部门"], "A2", "unit_code"),
    ],
)
def test_a_wrong_row_names_its_cell(load, district, row, cell, code):
    assert load("units", xlsx([["代码", "名称", "层级"], row])) == counted(error=1)
    assert [(error[0], error[2]) for error in load.errors] == [(cell, code)]


def test_the_same_code_twice_in_a_file_is_an_error(load, district):
    rows = [["代码", "名称"], ["339901001001", "石桥村"], ["339901001001", "石桥"]]
    assert load("units", xlsx(rows)) == counted(same=1, error=1)
    assert load.errors == [("A3", "339901001001", "twice")]


def test_a_missing_required_column_refuses_the_file_with_sheet_and_row(load, district):
    with pytest.raises(Refusal, match="“Sheet1”, row 1: the column “名称” is missing"):
        load("units", xlsx([["代码", "层级"], ["339901001001", "村"]]))


def said(session, load):
    """Cell and sentence of each error."""
    return [(error.cell, error.message % error.values) for error in run.errors(session, load.batch)]


HEAD = ["代码", "名称", "上级代码", "层级", "是否撤销"]


def test_two_units_each_below_the_other_are_errors_at_their_parents(session, load, district):
    rows = [
        HEAD,
        ["339901001001", "石桥村", "339901001002", "网格", ""],
        ["339901001002", "蒋湾村", "339901001001", "村", ""],
    ]
    assert load("units", xlsx(rows)) == counted(error=2)
    assert said(session, load) == [
        ("C2", "The row of its parent unit 339901001002 is wrong"),
        ("C3", "This unit and 石桥村 would each lie below the other: correct the parent of one of them"),
    ]


def test_a_unit_is_not_its_own_parent_nor_lies_below_one_of_its_own(session, load, district):
    assert load("units", xlsx([HEAD, ["339901001001", "石桥村", "339901001001", "网格", ""]])) == counted(error=1)
    assert said(session, load)[0][0] == "C2"
    assert load("units", xlsx([HEAD, ["339901001001", "石桥村", "339901001001-01", "微网格", ""]])) == counted(error=1)
    told = "石桥第一网格 lies below this unit: give it a place elsewhere in the same list first"
    assert said(session, load) == [("C2", told)]


def test_one_name_twice_below_one_parent_is_one_unit_and_stands_there_once(session, load, district):
    rows = [["网格名称", "所属村社"], ["桥东网格", "石桥村"], ["桥东网格", "石桥村"]]
    assert load("units", xlsx(rows)) == counted(new=1, error=1)
    assert said(session, load) == [("A3", "The same code stands in row 2")]
    rows = [["代码", "网格名称", "所属村社"], ["", "桥西网格", "石桥村"], ["339901001001-02", "桥南网格", "石桥村"]]
    assert load("units", xlsx(rows)) == counted(new=2)
    assert unit(session, "339901001001-03").name == "桥西网格"


def test_nothing_new_comes_to_lie_below_what_the_same_list_closes(session, load, district):
    gone = ["339901001001", "石桥村", "339901001000", "村", "是"]
    grid = ["339901001001-01", "石桥第一网格", "339901001001", "网格", ""]
    new = ["339901001001-02", "石桥第二网格", "339901001001", "网格", ""]
    assert load("units", xlsx([HEAD, gone, grid, new])) == counted(changed=1, same=1, error=1)
    told = "Its parent unit 石桥村 is closed in row 2: name the unit that takes over"
    assert said(session, load) == [("C4", told)]
    assert load("units", xlsx([HEAD, gone, grid, [*new[:4], "是"]])) == counted(new=1, changed=1, same=1)


def test_a_unit_changes_its_level_together_with_its_parent(session, load, district):
    rows = [HEAD, ["339901001002", "蒋湾网格", "339901001001", "网格", ""]]
    assert load("units", xlsx(rows)) == counted(changed=1)
    session.expire_all()
    assert (district.twin.kind, district.twin.parent) == ("grid", district.village)


def test_a_unit_that_is_opened_again_has_no_successor(session, load, district):
    district.village.valid_to, district.village.successor = date(2026, 10, 31), district.twin
    session.commit()
    assert load("units", xlsx([HEAD, ["339901001001", "石桥村", "", "", "否"]])) == counted(changed=1)
    session.expire_all()
    assert (district.village.valid_to, district.village.successor) == (None, None)

import pytest
from sqlalchemy import select

from imports.kind import Order
from imports.undo import undo
from models.acting import EVERYTHING, SYSTEM
from models.categories import Category, Duty
from models.routing import proposal
from tests.imports.books import xlsx
from tests.imports.conftest import counted
from tests.imports.taken_back import differences, snapshot
from tests.imports.test_categories import taken_back, tree
from tests.stage import at

HEAD = ["事项分类", "层级", "主办单位", "分工", "协办单位", "适用范围", "依据"]


def catalogue(*rows):
    return xlsx([["清溪区权力清单"], HEAD, *([*row, *[""] * (len(HEAD) - len(row))] for row in rows)], merged=["A1:G1"])


def lines(session, code):
    session.expire_all()
    found = session.scalars(select(Duty).join(Duty.category).where(Category.code == code).order_by(Duty.id))
    return [
        (each.role, each.tier, each.unit and each.unit.name, each.place_unit and each.place_unit.name, each.basis)
        for each in found
    ]


LIGHTS = ("路灯照明", "难事", "区交通局", "", "青石镇、城管青石中队", "", "三定方案")


def test_a_row_names_who_leads_and_a_line_is_kept_for_each_that_helps(session, load, district):
    assert load("duties", catalogue(LIGHTS)) == counted(new=2, changed=1)
    assert lines(session, "3002") == [
        ("lead", "hard", "区交通局", None, "三定方案"),
        ("co", "hard", "青石镇", None, "三定方案"),
        ("co", "hard", "城管青石中队", None, "三定方案"),
    ]
    assert load("duties", catalogue(LIGHTS)) == counted(same=3)


def test_a_helping_unit_may_have_a_row_of_its_own(session, load, district):
    row = ("基础设施/路灯照明", "", "青石镇", "协办")
    assert load("duties", catalogue(LIGHTS, ("3002", "", "白沙乡", "协办"))) == counted(new=3, changed=1)
    assert load("duties", catalogue(row)) == counted(same=1)


def test_what_holds_for_a_town_goes_before_what_holds_everywhere(session, load, district, way):
    town = ("路灯照明", "小事", "城管青石中队", "", "", "青石镇")
    assert load("duties", catalogue(LIGHTS, town)) == counted(new=3, changed=1)
    lights = session.scalars(select(Category).where(Category.code == "3002")).one()
    here, there = way.submitted(), way.submitted(unit=district.far_village)
    assert (proposal(session, here, lights).lead, proposal(session, here, lights).tier) == ("339901-CGZD", "minor")
    assert (proposal(session, there, lights).lead, proposal(session, there, lights).tier) == ("339901-JTJ", "hard")
    assert set(proposal(session, there, lights).co_units) == {"339901001000", "339901-CGZD"}


@pytest.mark.parametrize(
    ("row", "cell", "said"),
    [
        (("修灯",), "A3", "There is no category “修灯”"),
        (("路灯照明", "大事"), "B3", "“大事” is unknown here; write one of: 微事、小事、难事、紧急"),
        (("路灯照明", "小事", "区路灯局"), "C3", "There is no unit “区路灯局”"),
        (("路灯照明", "小事", "", "协办"), "C3", "Name the unit that helps"),
        (("路灯照明", "小事", "区交通局", "", "蒋湾村"), "E3", "“蒋湾村” may be any of 2 units"),
    ],
)
def test_what_is_wrong_is_said_at_its_cell(load, district, row, cell, said):
    assert load("duties", catalogue(row)) == counted(error=1)
    assert load.errors[0][0] == cell
    assert load.said[0].startswith(said)


def test_a_name_that_several_categories_bear_is_refused_with_the_ways_to_write_it(load, district):
    load("categories", tree(("", "城乡建设", "其他"), ("", "农村农业", "其他")))
    assert load("duties", catalogue(("其他", "小事"))) == counted(error=1)
    assert load.said == ["“其他” may be any of: 城乡建设 / 其他、农村农业 / 其他; write its code"]
    assert load("duties", catalogue(("农村农业/其他", "小事"))) == counted(new=1)


def test_the_same_line_twice_is_an_error(load, district):
    assert load("duties", catalogue(("路灯照明", "小事", "区交通局"), ("3002", "微事", "白沙乡")))["error"] == 1


def test_undoing_is_the_identity(session, load, district):
    load("duties", catalogue(("道路交通", "小事", "区交通局", "", "青石镇")))
    before = snapshot(session)
    load("duties", catalogue(("道路交通", "难事", "清空", "", "白沙乡"), LIGHTS))
    assert lines(session, "3001")[0] == ("lead", "hard", None, None, "")
    assert differences(before, snapshot(session)) != {}
    undo(session, load.batch, Order(SYSTEM, EVERYTHING, at("2026-11-21 09:00")))
    session.commit()
    assert differences(before, snapshot(session)) == {}


def test_a_line_worked_on_since_stays(session, load, district):
    load("duties", catalogue(LIGHTS))
    lead = session.scalars(select(Duty).where(Duty.unit_id == district.department.id)).one()
    lead.basis = "改过"
    session.commit()
    assert taken_back(session, load) == {"removed": 2, "restored": 0, "left": 1}

"""A sheet that is called as a unit is, and is the only one of its file."""

import pytest
from sqlalchemy import select

from models.acting import Scope
from models.households import Household
from models.people import Person
from models.tasks import Task
from models.tickets import Ticket
from models.topics import Topic
from models.units import Unit
from models.visits import Visit
from tests.imports.books import xlsx
from tests.imports.conftest import counted

HEAD, ROW = ["工号", "姓名", "手机"], ["A1", "甲", "13800001234"]
NOUNS = {
    "people": (Person, HEAD, ROW),
    "households": (Household, ["户号", "户主", "地址"], ["1", "石大桥", "桥头1号"]),
    "visits": (Visit, ["走访日期", "走访人", "走访对象"], ["2026-06-18", "王小明", "张大爷"]),
    "topics": (Topic, ["年度", "课题名称", "领题领导"], ["2026", "夜间照明", "陈建国"]),
    "tasks": (Task, ["年度", "民生实事", "责任人"], ["2026", "路灯改造", "林海"]),
}


def only(session, noun):
    return session.scalars(select(Unit.name).join(noun, noun.unit_id == Unit.id)).all()


@pytest.mark.parametrize("kind", NOUNS)
@pytest.mark.parametrize("name", ["石桥村", "石桥", "青石镇石桥村"])
def test_its_name_says_where_every_row_lies(session, load, district, kind, name):
    noun, *rows = NOUNS[kind]
    assert load(kind, xlsx((name, rows)))["new"] == 1, load.errors
    assert only(session, noun) == ["石桥村"]
    assert any(note.startswith(f"The sheet is called “{name}”: that fills “") for note in load.notes)


@pytest.mark.parametrize("name", ["石桥村名单", "石桥村花名册", "石桥村人员名册", "石桥村(2026)", "石桥村2026年台账"])
def test_what_a_list_of_a_unit_is_called_besides_says_nothing_more(session, load, district, name):
    assert load("people", xlsx((name, [HEAD, ROW]))) == counted(new=1)
    assert only(session, Person) == ["石桥村"]
    assert any(note.startswith(f"The sheet is called “{name}”: that fills “") for note in load.notes)
    more = xlsx((name, [HEAD, ["A2", "乙", ""]]), ("沙口村花名册", [HEAD, ["A3", "丙", ""]]))
    assert load("people", more) == counted(new=2)


def test_a_unit_of_that_very_name_goes_before_a_shorter_one(session, load, district):
    district.twin.name = "石桥村名单"
    session.commit()
    assert load("people", xlsx(("石桥村名单", [HEAD, ROW]))) == counted(new=1)
    assert only(session, Person) == ["石桥村名单"]


def test_a_ledger_too_lies_where_its_sheet_is_called_after(session, load, district):
    rows = [["编号", "来源", "标题", "反映时间"], ["T1", "热线", "路灯不亮", "2026-03-05 10:00"]]
    assert load("tickets", xlsx(("沙口村", rows))) == counted(new=1)


@pytest.mark.parametrize("column", ["单位", "所在单位"])
def test_a_column_of_units_that_is_blank_from_top_to_bottom_says_nothing_more(session, load, district, column):
    rows = [[*HEAD, column], [*ROW, ""], ["A2", "乙", "", "　"]]
    assert load("people", xlsx(("石桥村", rows))) == counted(new=2)
    assert only(session, Person) == ["石桥村", "石桥村"]


def test_a_column_of_units_with_a_value_goes_before_the_name(session, load, district):
    rows = [[*HEAD, "单位"], ["A2", "乙", "", "沙口村"], [*ROW, ""]]
    assert load("people", xlsx(("石桥村", rows)), skip_errors=True) == counted(new=1, error=1)
    assert only(session, Person) == ["沙口村"]
    assert load.errors == [("3", "", "required")]
    assert load.notes == []


@pytest.mark.parametrize(
    ("sheet", "beside", "lies"),
    [
        ("石桥村", {"所属镇街": "青石镇"}, "石桥村"),
        ("石桥村", {"所属网格": "石桥第一网格"}, "石桥第一网格"),
        ("青石镇", {"所属网格": "石桥村"}, "石桥村"),
        ("石桥村", {"所属网格": "沙口村"}, "沙口村"),
        ("蒋湾村", {"所属镇街": "白沙乡"}, "蒋湾村"),
    ],
)
def test_what_other_columns_say_of_the_place_is_heeded(session, load, district, sheet, beside, lies):
    rows = [["户号", "户主", *beside], ["1", "石大桥", *beside.values()]]
    assert load("households", xlsx((sheet, rows))) == counted(new=1), load.errors
    assert only(session, Household) == [lies]


def test_a_ledger_of_several_towns_does_not_lie_in_the_one_its_sheet_is_called_after(session, load, district):
    head = ["编号", "来源", "标题", "反映时间", "街乡镇"]
    rows = [["T1", "热线", "路灯", "2026-03-05", "青石镇"], ["T2", "热线", "井盖", "2026-03-05", "白沙乡"]]
    assert load("tickets", xlsx(("青石镇", [head, *rows]))) == counted(new=2), load.errors
    assert sorted(only(session, Ticket)) == ["白沙乡", "青石镇"]


def test_of_several_sheets_one_with_a_blank_column_is_its_unit_s_as_well(session, load, district):
    head = [*HEAD, "单位"]
    book = xlsx(("石桥村", [head, [*ROW, ""]]), ("花名册", [head, ["A2", "乙", "", "沙口村"]]))
    assert load("people", book) == counted(new=2)
    assert sorted(only(session, Person)) == ["沙口村", "石桥村"]


@pytest.mark.parametrize("name", ["花名册", "2026年", "Sheet1", "无此村"])
def test_a_name_that_is_no_unit_s_fills_nothing(session, load, district, name):
    assert load("people", xlsx((name, [HEAD, ROW]))) == counted(error=1)
    assert load.errors == [("2", "", "required")]


def test_a_unit_beyond_one_s_own_is_none(session, load, district):
    scope = Scope(paths=(district.town.path,))
    load("people", xlsx(("沙口村", [HEAD, ROW])), scope=scope)
    assert load.errors == [("2", "", "required")]
    assert load("people", xlsx(("石桥村", [HEAD, ROW])), scope=scope) == counted(new=1)


def test_a_name_of_two_units_says_that_it_may_be_either(session, load, district):
    load("people", xlsx(("蒋湾村", [HEAD, ROW])))
    assert [error[2] for error in load.errors] == ["ambiguous_unit"]

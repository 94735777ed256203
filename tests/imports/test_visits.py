from datetime import date, time

import pytest
from sqlalchemy import select

from models.acting import Scope
from models.changes import Change
from models.people import Person
from models.tickets import Ticket
from models.visits import Visit, Visitor
from tests.factories import make_person, unit
from tests.imports.books import xlsx
from tests.imports.conftest import counted

HEAD = [
    ("序号", ""), ("走访时间", ""), ("走访类别", ""), ("走访情况", "走访人"), ("走访情况", "同行人员"),
    ("走访对象", ""), ("所属村社", ""), ("地址", ""),
    ("反映问题", ""), ("办理情况", ""), ("是否转工单", ""), ("手记", ""),
]  # fmt: skip
NAMES = [lower or upper for upper, lower in HEAD]
MERGED = ("A1:L1", "D3:E3", *(f"{column}3:{column}4" for column in "ABCFGHIJKL"))


def log(*rows, title="青石镇“昼访夜谈”走访台账"):
    """Title, who filled it in, a header of two rows, the rows, their total and who signed."""
    upper, lower = zip(*HEAD, strict=True)
    return xlsx(
        [[title], ["填报单位：青石镇"], upper, lower, *rows, ["合计", "", len(rows)], ["填表人：李四"]], merged=MERGED
    )


def row(**given):
    usual = dict(
        zip(
            NAMES,
            [1, "2026/6/18 9:51:36", "昼访", "王小明", "李芳、赵强", "清溪恒达机械有限公司", "石桥", "工业路8号",
             "用工紧张", "已对接人社局", "是", "企业盼实招"],
            strict=True,
        )
    )  # fmt: skip
    return list((usual | given).values())


@pytest.fixture
def wang(session, district):
    made = make_person(session, district.town, "王小明", post="镇长")
    session.commit()
    return made


def only(session) -> Visit:
    session.expire_all()
    return session.scalars(select(Visit)).one()


def test_a_log_below_a_title_and_a_header_of_two_rows_comes_in_with_everything_it_says(session, load, district, wang):
    fang = make_person(session, district.village, "李芳")
    session.commit()
    assert load("visits", log(row())) == counted(new=1)
    visit = only(session)
    assert (visit.visited_on, visit.visited_at, visit.kind) == (date(2026, 6, 18), time(9, 51, 36), "day_visit")
    assert (visit.visitor_id, visit.visitor_name, visit.companions) == (wang.id, "王小明", "李芳、赵强")
    assert (visit.object_kind, visit.object_name, visit.address) == ("enterprise", "清溪恒达机械有限公司", "工业路8号")
    assert (visit.unit_id, visit.path) == (district.village.id, district.village.path)
    assert (visit.content, visit.handling, visit.field_note) == ("用工紧张", "已对接人社局", "企业盼实招")
    assert (visit.to_ticket, visit.ticket_id, visit.outcome) == (True, None, "issue_raised")
    went = [(each.seq, each.name, each.person_id) for each in visit.visitors]
    assert went == [(1, "王小明", wang.id), (2, "李芳", fang.id), (3, "赵强", None)]
    assert load.notes == ["Not on the roster, and kept as names alone: 赵强（1）"]
    change = session.scalars(select(Change).where(Change.subject == "visit")).one()
    assert (change.action, change.subject_id, change.path, change.batch_id) == (
        "added",
        visit.id,
        district.village.path,
        load.batch.id,
    )
    assert session.scalars(select(Ticket)).all() == []


def test_the_same_log_again_writes_nothing(session, load, district, wang):
    load("visits", log(row()))
    before = [(each.id, each.name) for each in session.scalars(select(Visitor))]
    assert load("visits", log(row())) == counted(same=1)
    assert only(session).version == 1
    assert [(each.id, each.name) for each in session.scalars(select(Visitor))] == before


def test_what_a_later_log_says_otherwise_is_a_change_with_old_and_new(session, load, district, wang):
    load("visits", log(row()))
    later = row(办理情况="已招到12人", 是否转工单="否", 同行人员="李芳", 走访时间="2026年6月18日")
    assert load("visits", log(later)) == counted(changed=1)
    visit = only(session)
    assert (visit.handling, visit.to_ticket, visit.companions, visit.version) == ("已招到12人", False, "李芳", 2)
    assert visit.visited_at == time(9, 51, 36)
    assert [each.name for each in visit.visitors] == ["王小明", "李芳"]
    change = session.scalars(select(Change).where(Change.action == "changed", Change.subject == "visit")).one()
    assert change.details == {
        "handling": ["已对接人社局", "已招到12人"],
        "to_ticket": [True, False],
        "companions": ["李芳、赵强", "李芳"],
    }


def test_a_blank_keeps_what_is_there_and_the_word_for_emptying_empties(session, load, district, wang):
    load("visits", log(row(走访类别="夜谈")))
    blank = row(走访类别="", 同行人员="", 反映问题="", 是否转工单="", 所属村社="")
    assert load("visits", log(blank)) == counted(same=1)
    assert (only(session).kind, len(only(session).visitors)) == ("night_talk", 3)
    assert load("visits", log(row(走访类别="", 同行人员="清空", 手记="清空"))) == counted(changed=1)
    visit = only(session)
    assert (visit.companions, visit.field_note, visit.kind) == ("", "", "night_talk")
    assert [each.name for each in visit.visitors] == ["王小明"]


def test_somebody_who_joined_the_roster_later_is_recognised(session, load, district):
    load("visits", log(row()))
    assert only(session).visitor_id is None
    wang = make_person(session, district.town, "王小明")
    session.commit()
    assert load("visits", log(row())) == counted(changed=1)
    assert (only(session).visitor_id, only(session).visitors[0].person_id) == (wang.id, wang.id)
    assert load("visits", log(row())) == counted(same=1)


def test_a_name_that_several_bear_is_an_error_that_lists_them(session, load, district, wang):
    other = make_person(session, district.far_town, "王小明")
    session.commit()
    assert load("visits", log(row())) == counted(error=1)
    assert load.errors == [("D5", "王小明", "ambiguous_person")]
    from imports import run

    error = run.errors(session, load.batch)[0]
    assert error.values["candidates"] == f"王小明（青石镇 {wang.staff_no}）、王小明（白沙乡 {other.staff_no}）"
    assert load("visits", log(row(走访人=other.staff_no))) == counted(new=1)
    assert (only(session).visitor_id, only(session).visitor_name) == (other.id, "王小明")


def test_a_namesake_in_the_unit_of_the_row_comes_before_one_elsewhere(session, load, district, wang):
    here = make_person(session, district.village, "王小明")
    session.commit()
    assert load("visits", log(row())) == counted(new=1)
    assert only(session).visitor_id == here.id


@pytest.mark.parametrize("written", ["王小明（{}）", "王小明({})", "王　小明（白沙乡）"])
def test_a_hint_in_brackets_tells_namesakes_apart(session, load, district, wang, written):
    other = make_person(session, district.far_town, "王小明")
    session.commit()
    assert load("visits", log(row(走访人=written.format(other.staff_no)))) == counted(new=1)
    assert (only(session).visitor_id, only(session).visitor_name) == (other.id, "王小明")


def test_several_names_in_one_cell_are_the_visitor_and_those_who_went_along(session, load, district, wang):
    assert load("visits", log(row(走访人="王小明、孙丽等3人", 同行人员="周杰 吴敏"))) == counted(new=1)
    visit = only(session)
    assert (visit.visitor_name, visit.companions) == ("王小明", "孙丽、周杰、吴敏")


def test_without_a_unit_the_row_lies_with_the_visitor_s_own(session, load, district, wang):
    assert load("visits", log(row(所属村社=""))) == counted(new=1)
    assert only(session).unit_id == district.town.id
    assert load("visits", log(row(所属村社="", 走访人="无名氏"))) == counted(error=1)
    assert load.errors == [("5", "", "required")]


def test_an_evening_is_a_night_talk_with_a_household_unless_the_row_says_otherwise(session, load, district, wang):
    load("visits", log(row(走访时间="2026-06-18 19:30", 走访类别="", 走访对象="陈阿根", 是否转工单="")))
    visit = only(session)
    assert (visit.kind, visit.object_kind, visit.outcome) == ("night_talk", "household", "listened")


def test_the_heading_says_whether_a_household_or_a_firm_was_visited(session, load, district, wang):
    head = ["入户时间", "走访干部", "户主", "企业", "村社"]
    book = xlsx(
        [head, [date(2026, 6, 18), "王小明", "陈阿根", "", "石桥"], ["2026.6.19", "王小明", "", "阿根商行", "石桥"]]
    )
    assert load("visits", book) == counted(new=2)
    assert [
        tuple(each) for each in session.execute(select(Visit.object_kind, Visit.object_name).order_by(Visit.id))
    ] == [
        ("household", "陈阿根"),
        ("enterprise", "阿根商行"),
    ]


def test_a_sheet_for_each_village_says_where(session, load, district, wang):
    head = ["走访日期", "时间", "走访人", "受访人"]
    book = xlsx(
        ("石桥村", [head, ["6月", "", "", ""], ["2026-6-18", "19:30", "王小明", "甲"]]),
        ("沙口村", [head, ["2026-6-18", "20:30", "王小明", "乙"]]),
    )
    assert load("visits", book, skip_errors=True) == counted(new=2, error=1)
    places = session.execute(select(Visit.object_name, Visit.path, Visit.visited_at).order_by(Visit.id)).all()
    assert [tuple(each) for each in places] == [
        ("甲", district.village.path, time(19, 30)),
        ("乙", district.far_village.path, time(20, 30)),
    ]


@pytest.mark.parametrize(
    ("given", "cell", "code"),
    [
        ({"走访时间": "上周五"}, "B5", "date"),
        ({"走访时间": ""}, "B5", "required"),
        ({"走访类别": "散步"}, "C5", "word"),
        ({"走访人": ""}, "D5", "required"),
        ({"走访对象": ""}, "F5", "required"),
        ({"走访对象": "很" * 121}, "F5", "too_long"),
        ({"所属村社": "蒋湾村"}, "G5", "ambiguous_unit"),
        ({"所属村社": "无此村"}, "G5", "unknown_unit"),
        ({"是否转工单": "也许"}, "K5", "flag"),
        ({"走访人": "清空"}, "D5", "required"),
    ],
)
def test_a_wrong_cell_is_named_and_nothing_is_written(session, load, district, wang, given, cell, code):
    assert load("visits", log(row(**given)))["error"] == 1
    assert [(error[0], error[2]) for error in load.errors][:1] == [(cell, code)]
    assert session.scalars(select(Visit)).all() == []
    assert session.scalars(select(Visitor)).all() == []


def test_the_same_visit_twice_in_a_file_is_an_error_and_another_day_is_another_visit(load, district, wang):
    again = row(走访时间="2026-06-18", 走访人=wang.staff_no)
    assert load("visits", log(row(), again, row(走访时间="2026-06-19"))) == counted(new=2, error=1)
    assert load.errors == [("F6", "清溪恒达机械有限公司", "twice")]


def test_rows_outside_the_units_of_the_importer_are_errors_before_and_after(session, load, district, wang):
    town = Scope(paths=(district.town.path,))
    assert load("visits", log(row(所属村社="沙口村")), scope=town) == counted(error=1)
    assert load.errors == [("G5", "沙口村", "outside")]
    load("visits", log(row(所属村社="沙口村")))
    assert load("visits", log(row()), scope=town) == counted(error=1)
    assert load.errors == [("5", "", "outside")]
    assert only(session).path == district.far_village.path


def test_people_outside_the_units_of_the_importer_are_not_recognised(session, load, district):
    make_person(session, district.far_town, "王小明")
    session.commit()
    assert load("visits", log(row()), scope=Scope(paths=(district.town.path,))) == counted(new=1)
    assert (only(session).visitor_name, only(session).visitor_id) == ("王小明", None)


def test_a_visit_that_is_taken_back_takes_its_visitors_along(session, load, district, wang):
    load("visits", log(row()))
    session.delete(only(session))
    session.commit()
    assert session.scalars(select(Visitor)).all() == []
    assert session.scalars(select(Person).where(Person.id == wang.id)).one()


def test_units_may_be_of_any_level(session, load, district, wang):
    micro = unit(session, district.grid, "339901001001-0101", "石桥一号微网格", "micro_grid")
    session.commit()
    assert load("visits", log(row(所属村社="石桥一号微网格"))) == counted(new=1)
    assert only(session).unit_id == micro.id

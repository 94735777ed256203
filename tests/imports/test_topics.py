from datetime import date

import pytest
from sqlalchemy import select

from models.acting import Scope
from models.changes import Change
from models.topics import Topic
from tests.factories import make_person
from tests.imports.books import xlsx
from tests.imports.conftest import counted

HEAD = [
    *("序号", "年度", "调研题目", "领题领导", "职务", "牵头单位", "配合单位", "完成时限", "进展", "成果形式"),
    *("成果转化", "备注"),
]


def topics(*rows, title="清溪区2026年度调研课题一览表"):
    return xlsx([[title], HEAD, *rows, ["合计", "", len(rows)], ["备注：以上课题经区委研究确定"]], merged=["A1:L1"])


def topic(**given):
    usual = dict(
        zip(
            HEAD,
            [1, "2026年", "镇文旅发展的堵点与出路", "陈建国", "副区长", "区交通局", "青石镇，白沙乡", "2026年6月底前",
             "调研中", "调研报告", "", "重点"],
            strict=True,
        )
    )  # fmt: skip
    return list((usual | given).values())


@pytest.fixture
def chen(session, district):
    made = make_person(session, district.root, "陈建国", post="副区长")
    session.commit()
    return made


def only(session) -> Topic:
    session.expire_all()
    return session.scalars(select(Topic)).one()


def test_a_list_of_topics_comes_in_with_everything_it_says(session, load, district, chen):
    assert load("topics", topics(topic())) == counted(new=1)
    made = only(session)
    assert (made.year, made.title, made.leader_id, made.leader_name) == (
        2026,
        "镇文旅发展的堵点与出路",
        chen.id,
        "陈建国",
    )
    assert (made.post, made.unit_id, made.path) == ("副区长", district.department.id, district.department.path)
    assert (made.supporting, made.stage, made.due_on) == ("青石镇、白沙乡", "research", date(2026, 6, 30))
    assert (made.progress, made.result_form, made.result_use, made.note) == ("调研中", "调研报告", "", "重点")
    assert load.notes == []
    assert load("topics", topics(topic())) == counted(same=1)
    assert only(session).version == 1


def test_a_step_further_is_a_change_with_old_and_new(session, load, district, chen):
    load("topics", topics(topic()))
    assert load("topics", topics(topic(进展="已结题", 成果转化="出台办法", 完成时限=""))) == counted(changed=1)
    assert (only(session).stage, only(session).due_on) == ("concluded", date(2026, 6, 30))
    change = session.scalars(select(Change).where(Change.action == "changed", Change.subject == "topic")).one()
    assert change.details == {
        "stage": ["research", "concluded"],
        "progress": ["调研中", "已结题"],
        "result_use": ["", "出台办法"],
    }


def test_another_leader_or_year_is_another_topic(session, load, district, chen):
    load("topics", topics(topic()))
    assert load("topics", topics(topic(领题领导="周敏"), topic(年度="2025"))) == counted(new=2)


def test_the_year_of_the_title_row_or_the_day_stands_in_for_one_that_is_not_given(session, load, district, chen):
    book = xlsx(("2025年课题", [HEAD, topic(年度="")]))
    assert load("topics", book) == counted(new=1)
    assert only(session).year == 2025
    assert load("topics", topics(topic(年度="", 调研题目="另一个"))) == counted(new=1)
    assert session.scalar(select(Topic.year).where(Topic.title == "另一个")) == 2026


def test_without_a_lead_unit_the_topic_lies_with_its_leader_and_stays_where_it_was_put(session, load, district, chen):
    assert load("topics", topics(topic(牵头单位=""))) == counted(new=1)
    made = only(session)
    assert made.unit_id == district.root.id
    made.led_by(session, district.department)
    session.commit()
    assert load("topics", topics(topic(牵头单位=""))) == counted(same=1)
    assert only(session).unit_id == district.department.id


def test_the_leader_is_looked_for_in_the_lead_unit_first(session, load, district, chen):
    here = make_person(session, district.department, "陈建国")
    session.commit()
    assert load("topics", topics(topic())) == counted(new=1)
    assert only(session).leader_id == here.id


@pytest.mark.parametrize(
    ("given", "cell", "code"),
    [
        ({"年度": "丙午"}, "B3", "year"),
        ({"年度": "1900"}, "B3", "year"),
        ({"调研题目": ""}, "C3", "required"),
        ({"领题领导": ""}, "D3", "required"),
        ({"领题领导": "无名氏", "牵头单位": ""}, "3", "required"),
        ({"牵头单位": "无此局"}, "F3", "unknown_unit"),
        ({"完成时限": "尽快"}, "H3", "date"),
        ({"完成时限": "2026年13月底"}, "H3", "date"),
    ],
)
def test_a_wrong_cell_is_named_and_nothing_is_written(session, load, district, chen, given, cell, code):
    assert load("topics", topics(topic(**given)))["error"] == 1
    assert [(error[0], error[2]) for error in load.errors] == [(cell, code)]
    assert session.scalars(select(Topic)).all() == []


def test_a_leader_whose_name_several_bear_is_an_error(session, load, district, chen):
    make_person(session, district.far_town, "陈建国")
    session.commit()
    assert load("topics", topics(topic())) == counted(error=1)
    assert load.errors == [("D3", "陈建国", "ambiguous_person")]


def test_the_same_topic_twice_in_a_file_is_an_error(load, district, chen):
    assert load("topics", topics(topic(), topic(领题领导=chen.staff_no))) == counted(new=1, error=1)
    assert load.errors == [("C4", "镇文旅发展的堵点与出路", "twice")]


def test_a_town_imports_into_its_own_units_alone(session, load, district, chen):
    town = Scope(paths=(district.town.path,))
    assert load("topics", topics(topic()), scope=town) == counted(error=1)
    assert load.errors == [("F3", "区交通局", "outside")]
    load("topics", topics(topic()))
    assert load("topics", topics(topic(牵头单位="青石镇")), scope=town) == counted(error=1)
    assert load.errors == [("3", "", "outside")]
    assert only(session).path == district.department.path

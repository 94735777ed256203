from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from models.acting import Scope
from models.changes import Change
from models.tasks import Task
from models.terms import Term
from tests.factories import make_person
from tests.imports.books import xlsx
from tests.imports.conftest import counted

HEAD = [
    ("序号", ""), ("民生实事", ""), ("类别", ""), ("整改措施", ""), ("责任分工", "责任单位"), ("责任分工", "认领党员"),
    ("责任分工", "责任领导"), ("整改期限", ""), ("受益情况", "受益户数"), ("受益情况", "受益人数"),
    ("资金（万元）", ""), ("进展情况", ""), ("是否销号", ""), ("验收人", ""), ("备注", ""),
]  # fmt: skip
NAMES = [lower or upper for upper, lower in HEAD]
MERGED = ("A1:O1", "E2:G2", "I2:J2", *(f"{column}2:{column}3" for column in "ABCDHKLMNO"))


def tasks(*rows, head=HEAD):
    upper, lower = zip(*head, strict=True)
    total = ["合计", "", "", "", "", "", "", "", 30, 90, 25]
    return xlsx([["清溪区民生实事任务清单"], upper, lower, *rows, total], merged=MERGED)


def task(**given):
    usual = dict(
        zip(
            NAMES,
            [1, "石桥村路灯改造", "民生实事", "新装路灯12盏", "石桥", "林海", "陈建国", "2026年底", 30.0, "90", "12.5",
             "已完成招标", "否", "", ""],
            strict=True,
        )
    )  # fmt: skip
    return list((usual | given).values())


def only(session) -> Task:
    session.expire_all()
    return session.scalars(select(Task)).one()


@pytest.fixture
def lin(session, district):
    made = make_person(session, district.village, "林海")
    session.commit()
    return made


def test_a_list_of_tasks_comes_in_with_everything_it_says(session, load, district, lin):
    assert load("tasks", tasks(task())) == counted(new=1)
    made = only(session)
    assert (made.year, made.serial, made.title, made.list_kind) == (2026, "1", "石桥村路灯改造", "livelihood")
    assert (made.measures, made.unit_id, made.path) == ("新装路灯12盏", district.village.id, district.village.path)
    assert (made.responsible_id, made.responsible_name) == (lin.id, "林海")
    assert (made.leader_id, made.leader_name, made.due_on) == (None, "陈建国", date(2026, 12, 31))
    assert (made.households, made.people, made.cost) == (30, 90, Decimal("12.5"))
    assert (made.progress, made.written_off, made.written_off_on) == ("已完成招标", False, None)
    assert load.notes == ["Not on the roster, and kept as names alone: 陈建国（1）"]
    assert load("tasks", tasks(task())) == counted(same=1)
    assert only(session).version == 1


def test_progress_and_writing_off_are_a_change_with_old_and_new(session, load, district, lin):
    load("tasks", tasks(task()))
    assert load("tasks", tasks(task(**{"是否销号": "2026.11.3", "资金（万元）": "13", "验收人": "周敏"}))) == counted(
        changed=1
    )
    made = only(session)
    assert (made.written_off, made.written_off_on, made.accepted_by) == (True, date(2026, 11, 3), "周敏")
    change = session.scalars(select(Change).where(Change.action == "changed", Change.subject == "task")).one()
    assert {name: change.details[name] for name in ("written_off", "written_off_on", "accepted_by")} == {
        "written_off": [False, True],
        "written_off_on": [None, "2026-11-03"],
        "accepted_by": ["", "周敏"],
    }
    assert [Decimal(cost) for cost in change.details["cost"]] == [Decimal("12.5"), Decimal(13)]


@pytest.mark.parametrize(
    ("written", "off"), [("是", True), ("√", True), ("已销号", True), ("未完成", False), ("否", False)]
)
def test_a_task_may_be_written_off_on_a_day_that_nobody_noted(session, load, district, lin, written, off):
    assert load("tasks", tasks(task(是否销号=written))) == counted(new=1)
    assert (only(session).written_off, only(session).written_off_on) == (off, None)


def test_what_was_written_off_too_early_loses_its_day_with_it(session, load, district, lin):
    load("tasks", tasks(task(是否销号="2026-11-03")))
    assert load("tasks", tasks(task(是否销号="否"))) == counted(changed=1)
    assert (only(session).written_off, only(session).written_off_on) == (False, None)
    assert load("tasks", tasks(task(是否销号="否"))) == counted(same=1)


def test_a_name_of_nobody_on_the_roster_takes_the_place_of_who_stood_there(session, load, district, lin):
    load("tasks", tasks(task()))
    assert load("tasks", tasks(task(认领党员="外来客"))) == counted(changed=1)
    assert (only(session).responsible_id, only(session).responsible_name) == (None, "外来客")
    load("tasks", tasks(task(认领党员="林海")))
    assert load("tasks", tasks(task(认领党员="清空"))) == counted(changed=1)
    assert (only(session).responsible_id, only(session).responsible_name) == (None, "")


def test_yuan_are_ten_thousandths(session, load, district, lin):
    head = [(upper.replace("万元", "元"), lower) for upper, lower in HEAD]
    assert load("tasks", tasks(task(**{"资金（万元）": 125000}), head=head)) == counted(new=1)
    assert only(session).cost == Decimal("12.5")


def test_a_list_the_dictionary_does_not_know_joins_it(session, load, district, lin):
    load("tasks", tasks(task(类别="老旧小区改造")))
    assert session.scalars(select(Term.label).where(Term.kind == "task_list", Term.position == 99)).all() == [
        "老旧小区改造"
    ]


@pytest.mark.parametrize(
    ("given", "cell", "code"),
    [
        ({"民生实事": ""}, "B4", "required"),
        ({"责任单位": ""}, "4", "required"),
        ({"责任单位": "蒋湾村"}, "E4", "ambiguous_unit"),
        ({"整改期限": "长期"}, "H4", "date"),
        ({"受益户数": "三十户"}, "I4", "number"),
        ({"受益人数": -3}, "J4", "number"),
        ({"资金（万元）": "若干"}, "K4", "number"),
        ({"资金（万元）": -1}, "K4", "number"),
        ({"是否销号": "差不多"}, "M4", "flag"),
    ],
)
def test_a_wrong_cell_is_named_and_nothing_is_written(session, load, district, lin, given, cell, code):
    assert load("tasks", tasks(task(**given)))["error"] == 1
    assert [(error[0], error[2]) for error in load.errors] == [(cell, code)]
    assert session.scalars(select(Task)).all() == []


def test_the_same_item_twice_is_an_error_and_another_unit_s_is_another(load, district, lin):
    assert load("tasks", tasks(task(), task(), task(责任单位="沙口村", 认领党员=""))) == counted(new=2, error=1)
    assert load.errors == [("B5", "石桥村路灯改造", "twice")]


def test_namesakes_are_an_error_in_either_column(session, load, district, lin):
    for place in (district.town, district.far_town):
        make_person(session, place, "陈建国")
    session.commit()
    assert load("tasks", tasks(task())) == counted(error=1)
    assert load.errors == [("G4", "陈建国", "ambiguous_person")]


def test_a_town_imports_into_its_own_units_alone(load, district, lin):
    town = Scope(paths=(district.town.path,))
    assert load("tasks", tasks(task(责任单位="沙口村")), scope=town) == counted(error=1)
    assert load.errors == [("E4", "沙口村", "outside")]

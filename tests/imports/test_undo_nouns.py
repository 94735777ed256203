"""Households, organisations, visits, topics and tasks: taken back, the database is as it was to the byte."""

from datetime import date

import pytest
from sqlalchemy import select

from imports.kind import Order
from imports.undo import undo
from models.acting import EVERYTHING, SYSTEM
from models.households import Household
from models.people import Person
from models.terms import Term
from models.visits import Visit, Visitor
from tests.factories import make_person
from tests.imports import test_households as households
from tests.imports import test_organisations as organisations
from tests.imports import test_tasks as tasks
from tests.imports import test_topics as topics
from tests.imports import test_visits as visits
from tests.imports.conftest import counted
from tests.imports.taken_back import differences, snapshot
from tests.stage import at

FIRST = {
    "households": households.roster(households.row()),
    "organisations": organisations.register(organisations.row()),
    "visits": visits.log(visits.row()),
    "topics": topics.topics(topics.topic()),
    "tasks": tasks.tasks(tasks.task()),
}
SECOND = {
    "households": households.roster(
        households.row(手机号码="清空", 特殊群体="乡贤家庭"),
        households.row(户号="339901000002", 户主姓名="丁香", 特殊群体="老兵家庭"),
    ),
    "organisations": organisations.register(
        organisations.row(企业名称="石桥竹艺有限公司", 从业人数=36),
        organisations.row(企业名称="石桥小吃店", 统一社会信用代码=organisations.OTHER),
    ),
    "visits": visits.log(visits.row(同行人员="赵强、钱进", 手记="清空"), visits.row(走访时间="2026-06-19 20:00")),
    "topics": topics.topics(topics.topic(进展="已结题", 备注="清空"), topics.topic(调研题目="村级集体经济")),
    "tasks": tasks.tasks(
        tasks.task(是否销号="是", 责任领导="清空", 类别="老旧小区改造"),
        tasks.task(民生实事="石桥村口停车场", 类别="停车难"),
    ),
}


@pytest.fixture
def roster(session, district):
    make_person(session, district.village, "包小联").staff_no = "T1"
    for unit, name in ((district.town, "王小明"), (district.root, "陈建国"), (district.village, "林海")):
        make_person(session, unit, name)
    session.commit()


def taken_back(session, load):
    done = undo(session, load.batch, Order(SYSTEM, EVERYTHING, at("2026-11-21 09:00")))
    session.commit()
    return done


@pytest.mark.parametrize("kind", FIRST)
def test_what_an_import_added_changed_and_learned_is_as_before(session, load, roster, kind):
    assert load(kind, FIRST[kind]) == counted(new=1)
    before = snapshot(session)
    assert load(kind, SECOND[kind]) == counted(new=1, changed=1)
    assert differences(before, snapshot(session)) != {}
    assert taken_back(session, load) == {"removed": 1, "restored": 1, "left": 0}
    assert differences(before, snapshot(session)).keys() <= {"visitor"}


def visitors(session):
    rows = select(Visit.visited_on, Visitor.seq, Visitor.name, Person.name).join(Visit.visitors)
    return session.execute(rows.outerjoin(Visitor.person).order_by(Visit.visited_on, Visitor.seq)).all()


def test_who_was_out_on_a_visit_is_again_who_was_out_before(session, load, roster):
    day = date(2026, 6, 18)
    load("visits", visits.log(visits.row(同行人员="林海、赵强")))
    before = [(day, 1, "王小明", "王小明"), (day, 2, "林海", "林海"), (day, 3, "赵强", None)]
    assert visitors(session) == before
    load("visits", visits.log(visits.row(同行人员="赵强"), visits.row(走访时间="2026-06-19")))
    assert [name for _, _, name, _ in visitors(session)] == ["王小明", "赵强", "王小明", "李芳", "赵强"]
    assert taken_back(session, load) == {"removed": 1, "restored": 1, "left": 0}
    assert visitors(session) == before


def test_a_group_that_another_household_is_in_by_now_stays_in_the_dictionary(session, load, roster):
    load("households", FIRST["households"])
    load("households", SECOND["households"])
    learned = load.batch
    load(
        "households",
        households.roster(households.row(户号="339901000003", 户主姓名="戊己", 特殊群体="低保户、老兵家庭")),
    )
    load.batch = learned
    taken_back(session, load)
    known = session.scalars(select(Term.label).where(Term.kind == "household_label", Term.position == 99)).all()
    assert known == ["老兵家庭"]
    assert session.scalars(select(Household.labels).where(Household.head == "戊己")).one() == ["allowance", "老兵家庭"]

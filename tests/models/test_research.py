"""Visits, topics and tasks: who went, who leads, whose they are."""

from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from models.acting import Actor, Scope, acting_as, scope_for
from models.changes import Change
from models.roster import Roster, names_in
from models.tasks import Task
from models.topics import Topic
from models.visits import Visit, Visitor
from rules.refusals import Refusal
from tests.factories import actor, make_person
from tests.stage import at

NOW = at("2026-09-18 12:00")
DAY = date(2026, 9, 18)


def visit(session, unit, **given) -> Visit:
    made = Visit(**({"visited_on": DAY, "object_name": "陈阿根"} | given))
    made.took_place_in(unit)
    made.went(session)
    session.add(made)
    session.flush()
    return made


def led(session, model, unit, **given):
    made = model(**({"year": 2026, "title": "路灯改造"} | given))
    made.led_by(session, unit)
    session.add(made)
    session.flush()
    return made


def seen(session, model, who: Actor) -> set[int]:
    session.flush()
    with acting_as(who, NOW, scope_for(who)):
        return set(session.scalars(sa.select(model.id)))


def test_the_visitor_and_the_companions_are_those_who_went(session, district):
    wang, li = make_person(session, district.town, "王小明"), make_person(session, district.village, "李芳")
    made = visit(session, district.village, visitor=wang, companions="李芳，赵强、王小明")
    assert made.companions == "李芳、赵强"
    went = [(each.seq, each.name, each.person_id) for each in made.visitors]
    assert went == [(1, "王小明", wang.id), (2, "李芳", li.id), (3, "赵强", None)]
    made.companions = "孙丽"
    made.went(session)
    session.flush()
    session.expire_all()
    assert [(each.seq, each.name) for each in made.visitors] == [(1, "王小明"), (2, "孙丽")]
    assert session.scalar(sa.select(sa.func.count()).select_from(Visitor)) == 2


def test_a_name_that_is_clear_is_recognised_and_a_doubtful_one_stays_a_name(session, district):
    wang = make_person(session, district.town, "王小明")
    assert visit(session, district.village, visitor_name="王小明").visitor_id == wang.id
    make_person(session, district.far_town, "王小明")
    assert visit(session, district.twin, visitor_name="王小明").visitor_id is None
    assert visit(session, district.town, visitor_name="王小明").visitor_id == wang.id


def test_a_visit_that_nobody_made_is_refused(session, district):
    with pytest.raises(Refusal, match="Say who made the visit"):
        visit(session, district.village)


def test_a_unit_sees_the_visits_in_its_subtree_and_who_reaches_none_the_own_ones(session, district):
    member = actor(session, "member", district.far_village)
    here = visit(session, district.village, visitor_name="王小明")
    there = visit(session, district.far_village, visitor_name="王小明")
    along = visit(session, district.grid, visitor_name="王小明", companions=member.name)
    mine = visit(
        session, district.village, visitor=session.get_one(Visit.visitor.property.mapper.class_, member.person_id)
    )
    assert seen(session, Visit, actor(session, "handler", district.village)) == {here.id, along.id, mine.id}
    assert seen(session, Visit, actor(session, "handler", district.far_village)) == {there.id}
    assert seen(session, Visit, member) == {along.id, mine.id}
    assert seen(session, Visit, actor(session, "office", district.department)) == {here.id, there.id, along.id, mine.id}
    assert seen(session, Visit, actor(session, "sys_admin", district.root)) == set()
    listed = seen(session, Visitor, member)
    assert listed == {each.id for row in (along, mine) for each in row.visitors}


@pytest.mark.parametrize(("model", "own"), [(Topic, "leader"), (Task, "responsible"), (Task, "leader")])
def test_topics_and_tasks_are_seen_in_their_subtree_and_by_who_answers_for_them(session, district, model, own):
    member = actor(session, "member", district.far_village)
    person = session.get_one(Topic.leader.property.mapper.class_, member.person_id)
    named = {"leader_name": "陈建国"}
    here = led(session, model, district.village, **named)
    mine = led(session, model, district.village, title="别的", **{own: person})
    assert seen(session, model, actor(session, "handler", district.village)) == {here.id, mine.id}
    assert seen(session, model, actor(session, "handler", district.far_village)) == set()
    assert seen(session, model, member) == {mine.id}


def test_an_account_tied_to_nobody_owns_nothing(session, district):
    visit(session, district.village, visitor_name="王小明")
    led(session, Topic, district.village, leader_name="陈建国")
    led(session, Task, district.village)
    with acting_as(Actor(None, "x"), NOW, Scope(person_id=None)):
        for model in (Visit, Visitor, Topic, Task):
            assert session.scalars(sa.select(model.id)).all() == []


def test_one_topic_a_year_title_and_leader_in_a_district(session, district):
    led(session, Topic, district.village, leader_name="陈建国")
    led(session, Topic, district.village, leader_name="周敏")
    led(session, Topic, district.village, leader_name="陈建国", year=2025)
    with pytest.raises(IntegrityError):
        led(session, Topic, district.far_village, leader_name="陈建国")


def test_one_task_a_year_item_and_unit(session, district):
    led(session, Task, district.village)
    led(session, Task, district.far_village)
    with pytest.raises(IntegrityError):
        led(session, Task, district.village)


@pytest.mark.parametrize("wrong", [{"year": 20260}, {"cost": -1}, {"written_off": False, "written_off_on": DAY}])
def test_what_must_never_be_is_kept_out_by_the_database(session, district, wrong):
    with pytest.raises(IntegrityError):
        session.execute(
            sa.insert(Task).values(
                {"year": 2026, "title": "甲", "unit_id": district.village.id, "path": district.village.path} | wrong
            )
        )


def test_a_task_that_is_open_has_no_day_on_which_it_was_written_off(session, district):
    with pytest.raises(Refusal, match="not written off"):
        led(session, Task, district.village, written_off_on=DAY)


def test_what_changes_is_kept_with_old_and_new(session, district):
    made = led(session, Topic, district.village, leader_name="陈建国")
    made.progress = "已结题"
    session.flush()
    rows = session.execute(sa.select(Change.action, Change.path, Change.details).where(Change.subject == "topic"))
    assert [tuple(row) for row in rows] == [
        ("added", district.village.path, {}),
        ("changed", district.village.path, {"progress": ["", "已结题"]}),
    ]


def test_a_household_is_not_named_to_those_who_look_on(session, district):
    made = visit(session, district.village, visitor_name="王小明")
    manager = actor(session, "manager", district.root)
    with acting_as(manager, NOW, scope_for(manager)):
        assert made.shown_object == "陈**"
        made.object_kind = "enterprise"
        assert made.shown_object == "陈阿根"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("王小明", ["王小明"]),
        ("王　芳", ["王芳"]),
        ("王小明 李芳", ["王小明", "李芳"]),
        ("王小明，李芳;赵强/孙丽\n周杰", ["王小明", "李芳", "赵强", "孙丽", "周杰"]),
        ("王小明、李芳等5人", ["王小明", "李芳"]),
        ("王小明一行", ["王小明"]),
        ("王小明、王小明", ["王小明"]),
        (" ", []),
    ],
)
def test_the_names_in_a_cell(text, names):
    assert names_in(text) == names


def test_people_on_duty_and_of_the_unit_come_before_others(session, district):
    here, _there = make_person(session, district.village, "王芳"), make_person(session, district.far_village, "王芳")
    gone = make_person(session, district.village, "王芳", employment="left")
    roster = Roster.load(session, Scope(everything=True))
    assert {entry.id for entry in roster.candidates("王芳")} == {here.id, _there.id}
    assert roster.only("王　芳", district.town.path) == here.id
    assert roster.only(f"王芳（{gone.staff_no}）") == gone.id
    assert roster.only(gone.staff_no) == gone.id
    assert roster.only("王芳(沙口村)") == _there.id
    assert roster.only("王芳") is None
    town = Scope(paths=(district.far_town.path,))
    assert Roster.load(session, town).only("王芳") == _there.id

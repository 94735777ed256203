"""The screens and the API of visits, topics and tasks."""

from datetime import date, time
from decimal import Decimal

import pytest
import sqlalchemy as sa

from models.people import Person
from models.tasks import Task
from models.topics import Topic
from models.units import Unit
from models.visits import Visit
from tests.factories import make_person
from tests.imports.books import xlsx
from tests.views.test_imports import press, staged


def only(session, model):
    session.expire_all()
    return session.scalars(sa.select(model)).one()


def kept(session, unit, **given) -> Visit:
    made = Visit(**({"visited_on": date(2026, 9, 18), "object_name": "陈阿根", "visitor_name": "王小明"} | given))
    made.took_place_in(session.get_one(Unit, unit.id))
    made.went(session)
    session.add(made)
    session.commit()
    return made


FORM = {
    "visited_on": "2026-09-18",
    "visited_at": "19:30",
    "kind": "night_talk",
    "object_kind": "household",
    "object_name": "陈阿根",
    "address": "石桥村3组",
    "outcome": "issue_raised",
    "content": "楼道灯坏了，电话13800138000",
    "to_ticket": "y",
    "field_note": "夜里走一走",
}


def test_the_office_records_a_visit_of_somebody_on_the_roster(session, client_as, district):
    office, wang = client_as("office", district.root), make_person(session, district.town, "王小明")
    session.commit()
    sent = FORM | {"visitor": wang.id, "companions": "李芳，赵强", "unit": district.village.id}
    assert office.post("/visits/add", data=sent).status_code == 302
    visit = only(session, Visit)
    assert (visit.visited_on, visit.visited_at, visit.kind) == (date(2026, 9, 18), time(19, 30), "night_talk")
    assert (visit.visitor_id, visit.visitor_name, visit.companions) == (wang.id, "王小明", "李芳、赵强")
    assert (visit.path, visit.to_ticket, visit.outcome) == (district.village.path, True, "issue_raised")
    record = office.get(f"/visits/show/{visit.id}").text
    for said in ("2026-09-18 王小明 → 陈阿根", "19:30", "夜谈", "李芳、赵强", "13800138000", "石桥村", "反映问题"):
        assert said in record
    changed = FORM | {"visitor": wang.id, "unit": district.far_village.id, "version": "1", "handling": "已修好"}
    changed["companions"] = "李芳、赵强"
    assert office.post(f"/visits/edit/{visit.id}", data=changed).status_code == 302
    visit = only(session, Visit)
    assert (visit.path, visit.handling, visit.companions) == (district.far_village.path, "已修好", "李芳、赵强")
    assert "办理情况: （空） → 已修好" in office.get(f"/visits/show/{visit.id}").text


def test_a_visit_needs_a_visitor_and_somebody_visited(session, client_as, district):
    office = client_as("office", district.root)
    assert "请填写走访人" in office.post("/visits/add", data=FORM | {"unit": district.village.id}).text
    assert "object_name" in office.post("/visits/add", data=FORM | {"visitor_name": "王", "object_name": ""}).text
    assert session.scalars(sa.select(Visit)).all() == []


@pytest.mark.parametrize("role", ["member", "group_leader"])
def test_a_member_hands_in_visits_of_its_own_and_of_nobody_else(session, client_as, district, role):
    kept(session, district.village)
    member = client_as(role, district.village)
    form = member.get("/visits/add").text
    assert 'name="object_name"' in form
    assert 'name="visitor' not in form
    other = make_person(session, district.village, "王小明")
    session.commit()
    sent = FORM | {"visitor": other.id, "visitor_name": "王小明"}
    page = member.post("/visits/add", data=sent)
    assert page.status_code == 200, "a stranger is no choice"
    assert member.post("/visits/add", data=FORM | {"visitor_name": "王小明"}).status_code == 302
    session.expire_all()
    mine = session.scalars(sa.select(Visit).where(Visit.visitor_id == member.person_id)).one()
    assert (mine.visitor_name, mine.unit_id) == (session.get_one(Person, member.person_id).name, district.village.id)
    listed = member.get("/visits/list/").text
    assert (listed.count("陈阿根"), "王小明" in listed) == (1, False)


def test_who_went_along_adds_to_a_visit_and_does_not_take_it_over(session, client_as, district):
    member = client_as("member", district.village)
    me = session.get_one(Person, member.person_id)
    visit = kept(session, district.village, companions=me.name)
    sent = FORM | {"companions": me.name, "version": "1", "visitor_name": "我", "visitor": member.person_id}
    assert member.post(f"/visits/edit/{visit.id}", data=sent).status_code == 302
    changed = only(session, Visit)
    assert (changed.visitor_name, changed.visitor_id, changed.field_note) == ("王小明", None, "夜里走一走")
    answer = member.put(f"/api/v1/visits/{visit.id}", json={"visitor_name": "我", "address": "新址", "version": 2})
    assert answer.status_code == 200
    changed = only(session, Visit)
    assert (changed.visitor_name, changed.address) == ("王小明", "新址")


def test_a_member_hands_in_a_visit_by_program(session, client_as, district):
    member = client_as("member", district.village)
    sent = {"visited_on": "2026-09-18", "kind": "day_visit", "object_kind": "enterprise", "object_name": "恒达公司"}
    answer = member.post("/api/v1/visits/", json=sent)
    assert answer.status_code == 201
    visit = only(session, Visit)
    assert (visit.visitor_id, visit.unit_id, visit.outcome) == (member.person_id, district.village.id, "listened")
    wrong = member.post("/api/v1/visits/", json=sent | {"unit": district.far_village.id})
    assert wrong.status_code == 422


def test_those_who_look_on_read_no_names_of_people_and_no_numbers(session, client_as, district):
    visit = kept(session, district.village, content="电话13800138000")
    kept(session, district.village, object_name="恒达公司", object_kind="enterprise")
    manager = client_as("manager", district.root)
    for address in ("/visits/list/", f"/visits/show/{visit.id}", "/visits/export/csv", "/api/v1/visits/"):
        told = manager.get(address).get_data(as_text=True) + str(manager.get(address).get_json(silent=True))
        assert "陈阿根" not in told, address
        assert "13800138000" not in told, address
    assert "恒达公司" in manager.get("/visits/list/").text
    assert manager.get("/api/v1/visits/").json["count"] == 2
    assert manager.get("/visits/add").status_code in (302, 403)


def test_visits_are_found_by_what_was_written_and_put_in_order(session, client_as, district):
    kept(session, district.village)
    kept(session, district.far_village, object_name="恒达公司", object_kind="enterprise", visited_on=date(2026, 9, 19))
    office = client_as("office", district.root)
    page = office.get("/visits/list/").text
    assert page.index("恒达公司") < page.index("陈阿根")
    assert "恒达公司" not in office.get("/visits/list/?_oc_VisitView=visited_on&_flt_0_object_name=阿根").text
    assert "陈阿根" not in office.get("/visits/list/?_flt_0_object_kind=enterprise").text
    assert "恒达公司" not in office.get(f"/visits/list/?_flt_0_unit={district.town.id}").text
    assert "陈阿根" not in office.get("/visits/list/?_flt_0_visited_on=2026-09-19").text
    questions = office.get("/visits/questions").text
    assert "走访类别" in questions


def test_the_office_keeps_topics(session, client_as, district):
    office, chen = client_as("office", district.root), make_person(session, district.root, "陈建国")
    session.commit()
    sent = {"year": "2026", "title": "物业管理", "stage": "research", "leader": chen.id, "unit": district.department.id}
    assert office.post("/topics/add", data=sent | {"due_on": "2026-12-31"}).status_code == 302
    topic = only(session, Topic)
    assert (topic.leader_name, topic.path, topic.due_on) == ("陈建国", district.department.path, date(2026, 12, 31))
    record = office.get(f"/topics/show/{topic.id}").text
    for said in ("物业管理", "陈建国", "区交通局", "调研", "2026-12-31"):
        assert said in record
    again = office.post("/topics/add", data=sent)
    assert "已有相同" in again.text or "无法保存" in again.text
    assert "物业管理" in office.get("/topics/list/?_flt_0_leader_name=建国").text
    assert office.get("/api/v1/topics/").json["result"][0]["leader_name"] == "陈建国"
    assert only(session, Topic).version == 1


def test_the_office_keeps_tasks(session, client_as, district):
    office, lin = client_as("office", district.root), make_person(session, district.village, "林海")
    session.commit()
    sent = {
        "year": "2026",
        "title": "路灯改造",
        "list_kind": "livelihood",
        "unit": district.village.id,
        "cost": "12.50",
    }
    charge = {"responsible_name": "林海", "leader_name": "陈建国", "households": "30", "people": "90"}
    assert office.post("/tasks/add", data=sent | charge).status_code == 302
    task = only(session, Task)
    assert (task.responsible_id, task.leader_id, task.cost, task.households) == (lin.id, None, Decimal("12.5"), 30)
    record = office.get(f"/tasks/show/{task.id}").text
    for said in ("路灯改造", "民生实事", "林海", "陈建国", "12.5<"):
        assert said in record.replace("\n", "")
    open_still = sent | {"title": "别的", "written_off_on": "2026-09-18"}
    assert "未销号的任务不能填销号日期" in office.post("/tasks/add", data=open_still).text
    assert office.post("/tasks/add", data=sent | {"title": "别的", "cost": "-1"}).status_code == 200
    done = {"written_off": True, "written_off_on": "2026-09-18", "version": 1}
    assert office.put(f"/api/v1/tasks/{task.id}", json=done).status_code == 200
    task = only(session, Task)
    assert (task.written_off, task.written_off_on) == (True, date(2026, 9, 18))


def test_members_read_their_own_topics_and_tasks_and_write_none(session, client_as, district):
    member = client_as("member", district.village)
    me = session.get_one(Person, member.person_id)
    for title, lead in (("我的", me), ("别人的", make_person(session, district.village, "林海"))):
        for made in (
            Topic(year=2026, title=title + "课题", leader=lead),
            Task(year=2026, title=title + "实事", responsible=lead),
        ):
            made.led_by(session, session.get_one(Unit, district.village.id))
            session.add(made)
    session.commit()
    for noun in ("topics", "tasks"):
        page = member.get(f"/{noun}/list/").text
        assert ("我的" in page, "别人的" in page) == (True, False)
        assert member.get(f"/{noun}/add").status_code in (302, 403)
        assert member.post(f"/api/v1/{noun}/", json={}).status_code == 403


def test_a_log_is_uploaded_looked_through_and_committed_on_screen(session, client_as, district):
    office, wang = client_as("office", district.root), make_person(session, district.town, "王小明")
    session.commit()
    head = ["走访日期", "走访人", "走访对象", "所属村社", "反映问题"]
    book = xlsx([head, ["2026-9-18", "王小明", "陈阿根", "石桥", "灯坏了"]])
    page = staged(office, "visits", book)
    shown = office.get(page).text
    for said in ("王小明", "陈阿根", "石桥村", "昼访", "2026-09-18"):
        assert said in shown
    press(office, page, "commit")
    assert only(session, Visit).visitor_id == wang.id
    assert 'href="/visits/list/"' in office.get(page).text
    later = office.get(staged(office, "visits", xlsx([head, ["2026-9-18", "王小明", "陈阿根", "石桥", "修好了"]]))).text
    assert "灯坏了" in later
    assert "修好了" in later

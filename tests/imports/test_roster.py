"""A roster against those on duty: joiners, movers, leavers, and what becomes of their open work."""

from dataclasses import dataclass
from itertools import count

import pytest
from sqlalchemy import select

from imports import committing, conflicts, handover, roster, run
from imports.kind import Order
from imports.roster import Choice
from imports.undo import undo
from models.acting import EVERYTHING, RESIDENT, SYSTEM, Actor, Scope
from models.changes import Change
from models.events import TicketEvent
from models.intake import Draft, submit
from models.legs import Leg
from models.people import Person
from models.tasks import Task
from models.tickets import Ticket
from models.topics import Topic
from rules.deadlines import Tier
from rules.roles import Role
from tests.factories import actor, make_person
from tests.imports import test_topics as topics
from tests.imports.books import xlsx
from tests.imports.conftest import counted
from tests.imports.taken_back import differences, snapshot
from tests.imports.test_people import person
from tests.stage import at

WHOLE = Choice(whole=True)
NOW, LATER = at("2026-11-20 12:00"), at("2026-11-21 09:00")
numbers = count(1)


def sheet(*rows):
    return xlsx([["工号", "姓名", "单位", "在职状态"], *rows])


@dataclass
class Village:
    """石桥村 with its leader, one who stays, one who moves to 沙口村 and one who leaves."""

    leader: Person
    stays: Person
    moves: Person
    leaves: Person

    @property
    def file(self):
        return sheet(
            [self.leader.staff_no, self.leader.name, "石桥村", ""],
            [self.stays.staff_no, self.stays.name, "石桥村", ""],
            [self.moves.staff_no, self.moves.name, "沙口村", ""],
            ["N001", "新来的", "石桥村", ""],
        )


@pytest.fixture
def village(session, district):
    names = ("石书记", "李留任", "王调动", "赵离开")
    made = Village(*(make_person(session, district.village, name) for name in names))
    district.village.leader_id = made.leader.id
    session.commit()
    return made


def make_leg(session, district, handler):
    draft = Draft("路灯不亮", "村口三盏路灯不亮。", district.village, "portal", external_id=f"E{next(numbers)}")
    ticket, _made = submit(session, draft, RESIDENT, at("2026-11-19 09:00"))
    dispatcher = actor(session, "dispatcher", district.town)
    ticket.accept(dispatcher, at("2026-11-19 10:00"), tier=Tier.MICRO, category=None)
    ticket.dispatch(district.village, dispatcher, at("2026-11-19 10:00"))
    place = (district.village.id, district.village.name, district.village.path, district.village.kind)
    ticket.sign(Actor(handler.id, handler.name, frozenset({Role.HANDLER}), *place), at("2026-11-19 11:00"))
    session.commit()
    return ticket.lead


def make_topic(session, district, leader, title="竹编产业", **columns):
    topic = Topic(year=2026, title=title, leader=leader, **columns)
    topic.led_by(session, district.village)
    session.add(topic)
    session.commit()
    return topic


def make_task(session, district, responsible, leader):
    task = Task(year=2026, title="修桥", responsible=responsible, leader=leader)
    task.led_by(session, district.village)
    session.add(task)
    session.commit()
    return task


@pytest.fixture
def bring_in(session, load):
    """Previews the file, says the choice, with every suggestion if they are `suggested`, and commits."""

    def bring_in(data, choice, *, suggested=False, **options):
        order, _ = load.preview("people", data, **options)
        if suggested:
            choice = handover.plan(run.of_batch(session, load.batch, order), choice).as_proposed()
        load.batch.options = load.batch.options | {"roster": choice.kept()}
        session.commit()
        committing.commit(session, load.batch, order, skip_errors=True)
        session.commit()

    return bring_in


@pytest.fixture
def take_back(session, load):
    def take_back():
        done = undo(session, load.batch, Order(SYSTEM, EVERYTHING, LATER))
        session.commit()
        return done

    return take_back


def previewed(session, load):
    return run.of_batch(session, load.batch, Order(SYSTEM, EVERYTHING, NOW))


def missing(kind, choice=WHOLE):
    return [each.name for each in roster.listed(kind, roster.leavers(kind, choice), choice, 50)]


def test_who_is_new_who_moves_and_who_is_missing(session, load, village):
    load.preview("people", village.file)
    kind = previewed(session, load)
    assert roster.counts(kind, WHOLE) == {"joiners": 1, "movers": 1, "leavers": 1, "left": 0}
    (moves,) = roster.listed(kind, roster.movers(kind), WHOLE, 50)
    assert (moves.name, moves.unit, moves.to) == ("王调动", "青石镇石桥村", "白沙乡沙口村")
    assert missing(kind) == ["赵离开"]


def test_nobody_is_missing_from_a_file_that_is_not_said_to_be_whole(session, load, village):
    load.preview("people", village.file)
    assert missing(previewed(session, load), Choice(all_left=True)) == []


def test_only_units_that_occur_in_the_file_are_looked_at_unless_a_whole_tree_is_meant(session, load, district, village):
    make_person(session, district.twin, "蒋湾人")
    make_person(session, district.grid, "网格员")
    make_person(session, district.far_twin, "远乡人")
    make_person(session, district.village, "退休人", employment="retired")
    session.commit()
    load.preview("people", village.file)
    kind = previewed(session, load)
    assert missing(kind) == ["赵离开"]
    town = Choice(whole=True, under=district.town.path)
    assert missing(kind, town) == ["赵离开", "网格员", "蒋湾人"]


def test_a_file_that_names_no_units_is_about_those_of_its_people(session, load, village):
    load.preview("people", xlsx([["工号", "姓名"], [village.stays.staff_no, "李留任"]]))
    assert missing(previewed(session, load)) == ["石书记", "王调动", "赵离开"]


def test_whoever_a_wrong_row_resembles_is_not_taken_for_missing(session, load, village):
    load.preview("people", sheet(["N002", "李留任", "石桥村", "不详"], [village.moves.staff_no, "王", "无此村", ""]))
    load.batch.error = 0
    assert missing(previewed(session, load)) == ["石书记", "赵离开"]


def test_nobody_outside_ones_own_units_is_listed(session, load, district, village):
    load.preview("people", village.file)
    kind = run.of_batch(session, load.batch, Order(SYSTEM, Scope(paths=(district.twin.path,)), NOW))
    assert missing(kind) == []


def test_nobody_leaves_without_a_word(session, bring_in, village):
    bring_in(village.file, WHOLE)
    assert person(session, "赵离开").employment == "active"


def test_those_who_are_said_to_have_left_are_marked_and_undone(session, load, bring_in, take_back, village):
    before = snapshot(session)
    bring_in(village.file, Choice(whole=True, ids=frozenset({village.leaves.id, village.stays.id})))
    assert (person(session, "赵离开").employment, person(session, "李留任").employment) == ("left", "active")
    told = select(Change.details).where(Change.subject_id == village.leaves.id, Change.batch_id == load.batch.id)
    assert session.scalars(told).all() == [{"employment": ["active", "left"]}]
    assert take_back() == {"removed": 1, "restored": 2, "left": 0}
    assert differences(before, snapshot(session)) == {}


def test_all_but_some_have_left(session, bring_in, village):
    file = sheet([village.leader.staff_no, "石书记", "石桥村", ""])
    bring_in(file, Choice(whole=True, all_left=True, ids=frozenset({village.stays.id})))
    found = {each.name: each.employment for each in session.scalars(select(Person))}
    assert found == {"石书记": "active", "李留任": "active", "王调动": "left", "赵离开": "left"}


def test_open_work_goes_to_the_leader_of_the_old_unit_with_its_history(session, load, bring_in, district, village):
    of_leaver, of_mover = make_leg(session, district, village.leaves), make_leg(session, district, village.moves)
    topic = make_topic(session, district, village.moves)
    task = make_task(session, district, village.leaves, village.moves)
    bring_in(village.file, Choice(whole=True, all_left=True), suggested=True)
    leader = village.leader.id
    assert (of_leaver.handler_id, of_mover.handler_id, of_leaver.version) == (leader, leader, 3)
    assert (topic.leader_id, topic.leader_name, topic.version) == (leader, "石书记", 2)
    assert (task.responsible_id, task.leader_id, task.leader_name) == (leader, leader, "石书记")
    assert load.batch.options["handover"] == {"handed": 5}
    event = session.scalars(select(TicketEvent).where(TicketEvent.leg_id == of_mover.id)).all()[-1]
    assert (event.action, event.data["handler"], event.name) == ("reassigned", ["王调动", "石书记"], "系统")
    changed = select(Change.details).where(Change.subject == "topic", Change.batch_id == load.batch.id)
    assert session.scalars(changed).all() == [
        {"leader_id": [village.moves.id, leader], "leader_name": ["王调动", "石书记"]}
    ]


def test_who_moves_takes_along_what_was_the_new_units_already(session, load, bring_in, district, village):
    topic = make_topic(session, district, village.moves)
    topic.led_by(session, district.far_village)
    session.commit()
    bring_in(village.file, Choice())
    assert (person(session, "王调动").unit_id, topic.leader_id) == (district.far_village.id, village.moves.id)
    assert load.batch.options["handover"] == {}


def test_work_goes_to_whom_was_chosen_and_to_the_unit_where_nobody_was(session, load, bring_in, district, village):
    of_leaver, of_mover = make_leg(session, district, village.leaves), make_leg(session, district, village.moves)
    said = Choice(
        whole=True,
        all_left=True,
        by_unit={district.village.id: village.stays.id},
        by_person={village.moves.id: handover.NOBODY},
    )
    bring_in(village.file, said)
    assert (of_leaver.handler_id, of_mover.handler_id, of_mover.unit_id) == (
        village.stays.id, None, district.village.id,
    )  # fmt: skip
    assert load.batch.options["handover"] == {"handed": 1, "unit": 1}
    event = session.scalars(select(TicketEvent).where(TicketEvent.leg_id == of_mover.id)).all()[-1]
    assert (event.action, event.data["handler"]) == ("reassigned", ["王调动", ""])


def test_nobody_inherits_who_goes_too_or_belongs_elsewhere(session, load, bring_in, district, village):
    leg = make_leg(session, district, village.leaves)
    outsider = make_person(session, district.twin)
    session.commit()
    for heir in (village.moves, outsider):
        load.preview("people", village.file)
        choice = Choice(whole=True, all_left=True, by_unit={district.village.id: heir.id})
        plan = handover.plan(previewed(session, load), choice)
        assert [work.id for work in plan.works] == [leg.id]
        assert plan.undecided == {village.leaves.id: district.village.id}


def test_what_is_done_or_awaits_review_stays_to_the_credit_of_who_did_it(session, bring_in, district, village):
    reviewed, closed = make_leg(session, district, village.leaves), make_leg(session, district, village.leaves)
    reviewed.state = "pending_review"
    closed.state = "settled"
    topic = make_topic(session, district, village.leaves, stage="concluded")
    session.commit()
    bring_in(village.file, Choice(whole=True, all_left=True))
    gone = village.leaves.id
    assert (reviewed.handler_id, closed.handler_id, topic.leader_id) == (gone, gone, gone)


def test_whom_the_file_itself_calls_retired_hands_on_too(session, load, bring_in, district, village):
    leg = make_leg(session, district, village.stays)
    bring_in(sheet([village.stays.staff_no, "李留任", "石桥村", "退休"]), Choice(), suggested=True)
    assert (person(session, "李留任").employment, leg.handler_id) == ("retired", village.leader.id)


def test_a_topic_the_heir_leads_already_stays(session, load, bring_in, district, village):
    make_topic(session, district, village.leader)
    twin = make_topic(session, district, village.leaves)
    bring_in(village.file, Choice(whole=True, all_left=True), suggested=True)
    assert twin.leader_id == village.leaves.id
    assert load.batch.options["handover"] == {"stays": 1}


def test_undoing_gives_all_work_back(session, load, bring_in, take_back, district, village):
    leg = make_leg(session, district, village.leaves)
    topic = make_topic(session, district, village.moves)
    make_task(session, district, village.leaves, village.moves)
    held = leg.version
    before = snapshot(session)
    bring_in(village.file, Choice(whole=True, all_left=True), suggested=True)
    assert take_back() == {"removed": 1, "restored": 2, "left": 0}
    assert (topic.version, leg.version) == (3, held)
    rest = differences(before, snapshot(session))
    assert set(rest) <= {"ticket_event"}
    told = select(TicketEvent.data).where(TicketEvent.leg_id == leg.id, TicketEvent.action == "reassigned")
    handlers = [data["handler"] for data in session.scalars(told.order_by(TicketEvent.id))]
    assert handlers == [["赵离开", "石书记"], ["石书记", "赵离开"]]


def test_what_a_later_list_did_to_work_that_was_handed_on_can_be_undone_before_it(
    session, load, bring_in, take_back, district, village
):
    topic = make_topic(session, district, village.moves)
    bring_in(village.file, Choice(whole=True, all_left=True), suggested=True)
    handed_on = load.batch
    told = dict.fromkeys(topics.HEAD, "") | {"调研题目": "竹编产业", "领题领导": "石书记", "牵头单位": "石桥"}
    assert load("topics", topics.topics(list((told | {"备注": "改过"}).values()))) == counted(changed=1)
    assert take_back() == {"removed": 0, "restored": 1, "left": 0}
    load.batch = handed_on
    assert take_back() == {"removed": 1, "restored": 2, "left": 0}
    session.expire_all()
    assert (topic.note, topic.leader_id) == ("", village.moves.id)


def test_work_that_has_gone_on_is_left_and_listed(session, load, bring_in, take_back, district, village):
    leg = make_leg(session, district, village.leaves)
    topic = make_topic(session, district, village.moves)
    bring_in(village.file, Choice(whole=True, all_left=True), suggested=True)
    topic.progress = "已访谈三户。"
    moved = person(session, "王调动")
    moved.post = "主任"
    session.commit()
    number = session.get_one(Ticket, leg.ticket_id).number
    leaver = person(session, "赵离开")
    leaver.post = "顾问"
    session.commit()
    assert take_back() == {"removed": 1, "restored": 0, "left": 4}
    found = conflicts.found(previewed(session, load), load.batch)
    assert [(each.name, each.code, each.who) for each in found] == [
        (f"王调动 {moved.staff_no}", "changed", "系统"),
        (f"赵离开 {leaver.staff_no}", "changed", "系统"),
        (number, "away", ""),
        ("竹编产业", "changed", "系统"),
    ]
    assert session.scalars(select(Leg.handler_id)).all() == [village.leader.id]
    assert topic.leader_id == village.leader.id


def test_whoever_imports_is_no_leaver_of_their_own_file(session, load, district, village):
    me = Actor(village.leaves.id, "赵离开", frozenset({Role.OFFICE}), district.root.id, "清溪区", district.root.path)
    order, _ = load.preview("people", village.file, by=me)
    kind = run.of_batch(session, load.batch, order)
    assert (missing(kind), roster.misses_importer(kind, WHOLE)) == ([], True)
    load.batch.options = load.batch.options | {"roster": Choice(whole=True, all_left=True).kept()}
    session.commit()
    committing.commit(session, load.batch, order, skip_errors=False)
    session.commit()
    assert person(session, "赵离开").employment == "active"
    assert not roster.misses_importer(previewed(session, load), WHOLE)


def test_rows_that_are_committed_behind_the_others_are_no_whole_roster(session, load, village):
    load.preview("people", village.file)
    options = {"roster": Choice(whole=True, all_left=True).kept(), "written": {"new": 1}}
    kind = previewed(session, load)
    kind.heed(options)
    assert (kind.roster.whole, kind.outcome["left"]) == (False, 0)
    assert roster.said_of({"roster": Choice(whole=True).kept()}).whole

"""Open work of those who go: nobody is passed over, whoever takes it over is told, and undoing gives all of it back."""

import pytest
from sqlalchemy import select

from imports import conflicts, handover, run
from imports.handover import NOBODY, Proposal
from imports.roster import Choice
from models.accounts import open_account
from models.acting import Scope
from models.changes import Change
from models.events import TicketEvent
from models.notices import Notice
from models.people import Person
from rules.lifecycle import State
from rules.refusals import Refusal
from rules.roles import Role
from tests.factories import actor, make_account, make_person, unit
from tests.imports import test_roster
from tests.imports.taken_back import differences, snapshot
from tests.imports.test_people import person
from tests.imports.test_roster import make_leg, make_task, make_topic, previewed, sheet
from tests.stage import at

village, bring_in, take_back = test_roster.village, test_roster.bring_in, test_roster.take_back
ALL_LEFT = Choice(whole=True, all_left=True)


@pytest.fixture
def plan(session, load, village):
    """Of the file of the village, or another."""

    def plan(choice=ALL_LEFT, data=None):
        load.preview("people", data or village.file)
        return handover.plan(previewed(session, load), choice)

    return plan


def told(session):
    rows = session.execute(select(Notice.event, Person.name, Notice.values).join(Notice.person).order_by(Notice.id))
    return [(event, name, values["count"]) for event, name, values in rows if event in ("handed_on", "leavers")]


def named(*people):
    return sheet(*([each.staff_no, each.name, "石桥村", ""] for each in people))


def test_nothing_is_written_while_somebody_is_undecided(session, load, bring_in, district, village):
    leg = make_leg(session, district, village.leaves)
    make_topic(session, district, village.moves)
    before = snapshot(session)
    for said in (ALL_LEFT, Choice(whole=True, all_left=True, by_person={village.moves.id: village.stays.id})):
        with pytest.raises(Refusal) as refused:
            bring_in(village.file, said)
        assert refused.value.message.startswith("%(count)s people who move or leave have open work")
        assert refused.value.values == {"count": 2 if said is ALL_LEFT else 1}
        assert differences(before, snapshot(session)) == {}
    assert (leg.handler_id, load.batch.state) == (village.leaves.id, "previewed")


def test_whoever_has_no_open_work_is_not_asked_about(session, bring_in, village):
    bring_in(village.file, ALL_LEFT)
    assert person(session, "赵离开").employment == "left"


def test_what_is_said_of_a_unit_holds_for_those_of_whom_nothing_is_said(session, district, village, plan):
    for one in (village.leaves, village.moves):
        make_leg(session, district, one)
    said = {"by_unit": {district.village.id: village.stays.id}, "by_person": {village.moves.id: NOBODY}}
    heirs = plan(Choice(whole=True, all_left=True, **said)).heirs
    unit = district.village.id
    assert (heirs.of(village.leaves.id, unit), heirs.of(village.moves.id, unit)) == (village.stays.id, NOBODY)


def test_the_leader_is_proposed(session, district, village, plan):
    make_leg(session, district, village.leaves)
    (proposal,) = plan().heirs.proposals.values()
    assert proposal == Proposal(village.leader.id, handover.LEADS, {"name": "石书记"})


def test_where_the_leader_goes_too_the_one_who_has_least_in_hand_is_proposed(session, district, village, plan):
    for holder in (village.leader, village.stays, village.stays):
        make_leg(session, district, holder)
    file = named(village.stays, village.moves, village.leaves)
    (proposal,) = plan(ALL_LEFT, file).heirs.proposals.values()
    assert proposal == Proposal(village.moves.id, handover.LEAST, {"name": "王调动", "count": 0})
    open_account(session, village.stays, "liliuren", None, {Role.HANDLER})
    session.commit()
    (proposal,) = plan(ALL_LEFT, file).heirs.proposals.values()
    assert proposal == Proposal(village.stays.id, handover.LEAST_OF_HANDLERS, {"name": "李留任", "count": 2})


def test_where_nobody_else_is_on_duty_the_unit_keeps_the_work_or_who_comes_gets_it(session, district, village, plan):
    lonely = make_person(session, district.grid, "网格员")
    make_leg(session, district, lonely)
    choice = Choice(whole=True, under=district.town.path, ids=frozenset({lonely.id}))
    (proposal,) = plan(choice).heirs.proposals.values()
    assert proposal == Proposal(NOBODY, handover.ALONE, {})
    file = sheet([village.stays.staff_no, "李留任", "石桥村", ""], ["N002", "新网格员", "石桥第一网格", ""])
    (proposal,) = plan(choice, file).heirs.proposals.values()
    assert proposal == Proposal("N002", handover.COMES, {"name": "新网格员"})


def test_who_joins_with_the_file_can_take_over_and_vanishes_again(
    session, load, bring_in, take_back, district, village
):
    leg, topic = make_leg(session, district, village.leaves), make_topic(session, district, village.moves)
    held = leg.version
    before = snapshot(session)
    bring_in(village.file, Choice(whole=True, all_left=True, by_unit={district.village.id: "N001"}))
    joined = person(session, "新来的")
    assert (leg.handler_id, topic.leader_id, topic.leader_name) == (joined.id, joined.id, "新来的")
    assert told(session) == [("handed_on", "新来的", 2)]
    assert take_back() == {"removed": 1, "restored": 2, "left": 0}
    assert set(differences(before, snapshot(session))) <= {"ticket_event"}
    assert (leg.handler_id, leg.version) == (village.leaves.id, held)


def test_who_joined_stays_with_work_that_has_gone_on(session, load, bring_in, take_back, district, village):
    topic = make_topic(session, district, village.leaves)
    bring_in(village.file, Choice(whole=True, all_left=True, by_unit={district.village.id: "N001"}))
    topic.progress = "已访谈三户。"
    session.commit()
    assert take_back() == {"removed": 0, "restored": 2, "left": 2}
    found = conflicts.found(previewed(session, load), load.batch)
    assert [(each.name, each.code, each.table) for each in found] == [
        ("新来的 N001", "held", "topic"), ("竹编产业", "changed", ""),
    ]  # fmt: skip
    assert topic.leader_id == person(session, "新来的").id


def test_who_comes_from_elsewhere_with_the_file_can_take_over(session, bring_in, district, village):
    comes = make_person(session, district.far_village, "何到任")
    leg = make_leg(session, district, village.leaves)
    file = named(village.leader, village.stays, village.moves, comes)
    bring_in(file, Choice(whole=True, ids=frozenset({village.leaves.id}), by_unit={district.village.id: comes.id}))
    assert (leg.handler_id, comes.unit_id) == (comes.id, district.village.id)


def test_what_is_left_with_the_unit_has_nobody_but_names_who_had_it(
    session, load, bring_in, take_back, district, village
):
    topic = make_topic(session, district, village.moves)
    task = make_task(session, district, village.leaves, village.moves)
    before = snapshot(session)
    bring_in(village.file, Choice(whole=True, all_left=True, by_unit={district.village.id: NOBODY}))
    assert (topic.leader_id, topic.leader_name) == (None, "王调动")
    assert (task.responsible_id, task.responsible_name, task.leader_id, task.leader_name) == (
        None, "赵离开", None, "王调动",
    )  # fmt: skip
    changed = select(Change.details).where(Change.subject == "topic", Change.batch_id == load.batch.id)
    assert session.scalars(changed).all() == [{"leader_id": [village.moves.id, None]}]
    assert load.batch.options["handover"] == {"unit": 3}
    assert told(session) == []
    assert take_back() == {"removed": 1, "restored": 2, "left": 0}
    assert differences(before, snapshot(session)) == {}


def test_of_two_topics_alike_an_heir_gets_one(session, load, bring_in, district, village):
    topics = [make_topic(session, district, who) for who in (village.leaves, village.moves)]
    bring_in(village.file, ALL_LEFT, suggested=True)
    assert [topic.leader_name for topic in topics] == ["赵离开", "石书记"]
    assert load.batch.options["handover"] == {"handed": 1, "stays": 1}


def test_each_heir_is_told_once_of_all_of_it_and_led_to_a_single_request(session, load, bring_in, district, village):
    legs = [make_leg(session, district, who) for who in (village.leaves, village.leaves, village.moves)]
    session.query(Notice).delete()
    session.commit()
    heirs = {village.leaves.id: village.leader.id, village.moves.id: village.stays.id}
    bring_in(village.file, Choice(whole=True, all_left=True, by_person=heirs))
    assert sorted(told(session)) == [("handed_on", "李留任", 1), ("handed_on", "石书记", 2)]
    leader, stays = sorted(session.scalars(select(Notice)), key=lambda notice: notice.person_id)
    assert leader.key == f"handed_on:batch-{load.batch.id}:person-{village.leader.id}:new/20261120T040000"
    assert (leader.values, stays.values["ticket"]) == ({"count": 2, "subject": "leg"}, legs[2].ticket_id)
    assert leader.deliver_at == at("2026-11-20 12:00")


def test_the_security_administrator_hears_of_accounts_in_use(session, load, bring_in, take_back, district, village):
    make_account(session, "sec_admin", district.root, "安全员")
    account = open_account(session, village.leaves, "zhaolikai", None, {Role.HANDLER})
    open_account(session, village.stays, "liliuren", None, {Role.HANDLER})
    closed = open_account(session, make_person(session, district.village, "周停用"), "zhoutingyong", None, set())
    closed.set_active(session, active=False)
    session.commit()
    before = snapshot(session)
    bring_in(village.file, Choice(whole=True, ids=frozenset({village.leaves.id, closed.person_id})))
    assert told(session) == [("leavers", "安全员", 1)]
    assert (account.active, load.batch.options["handover"]) == (True, {"accounts": 1})
    take_back()
    assert differences(before, snapshot(session)) == {}


def test_each_district_has_security_administrators_of_its_own(session, bring_in, district, village):
    make_account(session, "sec_admin", district.root, "安全员")
    make_account(session, "sec_admin", unit(session, None, "339902000000", "云浦区", "district"), "他区安全员")
    open_account(session, village.leaves, "zhaolikai", None, {Role.HANDLER})
    session.commit()
    bring_in(village.file, Choice(whole=True, ids=frozenset({village.leaves.id})))
    assert told(session) == [("leavers", "安全员", 1)]


def test_a_district_without_one_is_looked_after_by_those_there_are(session, bring_in, district, village):
    make_account(session, "sec_admin", unit(session, None, "339902000000", "云浦区", "district"), "他区安全员")
    open_account(session, village.leaves, "zhaolikai", None, {Role.HANDLER})
    session.commit()
    bring_in(village.file, Choice(whole=True, ids=frozenset({village.leaves.id})))
    assert told(session) == [("leavers", "他区安全员", 1)]


def test_of_all_that_an_heir_takes_over_the_requests_are_to_be_looked_at_first(session, bring_in, district, village):
    make_task(session, district, village.leaves, village.moves)
    make_topic(session, district, village.moves)
    make_leg(session, district, village.leaves)
    session.query(Notice).delete()
    session.commit()
    bring_in(village.file, Choice(whole=True, all_left=True, by_unit={district.village.id: village.stays.id}))
    assert session.scalars(select(Notice.values)).all() == [{"count": 4, "subject": "leg"}]


def test_a_suspended_request_is_in_hand_and_one_that_awaits_its_review_is_not(session, district, village, plan):
    legs = {state: make_leg(session, district, village.leaves) for state in (State.SUSPENDED, State.PENDING_REVIEW)}
    for state, leg in legs.items():
        leg.state = state
    session.commit()
    assert [work.id for work in plan().works] == [legs[State.SUSPENDED].id]


def test_a_task_that_is_written_off_is_nobodys_open_work(session, district, village, plan):
    task = make_task(session, district, village.leaves, village.moves)
    assert len(plan().works) == 2
    task.written_off = True
    session.commit()
    assert plan().works == []


def test_nobody_hears_of_the_account_of_who_only_moves(session, bring_in, district, village):
    make_account(session, "sec_admin", district.root, "安全员")
    open_account(session, village.moves, "wangdiaodong", None, {Role.HANDLER})
    session.commit()
    bring_in(village.file, Choice(whole=True))
    assert told(session) == []


def test_a_leader_who_is_off_duty_is_not_proposed(session, district, village, plan):
    village.leader.employment = "retired"
    make_leg(session, district, village.leaves)
    (proposal,) = plan(ALL_LEFT, named(village.stays, village.moves)).heirs.proposals.values()
    assert proposal.heir != village.leader.id


def test_work_outside_the_scope_of_whoever_imports_is_not_listed(session, load, district, village):
    make_topic(session, district, village.leaves, "本镇")
    elsewhere = make_topic(session, district, village.leaves, "外镇")
    elsewhere.led_by(session, district.far_village)
    session.commit()
    scope = Scope(paths=(district.town.path,))
    order, _ = load.preview("people", named(village.leader, village.stays, village.moves), scope=scope)
    kind = run.of_batch(session, load.batch, order)
    assert [work.title for work in handover.plan(kind, ALL_LEFT).works] == ["本镇"]


def test_a_topic_that_somebody_opened_anew_meanwhile_stays_with_its_heir(
    session, load, bring_in, take_back, district, village
):
    topic = make_topic(session, district, village.leaves)
    bring_in(village.file, ALL_LEFT, suggested=True)
    make_topic(session, district, village.leaves)
    assert take_back()["left"] == 1
    assert topic.leader_id == village.leader.id
    found = conflicts.found(previewed(session, load), load.batch)
    assert [(each.name, each.code) for each in found] == [("竹编产业", conflicts.TAKEN)]


def test_a_request_left_with_the_unit_is_gone_on_with_by_any_of_its_handlers(session, bring_in, district, village):
    leg = make_leg(session, district, village.leaves)
    bring_in(village.file, Choice(whole=True, all_left=True, by_unit={district.village.id: NOBODY}))
    handler = actor(session, "handler", district.village)
    leg.ticket.contact(handler, at("2026-11-20 14:00"), note="已联系。")
    session.commit()
    events = session.scalars(select(TicketEvent.action).where(TicketEvent.leg_id == leg.id).order_by(TicketEvent.id))
    assert list(events)[-2:] == ["reassigned", "contact"]

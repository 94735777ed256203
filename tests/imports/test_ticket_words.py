"""Words of other ledgers."""

import pytest
from sqlalchemy import select

from models.applying import Ask, ask, grant
from models.co_handling import invite
from models.meetings import MeetingCause, call
from models.receipts import receipt
from models.tickets import Ticket
from rules.applications import ApplicationKind
from tests.factories import actor
from tests.imports.books import xlsx
from tests.imports.conftest import counted
from tests.imports.test_tickets import NOT_YET, ledger, row, the_ticket
from tests.stage import at


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("已转办", "dispatched"),
        ("未回复", "handling"),
        ("重办中", "handling"),
        ("已回访", "settled"),
        ("已关闭", "settled"),
    ],
)
def test_words_of_other_ledgers_stand_for_our_states(session, load, district, word, state):
    given = {} if state == "settled" else NOT_YET
    assert load("tickets", ledger(row(**given | {"状态": word, "满意度": ""}))) == counted(new=1)
    assert the_ticket(session).state == state


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("已退单", "returned"),
        ("退回", "returned"),
        ("挂起", "suspended"),
        ("暂缓办理", "suspended"),
        ("延期", "handling"),
        ("申请延期", "handling"),
        ("督办中", "handling"),
        ("已并案", "merged"),
        ("重复件", "merged"),
        ("不予受理", "declined"),
        ("撤诉", "cancelled"),
        ("作废", "cancelled"),
    ],
)
def test_what_was_set_aside_or_came_to_nothing_comes_in_without_a_time_that_no_ledger_names(
    session, load, district, word, state
):
    assert load("tickets", ledger(row(**NOT_YET | {"状态": word, "签收时间": ""}))) == counted(new=1)
    ticket = the_ticket(session)
    [leg] = ticket.legs
    assert (ticket.state, leg.state) == (state, state)
    assert (leg.ended, leg.ended_at, leg.paused_at, leg.resume_at, leg.settled_at, leg.signed_at) == (None,) * 6
    assert (ticket.settled_at, ticket.rate_until, ticket.merged_into_id, ticket.first_unit_id) == (None,) * 4
    assert [event.action for event in ticket.events] == ["submit", "accept", "dispatch"]
    if state != "handling":
        assert (ticket.next_due_at, leg.settle_due_at) == (None, None)
    if state not in ("handling", "suspended"):
        assert (leg.sign_due_at, leg.remind_at) == (None, None)
    assert (ticket.lead_unit is None) == (state == "returned")


@pytest.mark.parametrize("word", ["不予受理", "已撤诉", "并案", "退单"])
def test_what_came_to_nothing_needs_no_unit(session, load, district, word):
    given = NOT_YET | {"派单时间": "", "签收时间": "", "主办单位": "", "状态": word}
    assert load("tickets", ledger(row(**given))) == counted(new=1)
    assert the_ticket(session).legs == []


def test_an_answer_time_of_what_was_declined_settles_nothing(session, load, district):
    assert load("tickets", ledger(row(满意度="", 状态="不予受理"))) == counted(new=1)
    ticket = the_ticket(session)
    assert (ticket.state, ticket.settled_at, ticket.legs[0].settled_at) == ("declined", None, None)
    assert "settle" not in [event.action for event in ticket.events]


@pytest.mark.parametrize(
    ("first", "then", "state"),
    [
        ("办理中", "挂起", "suspended"),
        ("挂起", "办理中", "handling"),
        ("挂起", "已派单", "suspended"),
        ("已派单", "退单", "returned"),
        ("退单", "已派单", "dispatched"),
        ("退单", "待受理", "returned"),
        ("办理中", "撤诉", "cancelled"),
        ("撤诉", "办理中", "cancelled"),
        ("并案", "挂起", "merged"),
        ("待审核", "挂起", "pending_review"),
    ],
)
def test_a_later_ledger_sets_aside_and_takes_up_again_but_brings_nothing_back(
    session, load, district, first, then, state
):
    load("tickets", ledger(row(**NOT_YET | {"状态": first})))
    load("tickets", ledger(row(**NOT_YET | {"状态": then})), now="2026-10-09 09:00")
    ticket = the_ticket(session)
    assert (ticket.state, ticket.legs[0].state) == (state, state)
    assert (ticket.lead_unit is None) == (state == "returned")


def test_what_is_returned_by_a_ledger_keeps_no_clock_of_the_unit_that_gave_it_back(session, load, district):
    load("tickets", ledger(row(**NOT_YET | {"状态": "已派单", "签收时间": ""})))
    assert the_ticket(session).legs[0].settle_due_at is not None
    load("tickets", ledger(row(**NOT_YET | {"状态": "退单", "签收时间": ""})), now="2026-10-09 09:00")
    ticket = the_ticket(session)
    assert (ticket.next_due_at, ticket.legs[0].settle_due_at, ticket.legs[0].sign_due_at) == (None, None, None)


def test_co_handlers_go_on_while_a_ledger_has_the_lead_suspended(session, load, district):
    head = ["工单编号", "来源", "标题", "村社区", "受理时间", "派单时间", "主办单位", "协办单位", "状态"]
    line = ["1", "热线", "路灯不亮", "石桥村", "2026-10-08", "2026-10-08", "石桥村", "沙口村", "挂起"]
    assert load("tickets", xlsx([head, line])) == counted(new=1)
    assert [leg.state for leg in the_ticket(session).legs] == ["suspended", "handling"]


@pytest.fixture
def held(session, load, district):
    """In hand, with the people who may act on it."""
    load("tickets", ledger(row(**NOT_YET)))
    people = [actor(session, role, district.village) for role in ("handler", "unit_leader")]
    people.append(actor(session, "dispatcher", district.root))
    session.commit()
    return the_ticket(session), *people


def helper(ticket, handler, leader, dispatcher, district):
    invite(ticket, district.department, handler, at("2026-10-09 09:00"), task="查道路权属")


def application(ticket, handler, leader, dispatcher, district):
    ask(ticket, Ask(ApplicationKind.EXTENSION, "works", "等配件", days=2), handler, at("2026-10-09 09:00"))


def suspension(ticket, handler, leader, dispatcher, district):
    asking = Ask(ApplicationKind.SUSPENSION, "season", "冬天", until=at("2026-10-20 00:00"))
    grant(ticket, ask(ticket, asking, handler, at("2026-10-09 09:00")), dispatcher, at("2026-10-09 10:00"))


def meeting(ticket, handler, leader, dispatcher, district):
    call(ticket, MeetingCause.CALLED, dispatcher, at("2026-10-09 09:00"))


@pytest.mark.parametrize("act", [helper, application, suspension, meeting])
def test_what_goes_its_own_way_here_is_not_moved_by_a_ledger(session, load, district, held, act):
    ticket, *people = held
    act(ticket, *people, district)
    session.commit()
    before = ticket.state
    assert load("tickets", ledger(row()), now="2026-10-10 18:00") == counted(same=1)
    ticket = the_ticket(session)
    assert (ticket.state, ticket.settled_at) == (before, None)
    assert [leg.settled_at for leg in ticket.legs] == [None] * len(ticket.legs)


def test_a_limit_that_the_ledger_repeats_takes_no_extension_back(session, load, district):
    load("tickets", ledger(row(**NOT_YET | {"办理时限": "2026-10-15"})))
    ticket = the_ticket(session)
    handler, dispatcher = actor(session, "handler", district.village), actor(session, "dispatcher", district.root)
    asked = ask(ticket, Ask(ApplicationKind.EXTENSION, "works", "等配件", days=2), handler, at("2026-10-09 09:00"))
    grant(ticket, asked, dispatcher, at("2026-10-09 10:00"))
    session.commit()
    load("tickets", ledger(row(**NOT_YET | {"办理时限": "2026-10-15", "标题": "路灯又不亮"})), now="2026-10-10 09:00")
    leg = the_ticket(session).legs[0]
    assert (leg.settle_due_original, leg.settle_due_at) == (at("2026-10-16 00:00"), at("2026-10-18 00:00"))
    load("tickets", ledger(row(**NOT_YET | {"办理时限": "2026-10-30"})), now="2026-10-11 09:00")
    assert the_ticket(session).legs[0].settle_due_at == at("2026-10-31 00:00")


def test_no_receipt_claims_to_know_how_a_ledger_counted(session, load, district):
    load("tickets", ledger(row(**NOT_YET | {"办理时限": "2026-10-20"}), row(工单编号="2", **NOT_YET)))
    told = []
    for ticket in session.scalars(select(Ticket).order_by(Ticket.id)):
        section = next(each for each in receipt(ticket) if each.title == "Settle by")
        told.append((section.explained.whole, section.explained.lines[0].message[:20]))
    assert told == [(False, "A ledger gave this d"), (True, "Dispatched on %(at)s")]

import pytest
from sqlalchemy import func, select

from models.acting import Scope
from models.events import TicketEvent
from models.legs import Leg
from models.ratings import Rating, Reporter
from models.terms import Term
from models.tickets import Ticket
from tests.imports.books import xlsx
from tests.imports.conftest import counted
from tests.stage import at

HEAD = ["工单编号", "来源", "问题分类", "标题", "主要内容", "反映人", "联系电话", "街乡镇", "村社区", "受理时间",
        "派单时间", "签收时间", "主办单位", "办理时限", "办结时间", "办理结果", "满意度", "状态"]  # fmt: skip
OPEN = {
    "派单时间": "",
    "签收时间": "",
    "主办单位": "",
    "办理时限": "",
    "办结时间": "",
    "办理结果": "",
    "满意度": "",
    "状态": "",
}


def row(**given):
    full = dict(
        zip(
            HEAD,
            ["H-1", "热线", "路灯照明", "路灯不亮", "\t\n村口路灯不亮。\n", "张三", 13800138000.0, "青石镇", "石桥村",
             "2026/10/8 9:00:00", "2026/10/8 9:30:00", "2026-10-08 10:00", "石桥村", "", "2026年10月10日 16:30",
             "已换灯泡。", "满意", "已办结"],
            strict=True,
        )
    )  # fmt: skip
    return list((full | given).values())


def ledger(*rows):
    return xlsx([["民情工单台账"], HEAD, *rows])


def the_ticket(session):
    session.expire_all()
    return session.scalars(select(Ticket)).one()


def test_an_answered_request_comes_in_with_its_leg_times_stars_and_course(session, load, district):
    assert load("tickets", ledger(row())) == counted(new=1)
    ticket = the_ticket(session)
    assert (ticket.source, ticket.external_id, ticket.title, ticket.text) == (
        "热线",
        "H-1",
        "路灯不亮",
        "村口路灯不亮。",
    )
    assert (ticket.state, ticket.unit.name, ticket.path) == ("rated", "石桥村", district.village.path)
    assert (ticket.category.name, ticket.tier) == ("路灯照明", "minor")
    assert (ticket.submitted_at, ticket.settled_at) == (at("2026-10-08 09:00"), at("2026-10-10 16:30"))
    assert (ticket.credited_unit_id, ticket.lead_unit_id, ticket.remind_at) == (
        district.village.id,
        district.village.id,
        None,
    )
    [leg] = ticket.legs
    assert (leg.dispatched_at, leg.signed_at, leg.settled_at) == (
        at("2026-10-08 09:30"), at("2026-10-08 10:00"), at("2026-10-10 16:30"))  # fmt: skip
    assert (leg.sign_due_at, leg.settle_due_at) == (at("2026-10-08 17:00"), at("2026-10-16 00:00"))
    assert (leg.result, leg.state) == ("已换灯泡。", "rated")
    assert [event.action for event in ticket.events] == ["submit", "accept", "dispatch", "sign", "settle", "rate"]
    assert [event.state_after for event in ticket.events] == [
        "submitted",
        "accepted",
        "dispatched",
        "signed",
        "settled",
        "rated",
    ]
    [reporter] = ticket.reporters
    assert (reporter.sealed_name, reporter.sealed_mobile, reporter.rating.stars) == ("张三", "13800138000", 4)
    assert reporter.rating.scored


def test_the_same_ledger_again_writes_nothing(session, load, district):
    load("tickets", ledger(row(), row(工单编号="H-2", **OPEN)))
    before = session.scalar(select(func.count(TicketEvent.id)))
    assert load("tickets", ledger(row(), row(工单编号="H-2", **OPEN))) == counted(same=2)
    assert session.scalar(select(func.count(TicketEvent.id))) == before


def test_an_old_answer_keeps_no_clock_that_nobody_knows(session, load, district):
    unknown = {"派单时间": "", "签收时间": "", "主办单位": "", "满意度": "", "状态": ""}
    assert load("tickets", ledger(row(**unknown))) == counted(new=1)
    [leg] = the_ticket(session).legs
    assert (leg.unit_name, leg.dispatched_at, leg.signed_at) == ("石桥村", None, None)
    assert (leg.sign_due_at, leg.settle_due_at, leg.remind_at) == (None, None, None)


def test_an_open_request_without_a_dispatch_waits_without_a_clock(session, load, district):
    load("tickets", ledger(row(**OPEN)))
    ticket = the_ticket(session)
    assert (ticket.state, ticket.legs, ticket.next_due_at, ticket.remind_at) == ("submitted", [], None, None)


def test_a_request_in_hand_is_watched_from_its_dispatch(session, load, district):
    in_hand = {"办结时间": "", "办理结果": "", "满意度": "", "状态": "办理中"}
    load("tickets", ledger(row(**in_hand)))
    ticket = the_ticket(session)
    assert (ticket.state, ticket.next_due_at) == ("handling", at("2026-10-16 00:00"))
    assert ticket.legs[0].remind_at == at("2026-10-08 09:30")


def test_a_limit_in_the_ledger_goes_before_the_rule(session, load, district):
    load("tickets", ledger(row(办理时限="2026-10-20", 工单编号="1"), row(办理时限="5个工作日", 工单编号="2")))
    dues = session.scalars(select(Leg.settle_due_at).order_by(Leg.id)).all()
    assert dues == [at("2026-10-21 00:00"), at("2026-10-14 00:00")]


def test_a_request_that_was_open_becomes_settled_by_a_later_ledger(session, load, district):
    load("tickets", ledger(row(**OPEN)))
    assert load("tickets", ledger(row(满意度="", 状态=""))) == counted(changed=1)
    ticket = the_ticket(session)
    assert (ticket.state, ticket.settled_at, ticket.credited_unit_id) == (
        "settled",
        at("2026-10-10 16:30"),
        district.village.id,
    )
    assert ticket.legs[0].signed_at == at("2026-10-08 10:00")
    event = ticket.events[-1]
    assert event.action == "imported"
    assert event.data["changes"]["state"] == ["submitted", "settled"]
    assert load("tickets", ledger(row(满意度="", 状态=""))) == counted(same=1)


def test_a_ledger_never_takes_a_request_back(session, load, district):
    load("tickets", ledger(row()))
    assert load("tickets", ledger(row(**OPEN))) == counted(same=1)
    assert the_ticket(session).state == "rated"


def test_stars_and_numbers_that_come_later_are_added_once(session, load, district):
    load("tickets", ledger(row(满意度="", 联系电话="", 状态="")))
    assert load("tickets", ledger(row(满意度="5", 状态=""))) == counted(changed=1)
    assert session.scalars(select(Rating.stars)).all() == [5]
    assert session.scalars(select(Reporter.sealed_mobile)).all() == ["13800138000"]
    assert load("tickets", ledger(row(满意度="5", 状态=""))) == counted(same=1)


def test_stars_of_somebody_without_a_number_are_kept_and_not_scored(session, load, district):
    load("tickets", ledger(row(联系电话="")))
    assert session.scalars(select(Rating.scored)).all() == [False]


def test_source_and_number_together_are_the_key(session, load, district):
    assert load("tickets", ledger(row(来源="热线"), row(来源="网上"))) == counted(new=2)
    assert load("tickets", ledger(row(来源=""), row(来源="网上")), source="热线") == counted(same=2)


def test_a_source_the_dictionary_does_not_know_joins_it(session, load, district):
    load("tickets", ledger(row(来源="")), source="问政")
    assert session.scalar(select(Term.label).where(Term.kind == "source", Term.code == "问政")) == "问政"
    load("tickets", ledger(row(工单编号="9", 来源="电话")))
    assert set(session.scalars(select(Ticket.source))) == {"问政", "phone"}


def test_a_unit_for_the_whole_file_stands_in_for_the_place(session, load, district):
    head = ["留言编号", "留言主题", "留言时间", "留言详情", "答复意见", "答复时间"]
    rows = [[2549.0, "小区物业", "2019/4/25 9:32:09", "\n\t\t物业不修电梯", "已修", "2019/5/10 14:56:53"]]
    assert load("tickets", xlsx([head, *rows]), source="问政", unit="339901000000") == counted(new=1)
    ticket = the_ticket(session)
    assert (ticket.external_id, ticket.unit.name, ticket.legs[0].unit_name) == ("2549", "清溪区", "清溪区")


def test_categories_we_do_not_have_are_counted_and_left_empty(session, load, district):
    load("tickets", ledger(row(问题分类="城乡建设"), row(工单编号="2", 问题分类="城乡建设")))
    assert load.notes == ["Categories that are not in our tree were left empty: 城乡建设（2）"]
    assert the_category_ids(session) == {None}


def the_category_ids(session):
    return set(session.scalars(select(Ticket.category_id)))


def test_a_day_without_a_clock_is_not_before_the_same_day(session, load, district):
    assert load("tickets", ledger(row(签收时间="", 派单时间="", 办结时间="2026-10-08"))) == counted(new=1)
    assert the_ticket(session).settled_at == at("2026-10-08 09:00")


@pytest.mark.parametrize(
    ("given", "cell", "code"),
    [
        ({"工单编号": ""}, "A3", "required"),
        ({"受理时间": "昨天"}, "J3", "date"),
        ({"受理时间": ""}, "J3", "required"),
        ({"签收时间": "2026-10-08 09:10"}, "L3", "order"),
        ({"办结时间": "2026-10-01 09:00"}, "O3", "order"),
        ({"办结时间": "", "满意度": ""}, "O3", "required"),
        ({"主办单位": "", "办结时间": "", "满意度": "", "状态": "已派单"}, "M3", "required"),
        ({"主办单位": "无此局"}, "M3", "unknown_unit"),
        ({"街乡镇": "", "村社区": "蒋湾村"}, "I3", "ambiguous_unit"),
        ({"满意度": "七星"}, "Q3", "stars"),
        ({"状态": "在天上"}, "R3", "state"),
        ({"标题": "", "主要内容": ""}, "E3", "required"),
        ({"来源": ""}, "B3", "required"),
        ({"街乡镇": "", "村社区": ""}, "I3", "required"),
    ],
)
def test_a_wrong_cell_is_named_and_nothing_is_written(session, load, district, given, cell, code):
    assert load("tickets", ledger(row(**given))) == counted(error=1)
    assert (cell, code) in [(error[0], error[2]) for error in load.errors]
    assert session.scalar(select(func.count(Ticket.id))) == 0


def test_the_town_tells_twin_villages_apart(session, load, district):
    load("tickets", ledger(row(街乡镇="白沙乡", 村社区="蒋湾村")))
    assert the_ticket(session).unit.id == district.far_twin.id


def test_the_same_number_twice_in_a_file_is_an_error(load, district):
    assert load("tickets", ledger(row(), row())) == counted(new=1, error=1)
    assert load.errors == [("A4", "H-1", "twice")]


def test_a_town_imports_only_what_arose_in_it(load, district):
    town = Scope(paths=(district.town.path,))
    far = row(工单编号="2", 街乡镇="白沙乡", 村社区="沙口村", 主办单位="沙口村")
    assert load("tickets", ledger(row(), far), scope=town) == counted(new=1, error=1)
    assert load.errors == [("I4", "沙口村", "outside")]


def test_the_time_for_rating_an_answer_ends_whether_it_came_at_once_or_with_a_later_ledger(session, load, district):
    load("tickets", ledger(row(办结时间="", 满意度="", 状态="办理中", 办理结果="")))
    assert the_ticket(session).rate_until is None
    load("tickets", ledger(row(满意度="")))
    assert (the_ticket(session).state, the_ticket(session).rate_until) == ("settled", at("2026-10-17 16:30"))
    load("tickets", ledger(row(工单编号="H-2", 满意度="")))
    other = session.scalars(select(Ticket).where(Ticket.external_id == "H-2")).one()
    assert other.rate_until == at("2026-10-17 16:30")

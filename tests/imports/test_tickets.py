import pytest
from sqlalchemy import func, select

from imports import run
from jobs.sweeps import sweep
from models.acting import RESIDENT, SYSTEM, Scope, scope_for
from models.events import TicketEvent
from models.figures import Count, overall
from models.legs import Leg
from models.notices import Notice
from models.policies import set_policy
from models.ratings import Opinion, Rating, Reporter, Resolved
from models.terms import Term
from models.tickets import Ticket
from rules.periods import parse_month
from tests.factories import actor
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

NOT_YET = {"办结时间": "", "办理结果": "", "满意度": "", "状态": "办理中"}


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
    assert (reporter.sealed_name, reporter.sealed_mobile) == ("张三", "13800138000")
    assert reporter.mobile_tail_hash == Reporter.named("李四", "13900008000").mobile_tail_hash
    (rating,) = reporter.ratings
    assert (rating.stars, rating.scored, rating.leg.seq) == (4, True, 1)


def test_the_course_names_the_unit_that_signed_and_settled_and_nobody_the_ledger_does_not(session, load, district):
    load("tickets", ledger(row(主办单位="沙口村")))
    events = the_ticket(session).events
    assert [(each.action, each.person_id, each.name, each.unit_name, each.to_unit_name) for each in events] == [
        ("submit", None, "群众", "", ""),
        ("accept", None, "", "", ""),
        ("dispatch", None, "", "", "沙口村"),
        ("sign", None, "", "沙口村", ""),
        ("settle", None, "", "沙口村", ""),
        ("rate", None, "群众", "", ""),
    ]


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


@pytest.mark.parametrize(
    ("given", "state", "due"),
    [
        ({"满意度": ""}, "settled", "2026-10-17 16:30"),
        ({"满意度": "", "状态": "未评价"}, "unrated", "2026-11-16 16:30"),
        ({}, "rated", "2026-11-09 16:30"),
        ({"状态": "已归档"}, "archived", None),
    ],
)
def test_a_settled_request_gets_the_date_on_which_it_goes_on_by_itself(session, load, district, given, state, due):
    load("tickets", ledger(row(**given)))
    ticket = the_ticket(session)
    assert (ticket.state, ticket.next_due_at) == (state, due and at(due))
    assert (ticket.remind_at, ticket.legs[0].remind_at) == (None, None)


def test_old_answers_go_unrated_and_then_to_the_archive_without_a_word_to_anybody(session, load, district):
    old = ledger(row(满意度=""), row(工单编号="H-2"))
    load("tickets", old)
    first = sweep(session, at("2026-11-20 12:00"))
    assert (first.unrated, first.archived, first.sent.total()) == (1, 1, 0)
    assert load("tickets", old) == counted(same=2)
    second = sweep(session, at("2026-12-20 12:00"))
    assert (second.unrated, second.archived, second.sent["calendar"]) == (0, 1, second.sent.total())
    assert load("tickets", old) == counted(same=2)
    assert session.scalars(select(Ticket.state)).all() == ["archived", "archived"]
    assert session.scalar(select(func.count(Notice.id)).where(Notice.ticket_id.is_not(None))) == 0


def test_stars_that_a_ledger_brings_for_an_unrated_request_are_kept(session, load, district):
    load("tickets", ledger(row(满意度="")))
    sweep(session, at("2026-11-20 12:00"))
    assert load("tickets", ledger(row())) == counted(changed=1)
    assert (the_ticket(session).state, the_ticket(session).next_due_at) == ("rated", at("2026-11-09 16:30"))
    assert session.scalars(select(Rating.stars)).all() == [4]


def test_an_open_request_without_a_dispatch_waits_without_a_clock(session, load, district):
    load("tickets", ledger(row(**OPEN)))
    ticket = the_ticket(session)
    assert (ticket.state, ticket.legs, ticket.next_due_at, ticket.remind_at) == ("submitted", [], None, None)


def test_a_request_in_hand_is_watched_from_its_dispatch(session, load, district):
    load("tickets", ledger(row(**NOT_YET)))
    ticket = the_ticket(session)
    assert (ticket.state, ticket.next_due_at) == ("handling", at("2026-10-16 00:00"))
    assert ticket.legs[0].remind_at == at("2026-10-08 09:30")


@pytest.mark.parametrize(
    ("before", "given", "due", "original"),
    [
        (OPEN, {"状态": "已派单"}, "2026-10-08 17:00", "2026-10-16 00:00"),
        (OPEN | {"状态": "已受理"}, {"状态": "办理中"}, "2026-10-16 00:00", "2026-10-16 00:00"),
        (OPEN | {"主办单位": "石桥村", "状态": "已派单"}, {"状态": "办理中"}, "2026-10-16 00:00", "2026-10-16 00:00"),
        (NOT_YET | {"状态": "已派单"}, {"派单时间": "", "签收时间": ""}, "2026-10-16 00:00", "2026-10-16 00:00"),
        (NOT_YET, {"办理时限": "2026-10-20"}, "2026-10-21 00:00", "2026-10-21 00:00"),
        (NOT_YET, {"状态": "待审核"}, None, "2026-10-16 00:00"),
    ],
)
def test_a_request_that_a_later_ledger_moves_on_gets_the_dates_of_its_new_state(
    session, load, district, before, given, due, original
):
    load("tickets", ledger(row(**before)))
    assert load("tickets", ledger(row(**NOT_YET | given)), now="2026-10-09 09:00") == counted(changed=1)
    ticket = the_ticket(session)
    assert (ticket.next_due_at, ticket.legs[0].settle_due_original) == (due and at(due), at(original))
    assert ticket.legs[0].sign_due_at == at("2026-10-08 17:00")


def test_a_request_that_a_later_ledger_moves_on_is_watched_anew(session, load, district):
    load("tickets", ledger(row(**NOT_YET | {"签收时间": "", "状态": "已派单"})), now="2026-10-08 09:40")
    sweep(session, at("2026-10-10 09:00"))
    assert the_ticket(session).legs[0].remind_at == at("2026-10-14 21:30")
    load("tickets", ledger(row(**NOT_YET)), now="2026-10-10 10:00")
    assert (the_ticket(session).remind_at, the_ticket(session).legs[0].remind_at) == (at("2026-10-10 10:00"),) * 2


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
    assert event.data["changes"]["settled_at"] == [None, "2026-10-10 16:30"]
    assert load("tickets", ledger(row(满意度="", 状态=""))) == counted(same=1)


def test_a_ledger_never_takes_a_request_back(session, load, district):
    load("tickets", ledger(row()))
    assert load("tickets", ledger(row(**OPEN))) == counted(same=1)
    assert the_ticket(session).state == "rated"


def test_what_was_re_opened_here_is_no_longer_the_ledger_s(session, load, district):
    load("tickets", ledger(row(满意度="")))
    ticket = the_ticket(session)
    ticket.rate_until = None
    ticket.rate(ticket.reporters[0], Opinion(1, Resolved.NO), RESIDENT, at("2026-10-11 09:00"))
    session.commit()
    assert load("tickets", ledger(row(办理结果="再答一次", 满意度="满意"))) == counted(same=1)
    ticket = the_ticket(session)
    assert (ticket.state, ticket.settled_at, [leg.state for leg in ticket.legs]) == (
        "dispatched",
        None,
        ["settled", "dispatched"],
    )


def test_stars_and_numbers_that_come_later_are_added_once(session, load, district):
    load("tickets", ledger(row(满意度="", 联系电话="", 状态="")))
    assert load("tickets", ledger(row(满意度="5", 状态=""))) == counted(changed=1)
    assert session.scalars(select(Rating.stars)).all() == [5]
    assert session.scalars(select(Reporter.sealed_mobile)).all() == ["13800138000"]
    assert session.scalars(select(Reporter.mobile_tail_hash)).all() == [Reporter.named("", "8000").mobile_tail_hash]
    assert load("tickets", ledger(row(满意度="5", 状态=""))) == counted(same=1)


def test_a_telephone_in_a_ledger_confirms_nobody_whose_stars_score_only_if_the_office_says_so(session, load, district):
    load("tickets", ledger(row()))
    set_policy(session, "score_unverified_stars", "no", SYSTEM, at("2026-09-01 09:00"))
    load("tickets", ledger(row(工单编号="H-2")))
    assert session.scalars(select(Reporter.verification)).all() == ["none", "none"]
    assert session.scalars(select(Rating.scored).order_by(Rating.id)).all() == [True, False]


def test_the_stars_of_a_ledger_count_in_the_satisfaction_of_the_unit_that_answered(session, load, district):
    load("tickets", ledger(row(), row(工单编号="H-2", 满意度="不满意"), row(工单编号="H-3", 主办单位="沙口村")))
    month = parse_month("2026-10")

    def satisfaction(unit):
        return overall(session, unit.path, month.start, month.end, at("2026-11-20 12:00"))["satisfaction"]

    assert satisfaction(district.village) == Count(1, 2, 0)
    assert satisfaction(district.far_village) == Count(1, 1, 0)
    assert satisfaction(district.root) == Count(2, 3, 0)


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


def test_a_later_ledger_that_names_neither_place_nor_unit_leaves_both_as_they_are(session, load, district):
    silent = {"街乡镇": "", "村社区": "", "主办单位": ""}
    load("tickets", ledger(row(**NOT_YET | {"主办单位": "沙口村"}), row(工单编号="H-2", **OPEN)))
    assert load("tickets", ledger(row(**silent), row(工单编号="H-2", **silent))) == counted(changed=2)
    first, second = session.scalars(select(Ticket).order_by(Ticket.id)).all()
    assert (first.unit, first.lead_unit, first.lead.unit) == (
        district.village,
        district.far_village,
        district.far_village,
    )
    assert (second.unit, second.lead_unit) == (district.village, district.village)
    assert load("tickets", ledger(row(**silent), row(工单编号="H-2", **silent))) == counted(same=2)


def test_a_unit_that_helps_is_not_taken_for_the_one_that_answers(session, load, district):
    head = ["工单编号", "来源", "标题", "村社区", "受理时间", "协办单位", "办结时间"]
    load("tickets", xlsx([head, ["1", "热线", "路灯不亮", "石桥村", "2026-10-08", "沙口村", "2026-10-09"]]))
    assert the_ticket(session).lead_unit == district.village


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


def test_who_gave_no_source_is_told_where_to_name_it(session, load, district):
    load("tickets", ledger(row(来源="")))
    told = "No source is given: fill in the column, or name one for the whole file"
    assert run.errors(session, load.batch)[0].message == told


def test_the_town_tells_twin_villages_apart(session, load, district):
    load("tickets", ledger(row(街乡镇="白沙乡", 村社区="蒋湾村")))
    assert the_ticket(session).unit.id == district.far_twin.id


def test_the_same_number_twice_in_a_file_is_an_error(load, district):
    assert load("tickets", ledger(row(), row())) == counted(new=1, error=1)
    assert load.errors == [("A4", "H-1", "twice")]


def test_a_town_imports_only_what_arose_in_it(load, district):
    town = Scope(paths=(district.town.path,))
    far = row(工单编号="2", 街乡镇="白沙乡", 村社区="沙口村")
    assert load("tickets", ledger(row(), far), scope=town) == counted(new=1, error=1)
    assert load.errors == [("I4", "沙口村", "outside")]


def test_a_town_lays_requests_only_on_units_it_dispatches_to(session, load, district):
    by = actor(session, "dispatcher", district.town)
    charged = ["青石镇", "石桥村", "石桥第一网格", "区交通局", "城管青石中队", "沙口村", "白沙乡", "清溪区"]
    rows = [row(工单编号=f"H-{n}", 主办单位=unit) for n, unit in enumerate(charged)]
    assert load("tickets", ledger(*rows), by=by, scope=scope_for(by)) == counted(new=5, error=3)
    assert load.errors == [("M8", "沙口村", "outside"), ("M9", "白沙乡", "outside"), ("M10", "清溪区", "outside")]
    assert run.errors(session, load.batch)[0].values == {"from_unit": "青石镇", "unit": "沙口村"}


def test_the_time_for_rating_an_answer_ends_whether_it_came_at_once_or_with_a_later_ledger(session, load, district):
    load("tickets", ledger(row(办结时间="", 满意度="", 状态="办理中", 办理结果="")))
    assert the_ticket(session).rate_until is None
    load("tickets", ledger(row(满意度="")))
    assert (the_ticket(session).state, the_ticket(session).rate_until) == ("settled", at("2026-10-17 16:30"))
    load("tickets", ledger(row(工单编号="H-2", 满意度="")))
    other = session.scalars(select(Ticket).where(Ticket.external_id == "H-2")).one()
    assert other.rate_until == at("2026-10-17 16:30")

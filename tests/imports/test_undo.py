import pytest
from sqlalchemy import event, select, text

from imports import conflicts, run
from imports.kind import Order
from imports.undo import undo
from jobs.sweeps import sweep
from models.acting import EVERYTHING, RESIDENT, SYSTEM
from models.changes import Change
from models.events import TicketEvent
from models.imports import BatchState, ImportRow
from models.legs import Leg
from models.people import Person
from models.ratings import Rating
from models.terms import Term
from models.tickets import Ticket
from models.units import Unit, UnitAlias, move
from rules.refusals import Refusal
from tests.factories import actor, make_account, make_person
from tests.imports.books import xlsx
from tests.imports.taken_back import differences, snapshot
from tests.imports.test_people import ID, person, roster, wang
from tests.imports.test_tickets import NOT_YET, OPEN, ledger, row
from tests.stage import at

LATER = at("2026-11-21 09:00")
UNITS = [
    ["代码", "名称", "上级代码", "层级", "别名", "负责人"],
    ["339901001001", "石桥新村", "339901002000", "村", "新桥、老桥", "李四"],
    ["339901001001-02", "石桥第二网格", "339901001001", "网格", "", ""],
    ["339901003000", "新镇", "339901000000", "镇", "新", ""],
    ["339901003001", "新镇一村", "339901003000", "村", "", ""],
]


@pytest.fixture
def take_back(session, load):
    def take_back(batch=None):
        batch = batch or load.batch
        done = undo(session, batch, Order(SYSTEM, EVERYTHING, LATER))
        session.commit()
        return done

    return take_back


def left(session, batch):
    kind = run.of_batch(session, batch, Order(SYSTEM, EVERYTHING, LATER))
    return [(each.name, each.code, each.table, each.who) for each in conflicts.found(kind, batch)]


def test_people_who_were_added_are_gone_and_those_who_were_changed_are_as_before_to_the_byte(
    session, load, district, take_back
):
    load("people", roster(wang(), wang(工号="A002", 姓名="李四", 身份证号码="", 手机号码=13900139000.0)))
    before = snapshot(session)
    load(
        "people",
        roster(
            wang(职务="主任", 手机号码=13700137000.0, 所在单位="沙口村", 人员类别="新类别"),
            wang(工号="A003", 姓名="赵五", 身份证号码="", 手机号码="", 人员类别="别的类别"),
        ),
    )
    assert person(session).mobile == "13700137000"
    assert take_back() == {"removed": 1, "restored": 1, "left": 0}
    assert differences(before, snapshot(session)) == {}
    wang_ = person(session)
    assert (wang_.mobile, wang_.post, wang_.path, wang_.version) == ("13800138000", "书记", district.village.path, 3)
    assert load.batch.state == BatchState.UNDONE
    assert (load.batch.undone, load.batch.undone_by, load.batch.undone_at) == (
        {"removed": 1, "restored": 1, "left": 0},
        "系统",
        LATER,
    )


def test_no_secret_lies_in_clear_in_what_is_kept(session, load, district, take_back):
    load("people", roster(wang()))
    load("people", roster(wang(职务="主任")))
    kept = session.execute(text("SELECT CAST(before AS TEXT) FROM import_row WHERE before IS NOT NULL")).scalars().all()
    assert len(kept) == 1
    assert ID not in kept[0]
    assert "13800138000" not in kept[0]
    take_back()
    assert session.scalars(select(ImportRow.before).where(ImportRow.batch_id == load.batch.id)).all() == []


def test_undoing_stands_in_the_history_of_each_row(session, load, district, take_back):
    load("people", roster(wang()))
    load("people", roster(wang(职务="主任"), wang(工号="A003", 姓名="赵五", 身份证号码="", 手机号码="")))
    batch, zhao = load.batch.id, person(session, "赵五").id
    take_back()
    told = select(Change.action, Change.details).where(Change.batch_id == batch).order_by(Change.id)
    assert session.execute(told.where(Change.subject_id == person(session).id)).all() == [
        ("changed", {"post": ["书记", "主任"]}),
        ("changed", {"post": ["主任", "书记"]}),
    ]
    assert session.execute(told.where(Change.subject_id == zhao)).all() == [("added", {}), ("removed", {})]


def test_it_is_undone_once(session, load, district, take_back):
    load("people", roster(wang()))
    take_back()
    with pytest.raises(Refusal, match="already been undone"):
        take_back()
    load.preview("people", roster(wang()))
    with pytest.raises(Refusal, match="Only an import that was committed"):
        take_back()


def test_who_was_changed_since_stays_and_is_listed_with_who_did_it(session, load, district, take_back):
    load("people", roster(wang(), wang(工号="A002", 姓名="李四", 身份证号码="", 手机号码="")))
    by_hand = person(session, "李四")
    by_hand.post = "网格员"
    session.commit()
    assert take_back() == {"removed": 1, "restored": 0, "left": 1}
    assert [each.name for each in session.scalars(select(Person))] == ["李四"]
    assert left(session, load.batch) == [("李四 A002", "changed", "", "系统")]


def test_who_has_an_account_now_stays(session, load, district, take_back):
    load("people", roster(wang()))
    account = make_account(session, "handler", district.village)
    account.person = person(session)
    session.commit()
    assert take_back() == {"removed": 0, "restored": 0, "left": 1}
    assert left(session, load.batch) == [("王小明 A001", "held", "account", "")]


def test_an_id_number_that_somebody_else_bears_now_is_not_given_back(session, load, district, take_back):
    load("people", roster(wang()))
    load("people", roster(wang(身份证号码="清空")))
    make_person(session, district.village, "别人", id_number=ID)
    session.commit()
    assert take_back() == {"removed": 0, "restored": 0, "left": 1}
    assert left(session, load.batch)[0][:2] == ("王小明 A001", "taken")


def test_units_go_back_to_where_they_hung_with_all_that_lies_in_them(session, load, district, take_back):
    make_person(session, district.grid, "网格员")
    session.commit()
    before = snapshot(session)
    load("units", xlsx(UNITS))
    moved = session.scalars(select(Unit).where(Unit.code == "339901001001-01")).one()
    assert moved.path == "/339901000000/339901002000/339901001001/339901001001-01/"
    assert take_back() == {"removed": 3, "restored": 1, "left": 0}
    assert differences(before, snapshot(session)) == {}


def test_a_new_unit_with_people_in_it_stays_with_the_units_above_it(session, load, district, take_back):
    load("units", xlsx(UNITS))
    make_person(session, session.scalars(select(Unit).where(Unit.code == "339901003001")).one(), "新人")
    session.commit()
    assert take_back() == {"removed": 1, "restored": 1, "left": 2}
    assert [each[:3] for each in left(session, load.batch)] == [
        ("新镇 339901003000", "held", "unit"),
        ("新镇一村 339901003001", "held", "person"),
    ]
    assert session.scalars(select(UnitAlias.alias).order_by(UnitAlias.id)).all() == ["石桥", "新"]


def test_a_unit_whose_town_was_moved_since_goes_back_to_its_parent_where_that_lies_now(
    session, load, district, take_back
):
    load("units", xlsx([["代码", "名称", "上级代码"], ["339901001001-01", "石桥第一网格", "339901001002"]]))
    move(session, district.village, district.far_town)
    session.commit()
    assert take_back()["restored"] == 1
    session.expire_all()
    assert district.grid.path == "/339901000000/339901002000/339901001001/339901001001-01/"
    assert district.grid.parent_id == district.village.id


def test_requests_go_with_their_legs_stars_reporters_and_course_or_get_back_what_they_had(
    session, load, district, take_back
):
    load("tickets", ledger(row(**NOT_YET), row(工单编号="H-2", **OPEN)))
    before = snapshot(session)
    load(
        "tickets",
        ledger(row(), row(工单编号="H-2", 标题="改过"), row(工单编号="H-3", 来源="问政", 联系电话=13900139000.0)),
    )
    assert session.query(Rating).count() == 3
    assert take_back() == {"removed": 1, "restored": 2, "left": 0}
    assert differences(before, snapshot(session)) == {}
    assert session.scalars(select(Term).where(Term.code == "问政")).all() == []
    told = select(TicketEvent.action, TicketEvent.data).where(TicketEvent.action == "undone").order_by(TicketEvent.id)
    assert session.execute(told).all()[1][1]["changes"]["title"] == ["改过", "路灯不亮"]
    assert session.query(Change).filter_by(subject="ticket", action="removed").count() == 1


def test_a_request_that_went_on_stays_and_so_does_one_with_a_file(session, load, district, take_back):
    load("tickets", ledger(row(**OPEN), row(工单编号="H-2", **OPEN), row(工单编号="H-3", **OPEN)))
    first, second, _ = session.scalars(select(Ticket).order_by(Ticket.id)).all()
    clerk = actor(session, "dispatcher", district.town, "派单员")
    first.accept(clerk, at("2026-11-20 13:00"), tier="minor", category=None)
    session.flush()
    session.execute(
        text(
            "INSERT INTO ticket_event (ticket_id, action, state_before, state_after, at, name, unit_name, to_unit_name,"
            " note, public) VALUES (:ticket, 'shown', '', '', '2026-11-20 05:00', '看的人', '', '', '', false)"
        ),
        {"ticket": second.id},
    )
    session.commit()
    assert take_back() == {"removed": 1, "restored": 0, "left": 2}
    assert [each[1:] for each in left(session, load.batch)] == [
        ("changed", "", "派单员"),
        ("newer", "ticket_event", "看的人"),
    ]


def test_imports_can_be_undone_one_after_the_other_from_the_last(session, load, district, take_back):
    before = snapshot(session)
    load("tickets", ledger(row(**NOT_YET)))
    first = load.batch
    load("tickets", ledger(row()))
    assert take_back() == {"removed": 0, "restored": 1, "left": 0}
    assert take_back(first) == {"removed": 1, "restored": 0, "left": 0}
    assert differences(before, snapshot(session)) == {}


def test_an_earlier_import_is_not_undone_over_a_later_one(session, load, district, take_back):
    load("people", roster(wang()))
    first = load.batch
    load("people", roster(wang(职务="主任")))
    assert take_back(first) == {"removed": 0, "restored": 0, "left": 1}
    assert person(session).post == "主任"


def test_a_rating_given_since_keeps_its_request(session, load, district, take_back):
    load("tickets", ledger(row(满意度="")))
    ticket = session.scalars(select(Ticket)).one()
    from models.ratings import Opinion, Resolved

    ticket.rate(ticket.reporters[0], Opinion(5, Resolved.YES), RESIDENT, at("2026-10-11 09:00"))
    session.commit()
    assert take_back()["left"] == 1
    assert session.query(Leg).count() == 1


def test_requests_that_have_only_been_archived_by_the_clock_can_be_taken_back(session, load, district, take_back):
    load("tickets", ledger(row(工单编号="H-1"), row(工单编号="H-2", 满意度="")))
    before = snapshot(session)
    load("tickets", ledger(row(工单编号="H-1", 标题="路灯全灭"), row(工单编号="H-3"), row(工单编号="H-4", 满意度="")))
    for now in ("2026-12-20 12:00", "2027-03-20 12:00"):
        sweep(session, at(now))
        session.commit()
    assert {ticket.state for ticket in session.scalars(select(Ticket))} == {"archived"}
    assert take_back() == {"removed": 2, "restored": 1, "left": 0}
    kept = session.scalars(select(Ticket).where(Ticket.external_id == "H-1")).one()
    assert (kept.title, kept.state) == ("路灯不亮", "rated")
    assert session.scalars(select(Ticket.external_id).order_by(Ticket.id)).all() == ["H-1", "H-2"]
    assert {name for name, (gone, _) in differences(before, snapshot(session)).items() if gone} <= {
        "ticket", "ticket_search", "ticket_reach"
    }  # fmt: skip


def test_the_look_ups_of_what_is_deleted_are_planned_once(session, load, district, take_back):
    """On PostgreSQL, and the statements after them each for its own values again."""
    load("people", roster(wang(), wang(工号="A002", 姓名="李四", 身份证号码="", 手机号码="")))
    modes, postgres = [], session.get_bind().dialect.name == "postgresql"

    def note(connection, cursor, statement, *rest):
        if statement.startswith(("DELETE FROM person", "UPDATE person")):
            modes.append(connection.exec_driver_sql("SHOW plan_cache_mode").scalar() if postgres else "")

    event.listen(session.get_bind(), "before_cursor_execute", note)
    assert take_back() == {"removed": 2, "restored": 0, "left": 0}
    event.remove(session.get_bind(), "before_cursor_execute", note)
    assert modes == (["force_generic_plan", "force_custom_plan"] if postgres else ["", ""])

"""A year's days off on screen: what would move is shown first, and asked."""

import io
from datetime import date

import pytest
import sqlalchemy as sa

from models.calendar import CalendarDay, CalendarYear
from models.calendar_changes import CalendarChange
from models.legs import Leg
from models.policies import set_policy
from rules.deadlines import Tier
from tests.imports.books import xlsx
from tests.stage import at

TEXT = {"year": "2026", "days": "2026-11-19 休 运动会"}


@pytest.fixture
def ticket(way, session):
    set_policy(session, "clock_mode", "workday", way.office, at("2026-01-01 08:00"))
    made = way.signed(at("2026-11-17 10:00"))
    session.commit()
    return made


@pytest.fixture
def office(client_as, district):
    return client_as("office", district.root)


def due(session):
    session.expire_all()
    return session.scalars(sa.select(Leg.settle_due_at)).one()


def entered(session):
    return session.scalar(sa.select(CalendarDay.working).where(CalendarDay.day == date(2026, 11, 19)))


def test_what_would_move_is_shown_before_anything_is_kept(session, office, ticket):
    page = office.post("/calendar-changes/enter", data=TEXT).text
    assert "期限变动预览" in page
    assert ticket.number in page
    assert "2026-11-20 24:00" in page
    assert "2026-11-23 24:00" in page
    assert "修改日历，并调整 1 个期限" in page
    assert (entered(session), due(session)) == (None, at("2026-11-21 00:00"))


@pytest.mark.parametrize(("do", "stored"), [("move", "2026-11-24 00:00"), ("keep", "2026-11-21 00:00")])
def test_whoever_enters_it_says_whether_dates_go_along(session, office, ticket, do, stored):
    assert office.post("/calendar-changes/enter", data=TEXT | {"do": do}).status_code == 302
    assert (entered(session), due(session)) == (False, at(stored))
    page = office.get("/calendar-changes/list/").text
    assert ("撤回期限调整" in page) == (do == "move")


def test_a_move_is_taken_back(session, office, ticket):
    office.post("/calendar-changes/enter", data=TEXT | {"do": "move"})
    change = session.scalars(sa.select(CalendarChange.id)).one()
    assert office.post(f"/calendar-changes/take_back/{change}").status_code == 302
    assert due(session) == at("2026-11-21 00:00")
    assert "期限重新计算：日历已变更" in office.get(f"/requests/show/{ticket.id}").text


def test_a_single_day_that_moves_something_is_asked_about_too(session, office, ticket):
    page = office.post("/calendar-days/add", data={"day": "2026-11-19", "name": "运动会"}).text
    assert "修改日历，并调整 1 个期限" in page
    assert entered(session) is None
    assert office.post("/calendar-days/add", data={"day": "2026-11-18", "working": "y"}).status_code == 302


def test_so_is_a_day_that_is_changed(session, office, ticket):
    session.add(CalendarDay(day=date(2026, 11, 19), working=True, name="运动会"))
    session.commit()
    key = session.scalar(sa.select(CalendarDay.id).where(CalendarDay.day == date(2026, 11, 19)))
    assert "期限变动预览" in office.post(f"/calendar-days/edit/{key}", data={"name": "运动会"}).text
    assert entered(session) is True


def test_a_workbook_is_read_like_the_lines(session, office, ticket):
    book = io.BytesIO(xlsx([["日期", "安排", "名称"], [date(2026, 11, 19), "休", "运动会"]]))
    page = office.post("/calendar-changes/enter", data={"year": "2026", "days": "", "book": (book, "调休.xlsx")}).text
    assert "修改日历，并调整 1 个期限" in page


def test_a_line_that_makes_no_sense_comes_back_with_what_was_typed(office):
    page = office.post("/calendar-changes/enter", data={"year": "2026", "days": "2026-02-30 休"}).text
    assert "第 1 行：“2026-2-30”不是日期" in page.replace("2026-02-30", "2026-2-30")
    assert "休</textarea>" in page


def test_a_year_becomes_official_by_a_word_only_and_due_dates_in_others_are_warned_of(session, office, way):
    way.dispatched(at("2026-12-28 10:00"), tier=Tier.MINOR)
    session.commit()
    assert "有 1 个未办结的期限落在 2027 年" in office.get("/calendar-changes/list/").text
    given = {"year": "2027", "days": "1月1日 休 元旦", "do": "keep"}
    office.post("/calendar-changes/enter", data=given)
    official = sa.select(CalendarYear.official).where(CalendarYear.year == 2027)
    assert session.scalar(official) is False
    office.post("/calendar-changes/enter", data=given | {"official-2027": "1"})
    session.expire_all()
    assert session.scalar(official) is True
    assert "落在 2027 年" not in office.get("/calendar-changes/list/").text


def test_an_administrator_sees_how_many_and_no_request(client_as, district, ticket):
    page = client_as("sys_admin", district.root).post("/calendar-changes/enter", data=TEXT).text
    assert "修改日历，并调整 1 个期限" in page
    assert ticket.number not in page
    assert "石桥村" not in page


def test_others_look_only(client_as, district, ticket):
    handler = client_as("handler", district.village)
    assert handler.get("/calendar-changes/list/").status_code == 200
    assert handler.post("/calendar-changes/enter", data=TEXT | {"do": "move"}).status_code in (302, 403)
    assert "录入调休" not in handler.get("/calendar-changes/list/").text

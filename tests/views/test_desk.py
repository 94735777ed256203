"""The desk: what is shown beside the form, and a clerk who fills it with the keyboard alone."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect, sync_playwright

from models import db
from models.categories import Category, Duty
from models.tickets import Ticket
from tests.asked import Asked
from tests.factories import make_account
from tests.views.browsing import file, send
from tests.views.chromium import CHROMIUM, DESK, MISSING, context_of, launch, served
from tests.way import PDF

NOW = datetime.now(UTC)
TYPED = {"source": "phone", "title": "水管漏水", "text": "门前水管漏水"}
MOST = 12


@pytest.fixture
def clerk(client_as, district):
    return client_as("dispatcher", district.town)


def tickets(session) -> list[Ticket]:
    session.expire_all()
    return list(session.scalars(sa.select(Ticket).order_by(Ticket.id)))


def test_a_caller_is_shown_masked_with_the_earlier_requests(clerk, session, way):
    mine, hidden = way.submitted(NOW, title="路灯不亮"), way.submitted(NOW, title="不愿透露", anonymous=True)
    session.commit()
    for typed in ("1234", "138-0000-1234"):
        page = clerk.post("/desk/callers", data={"mobile": typed})
        assert page.headers["Cache-Control"] == "no-store"
        assert "138****1234" in page.text
        assert "何**" in page.text
        assert mine.number in page.text
        assert hidden.number not in page.text
        assert "13800001234" not in page.text
        assert "何阿姨" not in page.text
    assert mine.number not in clerk.post("/desk/callers", data={"mobile": "12345"}).text


def test_those_who_take_nothing_down_are_told_of_no_caller(client_as, session, way):
    way.submitted(NOW)
    session.commit()
    for role in ("manager", "supervisor", "evaluator", "member"):
        answer = client_as(role, way.district.root).post("/desk/callers", data={"mobile": "1234"})
        assert answer.status_code in (302, 403)


def test_name_and_number_of_a_chosen_caller_are_taken_over(clerk, session, way):
    reporter = way.submitted(NOW).reporters[0]
    session.commit()
    typed = {**TYPED, "unit": way.district.village.id, "mobile": "1234", "reporter": reporter.id}
    assert send(clerk, "/requests/add", typed).status_code == 302
    made = tickets(session)[-1].reporters[0]
    assert (made.sealed_name, made.sealed_mobile, made.mobile_hash) == ("何阿姨", "13800001234", reporter.mobile_hash)


def test_a_tail_alone_is_no_number(clerk, session, way, district):
    hidden = way.submitted(NOW, anonymous=True).reporters[0]
    session.commit()
    for chosen in ({}, {"reporter": hidden.id}, {"reporter": "9" * 20}):
        typed = {**TYPED, "unit": district.village.id, "mobile": "1234", **chosen}
        page = send(clerk, "/requests/add", typed)
        assert page.status_code == 200
        assert "请选择" in page.text
    assert len(tickets(session)) == 1


def test_open_requests_like_the_draft_are_shown_beside_it(clerk, session, way):
    same, other = way.submitted(NOW), way.submitted(NOW, title="垃圾没人收", text="味道很大")
    session.commit()
    page = clerk.post("/similar/typed", data={"title": "路灯不亮了", "unit": way.district.village.id}).text
    assert [each.number in page for each in (same, other)] == [True, False]
    assert same.number not in clerk.post("/similar/typed", data={"title": "路灯不亮了", "unit": "9" * 20}).text


def test_the_duty_catalogue_proposes_as_soon_as_place_and_kind_of_matter_are_chosen(clerk, session, district):
    lands = session.scalars(sa.select(Category).where(Category.code == "6003")).one()
    session.scalars(sa.select(Duty).where(Duty.category_id == lands.id)).one().unit = district.department
    session.commit()
    chosen = {"unit": district.village.id, "category": "6003"}
    assert "→ 区交通局" in clerk.post("/desk/proposal", data=chosen).text
    assert "紧急" in clerk.post("/desk/proposal", data={**chosen, "kind": "emergency"}).text
    assert "→" not in clerk.post("/desk/proposal", data={**chosen, "category": ""}).text


@pytest.mark.parametrize("asked", ["callers", "proposal"])
def test_what_stands_beside_the_form_asks_the_database_few_things(clerk, session, way, asked):
    for number in range(6):
        way.submitted(NOW, reporter_mobile=f"1380000{number}234")
    session.commit()
    data = {"mobile": "1234", "title": "路灯不亮", "unit": way.district.village.id, "category": "3002"}
    with Asked(db.engine) as counted:
        assert clerk.post(f"/desk/{asked}", data=data).status_code == 200
    assert len(counted.made) <= MOST


def test_what_was_handled_on_the_spot_goes_to_review_in_one_step(client_as, session, district):
    handler = client_as("handler", district.village)
    typed = {**TYPED, "unit": district.village.id, "on_the_spot": "y", "result": "换了水管", "feedback": "已修好"}
    files = {"files": [file("水管.pdf", PDF)]}
    answer = send(handler, "/requests/add", {**typed, **files}, content_type="multipart/form-data")
    [ticket] = tickets(session)
    assert answer.location == f"/requests/show/{ticket.id}"
    assert (ticket.state, ticket.lead.handler_id, ticket.lead.result) == (
        "pending_review",
        handler.person_id,
        "换了水管",
    )
    assert [each.leg_id for each in ticket.attachments] == [ticket.lead.id]


def test_what_was_handled_on_the_spot_without_an_answer_is_not_kept_at_all(client_as, session, district):
    handler = client_as("handler", district.village)
    typed = {**TYPED, "unit": district.village.id, "on_the_spot": "y", "result": "换了水管"}
    page = send(handler, "/requests/add", typed)
    assert page.status_code == 200
    assert "换了水管" in page.text
    assert tickets(session) == []


def test_the_office_is_not_offered_to_handle_anything_on_the_spot(client_as, clerk, district):
    assert "on_the_spot" in clerk.get("/requests/add").text
    assert "on_the_spot" not in client_as("office", district.root).get("/requests/add").text


def test_the_place_of_a_village_desk_is_the_village(client_as, clerk, district):
    chosen = f'<option value="{district.village.id}" selected>石桥村'
    assert chosen in client_as("handler", district.village).get("/requests/add").text
    assert "selected>青石镇" not in clerk.get("/requests/add").text


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def address(app) -> Iterator[str]:
    with served(app) as address:
        yield address


@pytest.fixture
def page(app, browser, address, session, district) -> Page:
    account = make_account(session, "dispatcher", district.town)
    session.commit()
    context = context_of(browser, app, address, account, viewport=DESK)
    page = context.new_page()
    page.goto("/requests/add")
    return page


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.id || document.activeElement.name")


def choose(page: Page, word: str) -> None:
    page.locator(".select2-container--open").first.wait_for()
    page.keyboard.type(word)
    page.locator(".select2-results__option--highlighted", has_text=word).wait_for()
    page.keyboard.press("Enter")


browsed = pytest.mark.skipif(CHROMIUM is None, reason=MISSING)


@pytest.mark.browser
@browsed
def test_a_clerk_takes_a_request_down_without_touching_the_mouse(page, session, way):
    before = way.submitted(NOW, title="路灯不亮", text="刚修好两天又坏了")
    session.commit()
    assert focused(page) == "mobile"
    page.keyboard.type("1234")
    page.locator(".desk-caller", has_text="138****1234").wait_for()
    page.keyboard.press("Enter")
    assert focused(page) == "reporter"
    page.keyboard.press("Enter")
    assert page.locator("input[name=reporter]:checked").get_attribute("value") == str(before.reporters[0].id)
    assert focused(page) == "name"
    for _each in ("name", "source", "kind"):
        page.keyboard.press("Enter")
    assert focused(page) == "title"
    page.keyboard.type("路灯又不亮了")
    page.keyboard.press("Enter")
    page.keyboard.type("修好两天又坏了")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("请尽快来看")
    page.keyboard.press("Enter")
    choose(page, "石桥村")
    expect(page.locator("#alike")).to_contain_text(before.number)
    page.keyboard.press("Alt+k")
    choose(page, "路灯照明")
    expect(page.locator("#proposal")).to_contain_text("→ 青石镇")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/requests/show/*")
    made = tickets(session)[-1]
    assert (made.title, made.text, made.source) == ("路灯又不亮了", "修好两天又坏了\n请尽快来看", "phone")
    assert (made.unit.name, made.category.code) == ("石桥村", "3002")
    assert made.reporters[0].sealed_mobile == "13800001234"


@pytest.mark.browser
@browsed
def test_what_was_handled_on_the_spot_is_written_down_by_keyboard(page, session, district):
    page.keyboard.press("Alt+p")
    choose(page, "石桥村")
    page.keyboard.press("Alt+t")
    page.keyboard.type("水管漏水")
    page.keyboard.press("Enter")
    page.keyboard.type("门前水管漏水")
    page.keyboard.press("Alt+o")
    page.keyboard.press("Enter")
    assert focused(page) == "result"
    page.keyboard.type("换了水管")
    page.keyboard.press("Enter")
    page.keyboard.type("已当面告知")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/requests/show/*")
    assert [each.state for each in tickets(session)] == ["pending_review"]


@pytest.mark.browser
@browsed
def test_a_draft_and_its_key_survive_a_reload_and_a_persons_data_does_not(page):
    key = page.input_value("[name=client_id]")
    page.fill("#mobile", "13800001234")
    page.fill("#title", "水管漏水")
    page.wait_for_timeout(500)
    page.reload()
    assert page.input_value("#title") == "水管漏水"
    assert page.input_value("[name=client_id]") == key
    assert page.input_value("#mobile") == ""


@pytest.mark.browser
@browsed
def test_the_desk_fits_on_one_screen(page):
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")

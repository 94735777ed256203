"""The columns in a browser: with the keyboard alone, at a desk and on a phone."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from jobs.importing import work_all
from models import db
from models.people import Person
from tests.factories import make_account, make_household
from tests.imports.books import xlsx
from tests.imports.test_choices import STRANGE
from tests.views.chromium import CHROMIUM, DESK, MISSING, PHONE, context_of, launch, served
from views.kit.context import now

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason=MISSING),
    pytest.mark.parametrize("backend", ["sqlite"], indirect=True),
]
ALIKE = xlsx([["工号", "姓名", "单位", "联系电话号"], ["A1", "王小明", "石桥村", "13800138000"]])
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@contextmanager
def at_work(app) -> Iterator[None]:
    """A worker beside the server."""
    over = Event()

    def work() -> None:
        while not over.wait(0.2):
            with app.app_context():
                work_all(db.session(), now)

    worker = Thread(target=work)
    worker.start()
    yield
    over.set()
    worker.join()


@pytest.fixture
def page(app, session, district, browser) -> Iterator[Page]:
    account = make_account(session, "office", district.root)
    session.commit()
    with served(app) as address, at_work(app):
        context = context_of(browser, app, address, account, viewport=DESK)
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/lang/en")
        yield page
        context.close()
        assert complaints == []


def upload(page: Page, data: bytes) -> None:
    page.goto("/imports/new")
    page.check("input[value=people]")
    page.set_input_files("input[type=file]", {"name": "名册.xlsx", "mimeType": "", "buffer": data})
    page.get_by_role("button", name="Upload and preview").click()
    expect(page.get_by_role("heading", level=1, name="Columns of the file")).to_be_visible()


def test_a_roster_that_nobody_designed_comes_in_by_keyboard_alone(page, session):
    upload(page, STRANGE)
    page.get_by_role("button", name="Row 2 holds the headings").press("Enter")
    name = page.get_by_label("姓名", exact=True)
    expect(name).to_have_value("0")
    name.focus()
    page.keyboard.press("A")
    expect(name).to_have_value("1")
    expect(page.locator('[data-samples-of="map-0-name"]')).to_have_text("王小明　李四")
    page.get_by_label("单位", exact=True).select_option("2")
    page.get_by_label("手机", exact=True).select_option("3")
    expect(page.locator('[data-samples-of="map-0-mobile"]')).to_have_text("138****8000")
    page.get_by_role("button", name="Read with these columns").press("Enter")
    page.get_by_role("button", name="Commit the 1 good rows only").press("Enter")
    page.locator("dialog[open] .btn-danger, dialog[open] .btn-primary").press("Enter")
    expect(page.get_by_text("Committed by")).to_be_visible()
    session.expire_all()
    assert [person.mobile for person in session.query(Person).filter_by(name="王小明")] == ["13800138000"]


def test_a_column_of_the_file_moves_to_where_it_is_chosen(page):
    upload(page, ALIKE)
    post = page.get_by_label("职务", exact=True)
    post.select_option("2")
    expect(page.get_by_label("姓名", exact=True)).to_have_value("0")
    expect(page.locator('[data-samples-of="map-0-name"]')).to_be_empty()
    expect(page.locator('[data-samples-of="map-0-post"]')).to_have_text("王小明")


def test_a_likeness_is_taken_with_one_press(page):
    upload(page, ALIKE)
    expect(page.get_by_label("手机", exact=True)).to_have_value("0")
    page.get_by_role("button", name="Take “联系电话号”?").press("Enter")
    expect(page.get_by_label("手机", exact=True)).to_have_value("4")
    expect(page.get_by_label("手机", exact=True)).to_be_focused()
    expect(page.get_by_role("row", name="手机").locator(".tag")).to_have_text("by hand")


def test_any_cell_of_a_row_says_that_the_headings_stand_there(page):
    upload(page, STRANGE)
    page.get_by_role("cell", name="号头").click()
    expect(page.get_by_role("heading", name="Headings in row 2")).to_be_visible()


def test_on_a_phone_the_tab_that_was_chosen_is_in_sight(page, session, district):
    make_household(session, district.village, "石阿婆", number="33")
    session.commit()
    page.set_viewport_size(PHONE)
    page.goto("/imports/new")
    page.check("input[value=households]")
    data = xlsx([["户号", "户主", "现住址", "所属村社"], ["34", "石大桥", "一号", "石桥村"]])
    page.set_input_files("input[type=file]", {"name": "户籍.xlsx", "mimeType": "", "buffer": data})
    page.get_by_role("button", name="Upload and preview").click()
    page.get_by_role("link", name="Missing from the file").click()
    expect(page.locator(".tabs a.active")).to_contain_text("Missing from the file")
    box = page.locator(".tabs a.active").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]


@pytest.mark.parametrize("data", [STRANGE, ALIKE])
def test_on_a_phone_nothing_is_cut_off_and_everything_can_be_pressed(page, data):
    upload(page, data)
    page.set_viewport_size(PHONE)
    assert not page.evaluate(WIDER)
    pressed = page.locator("main button:visible, main select:visible")
    assert min(pressed.evaluate_all("(all) => all.map((each) => each.offsetHeight)")) >= 38

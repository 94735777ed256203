"""One request, from a resident at the portal to the sheet on the manager's desk, in a real browser."""

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from models.accounts import open_account
from rules.roles import Role
from rules.workdays import local_date
from tests.factories import make_person
from tests.views.chromium import CHROMIUM, DESK, MISSING, PHONE, context_of, launch, served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason=MISSING),
]
PASSWORD = "qingxi2026x"


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def staff(session, district):
    people = {
        "dispatcher": (district.town, "张小派", Role.DISPATCHER),
        "handler": (district.village, "李经办", Role.HANDLER),
        "leader": (district.village, "王书记", Role.UNIT_LEADER),
        "evaluator": (district.root, "周考评", Role.EVALUATOR),
        "manager": (district.root, "赵区长", Role.MANAGER),
    }
    for login, (unit, name, role) in people.items():
        open_account(session, make_person(session, unit, name), login, PASSWORD, {role})
    session.commit()


class Desk:
    """Opens a browser window for each person, who signs in with name and password."""

    def __init__(self, browser: Browser, app, address: str):
        self.browser, self.app, self.address = browser, app, address

    def sign_in(self, login: str) -> Page:
        page = self.window(viewport=DESK)
        page.goto("/login/")
        page.fill("#username", login)
        page.fill("#password", PASSWORD)
        page.locator("form[name=login] [type=submit]").click()
        page.wait_for_url("**/workbench/")
        return page

    def window(self, **options) -> Page:
        context = context_of(self.browser, self.app, self.address, accept_downloads=True, **options)
        context.set_default_timeout(20_000)
        return context.new_page()


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (640, 480), "#2266aa").save(out, "JPEG")
    return out.getvalue()


def choose(page: Page, field: str, value: str) -> None:
    page.locator(f".choice input[name={field}][value='{value}']").check(force=True)


def take(page: Page, name: str) -> None:
    """A step of the record: opens its form, or takes it where there is nothing to fill in."""
    page.locator(f"a[href$='/{name}'], form[action$='/{name}'] button").first.click()


def submit(page: Page) -> None:
    page.locator("main form button[type=submit].btn-primary").first.click()


def open_first(page: Page, queue: str) -> None:
    """From the workbench through the counted list to the record."""
    page.goto("/workbench/")
    page.locator(f"a.work[href$='queue={queue}']").click()
    page.locator("tbody .row-link").first.click()


def figure(page: Page, place: int) -> str:
    page.goto("/workbench/")
    return page.locator(".figure:not(.awaited) .figure-value").nth(place).inner_text()


def ask(page: Page) -> str:
    """Hands a request in on a telephone; a reload on the way loses nothing. Returns the tracking code."""
    page.goto("/portal/")
    page.locator("a.door[href='/portal/ask']").click()
    page.fill("#title", "村口路灯不亮")
    page.fill("#text", "石桥村村口三盏路灯不亮，晚上出行不便。")
    page.select_option("#town", label="青石镇")
    page.locator("#village option", has_text="石桥村").wait_for(state="attached")
    page.select_option("#village", label="石桥村")
    page.reload()
    assert page.input_value("#title") == "村口路灯不亮"
    page.wait_for_function("document.querySelector('#village').selectedOptions[0].text === '石桥村'")
    page.fill("#name", "何阿姨")
    page.fill("#mobile", "13800001234")
    page.set_input_files("#files", {"name": "路灯.jpg", "mimeType": "image/jpeg", "buffer": picture()})
    submit(page)
    page.wait_for_url("**/portal/receipt")
    return page.locator("[data-tracking-code]").inner_text()


def accept_and_dispatch(page: Page) -> None:
    open_first(page, "to_accept")
    take(page, "accept")
    page.evaluate("document.getElementById('tiers').dataset.old = ''")
    page.select_option("#category", "3002")
    page.locator("#tiers:not([data-old]) input[value=minor]:checked").wait_for(state="attached")
    choose(page, "tier", "micro")
    submit(page)
    take(page, "dispatch")
    page.locator("[aria-labelledby=select2-unit-container]").click()
    page.locator(".select2-search__field").last.fill("石桥村")
    page.locator(".select2-results__option", has_text="石桥村").first.click()
    submit(page)
    page.wait_for_url("**/requests/show/*")


def handle(page: Page) -> None:
    open_first(page, "to_sign")
    take(page, "sign")
    take(page, "contact")
    page.fill("#note", "已电话联系何阿姨")
    submit(page)
    take(page, "submit_result")
    page.fill("#result", "更换三只灯泡")
    page.fill("#feedback", "路灯已修好，请查看。")
    page.set_input_files("#files", {"name": "修好.jpg", "mimeType": "image/jpeg", "buffer": picture()})
    submit(page)
    page.wait_for_url("**/requests/show/*")
    page.locator(".files img").first.wait_for()


def settle(page: Page) -> None:
    open_first(page, "to_review")
    take(page, "settle")
    choose(page, "mode", "on_the_spot")
    submit(page)
    page.wait_for_url("**/requests/show/*")


def rate(page: Page, code: str) -> None:
    page.goto("/portal/follow")
    page.fill("#code", code)
    page.fill("#tail", "1234")
    submit(page)
    assert "路灯已修好" in page.locator("main").inner_text()
    page.locator("a[href='/portal/rate']").click()
    choose(page, "stars", "5")
    choose(page, "resolved", "yes")
    choose(page, "tags", "fast")
    page.fill("#comment", "谢谢")
    submit(page)
    page.wait_for_url("**/portal/mine")


def run_month(page: Page, month: str) -> None:
    page.goto("/evaluations/add")
    page.fill("#period", month)
    submit(page)
    page.wait_for_url("**/evaluations/**")


def download(page: Page) -> openpyxl.Workbook:
    page.goto("/evaluations/list/")
    page.locator("tbody .row-link").first.click()
    with page.expect_download() as coming:
        page.locator("a[href*='/evaluations/sheet/']").first.click()
    return openpyxl.load_workbook(BytesIO(coming.value.path().read_bytes()), data_only=True)


def counted(sheet: Worksheet, unit: str, indicator: str) -> list[object]:
    """Numerator, denominator and rate."""
    first = next(cell.column for cell in sheet[3] if str(cell.value).startswith(indicator))
    row = next(cells for cells in sheet.iter_rows(min_row=5) if cells[1].value == unit)
    return [cell.value for cell in row[first - 1 : first + 2]]


def test_a_request_goes_from_the_resident_to_the_managers_sheet(app, session, staff, browser):
    month = f"{local_date(datetime.now(UTC)):%Y-%m}"
    with served(app) as address:
        desk = Desk(browser, app, address)
        resident, manager = desk.window(viewport=PHONE), desk.sign_in("manager")
        assert (figure(manager, 2), figure(manager, 3)) == ("—", "—")
        code = ask(resident)
        accept_and_dispatch(desk.sign_in("dispatcher"))
        assert figure(manager, 2) == "0.0%"
        handle(desk.sign_in("handler"))
        settle(desk.sign_in("leader"))
        rate(resident, code)
        assert (figure(manager, 2), figure(manager, 3)) == ("100.0%", "100.0%")
        run_month(desk.sign_in("evaluator"), month)
        book = download(manager)
        for context in browser.contexts:
            context.close()
    sheet = book["单位考核表"]
    assert counted(sheet, "石桥村", "办结率") == [1, 1, 1]
    assert counted(sheet, "石桥村", "满意率") == [1, 1, 1]

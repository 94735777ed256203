"""Every page a role can open, as a browser sees it: nothing from elsewhere, nothing blocked, nothing cut off."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from flask import render_template_string
from playwright.sync_api import Browser, Page, sync_playwright

from rules.lights import Light
from rules.roles import Role
from tests.factories import make_account
from tests.stage import at
from tests.views.chromium import CHROMIUM, DESK, MISSING, PHONE, context_of, launch, served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason=MISSING),
    pytest.mark.parametrize("backend", ["sqlite"], indirect=True),
]
PUBLIC = ["/login/", "/portal/", "/portal/ask", "/portal/follow", "/no-such-page"]
ADMINS = {Role.SYS_ADMIN, Role.SEC_ADMIN, Role.AUDIT_ADMIN}
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


class Walk:
    """Opens pages and keeps what each asked for elsewhere, complained about or could not fit on a phone."""

    def __init__(self, page: Page, address: str):
        self.page, self.host = page, urlsplit(address).netloc
        self.elsewhere: list[str] = []
        self.complaints: list[str] = []
        self.cut_off: list[str] = []
        page.on("request", lambda request: self.asked(request.url))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def asked(self, url: str) -> None:
        if urlsplit(url).scheme not in ("data", "blob") and urlsplit(url).netloc != self.host:
            self.elsewhere.append(url)

    def open(self, path: str) -> None:
        self.page.set_viewport_size(DESK)
        self.page.goto(path)
        self.page.set_viewport_size(PHONE)
        if self.page.evaluate(WIDER):
            self.cut_off.append(path)

    def links(self, selector: str) -> list[str]:
        return [link.get_attribute("href") or "" for link in self.page.locator(selector).all()]

    def everything(self) -> list[str]:
        """The navigation, and behind each list its first record and the empty form."""
        self.open("/")
        paths = list(dict.fromkeys(self.links(".nav nav a")))
        for path in list(paths):
            self.open(path)
            behind = [*self.links("tbody tr:first-child .row-link")[:1], *self.links(".page-actions a[href$='/add']")]
            for further in behind:
                self.open(further)
            paths += behind
        self.page.wait_for_load_state("networkidle")
        return paths


def assert_clean(walk: Walk) -> None:
    assert walk.elsewhere == []
    assert walk.complaints == []
    assert walk.cut_off == []


@pytest.mark.parametrize("role", list(Role))
def test_all_that_a_role_can_open_is_whole_and_ours(role, app, session, district, way, browser):
    way.settled(at("2026-09-18 09:00"))
    account = make_account(session, role.value, district.root if role in ADMINS else district.town, "欧阳明远")
    session.commit()
    with served(app) as address, context_of(browser, app, address, account) as context:
        walk = Walk(context.new_page(), address)
        opened = walk.everything()
        assert walk.page.locator(".who").text_content() == "欧阳明远"
    assert len(opened) >= 2
    assert_clean(walk)


def test_public_pages_are_whole_and_ours(app, district, browser):
    with served(app) as address, context_of(browser, app, address) as context:
        walk = Walk(context.new_page(), address)
        for path in PUBLIC:
            walk.open(path)
    walk.complaints = [text for text in walk.complaints if "404 (NOT FOUND)" not in text]
    assert_clean(walk)


def test_who_may_read_no_notices_is_shown_no_bell_even_after_one_who_may(app, session, district, browser):
    office, admin = (make_account(session, role, district.root) for role in ("office", "sys_admin"))
    session.commit()
    bells = []
    with served(app) as address:
        for account in (office, admin, office):
            with context_of(browser, app, address, account) as context:
                page = context.new_page()
                page.goto("/policies/list/" if account is admin else "/units/list/")
                page.locator(".top").wait_for()
                bells.append(page.locator(".top .fa-bell").count())
    assert bells == [1, 0, 1]


def test_a_checked_row_brings_up_what_can_be_done_with_all_chosen(app, session, district, browser):
    admin = make_account(session, "sec_admin", district.root)
    session.commit()
    with served(app) as address, context_of(browser, app, address, admin) as context:
        page = context.new_page()
        page.goto("/accounts/list/")
        assert not page.locator(".bulk").is_visible()
        page.locator("input[name=rowid]").first.check()
        assert page.locator(".bulk").is_visible()
        assert "1" in (page.locator("[data-bulk-count]").text_content() or "")


def test_a_form_left_half_filled_is_found_again_but_no_telephone_number_is_kept(app, session, district, browser):
    office = make_account(session, "office", district.root)
    session.commit()
    with served(app) as address, context_of(browser, app, address, office) as context:
        page = context.new_page()
        page.goto("/people/add")
        page.fill("#name", "司马青")
        page.fill("#mobile", "13800001234")
        page.reload()
        assert page.input_value("#name") == "司马青"
        assert page.input_value("#mobile") == ""
        assert "13800001234" not in page.evaluate("JSON.stringify(localStorage)")


def test_a_slash_puts_the_cursor_into_the_search_box(app, session, district, browser):
    office = make_account(session, "office", district.root)
    session.commit()
    with served(app) as address, context_of(browser, app, address, office) as context:
        page = context.new_page()
        page.goto("/units/list/")
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.type") == "search"


def luminance(colour: str) -> float:
    """Of `rgb(r, g, b)`, as WCAG 2 has it."""
    channels = [int(part) / 255 for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(ink: str, ground: str) -> float:
    light, dark = sorted((luminance(ink), luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_five_lights_can_be_read(app, browser):
    with app.test_request_context():
        lights = render_template_string(
            '{% import "macros.html" as ui %}{% for light in lights %}{{ ui.light(light, "12") }}{% endfor %}',
            lights=list(Light),
        )
    with served(app) as address, context_of(browser, app, address) as context:
        page = context.new_page()
        page.goto("/login/")
        page.evaluate("html => { document.body.innerHTML = html }", lights)
        colours = page.evaluate(
            "[...document.querySelectorAll('.light')].map(getComputedStyle).map(s => [s.color, s.backgroundColor])"
        )
    assert round(contrast("rgb(118, 118, 118)", "rgb(255, 255, 255)"), 2) == 4.54
    assert len(colours) == 5
    assert len({ground for _, ground in colours}) == 5
    assert [round(contrast(ink, ground), 2) for ink, ground in colours if contrast(ink, ground) < 4.5] == []

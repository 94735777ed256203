"""A hard case in a browser: village, town, two departments, a meeting, settled, two stars, re-opened, five stars."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from models import db
from models.accounts import open_account
from models.tickets import Ticket
from rules.roles import Role
from tests.factories import make_person, unit
from tests.views.chromium import CHROMIUM, MISSING, PHONE, launch, served
from tests.views.test_journey import PASSWORD, Desk, ask, choose, open_first, picture, submit, take

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason=MISSING),
]


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def staff(session, district):
    housing = unit(session, district.root, "339901-ZJJ", "区住建局", "department")
    for place, where in (
        ("village", district.village),
        ("town", district.town),
        ("traffic", district.department),
        ("housing", housing),
    ):
        for role in (Role.HANDLER, Role.UNIT_LEADER):
            open_account(session, make_person(session, where), f"{place}_{role.value}", PASSWORD, {role})
    for login, where in (("town_dispatcher", district.town), ("district_dispatcher", district.root)):
        open_account(session, make_person(session, where), login, PASSWORD, {Role.DISPATCHER})
    session.commit()


def pick(page: Page, field: str, name: str) -> None:
    page.locator(f"[aria-labelledby=select2-{field}-container]").click()
    page.locator(".select2-search__field").last.fill(name)
    page.locator(".select2-results__option", has_text=name).first.click()


def more(page: Page, name: str) -> None:
    """A step that may stand under the others."""
    link = page.locator(f".steps-bar a[href$='/{name}']").first
    link.wait_for(state="attached")
    if not link.is_visible():
        page.locator("details.more-steps > summary").click()
    link.click()


def record(page: Page) -> None:
    page.wait_for_url("**/requests/show/*")


def dispatch(page: Page) -> None:
    open_first(page, "to_accept")
    take(page, "accept")
    choose(page, "tier", "micro")
    submit(page)
    take(page, "dispatch")
    pick(page, "unit", "石桥村")
    submit(page)
    record(page)


def sign(page: Page) -> None:
    open_first(page, "to_sign")
    take(page, "sign")
    record(page)


def escalate(page: Page) -> None:
    sign(page)
    more(page, "escalate")
    page.fill("#opinion", "村里没有施工力量，请镇里牵头。")
    submit(page)
    record(page)


def invite(page: Page, *names: str) -> None:
    sign(page)
    for name in names:
        more(page, "invite")
        pick(page, "unit", name)
        page.fill("#task", "核对道路权属和建设手续")
        submit(page)
        record(page)


def meet(page: Page, number: str) -> None:
    page.goto(f"/requests/list/?q={number}")
    page.locator("tbody .row-link").first.click()
    more(page, "call_meeting")
    choose(page, "kind", "hard_case")
    page.fill("#reason", "三家单位对权属说法不一")
    submit(page)
    page.goto("/meetings/list/")
    page.locator("tbody .row-link").first.click()
    page.locator("a[href*='/meetings/decide/']").first.click()
    page.fill("#held_on", page.evaluate("new Date().toLocaleDateString('sv', {timeZone: 'Asia/Shanghai'})"))
    page.fill("#chair", "赵区长")
    page.fill("#minutes", "各单位说明了权属和手续情况。")
    page.fill("#decision", "区交通局牵头修复，区住建局配合补办手续。")
    for name, part in (("青石镇", "present"), ("区交通局", "lead"), ("区住建局", "co")):
        row = page.locator("[data-table-row]", has=page.locator(f"option:checked:text-is('{name}')"))
        row.locator("select[name$='part']").select_option(part)
    submit(page)
    page.locator("dialog[open] .btn-danger, dialog[open] .btn-primary").click()
    expect(page.get_by_text("区交通局牵头修复，区住建局配合补办手续。").first).to_be_visible()


def answer(page: Page, feedback: str) -> None:
    open_first(page, "in_hand")
    take(page, "submit_result")
    page.fill("#result", "已处理完毕")
    page.fill("#feedback", feedback)
    page.set_input_files("#files", {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": picture()})
    submit(page)
    record(page)


def settle(page: Page) -> None:
    open_first(page, "to_review")
    take(page, "settle")
    choose(page, "mode", "coordinated")
    submit(page)


def rate(page: Page, code: str, stars: str, resolved: str) -> None:
    page.goto("/portal/follow")
    page.fill("#code", code)
    page.fill("#tail", "1234")
    submit(page)
    page.locator("a[href='/portal/rate']").click()
    choose(page, "stars", stars)
    choose(page, "resolved", resolved)
    submit(page)
    page.wait_for_url("**/portal/mine")


def to_the_table(desk: Desk, village: Page) -> None:
    """Over the town to a meeting of it and two departments."""
    dispatch(desk.sign_in("town_dispatcher"))
    escalate(village)
    invite(desk.sign_in("town_handler"), "区交通局", "区住建局")
    (number,) = db.session.scalars(db.select(Ticket.number))
    meet(desk.sign_in("district_dispatcher"), number)


def both_settle(desk: Desk) -> None:
    """The lead waits for the part of the other."""
    traffic, housing = desk.sign_in("traffic_handler"), desk.sign_in("housing_handler")
    sign(traffic)
    sign(housing)
    answer(traffic, "道路已修复，请查看。")
    leader = desk.sign_in("traffic_unit_leader")
    settle(leader)
    expect(leader.get_by_text("区住建局").first).to_be_visible()
    answer(housing, "手续已补办。")
    settle(desk.sign_in("housing_unit_leader"))
    settle(leader)
    record(leader)


def test_a_hard_case_goes_from_the_village_over_a_meeting_to_five_stars(app, session, staff, browser):
    with served(app) as address:
        desk = Desk(browser, app, address)
        resident = desk.window(viewport=PHONE)
        code = ask(resident)
        village = desk.sign_in("village_handler")
        to_the_table(desk, village)
        both_settle(desk)
        rate(resident, code, "2", "partly")
        sign(village)
        answer(village, "又修了一遍，请再看看。")
        settle(desk.sign_in("village_unit_leader"))
        rate(resident, code, "5", "yes")
        for context in browser.contexts:
            context.close()
    session.expire_all()
    ticket = session.scalars(db.select(Ticket)).one()
    assert (ticket.state, ticket.reopened, ticket.first_unit_id) == ("rated", 1, ticket.lead.unit_id)
    assert [(leg.unit_name, leg.role, leg.ended) for leg in ticket.legs] == [
        ("石桥村", "lead", "escalated"),
        ("青石镇", "lead", "decided"),
        ("区交通局", "co", "decided"),
        ("区住建局", "co", "decided"),
        ("区交通局", "lead", None),
        ("区住建局", "co", None),
        ("石桥村", "lead", None),
    ]
    assert [rating.stars for rating in ticket.ratings] == [2, 5]

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, sync_playwright

from models.changes import Change
from models.reply_templates import ReplyTemplate
from rules.roles import Role
from tests.factories import make_account
from tests.views.browsing import send
from tests.views.chromium import CHROMIUM, DESK, MISSING, context_of, launch, served

NOW = datetime.now(UTC)
TYPED = {"step": "contact", "title": "已到现场", "text": "{日期}已到现场，{单位}", "active": "y"}


def kept(session, title: str) -> ReplyTemplate:
    return session.scalars(sa.select(ReplyTemplate).where(ReplyTemplate.title == title)).one()


def test_the_office_writes_a_template_and_its_changes_are_recorded(client_as, session, district):
    office = client_as("office", district.root)
    assert send(office, "/replies/add", TYPED).status_code == 302
    template = kept(session, "已到现场")
    send(office, f"/replies/edit/{template.id}", {**TYPED, "text": "已到现场"})
    mine = sa.select(Change).where(Change.subject == "reply_template", Change.subject_id == template.id)
    changes = session.scalars(mine.order_by(Change.id)).all()
    assert [each.action for each in changes] == ["added", "changed"]
    assert changes[1].details["text"] == ["{日期}已到现场，{单位}", "已到现场"]


def test_a_template_with_a_place_that_nothing_fills_is_refused(client_as, session, district):
    office = client_as("office", district.root)
    assert "{姓名}" in send(office, "/replies/add", {**TYPED, "text": "{姓名}您好"}).text
    assert session.scalars(sa.select(ReplyTemplate).where(ReplyTemplate.title == "已到现场")).all() == []


@pytest.mark.parametrize("role", [Role.HANDLER, Role.UNIT_LEADER, Role.MANAGER])
def test_others_write_none(client_as, district, role):
    assert client_as(role, district.village).get("/replies/add").status_code in (302, 403)


def test_the_form_offers_them_filled_in(client_as, session, way):
    ticket = way.signed(NOW)
    session.add(ReplyTemplate(step="contact", title="已到现场", text="“{标题}”{编号}，{单位}"))
    session.commit()
    handler = client_as("handler", way.district.village)
    page = handler.get(f"/requests/move/{ticket.id}/contact").text
    assert f'data-text="“路灯不亮”{ticket.number}，石桥村"' in page
    result = handler.get(f"/requests/move/{ticket.id}/submit_result").text
    assert 'data-fills="feedback"' in result
    assert "已到现场" not in result
    day = re.search(r"已于(\d+年\d+月\d+日)办好", result)
    assert day is not None


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason=MISSING)
def test_what_was_typed_is_replaced_only_when_asked(app, browser, session, way):
    session.execute(sa.delete(ReplyTemplate))
    session.add_all(ReplyTemplate(step="contact", title=title, text=f"{title}了") for title in ("接通", "约定"))
    ticket, account = way.signed(NOW), make_account(session, "handler", way.district.village)
    session.commit()
    with served(app) as address:
        page = context_of(browser, app, address, account, viewport=DESK).new_page()
        page.goto(f"/requests/move/{ticket.id}/contact")
        for title in ("接通", "约定"):
            page.select_option("#reply", label=title)
            assert page.input_value("#note") == f"{title}了"
        page.fill("#note", "自己写的")
        page.select_option("#reply", label="接通")
        page.locator("#confirm button[value=no]").click()
        assert page.input_value("#note") == "自己写的"
        page.select_option("#reply", label="接通")
        page.locator("#confirm button[value=yes]").click()
        page.wait_for_function("document.querySelector('#note').value === '接通了'")

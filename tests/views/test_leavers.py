"""What heirs and the security administrator find behind their notices."""

from urllib.parse import unquote

import pytest
import sqlalchemy as sa

from models.accounts import Account, open_account
from models.notices import Notice, inform
from rules.reminders import Event
from rules.roles import Role
from tests.factories import make_person
from tests.stage import at
from tests.views.browsing import send

NOW = at("2026-11-20 12:00")


@pytest.fixture
def security(client_as, district):
    client = client_as("sec_admin", district.root)
    client.get("/lang/en")
    return client


@pytest.fixture
def accounts(session, district):
    """One of somebody on duty, one of somebody retired, one of somebody who left, and one closed already."""
    made = {}
    for name, employment in (("在岗人", "active"), ("退休人", "retired"), ("离职人", "left"), ("停用人", "left")):
        person = make_person(session, district.village, name, employment=employment)
        made[name] = open_account(session, person, f"u{person.staff_no}", None, {Role.HANDLER})
    made["停用人"].set_active(session, active=False)
    session.commit()
    return made


def deliver(session):
    notice = session.scalars(sa.select(Notice)).one()
    notice.sent_at = NOW
    session.commit()
    return notice


def test_the_list_holds_the_accounts_of_leavers_and_closes_them(session, security, accounts):
    bench = security.get("/workbench/").text
    assert 'href="/accounts/list/?_flt_1_employment=active&amp;_flt_0_in_use=1"' in bench
    page = "/accounts/list/?_flt_1_employment=active&_flt_0_in_use=1"
    shown = security.get(page).text
    assert [name for name in accounts if name in shown] == ["退休人", "离职人"]
    assert ("<b>Yes</b>" in shown, "<b>1</b>" in shown) == (True, False)
    chosen = {"action": "close", "rowid": [accounts["离职人"].id, accounts["退休人"].id]}
    send(security, "/accounts/action_post", chosen, page=page)
    session.expire_all()
    assert {name: account.active for name, account in accounts.items()} == {
        "在岗人": True, "退休人": False, "离职人": False, "停用人": False,
    }  # fmt: skip
    assert "离职人" not in security.get(page).text


def test_nobody_else_closes_accounts(session, client_as, district, accounts):
    office = client_as("office", district.root)
    chosen = {"action": "close", "rowid": [accounts["离职人"].id]}
    assert office.post("/accounts/action_post", data=chosen).status_code == 403
    assert session.get_one(Account, accounts["离职人"].id).active


@pytest.mark.parametrize(
    ("event", "values", "leads"),
    [
        (Event.LEAVERS, {"count": 2}, "/accounts/list/?_flt_1_employment=active&_flt_0_in_use=1"),
        (Event.HANDED_ON, {"count": 2, "subject": "leg"}, "/requests/list/?queue=in_hand"),
        (Event.HANDED_ON, {"count": 1, "subject": "leg", "ticket": 7}, "/requests/show/7"),
        (Event.HANDED_ON, {"count": 1, "subject": "topic"}, "/topics/list/?_flt_0_leader_name=王接手"),
        (Event.HANDED_ON, {"count": 1, "subject": "task"}, "/tasks/list/?_flt_0_responsible_name=王接手"),
    ],
)
def test_a_notice_leads_to_what_it_is_about(session, client_as, district, event, values, leads):
    client = client_as("sec_admin" if event is Event.LEAVERS else "handler", district.village)
    client.get("/lang/en")
    person = session.get_one(Account, client.account_id).person
    person.name = "王接手"
    inform(session, event, "batch-1", {person.id: values}, NOW)
    notice = deliver(session)
    said = {
        Event.LEAVERS: "Accounts of people who have left are still in use: 2.",
        Event.HANDED_ON: "handed on to you: ",
    }
    assert said[event] in client.get("/notices/list/").text
    answer = client.get(f"/notices/show/{notice.id}")
    assert (answer.status_code, unquote(answer.location)) == (302, leads)
    session.expire_all()
    assert notice.read_at is not None

"""Signing in and out: lockout, rate limit, sessions that end, the password rule wherever a password is set."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from models.accounts import Account, open_account
from models.acting import SYSTEM
from models.changes import Change
from models.policies import set_policy
from rules.policy import Policy
from rules.refusals import Refusal
from rules.roles import Role
from tests.factories import make_person
from tests.stage import at
from views.kit import context

PASSWORD = "qingxi2026x"


@pytest.fixture
def account(session, district):
    made = open_account(session, make_person(session, district.village, "石小桥"), "shixq", PASSWORD, {Role.HANDLER})
    session.commit()
    return made


@pytest.fixture
def sign_in(app):
    def typed(password=PASSWORD, name="shixq"):
        browser = app.test_client()
        browser.post("/login/", data={"username": name, "password": password})
        return browser

    return typed


def is_in(browser) -> bool:
    return browser.get("/units/list/").status_code == 200


def test_the_right_password_signs_in_and_a_wrong_one_does_not(account, sign_in):
    assert is_in(sign_in())
    assert not is_in(sign_in("qingxi2026y"))


def test_five_failures_lock_the_account_and_a_quarter_of_an_hour_opens_it(account, sign_in, monkeypatch):
    for _ in range(5):
        sign_in("wrong password 1")
    assert not is_in(sign_in())
    later = context.now() + timedelta(minutes=16)
    monkeypatch.setattr("views.kit.security.now", lambda: later)
    assert is_in(sign_in())


def test_how_often_for_how_long_and_how_short_is_for_the_office_to_say(session, account, sign_in):
    for key, value in (("sign_in_failures", "2"), ("locked_minutes", "45"), ("password_length", "12")):
        set_policy(session, key, value, SYSTEM, at("2026-09-18 09:00"))
    session.commit()
    browser = sign_in()
    assert "至少 12 位" in browser.get("/me/").text
    browser.post("/me/", data={"current": PASSWORD, "password": "elevens2026", "again": "elevens2026"})
    assert is_in(sign_in())
    said = [sign_in("wrong password 1") for _ in range(2)][-1].get("/login/").text
    assert "连续输错 2 次，锁定 45 分钟" in said
    assert not is_in(sign_in())
    session.expire_all()
    assert account.locked_until - context.now() > timedelta(minutes=40)


def test_the_mail_address_is_no_way_round_the_lock(account, sign_in):
    for _ in range(5):
        sign_in("wrong password 1", "shixq@account.invalid")
    assert not is_in(sign_in(name="shixq@account.invalid"))
    assert not is_in(sign_in())


def test_a_user_tied_to_nobody_cannot_sign_in(app, session, sign_in):
    manager = app.appbuilder.sm
    manager.add_user("loner", "A", "B", "a@b.invalid", manager.find_role("office"), password=PASSWORD)
    browser = sign_in(name="loner")
    assert not is_in(browser)
    with browser.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = str(manager.find_user("loner").id), True
    assert not is_in(browser)


def test_sign_ins_are_limited_by_address(app, account, sign_in):
    app.appbuilder.sm.limiter.enabled = True
    try:
        answers = [app.test_client().post("/login/", data={}).status_code for _ in range(31)]
    finally:
        app.appbuilder.sm.limiter.enabled = False
        app.appbuilder.sm.limiter.reset()
    assert answers[:30] == [200] * 30
    assert answers[30] == 429


def test_no_programs_door_signs_in_beside_the_limited_one(app):
    assert not [rule for rule in app.url_map.iter_rules() if "security" in str(rule)]


def replay(browser, app):
    copy = app.test_client()
    copy.set_cookie("session", browser.get_cookie("session").value)
    return copy


def test_a_cookie_kept_from_before_signing_out_is_worth_nothing(app, account, sign_in):
    browser = sign_in()
    kept = replay(browser, app)
    assert is_in(kept)
    browser.post("/logout/")
    assert not is_in(kept)


def test_signing_out_closes_what_was_opened_in_the_browser_and_keeps_its_language(account, sign_in):
    browser = sign_in()
    browser.get("/lang/en")
    with browser.session_transaction() as cookie:
        cookie["handed_in"], cookie["following"] = 1, [1, 1]
    browser.post("/logout/")
    with browser.session_transaction() as cookie:
        assert dict(cookie) == {"locale": "en"}


def test_a_cookie_kept_from_before_a_reset_is_worth_nothing(app, session, account, sign_in):
    browser = sign_in()
    account.set_password(session, "another2026pass")
    session.commit()
    assert not is_in(browser)


def test_changing_ones_own_password_ends_every_session_but_that_one(app, account, sign_in):
    here, elsewhere = sign_in(), sign_in()
    fields = {"current": PASSWORD, "password": "another2026pass", "again": "another2026pass"}
    assert here.post("/me/", data=fields).status_code == 302
    assert is_in(here)
    assert not is_in(elsewhere)


def test_guesses_at_the_present_password_lock_the_account_too(account, sign_in):
    browser = sign_in()
    wrong = {"current": "wrong password 1", "password": "xiqiao2026x", "again": "xiqiao2026x"}
    for _ in range(5):
        browser.post("/me/", data=wrong)
    browser.post("/me/", data=wrong | {"current": PASSWORD})
    assert is_in(browser)
    assert not is_in(sign_in())
    assert not is_in(sign_in("xiqiao2026x"))


def test_a_wrong_present_password_changes_nothing(app, session, account, sign_in):
    before = account.user.password
    fields = {"current": "something else 1", "password": "another2026pass", "again": "another2026pass"}
    sign_in().post("/me/", data=fields)
    session.expire_all()
    assert account.user.password == before


@pytest.mark.parametrize("weak", ["short1", "onlyletters", "1234567890", "SHIXQ1234567"])
def test_every_door_that_sets_a_password_refuses_a_weak_one(app, session, account, sign_in, weak):
    before = account.user.password
    browser = sign_in()
    browser.post("/me/", data={"current": PASSWORD, "password": weak, "again": weak})
    manager = app.appbuilder.sm
    with pytest.raises(Refusal):
        manager.reset_password(account.user_id, weak)
    with pytest.raises(Refusal):
        manager.add_user("shixq1", "A", "B", "a@b.invalid", manager.find_role("office"), password=weak)
    with pytest.raises(Refusal):
        open_account(session, account.person, "shixq", weak, {Role.HANDLER})
    session.rollback()
    assert session.get(Account, account.id).user.password == before


def test_signing_out_needs_the_pages_own_form(app, account, sign_in):
    browser = sign_in()
    assert browser.get("/logout/").status_code == 405
    assert is_in(browser)


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(app, account, sign_in):
    cookie = sign_in().get_cookie("session")
    assert (cookie.http_only, cookie.same_site) == (True, "Lax")


def test_the_language_chosen_is_kept_for_the_next_sign_in(app, session, account, sign_in):
    sign_in().get("/lang/en")
    session.expire_all()
    assert account.language == "en"
    assert '<html lang="en"' in sign_in().get("/units/list/").text


def test_the_security_administrator_opens_an_account_for_somebody_on_the_roster(session, district, client_as, sign_in):
    make_person(
        session,
        district.village,
        "石小桥",
    )
    person = make_person(session, district.village, "沙小口")
    session.commit()
    client_as("sec_admin", district.root).post(
        "/accounts/add",
        data={
            "staff_no": person.staff_no,
            "user_name": "shaxk",
            "roles": ["handler", "unit_leader"],
            "password": PASSWORD,
            "again": PASSWORD,
        },
    )
    account = session.scalars(sa.select(Account).where(Account.person_id == person.id)).one()
    assert account.roles == {Role.HANDLER, Role.UNIT_LEADER}
    assert is_in(sign_in(name="shaxk"))


def test_roles_that_exclude_each_other_are_not_given(session, district, client_as, account):
    page = client_as("sec_admin", district.root).post(
        f"/accounts/edit/{account.id}", data={"roles": ["sec_admin", "audit_admin"], "active": "y"}
    )
    session.expire_all()
    assert account.roles == {Role.HANDLER}
    assert page.status_code == 200


@pytest.mark.parametrize("role", ["sec_admin", "audit_admin"])
def test_a_second_account_is_no_way_to_roles_that_exclude_each_other(session, district, client_as, account, role):
    fields = {"staff_no": account.person.staff_no, "user_name": "shixq2", "roles": [role]}
    passwords = {"password": PASSWORD, "again": PASSWORD}
    page = client_as("sec_admin", district.root).post("/accounts/add", data=fields | passwords)
    assert "三员不得兼任涉及工单或人员的业务角色，换一个账号也不行" in page.text
    assert session.scalar(sa.select(sa.func.count()).where(Account.person_id == account.person_id)) == 1


def test_nor_are_roles_given_later_to_the_second_account(session, district, client_as, account):
    second = open_account(session, account.person, "shixq2", None, {Role.MEMBER})
    session.commit()
    fields = {"roles": ["sys_admin"], "active": "y"}
    client_as("sec_admin", district.root).post(f"/accounts/edit/{second.id}", data=fields)
    session.expire_all()
    assert second.roles == {Role.MEMBER}


def test_nobody_gives_roles_to_themselves(session, district, client_as):
    security = client_as("sec_admin", district.root)
    own = session.get_one(Account, security.account_id)
    page = security.post(f"/accounts/edit/{own.id}", data={"roles": ["office"], "active": "y"})
    assert "不能给自己授予角色" in page.text
    fields = {"staff_no": own.person.staff_no, "user_name": "second", "roles": ["sec_admin"]}
    security.post("/accounts/add", data=fields | {"password": PASSWORD, "again": PASSWORD})
    session.expire_all()
    assert own.roles == {Role.SEC_ADMIN}
    assert session.scalar(sa.select(sa.func.count()).where(Account.person_id == own.person_id)) == 1


def test_a_change_of_roles_stands_in_the_audit_log(session, district, client_as, account):
    client_as("sec_admin", district.root).post(
        f"/accounts/edit/{account.id}", data={"roles": ["unit_leader"], "active": "y"}
    )
    change = session.scalars(sa.select(Change).where(Change.subject == "account", Change.action == "changed")).all()[-1]
    assert change.details == {"roles": [["handler"], ["unit_leader"]]}
    page = client_as("audit_admin", district.root).get("/changes/list/?_flt_0_subject=account")
    assert " → " in page.text
    assert "unit_leader" not in page.text


def test_whoever_gives_another_a_password_stands_in_the_audit_log_without_it(session, district, client_as, account):
    fields = {"roles": ["handler"], "active": "y", "password": "another2026pass", "again": "another2026pass"}
    client_as("sec_admin", district.root).post(f"/accounts/edit/{account.id}", data=fields)
    change = session.scalars(sa.select(Change).order_by(Change.id.desc()).limit(1)).one()
    assert change.details == {"password": ["•••", "•••"]}
    assert "another2026pass" not in client_as("audit_admin", district.root).get("/changes/list/").text


def test_a_lock_its_lifting_and_a_sign_out_by_another_stand_in_the_audit_log(session, district, client_as, account):
    account.failures = 4
    account.failed(at("2026-09-18 09:00"), Policy())
    session.commit()
    security = client_as("sec_admin", district.root)
    security.post(f"/accounts/action/unlock/{account.id}")
    security.post(f"/accounts/action/sign_out/{account.id}")
    of_accounts = sa.select(Change).where(Change.subject == "account", Change.action == "changed").order_by(Change.id)
    changes = session.scalars(of_accounts).all()
    assert [change.details for change in changes[-3:]] == [
        {"locked_until": [None, "2026-09-18 09:15"]},
        {"locked_until": ["2026-09-18 09:15", None]},
        {"epoch": [0, 1]},
    ]


def test_a_lock_after_wrong_passwords_and_its_end_are_the_systems_doing(session, account, sign_in):
    for _ in range(5):
        sign_in("something else 1")
    session.refresh(account)
    account.locked_until = at("2026-09-18 09:15")
    session.commit()
    sign_in()
    changes = session.scalars(sa.select(Change).where(Change.subject == "account").order_by(Change.id.desc()).limit(3))
    assert [(list(change.details), change.name) for change in changes] == [(["locked_until"], "系统")] * 3


def test_the_audit_log_says_yes_and_no(district, client_as, account):
    client_as("sec_admin", district.root).post(f"/accounts/edit/{account.id}", data={"roles": ["handler"]})
    page = client_as("audit_admin", district.root).get("/changes/list/").text
    assert "允许登录: 是 → 否" in page


def test_the_present_password_cannot_be_guessed_in_a_session_left_open(session, account, sign_in):
    browser, before = sign_in(), account.user.password
    new = {"password": "another2026pass", "again": "another2026pass"}
    for _ in range(5):
        browser.post("/me/", data={"current": "something else 1", **new})
    browser.post("/me/", data={"current": PASSWORD, **new})
    session.expire_all()
    assert account.user.password == before
    assert account.locked_until is not None


def test_an_account_that_may_no_longer_sign_in_is_out_at_once(session, district, client_as, account, sign_in):
    browser = sign_in()
    client_as("sec_admin", district.root).post(f"/accounts/edit/{account.id}", data={"roles": ["handler"]})
    assert not is_in(browser)


def test_rights_are_taken_from_a_role_on_screen_and_the_audit_log_says_so(app, session, district, client_as):
    role = app.appbuilder.sm.find_role("manager")
    security = client_as("sec_admin", district.root)
    security.post(f"/roles/edit/{role.id}", data={"rights": ["Unit.can_read", "Ticket.can_read"]})
    assert client_as("manager", district.root).get("/units/list/").status_code == 200
    assert client_as("manager", district.root).get("/people/list/").status_code == 403
    change = session.scalars(sa.select(Change).where(Change.subject == "ab_role")).one()
    assert change.details["permissions"][1] == ["Ticket.can_read", "Unit.can_read"]
    assert client_as("audit_admin", district.root).get("/changes/list/").status_code == 200

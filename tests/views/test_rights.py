"""Who may do what: the table that `flask init` writes, the navigation that follows from it."""

from contextlib import contextmanager

import pytest
from flask_appbuilder.security.sqla.models import PermissionView
from flask_appbuilder.security.sqla.models import Role as FabRole
from flask_migrate import downgrade, upgrade
from sqlalchemy import select

from rules.roles import Role
from views.granting import grant_defaults
from views.health import MIGRATIONS
from views.kit.api import ScopedApi
from views.kit.views import ScopedView
from views.menu import TREE
from views.rights import GRANTS, NOUN_LABELS, RIGHT_LABELS


def rights(manager, role):
    return {(right.permission.name, right.view_menu.name) for right in manager.find_role(role).permissions}


def take(manager, role, permission, noun):
    manager.del_permission_role(manager.find_role(role), manager.find_permission_view_menu(permission, noun))


def test_every_right_of_the_table_is_one_that_a_screen_asks_for(app, session):
    asked = {(right.permission.name, right.view_menu.name) for right in session.scalars(select(PermissionView))}
    screens = {
        (permission, view.class_permission_name)
        for view in app.appbuilder.baseviews
        for permission in view.base_permissions
    }
    assert asked >= set(GRANTS)
    ours = {view.class_permission_name for view in app.appbuilder.baseviews if isinstance(view, ScopedView | ScopedApi)}
    assert {right for right in screens if right[1] in ours} <= set(GRANTS)


def test_every_right_has_words(app):
    assert {noun for _right, noun in GRANTS} <= set(NOUN_LABELS)
    assert {right for right, _noun in GRANTS} <= set(RIGHT_LABELS)


def test_what_the_security_administrator_took_away_stays_away(app, session):
    manager = app.appbuilder.sm
    take(manager, "office", "can_write", "Unit")
    grant_defaults(app.appbuilder)
    assert ("can_write", "Unit") not in rights(manager, "office")


def test_a_right_that_is_new_is_given_to_those_who_should_have_it(app, session, monkeypatch):
    monkeypatch.setitem(GRANTS, ("can_write", "Duty"), {Role.OFFICE, Role.DISPATCHER})
    monkeypatch.setitem(GRANTS, ("can_praise", "Duty"), {Role.OFFICE})
    grant_defaults(app.appbuilder)
    manager = app.appbuilder.sm
    assert {role for role in Role if ("can_write", "Duty") in rights(manager, role)} == {"office", "dispatcher"}
    assert ("can_praise", "Duty") in rights(manager, "office")
    take(manager, "dispatcher", "can_write", "Duty")
    grant_defaults(app.appbuilder)
    assert ("can_write", "Duty") not in rights(manager, "dispatcher")


@pytest.fixture
def before_the_memory(app, session):
    """Puts the tables back to where no rights were remembered; the context takes them on again."""

    @contextmanager
    def going_back():
        session.remove()
        downgrade(directory=str(MIGRATIONS), revision="0019")
        yield app.appbuilder.sm
        session.remove()
        upgrade(directory=str(MIGRATIONS))
        grant_defaults(app.appbuilder)

    return going_back


def test_an_earlier_installation_is_given_what_it_missed_and_nothing_that_was_taken_away(before_the_memory):
    missed = [("can_read", "Notice"), ("read", "Notice")]
    with before_the_memory() as manager:
        for right in missed:
            take(manager, "sec_admin", *right)
        take(manager, "office", "can_write", "Unit")
        take(manager, "member", "can_read", "Notice")
    assert rights(manager, "sec_admin") >= set(missed)
    assert ("can_write", "Unit") not in rights(manager, "office")
    assert ("can_read", "Notice") not in rights(manager, "member")


def test_what_the_journal_knows_as_taken_away_is_not_given_back(app, client_as, district, before_the_memory):
    browser, manager = client_as(Role.SEC_ADMIN, district.root), app.appbuilder.sm
    row = manager.find_role("sec_admin")
    kept = [f"{noun}.{permission}" for permission, noun in rights(manager, "sec_admin") if noun != "Notice"]
    assert browser.post(f"/roles/edit/{row.id}", data={"rights": kept}).status_code == 302
    with before_the_memory():
        assert not {("can_read", "Notice"), ("read", "Notice")} & rights(manager, "sec_admin")
    assert not {("can_read", "Notice"), ("read", "Notice")} & rights(manager, "sec_admin")


def test_an_installation_older_than_a_noun_is_given_the_rights_to_it(before_the_memory):
    with before_the_memory() as manager:
        for permission in ("can_read", "can_write"):
            for role in Role:
                take(manager, role, permission, "Visit")
            manager.del_permission_view_menu(permission, "Visit")
    assert ("can_write", "Visit") in rights(manager, "member")


def test_a_role_that_is_new_gets_all_of_its_rights(app, session):
    manager = app.appbuilder.sm
    manager.delete_role(manager.find_role("audit_admin"))
    grant_defaults(app.appbuilder)
    assert ("can_read", "Change") in rights(manager, "audit_admin")


def test_there_are_no_roles_but_ours(app, session):
    assert set(session.scalars(select(FabRole.name))) == set(Role)


def test_the_three_administrators_share_no_right_to_write(app):
    admins = {Role.SYS_ADMIN, Role.SEC_ADMIN, Role.AUDIT_ADMIN}
    for (right, _noun), roles in GRANTS.items():
        assert right == "can_read" or len(roles & admins) <= 1


def test_every_screen_says_its_columns(app):
    for view in app.appbuilder.baseviews:
        if isinstance(view, ScopedView | ScopedApi):
            said, kind = type(view), type(view).__name__
            assert said.list_columns, kind
            assert said.search_columns, kind
            assert said.show_columns or getattr(said, "show_fieldsets", None), kind
            for route in ("add", "edit"):
                out = {"add": {"add", "post"}, "edit": {"edit", "put"}}[route] & set(view.exclude_route_methods)
                fields = getattr(said, f"{route}_fieldsets", None)
                assert out or getattr(said, f"{route}_columns") is not None or fields, f"{kind}.{route}"


def test_a_form_said_to_have_no_columns_has_none(app):
    with app.test_request_context():
        check = [view for view in app.appbuilder.baseviews if isinstance(view, ScopedView)]
        for view in check:
            if type(view).add_columns == [] and view.add_form.__name__ == "DynamicForm":
                assert set(view.add_form()._fields) <= {"csrf_token"}


@pytest.mark.parametrize("role", [*Role])
def test_the_navigation_leads_nowhere_that_is_forbidden(client_as, district, role):
    browser = client_as(role, district.root)
    page = browser.get("/me/").text
    hrefs = [part.split('"')[0] for part in page.split('class="nav-item')[1:] for part in [part.split('href="')[1]]]
    assert hrefs
    for href in hrefs:
        assert browser.get(href).status_code == 200, href


def test_only_the_security_administrator_is_led_to_accounts_and_roles(client_as, district):
    for role in Role:
        page = client_as(role, district.root).get("/me/").text
        assert ('href="/accounts/' in page, 'href="/roles/' in page) == ((role == Role.SEC_ADMIN,) * 2)


def test_every_entry_of_the_navigation_is_a_screen(app):
    entries = [entry for subject in TREE for entry in subject.entries]
    assert [entry.endpoint for entry in entries if entry.endpoint not in app.view_functions] == []

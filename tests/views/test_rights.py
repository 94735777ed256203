"""Who may do what: the table that `flask init` writes, the navigation that follows from it."""

import pytest
from flask_appbuilder.security.sqla.models import PermissionView
from flask_appbuilder.security.sqla.models import Role as FabRole
from sqlalchemy import select

from rules.roles import Role
from views.granting import grant_defaults
from views.kit.api import ScopedApi
from views.kit.views import ScopedView
from views.menu import TREE
from views.rights import GRANTS, NOUN_LABELS, RIGHT_LABELS


def rights(manager, role):
    return {(right.permission.name, right.view_menu.name) for right in manager.find_role(role).permissions}


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
    row, right = manager.find_role("office"), manager.find_permission_view_menu("can_write", "Unit")
    manager.del_permission_role(row, right)
    grant_defaults(app.appbuilder)
    assert ("can_write", "Unit") not in rights(manager, "office")


def test_a_right_that_is_new_is_given_to_those_who_should_have_it(app, session):
    manager = app.appbuilder.sm
    manager.del_permission_view_menu("can_write", "Duty")
    grant_defaults(app.appbuilder)
    assert ("can_write", "Duty") in rights(manager, "office")
    assert ("can_write", "Duty") not in rights(manager, "handler")


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

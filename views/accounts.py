"""Accounts 账号 and roles 角色, for the security administrator; and everybody's own password."""

from typing import Any

import sqlalchemy as sa
from flask import flash, g, redirect, session, url_for
from flask_appbuilder import action, expose
from flask_appbuilder.baseviews import BaseFormView
from flask_appbuilder.fieldwidgets import BS3PasswordFieldWidget, BS3TextFieldWidget, Select2ManyWidget
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.models.sqla.filters import FilterIn
from flask_appbuilder.security.sqla.models import PermissionView, User
from flask_appbuilder.security.sqla.models import Role as FabRole
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import selectinload, undefer
from werkzeug.security import check_password_hash
from wtforms import BooleanField, PasswordField, SelectMultipleField, StringField
from wtforms.validators import EqualTo, InputRequired, Optional

from models import db
from models.accounts import Account, open_account
from models.changes import note
from models.people import EMPLOYMENT_LABELS, Employment, find_person
from rules.roles import ROLE_LABELS, Role
from views.dues import policy
from views.kit.context import signed_in
from views.kit.interface import ScopedInterface
from views.kit.views import ScopedView
from views.policy_words import password_rule
from views.rights import NOUN_LABELS, RIGHT_LABELS
from views.saving import saved


def role_names(roles: set[Role]) -> str:
    return "、".join(gettext(label) for role, label in ROLE_LABELS.items() if role in roles)


def roles_field() -> SelectMultipleField:
    return SelectMultipleField(
        _("Roles"),
        choices=lambda: [(role.value, gettext(label)) for role, label in ROLE_LABELS.items()],
        validators=[InputRequired()],
        widget=Select2ManyWidget(),
    )


def password_field(label: Any, *checks: Any) -> PasswordField:
    return PasswordField(label, validators=[*checks], widget=BS3PasswordFieldWidget())


class NewAccountForm(DynamicForm):
    staff_no = StringField(_("Staff number"), validators=[InputRequired()], widget=BS3TextFieldWidget())
    user_name = StringField(_("User name"), validators=[InputRequired()], widget=BS3TextFieldWidget())
    roles = roles_field()
    password = PasswordField(
        _("Password"), description=password_rule, validators=[InputRequired()], widget=BS3PasswordFieldWidget()
    )
    again = password_field(_("Password again"), EqualTo("password", _("The two passwords differ")))


class AccountForm(DynamicForm):
    roles = roles_field()
    active = BooleanField(_("May sign in"))
    password = PasswordField(
        _("New password"),
        description=_("When editing, leave empty to keep what is there"),
        validators=[Optional()],
        widget=BS3PasswordFieldWidget(),
    )
    again = password_field(_("Password again"), EqualTo("password", _("The two passwords differ")))


class AccountView(ScopedView):
    route_base = "/accounts"
    choices = {"roles": ROLE_LABELS, "employment": EMPLOYMENT_LABELS}
    datamodel = ScopedInterface(
        Account,
        eager=[
            *map(undefer, (Account.user_name, Account.name, Account.staff_no, Account.employment, Account.in_use)),
            selectinload(Account.user).selectinload(User.roles),
        ],
    )
    list_title, show_title, add_title, edit_title = _("Accounts"), _("Account"), _("Open an account"), _("Edit account")
    label_columns = {
        "user_name": _("User name"),
        "name": _("Full name"),
        "staff_no": _("Staff number"),
        "roles": _("Roles"),
        "active": _("May sign in"),
        "in_use": _("May sign in"),
        "employment": _("Employment"),
        "locked_until": _("Locked until"),
        "password": _("Password"),
        "epoch": _("Sign out everywhere"),
    }
    list_columns = show_columns = ["user_name", "name", "staff_no", "employment", "roles", "active", "locked_until"]
    add_columns = ["staff_no", "user_name", "roles", "password", "again"]
    edit_columns = ["roles", "active", "password", "again"]
    search_columns = ["user_name", "name", "staff_no", "employment", "in_use", "locked_until"]
    order_columns = ["user_name", "name", "staff_no"]
    base_order = ("user_name", "asc")
    formatters_columns = {"roles": role_names}
    add_form, edit_form = NewAccountForm, AccountForm

    def insert(self, form: Any, item: Account) -> None:
        roles = {Role(role) for role in form.roles.data}
        person = find_person(db.session(), form.staff_no.data)
        open_account(db.session(), person, form.user_name.data, form.password.data, roles)

    def change(self, form: Any, account: Account) -> None:
        account.give_roles(db.session(), {Role(role) for role in form.roles.data})
        if account.active != form.active.data:
            account.set_active(db.session(), active=form.active.data)
        if form.password.data:
            account.set_password(db.session(), form.password.data)

    def prefill_form(self, form: Any, pk: Any) -> None:
        form.roles.data = sorted(self.datamodel.get(pk).roles)

    @action("unlock", _("Unlock"), "", "fa-unlock")
    def unlock(self, accounts: list[Account]) -> Any:
        return self.each(accounts, Account.succeeded)

    @action("sign_out", _("Sign out everywhere"), "", "fa-right-from-bracket")
    def sign_out(self, accounts: list[Account]) -> Any:
        return self.each(accounts, lambda account: account.sign_out_everywhere(db.session()))

    @action("close", _("Take out of use"), _("Nobody signs in with these accounts any more. Go on?"), "fa-ban")
    def close(self, accounts: list[Account]) -> Any:
        return self.each(accounts, lambda account: account.set_active(db.session(), active=False))


def accounts_of_leavers() -> str:
    """The list of those in use whose people are no longer on duty."""
    return url_for("AccountView.list", _flt_1_employment=Employment.ACTIVE.value, _flt_0_in_use="1")


def right_name(right: PermissionView) -> str:
    noun, what = right.view_menu.name, right.permission.name
    return f"{gettext(NOUN_LABELS.get(noun, noun))}: {gettext(RIGHT_LABELS.get(what, what))}"


def right_code(right: PermissionView) -> str:
    return f"{right.view_menu.name}.{right.permission.name}"


def all_rights() -> list[tuple[str, str]]:
    rights = {right_code(right): right_name(right) for right in db.session.scalars(sa.select(PermissionView))}
    return sorted(rights.items(), key=lambda choice: choice[1])


class RoleForm(DynamicForm):
    rights = SelectMultipleField(_("Rights"), choices=all_rights, widget=Select2ManyWidget())


class RoleView(ScopedView):
    route_base = "/roles"
    datamodel = ScopedInterface(FabRole)
    exclude_route_methods = {"download", "add", "delete"}
    base_filters = [["name", FilterIn, [role.value for role in Role]]]
    choices = {"name": ROLE_LABELS, "permissions": all_rights}
    list_title, show_title, edit_title = _("Roles"), _("Role"), _("Edit role")
    label_columns = {"name": _("Role"), "permissions": _("Rights")}
    list_columns = ["name"]
    show_columns = ["name", "permissions"]
    edit_columns = ["rights"]
    search_columns = ["name"]
    formatters_columns = {"permissions": lambda rights: "；".join(sorted(map(right_name, rights)))}
    edit_form = RoleForm

    def named(self, role: FabRole) -> str:
        return gettext(ROLE_LABELS[Role(role.name)])

    def prefill_form(self, form: Any, pk: Any) -> None:
        form.rights.data = [right_code(right) for right in self.datamodel.get(pk).permissions]

    def change(self, form: Any, role: FabRole) -> None:
        chosen = set(form.rights.data)
        rights = [right for right in db.session.scalars(sa.select(PermissionView)) if right_code(right) in chosen]
        note(db.session(), role, "permissions", *(sorted(map(right_code, each)) for each in (role.permissions, rights)))
        role.permissions = rights


class PasswordForm(DynamicForm):
    current = password_field(_("Present password"), InputRequired())
    password = PasswordField(
        _("New password"), description=password_rule, validators=[InputRequired()], widget=BS3PasswordFieldWidget()
    )
    again = password_field(_("Password again"), EqualTo("password", _("The two passwords differ")))


class MyAccountView(BaseFormView):
    route_base = "/me"
    default_view = "userinfo"
    form = PasswordForm
    form_title = _("Change my password")

    @expose("/", methods=["GET", "POST"])
    def userinfo(self) -> Any:
        if not signed_in():
            return redirect(url_for("SignInView.login"))
        self._init_vars()
        form = self.form.refresh()
        owned = form.validate_on_submit() and self.is_own(form)
        if owned and saved(lambda: self.change(form), gettext("Password changed")):
            session["epoch"] = g.account.epoch
            return redirect(self.appbuilder.get_url_for_index)
        return self.render_template(self.form_template, title=self.form_title, widgets=self._get_edit_widget(form=form))

    def is_own(self, form: PasswordForm) -> bool:
        """Guesses at the present password count like those at the sign-in."""
        account: Account = g.account
        may_try = account.may_try(g.acting.at)
        if may_try and check_password_hash(account.user.password, form.current.data or ""):
            return True
        if may_try:
            account.failed(g.acting.at, policy())
            db.session.commit()
        flash(gettext("The present password is wrong"), "danger")
        return False

    def change(self, form: PasswordForm) -> None:
        """Every other session of the account ends; this one goes on."""
        g.account.set_password(db.session(), form.password.data or "")

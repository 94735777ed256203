"""Signing in and out: lockout, sessions that end, one query for all permissions, nothing open by permission alone."""

from typing import Any

import sqlalchemy as sa
from flask import Response, current_app, g, session
from flask_appbuilder import expose
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_appbuilder.security.sqla.models import Permission, PermissionView, ViewMenu, assoc_permissionview_role
from flask_appbuilder.security.sqla.models import Role as FabRole
from flask_appbuilder.security.views import AuthDBView
from flask_login import current_user
from werkzeug.security import check_password_hash

from models.accounts import Account, account_of
from models.acting import SYSTEM, acting_as, current
from models.policies import load_policy
from rules.passwords import check_password
from rules.refusals import N_, Refusal
from views.kit.context import now
from views.policy_words import sign_in_refused


class SignInView(AuthDBView):
    invalid_login_message = sign_in_refused

    @expose("/logout/", methods=["POST"])
    def logout(self) -> Response:
        return super().logout()


class ConsoleSecurityManager(SecurityManager):
    def register_views(self) -> None:
        """Accounts and roles have screens of our own; FAB's API signs nobody in."""
        view: Any = self.appbuilder.add_view_no_menu(SignInView)
        self.limiter.limit(self.auth_rate_limit, methods=["POST"])(view.blueprint)
        self.auth_view = view

    def load_user(self, pk: Any) -> Any:
        """Nobody, if the account has signed out or changed its password since the cookie was given."""
        account = account_of(self.session, int(pk))
        if account is None or not account.active or session.get("epoch") != account.epoch:
            return None
        g.account = account
        return account.user

    def auth_user_db(self, username: str, password: str) -> Any:
        account = self._account_called(username)
        if account is None or not account.may_try(now()):
            check_password_hash(current_app.config["AUTH_DB_FAKE_PASSWORD_HASH_CHECK"], "password")
            return None
        return super().auth_user_db(username, password)

    def _account_called(self, username: str) -> Account | None:
        user = self.find_user(username=username) or self.find_user(email=username)
        return account_of(self.session, user.id) if user else None

    def on_user_login(self, user: Any) -> None:
        account = self._account(user)
        with acting_as(SYSTEM, now()):
            account.succeeded()
            self.session.commit()
        session["epoch"], session["locale"] = account.epoch, account.language

    def on_user_login_failed(self, user: Any) -> None:
        with acting_as(SYSTEM, now()):
            self._account(user).failed(now(), load_policy(self.session))
            self.session.commit()

    def on_user_logout(self, user: Any) -> None:
        """What a resident opened at the same keyboard goes too; the language stays."""
        account = self._account(user)
        account.end_sessions()
        self.session.commit()
        session.clear()
        session["locale"] = account.language

    def _account(self, user: Any) -> Account:
        return self.session.scalars(sa.select(Account).where(Account.user_id == user.id).with_for_update()).one()

    def reset_password(self, userid: Any, password: str) -> None:
        """For FAB's own command; the console's screens go through the account."""
        account = account_of(self.session, userid)
        if account is None:
            raise Refusal(N_("This user name is tied to nobody on the roster"))
        account.set_password(self.session, password)
        self.session.commit()

    def add_user(self, username: str, *args: Any, **kwargs: Any) -> Any:
        if password := kwargs.get("password"):
            check_password(password, username, load_policy(self.session))
        return super().add_user(username, *args, **kwargs)

    def is_item_public(self, permission_name: str, view_name: str) -> bool:
        return False

    def has_access(self, permission_name: str, view_name: str) -> bool:
        """FAB looks for the user six times at each question, of which a page asks twenty."""
        proxy: Any = current_user
        user = proxy._get_current_object()
        known = user.is_authenticated and user.is_active
        return bool(known) and self._has_view_access(user, permission_name, view_name)

    def _has_view_access(self, user: Any, permission_name: str, view_name: str) -> bool:
        return (permission_name, view_name) in self.permissions_of(user)

    def permissions_of(self, user: Any) -> set[tuple[str, str]]:
        """One query a request."""
        held: dict[int, set[tuple[str, str]]] = g.setdefault("permissions", {})
        if user.id not in held:
            statement = (
                sa.select(Permission.name, ViewMenu.name)
                .join(PermissionView, PermissionView.permission_id == Permission.id)
                .join(ViewMenu, ViewMenu.id == PermissionView.view_menu_id)
                .join(assoc_permissionview_role, assoc_permissionview_role.c.permission_view_id == PermissionView.id)
                .where(assoc_permissionview_role.c.role_id.in_(carried(user)))
            )
            held[user.id] = {(permission, view) for permission, view in self.session.execute(statement)}
        return held[user.id]


def carried(user: Any) -> Any:
    """Keys of the roles of whoever acts, with those lent to a stand-in."""
    own, acting = [role.id for role in user.roles], current()
    if acting is None or not acting.actor.lent:
        return own
    lent = sorted(acting.actor.lent)
    return sa.select(FabRole.id).where(sa.or_(FabRole.id.in_(own), FabRole.name.in_(lent)))

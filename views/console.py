"""FAB's application object without the screens we do not use."""

from typing import Any

from flask import abort, current_app, g, redirect, session
from flask_appbuilder import AppBuilder, expose
from flask_appbuilder.baseviews import BaseView
from werkzeug.wrappers import Response

from models import db
from models.accounts import Account
from views.index import Index
from views.menu import account_name, drawn_navigation
from views.saving import came_from


class LanguageView(BaseView):
    """Kept for the account, so that the next sign-in starts in the same language."""

    route_base = "/lang"
    default_view = "index"

    @expose("/<string:locale>")
    def index(self, locale: str) -> Response:
        if locale not in self.appbuilder.languages:
            abort(404)
        session["locale"] = locale
        account: Account | None = g.get("account")
        if account is not None:
            account.language = locale
            db.session.commit()
        return redirect(came_from() or self.appbuilder.get_url_for_index)


class UtilView(BaseView):
    """The way back, under the name FAB's templates know."""

    route_base = ""

    @expose("/back")
    def back(self) -> Response:
        return redirect(session.get("last_list") or self.appbuilder.get_url_for_index)


class Console(AppBuilder):
    def _add_admin_views(self) -> None:
        manager: Any = self.bm
        self._indexview = self.add_view_no_menu(Index)
        self.add_view_no_menu(UtilView)
        manager.locale_view = self.add_view_no_menu(LanguageView)
        self.sm.register_views()
        current_app.jinja_env.globals.update(drawn_navigation=drawn_navigation, account_name=account_name)

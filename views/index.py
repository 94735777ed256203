"""The front door: residents are shown the portal, staff the first page of their navigation."""

from flask import redirect, url_for
from flask_appbuilder import expose
from flask_appbuilder.baseviews import BaseView

from views.kit.context import signed_in
from views.menu import navigation


class Index(BaseView):
    route_base = ""
    default_view = "index"

    @expose("/")
    def index(self):
        if not signed_in():
            return redirect(url_for("PortalView.home"))
        first = next((section.items[0].href for section in navigation()), None)
        return redirect(first or self.appbuilder.get_url_for_userinfo)

"""The front door: residents are shown the portal, staff the workbench."""

from flask import redirect, url_for
from flask_appbuilder import expose
from flask_appbuilder.baseviews import BaseView

from views.kit.context import signed_in


class Index(BaseView):
    route_base = ""
    default_view = "index"

    @expose("/")
    def index(self):
        if not signed_in():
            return redirect(url_for("PortalView.home"))
        return redirect(url_for("UnitView.list"))

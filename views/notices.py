"""My notices 我的提醒: what the console has told me, newest first."""

from typing import Any

import sqlalchemy as sa
from flask import Response, redirect, url_for
from flask_appbuilder import action, expose, has_access
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup

from models import db
from models.notices import Notice
from views.kit.context import now
from views.kit.interface import ScopedInterface
from views.kit.views import READ_ONLY, ScopedView


def sentence(said: tuple[str, dict[str, Any]]) -> str:
    message, values = said
    return gettext(message, **values)


def mark_read(notice: Notice) -> None:
    notice.read_at = notice.read_at or now()


class NoticeView(ScopedView):
    route_base = "/notices"
    method_permission_name = {"badge": "read"}
    datamodel = ScopedInterface(Notice)
    exclude_route_methods = READ_ONLY
    list_title, show_title = _("My notices"), _("Notice")
    label_columns = {"said": _("Notice"), "sent_at": _("Sent"), "read_at": _("Read")}
    list_columns = show_columns = ["said", "sent_at", "read_at"]
    search_columns = ["sent_at", "read_at"]
    order_columns = ["sent_at", "read_at"]
    base_order = ("sent_at", "desc")
    formatters_columns = {"said": sentence}

    @expose("/show/<pk>")
    @has_access
    def show(self, pk: Any) -> Any:
        """Leads to what it is about, and counts as read."""
        notice = self._row(pk)
        mark_read(notice)
        db.session.commit()
        if "batch" in notice.values:
            return redirect(url_for("ImportView.show", pk=notice.values["batch"]))
        if notice.ticket_id is None:
            return super().show(pk)
        return redirect(url_for("TicketView.show", pk=notice.ticket_id))

    @expose("/badge")
    @has_access
    def badge(self) -> Response:
        """How many are unread, for the bell."""
        unread = db.session.scalar(sa.select(sa.func.count(Notice.id)).where(Notice.read_at.is_(None))) or 0
        return Response(Markup('<span class="badge">{}</span>').format(min(unread, 99)) if unread else "")

    @action("read", _("Mark as read"), "", "fa-check", multiple=True, single=False)
    def read(self, notices: list[Notice]) -> Any:
        return self.each(notices, mark_read)

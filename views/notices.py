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
from rules.common_issues import IssueState
from rules.reminders import Event
from views.accounts import accounts_of_leavers
from views.kit.context import now
from views.kit.interface import ScopedInterface
from views.kit.views import READ_ONLY, ScopedView


def sentence(said: tuple[str, dict[str, Any]]) -> str:
    message, values = said
    return gettext(message, **values)


def way_to(notice: Notice) -> str | None:
    """What it is about."""
    told = notice.values
    if "batch" in told:
        return url_for("ImportView.show", pk=told["batch"])
    if ticket_id := notice.ticket_id or told.get("ticket"):
        return url_for("TicketView.show", pk=ticket_id)
    match notice.event, told.get("subject"):
        case Event.COMMON_ISSUES, _:
            return url_for("CommonIssueView.list", _flt_0_state=IssueState.PROPOSED)
        case Event.LEAVERS, _:
            return accounts_of_leavers()
        case Event.HANDED_ON, "topic":
            return url_for("TopicView.list", _flt_0_leader_name=str(notice.person))
        case Event.HANDED_ON, "task":
            return url_for("TaskView.list", _flt_0_responsible_name=str(notice.person))
        case Event.HANDED_ON, _:
            return url_for("TicketView.list", queue="in_hand")
    return None


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
        way = way_to(notice)
        return redirect(way) if way else super().show(pk)

    @expose("/badge")
    @has_access
    def badge(self) -> Response:
        """How many are unread, for the bell."""
        unread = db.session.scalar(sa.select(sa.func.count(Notice.id)).where(Notice.read_at.is_(None))) or 0
        return Response(Markup('<span class="badge">{}</span>').format(min(unread, 99)) if unread else "")

    @action("read", _("Mark as read"), "", "fa-check", multiple=True, single=False)
    def read(self, notices: list[Notice]) -> Any:
        return self.each(notices, mark_read)

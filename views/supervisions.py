"""Supervisions 督办: what is to be answered, what was, and what is closed."""

from typing import Any

import sqlalchemy as sa
from flask import redirect, url_for
from flask_appbuilder import expose, has_access
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from models.supervisions import SUPERVISION_LABELS, Supervision
from models.tickets import Ticket
from rules.refusals import N_
from views.kit.interface import ScopedInterface
from views.kit.views import READ_ONLY
from views.queues import QueuedView, Tab
from views.table_pages import supervision_state

FACE = ["ticket", "ticket.title", "ticket.lead_unit", "standing", "cause", "answer_due_at", "opened_by"]


class SupervisionView(QueuedView):
    route_base = "/supervisions"
    datamodel = ScopedInterface(Supervision, eager=[joinedload(Supervision.ticket).joinedload(Ticket.lead_unit)])
    exclude_route_methods = READ_ONLY
    choices = {"cause": SUPERVISION_LABELS}
    list_title, show_title = _("Supervisions"), _("Supervision")
    empty_text = _("No supervision here.")
    label_columns = {
        "ticket": _("Request"),
        "ticket.title": _("Title"),
        "ticket.lead_unit": _("Responsible unit"),
        "standing": _("State"),
        "cause": _("Cause"),
        "answer_due_at": _("To answer by"),
        "opened_at": _("Supervised since"),
        "opened_by": _("Opened by"),
        "answered_at": _("Answered"),
        "closed_at": _("Closed"),
    }
    list_columns = show_columns = FACE
    search_columns = ["cause", "opened_at", "answer_due_at", "answered_at", "closed_at"]
    order_columns = ["cause", "answer_due_at"]
    formatters_columns = {"standing": supervision_state}
    tabs = (
        Tab(
            "open",
            N_("To be answered"),
            lambda: Supervision.closed_at.is_(None) & Supervision.answered_at.is_(None),
            ("answer_due_at", "asc"),
        ),
        Tab(
            "answered",
            N_("Answered"),
            lambda: Supervision.closed_at.is_(None) & Supervision.answered_at.is_not(None),
            ("answered_at", "asc"),
        ),
        Tab("closed", N_("Closed"), lambda: Supervision.closed_at.is_not(None), ("closed_at", "desc")),
        Tab("all", N_("All"), sa.true, ("opened_at", "desc")),
    )

    @expose("/show/<pk>")
    @has_access
    def show(self, pk: Any) -> Any:
        """Leads to the request."""
        return redirect(url_for("TicketView.show", pk=self._row(pk).ticket_id))

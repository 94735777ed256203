"""Outcomes 成效: what came of requests, summed by unit and by what it is counted in."""

from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask import redirect, url_for
from flask_appbuilder import expose, has_access
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from models import db
from models.outcomes import TicketOutcome
from models.scope import LOOKED_UP
from models.tickets import Ticket
from models.units import Unit
from views.kit.interface import ScopedInterface
from views.kit.views import READ_ONLY, ScopedView

MOST_SUMS = 200
FACE = ["what", "quantity", "measure", "ticket", "ticket.lead_unit", "evidence", "at", "name"]


def without_zeros(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():,f}"


class OutcomeView(ScopedView):
    route_base = "/outcomes"
    datamodel = ScopedInterface(
        TicketOutcome,
        eager=[joinedload(TicketOutcome.ticket).joinedload(Ticket.lead_unit), joinedload(TicketOutcome.evidence)],
    )
    exclude_route_methods = READ_ONLY
    list_template = "outcomes/list.html"
    list_title, show_title = _("Outcomes"), _("Outcome of a request")
    label_columns = {
        "what": _("What came of it"),
        "quantity": _("How much"),
        "measure": _("Counted in"),
        "ticket": _("Request"),
        "ticket.lead_unit": _("Responsible unit"),
        "evidence": _("Evidence"),
        "at": _("Recorded at"),
        "name": _("Recorded by"),
    }
    list_columns = show_columns = FACE
    search_columns = ["what", "measure", "quantity", "at"]
    order_columns = ["what", "quantity", "measure", "at"]
    base_order = ("at", "desc")
    formatters_columns = {"quantity": without_zeros}

    @expose("/list/")
    @has_access
    def list(self) -> str:
        self.update_redirect()
        empty = _("No outcome has been recorded yet. It is noted on a request.")
        said = {"title": self.list_title, "empty_text": empty, "sums": self.sums()}
        return self.render_template(self.list_template, widgets=self._list(), **said)

    @expose("/show/<pk>")
    @has_access
    def show(self, pk: Any) -> Any:
        """Leads to the request."""
        return redirect(url_for("TicketView.show", pk=self._row(pk).ticket_id))

    def sums(self) -> Any:
        """Of what the list is narrowed to."""
        keys = self.datamodel.keys(db.session.query(TicketOutcome), self.asked_filters())
        unit, outcome, ticket = Unit.__table__.c, TicketOutcome.__table__.c, Ticket.__table__.c
        found = (
            sa.select(unit.name, outcome.measure, sa.func.sum(outcome.quantity), sa.func.count())
            .select_from(TicketOutcome.__table__.join(Ticket.__table__, ticket.id == outcome.ticket_id))
            .outerjoin(Unit.__table__, unit.id == ticket.lead_unit_id)
            .where(outcome.id.in_(keys.subquery().select()))
            .group_by(unit.name, unit.path, outcome.measure)
            .order_by(unit.path, outcome.measure)
            .limit(MOST_SUMS)
        )
        rows = db.session.execute(found, execution_options={LOOKED_UP: True})
        return [(name, measure, without_zeros(Decimal(total)), count) for name, measure, total, count in rows]

"""Evaluation sheets 考核评价: work out a month, read it, download it, open any figure down to its requests."""

from typing import Any

import sqlalchemy as sa
from flask import Response, abort, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.fieldwidgets import BS3TextFieldWidget
from flask_appbuilder.forms import DynamicForm
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload
from wtforms import StringField
from wtforms.validators import InputRequired

from exports.evaluation import Peers, evaluation_workbook, group, sizes, units_listed
from models import db
from models.acting import current_scope
from models.evaluations import STATE_LABELS, Evaluation, active_scheme, compute, district_around
from models.units import Unit
from rules.periods import month_of, parse_month
from rules.refusals import N_
from views.downloads import attached
from views.kit.context import me, now
from views.kit.interface import ScopedInterface
from views.kit.views import READ, ScopedView

DIGITS_SHOWN = 16
PEERS_LABELS = {
    Peers.TOWNS: N_("Towns with their villages"),
    Peers.VILLAGES: N_("Villages with their grids"),
    Peers.DEPARTMENTS: N_("Departments and stations"),
    Peers.DISTRICT: N_("The district itself"),
}


class MonthWidget(BS3TextFieldWidget):
    input_type = "month"


class MonthForm(DynamicForm):
    period = StringField(
        _("Month"),
        default=lambda: str(month_of(now())),
        description=_("Like 2026-10. A month that is not over yet is counted up to now"),
        validators=[InputRequired()],
        widget=MonthWidget(),
    )


class EvaluationView(ScopedView):
    route_base = "/evaluations"
    datamodel = ScopedInterface(Evaluation, eager=[joinedload(Evaluation.scheme)])
    exclude_route_methods = {"download", "edit", "delete"}
    method_permission_name = {"sheet": READ}
    list_template, show_template = "evaluations/list.html", "evaluations/show.html"
    choices = {"state": STATE_LABELS}
    list_title, show_title, add_title = _("Evaluation sheets"), _("Evaluation sheet"), _("Compute a month")
    add_row_message = _("The month has been computed")
    label_columns = {
        "period": _("Month"),
        "scheme": _("Scheme"),
        "scheme_version": _("Version of the scheme"),
        "as_of": _("As of"),
        "state": _("State"),
        "digest": _("Check digits"),
    }
    list_columns = show_columns = ["period", "scheme", "scheme_version", "as_of", "state", "digest"]
    search_columns = ["period", "state"]
    order_columns = ["period", "as_of"]
    base_order = ("period", "desc")
    formatters_columns = {"digest": lambda digest: digest[:DIGITS_SHOWN]}
    add_columns = ["period"]
    add_form = MonthForm

    def insert(self, form: Any, item: Any) -> None:
        session = db.session()
        district = district_around(session, my_unit().path)
        compute(session, parse_month(form.period.data), district, now(), active_scheme(session))

    @expose("/show/<pk>")
    @has_access
    def show(self, pk: Any) -> str:
        evaluation, unit = self._row(pk), my_unit()
        listed = units_listed(db.session(), evaluation, unit)
        counts = sizes(listed)
        asked = [peers for peers in counts if peers == request.args.get("peers")]
        chosen = next(iter(asked or counts), None)
        shown = group(db.session(), evaluation, unit, listed, chosen) if chosen else None
        return self.render_template(
            self.show_template, evaluation=evaluation, group=shown, queues=queues(evaluation, counts, chosen)
        )

    @expose("/sheet/<pk>")
    @has_access
    def sheet(self, pk: Any) -> Response:
        """What lies at and below one's own unit, as a workbook."""
        evaluation, unit = self._row(pk), my_unit()
        book = evaluation_workbook(db.session(), evaluation, unit, me().name)
        return attached(book, "xlsx", f"{unit.name}{evaluation.period}单位考核表")


def my_unit() -> Unit:
    """What the account answers for or oversees."""
    found = db.session.scalar(sa.select(Unit).where(Unit.path.in_(current_scope().paths[:1])))
    return found or abort(404)


def queues(evaluation: Evaluation, counts: dict[Peers, int], chosen: Peers | None) -> list[dict[str, Any]]:
    return [
        {
            "label": gettext(PEERS_LABELS[peers]),
            "href": url_for("EvaluationView.show", pk=evaluation.id, peers=peers.value),
            "count": count,
            "active": peers is chosen,
        }
        for peers, count in counts.items()
    ]

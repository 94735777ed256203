"""The requests that one figure of an evaluation was counted from."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from flask import Response, abort, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.baseviews import BaseView
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from exports.ledger import Column, Kind, stream_csv, stream_xlsx
from models import db
from models.evaluations import Evaluation
from models.figures import FIGURES, Outcome, cases, cases_of, outcomes
from models.units import Unit
from rules.refusals import N_
from views.asking import asked_number
from views.downloads import WRITERS, attached
from views.kit.views import READ

PAGE = 50
OUTCOMES = {
    Outcome.MISSED: ("red", N_("Missed")),
    Outcome.MET: ("green", N_("Met")),
    Outcome.UNKNOWN: ("grey", N_("Not counted")),
}
HEADINGS = {
    "number": _("Number"),
    "title": _("Title"),
    "unit": _("Where it arose"),
    "submitted_at": _("Submitted at"),
    "due_at": _("Due"),
    "done_at": _("Done"),
    "outcome": _("Outcome"),
}
KINDS: dict[str, Kind] = {"submitted_at": "datetime", "due_at": "datetime", "done_at": "datetime"}


class EvidenceView(BaseView):
    route_base = "/evaluations/evidence"
    default_view = "cases"
    class_permission_name = "Evaluation"
    method_permission_name = {"cases": READ, "export": READ}

    @expose("/<int(max=2147483647):evaluation_id>/<int(max=2147483647):unit_id>/<string:key>")
    @has_access
    def cases(self, evaluation_id: int, unit_id: int, key: str) -> str:
        evaluation, unit = asked(evaluation_id, unit_id, key)
        figure, page, only = evaluation.figure(key), asked_number("page", 0, 10_000), asked_outcome()
        found = db.session.execute(outcomes(figure, unit)).all()
        wanted = [row.key for row in found if only in (None, row.outcome)]
        shown = wanted[page * PAGE : (page + 1) * PAGE]
        return self.render_template(
            "evaluations/evidence.html",
            evaluation=evaluation,
            unit=unit,
            key=key,
            name=next((row["name"] for row in evaluation.method["indicators"] if row["key"] == key), key),
            headings={name: str(label) for name, label in HEADINGS.items()},
            outcomes=OUTCOMES,
            rows=db.session.execute(cases_of(figure, shown)).all(),
            queues=queues(Counter(row.outcome for row in found), only),
            page=page,
            more=(page + 1) * PAGE < len(wanted),
        )

    @expose("/<int(max=2147483647):evaluation_id>/<int(max=2147483647):unit_id>/<string:key>/<string:fmt>")
    @has_access
    def export(self, evaluation_id: int, unit_id: int, key: str, fmt: str) -> Response:
        evaluation, unit = asked(evaluation_id, unit_id, key)
        if fmt not in WRITERS:
            abort(404)
        columns = [Column(str(label), KINDS.get(name, "text"), 18) for name, label in HEADINGS.items()]
        cells = lines(db.session.execute(cases(evaluation.figure(key), unit, asked_outcome())))
        title = f"{unit.name}{evaluation.period}"
        return attached(stream_xlsx(title, columns, cells) if fmt == "xlsx" else stream_csv(columns, cells), fmt, title)


def asked(evaluation_id: int, unit_id: int, key: str) -> tuple[Evaluation, Unit]:
    """404 for what is out of scope, exactly as for what does not exist."""
    evaluation, unit = db.session.get(Evaluation, evaluation_id), db.session.get(Unit, unit_id)
    if evaluation is None or unit is None or key not in FIGURES:
        abort(404)
    return evaluation, unit


def asked_outcome() -> Outcome | None:
    given = request.args.get("outcome", "")
    return Outcome(given) if given in set(Outcome) else None


def queues(counts: Counter[str], chosen: Outcome | None) -> list[dict[str, Any]]:
    all_ = {"label": gettext("All"), "href": request.path, "count": counts.total(), "active": chosen is None}
    return [
        all_,
        *(
            {
                "label": gettext(label),
                "href": url_for(".cases", **(request.view_args or {}), outcome=outcome.value),
                "count": counts[outcome],
                "active": chosen is outcome,
            }
            for outcome, (_colour, label) in OUTCOMES.items()
        ),
    ]


def lines(found: Any) -> Iterator[list[Any]]:
    for row in found:
        ticket = row.Ticket
        words = gettext(OUTCOMES[Outcome(row.outcome)][1])
        yield [ticket.number, ticket.title, ticket.unit.name, ticket.submitted_at, row.due_at, row.done_at, words]

"""Beside the form of the desk: who calls, what is open already, whose matter it is."""

from typing import Any

from flask import make_response
from flask_appbuilder import expose, has_access
from flask_appbuilder.baseviews import BaseView
from flask_babel import gettext
from werkzeug.wrappers import Response

from models import db
from models.desk import callers, may_be_known
from models.routing import proposal_at
from models.tickets import Ticket
from rules.identity import is_mobile
from rules.lifecycle import STATE_LABELS, State
from rules.routing import RequestKind
from rules.workdays import local_date
from views.choosing import chosen_category
from views.intake_forms import IntakeForm
from views.kit.views import WRITE
from views.tickets import in_words
from views.words import day


class DeskView(BaseView):
    route_base = "/desk"
    default_view = "callers"
    class_permission_name = "Ticket"
    method_permission_name = {"callers": WRITE, "proposal": WRITE}

    @expose("/callers", methods=["POST"])
    @has_access
    def callers(self) -> Response:
        form = IntakeForm()
        typed = form.mobile.data or ""
        found = callers(db.session(), typed)
        said = {"known": may_be_known(typed), "whole": is_mobile(typed)}
        people = [
            {"caller": each, "chosen": each.reporter.id == form.reporter.data, "tickets": lines(each.tickets)}
            for each in found
        ]
        return unkept(self.render_template("tickets/callers.html", callers=people, **said))

    @expose("/proposal", methods=["POST"])
    @has_access
    def proposal(self) -> Response:
        form, words = IntakeForm(), ""
        unit, category = form.chosen(), chosen_category(form.category.data or "")
        kind = form.kind.data if form.kind.data in set(RequestKind) else RequestKind.DEMAND
        if unit and category:
            words = in_words(proposal_at(db.session(), unit.path, RequestKind(kind), category))
        return unkept(self.render_template("tickets/proposed.html", proposal=words))


def lines(tickets: list[Ticket]) -> list[dict[str, Any]]:
    return [
        {
            "id": each.id,
            "number": each.number,
            "title": each.title,
            "state": gettext(STATE_LABELS[State(each.state)]),
            "day": day(local_date(each.submitted_at)),
        }
        for each in tickets
    ]


def unkept(page: str) -> Response:
    return make_response(page, 200, {"Cache-Control": "no-store"})

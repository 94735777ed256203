"""Requests like the one that is being typed: with their words for staff, by place, kind and day for residents."""

from typing import Any

from flask import abort, request
from flask_appbuilder import expose, has_access
from flask_appbuilder.baseviews import BaseView
from flask_appbuilder.utils.limit import Limit
from flask_babel import gettext
from flask_limiter.util import get_remote_address

from models import db
from models.similar import Similar, similar
from models.tickets import Ticket
from models.units import Unit, find_unit
from rules.refusals import Refusal
from rules.routing import REQUEST_KIND_LABELS, RequestKind
from rules.workdays import local_date
from views.asking import as_key
from views.choosing import chosen_category
from views.dues import in_language
from views.kit.context import now
from views.merging_forms import foreseen, told
from views.portal import as_resident
from views.words import day

LONGEST_TITLE, LONGEST = 100, 5000
MOST_FOR_RESIDENTS = 3
TOLD_TO_RESIDENTS = frozenset({RequestKind.DEMAND, RequestKind.SUGGESTION})
"""Disputes and emergencies are nobody else's business, even by place and day."""


def asked(unit: Unit | None, most: int) -> list[Similar]:
    title, text = request.form.get("title", "")[:LONGEST_TITLE], request.form.get("text", "")[:LONGEST]
    category = chosen_category(request.form.get("category", ""))
    return similar(db.session(), title, text, unit, category, now(), most=most)


class SimilarView(BaseView):
    route_base = "/similar"
    default_view = "typed"
    class_permission_name = "Ticket"
    method_permission_name = {"typed": "read", "merging": "read"}

    @expose("/typed", methods=["POST"])
    @has_access
    def typed(self) -> str:
        """For whoever takes a request down: open ones of the same district, as far as they see them."""
        key = as_key(request.form.get("unit", ""))
        unit = db.session.get(Unit, key) if key is not None else None
        return self.render_template("tickets/similar_found.html", similar=[told(each) for each in asked(unit, 5)])

    @expose("/merging/<pk>")
    @has_access
    def merging(self, pk: Any) -> str:
        """What would happen if the request were merged into the one of that number."""
        key = as_key(pk)
        ticket = (db.session.get(Ticket, key) if key is not None else None) or abort(404)
        number = request.args.get("number", "").strip() or request.args.get("picked", "")
        return self.render_template("tickets/merging_foreseen.html", foreseen=foreseen(ticket, number[:24]))


class PortalSimilarView(BaseView):
    route_base = "/portal/similar"
    default_view = "typed"
    limits = [Limit("60 per minute", key_func=get_remote_address)]

    @expose("/", methods=["POST"])
    @as_resident
    def typed(self) -> str:
        try:
            unit = find_unit(db.session(), request.form.get("village") or request.form.get("town", ""))
        except Refusal:
            unit = None
        open_ones = [each.ticket for each in asked(unit, 3 * MOST_FOR_RESIDENTS)]
        similar = [public(ticket) for ticket in open_ones if is_public(ticket)][:MOST_FOR_RESIDENTS]
        return self.render_template("portal/similar_found.html", similar=similar)


def is_public(ticket: Ticket) -> bool:
    return not ticket.anonymous and RequestKind(ticket.kind) in TOLD_TO_RESIDENTS


def public(ticket: Ticket) -> dict[str, str]:
    """Nothing that anybody wrote."""
    category = ticket.category
    kind = in_language(category.name, category.name_en) if category else ""
    return {
        "place": ticket.unit.name,
        "kind": kind or gettext(REQUEST_KIND_LABELS[RequestKind(ticket.kind)]),
        "day": day(local_date(ticket.submitted_at)),
    }

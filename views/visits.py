"""Visits 走访."""

from collections.abc import Mapping
from datetime import date, time
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload
from wtforms import DateField, TimeField
from wtforms.validators import InputRequired, Optional

from models import db
from models.acting import beyond_scope, current_scope
from models.people import Person
from models.visits import Visit
from rules.identity import mask_mobiles, mask_name
from rules.research import NAMED_AFTER_SOMEBODY, OBJECT_KIND_LABELS, OUTCOME_LABELS, VISIT_KIND_LABELS
from rules.workdays import local_date
from views.choosing import first_of
from views.kit.api import ScopedApi
from views.kit.context import me, now
from views.kit.forms import DateWidget
from views.kit.interface import ScopedInterface
from views.kit.views import ScopedView

FACE = ["visited_on", "kind", "shown_object", "object_kind", "visitor_name", "unit", "outcome", "to_ticket"]
WHEN = ["visited_on", "visited_at", "kind"]
WHO = ["visitor", "visitor_name", "companions"]
WHOM = ["object_kind", "object_name", "address", "unit"]
SAID = ["outcome", "content", "handling", "to_ticket"]
SEARCHED = ["object_name", "visitor_name", "visited_on", "kind", "object_kind", "unit", "outcome", "to_ticket"]
WRITTEN = [*WHEN, *WHO, *WHOM, *SAID, "field_note"]

LABELS = {
    "visited_on": _("Day of the visit"),
    "visited_at": _("Time of day"),
    "kind": _("Kind of visit"),
    "visitor": _("Visitor on the roster"),
    "visitor_name": _("Visitor"),
    "companions": _("Companions"),
    "object_kind": _("Kind of object"),
    "object_name": _("Visited"),
    "shown_object": _("Visited"),
    "address": _("Address"),
    "unit": _("Unit"),
    "outcome": _("Outcome of the visit"),
    "content": _("What was heard"),
    "handling": _("How it was handled"),
    "to_ticket": _("To become a request"),
    "ticket": _("Request that was made"),
    "field_note": _("Field note"),
}
HELP = {
    "visitor": _("Where there is none, write the name below"),
    "visitor_name": _("Filled in where somebody is chosen above"),
    "companions": _("Names, separated by commas"),
    "unit": _("In which the visited lies; left empty, the visitor's own"),
}


CODES: dict[str, Mapping[Any, str]] = {
    "kind": VISIT_KIND_LABELS,
    "object_kind": OBJECT_KIND_LABELS,
    "outcome": OUTCOME_LABELS,
}


class ClockWidget(DateWidget):
    input_type = "time"


def today() -> date:
    return local_date(now())


def clock(value: time | None) -> str:
    return f"{value:%H:%M}" if value else ""


def numbers_hidden(text: str) -> str:
    return mask_mobiles(text) if current_scope().masked else text


class VisitRows(ScopedInterface):
    def is_nullable(self, col_name: str) -> bool:
        """Where no unit is chosen, it is the visitor's."""
        return col_name == "unit" or super().is_nullable(col_name)


def complete(visit: Visit) -> None:
    """Who reaches no unit hands in visits of their own, and leaves those of others to them."""
    session = db.session()
    if not current_scope().paths:
        if visit.id is None:
            visit.visitor = session.get_one(Person, me().person_id)
        else:
            session.expire(visit, ["visitor", "visitor_id", "visitor_name"])
    with beyond_scope():
        unit = visit.unit or (visit.visitor or session.get_one(Person, me().person_id)).unit
        visit.took_place_in(unit)
        visit.went(session)


class VisitView(ScopedView):
    route_base = "/visits"
    datamodel = VisitRows(Visit, eager=[joinedload(Visit.unit)])
    label_columns = LABELS
    description_columns = HELP
    choices = CODES
    list_title, show_title, add_title, edit_title = _("Visits"), _("Visit"), _("Record a visit"), _("Edit visit")
    list_columns = FACE
    search_columns = SEARCHED
    order_columns = ["visited_on", "kind", "visitor_name", "outcome"]
    base_order = ("visited_on", "desc")
    formatters_columns = {"visited_at": clock, **dict.fromkeys(("content", "handling", "field_note"), numbers_hidden)}
    show_fieldsets = [
        (_("When"), {"fields": WHEN}),
        (_("Those who went"), {"fields": ["visitor_name", "companions"]}),
        (_("Whom"), {"fields": ["object_kind", "shown_object", "address", "unit"]}),
        (_("What was said"), {"fields": [*SAID, "ticket", "field_note"]}),
    ]
    add_fieldsets = edit_fieldsets = [
        (_("When"), {"fields": WHEN}),
        (_("Those who went"), {"fields": WHO}),
        (_("Whom"), {"fields": WHOM}),
        (_("What was said"), {"fields": [*SAID, "field_note"]}),
    ]
    edit_form_extra_fields = {
        "visited_at": TimeField(LABELS["visited_at"], [Optional()], format=["%H:%M", "%H:%M:%S"], widget=ClockWidget())
    }
    add_form_extra_fields = edit_form_extra_fields | {
        "visited_on": DateField(LABELS["visited_on"], [InputRequired()], default=today, widget=DateWidget()),
        **{name: first_of(LABELS[name], labels) for name, labels in CODES.items()},
    }

    def pre_add(self, visit: Visit) -> None:
        complete(visit)

    pre_update = pre_add

    def _get_add_widget(self, form: Any, exclude_cols: Any = None, widgets: Any = None) -> Any:
        return super()._get_add_widget(form, not_asked(), widgets)

    def _get_edit_widget(self, form: Any, exclude_cols: Any = None, widgets: Any = None) -> Any:
        return super()._get_edit_widget(form, not_asked(), widgets)


def not_asked() -> list[str]:
    """Of those who hand in visits of their own."""
    return [] if current_scope().paths else ["visitor", "visitor_name", "unit"]


class VisitApi(ScopedApi):
    resource_name = "visits"
    datamodel = VisitRows(Visit)
    exclude_route_methods = {"delete"}
    choices = VisitView.choices
    list_columns = show_columns = [
        *("id", *WHEN, "visitor_id", "visitor_name", "companions", "object_kind", "object_name", "address"),
        *("unit.id", "unit.name", *SAID, "ticket_id", "field_note", "version"),
    ]
    add_columns = edit_columns = WRITTEN
    search_columns = SEARCHED
    order_columns = ["visited_on", "kind", "visitor_name", "outcome"]

    def pre_add(self, visit: Visit) -> None:
        complete(visit)

    pre_update = pre_add

    def pre_get(self, data: dict[str, Any]) -> None:
        hide(data["result"])

    def pre_get_list(self, data: dict[str, Any]) -> None:
        for row in data["result"]:
            hide(row)


def hide(row: dict[str, Any]) -> None:
    """What those who only look on do not read."""
    if not current_scope().masked:
        return
    if row.get("object_kind") in NAMED_AFTER_SOMEBODY and "object_name" in row:
        row["object_name"] = mask_name(row["object_name"])
    for name in {"content", "handling", "field_note"} & row.keys():
        row[name] = mask_mobiles(row[name])

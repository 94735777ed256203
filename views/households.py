"""Households 户: who lives where, down to the door."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask_appbuilder.models.filters import BaseFilter
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Query, joinedload
from wtforms.validators import ValidationError

from models.acting import current_scope
from models.households import Household
from models.terms import TermKind
from models.texts import contains
from models.types import has_code
from models.units import Unit
from rules.identity import is_telephone, mask_name
from views.kit.api import ScopedApi
from views.kit.filters import ConsoleFilters
from views.kit.interface import ScopedInterface
from views.kit.views import ScopedView
from views.options import Options, offer
from views.people import sealed_field
from views.terms import WordsField, words_of

FACE = ["number", "head", "address", "unit", "labels", "masked_telephone"]
WHO = ["number", "head"]
DOOR = ["estate", "building", "entrance", "room", "door"]
ADDRESS = ["unit", "present_address", *DOOR, "registered_address"]

LABELS = {
    "number": _("Household number"),
    "head": _("Head of household"),
    "telephone": _("Telephone"),
    "masked_telephone": _("Telephone"),
    "unit": _("Grid or village"),
    "address": _("Address"),
    "present_address": _("Present address"),
    "registered_address": _("Registered address"),
    "estate": _("Housing estate"),
    "building": _("Building"),
    "entrance": _("Entrance"),
    "room": _("Room"),
    "door": _("House number"),
    "labels": _("Special groups"),
    "note": _("Note"),
}


class Has(BaseFilter):
    """Of the households that have any label, those that have this one."""

    name, arg_name = _("is"), "has"

    def apply(self, query: Query[Any], value: Any) -> Query[Any]:
        return query.filter(sa.type_coerce(Household.labels, sa.String) != "", has_code(Household.labels, str(value)))


class HouseholdFilters(ConsoleFilters):
    def convert(self, col_name: str) -> list[BaseFilter] | None:
        return [Has(col_name, self.datamodel)] if col_name == "labels" else super().convert(col_name)


class HouseholdInterface(ScopedInterface):
    filter_converter_class = HouseholdFilters


def valid_telephone(form: Any, field: Any) -> None:
    if field.data and not is_telephone(field.data):
        raise ValidationError(gettext("This is not a telephone number"))


TELEPHONE_FIELD = {"telephone": sealed_field(LABELS["telephone"], valid_telephone)}


def unit_shown(unit: Unit | None) -> str:
    return unit.full_name if unit else ""


def head_shown(head: str) -> str:
    return mask_name(head) if current_scope().masked else head


class HouseholdView(ScopedView):
    route_base = "/households"
    datamodel = HouseholdInterface(Household, eager=[joinedload(Household.unit).joinedload(Unit.parent)])
    label_columns = LABELS
    choices = {"labels": words_of(TermKind.HOUSEHOLD_LABEL)}
    list_title, show_title = _("Resident households"), _("Household")
    add_title, edit_title = _("Add a household"), _("Edit household")
    list_columns = FACE
    search_columns = ["head", "number", "present_address", "estate", "building", "unit", "labels"]
    order_columns = ["number", "head"]
    base_order = ("number", "asc")
    formatters_columns = {"head": head_shown, "unit": unit_shown}
    show_fieldsets = [
        (_("Household"), {"fields": [*WHO, "masked_telephone", "labels", "note"]}),
        (_("Address"), {"fields": ADDRESS}),
    ]
    add_fieldsets = edit_fieldsets = [
        (_("Household"), {"fields": [*WHO, "telephone", "labels", "note"]}),
        (_("Address"), {"fields": ADDRESS}),
    ]
    description_columns = {"number": _("Unique in the district; may be left empty")}
    add_form_extra_fields = edit_form_extra_fields = TELEPHONE_FIELD | {
        "labels": WordsField(LABELS["labels"], TermKind.HOUSEHOLD_LABEL)
    }

    def words(self, column: str) -> Callable[[Any], Any]:
        if column == "head":
            return head_shown
        one = super().words(column)
        return lambda given: "、".join(map(one, given)) if isinstance(given, list) else one(given)

    def prefill_form(self, form: Any, pk: Any) -> None:
        form.telephone.data = None

    def pre_add(self, household: Household) -> None:
        household.lie_in(household.unit)

    pre_update = pre_add


class HouseholdApi(ScopedApi):
    """The head's name is masked for those who look on; telephones are not given at all."""

    resource_name = "households"
    datamodel = HouseholdInterface(Household)
    exclude_route_methods = {"delete"}
    choices = HouseholdView.choices
    list_columns = show_columns = [
        "id",
        "number",
        "shown_head",
        "present_address",
        *DOOR,
        "registered_address",
        "label_codes",
        "unit.id",
        "unit.name",
        "version",
    ]
    add_columns = edit_columns = [*WHO, *ADDRESS, "note"]
    search_columns = HouseholdView.search_columns
    order_columns = ["number", "head"]

    def pre_add(self, household: Household) -> None:
        household.lie_in(household.unit)

    pre_update = pre_add


def known_by(typed: str) -> sa.ColumnElement[bool]:
    return sa.or_(
        contains(Household.head, typed),
        Household.number.startswith(typed, autoescape=True),
        contains(Household.present_address, typed),
    )


offer(
    Options(
        Household,
        like=known_by,
        order=(Household.head, Household.id),
        text=lambda household: f"{household} {household.address}".strip(),
    )
)

"""Organisations 企业和单位: enterprises, institutions, social organisations, projects."""

from typing import Any

import sqlalchemy as sa
from flask_appbuilder.fieldwidgets import BS3TextFieldWidget
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload
from wtforms import StringField
from wtforms.validators import NumberRange, ValidationError

from models.organisations import Organisation
from models.texts import contains
from models.units import Unit
from rules.identity import clean_digits, credit_code_problem
from rules.organisations import ORGANISATION_KIND_LABELS
from views.households import TELEPHONE_FIELD, unit_shown
from views.kit.api import ScopedApi
from views.kit.interface import ScopedInterface
from views.kit.views import ScopedView
from views.options import Options, offer

FACE = ["name", "credit_code", "kind", "industry", "unit", "liaison", "contact", "masked_telephone"]
WHAT = ["name", "credit_code", "kind", "industry", "staff_count", "note"]
WHERE = ["unit", "address"]
WHO = ["legal_person", "contact"]

LABELS = {
    "name": _("Name"),
    "credit_code": _("Credit code"),
    "kind": _("Kind"),
    "industry": _("Industry"),
    "staff_count": _("Staff"),
    "note": _("Note"),
    "unit": _("Grid, village or unit"),
    "address": _("Address"),
    "legal_person": _("Legal person"),
    "contact": _("Contact person"),
    "telephone": _("Telephone"),
    "masked_telephone": _("Telephone"),
    "liaison": _("Liaison cadre"),
}


def valid_credit_code(form: Any, field: Any) -> None:
    if field.data and (problem := credit_code_problem(field.data)):
        raise ValidationError(gettext(problem))


CODE_FIELD = {
    "credit_code": StringField(
        LABELS["credit_code"],
        description=_("18 characters, as on the licence; a project has none"),
        filters=[lambda text: clean_digits(text or "") or None],
        validators=[valid_credit_code],
        widget=BS3TextFieldWidget(),
    )
}


class OrganisationView(ScopedView):
    route_base = "/organisations"
    datamodel = ScopedInterface(
        Organisation, eager=[joinedload(Organisation.unit).joinedload(Unit.parent), joinedload(Organisation.liaison)]
    )
    label_columns = LABELS
    choices = {"kind": ORGANISATION_KIND_LABELS}
    list_title, show_title = _("Organisations"), _("Organisation")
    add_title, edit_title = _("Add an organisation"), _("Edit organisation")
    list_columns = FACE
    search_columns = ["name", "credit_code", "kind", "unit", "liaison"]
    order_columns = ["name", "credit_code", "kind"]
    base_order = ("name", "asc")
    formatters_columns = {"unit": unit_shown}
    show_fieldsets = [
        (_("Organisation"), {"fields": WHAT}),
        (_("Address"), {"fields": WHERE}),
        (_("Contact"), {"fields": [*WHO, "masked_telephone", "liaison"]}),
    ]
    add_fieldsets = edit_fieldsets = [
        (_("Organisation"), {"fields": WHAT}),
        (_("Address"), {"fields": WHERE}),
        (_("Contact"), {"fields": [*WHO, "telephone", "liaison"]}),
    ]
    validators_columns = {"staff_count": [NumberRange(min=0)]}
    add_form_extra_fields = edit_form_extra_fields = TELEPHONE_FIELD | CODE_FIELD

    def prefill_form(self, form: Any, pk: Any) -> None:
        form.telephone.data = None

    def pre_add(self, organisation: Organisation) -> None:
        organisation.lie_in(organisation.unit)

    pre_update = pre_add


class OrganisationApi(ScopedApi):
    resource_name = "organisations"
    datamodel = ScopedInterface(Organisation)
    exclude_route_methods = {"delete"}
    choices = OrganisationView.choices
    list_columns = show_columns = [
        "id",
        "name",
        "credit_code",
        "kind",
        "industry",
        "staff_count",
        "legal_person",
        "contact",
        "address",
        "unit.id",
        "unit.name",
        "version",
    ]
    add_columns = edit_columns = [*WHAT, *WHERE, *WHO]
    search_columns = ["name", "credit_code", "kind", "unit"]
    order_columns = ["name", "credit_code"]

    def pre_add(self, organisation: Organisation) -> None:
        organisation.lie_in(organisation.unit)

    pre_update = pre_add


def named_like(typed: str) -> sa.ColumnElement[bool]:
    return sa.or_(
        contains(Organisation.name, typed), Organisation.credit_code.startswith(typed.upper(), autoescape=True)
    )


offer(Options(Organisation, like=named_like, order=(Organisation.name, Organisation.id)))

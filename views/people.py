"""People 人员: the roster."""

from typing import Any

import sqlalchemy as sa
from flask_appbuilder.fieldwidgets import BS3TextFieldWidget
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload
from wtforms import StringField
from wtforms.validators import ValidationError

from models.people import EMPLOYMENT_LABELS, GENDER_LABELS, Person
from models.terms import TermKind
from models.texts import contains
from rules.identity import clean_digits, id_number_problem
from views.kit.api import ScopedApi
from views.kit.interface import ScopedInterface
from views.kit.views import ScopedView
from views.options import Options, offer
from views.portal_forms import valid_mobile
from views.terms import WordField, words_of

FACE = ["name", "staff_no", "unit", "post", "category", "masked_mobile", "employment"]
WHO = ["name", "staff_no", "gender"]
WORK = ["unit", "post", "category", "employment", "liaison_unit", "note"]
PARTY = ["political_status", "joined_on", "branch"]

LABELS = {
    "name": _("Full name"),
    "staff_no": _("Staff number"),
    "pinyin": _("Initials"),
    "gender": _("Gender"),
    "id_number": _("ID number"),
    "masked_id_number": _("ID number"),
    "mobile": _("Mobile"),
    "masked_mobile": _("Mobile"),
    "unit": _("Unit"),
    "post": _("Post"),
    "category": _("Category of person"),
    "employment": _("Employment"),
    "liaison_unit": _("Liaison village"),
    "note": _("Note"),
    "political_status": _("Political status"),
    "joined_on": _("Joined the party on"),
    "branch": _("Party branch"),
}


def valid_id_number(form: Any, field: Any) -> None:
    if field.data and (problem := id_number_problem(field.data)):
        raise ValidationError(gettext(problem))


def sealed_field(label: Any, check: Any) -> StringField:
    """Never filled with what is kept: left empty, that stays."""
    return StringField(
        label,
        description=_("When editing, leave empty to keep what is there"),
        filters=[lambda text: clean_digits(text or "") or None],
        validators=[check],
        widget=BS3TextFieldWidget(),
        render_kw={"autocomplete": "off"},
    )


CHECKS = {"id_number": valid_id_number, "mobile": valid_mobile}
SEALED_FIELDS = {name: sealed_field(LABELS[name], check) for name, check in CHECKS.items()}
DICTIONARIES = {"category": TermKind.PERSON_CATEGORY, "political_status": TermKind.POLITICAL_STATUS}
WORD_FIELDS = {name: WordField(LABELS[name], kind) for name, kind in DICTIONARIES.items()}


class PersonView(ScopedView):
    route_base = "/people"
    datamodel = ScopedInterface(Person, eager=[joinedload(Person.unit), joinedload(Person.liaison_unit)])
    label_columns = LABELS
    choices = {
        "gender": GENDER_LABELS,
        "employment": EMPLOYMENT_LABELS,
        **{name: words_of(kind) for name, kind in DICTIONARIES.items()},
    }
    list_title, show_title, add_title, edit_title = _("People"), _("Person"), _("Add a person"), _("Edit person")
    list_columns = FACE
    search_columns = ["name", "pinyin", "staff_no", "unit", "category", "employment"]
    order_columns = ["name", "staff_no", "category", "employment"]
    base_order = ("staff_no", "asc")
    show_fieldsets = [
        (_("Person"), {"fields": [*WHO, "masked_id_number", "masked_mobile"]}),
        (_("Work"), {"fields": WORK}),
        (_("Party"), {"fields": PARTY}),
    ]
    add_fieldsets = edit_fieldsets = [
        (_("Person"), {"fields": [*WHO, *CHECKS]}),
        (_("Work"), {"fields": WORK}),
        (_("Party"), {"fields": PARTY}),
    ]
    add_form_extra_fields = edit_form_extra_fields = SEALED_FIELDS | WORD_FIELDS

    def prefill_form(self, form: Any, pk: Any) -> None:
        for name in CHECKS:
            form[name].data = None

    def pre_add(self, person: Person) -> None:
        person.join(person.unit)

    pre_update = pre_add


class PersonApi(ScopedApi):
    resource_name = "people"
    datamodel = ScopedInterface(Person)
    exclude_route_methods = {"delete"}
    choices = PersonView.choices
    list_columns = show_columns = [
        "id",
        "name",
        "staff_no",
        "unit.id",
        "unit.name",
        "post",
        "category",
        "employment",
        "version",
    ]
    add_columns = edit_columns = ["name", "staff_no", "unit", "post", "category", "employment", "note"]
    search_columns = ["name", "staff_no", "unit", "category", "employment"]
    order_columns = ["name", "staff_no"]

    def pre_add(self, person: Person) -> None:
        person.join(person.unit)

    pre_update = pre_add


def named_like(typed: str) -> sa.ColumnElement[bool]:
    return sa.or_(
        contains(Person.name, typed),
        Person.pinyin.startswith(typed.lower(), autoescape=True),
        Person.staff_no.startswith(typed, autoescape=True),
    )


offer(
    Options(
        Person,
        like=named_like,
        order=(Person.name, Person.id),
        text=lambda person: f"{person.name} {person.staff_no or ''}".strip(),
    )
)

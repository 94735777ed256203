"""Units 单位网格."""

from datetime import date

import sqlalchemy as sa
from flask_appbuilder.fieldwidgets import BS3TextFieldWidget
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from sqlalchemy.orm import joinedload
from wtforms import StringField

from models import db
from models.acting import current_scope
from models.locks import UNITS, hold
from models.reach import place_of
from models.units import Unit, called_like, move, path_below
from rules.identity import clean_digits, is_mobile, mask_mobile
from rules.units import UNIT_KIND_LABELS, UnitKind
from rules.workdays import local_date
from views.kit.api import ScopedApi
from views.kit.context import now
from views.kit.interface import ScopedInterface
from views.kit.views import ScopedView
from views.options import Options, offer
from views.unit_changes import Changing
from views.words import day

FACE = ["code", "name", "kind", "parent", "leader_name", "phone", "valid_to"]
PLACE = ["code", "name", "alias_names", "kind", "category", "parent"]
CONTACT = ["leader", "leader_name", "phone", "extent", "households", "population"]
VALIDITY = ["valid_from", "valid_to", "successor"]

LABELS = {
    "code": _("Code"),
    "name": _("Name"),
    "alias_names": _("Other names"),
    "kind": _("Kind"),
    "category": _("Type within the kind"),
    "parent": _("Parent unit"),
    "leader": _("Leader"),
    "leader_name": _("Leader's name"),
    "phone": _("Telephone"),
    "extent": _("Extent"),
    "households": _("Households"),
    "population": _("Population"),
    "valid_from": _("Valid from"),
    "valid_to": _("Last day of validity"),
    "successor": _("Successor"),
}


def line_shown(phone: str) -> str:
    """A unit's line is for everybody; where it is somebody's mobile, those who look on see it masked."""
    return mask_mobile(phone) if current_scope().masked and is_mobile(clean_digits(phone)) else phone


def last_day_shown(valid_to: date | None) -> str:
    """Greys the row of a unit that is gone."""
    if valid_to is None or valid_to >= local_date(now()):
        return day(valid_to)
    return Markup('<span class="ended">{}</span>').format(day(valid_to))


class UnitView(Changing, ScopedView):
    route_base = "/units"
    datamodel = ScopedInterface(Unit, eager=[joinedload(Unit.parent), joinedload(Unit.leader)])
    label_columns = LABELS
    choices = {"kind": UNIT_KIND_LABELS}
    list_title, show_title, add_title, edit_title = _("Units"), _("Unit"), _("Add a unit"), _("Edit unit")
    list_columns = FACE
    search_columns = ["name", "code", "kind", "parent", "leader_name"]
    order_columns = ["code", "name", "kind", "valid_to"]
    base_order = ("code", "asc")
    formatters_columns = {"phone": line_shown, "valid_to": last_day_shown}
    method_permission_name = dict.fromkeys(("merge", "split", "withdraw", "take_back"), "write")
    show_template = "units/show.html"
    show_fieldsets = [
        (_("Place"), {"fields": PLACE}),
        (_("Contact"), {"fields": CONTACT}),
        (_("Validity"), {"fields": VALIDITY}),
    ]
    add_fieldsets = show_fieldsets
    add_form_extra_fields = edit_form_extra_fields = {
        "alias_names": StringField(
            LABELS["alias_names"], description=_("Separated by commas"), widget=BS3TextFieldWidget()
        )
    }
    edit_fieldsets = [
        (_("Place"), {"fields": ["name", "alias_names", "category", "parent"]}),
        (_("Contact"), {"fields": CONTACT}),
        (_("Validity"), {"fields": VALIDITY}),
    ]

    def pre_add(self, unit: Unit) -> None:
        unit.hang_under(unit.parent)

    def pre_update(self, unit: Unit) -> None:
        """A unit that was hung in the wrong place takes everything below it along."""
        hold(db.session.connection(), UNITS)
        path = path_below(unit.parent, unit.code, UnitKind(unit.kind))
        if unit.parent is not None and path != unit.path and unit.code == place_of(unit.path):
            move(db.session(), unit, unit.parent)


class UnitApi(ScopedApi):
    resource_name = "units"
    datamodel = ScopedInterface(Unit)
    list_columns = show_columns = ["id", "code", "name", "kind", "category", "parent.id", "parent.name", "valid_to"]
    search_columns = ["code", "name", "kind", "parent"]
    order_columns = ["code", "name"]


offer(
    Options(
        Unit,
        like=called_like,
        order=(sa.func.length(Unit.path), Unit.code),
        text=lambda unit: f"{unit.name} {unit.code}",
        only=lambda: Unit.lives_on(local_date(now())),
    )
)

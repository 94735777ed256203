"""Evaluation schemes 考核方案: targets, marks and what a point below the target costs."""

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload
from wtforms import DecimalField
from wtforms.validators import InputRequired, NumberRange

from models.schemes import Scheme, SchemeIndicator
from rules.refusals import N_, Refusal
from rules.scoring import DIRECTION_LABELS
from views.kit.interface import ScopedInterface
from views.kit.views import ScopedView

LABELS = {
    "scheme": _("Scheme"),
    "name": _("Name"),
    "numerator": _("Numerator in words"),
    "denominator": _("Denominator in words"),
    "direction": _("Direction"),
    "target": _("Target"),
    "full": _("Full marks"),
    "k": _("Marks lost per percentage point"),
    "floor": _("Minimum marks"),
    "min_sample": _("Minimum cases for a rank"),
    "position": _("Order"),
}
HELP = {
    "target": _("As a fraction: 0.98 is 98 percent"),
    "k": _("For each percentage point on the wrong side of the target"),
    "full": _("With 0 the indicator is shown and does not count"),
}


def exact(name: str, most: int) -> DecimalField:
    """Shown with all its digits."""
    return DecimalField(
        LABELS[name],
        places=None,
        description=HELP.get(name, ""),
        validators=[InputRequired(), NumberRange(min=0, max=most)],
    )


class SchemeIndicatorView(ScopedView):
    route_base = "/indicators"
    class_permission_name = "Scheme"
    datamodel = ScopedInterface(SchemeIndicator, eager=[joinedload(SchemeIndicator.scheme)])
    exclude_route_methods = {"download", "add", "delete"}
    choices = {"direction": DIRECTION_LABELS}
    list_title = title = _("Indicators")
    show_title, edit_title = _("Indicator"), _("Edit indicator")
    label_columns = LABELS
    description_columns = HELP
    list_columns = ["name", "direction", "target", "full", "k", "floor", "min_sample"]
    show_columns = ["scheme", *list_columns[:1], "numerator", "denominator", *list_columns[1:]]
    edit_columns = ["name", "numerator", "denominator", "direction", "target", "full", "k", "floor", "min_sample"]
    edit_form_extra_fields = {
        "target": exact("target", 1),
        "full": exact("full", 1000),
        "k": exact("k", 1000),
        "floor": exact("floor", 1000),
    }
    formatters_columns = {"target": lambda target: f"{(target * 100).normalize():f}%"}
    search_columns = ["name"]
    order_columns = ["name", "position"]
    base_order = ("position", "asc")

    def pre_update(self, indicator: Any) -> None:
        if indicator.floor > indicator.full:
            raise Refusal(N_("The minimum marks must not exceed the full marks"))
        indicator.scheme.revised()


class SchemeView(ScopedView):
    route_base = "/schemes"
    datamodel = ScopedInterface(Scheme)
    exclude_route_methods = {"download", "add", "delete"}
    related_views = [SchemeIndicatorView]
    list_title, show_title, edit_title = _("Evaluation schemes"), _("Evaluation scheme"), _("Edit evaluation scheme")
    label_columns = {"name": _("Name"), "note": _("Note"), "active": _("In use"), "version": _("Version")}
    list_columns = ["name", "active", "version"]
    show_columns = ["name", "note", "active", "version"]
    edit_columns = ["name", "note", "active"]
    search_columns = ["name", "active"]
    base_order = ("name", "asc")

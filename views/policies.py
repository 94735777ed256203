"""Policies 政策参数: every office default, edited by row; each edit is a numbered version."""

from collections.abc import Callable
from typing import Any

from flask_appbuilder.forms import DynamicForm
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import IntegerField, TimeField
from wtforms.validators import InputRequired, NumberRange
from wtforms.widgets import NumberInput, TimeInput

from models import db
from models.policies import ITEMS, PolicyRow, PolicyVersion, set_policy
from rules.policy import CLOCK_MODE_LABELS, as_text
from rules.refusals import N_
from views.kit.context import me, now
from views.kit.forms import choice_field, choices_of
from views.kit.interface import ScopedInterface
from views.kit.views import READ_ONLY, ScopedView

YES_NO_LABELS = {"yes": N_("Yes"), "no": N_("No")}
VALUE_LABELS: dict[str, str] = {mode.value: label for mode, label in CLOCK_MODE_LABELS.items()} | YES_NO_LABELS
AS_INSTALLED = N_("Office default")
SOURCES = {"o": AS_INSTALLED, "s": N_("Said in the documents")}
LABELS = {"key": _("Setting"), "value": _("Value"), "unit": _("Counted in"), "source": _("Source")}


BOX = {"class": "form-control"}


def setting(key: str | None) -> str:
    """The first version is none of them: it is what the console came with."""
    return gettext(ITEMS[key].label) if key in ITEMS else gettext(AS_INSTALLED)


def in_words(value: str) -> str:
    return gettext(VALUE_LABELS[value]) if value in VALUE_LABELS else value


def value_field(key: str) -> Any:
    item = ITEMS[key]
    label, description = _(item.label), _(item.unit) if item.unit else ""
    match item.default:
        case bool():
            return choice_field(label, choices_of(YES_NO_LABELS), required=True)
        case int():
            return IntegerField(
                label,
                description=description,
                validators=[InputRequired(), NumberRange(item.least, item.most)],
                widget=NumberInput(item.least, item.most),
                render_kw=BOX,
            )
        case str():
            return choice_field(label, choices_of(CLOCK_MODE_LABELS), required=True)
    return TimeField(label, validators=[InputRequired()], widget=TimeInput(), render_kw=BOX)


FORMS = {key: type("PolicyForm", (DynamicForm,), {"value": value_field(key)}) for key in ITEMS}


class PolicyVersionView(ScopedView):
    route_base = "/policy-versions"
    class_permission_name = "PolicyRow"
    datamodel = ScopedInterface(PolicyVersion)
    exclude_route_methods = READ_ONLY
    list_title = show_title = title = _("Versions of the policies")
    label_columns = {
        "id": _("Version"),
        "key": _("Setting"),
        "old": _("Before"),
        "new": _("After"),
        "at": _("When"),
        "name": _("Who"),
    }
    list_columns = show_columns = ["id", "key", "old", "new", "at", "name"]
    search_columns = ["at", "name"]
    formatters_columns = {"key": setting, "old": in_words, "new": in_words}
    base_order = ("id", "desc")

    def named(self, version: PolicyVersion) -> str:
        return setting(version.key)


class PolicyView(ScopedView):
    route_base = "/policies"
    datamodel = ScopedInterface(PolicyRow)
    exclude_route_methods = {"download", "add", "delete"}
    list_title, show_title, edit_title = _("Policies"), _("Policy"), _("Edit policy")
    label_columns = LABELS
    list_columns = show_columns = ["key", "value", "unit", "source"]
    edit_columns = ["value"]
    search_columns = ["key"]
    order_columns = ["key"]
    base_order = ("position", "asc")
    page_size = 100
    formatters_columns = {
        "key": setting,
        "value": in_words,
        "unit": lambda unit: gettext(unit) if unit else "",
        "source": lambda source: gettext(SOURCES[source[:1]]),
    }

    def named(self, policy: PolicyRow) -> str:
        return setting(policy.key)

    def words(self, column: str) -> Callable[[Any], str]:
        return in_words if column == "value" else super().words(column)

    def form_to_edit(self, policy: PolicyRow) -> Any:
        return FORMS[policy.key]

    def prefill_form(self, form: Any, pk: Any) -> None:
        policy = self.datamodel.get(pk)
        form.value.process_data(ITEMS[policy.key].parse(policy.value))

    def change(self, form: Any, policy: PolicyRow) -> None:
        value = form.value.data
        set_policy(db.session(), policy.key, value if isinstance(value, str) else as_text(value), me(), now())

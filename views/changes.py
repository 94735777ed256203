"""The audit log 审计日志: who changed what, from what to what. Nobody edits it."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup

from models.changes import Change
from rules.refusals import N_
from views.kit.interface import ScopedInterface
from views.kit.views import READ_ONLY, ScopedView

SUBJECT_LABELS = {
    "unit": N_("Unit"),
    "person": N_("Person"),
    "account": N_("Account"),
    "ab_role": N_("Role"),
    "term": N_("Dictionary"),
    "calendar_year": N_("Year"),
    "calendar_day": N_("Day"),
    "category": N_("Category"),
    "duty": N_("Duty"),
    "scheme": N_("Scheme"),
    "scheme_indicator": N_("Indicator"),
}
ACTION_LABELS = {"added": N_("Added"), "changed": N_("Changed"), "removed": N_("Removed")}


def old_and_new(details: Mapping[str, list[Any]]) -> Markup:
    line = Markup("<div>{}: {} → {}</div>")
    empty = gettext("(empty)")
    return Markup("").join(
        line.format(column, old if old not in (None, "") else empty, new if new not in (None, "") else empty)
        for column, (old, new) in details.items()
    )


class ChangeView(ScopedView):
    route_base = "/changes"
    datamodel = ScopedInterface(Change)
    exclude_route_methods = READ_ONLY
    choices = {"subject": SUBJECT_LABELS, "action": ACTION_LABELS}
    list_title, show_title = _("Audit log"), _("Change")
    label_columns = {
        "at": _("When"),
        "name": _("Who"),
        "subject": _("What"),
        "subject_id": _("Entry"),
        "action": _("Change"),
        "details": _("From what to what"),
    }
    list_columns = show_columns = ["at", "name", "subject", "subject_id", "action", "details"]
    search_columns = ["at", "name", "subject", "subject_id", "action"]
    order_columns = ["at"]
    base_order = ("id", "desc")
    formatters_columns = {"details": old_and_new}

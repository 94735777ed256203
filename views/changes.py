"""The audit log 审计日志: who changed what, from what to what. Nobody edits it."""

from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _
from markupsafe import Markup

from models.changes import Change
from rules.refusals import N_
from views.history import ACTION_LABELS, old_and_new
from views.kit.interface import ScopedInterface
from views.kit.views import READ_ONLY, ScopedView

SUBJECT_LABELS = {
    "unit": N_("Unit"),
    "person": N_("Person"),
    "household": N_("Household"),
    "organisation": N_("Organisation"),
    "ticket": N_("Request"),
    "visit": N_("Visit"),
    "topic": N_("Topic"),
    "task": N_("Task"),
    "common_issue": N_("Common issue"),
    "stand_in": N_("Stand-in"),
    "reply_template": N_("Reply template"),
    "call_script": N_("Script for calls"),
    "account": N_("Account"),
    "ab_role": N_("Role"),
    "policy": N_("Policy"),
    "term": N_("Dictionary"),
    "calendar_year": N_("Year"),
    "calendar_day": N_("Day"),
    "category": N_("Category"),
    "duty": N_("Duty"),
    "scheme": N_("Scheme"),
    "scheme_indicator": N_("Indicator"),
}


def told(story: tuple[str, dict[str, list[Any]]]) -> Markup:
    """In the words of the screen on which the record is edited."""
    subject, details = story
    views = current_app.appbuilder.baseviews  # type: ignore[attr-defined]
    screens = {view.datamodel.obj.__tablename__: view for view in views if isinstance(view, ScopedView)}
    return old_and_new(screens.get(subject) or screens["change"], details)


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
        "story": _("From what to what"),
    }
    list_columns = show_columns = ["at", "name", "subject", "subject_id", "action", "story"]
    search_columns = ["at", "name", "subject", "subject_id", "action"]
    order_columns = ["at"]
    base_order = ("id", "desc")
    formatters_columns = {"story": told}

    def named(self, change: Change) -> str:
        return self.words("subject")(change.subject)

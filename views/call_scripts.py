"""What is said on the telephone 回访话术: one script for all, and others for kinds of matter."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from models.call_scripts import PLACES, CallScript
from views.kit.interface import ScopedInterface
from views.kit.views import ScopedView


class CallScriptView(ScopedView):
    route_base = "/call-scripts"
    datamodel = ScopedInterface(CallScript, eager=[joinedload(CallScript.category)])
    exclude_route_methods = {"download"}
    list_title, show_title = _("Scripts for calls"), _("Script for calls")
    add_title, edit_title = _("Add a script"), _("Edit the script")
    label_columns = {"category": _("Kind of matter"), "text": _("What to say")}
    description_columns = {
        "category": _("Left empty: for all that has no script of its own"),
        "text": _("Filled in for each call: %(places)s", places="".join(f"{{{each}}}" for each in PLACES)),
    }
    list_columns = show_columns = add_columns = ["category", "text"]
    edit_columns = ["text"]
    search_columns = ["category", "text"]
    order_columns = ["category"]
    base_order = ("id", "asc")

    def named(self, script: Any) -> str:
        return str(script) or gettext("For all requests")

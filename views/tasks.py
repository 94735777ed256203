"""Livelihood tasks and the items of task books 民生实事与任务清单."""

from decimal import Decimal

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload
from wtforms.validators import NumberRange

from models import db
from models.tasks import Task
from models.terms import TermKind
from views.choosing import YEARS, this_year
from views.kit.api import ScopedApi
from views.kit.interface import ScopedInterface
from views.kit.views import ScopedView
from views.terms import WordField, words_of

FACE = ["title", "year", "list_kind", "unit", "responsible_name", "due_on", "written_off"]
TASK = ["year", "serial", "title", "list_kind", "measures"]
CHARGE = ["unit", "responsible", "responsible_name", "leader", "leader_name"]
EFFORT = ["due_on", "households", "people", "cost"]
STATE = ["progress", "written_off", "written_off_on", "accepted_by", "note"]
SEARCHED = ["title", "year", "list_kind", "unit", "responsible_name", "due_on", "written_off"]
ORDERS = ["title", "year", "list_kind", "responsible_name", "due_on", "written_off"]

LABELS = {
    "year": _("Year"),
    "serial": _("Number in the list"),
    "title": _("Task"),
    "list_kind": _("List of tasks"),
    "measures": _("Measures"),
    "unit": _("Lead unit"),
    "responsible": _("Responsible person on the roster"),
    "responsible_name": _("Responsible person"),
    "leader": _("Leader in charge on the roster"),
    "leader_name": _("Leader in charge"),
    "due_on": _("Due"),
    "households": _("Households that benefit"),
    "people": _("People who benefit"),
    "cost": _("Cost (10,000 yuan)"),
    "progress": _("Progress"),
    "written_off": _("Written off"),
    "written_off_on": _("Written off on"),
    "accepted_by": _("Accepted by"),
    "note": _("Note"),
}
CHOOSE = _("Where there is none, write the name below")
SOME = NumberRange(Decimal(0))


def sum_of_money(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"


class TaskView(ScopedView):
    route_base = "/tasks"
    datamodel = ScopedInterface(Task, eager=[joinedload(Task.unit)])
    label_columns = LABELS
    description_columns = {
        "responsible": CHOOSE,
        "leader": CHOOSE,
        "written_off_on": _("Only for a task that is written off, where the day is known"),
    }
    validators_columns = {"year": [YEARS], **{name: [SOME] for name in ("households", "people", "cost")}}
    choices = {"list_kind": words_of(TermKind.TASK_LIST)}
    list_title, show_title, add_title, edit_title = _("Tasks"), _("Task"), _("Add a task"), _("Edit task")
    list_columns = FACE
    search_columns = SEARCHED
    order_columns = ORDERS
    base_order = ("year", "desc")
    formatters_columns = {"cost": sum_of_money}
    show_fieldsets = [
        (_("Task"), {"fields": TASK}),
        (_("In charge"), {"fields": ["unit", "responsible_name", "leader_name"]}),
        (_("Time and effort"), {"fields": EFFORT}),
        (_("State"), {"fields": STATE}),
    ]
    add_fieldsets = edit_fieldsets = [
        (_("Task"), {"fields": TASK}),
        (_("In charge"), {"fields": CHARGE}),
        (_("Time and effort"), {"fields": EFFORT}),
        (_("State"), {"fields": STATE}),
    ]
    edit_form_extra_fields = {"list_kind": WordField(LABELS["list_kind"], TermKind.TASK_LIST)}
    add_form_extra_fields = edit_form_extra_fields | {"year": this_year(LABELS["year"])}

    def pre_add(self, task: Task) -> None:
        task.led_by(db.session(), task.unit)

    pre_update = pre_add


class TaskApi(ScopedApi):
    resource_name = "tasks"
    datamodel = ScopedInterface(Task)
    exclude_route_methods = {"delete"}
    choices = TaskView.choices
    list_columns = show_columns = [
        *("id", *TASK, "unit.id", "unit.name", "responsible_id", "responsible_name", "leader_id", "leader_name"),
        *(*EFFORT, *STATE, "version"),
    ]
    add_columns = edit_columns = [*TASK, *CHARGE, *EFFORT, *STATE]
    search_columns = SEARCHED
    order_columns = ORDERS

    def pre_add(self, task: Task) -> None:
        task.led_by(db.session(), task.unit)

    pre_update = pre_add

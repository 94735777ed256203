"""Reply templates 答复模板, and the choice of them on the forms that they fill."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from models import db
from models.reply_templates import REPLY_STEP_LABELS, ReplyStep, ReplyTemplate, replies_for
from models.tickets import Ticket
from rules.lifecycle import Move
from rules.replies import DATE, NUMBER, TITLE, UNIT, fill
from rules.workdays import local_date
from views.kit.context import me, now
from views.kit.interface import ScopedInterface
from views.kit.views import ScopedView

FACE = ["step", "category", "title", "active"]

FILLED: Mapping[Move, tuple[ReplyStep, str]] = {
    Move.CONTACT: (ReplyStep.CONTACT, "note"),
    Move.SUBMIT_RESULT: (ReplyStep.RESULT, "feedback"),
    Move.ASK_DECLINE: (ReplyStep.DECLINE, "basis"),
}
"""Forms with a field that a template fills."""


class ReplyTemplateView(ScopedView):
    route_base = "/replies"
    datamodel = ScopedInterface(ReplyTemplate, eager=[joinedload(ReplyTemplate.category)])
    choices = {"step": REPLY_STEP_LABELS}
    list_title, show_title = _("Reply templates"), _("Reply template")
    add_title, edit_title = _("Add a reply template"), _("Edit reply template")
    label_columns = {
        "step": _("Used for"),
        "category": _("Kind of matter"),
        "title": _("Name"),
        "text": _("Text"),
        "active": _("In use"),
    }
    description_columns = {
        "category": _("Left empty: for every kind of matter"),
        "text": _("{编号} becomes the number of the request, {标题} its title, {单位} your unit, {日期} the day"),
    }
    list_columns = FACE
    show_columns = add_columns = edit_columns = ["step", "category", "title", "text", "active"]
    search_columns = ["step", "category", "title", "text", "active"]
    order_columns = ["step", "title"]
    base_order = ("step", "asc")

    def pre_add(self, template: ReplyTemplate) -> None:
        template.check()

    pre_update = pre_add


def replies(ticket: Ticket, move: Move) -> dict[str, Any]:
    """The templates of a form, filled in, and the field they go to."""
    if move not in FILLED:
        return {"replies": [], "fills": ""}
    step, field = FILLED[move]
    day = local_date(now())
    values = {
        NUMBER: ticket.number,
        TITLE: ticket.title,
        UNIT: me().unit_name,
        DATE: f"{day.year}年{day.month}月{day.day}日",
    }
    found = replies_for(db.session(), step, ticket.category)
    return {"replies": [(each.title, fill(each.text, values)) for each in found], "fills": field}

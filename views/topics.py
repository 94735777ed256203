"""Research topics 调研课题."""

from decimal import Decimal

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload
from wtforms.validators import NumberRange

from models import db
from models.topics import Topic
from rules.research import TOPIC_STAGE_LABELS
from views.kit.api import ScopedApi
from views.kit.interface import ScopedInterface
from views.kit.views import ScopedView

FACE = ["title", "year", "leader_name", "post", "unit", "stage", "due_on"]
TOPIC = ["year", "title", "stage", "due_on"]
LEAD = ["leader", "leader_name", "post", "unit", "supporting"]
RESULT = ["progress", "result_form", "result_use", "note"]
SEARCHED = ["title", "year", "leader_name", "unit", "stage", "due_on"]
YEARS = NumberRange(Decimal(1949), Decimal(2119))

LABELS = {
    "year": _("Year"),
    "title": _("Topic"),
    "stage": _("Stage"),
    "due_on": _("Due"),
    "leader": _("Leader of the topic"),
    "leader_name": _("Name of the leader"),
    "post": _("Post"),
    "unit": _("Lead unit"),
    "supporting": _("Supporting units"),
    "progress": _("Progress"),
    "result_form": _("Form of the result"),
    "result_use": _("Use of the result"),
    "note": _("Note"),
}
HELP = {
    "leader": _("From the roster; otherwise write the name below"),
    "leader_name": _("Filled in from the roster where a leader is chosen"),
    "supporting": _("Names, separated by commas"),
}


class TopicView(ScopedView):
    route_base = "/topics"
    datamodel = ScopedInterface(Topic, eager=[joinedload(Topic.unit), joinedload(Topic.leader)])
    label_columns = LABELS
    description_columns = HELP
    validators_columns = {"year": [YEARS]}
    choices = {"stage": TOPIC_STAGE_LABELS}
    list_title, show_title, add_title, edit_title = _("Topics"), _("Topic"), _("Add a topic"), _("Edit topic")
    list_columns = FACE
    search_columns = SEARCHED
    order_columns = ["title", "year", "leader_name", "stage", "due_on"]
    base_order = ("year", "desc")
    show_fieldsets = [
        (_("Topic"), {"fields": TOPIC}),
        (_("Lead"), {"fields": ["leader_name", "post", "unit", "supporting"]}),
        (_("Result"), {"fields": RESULT}),
    ]
    add_fieldsets = edit_fieldsets = [
        (_("Topic"), {"fields": TOPIC}),
        (_("Lead"), {"fields": LEAD}),
        (_("Result"), {"fields": RESULT}),
    ]

    def pre_add(self, topic: Topic) -> None:
        topic.led_by(db.session(), topic.unit)

    pre_update = pre_add


class TopicApi(ScopedApi):
    resource_name = "topics"
    datamodel = ScopedInterface(Topic)
    exclude_route_methods = {"delete"}
    choices = TopicView.choices
    list_columns = show_columns = [
        *("id", *TOPIC, "leader_id", "leader_name", "post", "unit.id", "unit.name", "supporting", *RESULT, "version"),
    ]
    add_columns = edit_columns = [*TOPIC, *LEAD, *RESULT]
    search_columns = SEARCHED
    order_columns = ["title", "year", "leader_name", "stage", "due_on"]

    def pre_add(self, topic: Topic) -> None:
        topic.led_by(db.session(), topic.unit)

    pre_update = pre_add

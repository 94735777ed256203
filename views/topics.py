"""Research topics 调研课题."""

from flask import url_for
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from sqlalchemy.orm import joinedload

from models import db
from models.common_issues import CommonIssue
from models.topics import Topic
from rules.research import TOPIC_STAGE_LABELS
from views.choosing import YEARS, first_of, this_year
from views.kit.api import ScopedApi
from views.kit.interface import ScopedInterface
from views.kit.views import ScopedView

FACE = ["title", "year", "leader_name", "post", "unit", "stage", "due_on"]
TOPIC = ["year", "title", "stage", "due_on"]
LEAD = ["leader", "leader_name", "post", "unit", "supporting"]
RESULT = ["progress", "result_form", "result_use", "note"]
SEARCHED = ["title", "year", "leader_name", "unit", "stage", "due_on"]

LABELS = {
    "year": _("Year"),
    "title": _("Topic"),
    "stage": _("Stage"),
    "due_on": _("Due"),
    "leader": _("Leader on the roster"),
    "leader_name": _("Leader of the topic"),
    "post": _("Post"),
    "unit": _("Lead unit"),
    "supporting": _("Supporting units"),
    "progress": _("Progress"),
    "result_form": _("Form of the result"),
    "result_use": _("Use of the result"),
    "note": _("Note"),
    "common_issues": _("Where it comes from"),
}
HELP = {
    "leader": _("Where there is none, write the name below"),
    "leader_name": _("Filled in where somebody is chosen above"),
    "supporting": _("Names, separated by commas"),
}


def issues_it_comes_from(issues: list[CommonIssue]) -> Markup:
    link = Markup('<a href="{}">{}</a>')
    return Markup("、").join(link.format(url_for("CommonIssueView.show", pk=each.id), each.title) for each in issues)


class TopicView(ScopedView):
    route_base = "/topics"
    datamodel = ScopedInterface(Topic, eager=[joinedload(Topic.unit)])
    label_columns = LABELS
    description_columns = HELP
    validators_columns = {"year": [YEARS]}
    choices = {"stage": TOPIC_STAGE_LABELS}
    list_title, show_title, add_title, edit_title = _("Topics"), _("Topic"), _("Add a topic"), _("Edit topic")
    list_columns = FACE
    search_columns = SEARCHED
    order_columns = ["title", "year", "leader_name", "stage", "due_on"]
    base_order = ("year", "desc")
    formatters_columns = {"common_issues": issues_it_comes_from}
    show_fieldsets = [
        (_("Topic"), {"fields": [*TOPIC, "common_issues"]}),
        (_("Lead"), {"fields": ["leader_name", "post", "unit", "supporting"]}),
        (_("Result"), {"fields": RESULT}),
    ]
    add_fieldsets = edit_fieldsets = [
        (_("Topic"), {"fields": TOPIC}),
        (_("Lead"), {"fields": LEAD}),
        (_("Result"), {"fields": RESULT}),
    ]

    add_form_extra_fields = {
        "year": this_year(LABELS["year"]),
        "stage": first_of(LABELS["stage"], TOPIC_STAGE_LABELS),
    }

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

"""Common issues 共性问题: what the console found alike, what people decided about it, and what came of it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import abort, current_app, flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.fieldwidgets import BS3TextFieldWidget
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from sqlalchemy.orm import joinedload
from wtforms import StringField
from wtforms.validators import DataRequired, InputRequired, Length

from models import db
from models.common_issues import CommonIssue
from models.tickets import Ticket
from models.topics import Topic
from models.units import Unit
from rules.common_issues import ISSUE_STATE_LABELS, IssueState
from rules.lifecycle import BEFORE_REVIEW, STATE_LABELS, Move, State, may
from rules.lifecycle import MOVES as REGULATION
from rules.refusals import Refusal
from rules.similarity import shared_words
from views.asking import as_key
from views.choosing import this_year
from views.dues import light_of, policy
from views.kit.context import me, now
from views.kit.forms import ChoiceWidget, RowField
from views.kit.interface import ScopedInterface
from views.kit.views import WRITE, ScopedView
from views.saving import attempt, saved, say
from views.words import moment

MOST_PAIRED = 4


class CommonIssueView(ScopedView):
    route_base = "/common-issues"
    datamodel = ScopedInterface(CommonIssue, eager=[joinedload(CommonIssue.lead)])
    exclude_route_methods = {"download", "add", "edit", "delete"}
    method_permission_name = dict.fromkeys(("decide", "member", "take_up", "meet", "topic"), WRITE)
    show_template = "common_issues/show.html"
    choices = {"state": ISSUE_STATE_LABELS}
    list_title, show_title = _("Common issues"), _("Common issue")
    label_columns = {
        "title": _("Title"),
        "state": _("State"),
        "size": _("Requests"),
        "lead": _("Lead request"),
        "found_at": _("Found at"),
        "decided_by": _("Decided by"),
        "decided_at": _("Decided at"),
        "reason": _("Reason"),
    }
    list_columns = show_columns = ["title", "state", "size", "lead", "found_at", "decided_by", "decided_at"]
    search_columns = ["title", "state", "found_at", "decided_at"]
    order_columns = ["title", "state", "size", "found_at", "decided_at"]
    base_order = ("found_at", "desc")
    add_columns: list[str] = []
    edit_columns: list[str] = []

    @expose("/show/<pk>")
    @has_access
    def show(self, pk: Any) -> str:
        issue = self._row(pk)
        return self.render_template(self.show_template, **page(issue, writes=self.writes()))

    @expose("/decide/<pk>", methods=["POST"])
    @has_access
    def decide(self, pk: Any) -> Any:
        """Whether it is one issue or several matters."""
        issue, reason = self._row(pk), request.form.get("reason", "")
        if request.form.get("verdict") == IssueState.DISMISSED:
            done = gettext("Dismissed: each request goes on by itself")
            saved(lambda: issue.dismiss(me(), now(), reason=reason), done)
        else:
            saved(lambda: issue.confirm(me(), now(), reason=reason), gettext("Confirmed as a common issue"))
        return self.back(issue)

    @expose("/member/<pk>/<ticket_id>", methods=["POST"])
    @has_access
    def member(self, pk: Any, ticket_id: Any) -> Any:
        """Lets one of the requests lead, or leaves it out."""
        issue = self._row(pk)
        ticket = belonging(issue, ticket_id)
        if request.form.get("leave_out"):
            saved(lambda: issue.leave_out(ticket, me()), gettext("Left out: %(number)s", number=ticket.number))
        else:
            saved(lambda: issue.choose(ticket, me()), gettext("%(number)s leads", number=ticket.number))
        return self.back(issue)

    @expose("/take-up/<pk>", methods=["POST"])
    @has_access
    def take_up(self, pk: Any) -> Any:
        """Merges the chosen ones into the lead request, each by itself."""
        issue = self._row(pk)
        chosen = [belonging(issue, key) for key in request.form.getlist("ticket")]
        if not chosen:
            flash(gettext("Choose at least one request"), "warning")
            return self.back(issue)
        return self.each(chosen, lambda ticket: issue.take_up(ticket, me(), now()), "TicketView")

    @expose("/meet/<pk>", methods=["POST"])
    @has_access
    def meet(self, pk: Any) -> Any:
        """A joint meeting about the lead request, on whose page it is held and written down."""
        issue = self._row(pk)
        if saved(lambda: issue.call_meeting(me(), now()), gettext("A joint meeting has been called")):
            return redirect(url_for("TicketView.show", pk=issue.lead_id))
        return self.back(issue)

    @expose("/topic/<pk>", methods=["GET", "POST"])
    @has_access
    def topic(self, pk: Any) -> Any:
        issue, form = self._row(pk), TopicForm()
        if not may_propose():
            abort(403)
        form.start(issue)
        if form.validate_on_submit():
            problem = attempt(partial(form.save, issue))
            if problem is None:
                return redirect(url_for("TopicView.show", pk=issue.topic_id))
            form.form_errors.append(problem)
        return self.render_template("common_issues/topic.html", issue=issue, form=form)

    def writes(self) -> bool:
        return bool(self.appbuilder.sm.has_access("can_write", self.class_permission_name))

    def back(self, issue: CommonIssue) -> Any:
        return redirect(url_for("CommonIssueView.show", pk=issue.id))


class TopicForm(FlaskForm):
    title = StringField(_("Topic"), [InputRequired(), Length(max=200)], widget=BS3TextFieldWidget())
    year = this_year(_("Year"))
    leader_name = StringField(_("Leader of the topic"), [InputRequired(), Length(max=60)], widget=BS3TextFieldWidget())
    unit = RowField(
        _("Lead unit"),
        datamodel=ScopedInterface(Topic),
        col_name="unit",
        validators=[DataRequired()],
        widget=ChoiceWidget("Unit"),
    )

    def start(self, issue: CommonIssue) -> None:
        if not self.is_submitted():
            self.title.data, self.unit.data = issue.title, issue.unit

    def save(self, issue: CommonIssue) -> None:
        unit: Unit = self.unit.data
        topic = Topic(year=self.year.data, title=self.title.data, leader_name=self.leader_name.data)
        db.session.add(issue.become_topic(topic, unit))


def may_propose() -> bool:
    """Topics are the office's."""
    app: Any = current_app
    return bool(app.appbuilder.sm.has_access("can_write", "Topic"))


def belonging(issue: CommonIssue, key: Any) -> Ticket:
    wanted = as_key(key)
    return next((ticket for ticket in issue.tickets if ticket.id == wanted), None) or abort(404)


def page(issue: CommonIssue, *, writes: bool) -> dict[str, Any]:
    tickets = issue.tickets
    return {
        "issue": issue,
        "title": issue.title,
        "state": gettext(ISSUE_STATE_LABELS[IssueState(issue.state)]),
        "members": [row(issue, ticket) for ticket in tickets],
        "facts": facts(issue, tickets),
        "writes": writes,
        "proposed": issue.state == IssueState.PROPOSED,
        "confirmed": issue.state == IssueState.CONFIRMED,
        "may_merge": writes and may(REGULATION[Move.MERGE].who, me().roles),
        "others": {ticket.id for ticket in issue.others},
        "actions": next_steps(issue) if writes and issue.state == IssueState.CONFIRMED else [],
    }


def row(issue: CommonIssue, ticket: Ticket) -> dict[str, Any]:
    return {
        "ticket": ticket,
        "leads": ticket.id == issue.lead_id,
        "may_lead": State(ticket.state) in BEFORE_REVIEW and ticket.id != issue.lead_id,
        "light": light_of(ticket, policy(), now()),
        "state": gettext(STATE_LABELS[State(ticket.state)]),
    }


def facts(issue: CommonIssue, tickets: list[Ticket]) -> list[tuple[str, Any]]:
    """What they share."""
    kinds = {ticket.category.name for ticket in tickets if ticket.category}
    texts = [ticket.title + ticket.text for ticket in tickets[:MOST_PAIRED]]
    shared = {shared_words([texts[0], other]) for other in texts[1:]} - {""} if texts else set()
    days = sorted(ticket.submitted_at for ticket in tickets)
    return [
        (gettext("Where they arose"), issue.unit.name if issue.unit else ""),
        (gettext("Kind of matter"), "、".join(sorted(kinds))),
        (gettext("First and last"), f"{moment(days[0])} – {moment(days[-1])}" if days else ""),
        (gettext("Words they share"), "、".join(f"“{words}”" for words in sorted(shared))),
        (gettext("Reporters"), sum(len(ticket.reporters) for ticket in tickets)),
        (gettext("Decided by"), issue.decided_by),
        (gettext("Reason"), issue.reason),
    ]


def next_steps(issue: CommonIssue) -> list[dict[str, Any]]:
    meet = {
        "label": gettext("Call a joint meeting"),
        "url": url_for("CommonIssueView.meet", pk=issue.id),
        "method": "post",
        "icon": "fa-people-group",
        "disabled_reason": why_not(lambda: issue.may_meet(me())),
    }
    topic = {
        "label": gettext("Make it a research topic"),
        "url": url_for("CommonIssueView.topic", pk=issue.id),
        "icon": "fa-magnifying-glass-chart",
        "disabled_reason": topic_problem(issue),
    }
    return [meet, topic]


def topic_problem(issue: CommonIssue) -> str:
    if issue.topic is not None:
        return gettext("It is one already")
    return "" if may_propose() else gettext("Topics are entered by the research office")


def why_not(permit: Callable[[], object]) -> str:
    try:
        permit()
    except Refusal as refusal:
        return say(refusal)
    return ""

"""The navigation by subject. People see what they can use; FAB's own menu is not shown."""

from dataclasses import dataclass, field
from typing import Any

from flask import current_app, g, render_template, request, url_for
from flask_babel import get_locale, gettext
from flask_login import current_user
from markupsafe import Markup

from rules.refusals import N_
from views.kit.context import signed_in


@dataclass(frozen=True)
class Entry:
    """`noun` is what one must be able to read; without one, being signed in is enough."""

    label: str
    icon: str
    endpoint: str
    noun: str = ""


@dataclass(frozen=True)
class Subject:
    label: str
    icon: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Item:
    label: str
    icon: str
    href: str


@dataclass(frozen=True)
class Section:
    label: str
    icon: str
    items: list[Item]

    def leading_to(self, path: str) -> list[str]:
        """Of its addresses the page itself, else the list that the page belongs to."""
        addresses = [item.href for item in self.items]
        belongs = [each for each in addresses if each != "/" and path.startswith(each.replace("/list/", "/"))]
        return [path] if path in addresses else belongs


@dataclass
class Drawn:
    """What everybody sees who holds the same rights and speaks the same language, by where they are."""

    sections: list[Section]
    at: dict[tuple[str, ...], Markup] = field(default_factory=dict)

    def html(self, path: str) -> Markup:
        here = tuple(each for section in self.sections for each in section.leading_to(path))
        if here not in self.at:
            page = render_template("frame/navigation.html", sections=self.sections, here=here)
            self.at[here] = Markup(page)  # noqa: S704
        return self.at[here]


MOST_DRAWN = 200

TREE = (
    Subject(N_("Workbench"), "fa-gauge", (Entry(N_("Workbench"), "fa-gauge", "WorkbenchView.index"),)),
    Subject(
        N_("Requests"),
        "fa-inbox",
        (
            Entry(N_("Requests"), "fa-inbox", "TicketView.list", "Ticket"),
            Entry(N_("Regulation of requests"), "fa-scroll", "RegulationView.index", "Ticket"),
            Entry(N_("Meetings"), "fa-people-group", "MeetingView.list", "Meeting"),
            Entry(N_("Supervisions"), "fa-eye", "SupervisionView.list", "Supervision"),
            Entry(N_("Outcomes"), "fa-seedling", "OutcomeView.list", "TicketOutcome"),
            Entry(N_("Follow-up calls"), "fa-phone", "FollowUpView.queue", "FollowUp"),
            Entry(N_("Common issues"), "fa-object-group", "CommonIssueView.list", "CommonIssue"),
            Entry(N_("My notices"), "fa-bell", "NoticeView.list", "Notice"),
            Entry(N_("Stand-ins"), "fa-people-arrows", "StandInView.list", "StandIn"),
        ),
    ),
    Subject(
        N_("Field research"),
        "fa-person-walking",
        (
            Entry(N_("Visits"), "fa-person-walking", "VisitView.list", "Visit"),
            Entry(N_("Topics"), "fa-magnifying-glass-chart", "TopicView.list", "Topic"),
            Entry(N_("Tasks"), "fa-hand-holding-heart", "TaskView.list", "Task"),
        ),
    ),
    Subject(
        N_("Evaluation"),
        "fa-chart-column",
        (
            Entry(N_("Evaluation sheets"), "fa-table", "EvaluationView.list", "Evaluation"),
            Entry(N_("Evaluation schemes"), "fa-scale-balanced", "SchemeView.list", "Scheme"),
        ),
    ),
    Subject(
        N_("Basic data"),
        "fa-database",
        (
            Entry(N_("Units"), "fa-sitemap", "UnitView.list", "Unit"),
            Entry(N_("People"), "fa-users", "PersonView.list", "Person"),
            Entry(N_("Resident households"), "fa-house-user", "HouseholdView.list", "Household"),
            Entry(N_("Organisations"), "fa-building", "OrganisationView.list", "Organisation"),
            Entry(N_("Categories"), "fa-tags", "CategoryView.list", "Category"),
            Entry(N_("Duty catalogue"), "fa-list-check", "DutyView.list", "Duty"),
            Entry(N_("Reply templates"), "fa-comment-dots", "ReplyTemplateView.list", "ReplyTemplate"),
            Entry(N_("Scripts for calls"), "fa-comment-dots", "CallScriptView.list", "CallScript"),
            Entry(N_("Suggestions of categories"), "fa-lightbulb", "CategoryModelView.list", "CategoryModel"),
        ),
    ),
    Subject(
        N_("Import and export"),
        "fa-file-import",
        (
            Entry(N_("Import a file"), "fa-file-import", "ImportView.upload", "ImportBatch"),
            Entry(N_("Import history"), "fa-clock-rotate-left", "ImportView.list", "ImportBatch"),
        ),
    ),
    Subject(
        N_("System"),
        "fa-gear",
        (
            Entry(N_("Policies"), "fa-sliders", "PolicyView.list", "PolicyRow"),
            Entry(N_("Dictionaries"), "fa-book", "TermView.list", "Term"),
            Entry(N_("Calendar"), "fa-calendar", "CalendarYearView.list", "CalendarYear"),
            Entry(N_("Days"), "fa-calendar-day", "CalendarDayView.list", "CalendarDay"),
            Entry(N_("Changes of the calendar"), "fa-calendar-plus", "CalendarChangeView.list", "CalendarDay"),
            Entry(N_("Versions of the policies"), "fa-code-branch", "PolicyVersionView.list", "PolicyRow"),
            Entry(N_("Accounts"), "fa-id-badge", "AccountView.list", "Account"),
            Entry(N_("Roles"), "fa-user-shield", "RoleView.list", "Role"),
            Entry(N_("Audit log"), "fa-clock-rotate-left", "ChangeView.list", "Change"),
        ),
    ),
)


def navigation() -> list[Section]:
    """Where the account can go."""
    if not signed_in():
        return []
    app: Any = current_app
    held = app.appbuilder.sm.permissions_of(current_user)

    def open_to_them(entry: Entry) -> bool:
        return entry.endpoint in app.view_functions and (not entry.noun or ("can_read", entry.noun) in held)

    sections = [
        Section(gettext(subject.label), subject.icon, [item_of(each) for each in subject.entries if open_to_them(each)])
        for subject in TREE
    ]
    return [section for section in sections if section.items]


def drawn_navigation() -> Markup:
    app: Any = current_app
    held = frozenset(app.appbuilder.sm.permissions_of(current_user)) if signed_in() else None
    kept: dict[Any, Drawn] = app.extensions.setdefault("drawn_navigation", {})
    key = held, str(get_locale()), request.script_root
    if key not in kept:
        if len(kept) >= MOST_DRAWN:
            kept.clear()
        kept[key] = Drawn(navigation())
    return kept[key].html(request.path)


def item_of(entry: Entry) -> Item:
    return Item(gettext(entry.label), entry.icon, url_for(entry.endpoint))


def account_name() -> str:
    """Family name first, as it stands on the roster."""
    return g.acting.actor.name if "acting" in g and signed_in() else str(current_user)

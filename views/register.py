"""Every screen of the console, in the order of the navigation."""

from typing import Any

from flask_appbuilder import AppBuilder
from flask_appbuilder.api import BaseApi
from flask_appbuilder.api.schemas import get_info_schema, get_item_schema, get_list_schema
from jsonschema import Draft202012Validator

from views.accounts import AccountView, MyAccountView, RoleView
from views.applying import TicketDecisionView
from views.attachments import AttachmentView
from views.calendar import CalendarDayView, CalendarYearView
from views.calendar_changes import CalendarChangeView
from views.call_scripts import CallScriptView
from views.categories import CategoryView, DutyView
from views.category_models import CategoryModelView
from views.changes import ChangeView
from views.common_issues import CommonIssueView
from views.desk import DeskView
from views.due_receipts import DueReceiptView
from views.evaluations import EvaluationView
from views.evidence import EvidenceView
from views.follow_ups import FollowUpView
from views.households import HouseholdApi, HouseholdView
from views.import_columns import ImportColumnsView
from views.imports import ImportView
from views.meetings import MeetingView
from views.notices import NoticeView
from views.options import OptionsView
from views.organisations import OrganisationApi, OrganisationView
from views.outcomes import OutcomeView
from views.people import PersonApi, PersonView
from views.policies import PolicyVersionView, PolicyView
from views.portal import PortalView
from views.regulation import RegulationView
from views.reply_templates import ReplyTemplateView
from views.schemes import SchemeIndicatorView, SchemeView
from views.similar_requests import PortalSimilarView, SimilarView
from views.stand_ins import StandInView
from views.suggestions import SuggestionView
from views.supervisions import SupervisionView
from views.tasks import TaskApi, TaskView
from views.terms import TermView
from views.ticket_moves_api import TicketDecisionsApi, TicketMovesApi
from views.tickets import TicketApi, TicketView
from views.topics import TopicApi, TopicView
from views.units import UnitApi, UnitView
from views.visits import VisitApi, VisitView
from views.workbench import WorkbenchView

SCREENS = [
    PortalView,
    AttachmentView,
    WorkbenchView,
    TicketView,
    TicketDecisionView,
    RegulationView,
    MeetingView,
    SupervisionView,
    OutcomeView,
    DeskView,
    FollowUpView,
    CommonIssueView,
    SimilarView,
    PortalSimilarView,
    DueReceiptView,
    NoticeView,
    StandInView,
    VisitView,
    TopicView,
    TaskView,
    EvaluationView,
    EvidenceView,
    SchemeView,
    SchemeIndicatorView,
    UnitView,
    PersonView,
    HouseholdView,
    OrganisationView,
    CategoryView,
    DutyView,
    ReplyTemplateView,
    CallScriptView,
    CategoryModelView,
    SuggestionView,
    PolicyView,
    PolicyVersionView,
    ImportColumnsView,
    ImportView,
    TermView,
    CalendarYearView,
    CalendarDayView,
    CalendarChangeView,
    AccountView,
    RoleView,
    ChangeView,
    OptionsView,
]
APIS: list[type[BaseApi]] = [
    UnitApi,
    PersonApi,
    HouseholdApi,
    OrganisationApi,
    TicketApi,
    TicketMovesApi,
    TicketDecisionsApi,
    VisitApi,
    TopicApi,
    TaskApi,
]


def register(appbuilder: AppBuilder) -> None:
    trust(get_info_schema, get_item_schema, get_list_schema)
    for screen in SCREENS:
        appbuilder.add_view_no_menu(screen)
    for api in APIS:
        appbuilder.add_api(api)
    appbuilder.sm.user_view = appbuilder.add_view_no_menu(MyAccountView)


def trust(*schemas: dict[str, Any]) -> None:
    """FAB's schemas of arguments are not checked at every call, which takes longer than the call itself."""
    check = Draft202012Validator.check_schema

    def check_others(schema: Any, *args: Any, **options: Any) -> None:
        if not any(schema is each for each in schemas):
            check(schema, *args, **options)

    Draft202012Validator.check_schema = check_others

"""Every screen of the console, in the order of the navigation."""

from flask_appbuilder import AppBuilder

from views.accounts import AccountView, MyAccountView, RoleView
from views.attachments import AttachmentView
from views.calendar import CalendarDayView, CalendarYearView
from views.categories import CategoryView, DutyView
from views.changes import ChangeView
from views.evaluations import EvaluationView
from views.evidence import EvidenceView
from views.imports import ImportView
from views.notices import NoticeView
from views.options import OptionsView
from views.people import PersonApi, PersonView
from views.policies import PolicyVersionView, PolicyView
from views.portal import PortalView
from views.schemes import SchemeIndicatorView, SchemeView
from views.terms import TermView
from views.tickets import TicketApi, TicketView
from views.units import UnitApi, UnitView
from views.workbench import WorkbenchView

SCREENS = [
    PortalView,
    AttachmentView,
    WorkbenchView,
    TicketView,
    NoticeView,
    EvaluationView,
    EvidenceView,
    SchemeView,
    SchemeIndicatorView,
    UnitView,
    PersonView,
    CategoryView,
    DutyView,
    PolicyView,
    PolicyVersionView,
    ImportView,
    TermView,
    CalendarYearView,
    CalendarDayView,
    AccountView,
    RoleView,
    ChangeView,
    OptionsView,
]
APIS = [UnitApi, PersonApi, TicketApi]


def register(appbuilder: AppBuilder) -> None:
    for screen in SCREENS:
        appbuilder.add_view_no_menu(screen)
    for api in APIS:
        appbuilder.add_api(api)
    appbuilder.sm.user_view = appbuilder.add_view_no_menu(MyAccountView)

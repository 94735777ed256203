"""The working calendar 工作日历: published years, days off and days made up."""

from flask_babel import lazy_gettext as _

from models.calendar import CalendarDay, CalendarYear
from views.kit.interface import ScopedInterface
from views.kit.views import ScopedView


class CalendarYearView(ScopedView):
    route_base = "/calendar"
    datamodel = ScopedInterface(CalendarYear)
    list_title, show_title, add_title, edit_title = _("Calendar"), _("Year"), _("Add a year"), _("Edit year")
    label_columns = {"year": _("Year"), "official": _("Published by the State Council")}
    description_columns = {"official": _("Until it is, only weekends are days off in that year")}
    list_columns = show_columns = add_columns = search_columns = ["year", "official"]
    edit_columns = ["official"]
    base_order = ("year", "desc")


class CalendarDayView(ScopedView):
    route_base = "/calendar-days"
    datamodel = ScopedInterface(CalendarDay)
    exclude_route_methods = {"download"}
    list_title, show_title, add_title, edit_title = _("Days"), _("Day"), _("Add a day"), _("Edit day")
    label_columns = {"day": _("Day"), "working": _("Working day"), "name": _("Name")}
    description_columns = {"day": _("Only days that differ from plain weekends; no due date already set is moved")}
    list_columns = show_columns = add_columns = search_columns = ["day", "working", "name"]
    edit_columns = ["working", "name"]
    base_order = ("day", "desc")

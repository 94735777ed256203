"""The working calendar 工作日历: published years, days off and days made up."""

from typing import Any

import sqlalchemy as sa
from flask import request
from flask_appbuilder import expose, has_access
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.validators import StopValidation

from models import db
from models.calendar import CalendarDay, CalendarYear, check_year
from models.calendar_changes import Entry, tell_unofficial
from rules.refusals import Refusal
from views.calendar_changes import moving, preview
from views.kit.interface import ScopedInterface
from views.kit.views import ScopedView
from views.saving import say


def year_of_the_calendar(form: Any, field: Any) -> None:
    """Before it is asked whether there is one already: not every number fits the question."""
    try:
        check_year(field.data or 0)
    except Refusal as refusal:
        raise StopValidation(say(refusal)) from refusal


def day_not_entered_yet(form: Any, field: Any) -> None:
    if db.session.scalar(sa.select(CalendarDay.id).where(CalendarDay.day == field.data)):
        raise StopValidation(gettext("This day is entered already"))


class CalendarYearView(ScopedView):
    route_base = "/calendar"
    datamodel = ScopedInterface(CalendarYear)
    list_title, show_title, add_title, edit_title = _("Calendar"), _("Year"), _("Add a year"), _("Edit year")
    label_columns = {"year": _("Year"), "official": _("Published by the State Council")}
    description_columns = {"official": _("Until it is, only weekends are days off in that year")}
    list_columns = show_columns = add_columns = search_columns = ["year", "official"]
    edit_columns = ["official"]
    validators_columns = {"year": [year_of_the_calendar]}
    base_order = ("year", "desc")

    def insert(self, form: Any, item: Any) -> None:
        super().insert(form, item)
        self._tell()

    def change(self, form: Any, item: Any) -> None:
        super().change(form, item)
        self._tell()

    @staticmethod
    def _tell() -> None:
        db.session.flush()
        tell_unofficial(db.session())


class CalendarDayView(ScopedView):
    route_base = "/calendar-days"
    datamodel = ScopedInterface(CalendarDay)
    exclude_route_methods = {"download"}
    list_title, show_title, add_title, edit_title = _("Days"), _("Day"), _("Add a day"), _("Edit day")
    label_columns = {"day": _("Day"), "working": _("Working day"), "name": _("Name")}
    description_columns = {"day": _("Only days that differ from plain weekends; no due date already set is moved")}
    list_columns = show_columns = add_columns = search_columns = ["day", "working", "name"]
    edit_columns = ["working", "name"]
    validators_columns = {"day": [day_not_entered_yet]}
    base_order = ("day", "desc")

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> Any:
        form = self.add_form.refresh()
        return self._asked(form, form.day.data) or super().add()

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: Any) -> Any:
        day = self._row(pk).day
        return self._asked(self.edit_form.refresh(), day) or super().edit(pk)

    def _asked(self, form: Any, day: Any) -> Any:
        """Where open due dates would come out otherwise, that is asked first."""
        if request.method != "POST" or not form.validate():
            return None
        entries = [Entry(day, bool(form.working.data), form.name.data or "")]
        moves = moving(entries)
        return preview(self, entries, moves) if moves else None

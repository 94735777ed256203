"""调休: a year's days off and made-up days, what they would move of the open due dates, and the question whether to."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.baseviews import BaseView
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import IntegerField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from imports.calendar_days import days_in_book, days_in_text
from models import db
from models.acting import beyond_scope, current_scope
from models.calendar import FIRST_YEAR, LAST_YEAR, CalendarYear, load_calendar
from models.calendar_changes import (
    CalendarChange,
    DueMove,
    Entry,
    due_moves,
    enter,
    take_back,
    unofficial_dues,
    with_entries,
)
from models.tickets import Ticket
from rules.refusals import N_, Refusal
from rules.workdays import local_date
from views.asking import as_key
from views.kit.context import me, now
from views.kit.views import READ, WRITE
from views.saving import saved, say
from views.words import deadline

SHOWN, UNITS_SHOWN, NEWEST = 20, 10, 10
KINDS = {True: N_("Working day"), False: N_("Day off"), None: N_("As on plain weeks")}
MARKS = {True: "班", False: "休", None: "正常"}


class CalendarForm(FlaskForm):
    year = IntegerField(
        _("Year"),
        description=_("Of lines that name no year"),
        validators=[InputRequired(), NumberRange(FIRST_YEAR, LAST_YEAR)],
    )
    days = TextAreaField(
        _("Days"),
        description=_(
            "A line for each day or run of days, like 2027-02-06 班 春节 or 2027-02-05至2027-02-11 休 春节;"
            " or the text of the notice as it was published. 正常 takes a day out again"
        ),
        validators=[Length(max=20_000)],
    )
    book = FileField(
        _("Or a small workbook"), description=_("Day, 休 or 班, and the name of the holiday in a row each")
    )

    def entries(self) -> list[Entry]:
        """Raises Refusal naming the line."""
        book = days_in_book(self.book.data.read()) if self.book.data else ""
        found = days_in_text(f"{self.days.data or ''}\n{book}", self.year.data or 0)
        return [Entry(day.day, day.working, day.name) for day in found]


class CalendarChangeView(BaseView):
    route_base = "/calendar-changes"
    default_view = "enter"
    class_permission_name = "CalendarDay"
    method_permission_name = {"enter": WRITE, "take_back": WRITE, "list": READ}

    @expose("/enter", methods=["GET", "POST"])
    @has_access
    def enter(self) -> Any:
        """The form, then what would move, then the deed. `again` asks for the form as it was filled in."""
        form = CalendarForm(year=local_date(now()).year + 1)
        if request.method == "POST" and "again" not in request.form and form.validate():
            try:
                entries = form.entries()
            except Refusal as refusal:
                db.session.rollback()
                form.form_errors.append(say(refusal))
            else:
                return done(entries) if "do" in request.form else preview(self, entries, moving(entries))
        return self.render_template("calendar/enter.html", title=gettext("Enter days off"), form=form)

    @expose("/list/")
    @has_access
    def list(self) -> str:
        newest = sa.select(CalendarChange).order_by(CalendarChange.id.desc()).limit(NEWEST)
        with beyond_scope():
            changes, waiting = db.session.scalars(newest).all(), unofficial_dues(db.session())
        return self.render_template(
            "calendar/changes.html",
            title=gettext("Changes of the calendar"),
            changes=changes,
            unofficial=waiting,
            may_enter=self.appbuilder.sm.has_access("can_write", self.class_permission_name),
        )

    @expose("/take_back/<pk>", methods=["POST"])
    @has_access
    def take_back(self, pk: Any) -> Any:
        key = as_key(pk)
        change = (key and db.session.get(CalendarChange, key)) or abort(404)
        counted: list[int] = []
        with beyond_scope():
            saved(
                lambda: counted.append(take_back(db.session(), change, me(), now())),
                gettext("The due dates stand again as before, where nothing else has moved them since"),
            )
        return redirect(url_for("CalendarChangeView.list"))


def moving(entries: Sequence[Entry]) -> list[DueMove]:
    session = db.session()
    with beyond_scope():
        return list(due_moves(session, with_entries(load_calendar(session), entries, [])))


def preview(view: Any, entries: Sequence[Entry], moves: Sequence[DueMove]) -> Any:
    """What of the open due dates would come out otherwise. Requests are named to those who may see them."""
    mine = [move for move in moves if current_scope().covers(move.path)]
    numbers = numbered(mine[:SHOWN])
    return view.render_template(
        "calendar/preview.html",
        title=gettext("What would move"),
        days=[(f"{each.day:%Y-%m-%d}", gettext(KINDS[each.working]), each.name) for each in entries],
        text="\n".join(f"{each.day:%Y-%m-%d} {MARKS[each.working]} {each.name}".rstrip() for each in entries),
        count=len(moves),
        first=[(numbers.get(each.ticket_id), each, deadline(each.old), deadline(each.new)) for each in mine[:SHOWN]],
        units=Counter(each.unit_name for each in mine).most_common(UNITS_SHOWN),
        years=unofficial_years(entries),
        year=entries[0].day.year,
    )


def numbered(moves: Sequence[DueMove]) -> dict[int, str]:
    asked = sa.select(Ticket.id, Ticket.number).where(Ticket.id.in_([move.ticket_id for move in moves]))
    return {row.id: row.number for row in db.session.execute(asked)}


def unofficial_years(entries: Sequence[Entry]) -> list[int]:
    official = set(db.session.scalars(sa.select(CalendarYear.year).where(CalendarYear.official)))
    return sorted({each.day.year for each in entries} - official)


def done(entries: Sequence[Entry]) -> Any:
    """`do` says whether the open due dates go along."""
    move, made = request.form["do"] == "move", []
    official = [year for year in unofficial_years(entries) if f"official-{year}" in request.form]
    with beyond_scope():
        kept = saved(
            lambda: made.append(enter(db.session(), entries, official, me(), now(), move=move)),
            gettext("The calendar has been changed"),
        )
        if kept and move:
            flash(gettext("%(count)s due dates went along", count=made[0].moved), "success")
    return redirect(url_for("CalendarChangeView.list"))

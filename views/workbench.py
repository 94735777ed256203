"""The workbench 工作台: what waits for whoever signed in, how the own unit does, what is new."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import redirect, url_for
from flask_appbuilder import expose
from flask_appbuilder.baseviews import BaseView
from flask_babel import gettext

from models import db
from models.accounts import Account
from models.acting import current_scope
from models.calendar import CalendarYear
from models.changes import Change
from models.figures import Count, overall
from models.notices import Notice
from models.tickets import Ticket
from models.trends import by_category, daily, last_days
from models.worklists import MY_TURN, URGENT, WITH_OTHERS, counts, lists_for
from rules.periods import month_of
from rules.refusals import N_
from rules.roles import NO_BUSINESS, Role
from rules.scoring import rate
from rules.workdays import local_date, start_of
from views.dues import in_language
from views.kit.context import me, now, signed_in
from views.notices import sentence
from views.words import day

DAYS = 30
NEWEST = 6
FIGURE_LABELS = {
    "sign": N_("Signed for on time"),
    "on_time": N_("Settled on time"),
    "settle": N_("Settled share"),
    "satisfaction": N_("Satisfaction"),
}


class WorkbenchView(BaseView):
    route_base = "/workbench"
    default_view = "index"

    @expose("/")
    def index(self) -> Any:
        if not signed_in():
            return redirect(url_for("SignInView.login"))
        shown = admin_bench() if me().roles & NO_BUSINESS else staff_bench()
        may_add = self.appbuilder.sm.has_access("can_write", "Ticket")
        return self.render_template("workbench.html", **shown, next_actions=intake() if may_add else [])


def intake() -> list[dict[str, Any]]:
    label = gettext("Take down a request")
    return [{"label": label, "url": url_for("TicketView.add"), "icon": "fa-plus", "primary": True}]


def staff_bench() -> dict[str, Any]:
    moment = now()
    return {
        "where": me().unit_name,
        "today": day(local_date(moment)),
        "worklists": work_lists(moment),
        "figures": figure_cards(moment),
        "period": gettext("This month so far"),
        "charts": [over_time(moment), by_kind(moment)],
        "notices": newest_notices(),
    }


def work_lists(moment: datetime) -> list[dict[str, Any]]:
    """My turn first, then what presses, then what lies with others."""
    mine = {each.key: each for each in lists_for(me())}
    keys = [key for key in MY_TURN + URGENT + WITH_OTHERS if key in mine]
    counted = counts(db.session(), [mine[key] for key in keys], me(), current_scope(), moment)
    return [
        {
            "label": gettext(mine[key].label),
            "count": counted[key],
            "href": url_for("TicketView.list", queue=key),
            "light": mine[key].light.value,
        }
        for key in keys
    ]


def figure_cards(moment: datetime) -> list[dict[str, Any]]:
    """The four figures of all one answers for: this month, and the whole month before beside it."""
    paths = current_scope().paths
    if not paths:
        return []
    month = month_of(moment)
    before = month.previous()
    latest = overall(db.session(), paths[0], month.start, month.end, moment)
    earlier = overall(db.session(), paths[0], before.start, before.end, moment)
    return [figure_card(key, latest[key], earlier[key]) for key in FIGURE_LABELS]


def figure_card(key: str, latest: Count, earlier: Count) -> dict[str, Any]:
    counted = gettext("%(done)s of %(all)s", done=latest.numerator, all=latest.denominator)
    return {
        "label": gettext(FIGURE_LABELS[key]),
        "value": percent(latest),
        "before": percent(earlier),
        "note": counted if latest.denominator else gettext("no case"),
    }


def percent(count: Count) -> str:
    share = rate(count.numerator, count.denominator)
    return "—" if share is None else f"{float(share):.1%}"


def over_time(moment: datetime) -> dict[str, Any]:
    days = last_days(moment, DAYS)
    columns = {gettext("Submitted"): Ticket.submitted_at, gettext("Settled"): Ticket.settled_at}
    series = [
        {"name": name, "type": "bar", "barMaxWidth": 8, "data": daily(db.session(), column, days, current_scope())}
        for name, column in columns.items()
    ]
    return {
        "id": "over-time",
        "title": gettext("Requests of the last 30 days"),
        "option": time_option(days, series),
    }


def time_option(days: list[date], series: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "xAxis": {"type": "category", "data": [f"{each:%m-%d}" for each in days]},
        "yAxis": {"type": "value", "minInterval": 1},
        "series": series,
    }


def by_kind(moment: datetime) -> dict[str, Any]:
    found = by_category(db.session(), moment - timedelta(days=DAYS), current_scope())
    names = [in_language(row.name, row.name_en) if row else gettext("Not yet classified") for row, _count in found]
    return {
        "id": "by-kind",
        "title": gettext("By kind of matter"),
        "option": {
            "xAxis": {"type": "value", "minInterval": 1},
            "yAxis": {"type": "category", "inverse": True, "data": names},
            "series": [{"type": "bar", "barMaxWidth": 18, "data": [count for _row, count in found]}],
        },
    }


def newest_notices() -> list[dict[str, Any]]:
    rows = db.session.scalars(sa.select(Notice).order_by(Notice.sent_at.desc(), Notice.id.desc()).limit(NEWEST))
    return [
        {
            "title": sentence((row.message, row.values)),
            "at": row.sent_at,
            "href": url_for("NoticeView.show", pk=row.id),
            "read": row.read_at is not None,
        }
        for row in rows
    ]


def card(label: str, statement: Any, endpoint: str, light: str = "blue") -> dict[str, Any]:
    return {"label": label, "count": db.session.scalar(statement) or 0, "href": url_for(endpoint), "light": light}


def account_cards(moment: datetime) -> list[dict[str, Any]]:
    count = sa.select(sa.func.count(Account.id))
    return [
        card(gettext("Accounts"), count, "AccountView.list"),
        card(gettext("Locked accounts"), count.where(Account.locked_until > moment), "AccountView.list", "red"),
    ]


def calendar_cards(moment: datetime) -> list[dict[str, Any]]:
    years = sa.select(sa.func.count(CalendarYear.id)).where(CalendarYear.official.is_(False))
    return [card(gettext("Calendar years not official"), years, "CalendarYearView.list", "amber")]


def audit_cards(moment: datetime) -> list[dict[str, Any]]:
    count = sa.select(sa.func.count(Change.id))
    today = start_of(local_date(moment))
    lately = count.where(Change.at >= today - timedelta(days=DAYS))
    return [
        card(gettext("Changes today"), count.where(Change.at >= today), "ChangeView.list"),
        card(gettext("Changes in the last 30 days"), lately, "ChangeView.list"),
    ]


CARDS: Mapping[Role, Callable[[datetime], list[dict[str, Any]]]] = {
    Role.SEC_ADMIN: account_cards,
    Role.SYS_ADMIN: calendar_cards,
    Role.AUDIT_ADMIN: audit_cards,
}


def admin_bench() -> dict[str, Any]:
    """The three see their own business and no request."""
    moment = now()
    cards = [each for role, make in CARDS.items() if role in me().roles for each in make(moment)]
    return {"where": me().unit_name, "today": day(local_date(moment)), "worklists": cards, "notices": newest_notices()}

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
from models.figures import Count, Counts, overall
from models.notices import Notice
from models.people import Employment
from models.scope import LOOKED_UP, criterion
from models.tickets import Ticket
from models.trends import by_category, daily, last_days
from models.waiting import moment_at
from models.worklists import COUNTED_TO, MY_TURN, URGENT, WITH_OTHERS, counts, lists_for
from rules.periods import Period, month_of
from rules.refusals import N_
from rules.roles import NO_BUSINESS, Role
from rules.scoring import rate
from rules.workdays import local_date, start_of
from views.accounts import accounts_of_leavers
from views.dues import in_language, policy
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

    @expose("/figures")
    def figures(self) -> Any:
        return self._part("workbench/figures.html", lambda moment: {"figures": figure_cards(moment)})

    @expose("/before")
    def before(self) -> Any:
        """The same figures of the whole month before, to be put beside those of this month."""
        return self._part("workbench/before.html", lambda moment: {"figures": figures_before(moment)})

    @expose("/charts")
    def charts(self) -> Any:
        return self._part("workbench/charts.html", lambda moment: {"charts": [over_time(moment), by_kind(moment)]})

    def _part(self, template: str, make: Callable[[datetime], dict[str, Any]]) -> Any:
        """What the page asks for once it stands. Nothing for those whom a sign-out in another tab has left outside."""
        if not signed_in() or me().roles & NO_BUSINESS:
            return ""
        return self.render_template(template, **make(now()))


def intake() -> list[dict[str, Any]]:
    label = gettext("Record a request")
    return [{"label": label, "url": url_for("TicketView.add"), "icon": "fa-plus", "primary": True}]


def staff_bench() -> dict[str, Any]:
    moment = now()
    return {
        "where": me().unit_name,
        "today": day(local_date(moment)),
        "worklists": work_lists(moment),
        "has_figures": bool(current_scope().paths),
        "has_charts": True,
        "notices": newest_notices(),
    }


def work_lists(moment: datetime) -> list[dict[str, Any]]:
    """My turn first, then what presses, then what lies with others."""
    mine = {each.key: each for each in lists_for(me())}
    at = moment_at(moment, policy())
    keys = [key for key in MY_TURN + URGENT + WITH_OTHERS if key in mine]
    counted = counts(db.session(), [mine[key] for key in keys], me(), current_scope(), at)
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
    """The four figures of all one answers for, this month."""
    counted = figures_of(month_of(moment), moment)
    return [{"key": key, "label": gettext(FIGURE_LABELS[key])} | shown(each) for key, each in counted.items()]


def figures_before(moment: datetime) -> dict[str, str]:
    counted = figures_of(month_of(moment).previous(), moment)
    return {key: percent(each) for key, each in counted.items()}


def figures_of(month: Period, moment: datetime) -> Counts:
    paths = current_scope().paths
    return overall(db.session(), paths[0], month.start, month.end, moment, FIGURE_LABELS) if paths else {}


def shown(count: Count) -> dict[str, str]:
    counted = gettext("%(done)s of %(all)s", done=f"{count.numerator:,}", all=f"{count.denominator:,}")
    return {"value": percent(count), "note": counted if count.denominator else gettext("no cases")}


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


def card(label: str, model: Any, href: str, *asked: Any, light: str = "blue") -> dict[str, Any]:
    restriction = criterion(model, current_scope())
    found = sa.select(sa.literal(1)).select_from(model).where(*asked, sa.true() if restriction is None else restriction)
    counted = sa.select(sa.func.count()).select_from(found.limit(COUNTED_TO + 1).subquery())
    count = db.session.scalar(counted, execution_options={LOOKED_UP: True}) or 0
    return {"label": label, "count": count, "href": href, "light": light}


def account_cards(moment: datetime) -> list[dict[str, Any]]:
    locked = url_for("AccountView.list", _flt_0_locked_until=day(local_date(moment)))
    gone = (Account.employment != Employment.ACTIVE, Account.in_use)
    return [
        card(gettext("Accounts"), Account, url_for("AccountView.list")),
        card(gettext("Locked accounts"), Account, locked, Account.locked_until > moment, light="red"),
        card(gettext("Accounts of people who have left"), Account, accounts_of_leavers(), *gone, light="red"),
    ]


def calendar_cards(moment: datetime) -> list[dict[str, Any]]:
    label, asked = gettext("Calendar years not official"), CalendarYear.official.is_(False)
    return [card(label, CalendarYear, url_for("CalendarYearView.list"), asked, light="amber")]


def audit_cards(moment: datetime) -> list[dict[str, Any]]:
    today, href = start_of(local_date(moment)), url_for("ChangeView.list")
    lately = gettext("Changes in the last 30 days")
    return [
        card(gettext("Changes today"), Change, href, Change.at >= today),
        card(lately, Change, href, Change.at >= today - timedelta(days=DAYS)),
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

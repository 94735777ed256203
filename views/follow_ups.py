"""Calling back 回访: who waits for a call, and the page to call from."""

from typing import Any

from flask import Response, abort, flash, make_response, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.baseviews import BaseView
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from models import db
from models.acting import current_scope
from models.call_queue import Asked, how_many, queue, units_waiting
from models.call_scripts import filled, script_for
from models.disclosure import disclose
from models.follow_ups import ANSWERED_LABELS, Answered, Call, follow_up, has_been_asked, tries
from models.ratings import Reporter
from models.terms import TermKind
from models.tickets import Ticket
from models.tracking import own_files
from rules.refusals import N_
from views.asking import as_key, asked_number
from views.dues import policy
from views.follow_up_panel import barred, called, waiting_words
from views.kit.context import me, now
from views.kit.views import READ, WRITE
from views.portal import may_rate
from views.portal_forms import STARS
from views.saving import attempt
from views.terms import in_use, words_of
from views.ticket_record import disposal, facts, number_problem
from views.words import moment

PAGE = 50
NO_STARS = N_("They have rated it already, or the time for rating is over: no stars are asked for")


class CallForm(FlaskForm):
    outcome = RadioField(_("What the reporter says"), choices=[], validators=[InputRequired()])
    stars = RadioField(_("How satisfied they are"), choices=[], default="", validators=[Optional()])
    tags = SelectMultipleField(_("What was good or bad"), choices=[], validators=[Optional()])
    note = TextAreaField(_("In their words"), validators=[Length(max=1000)])

    def start(self) -> None:
        self.outcome.choices = [(each.value, gettext(label)) for each, label in ANSWERED_LABELS.items()]
        given = [(str(number), f"{number}★ {label}") for number, label in STARS]
        self.stars.choices = [*given, ("", gettext("None given"))]
        self.tags.choices = words_of(TermKind.RATING_TAG, in_use)()

    def said(self) -> Call:
        stars = int(self.stars.data) if self.stars.data else None
        return Call(Answered(self.outcome.data), self.note.data or "", stars, self.tags.data or [])


class FollowUpView(BaseView):
    route_base = "/follow-ups"
    default_view = "queue"
    class_permission_name = "FollowUp"
    method_permission_name = {"queue": READ, "next": READ, "call": WRITE, "number": WRITE}

    @expose("/")
    @has_access
    def queue(self) -> str:
        return self.render_template("follow_ups/queue.html", **queue_page(asked()))

    @expose("/next")
    @has_access
    def next(self) -> Any:
        """The one that waits longest and is not the account's own unit's, after the one that was just called."""
        found = queue(db.session(), asked(), current_scope(), now(), PAGE)
        left = as_key(request.args.get("after"))
        ticket = next((each for each in found if each.id != left and not barred(each)), None)
        if ticket is None:
            flash(gettext("Nobody else waits for a call here"), "info")
            return redirect(url_for("FollowUpView.queue", **kept()))
        return redirect(url_for("FollowUpView.call", pk=ticket.id, **kept()))

    @expose("/call/<int(max=2147483647):pk>", methods=["GET", "POST"])
    @has_access
    def call(self, pk: int) -> Any:
        ticket = row(pk)
        reporter, form = chosen(ticket), CallForm()
        form.start()
        if form.validate_on_submit():
            problem = attempt(lambda: follow_up(ticket, reporter, form.said(), me(), now()))
            if problem is None:
                flash(gettext("The call about %(number)s has been noted", number=ticket.number), "success")
                return redirect(url_for("FollowUpView.next", after=pk, **kept()))
            form.form_errors.append(problem)
        return self.render_template("follow_ups/call.html", **call_page(ticket, reporter, form))

    @expose("/number/<int(max=2147483647):pk>", methods=["POST"])
    @has_access
    def number(self, pk: int) -> Response:
        """Name and number, and a line in the record of who read them."""
        ticket, found = row(pk), []
        problem = barred(ticket) or attempt(lambda: found.extend(disclose(ticket, me(), now())))
        form = CallForm(formdata=None)
        form.start()
        page = call_page(ticket, chosen(ticket), form) | {"disclosed": bool(found)}
        page |= {"number_problem": problem} if problem else {}
        body = self.render_template("follow_ups/call.html", **page)
        return make_response(body, 403 if problem else 200, {"Cache-Control": "no-store"})


def row(pk: int) -> Ticket:
    """404 for what is out of scope, exactly as for what does not exist; for what was never dispatched as well."""
    ticket = db.session.get(Ticket, pk)
    return ticket if ticket is not None and ticket.legs and ticket.reporters else abort(404)


def asked() -> Asked:
    mode = request.args.get("mode", "")
    known = mode if mode in dict(words_of(TermKind.DISPOSAL_MODE)()) else ""
    return Asked(request.args.get("later") == "1", as_key(request.args.get("unit")), known)


def kept() -> dict[str, Any]:
    """What the queue is narrowed to, carried from page to page."""
    part = asked()
    return {key: value for key, value in (("unit", part.unit_id), ("mode", part.mode)) if value}


def chosen(ticket: Ticket) -> Reporter:
    """Whom the page is about: the one asked for, or the first who has not been asked."""
    wanted = as_key(request.args.get("reporter"))
    named = next((each for each in ticket.reporters if each.id == wanted), None)
    unasked = (each for each in ticket.reporters if not has_been_asked(ticket, each))
    return named or next(unasked, ticket.reporters[0])


def queue_page(part: Asked) -> dict[str, Any]:
    session, scope, moment_ = db.session(), current_scope(), now()
    page = asked_number("page", 0, 10_000)
    found = queue(session, part, scope, moment_, PAGE + 1, page * PAGE)
    whole = Asked(part.later)
    return {
        "title": gettext("Follow-up calls"),
        "lines": [line(each) for each in found[:PAGE]],
        "tabs": tabs(part),
        "units": units_waiting(session, whole, scope, moment_),
        "modes": words_of(TermKind.DISPOSAL_MODE)(),
        "part": part,
        "page": page,
        "more": len(found) > PAGE,
        "kept": kept() | ({"later": "1"} if part.later else {}),
        "next_url": url_for("FollowUpView.next", **kept()),
        "share": share(),
        "narrowed": bool(kept()),
    }


def share() -> str:
    percent = policy().follow_up_percent
    if percent == 100:
        return gettext("Every settled request is called about.")
    if percent == 0:
        return gettext("No settled request is called about: the office has set the share to nothing.")
    return gettext("Of a hundred settled requests %(percent)s are chosen by lot to be called about.", percent=percent)


def tabs(part: Asked) -> list[dict[str, Any]]:
    named: list[tuple[dict[str, str], str]] = [
        ({}, gettext("To call now")),
        ({"later": "1"}, gettext("To try again later")),
    ]
    return [
        {
            "label": label,
            "href": url_for("FollowUpView.queue", **kept() | later),
            "count": how_many(db.session(), Asked(bool(later), part.unit_id, part.mode), current_scope(), now()),
            "active": bool(later) is part.later,
        }
        for later, label in named
    ]


def line(ticket: Ticket) -> dict[str, Any]:
    return {
        "ticket": ticket,
        "mode": disposal(ticket.disposal_mode),
        "tries": tries(ticket),
        "barred": barred(ticket),
        "url": url_for("FollowUpView.call", pk=ticket.id, **kept()),
    }


def call_page(ticket: Ticket, reporter: Reporter, form: CallForm) -> dict[str, Any]:
    own = reporter.own
    problem = barred(ticket)
    already = gettext("This reporter has been asked about this settlement already")
    return {
        "title": gettext("Follow-up call"),
        "ticket": ticket,
        "own": own,
        "reporter": reporter,
        "others": [each for each in ticket.reporters if each is not reporter],
        "form": form,
        "facts": facts(ticket)[:4],
        "files": own_files(own),
        "script": script(ticket, reporter),
        "waits": waiting_words(ticket) if ticket.call_at else "",
        "calls": [called(each) for each in reversed(ticket.follow_ups)],
        "may_rate": may_rate(reporter, now()),
        "no_stars": gettext(NO_STARS),
        "barred": problem or (already if has_been_asked(ticket, reporter) else ""),
        "disclosed": False,
        "number_problem": problem or number_problem(ticket),
        "kept": kept(),
    }


def script(ticket: Ticket, reporter: Reporter) -> str:
    values = {
        "回访人": me().name,
        "标题": reporter.own.title,
        "工单编号": reporter.own.number,
        "承办单位": ticket.lead.unit_name,
        "办结日期": moment(ticket.settled_at)[:10],
    }
    return filled(script_for(db.session(), ticket.category), values)

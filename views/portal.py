"""The residents' door: ask, follow, rate. Nobody signs in; tracking code and telephone tail are the key."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import sqlalchemy as sa
from flask import Response, abort, g, jsonify, redirect, request, session, url_for
from flask_appbuilder import expose
from flask_appbuilder.baseviews import BaseView
from flask_appbuilder.utils.limit import Limit
from flask_babel import gettext

from models import db
from models.acting import EVERYTHING, RESIDENT, Actor, acting_as
from models.policies import load_policy
from models.ratings import RESOLVED_LABELS, Opinion, Reporter, Resolved
from models.terms import Term, TermKind
from models.tickets import Draft, Ticket, find_external, find_tracked, submit
from models.tracking import answering_leg, files_shown, public_events, public_note
from models.units import find_unit, living
from models.uploads import ACCEPTED, Upload, keep
from rules.identity import clean_digits
from rules.lifecycle import State
from rules.refusals import N_, Refusal
from rules.units import UnitKind
from rules.workdays import local_date
from views.attachments import handed_out
from views.choosing import category_choices, chosen_category
from views.dues import due_words, in_language, light_of
from views.kit.context import me, now
from views.kit.saving import attempt
from views.portal_forms import STARS, AskForm, FollowForm, RateForm
from views.portal_words import STATE_FOR_RESIDENTS, said

SOURCE = "portal"
WRONG_KEY = N_("No request has this tracking code together with these last four digits. Check both and try again")
STAFF_CANNOT_RATE = N_("You are signed in as staff. Ratings come from residents alone: sign out first")
TOO_OFTEN = N_("Too many wrong attempts with this tracking code. Try again in an hour")


def as_resident(view: Callable[..., Any]) -> Callable[..., Any]:
    """Whoever is at the keyboard acts as a resident here and sees what the page itself hands out."""

    @wraps(view)
    def acting(*args: Any, **kwargs: Any) -> Any:
        g.visitor = me()
        with acting_as(RESIDENT, now(), EVERYTHING):
            return view(*args, **kwargs)

    return acting


def visitor() -> Actor:
    actor: Actor = g.visitor
    return actor


def one_code_from_one_address() -> str:
    """Wrong guesses at one request shut out nobody who asks for another one from the same address."""
    return f"{request.remote_addr} {clean_digits(request.form.get('code', ''))[:20]}"


def is_not_a_guess() -> bool:
    return request.endpoint != "PortalView.follow"


class PortalView(BaseView):
    route_base = "/portal"
    default_view = "home"
    limits = [
        Limit(
            "10 per hour",
            key_func=one_code_from_one_address,
            methods=("POST",),
            exempt_when=is_not_a_guess,
            deduct_when=lambda response: response.status_code == 422,
            error_message=TOO_OFTEN,
        )
    ]

    @expose("/")
    def home(self) -> str:
        return self.render_template("portal/home.html", title=gettext("Residents' portal"))

    @expose("/ask", methods=["GET", "POST"])
    @as_resident
    def ask(self) -> Any:
        form = ask_form()
        if form.validate_on_submit():
            problem = attempt(lambda: hand_in(form))
            if problem is None:
                session["handed_in"] = found(form).id
                return redirect(url_for("PortalView.receipt"))
            form.form_errors.append(problem)
        return self._page("ask", gettext("Hand in a request"), form=form, accepted=ACCEPTED)

    @expose("/places/<code>")
    @as_resident
    def places(self, code: str) -> Response:
        """Names and codes of a town's villages, which are on every map."""
        today = local_date(now())
        if code not in {town.code for town in living(db.session(), UnitKind.TOWN, today)}:
            abort(404)
        villages = living(db.session(), UnitKind.VILLAGE, today, below=code)
        return jsonify([{"code": each.code, "name": each.name} for each in villages])

    @expose("/receipt")
    @as_resident
    def receipt(self) -> Any:
        ticket = db.session.get(Ticket, session.get("handed_in", 0))
        if ticket is None:
            return redirect(url_for("PortalView.home"))
        due = due_words(ticket.respond_due_at, now())
        return self._page("receipt", gettext("Your request has arrived"), ticket=ticket, due=due)

    @expose("/follow", methods=["GET", "POST"])
    @as_resident
    def follow(self) -> Any:
        form = FollowForm(data={"code": request.args.get("code", "")}) if request.method == "GET" else FollowForm()
        if form.validate_on_submit():
            opened = find_tracked(db.session(), clean_digits(form.code.data), form.tail.data)
            if opened:
                session["following"] = [opened[0].id, opened[1].id]
                return redirect(url_for("PortalView.mine"))
            form.form_errors.append(gettext(WRONG_KEY))
        return self._page("follow", gettext("Follow my request"), form=form), 422 if form.errors else 200

    @expose("/mine")
    @as_resident
    def mine(self) -> Any:
        ticket, reporter = followed()
        return self._page("mine", ticket.title, **shown(ticket, reporter))

    @expose("/rate", methods=["GET", "POST"])
    @as_resident
    def rate(self) -> Any:
        ticket, reporter = followed()
        form = rate_form()
        if form.validate_on_submit():
            problem = attempt(lambda: ticket.rate(reporter, opinion(form), rater(), now()))
            if problem is None:
                return redirect(url_for("PortalView.mine"))
            form.form_errors.append(problem)
        staff = gettext(STAFF_CANNOT_RATE) if visitor().roles else ""
        return self._page("rate", gettext("Rate how it was handled"), ticket=ticket, form=form, staff=staff)

    @expose("/file/<int:pk>")
    @as_resident
    def file(self, pk: int) -> Response:
        ticket, _reporter = followed()
        return handed_out(next((each for each in files_shown(ticket) if each.id == pk), None))

    def _page(self, name: str, title: str, **values: Any) -> str:
        return self.render_template(f"portal/{name}.html", title=title, in_language=in_language, **values)


def ask_form() -> AskForm:
    form = AskForm()
    today = local_date(now())
    form.town.choices = [("", ""), *((each.code, each.name) for each in living(db.session(), UnitKind.TOWN, today))]
    towns = {code for code, _name in form.town.choices if code}
    villages = living(db.session(), UnitKind.VILLAGE, today, below=form.town.data) if form.town.data in towns else []
    form.village.choices = [("", gettext("I do not know, or the whole town")), *((v.code, v.name) for v in villages)]
    form.category.choices = category_choices()
    return form


def found(form: AskForm) -> Ticket | None:
    return find_external(db.session(), SOURCE, form.external_id)


def hand_in(form: AskForm) -> None:
    """A resend finds the request that is there already and adds nothing to it."""
    if found(form) is not None:
        return
    at = now()
    ticket = submit(db.session(), drafted(form), RESIDENT, at)
    for each in form.uploads:
        keep(db.session(), ticket, Upload(each.filename, each.read()), RESIDENT, at)


def drafted(form: AskForm) -> Draft:
    return Draft(
        title=form.title.data,
        text=form.text.data,
        unit=find_unit(db.session(), form.village.data or form.town.data),
        source=SOURCE,
        category=chosen_category(form.category.data),
        reporter_name=form.name.data or "",
        reporter_mobile=form.mobile.data,
        address=form.address.data or "",
        external_id=form.external_id,
        anonymous=form.anonymous.data,
    )


def followed() -> tuple[Ticket, Reporter]:
    """Opened by its key earlier in this browser; otherwise back to the form that asks for it."""
    ticket_id, reporter_id = session.get("following", (0, 0))
    reporter = db.session.get(Reporter, reporter_id)
    if reporter is None or reporter.ticket_id != ticket_id:
        abort(redirect(url_for("PortalView.follow")))
    return reporter.ticket, reporter


def shown(ticket: Ticket, reporter: Reporter) -> dict[str, Any]:
    moment, leg = now(), answering_leg(ticket)
    light = light_of(ticket, load_policy(db.session()), moment)
    events = [
        {"title": said(each), "at": each.at, "unit": each.unit_name, "note": public_note(each)}
        for each in public_events(ticket)
    ]
    open_until = ticket.rate_until
    may_rate = ticket.state == State.SETTLED and reporter.rating is None and (open_until is None or moment < open_until)
    return {
        "ticket": ticket,
        "reporter": reporter,
        "light": light,
        "state": gettext(STATE_FOR_RESIDENTS[State(ticket.state)]),
        "due": due_words(promised(ticket), moment),
        "events": events,
        "leg": leg,
        "files": files_shown(ticket),
        "may_rate": may_rate,
        "rate_until": due_words(ticket.rate_until, moment),
        "tags": chosen_tags(reporter),
    }


def promised(ticket: Ticket) -> Any:
    """Until it is signed for the resident's own promise, then the settlement; nothing after."""
    state = State(ticket.state)
    if state in (State.SUBMITTED, State.ACCEPTED, State.DISPATCHED):
        return ticket.respond_due_at
    return ticket.lead.settle_due_at if state in (State.SIGNED, State.HANDLING, State.PENDING_REVIEW) else None


def rating_tags() -> list[Term]:
    statement = sa.select(Term).where(Term.kind == TermKind.RATING_TAG, Term.active).order_by(Term.position)
    return list(db.session.scalars(statement))


def chosen_tags(reporter: Reporter) -> list[str]:
    codes = reporter.rating.tags if reporter.rating else []
    return [in_language(tag.label, tag.label_en) for tag in rating_tags() if tag.code in codes]


def rate_form() -> RateForm:
    form = RateForm()
    form.stars.choices = STARS
    form.resolved.choices = [(code, gettext(label)) for code, label in RESOLVED_LABELS.items()]
    form.tags.choices = [(tag.code, in_language(tag.label, tag.label_en)) for tag in rating_tags()]
    return form


def opinion(form: RateForm) -> Opinion:
    return Opinion(form.stars.data, Resolved(form.resolved.data), form.tags.data, form.comment.data or "")


def rater() -> Actor:
    if visitor().roles:
        raise Refusal(STAFF_CANNOT_RATE)
    return RESIDENT

"""The residents' door: ask, follow, rate, take back. Nobody signs in; tracking code and telephone tail are the key."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from flask import Response, abort, g, jsonify, redirect, request, session, url_for
from flask_appbuilder import expose
from flask_appbuilder.baseviews import BaseView
from flask_appbuilder.utils.limit import Limit
from flask_babel import gettext
from flask_limiter.util import get_remote_address

from models import db
from models.acting import EVERYTHING, RESIDENT, Actor, acting_as
from models.cancelling import cancel, may_cancel
from models.intake import Draft, find_external, submit
from models.ratings import RESOLVED_LABELS, Opinion, Rating, Reporter, Resolved
from models.terms import TermKind
from models.tickets import Ticket
from models.tracking import answering_leg, course, files_shown, find_tracked, messages_to, note_for
from models.units import find_unit, towns, villages
from models.uploads import ACCEPTED, keep, prepared
from rules.identity import clean_digits
from rules.lifecycle import MOVES, Move, State
from rules.refusals import N_, Refusal
from rules.routing import RequestKind
from rules.workdays import local_date
from views.attachments import handed_out
from views.choosing import category_choices, chosen_category
from views.dues import due_words, in_language, light_of, policy
from views.kit.context import me, now
from views.notices import sentence
from views.portal_forms import DANGER, STARS, AskForm, FollowForm, RateForm, WithdrawForm, uploads
from views.portal_words import STATE_FOR_RESIDENTS, explained, said
from views.saving import attempt
from views.terms import in_use, words_of

SOURCE = "portal"
AT_THE_UNIT = frozenset({State.DISPATCHED, State.SIGNED, State.HANDLING, State.PENDING_REVIEW})
WRONG_KEY = N_("No request has this tracking code together with these last four digits. Check both and try again")
STAFF_CANNOT_RATE = N_("You are signed in as staff. Ratings come from residents alone: sign out first")
STAFF_CANNOT_WITHDRAW = N_("You are signed in as staff. Only the reporter takes a request back: sign out first")
TOO_OFTEN = N_("Too many wrong attempts with this tracking code. Try again in an hour")
TOO_MANY = N_("Very many requests have come from your connection. Wait a minute, go back and hand yours in again")


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


def hands_nothing_in() -> bool:
    return request.endpoint != "PortalView.ask"


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
        ),
        Limit(
            "100 per minute",
            key_func=get_remote_address,
            methods=("POST",),
            exempt_when=hands_nothing_in,
            error_message=TOO_MANY,
        ),
    ]

    @expose("/")
    def home(self) -> str:
        return self.render_template("portal/home.html", title=gettext("Residents' portal"), policy=policy())

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
        found = villages(db.session(), code, local_date(now()))
        if found is None:
            abort(404)
        return jsonify([{"code": code, "name": name} for code, name in found])

    @expose("/receipt")
    @as_resident
    def receipt(self) -> Any:
        ticket = db.session.get(Ticket, session.get("handed_in", 0))
        if ticket is None:
            return redirect(url_for("PortalView.home"))
        due = due_words(ticket.respond_due_at, now())
        danger = DANGER if ticket.kind == RequestKind.EMERGENCY else ""
        return self._page("receipt", gettext("Your request has arrived"), ticket=ticket, due=due, danger=danger)

    @expose("/follow", methods=["GET", "POST"])
    @as_resident
    def follow(self) -> Any:
        form = FollowForm(data={"code": request.args.get("code", "")}) if request.method == "GET" else FollowForm()
        if form.validate_on_submit():
            reporter = find_tracked(db.session(), clean_digits(form.code.data), form.tail.data)
            if reporter:
                session["following"] = [reporter.own.id, reporter.id]
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
            problem = attempt(lambda: reporter.ticket.rate(reporter, opinion(form), resident(STAFF_CANNOT_RATE), now()))
            if problem is None:
                return redirect(url_for("PortalView.mine"))
            form.form_errors.append(problem)
        staff = gettext(STAFF_CANNOT_RATE) if visitor().roles else ""
        return self._page("rate", gettext("Rate how it was handled"), ticket=ticket, form=form, staff=staff)

    @expose("/withdraw", methods=["GET", "POST"])
    @as_resident
    def withdraw(self) -> Any:
        ticket, reporter = followed()
        form = WithdrawForm()
        if form.validate_on_submit():
            problem = attempt(lambda: take_back(ticket, reporter, form))
            if problem is None:
                return redirect(url_for("PortalView.mine"))
            form.form_errors.append(problem)
        staff = gettext(STAFF_CANNOT_WITHDRAW) if visitor().roles else ""
        return self._page("withdraw", gettext("Take my request back"), ticket=ticket, form=form, staff=staff)

    @expose("/file/<int:pk>")
    @as_resident
    def file(self, pk: int) -> Response:
        _ticket, reporter = followed()
        return handed_out(next((each for each in files_shown(reporter) if each.id == pk), None))

    def _page(self, name: str, title: str, **values: Any) -> str:
        return self.render_template(f"portal/{name}.html", title=title, in_language=in_language, **values)


def ask_form() -> AskForm:
    form = AskForm()
    today = local_date(now())
    form.town.choices = [("", ""), *towns(db.session(), today)]
    below = villages(db.session(), form.town.data, today) if form.town.data else None
    form.village.choices = [("", gettext("I do not know, or the whole town")), *(below or [])]
    form.category.choices = category_choices()
    return form


def found(form: AskForm) -> Ticket | None:
    return find_external(db.session(), SOURCE, form.external_id)


def hand_in(form: AskForm) -> None:
    """A resend finds the request that is there already and adds nothing to it."""
    if found(form) is not None:
        return
    files = prepared(uploads(form.files), policy())
    at = now()
    ticket, made = submit(db.session(), drafted(form), RESIDENT, at)
    for file in files if made else []:
        keep(db.session(), ticket, file, RESIDENT, at)


def drafted(form: AskForm) -> Draft:
    return Draft(
        title=form.title.data,
        text=form.text.data,
        unit=find_unit(db.session(), form.village.data or form.town.data),
        source=SOURCE,
        kind=form.kind.data,
        category=chosen_category(form.category.data),
        reporter_name=form.name.data or "",
        reporter_mobile=form.mobile.data,
        address=form.address.data or "",
        external_id=form.external_id,
        anonymous=form.anonymous.data,
    )


def followed() -> tuple[Ticket, Reporter]:
    """Their own request, opened by its key earlier in this browser; otherwise back to the form that asks for it."""
    ticket_id, reporter_id = session.get("following", (0, 0))
    reporter = db.session.get(Reporter, reporter_id)
    if reporter is None or reporter.own.id != ticket_id:
        abort(redirect(url_for("PortalView.follow")))
    return reporter.own, reporter


def shown(ticket: Ticket, reporter: Reporter) -> dict[str, Any]:
    """Words and files are their own; the course, the answer and the dates those of the request that answers them."""
    moment, answered = now(), reporter.ticket
    events = [
        {"title": said(each, reporter), "at": each.at, "unit": each.unit_name, "note": note_for(each, reporter)}
        for each in course(reporter)
    ]
    messages = [{"title": sentence(each.said), "at": each.sent_at} for each in messages_to(db.session(), reporter)]
    why, advice = explained(answered, reporter)
    return {
        "ticket": ticket,
        "together": answered.number if answered is not ticket else "",
        "light": light_of(answered, policy(), moment),
        "state": gettext(STATE_FOR_RESIDENTS[state_for(reporter, moment)]),
        "why": why,
        "advice": advice,
        "due": due_words(promised(answered), moment, gettext("Due")),
        "events": events,
        "messages": messages,
        "leg": answering_leg(answered),
        "files": files_shown(reporter),
        "may_rate": may_rate(reporter, moment),
        "rate_until": due_words(answered.rate_until, moment, gettext("Until")),
        "ratings": [(each, chosen_tags(each)) for each in reversed(reporter.ratings)],
        "may_withdraw": may_withdraw(ticket, reporter),
    }


def may_rate(reporter: Reporter, moment: datetime) -> bool:
    """Each reporter for themselves, whoever has rated before."""
    ticket = reporter.ticket
    if State(ticket.state) not in MOVES[Move.RATE].sources or reporter.has_rated(ticket.lead):
        return False
    return ticket.rate_until is None or moment < ticket.rate_until


def state_for(reporter: Reporter, moment: datetime) -> State:
    """Where several are asked, what each still has to do."""
    ticket = reporter.ticket
    if ticket.state != State.RATED or reporter.has_rated(ticket.lead):
        return State(ticket.state)
    return State.SETTLED if may_rate(reporter, moment) else State.UNRATED


def may_withdraw(ticket: Ticket, reporter: Reporter) -> bool:
    try:
        may_cancel(ticket, reporter)
    except Refusal:
        return False
    return True


def take_back(ticket: Ticket, reporter: Reporter, form: WithdrawForm) -> None:
    resident(STAFF_CANNOT_WITHDRAW)
    cancel(ticket, reporter, now(), form.reason.data or "")


def promised(ticket: Ticket) -> Any:
    """Until it is first signed for the resident's own promise, then the settlement; nothing after."""
    state = State(ticket.state)
    if state in (State.SUBMITTED, State.ACCEPTED) or (state == State.DISPATCHED and len(ticket.legs) == 1):
        return ticket.respond_due_at
    return ticket.lead.settle_due_at if state in AT_THE_UNIT else None


def chosen_tags(rating: Rating) -> list[str]:
    return [word for code, word in words_of(TermKind.RATING_TAG)() if code in rating.tags]


def rate_form() -> RateForm:
    form = RateForm()
    form.stars.choices = STARS
    form.resolved.choices = [(code, gettext(label)) for code, label in RESOLVED_LABELS.items()]
    form.tags.choices = words_of(TermKind.RATING_TAG, in_use)()
    return form


def opinion(form: RateForm) -> Opinion:
    return Opinion(form.stars.data, Resolved(form.resolved.data), form.tags.data, form.comment.data or "")


def resident(staff_cannot: str) -> Actor:
    if visitor().roles:
        raise Refusal(staff_cannot)
    return RESIDENT

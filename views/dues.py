"""Due dates in words, and the light that goes with them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app, g, url_for
from flask_babel import get_locale, gettext
from markupsafe import Markup

from models import db
from models.policies import load_policy
from models.tickets import Ticket
from rules.deadlines import Tier
from rules.lifecycle import State
from rules.lights import LIGHT_LABELS, Light, light, warn_before
from rules.policy import Policy
from rules.routing import REQUEST_KIND_LABELS, RequestKind
from views.asking import once
from views.kit.context import now
from views.words import deadline

Standing = tuple[str, str | None, datetime | None, str]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOON = 3 * DAY
"""Nearer than this a date is said in words."""


@dataclass(frozen=True)
class OwnPart:
    """The date of a co-handler, in the list of the unit that helps."""

    due: datetime | None


def policy() -> Policy:
    """Read once a request."""
    if "policy" not in g:
        g.policy = load_policy(db.session())
    loaded: Policy = g.policy
    return loaded


def due_words(due: datetime | None, now: datetime, label: str = "") -> str:
    """`label` says what a date is where no heading does."""
    if due is None:
        return ""
    if due < now:
        return gettext("overdue by %(span)s", span=span_words(now - due))
    if due - now < SOON:
        return gettext("%(span)s left", span=span_words(due - now))
    return f"{label} {deadline(due)}".lstrip()


def span_words(span: timedelta) -> str:
    """In whole units of the largest that fits, so that nobody is promised more than there is."""
    if span >= DAY:
        return gettext("%(count)s d", count=span // DAY)
    if span >= HOUR:
        return gettext("%(count)s h", count=span // HOUR)
    return gettext("%(count)s min", count=max(span // timedelta(minutes=1), 1))


def whole_span(span: timedelta) -> str:
    """To the minute: 1 d 6 h 20 min."""
    hours, minutes = divmod(span // timedelta(minutes=1), 60)
    days, hours = divmod(hours, 24)
    parts = [
        gettext("%(count)s d", count=days) if days else "",
        gettext("%(count)s h", count=hours) if hours else "",
        gettext("%(count)s min", count=minutes) if minutes else "",
    ]
    return " ".join(filter(None, parts)) or gettext("%(count)s min", count=0)


def explained(text: str, ticket_id: int) -> str | Markup:
    """A due date with the way to its receipt beside it."""
    if not text:
        return text
    link = Markup('{} <a class="why" href="{}">{}</a>')
    return link.format(text, url_for("DueReceiptView.show", pk=ticket_id), gettext("Why this date"))


def light_of(ticket: Ticket, policy: Policy, now: datetime) -> Light:
    return light_for(ticket.standing, policy, now)


def light_for(standing: Standing, policy: Policy, now: datetime) -> Light:
    state, tier, due = State(standing[0]), Tier(standing[1]) if standing[1] else None, standing[2]
    return light(state, due, now, warn_before(state, tier, policy))


def standing_badges(standing: Standing) -> Markup:
    """For a list: colour, icon and word of the light, and of an emergency."""
    shown = light_for(standing, policy(), now())
    lit = once(shown, lambda: light_badge(shown))
    return Markup(" ").join([lit, emergency_badge(standing[3])])


def light_badge(shown: Light, words: str = "") -> Markup:
    """With the light's own word, or one that says more."""
    pieces: Any = current_app.jinja_env.get_template("macros.html").module
    return Markup(pieces.light(shown, words or gettext(LIGHT_LABELS[shown])))  # noqa: S704


def emergency_badge(kind: str) -> Markup:
    """Nothing for the other kinds."""
    if kind != RequestKind.EMERGENCY:
        return Markup()
    pieces: Any = current_app.jinja_env.get_template("macros.html").module
    return Markup(pieces.emergency(gettext(REQUEST_KIND_LABELS[RequestKind.EMERGENCY])))  # noqa: S704


def due_in_words(due: "datetime | OwnPart | None") -> str:
    if isinstance(due, OwnPart):
        return gettext("our part: %(due)s", due=due_words(due.due, now()) or "—")
    return due_words(due, now())


def in_language(chinese: str, english: str) -> str:
    """Names that an office keeps in both; Chinese where there is no other."""
    return english if english and str(get_locale()) == "en" else chinese

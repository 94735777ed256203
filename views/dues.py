"""Due dates in words, and the light that goes with them."""

from datetime import datetime, timedelta

from flask_babel import get_locale, gettext

from models.tickets import Ticket
from rules.deadlines import Tier
from rules.lifecycle import State
from rules.lights import Light, light, warn_before
from rules.policy import Policy
from views.words import moment

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOON = 3 * DAY
"""Nearer than this a date is said in words."""


def due_words(due: datetime | None, now: datetime) -> str:
    if due is None:
        return ""
    if due < now:
        return gettext("overdue by %(span)s", span=span_words(now - due))
    return gettext("%(span)s left", span=span_words(due - now)) if due - now < SOON else moment(due)


def span_words(span: timedelta) -> str:
    """In whole units of the largest that fits, so that nobody is promised more than there is."""
    if span >= DAY:
        return gettext("%(count)s d", count=span // DAY)
    if span >= HOUR:
        return gettext("%(count)s h", count=span // HOUR)
    return gettext("%(count)s min", count=max(span // timedelta(minutes=1), 1))


def light_of(ticket: Ticket, policy: Policy, now: datetime) -> Light:
    state = State(ticket.state)
    before = warn_before(state, Tier(ticket.tier) if ticket.tier else None, policy)
    return light(state, ticket.next_due_at, now, before)


def in_language(chinese: str, english: str) -> str:
    """Names that an office keeps in both; Chinese where there is no other."""
    return english if english and str(get_locale()) == "en" else chinese

"""Who is reminded of what and when (domain § 10). A later reminder is a row of STEPS."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import chain
from operator import attrgetter

from rules.deadlines import Tier
from rules.lifecycle import Outside
from rules.policy import Policy
from rules.refusals import N_
from rules.roles import Role
from rules.workdays import DAY, ZONE, Calendar, at_local, local_date

Recipient = Role | Outside

HANDLER = (Role.HANDLER,)
LEADER = (Role.UNIT_LEADER,)
DISPATCHER = (Role.DISPATCHER,)
OWNERS = HANDLER + LEADER
EVERYONE = OWNERS + DISPATCHER
REPORTER = (Outside.REPORTER,)


class Event(StrEnum):
    NOT_ACCEPTED = "not_accepted"
    NOT_REVIEWED = "not_reviewed"
    EMERGENCY = "emergency"
    NEW_LEG = "new_leg"
    TO_REVIEW = "to_review"
    SENT_BACK = "sent_back"
    SIGN = "sign"
    NO_FIRST_CONTACT = "no_first_contact"
    SETTLE = "settle"
    PLEASE_RATE = "please_rate"
    CALENDAR = "calendar"


class Kind(StrEnum):
    WARN = "warn"
    INFORM = "inform"
    ALARM = "alarm"


@dataclass(frozen=True)
class Step:
    """At `share` of the way from start to due, plus `offset`; `daily` then repeats on each working day."""

    name: str
    kind: Kind
    to: tuple[Recipient, ...]
    text: str
    share: int | float = 0
    offset: timedelta = timedelta()
    daily: bool = False

    def moment(self, start: datetime, due: datetime) -> datetime:
        return start + (due - start) * self.share + self.offset


def hours(number: int) -> timedelta:
    return timedelta(hours=number)


def minutes(number: int) -> timedelta:
    return timedelta(minutes=number)


WAITS = N_("Request %(number)s waits to be accepted")
REVIEW = N_("The result of request %(number)s waits for your review")
DANGER = N_("Emergency: request %(number)s")
ARRIVED = N_("Request %(number)s has been dispatched to your unit")
RESULT = N_("The result of request %(number)s is in: please review it")
BACK = N_("Request %(number)s was sent back: %(reason)s")
SIGN_SOON = N_("Sign for request %(number)s by %(due)s")
SIGN_LATE = N_("Request %(number)s should have been signed for by %(due)s")
CONTACT = N_("Nobody has contacted the reporter of request %(number)s yet")
SETTLE_SOON = N_("Settle request %(number)s by %(due)s")
SETTLE_LATE = N_("Request %(number)s is overdue since %(due)s")
RATE = N_("Request %(number)s is settled: please rate how it was handled")
CALENDAR = N_("The calendar of %(year)s is not official yet: enter or import its holidays")


STEPS = {
    Event.NOT_ACCEPTED: (
        Step("half", Kind.WARN, DISPATCHER, WAITS, share=0.5),
        Step("due", Kind.INFORM, DISPATCHER + LEADER, WAITS, share=1),
    ),
    Event.NOT_REVIEWED: (
        Step("1h", Kind.INFORM, LEADER, REVIEW, offset=hours(1)),
        Step("2h", Kind.INFORM, LEADER, REVIEW, offset=hours(2)),
    ),
    Event.EMERGENCY: (
        Step("0min", Kind.ALARM, EVERYONE, DANGER),
        Step("5min", Kind.ALARM, EVERYONE, DANGER, offset=minutes(5)),
        Step("10min", Kind.ALARM, EVERYONE, DANGER, offset=minutes(10)),
    ),
    Event.NEW_LEG: (Step("new", Kind.INFORM, HANDLER, ARRIVED),),
    Event.TO_REVIEW: (Step("new", Kind.INFORM, LEADER, RESULT),),
    Event.SENT_BACK: (Step("new", Kind.INFORM, HANDLER, BACK),),
    Event.PLEASE_RATE: (
        Step("1", Kind.INFORM, REPORTER, RATE),
        Step("2", Kind.INFORM, REPORTER, RATE, offset=timedelta(days=3)),
    ),
    Event.CALENDAR: (Step("week", Kind.INFORM, (Role.OFFICE,), CALENDAR),),
}


def steps(event: Event, policy: Policy, tier: Tier | None = None) -> tuple[Step, ...]:
    match event:
        case Event.SIGN:
            return signing(hours(policy.sign_warn_hours))
        case Event.NO_FIRST_CONTACT:
            return (Step("silent", Kind.WARN, HANDLER, CONTACT, offset=hours(policy.first_contact_remind_hours)),)
        case Event.SETTLE:
            short = tier is Tier.MICRO
            return settling(hours(policy.settle_warn_short_hours if short else policy.settle_warn_hours))
        case _:
            return STEPS[event]


def signing(before: timedelta) -> tuple[Step, ...]:
    return (
        Step("half", Kind.WARN, HANDLER, SIGN_SOON, share=0.5),
        Step("soon", Kind.WARN, HANDLER, SIGN_SOON, share=1, offset=-before),
        Step("due", Kind.INFORM, HANDLER, SIGN_LATE, share=1),
        Step("4h", Kind.INFORM, LEADER, SIGN_LATE, share=1, offset=hours(4)),
        Step("8h", Kind.INFORM, DISPATCHER, SIGN_LATE, share=1, offset=hours(8)),
    )


def settling(before: timedelta) -> tuple[Step, ...]:
    return (
        Step("soon", Kind.WARN, OWNERS, SETTLE_SOON, share=1, offset=-before),
        Step("due", Kind.INFORM, OWNERS, SETTLE_LATE, share=1),
        Step("late", Kind.INFORM, OWNERS, SETTLE_LATE, share=1, daily=True),
    )


@dataclass(frozen=True)
class Occasion:
    step: Step
    at: datetime
    bucket: str


def occasions(
    chosen: tuple[Step, ...], start: datetime, due: datetime, policy: Policy, calendar: Calendar
) -> Iterator[Occasion]:
    """In order of delivery; without end where a step is daily."""
    once = [occasion(step, start, due, policy) for step in chosen if not step.daily]
    daily = (
        Occasion(step, at_local(day, policy.morning_from), day.isoformat())
        for step in chosen
        if step.daily
        for day in calendar.workdays_from(local_date(step.moment(start, due)) + DAY)
    )
    return chain(sorted(once, key=attrgetter("at")), daily)


def occasion(step: Step, start: datetime, due: datetime, policy: Policy) -> Occasion:
    """Said again when the date it counts from moves. Nobody is warned before there is a reason."""
    counted_from = due if step.share else start
    moment = max(step.moment(start, due), start)
    at = deliver_at(moment, step.kind, policy)
    at = at if at >= start else deliver_at(moment, Kind.INFORM, policy)
    return Occasion(step, at, f"{step.name}/{counted_from.astimezone(ZONE):%Y%m%dT%H%M}")


def around(coming: Iterable[Occasion], now: datetime) -> tuple[Occasion | None, datetime | None]:
    """The latest occasion that has come, and when the next one comes. What was missed in between is not made up for."""
    latest = None
    for each in coming:
        if each.at > now:
            return latest, each.at
        latest = each
    return latest, None


def deliver_at(at: datetime, kind: Kind, policy: Policy) -> datetime:
    """Outside quiet hours: a warning comes before them, news after them, an alarm at once."""
    local = at.astimezone(ZONE)
    if kind is Kind.ALARM or not policy.is_quiet(local.time()):
        return at
    overnight = policy.quiet_from > policy.quiet_to
    before_midnight = local.time() >= policy.quiet_from
    if kind is Kind.WARN:
        return at_local(local.date() - (DAY if overnight and not before_midnight else timedelta()), policy.warn_at)
    return at_local(local.date() + (DAY if overnight and before_midnight else timedelta()), policy.quiet_to)


def send_at(now: datetime, kind: Kind, policy: Policy) -> datetime:
    """When what has come is sent: now, or in the morning; it is too late for the evening before."""
    return deliver_at(now, Kind.ALARM if kind is Kind.ALARM else Kind.INFORM, policy)


def topic(event: Event, step: Step) -> str:
    """What a notice is counted as: before and after the due date are two things."""
    if event not in (Event.SIGN, Event.SETTLE):
        return event.value
    return f"{event}_due" if step.kind is Kind.WARN else f"{event}_overdue"


TOPICS = tuple(dict.fromkeys(topic(event, step) for event in Event for step in steps(event, Policy())))


def key(event: Event, about: object, recipient: object, bucket: str) -> str:
    return f"{event}:{about}:{recipient}:{bucket}"


def week_of(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def next_year_is_missing(today: date, calendar: Calendar) -> bool:
    """Weekly from 15 November, until the State Council's list is in."""
    return (today.month, today.day) >= (11, 15) and not calendar.is_official(date(today.year + 1, 1, 1))

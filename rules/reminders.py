"""Who is reminded of what and when (domain § 10).

A later reminder is a row of STEPS; one whose times the office sets is a case of `steps`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import chain
from operator import attrgetter

from rules.deadlines import Tier
from rules.lifecycle import Outside, State
from rules.policy import Policy
from rules.refusals import N_
from rules.roles import Role
from rules.workdays import DAY, ZONE, Calendar, at_local, end_of, local_date

Recipient = Role | Outside

HANDLER = (Role.HANDLER,)
LEADER = (Role.UNIT_LEADER,)
DISPATCHER = (Role.DISPATCHER,)
OWNERS = HANDLER + LEADER
EVERYONE = OWNERS + DISPATCHER
SUPERVISOR = (Role.SUPERVISOR,)
REPORTER = (Outside.REPORTER,)
SECURITY = (Role.SEC_ADMIN,)
DAYS_AHEAD = timedelta(days=3)  # of a review or a promise: domain § 10


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
    REOPENED = "reopened"
    HARD_CASE = "hard_case"
    MEETING = "meeting"
    AT_THE_TABLE = "at_the_table"
    ASKED = "asked"
    DECIDED = "decided"
    RESUMED = "resumed"
    SUSPENSION = "suspension"
    PROMISE = "promise"
    SUPERVISION = "supervision"
    SUPERVISION_ANSWERED = "supervision_answered"
    LITIGATION = "litigation"
    MERGED = "merged"
    CANCELLED = "cancelled"
    COMMON_ISSUES = "common_issues"
    CALENDAR = "calendar"
    HANDED_ON = "handed_on"
    LEAVERS = "leavers"


class Kind(StrEnum):
    WARN = "warn"
    INFORM = "inform"
    ALARM = "alarm"


@dataclass(frozen=True)
class Step:
    """At `share` of the way from start to due, plus `offset`, or with the end of the working day before; `daily` then
    repeats on each working day."""

    name: str
    kind: Kind
    to: tuple[Recipient, ...]
    text: str
    share: int | float = 0
    offset: timedelta = timedelta()
    daily: bool = False
    workday_before: bool = False

    def moment(self, start: datetime, due: datetime) -> datetime:
        return start + (due - start) * self.share + self.offset


def hours(number: int) -> timedelta:
    return timedelta(hours=number)


def minutes(number: int) -> timedelta:
    return timedelta(minutes=number)


WAITS = N_("Request %(number)s waits to be accepted")
WAITS_ON = N_("Request %(number)s waits to be dispatched")
REVIEW = N_("The result of request %(number)s waits for your review")
DANGER = N_("Emergency: %(title)s (request %(number)s)")
NAMELESS_DANGER = N_("Emergency: request %(number)s")
"""Stands in notices kept from before they named the title."""
ARRIVED = N_("Request %(number)s has been dispatched to your unit")
RESULT = N_("The result of request %(number)s is in: please review it")
BACK = N_("Request %(number)s was sent back: %(reason)s")
SIGN_SOON = N_("Sign for request %(number)s by %(due)s")
SIGN_LATE = N_("Request %(number)s should have been signed for by %(due)s")
CONTACT = N_("Nobody has contacted the reporter of request %(number)s yet")
SETTLE_SOON = N_("Settle request %(number)s by %(due)s")
SETTLE_LATE = N_("Request %(number)s is overdue since %(due)s")
RATE = N_("Request %(number)s is settled: please rate how it was handled")
AGAIN = N_("Request %(number)s is re-opened: the resident is not satisfied")
HARD = N_("Request %(number)s was re-opened twice and is rated badly again: it needs a hard-case meeting")
TABLE = N_("A meeting about request %(number)s has been called: it decides who handles it")
ASKS = N_("Request %(number)s: %(unit)s asks for your decision")
DECISION = N_("Request %(number)s: your application has been decided")
GOES_ON = N_("Request %(number)s goes on: its suspension is over")
WATCHED = N_("Request %(number)s is supervised: answer by %(due)s")
WATCH_ANSWERED = N_("Request %(number)s: the unit has answered the supervision")
WATCHED_LATE = N_("The supervision of request %(number)s should have been answered by %(due)s")
REVIEW_SOON = N_("Request %(number)s is suspended until %(due)s: see whether it can go on")
PROMISE_SOON = N_("Request %(number)s: what was promised is due by %(due)s")
PROMISE_LATE = N_("Request %(number)s: what was promised by %(due)s has not been done")
LAWSUIT = N_("Request %(number)s is before a court: agree with your legal adviser before you answer")
TOGETHER = N_("Request %(number)s is handled together with %(other)s, which has the same matter")
TAKEN_BACK = N_("Request %(number)s was taken back by the reporter: nothing more is to be done")
ALIKE = N_("Requests that say the same were found: %(count)s groups. Are they common issues?")
CALENDAR = N_("The calendar of %(year)s is not official yet: enter its holidays")
YOURS_NOW = N_("Open work of people who have moved or left was handed on to you: %(count)s")
STILL_IN_USE = N_("Accounts of people who have left are still in use: %(count)s. Look at them and take them out of use")


STEPS = {
    Event.NOT_ACCEPTED: (
        Step("half", Kind.WARN, DISPATCHER, WAITS, share=0.5),
        Step("due", Kind.INFORM, DISPATCHER + LEADER, WAITS, share=1),
    ),
    Event.NEW_LEG: (Step("new", Kind.INFORM, HANDLER, ARRIVED),),
    Event.TO_REVIEW: (Step("new", Kind.INFORM, LEADER, RESULT),),
    Event.SENT_BACK: (Step("new", Kind.INFORM, HANDLER, BACK),),
    Event.REOPENED: (Step("new", Kind.INFORM, OWNERS + SUPERVISOR, AGAIN),),
    Event.HARD_CASE: (Step("new", Kind.INFORM, SUPERVISOR, HARD),),
    Event.MEETING: (Step("new", Kind.INFORM, DISPATCHER + SUPERVISOR, TABLE),),
    Event.AT_THE_TABLE: (Step("new", Kind.INFORM, OWNERS, TABLE),),
    Event.ASKED: (Step("new", Kind.INFORM, DISPATCHER, ASKS),),
    Event.DECIDED: (Step("new", Kind.INFORM, OWNERS, DECISION),),
    Event.RESUMED: (Step("new", Kind.INFORM, EVERYONE, GOES_ON),),
    Event.SUSPENSION: (Step("soon", Kind.WARN, EVERYONE, REVIEW_SOON, share=1, offset=-DAYS_AHEAD),),
    Event.PROMISE: (
        Step("soon", Kind.WARN, EVERYONE, PROMISE_SOON, share=1, offset=-DAYS_AHEAD),
        Step("due", Kind.INFORM, DISPATCHER, PROMISE_LATE, share=1),
    ),
    Event.SUPERVISION: (
        Step("new", Kind.INFORM, LEADER, WATCHED),
        Step("soon", Kind.WARN, LEADER + SUPERVISOR, WATCHED, share=1, workday_before=True),
        Step("due", Kind.INFORM, LEADER + SUPERVISOR, WATCHED_LATE, share=1),
    ),
    Event.SUPERVISION_ANSWERED: (Step("new", Kind.INFORM, SUPERVISOR, WATCH_ANSWERED),),
    Event.LITIGATION: (Step("new", Kind.INFORM, LEADER + DISPATCHER, LAWSUIT),),
    Event.MERGED: (Step("new", Kind.INFORM, REPORTER, TOGETHER),),
    Event.CANCELLED: (
        Step("new", Kind.INFORM, OWNERS, TAKEN_BACK),
        Step("undispatched", Kind.INFORM, DISPATCHER, TAKEN_BACK),
    ),
    Event.COMMON_ISSUES: (Step("night", Kind.INFORM, DISPATCHER, ALIKE),),
    Event.CALENDAR: (Step("week", Kind.INFORM, (Role.OFFICE,), CALENDAR),),
    Event.HANDED_ON: (Step("new", Kind.INFORM, HANDLER, YOURS_NOW),),
    Event.LEAVERS: (Step("new", Kind.INFORM, SECURITY, STILL_IN_USE),),
}


STANDS_WHILE: dict[Event, frozenset[State]] = {
    Event.NOT_ACCEPTED: frozenset({State.SUBMITTED, State.ACCEPTED}),
    Event.NEW_LEG: frozenset({State.DISPATCHED}),
    Event.SIGN: frozenset({State.DISPATCHED}),
    Event.NO_FIRST_CONTACT: frozenset({State.SIGNED}),
    Event.SETTLE: frozenset({State.DISPATCHED, State.SIGNED, State.HANDLING}),
    Event.TO_REVIEW: frozenset({State.PENDING_REVIEW}),
    Event.NOT_REVIEWED: frozenset({State.PENDING_REVIEW}),
    Event.SENT_BACK: frozenset({State.HANDLING}),
    Event.PLEASE_RATE: frozenset({State.SETTLED, State.RATED}),  # while one has rated, others are still asked
    Event.SUSPENSION: frozenset({State.SUSPENDED}),
    Event.PROMISE: frozenset({State.HANDLING}),
}
"""States of the leg or request a notice is about; kept back by quiet hours until after them, it is not sent at all."""


def steps(event: Event, policy: Policy, tier: Tier | None = None) -> tuple[Step, ...]:
    match event:
        case Event.SIGN:
            return signing(policy)
        case Event.NO_FIRST_CONTACT:
            return (Step("silent", Kind.WARN, HANDLER, CONTACT, offset=hours(policy.first_contact_remind_hours)),)
        case Event.SETTLE:
            short = tier is Tier.MICRO
            return settling(hours(policy.settle_warn_short_hours if short else policy.settle_warn_hours))
        case Event.NOT_REVIEWED:
            return (
                Step("first", Kind.INFORM, LEADER, REVIEW, offset=hours(policy.review_remind_hours)),
                Step("second", Kind.INFORM, LEADER, REVIEW, offset=hours(policy.review_again_hours)),
            )
        case Event.EMERGENCY:
            return (
                Step("first", Kind.ALARM, EVERYONE, DANGER),
                Step("second", Kind.ALARM, EVERYONE, DANGER, offset=minutes(policy.emergency_again_minutes)),
                Step("third", Kind.ALARM, EVERYONE, DANGER, offset=minutes(policy.emergency_third_minutes)),
            )
        case Event.PLEASE_RATE:
            return (
                Step("1", Kind.INFORM, REPORTER, RATE),
                Step("2", Kind.INFORM, REPORTER, RATE, offset=timedelta(days=policy.rate_again_days)),
            )
        case _:
            return STEPS[event]


def wording(step: Step, state: State) -> str:
    """The clock of acceptance runs until dispatch, so a request may be accepted already."""
    return WAITS_ON if step.text == WAITS and state is State.ACCEPTED else step.text


def signing(policy: Policy) -> tuple[Step, ...]:
    return (
        Step("half", Kind.WARN, HANDLER, SIGN_SOON, share=0.5),
        Step("soon", Kind.WARN, HANDLER, SIGN_SOON, share=1, offset=-hours(policy.sign_warn_hours)),
        Step("due", Kind.INFORM, HANDLER, SIGN_LATE, share=1),
        Step("leader", Kind.INFORM, LEADER, SIGN_LATE, share=1, offset=hours(policy.sign_late_leader_hours)),
        Step(
            "dispatcher", Kind.INFORM, DISPATCHER, SIGN_LATE, share=1, offset=hours(policy.sign_late_dispatcher_hours)
        ),
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
    once = [
        occasion(step, start, before(due, calendar) if step.workday_before else due, policy)
        for step in chosen
        if not step.daily
    ]
    daily = (
        Occasion(step, at_local(day, policy.morning_from), day.isoformat())
        for step in chosen
        if step.daily
        for day in calendar.workdays_from(local_date(step.moment(start, due)) + DAY)
    )
    return chain(sorted(once, key=attrgetter("at")), daily)


def before(due: datetime, calendar: Calendar) -> datetime:
    """The end of the working day before."""
    return end_of(calendar.on_or_before(local_date(due - timedelta(microseconds=1)) - DAY))


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


def topics(event: Event) -> tuple[str, ...]:
    return tuple(dict.fromkeys(topic(event, step) for step in steps(event, Policy())))


TOPICS = tuple(each for event in Event for each in topics(event))


def key(event: Event, about: object, recipient: object, bucket: str) -> str:
    return f"{event}:{about}:{recipient}:{bucket}"


def week_of(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def next_year_is_missing(today: date, calendar: Calendar) -> bool:
    """Weekly from 15 November, until the State Council's list is in."""
    return (today.month, today.day) >= (11, 15) and not calendar.is_official(date(today.year + 1, 1, 1))

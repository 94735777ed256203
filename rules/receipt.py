"""期限说明: how a due date came about. Each step, applied to the date before it, gives the date after it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from rules import deadlines
from rules.policy import ClockMode
from rules.refusals import N_
from rules.workdays import DAY, SATURDAY, Calendar, WorkingHours, elapsed, local_date, spoken

MICROSECOND = timedelta(microseconds=1)


class Basis(StrEnum):
    """What the date to settle by was counted from when the leg was opened."""

    TIER = "tier"
    HOURS = "hours"
    TOTAL = "total"
    LEAD = "lead"
    MEETING = "meeting"


@dataclass(frozen=True)
class Line:
    """A sentence. Its values may be moments, spans and days, which the page words; `due` is the date it leads to."""

    message: str
    values: Mapping[str, Any] = field(default_factory=dict)
    due: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Step:
    """`recorded` is the date that was stored then; without one it is what the step makes of the date before."""

    message: str
    values: Mapping[str, Any] = field(default_factory=dict)
    recorded: datetime | None = None
    known = True

    def after(self, due: datetime | None, calendar: Calendar) -> datetime:
        """Raises ValueError where there is no date to go on from."""
        raise NotImplementedError

    def details(self, due: datetime | None, calendar: Calendar) -> Iterator[Line]:
        return iter(())


@dataclass(frozen=True, kw_only=True)
class Counted(Step):
    """So many days from a start whose own day does not count."""

    start: datetime
    days: int
    mode: ClockMode

    def after(self, due: datetime | None, calendar: Calendar) -> datetime:
        return deadlines.settle_due(self.start, self.days, self.mode, calendar)

    def details(self, due: datetime | None, calendar: Calendar) -> Iterator[Line]:
        first = local_date(self.start)
        yield Line(N_("The first day, %(day)s, does not count."), {"day": first})
        yield from days_told(first, self.days, last_day(self.after(due, calendar)), self.mode, calendar)


@dataclass(frozen=True, kw_only=True)
class Within(Step):
    """So many hours or minutes; in working-day mode they run in working hours alone."""

    start: datetime
    amount: timedelta
    mode: ClockMode
    hours: WorkingHours

    def after(self, due: datetime | None, calendar: Calendar) -> datetime:
        return deadlines.sign_due(self.start, self.amount, self.mode, calendar, self.hours)

    def details(self, due: datetime | None, calendar: Calendar) -> Iterator[Line]:
        if self.mode is not ClockMode.WORKDAY:
            yield Line(N_("The clock runs by day and night."))
            return
        spans = ((self.hours.morning_from, self.hours.morning_to), (self.hours.afternoon_from, self.hours.afternoon_to))
        told = "、".join(f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in spans)
        yield Line(N_("The clock runs in working hours alone: %(hours)s."), {"hours": told})
        first, last = local_date(self.start), last_day(self.after(due, calendar))
        yield from off_and_made_up([first, *days_between(first, last)], calendar)


@dataclass(frozen=True, kw_only=True)
class Fixed(Step):
    """A date that was set, not counted."""

    to: datetime

    def after(self, due: datetime | None, calendar: Calendar) -> datetime:
        return self.to


@dataclass(frozen=True, kw_only=True)
class Unknown(Fixed):
    """A date that somebody else gave: how they counted it is told nowhere."""

    known = False


@dataclass(frozen=True, kw_only=True)
class Recounted(Fixed):
    """The calendar was changed, and the steps before were counted anew by it."""


@dataclass(frozen=True, kw_only=True)
class Sooner(Step):
    """A co-handler is done so many days before the lead."""

    lead_due: datetime
    days: int
    mode: ClockMode

    def after(self, due: datetime | None, calendar: Calendar) -> datetime:
        return deadlines.sooner(self.lead_due, self.days, self.mode, calendar)


@dataclass(frozen=True, kw_only=True)
class Paused(Step):
    """The clock for settling stood still."""

    since: datetime
    until: datetime
    mode: ClockMode

    def after(self, due: datetime | None, calendar: Calendar) -> datetime:
        return deadlines.shift_for_pause(reached(due), self.since, self.until, self.mode, calendar)

    def details(self, due: datetime | None, calendar: Calendar) -> Iterator[Line]:
        if self.mode is not ClockMode.WORKDAY:
            yield Line(N_("Given back: %(span)s."), {"span": self.until - self.since})
            yield from rolled_told(reached(due) + (self.until - self.since), self.mode, calendar)
            return
        spans = calendar.whole_workdays_from(local_date(self.since))
        given = elapsed(self.since, self.until, spans)
        yield Line(N_("Given back: %(span)s; time on days off is not given back."), {"span": given})
        yield from off_and_made_up(days_between(last_day(reached(due)), last_day(self.after(due, calendar))), calendar)


@dataclass(frozen=True, kw_only=True)
class Extended(Step):
    days: int
    mode: ClockMode

    def after(self, due: datetime | None, calendar: Calendar) -> datetime:
        return deadlines.extended(reached(due), self.days, self.mode, calendar)

    def details(self, due: datetime | None, calendar: Calendar) -> Iterator[Line]:
        if self.mode is ClockMode.WORKDAY:
            before, after = last_day(reached(due)), last_day(self.after(due, calendar))
            yield from off_and_made_up(days_between(before, after), calendar)
        else:
            yield from rolled_told(reached(due) + timedelta(self.days), self.mode, calendar)


@dataclass(frozen=True)
class Explanation:
    """`whole` tells that the steps give exactly the date that is stored, and that each of them is known."""

    lines: tuple[Line, ...]
    due: datetime | None
    whole: bool


NOT_RECORDED = N_("The date that is stored, %(due)s, is another one; how it came about was not recorded.")
OTHER_CALENDAR = N_("This was counted by the calendar as it stood then; it has been changed since.")


def explain(steps: Sequence[Step], stored: datetime, calendar: Calendar) -> Explanation:
    due: datetime | None = None
    lines: list[Line] = []
    for step in by_the_calendar_in_force(steps, calendar):
        counted = step.after(due, calendar)
        after = step.recorded or counted
        details = step.details(due, calendar) if counted == after else iter([Line(OTHER_CALENDAR)])
        lines += [Line(step.message, step.values), *details]
        lines[-1] = replace(lines[-1], due=after)
        due = after
    whole = due == stored and all(step.known for step in steps)
    if due != stored:
        lines.append(Line(NOT_RECORDED, {"due": spoken(stored)}, stored))
    return Explanation(tuple(lines), stored, whole)


def by_the_calendar_in_force(steps: Sequence[Step], calendar: Calendar) -> Sequence[Step]:
    """What stands before the last recounting is told as it was recounted, if that is still how it would come out."""
    last = max((number for number, step in enumerate(steps) if isinstance(step, Recounted)), default=None)
    if last is None:
        return steps
    anew = [replace(step, recorded=None) for step in steps[:last] if not isinstance(step, Recounted)]
    return [*anew, *steps[last:]] if replay(anew, calendar) == steps[last].after(None, calendar) else steps


def outcome(steps: Sequence[Step], calendar: Calendar) -> datetime | None:
    """What the steps come to as they were recorded."""
    due: datetime | None = None
    for step in by_the_calendar_in_force(steps, calendar):
        due = step.recorded or step.after(due, calendar)
    return due


def replay(steps: Sequence[Step], calendar: Calendar) -> datetime | None:
    """What the steps come to by that calendar, whatever was stored."""
    due: datetime | None = None
    for step in steps:
        if not isinstance(step, Recounted):
            due = step.after(due, calendar)
    return due


def reached(due: datetime | None) -> datetime:
    if due is None:
        raise ValueError("a step that goes on from a date comes after one that gives it")
    return due


def last_day(due: datetime) -> date:
    """The day that a limit belongs to: 24:00 is the end of its day."""
    return local_date(due - MICROSECOND)


def days_between(before: date, last: date) -> list[date]:
    """The first one does not count, the last one does."""
    return [before + DAY * n for n in range(1, (last - before).days + 1)]


def days_told(first: date, days: int, last: date, mode: ClockMode, calendar: Calendar) -> Iterator[Line]:
    if mode is ClockMode.WORKDAY:
        yield Line(N_("%(days)s working days are counted."), {"days": days})
        yield from off_and_made_up(days_between(first, last), calendar)
    else:
        yield Line(N_("%(days)s calendar days are counted, days off among them."), {"days": days})
        yield from rolled_past(first + timedelta(days), last, mode)


def off_and_made_up(passed: Sequence[date], calendar: Calendar) -> Iterator[Line]:
    """Which days off were skipped, and which weekend days were worked."""
    off = tuple(day for day in passed if not calendar.is_workday(day))
    made_up = tuple(day for day in passed if calendar.is_workday(day) and day.weekday() >= SATURDAY)
    if off:
        yield Line(N_("Skipped as days off: %(skipped)s."), {"skipped": off})
    if made_up:
        yield Line(N_("Counted as make-up working days: %(made_up)s."), {"made_up": made_up})


def rolled_told(due: datetime, mode: ClockMode, calendar: Calendar) -> Iterator[Line]:
    if mode is ClockMode.NATURAL_ROLL:
        yield from rolled_past(last_day(due), calendar.on_or_after(last_day(due)), mode)


def rolled_past(day: date, last: date, mode: ClockMode) -> Iterator[Line]:
    if mode is ClockMode.NATURAL_ROLL and day < last:
        off = tuple(day + DAY * n for n in range((last - day).days))
        yield Line(
            N_("The last day would be a day off; it rolls to the next working day, past %(skipped)s."), {"skipped": off}
        )

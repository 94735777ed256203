"""By when a leg must be signed for and settled (s1: 8 hours from submission; 3 or 7 days; rows of the policy)."""

from datetime import datetime, timedelta
from enum import StrEnum

from rules.policy import ClockMode, Policy
from rules.refusals import N_
from rules.workdays import Calendar, WorkingHours, advance, elapsed, end_of, local_date


class Tier(StrEnum):
    MICRO = "micro"
    MINOR = "minor"
    HARD = "hard"
    EMERGENCY = "emergency"


TIER_LABELS = {
    Tier.MICRO: N_("Micro matter"),
    Tier.MINOR: N_("Minor matter"),
    Tier.HARD: N_("Hard issue"),
    Tier.EMERGENCY: N_("Emergency"),
}


def sign_due(start: datetime, within: timedelta, mode: ClockMode, calendar: Calendar, hours: WorkingHours) -> datetime:
    """From submission for the first leg, from dispatch for a later one."""
    if mode is ClockMode.WORKDAY:
        return hours.add(start, within, calendar)
    return start + within


def accept_due(submitted_at: datetime, policy: Policy, calendar: Calendar) -> datetime:
    return sign_due(submitted_at, policy.accept_within, policy.clock_mode, calendar, policy.hours)


def settle_due(dispatched_at: datetime, days: int, mode: ClockMode, calendar: Calendar) -> datetime:
    """End of the last day. The day of dispatch does not count."""
    match mode:
        case ClockMode.NATURAL:
            last = local_date(dispatched_at) + timedelta(days)
        case ClockMode.NATURAL_ROLL:
            last = calendar.on_or_after(local_date(dispatched_at) + timedelta(days))
        case ClockMode.WORKDAY:
            last = calendar.add_workdays(local_date(dispatched_at), days)
    return end_of(last)


def days_for(tier: Tier, policy: Policy) -> int:
    """Not for an emergency, which is counted in hours."""
    return {Tier.MICRO: policy.micro_days, Tier.MINOR: policy.minor_days, Tier.HARD: policy.hard_days}[tier]


def tier_sign_due(tier: Tier, start: datetime, policy: Policy, calendar: Calendar) -> datetime:
    """An emergency waits for no office hours."""
    if tier is Tier.EMERGENCY:
        return start + timedelta(minutes=policy.emergency_sign_minutes)
    within = timedelta(hours=policy.sign_within_hours)
    return sign_due(start, within, policy.clock_mode, calendar, policy.hours)


def tier_settle_due(tier: Tier, dispatched_at: datetime, policy: Policy, calendar: Calendar) -> datetime:
    if tier is Tier.EMERGENCY:
        return dispatched_at + timedelta(hours=policy.emergency_settle_hours)
    return settle_due(dispatched_at, days_for(tier, policy), policy.clock_mode, calendar)


def extended(due: datetime, days: int, mode: ClockMode, calendar: Calendar) -> datetime:
    """So many days later, counted in the mode's own days, at the same time of day."""
    if mode is not ClockMode.WORKDAY:
        later = due + timedelta(days)
        return rolled(later, calendar) if mode is ClockMode.NATURAL_ROLL else later
    last = local_date(due - timedelta(microseconds=1))
    return due + (calendar.add_workdays(last, days) - last)


def sooner(due: datetime, days: int, mode: ClockMode, calendar: Calendar) -> datetime:
    """So many days earlier at the same time of day; where days off count, on the last working day before."""
    last = local_date(due - timedelta(microseconds=1))
    match mode:
        case ClockMode.NATURAL:
            return due - timedelta(days)
        case ClockMode.NATURAL_ROLL:
            return due - (last - calendar.on_or_before(last - timedelta(days)))
        case ClockMode.WORKDAY:
            return due - (last - calendar.take_workdays(last, days))


def shift_for_pause(
    due: datetime, paused_from: datetime, resumed_at: datetime, mode: ClockMode, calendar: Calendar
) -> datetime:
    """What was left when the clock paused is left when it resumes, counted in the mode's own days."""
    match mode:
        case ClockMode.NATURAL:
            return due + (resumed_at - paused_from)
        case ClockMode.NATURAL_ROLL:
            return rolled(due + (resumed_at - paused_from), calendar)
        case ClockMode.WORKDAY:
            paused = elapsed(paused_from, resumed_at, calendar.whole_workdays_from(local_date(paused_from)))
            return advance(due, paused, calendar.whole_workdays_from(local_date(due))) if paused else due


def rolled(due: datetime, calendar: Calendar) -> datetime:
    last = local_date(due - timedelta(microseconds=1))
    return due if calendar.is_workday(last) else end_of(calendar.on_or_after(last))

"""The office's settings. The documents are silent on most of these numbers: each seeds one row of an editable table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from enum import StrEnum
from typing import Any

from rules.refusals import N_, Refusal, Term
from rules.workdays import WorkingHours


class ClockMode(StrEnum):
    NATURAL = "natural"
    NATURAL_ROLL = "natural_roll"
    WORKDAY = "workday"


CLOCK_MODE_LABELS = {
    ClockMode.NATURAL: N_("Calendar days"),
    ClockMode.NATURAL_ROLL: N_("Calendar days, rolled to the next working day"),
    ClockMode.WORKDAY: N_("Working days"),
}

Value = bool | int | time | ClockMode

MINUTES, HOURS, DAYS, CASES = N_("minutes"), N_("hours"), N_("days"), N_("cases")
MOST = {MINUTES: 365 * 24 * 60, HOURS: 365 * 24, DAYS: 10 * 365, CASES: 100_000}
"""A slip of the finger must not put due dates beyond the calendar."""


@dataclass(frozen=True)
class Policy:
    clock_mode: ClockMode = ClockMode.NATURAL
    accept_within_minutes: int = 120
    hard_days: int = 15
    emergency_sign_minutes: int = 10
    emergency_settle_hours: int = 24
    rating_window_days: int = 7
    archive_after_days: int = 30
    score_unverified_stars: bool = True  # nobody could be verified before telephone codes are sent
    min_cases_ranked: int = 5
    morning_from: time = time(8, 30)
    morning_to: time = time(12)
    afternoon_from: time = time(14)
    afternoon_to: time = time(17, 30)
    quiet_from: time = time(22)
    quiet_to: time = time(7)
    warn_at: time = time(21, 30)
    sign_warn_hours: int = 1
    settle_warn_hours: int = 24
    settle_warn_short_hours: int = 12
    first_contact_remind_hours: int = 6

    def __post_init__(self) -> None:
        """Refuses working hours that run backwards and a warning time that is itself quiet."""
        _ = self.hours
        if self.is_quiet(self.warn_at):
            raise Refusal(N_("Warnings that come before quiet hours must not fall into them"))

    def is_quiet(self, clock: time) -> bool:
        if self.quiet_from <= self.quiet_to:
            return self.quiet_from <= clock < self.quiet_to
        return clock >= self.quiet_from or clock < self.quiet_to

    @property
    def hours(self) -> WorkingHours:
        return WorkingHours(self.morning_from, self.morning_to, self.afternoon_from, self.afternoon_to)

    @property
    def accept_within(self) -> timedelta:
        return timedelta(minutes=self.accept_within_minutes)

    @classmethod
    def read(cls, texts: Mapping[str, str]) -> "Policy":
        """From the stored texts; a key that is not stored has its default."""
        values: dict[str, Any] = {item.key: item.parse(texts[item.key]) for item in DEFAULTS if item.key in texts}
        return cls(**values)


@dataclass(frozen=True)
class PolicyItem:
    """One row of the policy screen. Source: o = office default, s0…s4 = said in that document."""

    key: str
    label: str
    unit: str = ""
    source: str = "o"

    @property
    def default(self) -> Value:
        return getattr(Policy, self.key)

    @property
    def default_text(self) -> str:
        return as_text(self.default)

    def parse(self, text: str) -> Value:
        try:
            value = READERS[type(self.default)](text.strip())
            if type(value) is int and value > MOST[self.unit]:
                raise ValueError(text)
        except (ValueError, KeyError):
            raise Refusal(
                N_("“%(value)s” cannot stand under “%(label)s”"), value=text, label=Term(self.label)
            ) from None
        return value


def positive(text: str) -> int:
    number = int(text)
    if number <= 0:
        raise ValueError(text)
    return number


def clock_time(text: str) -> time:
    return time.fromisoformat(text).replace(tzinfo=None)


def as_text(value: Value) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case time():
            return value.strftime("%H:%M")
        case _:
            return str(value)


READERS: dict[type, Callable[[str], Value]] = {
    bool: {"yes": True, "no": False}.__getitem__,
    int: positive,
    time: clock_time,
    ClockMode: ClockMode,
}

DEFAULTS = (
    PolicyItem("clock_mode", N_("How days are counted")),
    PolicyItem("accept_within_minutes", N_("Accept and dispatch within"), MINUTES),
    PolicyItem("hard_days", N_("Settle a hard issue within"), DAYS),
    PolicyItem("emergency_sign_minutes", N_("Sign for an emergency within"), MINUTES),
    PolicyItem("emergency_settle_hours", N_("Settle an emergency within"), HOURS),
    PolicyItem("rating_window_days", N_("The resident may rate for"), DAYS),
    PolicyItem("archive_after_days", N_("Archive after"), DAYS),
    PolicyItem("score_unverified_stars", N_("Score the stars of unverified reporters")),
    PolicyItem("min_cases_ranked", N_("Rank a unit from"), CASES),
    PolicyItem("morning_from", N_("Morning from")),
    PolicyItem("morning_to", N_("Morning to")),
    PolicyItem("afternoon_from", N_("Afternoon from")),
    PolicyItem("afternoon_to", N_("Afternoon to")),
    PolicyItem("quiet_from", N_("Quiet hours from")),
    PolicyItem("quiet_to", N_("Quiet hours to")),
    PolicyItem("warn_at", N_("A warning that falls into quiet hours comes before them, at")),
    PolicyItem("sign_warn_hours", N_("Warn before signing is due"), HOURS),
    PolicyItem("settle_warn_hours", N_("Warn before settlement is due"), HOURS),
    PolicyItem("settle_warn_short_hours", N_("Warn before settlement is due, three-day class"), HOURS),
    PolicyItem("first_contact_remind_hours", N_("Remind of the first contact after"), HOURS),
)

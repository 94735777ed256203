"""The office's settings. The documents are silent on most of these numbers; each seeds one row of an editable table."""

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
TIMES, PERCENT = N_("times"), N_("percent")
FILES, MEGABYTES, ATTEMPTS, CHARACTERS, STARS = N_("files"), N_("MB"), N_("attempts"), N_("characters"), N_("stars")
SPAN = {
    MINUTES: (1, 365 * 24 * 60),
    HOURS: (1, 365 * 24),
    DAYS: (1, 10 * 365),
    CASES: (1, 100_000),
    TIMES: (1, 20),
    PERCENT: (0, 100),
    FILES: (1, 50),
    MEGABYTES: (1, 60),
    ATTEMPTS: (1, 100),
    CHARACTERS: (8, 12),
    STARS: (1, 4),
}
"""A slip of the finger must not put due dates beyond the calendar. The web server takes 64 MB at a time; passwords that
the console makes up have 12 characters; what was praised is not re-opened."""


@dataclass(frozen=True)
class Policy:
    clock_mode: ClockMode = ClockMode.NATURAL
    accept_within_minutes: int = 120
    sign_within_hours: int = 8
    micro_days: int = 3
    minor_days: int = 7
    hard_days: int = 15
    emergency_sign_minutes: int = 10
    emergency_settle_hours: int = 24
    rating_window_days: int = 7
    reopen_up_to_stars: int = 2
    reopen_at_most: int = 2
    archive_after_days: int = 30
    return_within_hours: int = 4
    extensions_at_most: int = 2
    extension_leader_days: int = 3
    extension_dispatcher_days: int = 7
    total_days: int = 15
    suspend_days: int = 30
    promise_days: int = 90
    co_lead_days: int = 1
    meeting_within_days: int = 3
    supervise_overdue_hours: int = 24
    supervise_reopened: int = 2
    supervise_stars: int = 2
    supervise_reporters: int = 3
    supervision_answer_days: int = 2
    follow_up_percent: int = 20
    follow_up_tries: int = 3
    follow_up_again_hours: int = 24
    cluster_from: int = 3
    cluster_days: int = 30
    suggest_categories: bool = True
    suggest_from_requests: int = 500
    suggest_from_each: int = 10
    suggest_least_accuracy: int = 60
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
    sign_late_leader_hours: int = 4
    sign_late_dispatcher_hours: int = 8
    settle_warn_hours: int = 24
    settle_warn_short_hours: int = 12
    first_contact_remind_hours: int = 6
    review_remind_hours: int = 1
    review_again_hours: int = 2
    emergency_again_minutes: int = 5
    emergency_third_minutes: int = 10
    rate_again_days: int = 3
    upload_files: int = 9
    upload_megabytes: int = 20
    sign_in_failures: int = 5
    locked_minutes: int = 15
    password_length: int = 10

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

    @property
    def least(self) -> int:
        return SPAN[self.unit][0]

    @property
    def most(self) -> int:
        return SPAN[self.unit][1]

    def parse(self, text: str) -> Value:
        try:
            value = READERS[type(self.default)](text.strip())
            if type(value) is int and not self.least <= value <= self.most:
                raise ValueError(text)
        except (ValueError, KeyError):
            raise Refusal(
                N_("“%(value)s” cannot stand under “%(label)s”"), value=text, label=Term(self.label)
            ) from None
        return value


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
    int: int,
    time: clock_time,
    ClockMode: ClockMode,
}

DEFAULTS = (
    PolicyItem("clock_mode", N_("How days are counted")),
    PolicyItem("accept_within_minutes", N_("Accept and dispatch within"), MINUTES),
    PolicyItem("sign_within_hours", N_("Sign for and contact the resident within"), HOURS, "s1"),
    PolicyItem("micro_days", N_("Settle a micro matter within"), DAYS, "s1"),
    PolicyItem("minor_days", N_("Settle a minor matter within"), DAYS, "s1"),
    PolicyItem("hard_days", N_("Settle a hard issue within"), DAYS),
    PolicyItem("emergency_sign_minutes", N_("Sign for an emergency within"), MINUTES),
    PolicyItem("emergency_settle_hours", N_("Settle an emergency within"), HOURS),
    PolicyItem("rating_window_days", N_("The resident may rate for"), DAYS),
    PolicyItem("reopen_up_to_stars", N_("Re-open what is rated with no more than"), STARS),
    PolicyItem("reopen_at_most", N_("Re-open before a meeting has to decide, at most"), TIMES),
    PolicyItem("archive_after_days", N_("Archive after"), DAYS),
    PolicyItem("return_within_hours", N_("A unit may ask to return a request within"), HOURS),
    PolicyItem("extensions_at_most", N_("Extensions of a leg, at most"), TIMES),
    PolicyItem("extension_leader_days", N_("The unit's leader may extend by up to"), DAYS),
    PolicyItem("extension_dispatcher_days", N_("The dispatcher may extend by up to"), DAYS),
    PolicyItem("total_days", N_("Beyond this in all, only with a granted extension"), DAYS),
    PolicyItem("suspend_days", N_("Suspend for no longer than"), DAYS),
    PolicyItem("promise_days", N_("A promise lies no further ahead than"), DAYS),
    PolicyItem("co_lead_days", N_("Co-handlers are due before the lead by"), DAYS),
    PolicyItem("meeting_within_days", N_("A meeting is held within working days"), DAYS),
    PolicyItem("supervise_overdue_hours", N_("Supervise what is overdue by"), HOURS),
    PolicyItem("supervise_reopened", N_("Supervise what was re-opened"), TIMES),
    PolicyItem("supervise_stars", N_("Supervise what is rated with no more than"), STARS),
    PolicyItem("supervise_reporters", N_("Supervise what has this many reporters"), CASES),
    PolicyItem("supervision_answer_days", N_("A supervision is answered within working days"), DAYS),
    PolicyItem("follow_up_percent", N_("Of settled requests, call back"), PERCENT),
    PolicyItem("follow_up_tries", N_("Call back whom nobody reaches, at most"), TIMES),
    PolicyItem("follow_up_again_hours", N_("Call again whom nobody reached after"), HOURS),
    PolicyItem("cluster_from", N_("Propose a common issue from"), CASES),
    PolicyItem("cluster_days", N_("Look for common issues among requests of the last"), DAYS),
    PolicyItem("suggest_categories", N_("Suggest categories from what was settled")),
    PolicyItem("suggest_from_requests", N_("Suggest categories from settled requests, at least"), CASES),
    PolicyItem("suggest_from_each", N_("Suggest a category that has settled requests, at least"), CASES),
    PolicyItem("suggest_least_accuracy", N_("Suggest categories if the first guess is right in at least"), PERCENT),
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
    PolicyItem("sign_late_leader_hours", N_("Tell the leader of a leg not signed for, overdue by"), HOURS),
    PolicyItem("sign_late_dispatcher_hours", N_("Tell the dispatcher of a leg not signed for, overdue by"), HOURS),
    PolicyItem("settle_warn_hours", N_("Warn before settlement is due"), HOURS),
    PolicyItem("settle_warn_short_hours", N_("Warn before settlement of a micro matter is due"), HOURS),
    PolicyItem("first_contact_remind_hours", N_("Remind of the first contact after"), HOURS),
    PolicyItem("review_remind_hours", N_("Remind of a result to review after"), HOURS),
    PolicyItem("review_again_hours", N_("Remind of a result to review again after"), HOURS),
    PolicyItem("emergency_again_minutes", N_("Raise an emergency a second time after"), MINUTES),
    PolicyItem("emergency_third_minutes", N_("Raise an emergency a third time after"), MINUTES),
    PolicyItem("rate_again_days", N_("Ask for a rating again after"), DAYS),
    PolicyItem("upload_files", N_("Files with a request or a result, at most"), FILES),
    PolicyItem("upload_megabytes", N_("Size of a file, at most"), MEGABYTES),
    PolicyItem("sign_in_failures", N_("Wrong passwords that lock an account"), ATTEMPTS),
    PolicyItem("locked_minutes", N_("A locked account opens again after"), MINUTES),
    PolicyItem("password_length", N_("Length of a password, at least"), CHARACTERS),
)

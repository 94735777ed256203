"""Moments as whole seconds, because a year of requests has millions: when offices work, when things are due."""

from datetime import UTC, date, datetime, timedelta
from functools import cache

from rules import deadlines
from rules.deadlines import Tier
from rules.policy import ClockMode, Policy
from rules.workdays import DAY, Calendar, local_date

EPOCH = date(1970, 1, 1)
OF_DAY = 86_400
OFFSET = 8 * 3600
"""The district's time zone, which has had no summer time since 1991."""
CLOCK = [f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}.000000" for second in range(OF_DAY)]
OPENS, CLOSES = 8 * 3600 + 1800, 17 * 3600 + 1800
EARLY, LATE = 7 * 3600 + 1800, 19 * 3600


def instant(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def second_of(moment: datetime) -> int:
    return int(moment.timestamp())


def midnight(day: date) -> int:
    return (day - EPOCH).days * OF_DAY - OFFSET


def stamp(second: int | None) -> str | None:
    """As both engines read a moment in UTC."""
    return None if second is None else f"{day_text(second // OF_DAY)} {CLOCK[second % OF_DAY]}"


def second_read(stamped: str) -> int:
    return second_of(datetime.fromisoformat(stamped).replace(tzinfo=UTC))


@cache
def day_text(day: int) -> str:
    return (EPOCH + DAY * day).isoformat()


class Clocks:
    """The rules of `rules.deadlines` in seconds; a day's settlement dates are worked out once."""

    def __init__(self, policy: Policy, calendar: Calendar):
        self.policy, self.calendar = policy, calendar
        self.settled: dict[tuple[int, Tier], tuple[int, bool]] = {}
        self.open: dict[int, bool] = {}
        self.by_hours = policy.clock_mode is ClockMode.WORKDAY
        self.accept_within = self.accept_by_hours(0)
        self.sign_within = {tier: self.sign_by_hours(tier, 0) for tier in Tier}

    def accept(self, at: int) -> int:
        """Where no office hours are counted, a wait is as long at any time."""
        return self.accept_by_hours(at) if self.by_hours else at + self.accept_within

    def accept_by_hours(self, at: int) -> int:
        return second_of(deadlines.accept_due(instant(at), self.policy, self.calendar))

    def sign(self, tier: Tier, at: int) -> int:
        return self.sign_by_hours(tier, at) if self.by_hours else at + self.sign_within[tier]

    def sign_by_hours(self, tier: Tier, at: int) -> int:
        return second_of(deadlines.tier_sign_due(tier, instant(at), self.policy, self.calendar))

    def settle(self, tier: Tier, at: int) -> tuple[int, bool]:
        """And whether it lies in a year without a published calendar."""
        if tier is Tier.EMERGENCY:
            return self.settled_by(tier, at)
        key = ((at + OFFSET) // OF_DAY, tier)
        if key not in self.settled:
            self.settled[key] = self.settled_by(tier, at)
        return self.settled[key]

    def settled_by(self, tier: Tier, at: int) -> tuple[int, bool]:
        due = deadlines.tier_settle_due(tier, instant(at), self.policy, self.calendar)
        return second_of(due), not self.calendar.is_official(local_date(due - timedelta(microseconds=1)))

    def after_pause(self, due: int, start: int, end: int) -> int:
        mode = self.policy.clock_mode
        return second_of(deadlines.shift_for_pause(instant(due), instant(start), instant(end), mode, self.calendar))

    def works(self, day: int) -> bool:
        if day not in self.open:
            self.open[day] = self.calendar.is_workday(EPOCH + DAY * day)
        return self.open[day]

    def in_office(self, at: int, jitter: float) -> int:
        """That moment, or the next morning on which the offices work."""
        day, second = divmod(at + OFFSET, OF_DAY)
        if self.works(day) and OPENS <= second < CLOSES:
            return at
        day += second >= CLOSES or not self.works(day)
        while not self.works(day):
            day += 1
        return day * OF_DAY - OFFSET + OPENS + int(jitter * 7200)

    def on_duty(self, at: int, jitter: float) -> int:
        """Any day, from early till late."""
        day, second = divmod(at + OFFSET, OF_DAY)
        if EARLY <= second < LATE:
            return at
        return (day + (second >= LATE)) * OF_DAY - OFFSET + EARLY + int(jitter * 4800)

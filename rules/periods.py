"""The months that figures are counted over."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from rules.refusals import N_, Refusal
from rules.workdays import local_date, start_of

MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Period:
    """`first` belongs to it, `after` no longer does."""

    first: date
    after: date

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"

    @property
    def start(self) -> datetime:
        return start_of(self.first)

    @property
    def end(self) -> datetime:
        return start_of(self.after)

    def previous(self) -> "Period":
        return month(self.first.year, self.first.month - 1)


def month(year: int, number: int) -> Period:
    """Months run on: 2026, 0 is December 2025."""
    return Period(_first_day(year, number), _first_day(year, number + 1))


def _first_day(year: int, number: int) -> date:
    return date(year + (number - 1) // 12, (number - 1) % 12 + 1, 1)


def parse_month(text: str) -> Period:
    found = MONTH.fullmatch(text.strip())
    if found is None or not 2000 <= int(found[1]) <= 2100:
        raise Refusal(N_("“%(period)s” is not a month; write it like 2026-10"), period=text)
    return month(int(found[1]), int(found[2]))


def month_of(moment: datetime) -> Period:
    day = local_date(moment)
    return month(day.year, day.month)

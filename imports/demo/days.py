"""When residents ask: how many on each day, at what hour, in which weather, and what happens to many at once."""

from bisect import bisect
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from math import cos, pi
from random import Random

from rules.workdays import DAY, Calendar

WEEKEND, HOLIDAY = 0.72, 0.45
HOURS = (8, 4, 3, 2, 3, 8, 22, 48, 82, 118, 120, 78, 46, 54, 92, 98, 80, 62, 52, 66, 84, 72, 38, 18)
"""Peaks at 9–11, 14–16 and 20–21."""
BY_HOUR = list(accumulate(HOURS))


@dataclass(frozen=True)
class Spell:
    """Weather that makes some troubles more frequent: first month and day it may begin on, how long, how much."""

    flavour: str
    month: int
    days: int
    factor: float


SPELLS = (
    *(Spell("frost", 1, 4, 1.5), Spell("heating", 12, 3, 1.5), Spell("rain", 6, 5, 1.35), Spell("heat", 7, 9, 1.2)),
    *(Spell("storm", 7, 2, 1.75), Spell("storm", 8, 2, 1.7), Spell("storm", 9, 2, 1.5), Spell("heat", 8, 6, 1.2)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Today:
    """`first_id` and `first_number` stand before the day's first request."""

    day: date
    count: int
    flavour: str
    district: int
    first_id: int = 0
    first_number: int = 0


@dataclass(frozen=True, slots=True)
class Incident:
    """One trouble that many feel: a burst pipe, a power cut."""

    day: date
    seconds: int
    village: int
    trouble: int
    counts: tuple[int, int]
    seed: str


def spells(days: list[date], chance: Random) -> dict[date, Spell]:
    found: dict[date, Spell] = {}
    for spell in SPELLS:
        first = chance.randint(1, 20)
        for day in days:
            if day.month == spell.month and first <= day.day < first + spell.days:
                found[day] = spell
    return found


def weight(day: date, spell: Spell | None, calendar: Calendar, chance: Random) -> float:
    season = 1 + 0.1 * cos(2 * pi * (day.timetuple().tm_yday - 200) / 365)
    free = HOLIDAY if calendar.working.get(day) is False else 1 if calendar.is_workday(day) else WEEKEND
    return season * free * chance.lognormvariate(0, 0.11) * (spell.factor if spell else 1)


def shared(total: int, weights: list[float]) -> list[int]:
    """By largest remainder: the parts add up."""
    whole = sum(weights)
    exact = [total * each / whole for each in weights]
    parts = [int(each) for each in exact]
    by_rest = sorted(range(len(exact)), key=lambda at: (parts[at] - exact[at], at))
    for at in by_rest[: total - sum(parts)]:
        parts[at] += 1
    return parts


def year_before(until: date) -> list[date]:
    """The twelve months that end with the eve of `until`."""
    first = until.replace(year=until.year - 1) if (until.month, until.day) != (2, 29) else until - timedelta(365)
    return [first + DAY * n for n in range((until - first).days)]


def diary(district: int, total: int, until: date, calendar: Calendar, chance: Random) -> list[Today]:
    days = year_before(until)
    weather = spells(days, chance)
    counts = shared(total, [weight(day, weather.get(day), calendar, chance) for day in days])
    return [
        Today(day, count, weather[day].flavour if day in weather else "", district)
        for day, count in zip(days, counts, strict=True)
    ]


def numbered(diaries: list[list[Today]]) -> list[list[Today]]:
    """Numbers run through the districts of a day; ids through the days of a district."""
    taken: dict[date, int] = {}
    ids, result = 0, []
    for days in diaries:
        mine = []
        for today in days:
            number = taken.get(today.day, 0)
            mine.append(Today(today.day, today.count, today.flavour, today.district, ids, number))
            taken[today.day] = number + today.count
            ids += today.count
        result.append(mine)
    return result


def moment(chance: Random) -> int:
    """Seconds since midnight."""
    return bisect(BY_HOUR, int(chance.random() * BY_HOUR[-1])) * 3600 + int(chance.random() * 3600)

"""From counts to rates, scores and grades (domain § 8). Rates are exact fractions, scores rounded as Excel does."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import floor

from rules.refusals import N_

SATISFIED_FROM = 4

Number = Fraction | Decimal | int


class Direction(StrEnum):
    MORE = "more"
    LESS = "less"


DIRECTION_LABELS = {Direction.MORE: N_("More is better"), Direction.LESS: N_("Less is better")}


@dataclass(frozen=True)
class Indicator:
    """`k` is what a percentage point on the wrong side of the target costs; `full` is the most, `floor` the least."""

    key: str
    target: Fraction | Decimal
    full: Decimal
    k: Decimal
    floor: Decimal = Decimal(0)
    direction: Direction = Direction.MORE
    min_sample: int = 0

    def is_ranked(self, denominator: int) -> bool:
        """Fewer cases are shown but not ranked."""
        return denominator >= self.min_sample


def rate(numerator: int, denominator: int) -> Fraction | None:
    return Fraction(numerator, denominator) if denominator else None


def round2(value: Number) -> Decimal:
    """Half away from zero, as Excel's ROUND does."""
    exact = Fraction(value)
    cents = floor(abs(exact) * 100 + Fraction(1, 2))
    return Decimal(cents if exact >= 0 else -cents).scaleb(-2)


def score(reached: Fraction | None, spec: Indicator) -> Decimal | None:
    """None where there was no case."""
    if reached is None:
        return None
    missed = Fraction(spec.target) - reached
    if spec.direction is Direction.LESS:
        missed = -missed
    earned = Fraction(spec.full) - Fraction(spec.k) * missed * 100
    return round2(min(max(earned, Fraction(spec.floor)), Fraction(spec.full)))


def total(scored: Iterable[tuple[Decimal | None, Indicator]]) -> Decimal | None:
    """Out of 100. What had no case neither earns nor costs: the rest is scaled up."""
    counted = [(points, spec.full) for points, spec in scored if points is not None]
    possible = sum((full for _, full in counted), Decimal(0))
    if not possible:
        return None
    return round2(Fraction(sum((points for points, _ in counted), Decimal(0))) / Fraction(possible) * 100)


def ranks(points: Sequence[Decimal | None]) -> list[int | None]:
    """1, 2, 2, 4: equals share a place; what has no points has none."""
    best_first = sorted((each for each in points if each is not None), reverse=True)
    places = {each: place for place, each in reversed(list(enumerate(best_first, 1)))}
    return [None if mine is None else places[mine] for mine in points]

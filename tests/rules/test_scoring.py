from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.scoring import DIRECTION_LABELS, Direction, Indicator, rate, round2, score, total

ON_TIME = Indicator("on_time", target=Decimal("0.98"), full=Decimal(25), k=Decimal(1))
REOPENED = Indicator("reopen", target=Decimal("0.02"), full=Decimal(5), k=Decimal("0.5"), direction=Direction.LESS)
FLOORED = Indicator("sign", target=Decimal("0.98"), full=Decimal(20), k=Decimal(2), floor=Decimal(4), min_sample=5)


def test_the_pilot_settled_96_7_percent_of_its_requests():
    assert rate(3652, 3776) == Fraction(913, 944)
    assert round2(rate(3652, 3776) * 100) == Decimal("96.72")


def test_departments_claimed_every_hard_issue_and_settled_a_third():
    assert rate(6553, 6553) == 1
    assert round2(rate(2125, 6553) * 100) == Decimal("32.43")


def test_without_cases_there_is_no_rate_and_no_score():
    assert rate(0, 0) is None
    assert score(None, ON_TIME) is None
    assert rate(0, 4) == 0


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        (Fraction(1, 200), "0.01"),
        (Fraction(2675, 1000), "2.68"),
        (Fraction(1005, 1000), "1.01"),
        (Fraction(-1, 200), "-0.01"),
        (Fraction(2, 3), "0.67"),
        (Decimal("2.665"), "2.67"),
        (20, "20.00"),
    ],
)
def test_halves_are_rounded_away_from_zero_as_excel_does(value, rounded):
    assert str(round2(value)) == rounded


@pytest.mark.parametrize(
    ("numerator", "denominator", "points"),
    [(100, 100, "25"), (98, 100, "25"), (97, 100, "24"), (3652, 3776, "23.72"), (73, 100, "0"), (1, 100, "0")],
)
def test_each_point_below_the_target_costs_k(numerator, denominator, points):
    assert score(rate(numerator, denominator), ON_TIME) == Decimal(points)


@pytest.mark.parametrize(("reopened", "points"), [(0, "5"), (2, "5"), (4, "4"), (12, "0"), (50, "0")])
def test_where_less_is_better_each_point_above_the_target_costs_k(reopened, points):
    assert score(rate(reopened, 100), REOPENED) == Decimal(points)


def test_a_score_never_falls_below_its_floor():
    assert score(Fraction(0), FLOORED) == Decimal(4)


rates = st.fractions(0, 1, max_denominator=5000)


@given(rates, rates, st.sampled_from([ON_TIME, REOPENED, FLOORED]))
def test_a_score_stays_within_floor_and_full_and_never_falls_as_the_rate_improves(one, other, spec):
    worse, better = sorted([one, other], reverse=spec.direction is Direction.LESS)
    assert spec.floor <= score(worse, spec) <= score(better, spec) <= spec.full


def test_few_cases_are_shown_but_not_ranked():
    assert not FLOORED.is_ranked(4)
    assert FLOORED.is_ranked(5)
    assert score(rate(4, 4), FLOORED) == Decimal(20)


def test_the_total_is_out_of_100_whatever_the_indicators_add_up_to():
    assert total([(Decimal("20"), FLOORED), (Decimal("16.67"), ON_TIME)]) == Decimal("81.49")


def test_an_indicator_without_cases_neither_earns_nor_costs():
    assert total([(Decimal("18"), FLOORED), (None, ON_TIME)]) == Decimal(90)
    assert total([(None, FLOORED), (None, ON_TIME)]) is None
    assert total([]) is None


def test_every_direction_has_a_word():
    assert set(DIRECTION_LABELS) == set(Direction)

import pytest

from rules.periods import month_of, parse_month
from rules.refusals import Refusal
from tests.stage import at


def test_a_month_runs_from_midnight_to_midnight_in_the_district():
    october = parse_month("2026-10")
    assert (october.start, october.end) == (at("2026-10-01 00:00"), at("2026-11-01 00:00"))


def test_december_is_followed_and_preceded_by_other_years():
    assert str(parse_month("2026-01").previous()) == "2025-12"
    assert parse_month("2025-12").end == at("2026-01-01 00:00")


def test_a_moment_belongs_to_the_month_on_the_districts_clock():
    assert str(month_of(at("2026-11-01 00:00"))) == "2026-11"
    assert str(month_of(at("2026-10-31 23:59"))) == "2026-10"


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-1", "2026/10", "1026-10", "2026-10-01", "十月"])
def test_what_is_no_month_is_refused(text):
    with pytest.raises(Refusal, match="is not a month"):
        parse_month(text)

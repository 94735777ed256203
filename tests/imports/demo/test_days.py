from datetime import date
from random import Random

from imports.demo.days import Today, diary, moment, numbered, shared, year_before
from rules.workdays import Calendar

NATIONAL_DAY = Calendar({date(2026, 10, day): False for day in range(1, 8)}, frozenset({2025, 2026}))


def test_parts_add_up_to_the_whole():
    assert shared(10, [1, 1, 1]) == [4, 3, 3]
    assert shared(331_000, [0.3, 0.9, 0.8]) == [49_650, 148_950, 132_400]


def test_a_year_ends_with_the_eve_and_is_as_long_as_a_year():
    days = year_before(date(2026, 11, 20))
    assert (days[0], days[-1], len(days)) == (date(2025, 11, 20), date(2026, 11, 19), 365)
    assert year_before(date(2024, 2, 29))[0] == date(2023, 3, 1)


def test_weekends_and_holidays_are_quieter_and_some_days_are_not():
    days = {today.day: today.count for today in diary(1, 331_000, date(2026, 11, 20), NATIONAL_DAY, Random(5))}
    assert sum(days.values()) == 331_000
    assert days[date(2026, 10, 3)] < days[date(2026, 10, 13)]
    saturdays = [count for day, count in days.items() if day.weekday() == 5]
    tuesdays = [count for day, count in days.items() if day.weekday() == 1]
    assert sum(saturdays) < 0.85 * sum(tuesdays)
    assert 1_400 < max(days.values()) < 2_400


def test_numbers_run_on_through_the_districts_of_a_day_and_ids_through_a_district():
    first, second = date(2026, 1, 1), date(2026, 1, 2)
    one = [Today(first, 5, "", 1), Today(second, 7, "", 1)]
    two = [Today(first, 2, "", 2), Today(second, 3, "", 2)]
    placed = numbered([one, two])
    assert [(each.first_id, each.first_number) for days in placed for each in days] == [
        (0, 0),
        (5, 0),
        (12, 5),
        (14, 7),
    ]


def test_most_ask_in_the_morning_few_at_night():
    chance = Random(3)
    hours = [moment(chance) // 3600 for _ in range(20_000)]
    assert max(set(hours), key=hours.count) in (9, 10)
    assert sum(hour < 5 for hour in hours) < 800
    assert hours.count(20) > hours.count(18)

from datetime import date

from models.acting import EVERYTHING, Scope
from models.tickets import Ticket
from models.trends import by_category, daily, last_days
from tests.stage import at


def test_a_day_begins_at_midnight_in_china(way):
    for moment in ("2026-09-17 23:59", "2026-09-18 00:00", "2026-09-18 23:59", "2026-09-19 00:00"):
        way.submitted(at(moment))
    days = [date(2026, 9, 17), date(2026, 9, 18), date(2026, 9, 19)]
    assert daily(way.session, Ticket.submitted_at, days, EVERYTHING) == [1, 2, 1]
    assert daily(way.session, Ticket.submitted_at, days[1:2], EVERYTHING) == [2]


def test_days_without_a_request_are_noughts(way):
    assert daily(way.session, Ticket.settled_at, last_days(at("2026-09-18 12:00"), 3), EVERYTHING) == [0, 0, 0]


def test_the_last_days_end_today(way):
    assert last_days(at("2026-09-01 00:30"), 2) == [date(2026, 8, 31), date(2026, 9, 1)]


def test_only_what_lies_in_scope_is_drawn(way):
    way.submitted(at("2026-09-18 09:00"), unit=way.district.far_village)
    here = Scope(paths=(way.district.village.path,))
    assert daily(way.session, Ticket.submitted_at, [date(2026, 9, 18)], here) == [0]
    assert by_category(way.session, at("2026-09-01 00:00"), here) == []


def test_kinds_are_counted_the_most_frequent_first_and_the_unclassified_by_themselves(way):
    way.submitted(at("2026-09-18 09:00"))
    way.submitted(at("2026-09-18 09:00"))
    way.submitted(at("2026-08-18 09:00"))
    assert by_category(way.session, at("2026-09-01 00:00"), EVERYTHING) == [(None, 2)]

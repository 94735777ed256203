import pytest

from models.acting import scope_for
from models.worklists import WORK_LISTS, counts, find_list, lists_for
from tests.factories import actor
from tests.stage import at

NOON = at("2026-09-18 12:00")


def count(way, who, now=NOON) -> dict[str, int]:
    way.session.flush()
    return counts(way.session, lists_for(who), who, scope_for(who), now)


def test_every_state_of_the_way_waits_in_one_list_of_somebody(way):
    for brought in (way.submitted, way.accepted, way.dispatched, way.signed, way.with_result, way.settled):
        brought(at("2026-09-18 09:00"))
    dispatcher, handler, leader = count(way, way.dispatcher), count(way, way.handler), count(way, way.leader)
    assert (dispatcher["to_accept"], dispatcher["to_dispatch"], dispatcher["with_units"]) == (1, 1, 3)
    assert (handler["to_sign"], handler["to_contact"], handler["in_hand"], handler["in_review"]) == (1, 1, 1, 1)
    assert (leader["to_review"], leader["to_rate"], leader["settled"]) == (1, 1, 1)
    assert (dispatcher["all"], handler["all"]) == (6, 6)


def test_a_unit_is_not_asked_to_do_what_lies_with_its_grid(way):
    way.dispatched(to=way.district.grid)
    assert count(way, way.handler)["to_sign"] == 0


@pytest.mark.parametrize(
    ("now", "due_today", "overdue"),
    [
        ("2026-09-18 16:59", 1, 0),
        ("2026-09-18 17:00", 1, 0),
        ("2026-09-18 17:01", 0, 1),
        ("2026-09-17 12:00", 0, 0),
    ],
)
def test_due_today_becomes_overdue_a_moment_after_the_date(way, now, due_today, overdue):
    way.dispatched(at("2026-09-18 09:00"))
    found = count(way, way.handler, at(now))
    assert (found["due_today"], found["overdue"]) == (due_today, overdue)


def test_twenty_four_hundred_of_today_is_due_today(way):
    way.signed(at("2026-09-18 09:00"))
    assert count(way, way.handler, at("2026-09-21 12:00"))["due_today"] == 1


def test_what_is_settled_is_never_overdue(way):
    way.settled(at("2026-09-18 09:00"))
    assert count(way, way.handler, at("2027-01-01 12:00"))["overdue"] == 0


def test_nothing_beyond_the_scope_is_counted(way):
    way.submitted(unit=way.district.far_village)
    assert set(count(way, way.handler).values()) == {0}


def test_a_list_of_another_role_cannot_be_asked_for(way):
    assert find_list("to_accept", way.handler) is None
    assert find_list("to_sign", way.handler) is not None
    assert find_list("no-such-list", way.handler) is None


def test_every_business_role_has_the_common_lists(way):
    for role in ("office", "member", "supervisor", "manager", "evaluator"):
        keys = [each.key for each in lists_for(actor(way.session, role, way.district.root))]
        assert keys == ["due_today", "overdue", "with_units", "to_rate", "settled", "all"]


def test_keys_are_told_apart(way):
    assert len({each.key for each in WORK_LISTS}) == 13

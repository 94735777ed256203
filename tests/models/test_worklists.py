import pytest

from models.acting import scope_for
from models.policies import load_policy
from models.waiting import moment_at
from models.worklists import WORK_LISTS, counts, find_list, lists_for
from rules.deadlines import Tier
from tests.factories import actor
from tests.stage import at

NOON = at("2026-09-18 12:00")
COMMON = ["due_soon", "overdue", "with_units", "to_rate", "settled", "all"]


def count(way, who, now=NOON) -> dict[str, int]:
    way.session.flush()
    at_the_time = moment_at(now, load_policy(way.session))
    return counts(way.session, lists_for(who), who, scope_for(who), at_the_time)


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
    ("now", "due_soon", "overdue"),
    [
        ("2026-09-18 15:59", 0, 0),
        ("2026-09-18 16:00", 1, 0),
        ("2026-09-18 17:00", 1, 0),
        ("2026-09-18 17:01", 0, 1),
    ],
)
def test_what_is_to_be_signed_for_is_due_soon_within_its_last_hour_and_then_overdue(way, now, due_soon, overdue):
    way.dispatched(at("2026-09-18 09:00"))
    for who in (way.handler, way.dispatcher):
        found = count(way, who, at(now))
        assert (found["due_soon"], found["overdue"]) == (due_soon, overdue)


@pytest.mark.parametrize(
    ("tier", "now", "due_soon"),
    [
        (Tier.MICRO, "2026-09-21 11:59", 0),
        (Tier.MICRO, "2026-09-21 12:00", 1),
        (Tier.MINOR, "2026-09-24 23:59", 0),
        (Tier.MINOR, "2026-09-25 00:00", 1),
    ],
)
def test_what_is_to_be_settled_is_due_soon_by_the_warning_time_of_its_tier(way, tier, now, due_soon):
    way.signed(at("2026-09-18 09:00"), tier=tier)
    for who in (way.handler, way.dispatcher):
        assert count(way, who, at(now))["due_soon"] == due_soon


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
        assert [each for each in keys if each in COMMON] == COMMON


def test_keys_are_told_apart(way):
    assert len({each.key for each in WORK_LISTS}) == len(WORK_LISTS) == 18

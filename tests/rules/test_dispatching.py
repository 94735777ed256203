"""The table of domain § 6: village → grid; town → village, station, department; district → any."""

import pytest

from rules.deadlines import Tier
from rules.dispatching import level_tier, may_dispatch, parent_path
from rules.routing import OWNER_KINDS
from rules.units import UnitKind

DISTRICT = (UnitKind.DISTRICT, "/D/")
TOWN = (UnitKind.TOWN, "/D/T1/")
VILLAGE = (UnitKind.VILLAGE, "/D/T1/V1/")
GRID = (UnitKind.GRID, "/D/T1/V1/G1/")
MICRO_GRID = (UnitKind.MICRO_GRID, "/D/T1/V1/G1/M1/")
ESTATE = (UnitKind.ESTATE, "/D/T1/V1/E1/")
TOWN_STATION = (UnitKind.STATION, "/D/T1/S1/")
TOWN_DEPARTMENT = (UnitKind.DEPARTMENT, "/D/T1/B1/")
TOWN_FIRM = (UnitKind.FIRM, "/D/T1/F1/")
TOWN_PARTNER = (UnitKind.PARTNER, "/D/T1/P1/")
DEPARTMENT = (UnitKind.DEPARTMENT, "/D/B/")
OTHER_DEPARTMENT = (UnitKind.DEPARTMENT, "/D/B2/")
STATION = (UnitKind.STATION, "/D/S/")
FIRM = (UnitKind.FIRM, "/D/F/")
OTHER_TOWN = (UnitKind.TOWN, "/D/T2/")
OTHER_VILLAGE = (UnitKind.VILLAGE, "/D/T2/V2/")
OTHER_STATION = (UnitKind.STATION, "/D/T2/S2/")
NAMESAKE = (UnitKind.VILLAGE, "/D/T11/V1/")
ELSEWHERE = (UnitKind.DISTRICT, "/E/")
THERE = (UnitKind.DEPARTMENT, "/E/B/")

UNITS = [
    DISTRICT, TOWN, VILLAGE, GRID, MICRO_GRID, ESTATE, TOWN_STATION, TOWN_DEPARTMENT, TOWN_FIRM, TOWN_PARTNER,
    DEPARTMENT, OTHER_DEPARTMENT, STATION, FIRM, OTHER_TOWN, OTHER_VILLAGE, OTHER_STATION, NAMESAKE, ELSEWHERE, THERE,
]  # fmt: skip
TABLE = {
    DISTRICT: [
        DISTRICT, TOWN, VILLAGE, GRID, MICRO_GRID, ESTATE, TOWN_STATION, TOWN_DEPARTMENT, TOWN_FIRM, TOWN_PARTNER,
        DEPARTMENT, OTHER_DEPARTMENT, STATION, FIRM, OTHER_TOWN, OTHER_VILLAGE, OTHER_STATION, NAMESAKE,
    ],
    TOWN: [
        TOWN, VILLAGE, TOWN_STATION, TOWN_DEPARTMENT, TOWN_FIRM, TOWN_PARTNER, DEPARTMENT, OTHER_DEPARTMENT, STATION,
    ],
    VILLAGE: [VILLAGE, GRID, ESTATE],
    GRID: [GRID, MICRO_GRID],
    MICRO_GRID: [MICRO_GRID],
    ESTATE: [ESTATE],
    TOWN_STATION: [TOWN_STATION],
    TOWN_DEPARTMENT: [TOWN_DEPARTMENT],
    DEPARTMENT: [DEPARTMENT],
    STATION: [STATION],
    FIRM: [FIRM],
}  # fmt: skip


@pytest.mark.parametrize("sender", TABLE, ids=lambda unit: unit[1])
def test_a_unit_dispatches_one_level_down_a_town_also_beside_and_a_district_to_any(sender):
    assert [unit for unit in UNITS if may_dispatch(*sender, *unit)] == TABLE[sender]


@pytest.mark.parametrize(
    ("unit", "above"),
    [(MICRO_GRID, GRID), (GRID, VILLAGE), (ESTATE, VILLAGE), (VILLAGE, TOWN), (TOWN, DISTRICT), (TOWN_STATION, TOWN),
     (TOWN_DEPARTMENT, TOWN), (DEPARTMENT, DISTRICT), (STATION, DISTRICT), (DISTRICT, (None, "/"))],
)  # fmt: skip
def test_each_level_has_one_right_above_it(unit, above):
    assert parent_path(unit[1]) == above[1]


@pytest.mark.parametrize(
    ("kind", "tiers"),
    [
        (UnitKind.MICRO_GRID, ["micro", "minor", "hard"]),
        (UnitKind.GRID, ["micro", "minor", "hard"]),
        (UnitKind.ESTATE, ["micro", "minor", "hard"]),
        (UnitKind.VILLAGE, ["micro", "minor", "hard"]),
        (UnitKind.TOWN, ["minor", "minor", "hard"]),
        (UnitKind.DEPARTMENT, ["minor", "minor", "hard"]),
        (UnitKind.STATION, ["minor", "minor", "hard"]),
        (UnitKind.FIRM, ["minor", "minor", "hard"]),
        (UnitKind.PARTNER, ["minor", "minor", "hard"]),
        (UnitKind.DISTRICT, ["hard", "hard", "hard"]),
    ],
)
def test_a_level_makes_a_matter_larger_and_never_smaller(kind, tiers):
    assert [level_tier(tier, kind) for tier in (Tier.MICRO, Tier.MINOR, Tier.HARD)] == tiers
    assert level_tier(Tier.EMERGENCY, kind) is Tier.EMERGENCY


@pytest.mark.parametrize("tier", [Tier.MICRO, Tier.MINOR, Tier.HARD])
def test_the_level_that_a_tier_is_proposed_to_does_not_change_the_tier(tier):
    assert level_tier(tier, OWNER_KINDS[tier][0]) is tier

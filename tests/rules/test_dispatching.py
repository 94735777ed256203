import pytest

from rules.dispatching import may_dispatch
from rules.units import UnitKind

DISTRICT = (UnitKind.DISTRICT, "/D/")
TOWN = (UnitKind.TOWN, "/D/T1/")
VILLAGE = (UnitKind.VILLAGE, "/D/T1/V1/")
GRID = (UnitKind.GRID, "/D/T1/V1/G1/")
TOWN_STATION = (UnitKind.STATION, "/D/T1/S1/")
TOWN_DEPARTMENT = (UnitKind.DEPARTMENT, "/D/T1/B1/")
DEPARTMENT = (UnitKind.DEPARTMENT, "/D/B/")
STATION = (UnitKind.STATION, "/D/S/")
OTHER_TOWN = (UnitKind.TOWN, "/D/T2/")
OTHER_VILLAGE = (UnitKind.VILLAGE, "/D/T2/V2/")
OTHER_STATION = (UnitKind.STATION, "/D/T2/S2/")
NAMESAKE = (UnitKind.VILLAGE, "/D/T11/V1/")


@pytest.mark.parametrize(
    ("sender", "receiver"),
    [
        (DISTRICT, TOWN),
        (DISTRICT, GRID),
        (DISTRICT, DEPARTMENT),
        (TOWN, TOWN),
        (TOWN, VILLAGE),
        (TOWN, TOWN_STATION),
        (TOWN, TOWN_DEPARTMENT),
        (TOWN, DEPARTMENT),
        (TOWN, STATION),
        (VILLAGE, GRID),
        (VILLAGE, VILLAGE),
    ],
)
def test_a_unit_dispatches_down_its_tree_and_a_town_also_to_the_districts_departments_and_stations(sender, receiver):
    assert may_dispatch(*sender, *receiver)


@pytest.mark.parametrize(
    ("sender", "receiver"),
    [
        (VILLAGE, TOWN),
        (VILLAGE, DEPARTMENT),
        (TOWN, DISTRICT),
        (TOWN, OTHER_TOWN),
        (TOWN, OTHER_VILLAGE),
        (TOWN, OTHER_STATION),
        (TOWN, NAMESAKE),
        (DEPARTMENT, VILLAGE),
        (GRID, VILLAGE),
    ],
)
def test_nobody_dispatches_up_across_or_into_another_town(sender, receiver):
    assert not may_dispatch(*sender, *receiver)

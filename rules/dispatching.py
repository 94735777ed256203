"""To whom a unit may hand a request (village → grid; town → village, station, department; district → any)."""

from rules.units import UnitKind

PLACES = {UnitKind.GRID, UnitKind.MICRO_GRID, UnitKind.ESTATE}
BELOW = {
    UnitKind.TOWN: {UnitKind.VILLAGE, UnitKind.DEPARTMENT, UnitKind.STATION} | PLACES,
    UnitKind.VILLAGE: PLACES,
    UnitKind.DEPARTMENT: {UnitKind.STATION},
}
BESIDE = {UnitKind.TOWN: {UnitKind.DEPARTMENT, UnitKind.STATION}}  # s1: a town dispatches straight to the district's


def may_dispatch(from_kind: UnitKind, from_path: str, to_kind: UnitKind, to_path: str) -> bool:
    if from_kind is UnitKind.DISTRICT or from_path == to_path:
        return to_path.startswith(from_path)
    if to_path.startswith(from_path):
        return to_kind in BELOW.get(from_kind, set())
    return parent_path(from_path) == parent_path(to_path) and to_kind in BESIDE.get(from_kind, set())


def parent_path(path: str) -> str:
    return path.rstrip("/").rpartition("/")[0]

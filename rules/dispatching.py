"""To whom a unit may hand a request (domain § 6: village → grid; town → village, station, department; district → any)."""

from rules.units import UnitKind

BELOW = {
    UnitKind.TOWN: {UnitKind.VILLAGE, UnitKind.GRID, UnitKind.MICRO_GRID, UnitKind.ESTATE, UnitKind.STATION},
    UnitKind.VILLAGE: {UnitKind.GRID, UnitKind.MICRO_GRID, UnitKind.ESTATE},
    UnitKind.DEPARTMENT: {UnitKind.STATION},
}
BESIDE = {UnitKind.TOWN: {UnitKind.DEPARTMENT, UnitKind.STATION}}  # s1: a town dispatches straight to them


def may_dispatch(from_kind: UnitKind, from_path: str, to_kind: UnitKind, to_path: str) -> bool:
    if from_kind is UnitKind.DISTRICT or from_path == to_path:
        return to_path.startswith(from_path)
    if to_path.startswith(from_path):
        return to_kind in BELOW.get(from_kind, set())
    return to_kind in BESIDE.get(from_kind, set())

"""To whom a unit may hand a request: one level down, a town also to departments and stations, a district to any unit.

s1: micro_grid → grid → village → town → district, estates under their village.
"""

from rules.deadlines import Tier
from rules.units import UnitKind

BESIDE = {UnitKind.TOWN: {UnitKind.DEPARTMENT, UnitKind.STATION}}  # s1: a town dispatches straight to the district's


def may_dispatch(from_kind: UnitKind, from_path: str, to_kind: UnitKind, to_path: str) -> bool:
    if from_kind is UnitKind.DISTRICT or from_path == to_path:
        return to_path.startswith(from_path)
    above = parent_path(to_path)
    return above == from_path or (above == parent_path(from_path) and to_kind in BESIDE.get(from_kind, set()))


def parent_path(path: str) -> str:
    """`/` above a district."""
    return path.rstrip("/").rpartition("/")[0] + "/"


LEVELS = {
    UnitKind.TOWN: Tier.MINOR,
    UnitKind.DEPARTMENT: Tier.MINOR,
    UnitKind.STATION: Tier.MINOR,
    UnitKind.FIRM: Tier.MINOR,
    UnitKind.PARTNER: Tier.MINOR,
    UnitKind.DISTRICT: Tier.HARD,
}  # s1: villages and estates settle micro matters, towns and departments minor ones; what is joint is hard
IN_ORDER = (Tier.MICRO, Tier.MINOR, Tier.HARD)


def level_tier(tier: Tier, kind: UnitKind) -> Tier:
    """What a matter counts as once that kind of unit has it: never less than it was."""
    if tier is Tier.EMERGENCY:
        return tier
    return max(tier, LEVELS.get(kind, Tier.MICRO), key=IN_ORDER.index)

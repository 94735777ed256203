"""The typed tree of units and the 12-digit division codes: province 2, city 2, district 2, town 3, village 3."""

import re
from enum import StrEnum

from rules.refusals import N_, Refusal


class UnitKind(StrEnum):
    DISTRICT = "district"
    TOWN = "town"
    VILLAGE = "village"
    GRID = "grid"
    MICRO_GRID = "micro_grid"
    ESTATE = "estate"
    DEPARTMENT = "department"
    STATION = "station"
    FIRM = "firm"
    PARTNER = "partner"


UNIT_KIND_LABELS = {
    UnitKind.DISTRICT: N_("District"),
    UnitKind.TOWN: N_("Town or sub-district"),
    UnitKind.VILLAGE: N_("Village or community"),
    UnitKind.GRID: N_("Grid"),
    UnitKind.MICRO_GRID: N_("Micro-grid"),
    UnitKind.ESTATE: N_("Housing estate"),
    UnitKind.DEPARTMENT: N_("Department"),
    UnitKind.STATION: N_("Grass-roots station"),
    UnitKind.FIRM: N_("State firm"),
    UnitKind.PARTNER: N_("Paired unit"),
}

LIVED_IN = frozenset({UnitKind.VILLAGE, UnitKind.GRID, UnitKind.MICRO_GRID, UnitKind.ESTATE})
"""Where households are."""

NUMBERED = frozenset({UnitKind.GRID, UnitKind.MICRO_GRID})
"""Whose names often say nothing without that of the unit above."""

DISTRICT_OR_TOWN = frozenset({UnitKind.DISTRICT, UnitKind.TOWN})

PARENT_KINDS: dict[UnitKind, frozenset[UnitKind]] = {
    UnitKind.DISTRICT: frozenset(),
    UnitKind.TOWN: frozenset({UnitKind.DISTRICT}),
    UnitKind.VILLAGE: frozenset({UnitKind.TOWN}),
    UnitKind.GRID: frozenset({UnitKind.VILLAGE}),
    UnitKind.MICRO_GRID: frozenset({UnitKind.GRID}),
    UnitKind.ESTATE: frozenset({UnitKind.VILLAGE}),
    UnitKind.DEPARTMENT: DISTRICT_OR_TOWN,
    UnitKind.STATION: DISTRICT_OR_TOWN,
    UnitKind.FIRM: DISTRICT_OR_TOWN,
    UnitKind.PARTNER: DISTRICT_OR_TOWN,
}

CODE = re.compile(r"[\w.()-]+")
NO_CODE = N_("A code is made of letters, digits, hyphens, dots, brackets and underscores, without spaces or slashes")
CODE_LENGTH = 12
LEVEL_ENDS = (2, 4, 6, 9, 12)
KIND_BY_END = {6: UnitKind.DISTRICT, 9: UnitKind.TOWN, 12: UnitKind.VILLAGE}


def check_code(text: str) -> None:
    """Codes stand between the slashes of a path."""
    if not CODE.fullmatch(text):
        raise Refusal(NO_CODE)


def pad_code(text: str) -> str:
    if not (text.isascii() and text.isdigit() and len(text) in LEVEL_ENDS):
        raise Refusal(N_("“%(code)s” is not a division code of 2, 4, 6, 9 or 12 digits"), code=text)
    return text.ljust(CODE_LENGTH, "0")


def level_end(code: str) -> int:
    """How many digits of a padded code say something."""
    return next(end for end in LEVEL_ENDS if not code[end:].strip("0"))


def parent_code(code: str) -> str | None:
    """None above a province."""
    end = LEVEL_ENDS.index(level_end(code))
    return pad_code(code[: LEVEL_ENDS[end - 1]]) if end else None


def kind_of_code(code: str) -> UnitKind:
    kind = KIND_BY_END.get(level_end(code))
    if kind is None:
        raise Refusal(N_("Code %(code)s belongs to no district, town or village"), code=code)
    return kind

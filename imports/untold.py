"""What readers do not tell of a workbook."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from imports.hidden import Ranges as Rows

Errors = dict[tuple[int, int], str]
"""(row, column) from 1 → `#N/A` and its like."""
Boxes = list[tuple[int, int, int, int]]
"""First row, first column, last row, last column."""
SAID = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip
OTHER = "#N/A"


@dataclass(frozen=True)
class Untold:
    """By sheet: cells in error, hidden rows and, where the reader does not tell them, merged ranges. `since_1904`: its
    serial numbers count from that year."""

    errors: Mapping[str, Errors] = field(default_factory=dict)
    hidden: Mapping[str, Rows] = field(default_factory=dict)
    merged: Mapping[str, Boxes] = field(default_factory=dict)
    since_1904: bool = False


NOTHING = Untold()

"""Rows of a table that are no data: how many there were of each sort, and which."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from imports.masks import cell_text, masked_digits
from rules.refusals import N_

MOST_LISTED = 50
CELLS_SHOWN, LONGEST = 6, 80


class Why(StrEnum):
    ABOVE = "above"
    TOTAL = "total"
    REMARK = "remark"
    EXAMPLE = "example"
    REPEATED = "repeated"
    HIDDEN = "hidden"
    FAILED = "failed"


WHY_LABELS = {
    Why.ABOVE: N_("above the header"),
    Why.TOTAL: N_("a total"),
    Why.REMARK: N_("a remark or note"),
    Why.EXAMPLE: N_("an example"),
    Why.REPEATED: N_("the header again"),
    Why.HIDDEN: N_("hidden in the file"),
    Why.FAILED: N_("nothing but formulas that failed"),
}


@dataclass
class Passed:
    """`listed`: row, why, its text; the first fifty of each sort."""

    counts: Counter[str] = field(default_factory=Counter)
    listed: list[tuple[int, str, str]] = field(default_factory=list)

    def add(self, row: int, why: Why, cells: Sequence[Any]) -> None:
        self.counts[why] += 1
        if self.counts[why] <= MOST_LISTED:
            texts = (cell_text(cell).strip() for cell in cells)
            shown = "　".join([text for text in texts if text][:CELLS_SHOWN])
            self.listed.append((row, why.value, masked_digits(shown)[:LONGEST]))

"""What stands twice in one file."""

from collections.abc import Hashable, Iterable
from hashlib import blake2b

from imports.cells import LAST_ROW
from imports.lines import Line
from rules.refusals import N_


class Seen:
    """A ledger of 331,000 rows is seen as that many digests and places: the marks themselves take twice the room."""

    def __init__(self) -> None:
        self.places: dict[bytes, int] = {}
        self.sheets: list[str] = []

    def check(self, line: Line, marks: Iterable[tuple[str, Hashable]]) -> None:
        """Column and what no two lines may have alike there; marks are alike that are written alike."""
        here = self._place(line)
        for column, mark in marks:
            digest = blake2b(repr((column, mark)).encode("utf-8", "surrogatepass"), digest_size=15).digest()
            if (there := self.places.setdefault(digest, here)) != here:
                sheet, row = self._of(there)
                line.wrong(
                    column, "twice", N_("The same entry stands in “%(sheet)s”, row %(row)s"), sheet=sheet, row=str(row)
                )

    def _place(self, line: Line) -> int:
        """Sheet and row in one number."""
        if not self.sheets or self.sheets[-1] != line.sheet:
            self.sheets.append(line.sheet)
        return len(self.sheets) * (LAST_ROW + 1) + line.row

    def _of(self, place: int) -> tuple[str, int]:
        sheet, row = divmod(place, LAST_ROW + 1)
        return self.sheets[sheet - 1], row

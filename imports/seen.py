"""What stands twice in one file."""

from collections.abc import Hashable, Iterable

from imports.lines import Line
from rules.refusals import N_


class Seen:
    def __init__(self) -> None:
        self.rows: dict[Hashable, tuple[str, int]] = {}

    def check(self, line: Line, marks: Iterable[tuple[str, Hashable]]) -> None:
        """Column and what no two lines may have alike there."""
        for column, mark in marks:
            sheet, row = self.rows.setdefault((column, mark), (line.sheet, line.row))
            if (sheet, row) != (line.sheet, line.row):
                line.wrong(
                    column, "twice", N_("The same entry stands in “%(sheet)s”, row %(row)s"), sheet=sheet, row=str(row)
                )

"""An error workbook that comes back: which rows of which file it holds, and how they take their old place."""

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields

from imports.cells import LONGEST_CELL
from imports.headers import SEARCHED_ROWS
from imports.lines import Line
from imports.reading import Cell, Row, Sheet, Workbook, read
from imports.sniff import FileKind, sniff
from rules.refusals import N_, Refusal

WHY = "问题"
MARK = "行标识（勿改勿删）"
MARKED = re.compile(r"B([0-9]{1,9})-S([0-9]{1,4})-R([0-9]{1,7})")
"""Batch, sheet of the file from 1, row."""

Place = tuple[int, int]
"""Sheet from 1, row."""


def mark(batch_id: int, sheet: int, row: int) -> str:
    return f"B{batch_id}-S{sheet}-R{row}"


def mark_heading(headings: Sequence[str]) -> str:
    """Tells whether the columns still stand as they were written."""
    told = hashlib.sha256("\n".join(heading.strip() for heading in headings).encode()).hexdigest()
    return f"{MARK}{told[:8]}"


@dataclass(frozen=True)
class Corrections:
    """Rows by where they stood, and the cells of them that hold an error of Excel: column → `#N/A`. Some kinds of file
    do not tell such cells from blank ones."""

    rows: Mapping[Place, list[Cell]]
    errors: Mapping[Place, dict[int, str]]
    tells_errors: bool = True


@dataclass(frozen=True)
class Amendments:
    """Corrections laid over the file they belong to, the later over the earlier. Of a file whose good rows are written
    only those `waiting` are taken: by the name of the sheet, and the row."""

    corrections: Sequence[Corrections] = ()
    waiting: Collection[tuple[str, int]] | None = None

    def lay_over(self, workbook: Workbook) -> None:
        for one in self.corrections:
            for number, sheet in enumerate(workbook.sheets):
                workbook.sheets[number] = _amended(sheet, number + 1, one)

    def take(self, line: Line) -> bool:
        return self.waiting is None or (line.sheet, line.row) in self.waiting


NONE = Amendments()


@dataclass
class AmendedSheet(Sheet):
    amended: dict[int, list[Cell]] = field(default_factory=dict)

    def rows(self) -> Iterator[Row]:
        for number, cells in super().rows():
            yield number, _laid_over(cells, self.amended[number]) if number in self.amended else cells


def _amended(sheet: Sheet, number: int, given: Corrections) -> Sheet:
    rows = {row: cells for (of, row), cells in given.rows.items() if of == number}
    if not rows:
        return sheet
    errors = {place: shown for place, shown in sheet.errors.items() if _still(place, rows, given)}
    for (of, row), found in given.errors.items():
        if of == number:
            errors |= {(row, column): shown for column, shown in found.items()}
    before = sheet.amended if isinstance(sheet, AmendedSheet) else {}
    kept = {each.name: getattr(sheet, each.name) for each in fields(Sheet)}
    return AmendedSheet(**kept | {"errors": errors}, amended=before | rows)


def _still(place: tuple[int, int], rows: Mapping[int, list[Cell]], given: Corrections) -> bool:
    row, column = place
    if row not in rows:
        return True
    return not given.tells_errors and (column > len(rows[row]) or rows[row][column - 1] == "")


def _laid_over(cells: list[Cell], given: list[Cell]) -> list[Cell]:
    """A text longer than Excel holds comes back cut off, and stays what it was."""
    old = [*cells, *[""] * (len(given) - len(cells))]
    return [
        before if isinstance(before, str) and len(before) > LONGEST_CELL and before[:LONGEST_CELL] == now else now
        for before, now in zip(old, [*given, *[""] * (len(old) - len(given))], strict=True)
    ]


def read_corrections(batch_id: int, data: bytes) -> Corrections:
    """Raises Refusal for what is not an error workbook of this import, or is no longer in its order."""
    found = _Reader(batch_id)
    with read(data) as workbook:
        for sheet in workbook.sheets:
            if (head := _head(sheet)) is not None:
                found.take(sheet, *head)
    if not found.sheets:
        raise Refusal(
            N_(
                "This is not an error workbook: take the one that was made of this import's wrong rows, correct the "
                "red cells in it and save it as a workbook. Its hidden column tells where each row belongs"
            )
        )
    return Corrections(found.rows, found.errors, sniff(data) is FileKind.XLSX)


def _head(sheet: Sheet) -> tuple[int, list[str]] | None:
    """The row that holds the mark's heading, and its texts up to there."""
    for number, cells in sheet.head()[:SEARCHED_ROWS]:
        texts = [str(cell).strip() for cell in cells]
        place = next((index for index, text in enumerate(texts) if text.startswith(MARK)), None)
        if place is not None:
            return number, texts[: place + 1]
    return None


class _Reader:
    def __init__(self, batch_id: int) -> None:
        self.batch_id = batch_id
        self.sheets = 0
        self.rows: dict[Place, list[Cell]] = {}
        self.errors: dict[Place, dict[int, str]] = {}

    def take(self, sheet: Sheet, head: int, texts: list[str]) -> None:
        self.sheets += 1
        width = len(texts) - 2
        if texts[-1] != mark_heading(texts[:width]):
            raise Refusal(
                N_("“%(sheet)s”: columns were moved, added or renamed. Leave the headings as they came"),
                sheet=sheet.name,
            )
        for number, cells in sheet.rows():
            if number > head and any(cell != "" for cell in [*cells[:width], *cells[width + 1 : width + 2]]):
                place = self._place(sheet, number, str(cells[width + 1]) if len(cells) > width + 1 else "")
                self.rows[place] = cells[:width]
                self.errors[place] = {
                    column: shown for (row, column), shown in sheet.errors.items() if row == number and column <= width
                }

    def _place(self, sheet: Sheet, number: int, written: str) -> Place:
        marked = MARKED.fullmatch(written.strip())
        here = {"sheet": sheet.name, "row": number}
        if not marked:
            raise Refusal(
                N_("“%(sheet)s”, row %(row)s was not in the error workbook: import new rows as a file of their own"),
                **here,
            )
        if int(marked[1]) != self.batch_id:
            raise Refusal(
                N_("These are corrections of another import, number %(number)s: they belong there"), number=marked[1]
            )
        place = int(marked[2]), int(marked[3])
        if place in self.rows:
            raise Refusal(
                N_("“%(sheet)s”, row %(row)s is a copy of another row: keep one of the two"),
                **here,
            )
        return place

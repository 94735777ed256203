"""Where the header of a sheet stands, and which rows below it are data."""

import re
import unicodedata
from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from imports.reading import Cell, Row, Sheet

SEARCHED_ROWS = 30
LEAST_LABELS = 2
TOTALS = re.compile(r"(合计|总计|小计|共计)")
REMARKS = re.compile(r"(备注|注|说明|填表说明|填报说明|填表人|填报人|制表人|审核人|单位负责人)([:：].*)?", re.DOTALL)
EXAMPLE = re.compile(r"(填写|填报)?(示例|样例|举例|例)([:：].*)?", re.DOTALL)
INSTRUCTIONS = re.compile(r"(填表|填报|填写|使用|改正|导入)?说明")
PLAIN_SHEET = re.compile(r"(sheet|工作表|表)?\s*\d*", re.IGNORECASE)
BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^】]*】")
ORNAMENT = re.compile(r"[\s*★※:：()\[\]【】、_\-]+")


def plain(label: object) -> str:
    """`* 手机号码（必填）：` and 手机号码必填 are the same label."""
    return ORNAMENT.sub("", unicodedata.normalize("NFKC", str(label))).casefold()


def forms(label: object) -> list[str]:
    """What a heading may be known by: whole, without its brackets, and the lower or upper half of two rows."""
    text = unicodedata.normalize("NFKC", str(label))
    halves = [text, *reversed(text.split(JOINT))] if JOINT in text else [text]
    return list(
        dict.fromkeys(form for half in halves for form in (plain(half), plain(BRACKETED.sub("", half))) if form)
    )


JOINT = "/"


@dataclass(frozen=True)
class Header:
    """`headings` by column, from 1; data begins below `last`."""

    first: int
    last: int
    headings: dict[int, str]


def find(sheet: Sheet, known: Collection[str]) -> Header | None:
    """The row, or two rows, of the first thirty that hold most of the known labels."""
    rows = _spread(sheet)
    best: Header | None = None
    best_score = LEAST_LABELS - 1
    for number in sorted(rows):
        if number > SEARCHED_ROWS:
            break
        single = Header(number, number, rows[number])
        for header in (single, _joined(single, rows.get(number + 1), known)):
            score = _score(header, known) if header else 0
            if header and score > best_score:
                best, best_score = header, score
    return best


def _score(header: Header, known: Collection[str]) -> int:
    found = (next((form for form in forms(text) if form in known), None) for text in header.headings.values())
    return len({form for form in found if form})


def _joined(upper: Header, lower: dict[int, str] | None, known: Collection[str]) -> Header | None:
    """Two rows are one header only if the upper one holds a label of its own: a title above the header does not."""
    if not lower or not _score(upper, known):
        return None
    columns = sorted(upper.headings.keys() | lower.keys())
    headings = {column: _join(upper.headings.get(column, ""), lower.get(column, "")) for column in columns}
    return Header(upper.first, upper.first + 1, headings)


def _join(upper: str, lower: str) -> str:
    return upper or lower if not (upper and lower) or upper == lower else f"{upper}{JOINT}{lower}"


def _spread(sheet: Sheet) -> dict[int, dict[int, str]]:
    """Texts of the first rows by row and column, a merged range saying the same in all its cells."""
    rows: dict[int, dict[int, str]] = {}
    width = 0
    for number, cells in sheet.head():
        if number <= SEARCHED_ROWS + 1:
            rows[number] = {column: str(cell).strip() for column, cell in enumerate(cells, 1) if str(cell).strip()}
            width = max(width, len(cells))
    covered: set[tuple[int, int]] = set()
    for top, left, bottom, right in sorted(sheet.merged):
        text = rows.get(top, {}).get(left)
        if text and (top, left) not in covered:
            columns = range(left, min(right, width) + 1)
            for number in range(top, min(bottom, SEARCHED_ROWS + 1) + 1):
                rows.setdefault(number, {}).update(dict.fromkeys(columns, text))
                covered.update((number, column) for column in columns)
    return {number: texts for number, texts in rows.items() if texts}


def data_rows(sheet: Sheet, header: Header) -> Iterator[Row]:
    """Rows below the header without totals, remarks, repeated headers; a range merged downwards repeats its value."""
    down = _Downwards(sheet.merged, header.last)
    labels = {column: {"", *forms(heading)} for column, heading in header.headings.items()}
    for number, cells in sheet.rows():
        if number > header.last and not _is_aside(cells) and not _repeats(labels, cells):
            yield number, down.filled(number, cells)


def _repeats(labels: dict[int, set[str]], cells: list[Cell]) -> bool:
    """The header as it is printed again at the top of a page, whichever of its rows."""
    return all(plain(cell) in labels.get(column, {""}) for column, cell in enumerate(cells, 1) if cell != "")


def _is_aside(cells: list[Cell]) -> bool:
    filled = [cell for cell in cells[:6] if cell != ""]
    first = filled[0] if filled else ""
    if not isinstance(first, str):
        return False
    text = re.sub(r"\s+", "", first)
    return bool(TOTALS.fullmatch(text) or REMARKS.fullmatch(text)) or is_example(cells)


def is_example(cells: list[Cell]) -> bool:
    """The first cell of a worked example says that it is one."""
    first = next((cell for cell in cells if cell != ""), "")
    return isinstance(first, str) and bool(EXAMPLE.fullmatch(first.strip()))


def is_instructions(sheet: Sheet) -> bool:
    return bool(INSTRUCTIONS.fullmatch(sheet.name.strip()))


class _Downwards:
    def __init__(self, merged: list[tuple[int, int, int, int]], above: int) -> None:
        self.ranges = deque(sorted(box for box in merged if box[2] > box[0] > above))
        self.values: dict[int, tuple[int, Cell]] = {}
        """Column → last row and value: ranges of one column follow each other."""

    def filled(self, number: int, cells: list[Cell]) -> list[Cell]:
        while self.ranges and self.ranges[0][0] <= number:
            top, column, bottom, _right = self.ranges.popleft()
            if column <= len(cells):
                self.values[column] = bottom, cells[column - 1] if top == number else ""
        if self.values:
            for column, cell in enumerate(cells, 1):
                if cell == "" and column in self.values:
                    bottom, value = self.values[column]
                    cells[column - 1] = value if number <= bottom else ""
        return cells


def speaking_name(sheet: Sheet) -> str:
    """The sheet's name where it says more than Sheet1."""
    return "" if PLAIN_SHEET.fullmatch(sheet.name.strip()) else sheet.name.strip()

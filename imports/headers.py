"""Where the header of a sheet stands, and which rows below it are data."""

import re
from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from imports.hidden import holds
from imports.passed import Passed, Why
from imports.reading import Cell, Row, Sheet
from rules.identity import half_width
from rules.refusals import N_, Refusal

SEARCHED_ROWS = 30
LEAST_LABELS = 2
TOTALS = re.compile(r"(本页|本村|本社区|全[区县镇乡村])?(合计|总计|小计|共计)([:：(（].*)?", re.DOTALL)
REMARKS = re.compile(
    r"(备注|注|说明|填表说明|填报说明|填表人|填报人|制表人|审核人|单位负责人"
    r"|填报单位|填表单位|制表单位|填报日期|填报时间|填表日期|制表日期)([:：].*)?",
    re.DOTALL,
)
EXAMPLE = re.compile(r"(填写|填报)?(示例|样例|举例|例)([:：].*)?", re.DOTALL)
INSTRUCTIONS = re.compile(r"(填表|填报|填写|使用|改正|导入)?说明|选项")
PLAIN_SHEET = re.compile(r"(sheet|工作表|表)?\s*\d*", re.IGNORECASE)
BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
ORNAMENT = re.compile(r"[\s*★※:：()\[\]【】、_\-]+")


def plain(label: object) -> str:
    """`* 手机号码（必填）：` and 手机号码必填 are the same label."""
    return ORNAMENT.sub("", half_width(str(label))).casefold()


def forms(label: object) -> list[str]:
    """What a heading may be known by: whole, without its brackets, and the lower or upper half of two rows."""
    text = half_width(str(label))
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
        joined = _joined(single, rows.get(number + 1), known)
        for header in [joined] if joined and _reaches_down(sheet, number) else [single, joined]:
            score = _score(header, known) if header else 0
            if header and score > best_score:
                best, best_score = header, score
    return best


def _reaches_down(sheet: Sheet, number: int) -> bool:
    """Whether a cell of the row is merged with the one below it."""
    return any(top <= number < bottom for top, _left, bottom, _right in sheet.merged)


def candidates(sheet: Sheet) -> Iterator[Header]:
    """Each of the first thirty rows, alone and with the next."""
    rows = _spread(sheet)
    for number in sorted(rows):
        if number <= SEARCHED_ROWS:
            yield Header(number, number, rows[number])
            if number + 1 in rows:
                yield _both(number, rows[number], rows[number + 1])


def at(sheet: Sheet, first: int, last: int) -> Header:
    """Where a person saw it. Raises Refusal where nothing is written."""
    rows = _spread(sheet)
    headings = rows.get(first, {})
    found = _both(first, headings, rows.get(last, {})) if last > first else Header(first, first, headings)
    if not found.headings:
        raise Refusal(N_("“%(sheet)s”: row %(row)s holds no headings"), sheet=sheet.name, row=first)
    return found


def _score(header: Header, known: Collection[str]) -> int:
    found = (next((form for form in forms(text) if form in known), None) for text in header.headings.values())
    return len({form for form in found if form})


def _joined(upper: Header, lower: dict[int, str] | None, known: Collection[str]) -> Header | None:
    """Two rows are one header only if the upper one holds a label of its own: a title above the header does not."""
    if not lower or not _score(upper, known):
        return None
    return _both(upper.first, upper.headings, lower)


def _both(first: int, upper: dict[int, str], lower: dict[int, str]) -> Header:
    columns = sorted(upper.keys() | lower.keys())
    return Header(first, first + 1, {column: _join(upper.get(column, ""), lower.get(column, "")) for column in columns})


def _join(upper: str, lower: str) -> str:
    return upper or lower if not (upper and lower) or upper == lower else f"{upper}{JOINT}{lower}"


def _spread(sheet: Sheet) -> dict[int, dict[int, str]]:
    """Texts of the first rows by row and column, a merged range saying the same in all its cells."""
    rows: dict[int, dict[int, str]] = {}
    width = 0
    for number, cells in sheet.head():
        if number <= SEARCHED_ROWS + 1:
            texts = ((column, str(cell).replace("\0", "").strip()) for column, cell in enumerate(cells, 1))
            rows[number] = {column: text for column, text in texts if text}
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


def data_rows(
    sheet: Sheet, header: Header, passed: Passed | None = None, *, with_hidden: bool = False
) -> Iterator[Row]:
    """Rows below the header without totals, remarks, repeated headers, rows of nothing but failed formulas and, unless
    asked for, hidden ones, which are counted in `passed`; a range merged downwards repeats its value."""
    down = _Downwards(sheet.merged, header.last)
    labels = {column: {"", *forms(heading)} for column, heading in header.headings.items()}
    hidden = [] if with_hidden else sheet.hidden_rows
    failed = {row: error for (row, _column), error in sheet.errors.items() if row > header.last}
    for number, cells in sheet.rows():
        failed.pop(number, None)
        if header.first <= number <= header.last:
            continue
        why = _why_not(number, cells, header, labels)
        if why is None:
            cells = down.filled(number, cells)
            if not (hidden and holds(hidden, number)):
                yield number, cells
                continue
            why = Why.HIDDEN
        if passed is not None:
            passed.add(number, why, cells)
    for number, error in sorted(failed.items()):
        if passed is not None:
            passed.add(number, Why.FAILED, [error])


def _why_not(number: int, cells: list[Cell], header: Header, labels: dict[int, set[str]]) -> Why | None:
    if number < header.first:
        return Why.ABOVE
    return _aside(cells) or (Why.REPEATED if _repeats(labels, cells) else None)


def _repeats(labels: dict[int, set[str]], cells: list[Cell]) -> bool:
    """The header as it is printed again at the top of a page, whichever of its rows."""
    return all(plain(cell) in labels.get(column, {""}) for column, cell in enumerate(cells, 1) if cell != "")


def _aside(cells: list[Cell]) -> Why | None:
    filled = [cell for cell in cells[:6] if cell != ""]
    first = filled[0] if filled else ""
    if not isinstance(first, str):
        return None
    text = re.sub(r"\s+", "", first)
    if TOTALS.fullmatch(text):
        return Why.TOTAL
    if EXAMPLE.fullmatch(text):
        return Why.EXAMPLE
    return Why.REMARK if REMARKS.fullmatch(text) else None


def is_instructions(sheet: Sheet) -> bool:
    """Or what the drop-downs of a template choose from."""
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

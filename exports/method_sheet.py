"""口径说明: what each figure means, by which scheme it was scored, what was left out, and how to verify the sheet."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

from exports.ledger import FONT, print_set_up
from exports.method_words import EXPLANATION
from models.evaluations import Evaluation
from models.figures import Count
from rules.workdays import ZONE

HEADING_FONT = "黑体"
CELLS = {"target": "E", "full": "F", "k": "G", "floor": "H"}
COLUMNS = (
    ("指标", 14),
    ("分子", 30),
    ("分母", 44),
    ("方向", 10),
    ("目标值", 9),
    ("满分", 8),
    ("每差一个百分点扣分", 11),
    ("最低得分", 9),
    ("排名最少件数", 9),
    ("未计入件数", 9),
)
DIRECTIONS = {"more": "越高越好", "less": "越低越好"}
FORMATS = {5: "0.00%", 6: "0.00", 7: "0.00", 8: "0.00"}
LINE = Side(style="thin", color="808080")
WRAP = Alignment(vertical="center", wrap_text=True)
CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
CHARACTERS_A_LINE = 86
TABLE_HEAD = 5


def fill(sheet: Worksheet, evaluation: Evaluation, counts: Sequence[Count]) -> list[int]:
    """Returns the row of each indicator."""
    for place, (_, width) in enumerate(COLUMNS, 1):
        sheet.column_dimensions["ABCDEFGHIJ"[place - 1]].width = width
    _text(sheet, 1, "考核口径说明", size=18, bold=True)
    method = evaluation.method
    versions = f"第{method['version']}版；时限与办公时间设置：第{evaluation.policy_version}版"
    _text(sheet, 2, f"考核方案：{method['name']}，{versions}")
    _text(sheet, 3, method["note"])
    _text(sheet, 4, "一、指标", bold=True)
    rows = _table(sheet, evaluation, counts)
    for row, (text, bold) in enumerate(_explained(evaluation), rows[-1] + 1 if rows else TABLE_HEAD + 1):
        _text(sheet, row, text, bold=bold)
    print_set_up(sheet, "1:1")
    sheet.page_setup.fitToHeight = 1
    return rows


def _text(sheet: Worksheet, row: int, text: str, *, size: int = 11, bold: bool = False) -> None:
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=len(COLUMNS))
    cell = sheet.cell(row, 1)
    cell.value, cell.data_type = text, "s"
    cell.font = Font(name=HEADING_FONT if bold else FONT, size=size, bold=bold)
    cell.alignment = CENTRE if size > 11 else WRAP
    sheet.row_dimensions[row].height = max(20, 16 * (len(text) // CHARACTERS_A_LINE + 1) + 4, size * 1.8)


def _table(sheet: Worksheet, evaluation: Evaluation, counts: Sequence[Count]) -> list[int]:
    for place, (label, _) in enumerate(COLUMNS, 1):
        _cell(sheet, TABLE_HEAD, place, label)
        sheet.cell(TABLE_HEAD, place).font = Font(name=HEADING_FONT, size=11, bold=True)
        sheet.cell(TABLE_HEAD, place).fill = PatternFill("solid", fgColor="DDE8EC")
    sheet.row_dimensions[TABLE_HEAD].height = 34
    indicators = evaluation.method["indicators"]
    for row, (indicator, count) in enumerate(zip(indicators, counts, strict=True), TABLE_HEAD + 1):
        values = [
            *(indicator[name] for name in ("name", "numerator", "denominator")),
            DIRECTIONS[indicator["direction"]],
            *(Decimal(indicator[name]) for name in CELLS),
            indicator["min_sample"],
            count.unknown,
        ]
        for place, value in enumerate(values, 1):
            _cell(sheet, row, place, value)
        sheet.row_dimensions[row].height = 36
    return list(range(TABLE_HEAD + 1, TABLE_HEAD + 1 + len(indicators)))


def _cell(sheet: Worksheet, row: int, place: int, value: Any) -> None:
    cell = sheet.cell(row, place)
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
    cell.font, cell.alignment = Font(name=FONT, size=11), WRAP if place in (2, 3) else CENTRE
    cell.border = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
    cell.number_format = FORMATS.get(place, "General")


def _explained(evaluation: Evaluation) -> Iterator[tuple[str, bool]]:
    values = {
        "period": evaluation.period,
        "seen": f"{evaluation.as_of.astimezone(ZONE):%Y-%m-%d %H:%M}",
        "least": evaluation.method["min_cases"],
        "digest": evaluation.digest,
    }
    for heading, paragraphs in EXPLANATION:
        yield heading, True
        for paragraph in paragraphs:
            yield paragraph.format(**values), False

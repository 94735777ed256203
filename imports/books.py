"""Workbooks that go out to be filled in or corrected, and come in again."""

import io
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, time
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from imports import convert, research_words, ticket_words
from imports.cells import LONGEST_CELL
from imports.columns import Column, Converter

FONT = "宋体"
TEXT, DAY, MOMENT, GENERAL = "@", "yyyy-mm-dd", "yyyy-mm-dd hh:mm", "General"
FORMATS: Mapping[Converter, str] = {
    convert.day: DAY,
    convert.wall_clock: DAY,
    convert.moment: MOMENT,
    convert.households: GENERAL,
    convert.heads: GENERAL,
    convert.number: GENERAL,
}
"""Whatever else a column holds is text, so that Excel rounds no number and drops no nought."""
DATED: frozenset[Converter] = frozenset(
    {
        *(convert.day, convert.wall_clock, convert.moment),
        *(research_words.deadline, research_words.written_off, ticket_words.due),
    }
)
"""Of columns in which a number may be a day."""
NARROWEST, WIDEST = 8, 42
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
NOT_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")
LONGEST_NAME = 31
EXACT = 10**convert.EXACT_DIGITS
LINE = Side(style="thin", color="BFC8CE")
FRAME = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
HEAD_FONT, TITLE_FONT = Font(name=FONT, size=11, bold=True), Font(name=FONT, size=16, bold=True)
BODY_FONT, HINT_FONT = Font(name=FONT, size=11), Font(name=FONT, size=11, color="4D5D66")
HEAD_FILL = PatternFill("solid", fgColor="E4EEF1")
CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)
TOP = Alignment(vertical="top", wrap_text=True)
MIDDLE = Alignment(vertical="center", horizontal="center", wrap_text=True)
BESIDE = Alignment(vertical="center", wrap_text=True)


def format_of(column: Column | None) -> str:
    return GENERAL if column is None else FORMATS.get(column.convert, TEXT)


def put(sheet: Worksheet, row: int, column: int, value: Any, number_format: str = GENERAL) -> Cell:
    """As what it is, and never as a formula."""
    cell: Any = sheet.cell(row, column)
    value = value.replace(tzinfo=None) if isinstance(value, datetime) else value
    if number_format == TEXT and isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < EXACT:
        value = str(int(value)) if float(value).is_integer() else repr(value)
    if isinstance(value, str):
        cell.value = NOT_IN_XML.sub("", value)[:LONGEST_CELL] or None
        cell.data_type = "s"
        cell.number_format = TEXT
    else:
        cell.value = value
        cell.number_format = _format_for(value, number_format)
    cell.font = BODY_FONT
    return cell


def _format_for(value: object, number_format: str) -> str:
    if isinstance(value, datetime):
        return MOMENT if value.time() != time() else DAY
    return DAY if isinstance(value, date) else number_format


def head(cell: Cell, comment: str = "") -> None:
    cell.font, cell.fill, cell.border, cell.alignment = HEAD_FONT, HEAD_FILL, FRAME, CENTRED
    if comment:
        cell.comment = note(comment)


def note(text: str) -> Comment:
    lines = sum(1 + width(line) // 36 for line in text.split("\n"))
    return Comment(text, "民情台", height=24 + 18 * lines, width=280)


def title(sheet: Worksheet, text: str, last_column: int, row: int = 1) -> None:
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=max(last_column, 1))
    cell = put(sheet, row, 1, text)
    cell.font, cell.alignment = TITLE_FONT, Alignment(horizontal="center", vertical="center")
    sheet.row_dimensions[row].height = 30


def hint(sheet: Worksheet, text: str, last_column: int, row: int) -> None:
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=max(last_column, 1))
    cell = put(sheet, row, 1, text)
    cell.font, cell.alignment = HINT_FONT, Alignment(vertical="center", wrap_text=True)


def width(text: object) -> int:
    """As Excel counts it: a Chinese character is two wide."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WFA" else 1 for letter in str(text))


def set_widths(sheet: Worksheet, widths: Iterable[int]) -> None:
    for column, wide in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(column)].width = min(max(wide + 2, NARROWEST), WIDEST)


def sheet_name(text: str, taken: Collection[str]) -> str:
    """As near to it as Excel allows, and no other sheet's."""
    plain = NOT_IN_SHEET_NAME.sub(" ", NOT_IN_XML.sub("", text)).strip()[:LONGEST_NAME] or "Sheet"
    names, number = {name.casefold() for name in taken}, 1
    name = plain
    while name.casefold() in names:
        number += 1
        name = f"{plain[: LONGEST_NAME - len(str(number)) - 1]}-{number}"
    return name


def print_across(sheet: Worksheet, repeated: str) -> None:
    """A4 across, one page wide, the `repeated` rows on every page, pages numbered."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToHeight = "landscape", "9", 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = repeated
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.6, bottom=0.7, header=0.3, footer=0.35)
    footer = HeaderFooterItem()
    footer.center.text = "第 &P 页，共 &N 页"
    sheet.HeaderFooter.oddFooter = footer


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()

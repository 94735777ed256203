"""Workbooks as an office keeps them."""

import io
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

STAMP = (2026, 11, 20, 0, 0, 0)


def book(
    sheet_name: str, title: str, heads: Sequence[Sequence[str]], rows: Sequence[Sequence[object]], widths: Sequence[int]
) -> Workbook:
    """As an office keeps it: a merged title, a line of who and when, a header, everything as text."""
    made = Workbook()
    sheet = made.worksheets[0]
    sheet.title = sheet_name
    last = get_column_letter(len(widths))
    sheet.append([title])
    sheet.append(["填报单位：区调研办", *[""] * (len(widths) - 4), "填报日期：2026年11月20日"])
    for row in [*heads, *rows]:
        sheet.append(list(row))
    sheet.merge_cells(f"A1:{last}1")
    sheet["A1"].font = Font(name="宋体", size=16, bold=True)
    sheet["A1"].alignment = Alignment(horizontal="center")
    if len(heads) == 2:
        merge_heads(sheet, heads)
    dress(sheet, 3, 2 + len(heads), widths)
    sheet.freeze_panes = f"D{3 + len(heads)}"
    return made


def merge_heads(sheet: Worksheet, heads: Sequence[Sequence[str]]) -> None:
    upper, lower = heads
    start = 0
    for column in range(1, len(upper) + 1):
        if column == len(upper) or upper[column] != upper[start]:
            if not lower[start]:
                sheet.merge_cells(start_row=3, end_row=4, start_column=start + 1, end_column=start + 1)
            elif column - start > 1:
                sheet.merge_cells(start_row=3, end_row=3, start_column=start + 1, end_column=column)
            start = column


def dress(sheet: Worksheet, first: int, last: int, widths: Sequence[int]) -> None:
    thin = Side(style="thin", color="BFBFBF")
    border, fill = Border(left=thin, right=thin, top=thin, bottom=thin), PatternFill("solid", fgColor="DDE8F3")
    for column, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    for number, row in enumerate(sheet.iter_rows(min_row=first), first):
        for cell in row:
            cell.border = border
            cell.number_format = "@" if isinstance(cell.value, str) else "General"
            if number <= last:
                cell.font, cell.fill = Font(bold=True), fill
                cell.alignment = Alignment(horizontal="center", vertical="center")


def save(path: Path, made: Workbook) -> None:
    """The same bytes for the same content: no date of the day gets in."""
    written, out = io.BytesIO(), io.BytesIO()
    made.save(written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.namelist():
            content = source.read(part)
            if part == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2026-11-20T00:00:00Z", content)
            target.writestr(zipfile.ZipInfo(part, STAMP), content, zipfile.ZIP_DEFLATED)
    path.write_bytes(out.getvalue())

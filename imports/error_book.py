"""The wrong rows of an import as a workbook: corrected there, it comes back into the same batch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import cast

from openpyxl import Workbook
from openpyxl.cell import Cell as XlsxCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy.orm import Session

from imports import books, headers, remembered, run, staging
from imports.amendments import WHY, Amendments, mark, mark_heading
from imports.cells import CellError, letters
from imports.choices import from_kept
from imports.columns import Column
from imports.convert import DAYS_TO_1904
from imports.kind import Kind, Order
from imports.lines import Table
from imports.look import look, tables
from imports.opened import opened
from imports.reading import Cell
from models.imports import ImportBatch
from rules.refusals import N_

MOST_ROWS = 5_000
HINT_ROW, HEAD_ROW = 1, 2
WRONG_FILL, WRONG_FONT = PatternFill("solid", fgColor="FFC7CE"), Font(name=books.FONT, size=11, color="9C0006")
WHY_WIDTH = 60
MIDDLE = Alignment(vertical="center")
STEP_WIDTH = 100
MOST_DAYS = 999
"""What is no more may be a limit."""
HINT = N_(
    "Correct the red cells (point at one to read what is wrong), save, and upload this file on the page of the import. "
    "What is not red may be corrected too."
)
STEPS = (
    N_("1. Every row here is a row of “%(file)s” that could not be imported; the column 问题 names its row there."),
    N_("2. A red cell is wrong: point at it to read why. The column 问题 says it again."),
    N_("3. Type the right value over it. ID numbers, telephones and codes are text here, so nothing is rounded."),
    N_("4. Leave the headings, the order of the columns and the hidden column as they are. Rows may be sorted."),
    N_("5. A row that you delete stays wrong and can be corrected later; a row that you empty is not imported at all."),
    N_("6. New rows do not belong here: import them as a file of their own."),
    N_("7. Save as .xlsx (xls and ods will do) and upload the file on the page of import number %(number)s."),
)

TYPED_HINT = N_(
    "Correct the red cells (point at one to read what is wrong), save, and give this file back to whoever runs the "
    "console. What is not red may be corrected too."
)
TYPED_STEP = N_(
    "7. Save as .xlsx (xls and ods will do) and give it to whoever runs the console, to type: "
    "flask import %(kind)s FILE --correct %(number)s"
)
"""Of an import that is the installation's own and so on nobody's screen."""

Say = Callable[[str, Mapping[str, str]], str]


@dataclass(frozen=True)
class Sheet:
    """The wrong rows of one sheet of the file, by row."""

    number: int
    table: Table
    columns: Mapping[int, Column]
    rows: Mapping[int, list[Cell]]
    errors: Mapping[int, list[CellError]] = field(default_factory=dict)

    @property
    def width(self) -> int:
        return max([*self.table.header.headings, *(len(_trimmed(cells)) for cells in self.rows.values())])

    @property
    def headings(self) -> list[str]:
        return [self.table.header.headings.get(column, "") for column in range(1, self.width + 1)]


def error_book(
    session: Session,
    batch: ImportBatch,
    order: Order,
    data: bytes,
    amendments: Amendments,
    say: Say,
    code: str = "",
) -> bytes:
    """Of the first `MOST_ROWS` wrong rows, or those wrong in this way. `data` is the file, `say` words a sentence."""
    found = list(staging.errors_of_rows(session.connection(), int(batch.options["load"]), code, MOST_ROWS))
    book = Workbook()
    book.remove(book.worksheets[0])
    kind = run.of_batch(session, batch, order)
    for sheet in _sheets(kind, batch, data, amendments, found):
        name = books.sheet_name(sheet.table.sheet.name, book.sheetnames)
        _write(book.create_sheet(name), batch, sheet, say)
    _explain(book, batch, say)
    return books.saved(book)


def _sheets(
    kind: Kind, batch: ImportBatch, data: bytes, amendments: Amendments, found: Sequence[CellError]
) -> list[Sheet]:
    """Read from the file as it came, with what was chosen for it and corrected since."""
    by_name = {column.name: column for column in kind.columns}
    wrong = {
        name: {row: list(errors) for row, errors in groupby(sorted(errors, key=attrgetter("row")), attrgetter("row"))}
        for name, errors in groupby(sorted(found, key=attrgetter("sheet")), attrgetter("sheet"))
    }
    made = []
    choices, memory = from_kept(batch.options.get("choices")), remembered.recall(kind.session, kind.name, kind.order)
    with opened(data, batch.filename, choices, amendments) as workbook:
        numbers = {sheet.name: number for number, sheet in enumerate(workbook.sheets, 1)}
        for table in tables(look(workbook, kind, choices, memory)):
            errors = wrong.get(table.sheet.name)
            if errors:
                read = headers.data_rows(table.sheet, table.header, with_hidden=table.with_hidden)
                rows = {row: list(cells) for row, cells in read if row in errors}
                columns = {number: by_name[name] for name, number in table.mapping.columns.items()}
                made.append(Sheet(numbers[table.sheet.name], table, columns, rows, errors))
    return made


def _trimmed(cells: list[Cell]) -> list[Cell]:
    last = max((number for number, cell in enumerate(cells, 1) if cell != ""), default=0)
    return cells[:last]


def _write(page: Worksheet, batch: ImportBatch, sheet: Sheet, say: Say) -> None:
    headings = sheet.headings
    why = len(headings) + 1
    books.hint(page, say(HINT if batch.path else TYPED_HINT, {}), why, HINT_ROW)
    page.row_dimensions[HINT_ROW].height = 32
    for column, heading in enumerate([*headings, WHY, mark_heading(headings)], 1):
        books.head(books.put(page, HEAD_ROW, column, heading))
    for number, (row, cells) in enumerate(sorted(sheet.rows.items()), HEAD_ROW + 1):
        _write_row(page, number, cells, sheet, sheet.errors[row], say)
        books.put(page, number, why + 1, mark(batch.id, sheet.number, row), books.TEXT)
    _lay_out(page, sheet, why)


def _write_row(
    page: Worksheet, number: int, cells: list[Cell], sheet: Sheet, errors: Sequence[CellError], say: Say
) -> None:
    row = errors[0].row
    for column in range(1, sheet.width + 1):
        cell = _of_1900(sheet, column, cells[column - 1] if column <= len(cells) else "")
        shape = books.format_of(sheet.columns.get(column))
        written = books.put(page, number, column, cell, shape)
        written.border, written.alignment = books.FRAME, MIDDLE
        broken = sheet.table.sheet.errors.get((row, column))
        if broken:
            target = page.cell(number, column, broken)
            target.data_type = "e"
    said: dict[int | None, list[str]] = {}
    for error in sorted(errors, key=lambda error: error.column or sheet.width + 1):
        said.setdefault(error.column, []).append(say(error.message, error.values))
    for place, sentences in said.items():
        if place:
            _redden(cast(XlsxCell, page.cell(number, place))).comment = books.note("\n".join(sentences))
    told = [f"{_called(sheet, place)}{'；'.join(sentences)}" for place, sentences in said.items()]
    why = _tell(page, number, sheet.width + 1, [say(N_("row %(row)s"), {"row": str(row)}), *told])
    if None in said:
        _redden(why)


def _of_1900(sheet: Sheet, column: int, cell: Cell) -> Cell:
    """The workbook that goes out counts its days from 1900, whatever the file did."""
    ours = sheet.columns.get(column)
    if not (sheet.table.sheet.since_1904 and ours and ours.convert in books.DATED):
        return cell
    return cell + DAYS_TO_1904 if isinstance(cell, (int, float)) and cell > MOST_DAYS else cell


def _redden(cell: XlsxCell) -> XlsxCell:
    cell.fill, cell.font = WRONG_FILL, WRONG_FONT
    return cell


def _tell(page: Worksheet, row: int, column: int, sentences: list[str]) -> XlsxCell:
    cell = books.put(page, row, column, "\n".join(sentences))
    cell.alignment, cell.border = books.TOP, books.FRAME
    page.row_dimensions[row].height = 16 * sum(1 + books.width(line) // WHY_WIDTH for line in sentences)
    return cell


def _called(sheet: Sheet, column: int | None) -> str:
    if column is None:
        return ""
    return f"{letters(column)} {sheet.table.header.headings.get(column, '')}：".replace(" ：", "：")


def _lay_out(page: Worksheet, sheet: Sheet, why: int) -> None:
    texts = [
        [heading, *(str(cells[column - 1]) if column <= len(cells) else "" for cells in sheet.rows.values())]
        for column, heading in enumerate(sheet.headings, 1)
    ]
    books.set_widths(page, [max(books.width(text.split("\n")[0]) for text in column) for column in texts])
    for column, of in sheet.columns.items():
        page.column_dimensions[get_column_letter(column)].number_format = books.format_of(of)
    page.column_dimensions[get_column_letter(why)].width = WHY_WIDTH
    page.column_dimensions[get_column_letter(why + 1)].hidden = True
    last = HEAD_ROW + len(sheet.rows)
    page.auto_filter.ref = f"A{HEAD_ROW}:{get_column_letter(why + 1)}{last}"
    page.freeze_panes = f"A{HEAD_ROW + 1}"
    books.print_across(page, f"{HEAD_ROW}:{HEAD_ROW}")
    page.print_area = f"A1:{get_column_letter(why)}{last}"


def _explain(book: Workbook, batch: ImportBatch, say: Say) -> None:
    page = book.create_sheet(books.sheet_name(say(N_("How to correct"), {}), book.sheetnames))
    books.title(page, say(N_("How to correct"), {}), 1)
    values = {"file": batch.filename, "number": str(batch.id), "kind": batch.kind}
    for row, step in enumerate(STEPS if batch.path else (*STEPS[:-1], TYPED_STEP), 3):
        cell = books.put(page, row, 1, say(step, values))
        cell.alignment = books.TOP
        page.row_dimensions[row].height = 10 + 16 * (1 + books.width(cell.value) // STEP_WIDTH)
    page.column_dimensions["A"].width = STEP_WIDTH
    books.print_across(page, "1:1")

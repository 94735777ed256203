"""The data rows of a workbook as lines of converted values, each knowing where it stood."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from imports import headers, mapping
from imports.cells import CellError
from imports.columns import Column, known_labels
from imports.convert import CLEAR, Unreadable, is_masked
from imports.headers import Header
from imports.mapping import Mapping
from imports.reading import Cell, Sheet, Workbook
from rules.identity import masked
from rules.refusals import N_, Refusal

LARGEST = 2**31 - 1


@dataclass(frozen=True)
class Table:
    sheet: Sheet
    header: Header
    mapping: Mapping
    default: str
    """What the sheet's name says where several sheets hold one unit each."""


@dataclass
class Line:
    """`columns`: our column → column of the sheet; `cleared`: the columns where 清空 stood."""

    seq: int
    sheet: str
    row: int
    columns: dict[str, int]
    cells: list[Cell]
    values: dict[str, Any] = field(default_factory=dict)
    cleared: set[str] = field(default_factory=set)
    errors: list[CellError] = field(default_factory=list)
    secrets: frozenset[str] = frozenset()

    def written(self, name: str) -> str:
        number = self.columns.get(name)
        return str(self.cells[number - 1]) if number and number <= len(self.cells) else ""

    def wrong(self, name: str, code: str, message: str, /, **values: str) -> None:
        written = self.written(name)
        shown = masked(written, 3, 4) if name in self.secrets else written
        self.errors.append(CellError(self.sheet, self.row, self.columns.get(name), shown, code, message, values))

    def attempt(self, name: str, find: Callable[..., Any], *given: Any) -> Any:
        """What `find` answers; None and an error at the cell where it cannot."""
        try:
            return find(*given)
        except Unreadable as problem:
            self.wrong(name, problem.code, problem.message, **problem.values)
            return None


def find_tables(workbook: Workbook, columns: Sequence[Column], sheet_fills: str | None) -> list[Table]:
    """Hidden sheets, instructions and sheets without a header are passed over; one sheet at least must hold a table."""
    known = known_labels(columns)
    sheets = [sheet for sheet in workbook.sheets if not (sheet.hidden or headers.is_instructions(sheet))]
    found = [(sheet, headers.find(sheet, known)) for sheet in sheets]
    headed = [(sheet, header) for sheet, header in found if header]
    if not headed:
        raise Refusal(
            N_("No header was found in the first 30 rows: at least two of these columns are needed: %(columns)s"),
            columns="、".join(column.title for column in columns[:12]),
        )
    several = len(headed) > 1
    return [_table(sheet, header, columns, sheet_fills if several else None) for sheet, header in headed]


def _table(sheet: Sheet, header: Header, columns: Sequence[Column], sheet_fills: str | None) -> Table:
    matched = mapping.match(header.headings, columns)
    default = headers.speaking_name(sheet) if sheet_fills and sheet_fills not in matched.columns else ""
    missing = [column for column in matched.missing(columns) if not (default and column.name == sheet_fills)]
    if missing:
        raise Refusal(
            N_("“%(sheet)s”, row %(row)s: the column “%(columns)s” is missing%(alike)s"),
            sheet=sheet.name,
            row=header.last,
            columns="、".join(column.title for column in missing),
            alike="".join(f"（{heading} ≈ {title}）" for heading, title in matched.suggestions.items()),
        )
    return Table(sheet, header, matched, default)


def lines(tables: Sequence[Table], columns: Sequence[Column], sheet_fills: str | None) -> Iterator[Line]:
    seq = 0
    secrets = frozenset(column.name for column in columns if column.secret)
    by_name = {column.name: column for column in columns}
    for table in tables:
        used = [(by_name[name], number) for name, number in table.mapping.columns.items()]
        for number, cells in headers.data_rows(table.sheet, table.header):
            line = Line(seq + 1, table.sheet.name, number, table.mapping.columns, cells, secrets=secrets)
            _convert(line, used, table.sheet.errors)
            if line.values or line.cleared or line.errors:
                if table.default and sheet_fills:
                    line.values[sheet_fills] = table.default
                seq += 1
                yield line


def _convert(line: Line, used: Sequence[tuple[Column, int]], broken: dict[tuple[int, int], str]) -> None:
    width = len(line.cells)
    for column, number in used:
        if (line.row, number) in broken:
            shown = broken[line.row, number]
            line.errors.append(
                CellError(line.sheet, line.row, number, shown, "error_cell", N_("The formula in the cell failed"), {})
            )
            continue
        cell = line.cells[number - 1] if number <= width else ""
        if column.secret and is_masked(cell):
            continue
        value = line.attempt(column.name, column.convert, cell) if cell != "" else None
        if value is CLEAR:
            _clear(line, column)
        elif value is not None and _fits(line, column, value):
            line.values[column.name] = value
        elif column.required and value is None and not line.errors:
            line.wrong(column.name, "required", N_("“%(column)s” is empty"), column=column.title)


def _clear(line: Line, column: Column) -> None:
    if not column.clearable:
        line.wrong(column.name, "required", N_("“%(column)s” cannot be emptied"), column=column.title)
    else:
        line.cleared.add(column.name)


def _fits(line: Line, column: Column, value: object) -> bool:
    if isinstance(value, str) and column.longest and len(value) > column.longest:
        line.wrong(
            column.name, "too_long", N_("The text is longer than %(limit)s characters"), limit=str(column.longest)
        )
        return False
    if isinstance(value, int) and abs(value) > LARGEST:
        line.wrong(column.name, "number", N_("This is not a number"))
        return False
    return True

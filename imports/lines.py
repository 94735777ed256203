"""The data rows of a workbook as lines of converted values, each knowing where it stood."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from imports import headers
from imports.cells import LONGEST_CELL, CellError
from imports.columns import Column
from imports.convert import CLEAR, FORMULA_FAILED, Since1904, Unreadable, is_masked
from imports.headers import Header
from imports.mapping import Mapping
from imports.passed import Passed
from imports.reading import Cell, Sheet
from rules.identity import masked
from rules.refusals import N_

LARGEST = 2**31 - 1
MOST_KNOWN = 20_000


@dataclass(frozen=True)
class Table:
    sheet: Sheet
    header: Header
    mapping: Mapping
    default: str
    """What the sheet's name says where several sheets hold one unit each."""
    with_hidden: bool = False
    passed: Passed = field(default_factory=Passed)


@dataclass(slots=True)
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
        return str(self.cells[number - 1]).replace("\0", "") if number and number <= len(self.cells) else ""

    def wrong(self, name: str, code: str, message: str, /, **values: str) -> None:
        written = self.written(name)
        shown = masked(written, 3, 4) if name in self.secrets and code != "error_cell" else written
        self.errors.append(CellError(self.sheet, self.row, self.columns.get(name), shown, code, message, values))

    def attempt(self, name: str, find: Callable[..., Any], *given: Any) -> Any:
        """What `find` answers; None and an error at the cell where it cannot."""
        try:
            return find(*given)
        except Unreadable as problem:
            self.wrong(name, problem.code, problem.message, **problem.values)
            return None


def lines(tables: Sequence[Table], columns: Sequence[Column], sheet_fills: str | None) -> Iterator[Line]:
    seq = 0
    secrets = frozenset(column.name for column in columns if column.secret)
    by_name = {column.name: column for column in columns}
    for table in tables:
        used = [Reader(by_name[name], number) for name, number in table.mapping.columns.items()]
        for number, cells in headers.data_rows(table.sheet, table.header, table.passed, with_hidden=table.with_hidden):
            line = Line(seq + 1, table.sheet.name, number, table.mapping.columns, cells, secrets=secrets)
            _convert(line, used, table.sheet)
            if line.values or line.cleared or line.errors:
                if table.default and sheet_fills:
                    line.values[sheet_fills] = table.default
                seq += 1
                yield line


@dataclass(slots=True)
class Reader:
    """`known`: what texts of the column have been read as without fault. Offices write the same few again and again."""

    column: Column
    number: int
    known: dict[Any, Any] = field(default_factory=dict)


def _convert(line: Line, used: Sequence[Reader], sheet: Sheet) -> None:
    cells, values, broken = line.cells, line.values, sheet.errors
    width = len(cells)
    for reader in used:
        column, number, known = reader.column, reader.number, reader.known
        cell = cells[number - 1] if number <= width else ""
        written = type(cell) is str
        if broken and (line.row, number) in broken:
            shown = broken[line.row, number]
            line.errors.append(CellError(line.sheet, line.row, number, shown, "error_cell", FORMULA_FAILED))
            continue
        if written and cell in known:
            values[column.name] = known[cell]
            continue
        if not written and sheet.since_1904 and isinstance(cell, (int, float)) and not isinstance(cell, bool):
            cell = Since1904(cell)
        if column.secret and is_masked(cell):
            continue
        value = line.attempt(column.name, column.convert, cell) if cell != "" else None
        if value is CLEAR:
            _clear(line, column)
        elif value is not None and _fits(line, column, value):
            values[column.name] = value
            if written and len(known) < MOST_KNOWN:
                known[cell] = value
        elif column.required and value is None and not line.errors:
            line.wrong(column.name, "required", N_("“%(column)s” is empty"), column=column.title)


def _clear(line: Line, column: Column) -> None:
    if not column.clearable:
        line.wrong(column.name, "required", N_("“%(column)s” cannot be emptied"), column=column.title)
    else:
        line.cleared.add(column.name)


def _fits(line: Line, column: Column, value: object) -> bool:
    if isinstance(value, str) and len(value) > (longest := column.longest or LONGEST_CELL):
        line.wrong(column.name, "too_long", N_("The text is longer than %(limit)s characters"), limit=str(longest))
        return False
    if isinstance(value, int) and abs(value) > LARGEST:
        line.wrong(column.name, "number", N_("This is not a number"))
        return False
    return True

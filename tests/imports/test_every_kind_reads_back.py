"""A table of any kind, by whomever it was written, reads back as what was written into it."""

import csv
import io
import shutil
from datetime import datetime
from itertools import cycle, islice

import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from exports.ledger import Column, stream_csv, stream_xlsx
from imports import convert, headers, mapping
from imports.columns import known_labels
from imports.lines import Table, lines
from imports.reading import read
from imports.run import KINDS
from rules.workdays import ZONE
from tests.imports import formats
from tests.imports.drawn import CELLS, tables

QUIET = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], derandomize=True
)
SHAPES = {
    convert.day: "date",
    convert.moment: "datetime",
    convert.wall_clock: "datetime",
    convert.households: "number",
    convert.heads: "number",
    convert.number: "number",
}
"""What our own lists keep a column as, where it is not text."""


def cells(table):
    return [[cell for cell, _ in row] for row in table]


def expected(kind, table):
    names = [column.name for column in KINDS[kind].columns]
    return [{name: read for name, (_, read) in zip(names, row, strict=True) if read is not None} for row in table]


def found(kind, sheet):
    columns = KINDS[kind].columns
    header = headers.find(sheet, known_labels(columns))
    rows = list(lines([Table(sheet, header, mapping.settle(header.headings, columns), "")], columns, None))
    assert [row.errors for row in rows] == [[]] * len(rows)
    return [row.values for row in rows]


def head(kind):
    return [column.title for column in KINDS[kind].columns]


def openpyxl_book(drawn):
    """A sheet for each kind."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for kind, table in drawn.items():
        sheet = book.create_sheet(kind)
        sheet.append(head(kind))
        for number, row in enumerate(cells(table), 2):
            for place, cell in enumerate(row, 1):
                written = sheet.cell(number, place, cell)
                if isinstance(cell, str):
                    written.data_type = "s"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def at_home(cell):
    return cell.replace(tzinfo=ZONE) if isinstance(cell, datetime) else cell


def of_ours(stream):
    def write(kind, table):
        shapes = [SHAPES.get(column.convert, "text") for column in KINDS[kind].columns]
        columns = [Column(title, shape) for title, shape in zip(head(kind), shapes, strict=True)]
        rows = [[at_home(cell) for cell in row] for row in cells(table)]
        given = ("表", columns, rows) if stream is stream_xlsx else (columns, rows)
        return b"".join(stream(*given))

    return write


def as_text(cell):
    return "" if cell is None else str(cell)


def texts(kind, table):
    return [head(kind), *([as_text(cell) for cell in row] for row in cells(table))]


def text_file(delimiter, encoding):
    def write(kind, table):
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=delimiter).writerows(texts(kind, table))
        return out.getvalue().encode(encoding)

    return write


def plainly(kind, table):
    """Days as text: the books that are written here by hand know numbers and texts."""
    plain = (int, float, type(None))
    return [head(kind), *([cell if isinstance(cell, plain) else str(cell) for cell in row] for row in cells(table))]


FORMS = {
    "xlsx of ours": of_ours(stream_xlsx),
    "csv of ours": of_ours(stream_csv),
    "csv": text_file(",", "utf-8"),
    "csv in gb18030": text_file(",", "gb18030"),
    "tsv in utf-16": text_file("\t", "utf-16"),
    "page": lambda kind, table: formats.html(texts(kind, table)),
    "xls": lambda kind, table: formats.xls(plainly(kind, table)),
    "xlsb": lambda kind, table: formats.xlsb(plainly(kind, table)),
}


def test_every_column_of_every_kind_is_drawn():
    assert {column.convert for kind in KINDS.values() for column in kind.columns} == set(CELLS)


@settings(QUIET, max_examples=6)
@given(drawn=tables())
def test_a_workbook_of_openpyxl(drawn):
    with read(openpyxl_book(drawn)) as book:
        for sheet in book.sheets:
            assert found(sheet.name, sheet) == expected(sheet.name, drawn[sheet.name])


@pytest.mark.parametrize("turn", range(len(FORMS)))
@settings(QUIET, max_examples=2)
@given(drawn=tables(most=2))
def test_every_kind_in_every_form(turn, drawn):
    """Each in another at every turn."""
    forms = islice(cycle(FORMS), turn, None)
    for kind, form in zip(KINDS, forms, strict=False):
        with read(FORMS[form](kind, drawn[kind])) as book:
            (sheet,) = book.sheets
            assert found(kind, sheet) == expected(kind, drawn[kind]), form


SEPARATED = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
"""Every sheet a file of its own."""


@pytest.mark.office
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")
@settings(QUIET, max_examples=2, phases=[Phase.generate])
@given(drawn=tables(2, 3))
def test_whatever_libreoffice_makes_of_a_workbook(libreoffice, drawn):
    data = openpyxl_book(drawn)
    for form in ("xlsx", "xls", "ods"):
        with read(libreoffice.saved(data, form)) as book:
            assert {sheet.name: found(sheet.name, sheet) for sheet in book.sheets} == {
                kind: expected(kind, table) for kind, table in drawn.items()
            }, form
    out = libreoffice.folder(data, SEPARATED)
    for kind, table in drawn.items():
        with read((out / f"given-{kind}.csv").read_bytes()) as book:
            assert found(kind, book.sheets[0]) == expected(kind, table)

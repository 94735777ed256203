import io
import shutil
import struct
import zipfile

import openpyxl
import pytest

from imports import ods
from imports.biff import workbook as workbook_of
from imports.hidden import as_ranges, holds, of_piece, of_xls
from imports.reading import read
from imports.sniff import OLE_MAGIC
from rules.refusals import Refusal
from tests.imports import formats

ROWS = [["工号", "姓名"], ["A1", "甲"], ["A2", "乙"], ["A3", "丙"], ["A4", "丁"]]


def workbook(*hidden, rows=ROWS):
    book = openpyxl.Workbook()
    book.active.title = "花名册"
    for row in rows:
        book.active.append(row)
    for row in hidden:
        book.active.row_dimensions[row].hidden = True
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def found(data):
    with read(data) as book:
        return [sheet.hidden_rows for sheet in book.sheets]


def test_rows_beside_each_other_are_one_range():
    assert as_ranges([9, 3, 4, 3]) == [(3, 4), (9, 9)]
    assert [row for row in range(1, 12) if holds([(3, 4), (9, 9)], row)] == [3, 4, 9]


def test_hidden_rows_of_an_xlsx_are_told():
    assert found(workbook(3, 4)) == [[(3, 4)]]
    assert found(workbook()) == [[]]


@pytest.mark.parametrize(
    ("tag", "rows"),
    [
        (b'<row r="7" spans="1:3" hidden="1">', [7]),
        (b'<x:row hidden="true" r="7"/>', [7]),
        (b'<row r="7" spans="1:3">', []),
        (b'<row r="7" hidden="0">', []),
        (b'<row r="7"><c r="A7"><v>hidden="1"</v></c></row>', []),
    ],
)
def test_a_row_of_an_xlsx_is_hidden_by_its_mark(tag, rows):
    assert of_piece(tag) == rows


def test_hidden_rows_of_a_page_and_of_xml_of_2003_are_told():
    page = "<table><tr><td>姓名<td>单位</tr><tr style='DISPLAY: none'><td>甲</tr></table>"
    assert found(page.encode()) == [[(2, 2)]]
    text = """<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
     xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="花名册"><Table>
     <Row><Cell><Data>姓名</Data></Cell></Row><Row ss:Index="4" ss:Hidden="1"><Cell><Data>甲</Data></Cell></Row>
     </Table></Worksheet></Workbook>"""
    assert found(text.encode()) == [[(4, 4)]]


def test_rows_of_an_ods_are_counted_with_their_repetitions_and_not_inside_cells():
    content = """<o xmlns:table="t"><table:table table:name="一"><table:table-row table:number-rows-repeated="3"/>
    <table:table-row><table:table-cell><table:table table:name="内"><table:table-row table:visibility="filter"/>
    </table:table></table:table-cell></table:table-row>
    <table:table-row table:visibility="collapse" table:number-rows-repeated="2"/></table:table></o>"""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("content.xml", content)
    assert ods.looked_through(out.getvalue()).hidden == {"一": [(5, 6)]}


def test_an_ods_is_taken_apart_once_for_all_that_its_reader_does_not_tell(monkeypatch):
    content = """<o xmlns:table="t" xmlns:calcext="c"><table:null-date table:date-value="1904-01-01"/>
    <table:table table:name="一"><table:table-row>
    <table:table-cell table:number-columns-spanned="2"/><table:covered-table-cell/></table:table-row>
    <table:table-row table:visibility="collapse"><table:table-cell calcext:value-type="error"><p>#REF!</p>
    </table:table-cell></table:table-row></table:table></o>"""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("content.xml", content)
    parsers, make = [], ods.expat.ParserCreate
    monkeypatch.setattr(ods.expat, "ParserCreate", lambda: parsers.append(make()) or parsers[-1])
    found = ods.looked_through(out.getvalue())
    assert (found.merged, found.errors) == ({"一": [(1, 1, 1, 2)]}, {"一": {(2, 1): "#REF!"}})
    assert (found.hidden, found.since_1904, len(parsers)) == ({"一": [(2, 2)]}, True, 1)


@pytest.mark.parametrize(("hidden", "told"), [((), []), ((3, 4), [(3, 4)]), ((2, 5), [(2, 2), (5, 5)])])
def test_hidden_rows_of_an_xlsb_are_told(hidden, told):
    assert found(formats.xlsb(ROWS, hidden=hidden)) == [told]


def record(code, content):
    return struct.pack("<HH", code, len(content)) + content


def row_record(number, flags):
    return record(0x208, struct.pack("<HHHHHHBBH", number, 0, 3, 255, 0, 0, flags, 1, 0))


def xls(stream, chain=None):
    """A compound file that holds one stream of whole sectors, whose chain may be given."""
    count = len(stream) // 512
    following = chain or [*range(3, 2 + count), 0xFFFFFFFE]
    table = [0xFFFFFFFD, 0xFFFFFFFE, *following]
    header = bytearray(512)
    header[:8] = OLE_MAGIC
    struct.pack_into("<HHHHH", header, 24, 59, 3, 0xFFFE, 9, 6)
    struct.pack_into("<I", header, 48, 1)
    struct.pack_into("<II", header, 60, 0xFFFFFFFE, 0)
    struct.pack_into("<II", header, 68, 0xFFFFFFFE, 0)
    struct.pack_into("<109I", header, 76, 0, *[0xFFFFFFFF] * 108)
    entry = bytearray(512)
    name = "Workbook".encode("utf-16-le")
    entry[: len(name)] = name
    struct.pack_into("<HB", entry, 64, len(name) + 2, 2)
    struct.pack_into("<II", entry, 116, 2, len(stream))
    sector = struct.pack(f"<{len(table)}I", *table).ljust(512, b"\xff")
    return bytes(header) + sector + bytes(entry) + stream


def biff():
    name = "花名册".encode("utf-16-le")
    sheet = struct.pack("<IBBBB", 200, 0, 0, 3, 1) + name
    begin = record(0x809, b"\0\6" + bytes(14))
    globals_ = (begin + record(0x85, sheet) + record(0x0A, b"")).ljust(200, b"\0")
    rows = row_record(0, 0) + row_record(1, 0x20) + row_record(2, 0x20) + row_record(5, 0x20) + record(0x0A, b"")
    return (globals_ + begin + rows).ljust(4096, b"\0")


def test_rows_of_an_xls_without_height_are_hidden():
    assert of_xls(workbook_of(xls(biff()))) == {"花名册": [(2, 3), (6, 6)]}


@pytest.mark.parametrize("data", [xls(biff(), [2] * 8), xls(biff())[:700]], ids=["in a circle", "cut off"])
def test_an_xls_whose_sectors_cannot_be_followed_is_damaged(data):
    with pytest.raises(Refusal, match="damaged or was cut off"):
        workbook_of(data)


@pytest.mark.office
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")
@pytest.mark.parametrize("kind", ["xls", "ods", "xlsx"])
def test_rows_hidden_in_a_file_that_libreoffice_wrote_are_told(libreoffice, kind):
    assert found(libreoffice.saved(workbook(3, 5), kind)) == [[(3, 3), (5, 5)]]

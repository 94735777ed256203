import io
import zipfile

import pytest

from imports import guard, parts
from imports.guard import check, error_cells
from imports.sniff import FileKind
from rules.refusals import Refusal
from tests.imports.books import sparse, with_part, xlsx


def test_a_small_part_may_swell_and_a_large_one_not_more_than_a_hundred_times():
    book = xlsx([["姓名"]] * 2000)
    assert check(with_part(book, "xl/media/a.xml", b" " * (1 << 20)), FileKind.XLSX) is None
    bomb = with_part(book, "xl/media/a.xml", b" " * ((1 << 20) + 1))
    with pytest.raises(Refusal, match=r"xl/media/a\.xml of the workbook is more than 100 times"):
        check(bomb, FileKind.XLSX)


def test_more_parts_than_an_office_program_writes_are_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(2001):
            archive.writestr(f"xl/{number}", b"")
    with pytest.raises(Refusal, match="2001 parts"):
        check(out.getvalue(), FileKind.XLSX)


def test_the_unpacked_size_is_limited(monkeypatch):
    monkeypatch.setattr(guard, "MAX_INFLATED", 1000)
    with pytest.raises(Refusal, match="Unpacked"):
        check(xlsx([["a"]]), FileKind.XLSX)


def test_the_file_itself_is_limited(monkeypatch):
    monkeypatch.setattr(guard, "MAX_BYTES", 10)
    with pytest.raises(Refusal, match="larger than"):
        check(b"a,b\n" * 10, FileKind.CSV)


def errors_in(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return error_cells(data, archive.getinfo("xl/worksheets/sheet1.xml"))


def test_error_cells_are_found_by_row_and_column():
    assert errors_in(sparse({"A1": "姓名", "B2": "#N/A", "AA3": "#REF!"})) == {(2, 2): "#N/A", (3, 27): "#REF!"}


def test_error_cells_are_found_across_the_pieces_of_a_large_sheet(monkeypatch):
    monkeypatch.setattr(parts, "PIECE", 50)
    assert errors_in(sparse({f"B{row}": "#N/A" for row in range(1, 40)})) == {(row, 2): "#N/A" for row in range(1, 40)}


def test_content_beyond_column_zz_is_refused_by_its_address():
    with pytest.raises(Refusal, match="cell AAA7:"):
        errors_in(sparse({"A1": "a", "AAA7": "far"}))


def test_a_styled_blank_beyond_column_zz_harms_nobody():
    xml = b'<sheetData><row r="1"><c r="A1"><v>1</v></c><c r="XFD1" s="1"/></row></sheetData>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", xml)
    assert errors_in(out.getvalue()) == {}

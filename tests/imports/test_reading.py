import datetime
import io
import os
import signal
import tempfile
import zipfile

import openpyxl
import pytest

from imports import reading
from imports.reading import read
from rules.refusals import Refusal
from tests.imports.books import compound, sparse, xlsx


@pytest.fixture(autouse=True, params=["started", "forked"])
def by_either(request):
    if request.param == "started":
        request.getfixturevalue("started_readers")


def rows(data):
    with read(data) as book:
        return [row for sheet in book.sheets for row in sheet.rows()]


def sheets(data):
    with read(data) as book:
        return book.sheets


def test_rows_keep_their_numbers_and_blank_ones_are_left_out():
    assert rows(xlsx([[], ["", "姓名"], [], ["", 3]])) == [(2, ["", "姓名"]), (4, ["", 3.0])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_text_is_read_in_the_encodings_of_chinese_offices(encoding, delimiter):
    text = f'姓名{delimiter}备注\n张三{delimiter}"两\n行"\n'
    assert rows(text.encode(encoding)) == [(1, ["姓名", "备注"]), (2, ["张三", "两\n行"])]


def test_a_page_saved_under_the_name_xls_is_read_with_its_spans():
    cells = "<tr><td colspan=2>名册</td></tr><tr><td>姓名</td><td>手&nbsp;机</td></tr>"
    page = f"<html><meta charset=gb2312><table>{cells}</table>"
    assert rows(page.encode("gb18030")) == [(1, ["名册", ""]), (2, ["姓名", "手 机"])]


def test_xml_of_2003_is_read_with_its_skipped_rows_and_cells():
    text = """<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
     xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="花名册"><Table>
     <Row><Cell ss:Index="2"><Data ss:Type="String">姓名</Data></Cell></Row>
     <Row ss:Index="4"><Cell><Data ss:Type="Number">7</Data></Cell></Row></Table></Worksheet></Workbook>"""
    assert rows(text.encode()) == [(1, ["", "姓名"]), (4, ["7"])]
    assert sheets(text.encode())[0].name == "花名册"


def test_an_entity_bomb_is_refused():
    text = """<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]>
     <Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>"""
    with pytest.raises(Refusal, match="document type"):
        sheets(text.encode())


def test_dates_come_out_as_dates_and_merged_ranges_and_hidden_sheets_are_told():
    book = openpyxl.Workbook()
    book.active.append([datetime.datetime(2026, 3, 5, 9, 51, 36), datetime.date(2026, 3, 5)])  # noqa: DTZ001
    book.active.merge_cells("A2:B3")
    book.create_sheet("藏").sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    shown, hidden = sheets(out.getvalue())
    assert rows(out.getvalue()) == [(1, [datetime.datetime(2026, 3, 5, 9, 51, 36), datetime.date(2026, 3, 5)])]  # noqa: DTZ001
    assert shown.merged == [(2, 1, 3, 2)]
    assert hidden.hidden


def test_a_sheet_of_more_merged_ranges_than_anybody_makes_is_refused():
    ranges = "".join(f'<mergeCell ref="A{row}:B{row}"/>' for row in range(2, 100_003))
    with zipfile.ZipFile(io.BytesIO(xlsx([["姓名", "单位"]]))) as good:
        parts = {name: good.read(name) for name in good.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(
        b"</sheetData>", f"</sheetData><mergeCells>{ranges}</mergeCells>".encode()
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bad:
        for name, content in parts.items():
            bad.writestr(name, content)
    with pytest.raises(Refusal, match="merged cells: split them"):
        sheets(out.getvalue())


def test_an_error_cell_is_not_a_blank():
    assert sheets(sparse({"A1": "姓名", "B2": "#N/A"}))[0].errors == {(2, 2): "#N/A"}


def test_a_cell_a_million_rows_away_is_read_the_slow_way_and_said_so():
    with read(sparse({"A1": "姓名", "ZZ1048576": "远"})) as book:
        found = [(number, cells[0], cells[-1]) for number, cells in book.sheets[0].rows()]
    assert found == [(1, "姓名", "姓名"), (1048576, "", "远")]
    assert book.notes == ["The sheet is too sparse for the quick reader and was read the slow way"]


def test_a_cell_beyond_the_last_column_is_refused_by_its_address():
    with pytest.raises(Refusal, match="cell XFD1048576:"):
        sheets(sparse({"A1": "姓名", "XFD1048576": "远"}))


def test_a_workbook_whose_sheet_was_cut_off_is_refused():
    data = xlsx([["姓名"] * 20] * 3000)
    middle = data.index(b"xl/worksheets/sheet1.xml") + 400
    with pytest.raises(Refusal, match="damaged"):
        sheets(data[:middle] + b"\0" * 40 + data[middle + 40 :])


def test_an_xls_behind_a_password_is_refused_for_it():
    begin, password = b"\x09\x08\x10\x00" + bytes(16), b"\x2f\x00\x36\x00" + bytes(54)
    with pytest.raises(Refusal, match="protected by a password"):
        sheets(compound("Root Entry", "Workbook") + begin + password)


def test_an_ods_behind_a_password_is_refused_for_it():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", b"\x8f\x03 locked")
        archive.writestr("META-INF/manifest.xml", "<m><file-entry><encryption-data/></file-entry></m>")
    with pytest.raises(Refusal, match="protected by a password"):
        sheets(out.getvalue())


def test_a_file_lies_nowhere_by_name_while_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with read(xlsx([["姓名"]])):
        assert list(tmp_path.iterdir()) == []


def test_an_xls_with_nothing_behind_its_name_is_refused():
    with pytest.raises(Refusal, match=r"damaged|cannot be read"):
        sheets(compound("Root Entry", "Workbook"))


def test_whoever_reads_can_be_killed():
    for kill in (lambda child: child.kill(), lambda child: os.kill(child.pid, signal.SIGKILL)):
        with pytest.raises(Refusal, match="within the limits"), read(xlsx([["姓名"]]), started=kill):
            pass


def test_whoever_reads_for_too_long_is_killed(monkeypatch):
    monkeypatch.setattr(reading, "WALL_SECONDS", 0.001)
    with pytest.raises(Refusal, match="within the limits"), read(xlsx([["姓名"] * 20] * 3000)):
        pass

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
from tests.imports import formats
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


def test_commas_in_the_notes_of_a_table_make_no_csv_of_it():
    text = "姓名\t备注\n甲\t路灯, 道路, 水管, 井盖\n乙\t无\n"
    assert rows(text.encode()) == [(1, ["姓名", "备注"]), (2, ["甲", "路灯, 道路, 水管, 井盖"]), (3, ["乙", "无"])]


def test_a_page_saved_under_the_name_xls_is_read_with_its_spans():
    cells = "<tr><td colspan=2>名册</td></tr><tr><td>姓名</td><td>手&nbsp;机</td></tr>"
    page = f"<html><meta charset=gb2312><table>{cells}</table>"
    assert rows(page.encode("gb18030")) == [(1, ["名册", ""]), (2, ["姓名", "手 机"])]


def test_cells_of_a_page_that_reach_over_rows_push_others_aside_and_are_told_as_merged():
    page = """<table><tr><td rowspan=2>姓名<td colspan=2>联系方式<td rowspan=2>单位<tr><td>手机<td>座机
     <tr><td>甲<td>1<td>2<td rowspan=2>石桥村<tr><td>乙<td>3<td>4</table>
     <table><tr><td>丙<td>5</table>""".encode()
    assert rows(page) == [
        (1, ["姓名", "联系方式", "", "单位"]),
        (2, ["", "手机", "座机", ""]),
        (3, ["甲", "1", "2", "石桥村"]),
        (4, ["乙", "3", "4", ""]),
        (5, ["丙", "5"]),
    ]
    assert sheets(page)[0].merged == [(1, 1, 2, 1), (1, 2, 1, 3), (1, 4, 2, 4), (3, 4, 4, 4)]


def test_a_cell_of_text_beyond_the_last_column_is_refused():
    page = f"<table><tr>{'<td>' * 702}<td>远</tr></table>"
    with pytest.raises(Refusal, match="beyond column ZZ"):
        sheets(page.encode())


SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet"


def xml2003(sheet, encoding="utf-8"):
    text = f"""<?xml version="1.0" encoding="{encoding}"?><Workbook xmlns="{SPREADSHEET}" xmlns:ss="{SPREADSHEET}">
     <Worksheet ss:Name="花名册">{sheet}</Worksheet></Workbook>"""
    return text.encode(encoding)


def test_cells_of_xml_of_2003_that_reach_over_others_push_them_aside_and_are_told_as_merged():
    data = xml2003("""<Table>
     <Row><Cell ss:MergeDown="1"><Data>姓名</Data></Cell><Cell ss:MergeAcross="1"><Data>联系方式</Data></Cell>
     <Cell><Data>单位</Data></Cell></Row>
     <Row><Cell ss:Index="2"><Data>手机</Data></Cell><Cell><Data>座机</Data></Cell></Row></Table>""")
    assert rows(data) == [(1, ["姓名", "联系方式", "", "单位"]), (2, ["", "手机", "座机"])]
    assert sheets(data)[0].merged == [(1, 1, 2, 1), (1, 2, 1, 3)]


def test_a_comment_in_xml_of_2003_is_not_what_its_cell_says():
    comment = "<Comment><ss:Data>请核对</ss:Data></Comment>"
    data = xml2003(f"<Table><Row><Cell><Data>甲</Data>{comment}</Cell><Cell>{comment}</Cell></Row></Table>")
    assert rows(data) == [(1, ["甲", ""])]


def test_blank_rows_that_xml_of_2003_counts_without_a_word_keep_their_numbers():
    data = xml2003('<Table><Row ss:Span="2" ss:Hidden="1"/><Row><Cell><Data>甲</Data></Cell></Row></Table>')
    assert rows(data) == [(4, ["甲"])]
    assert sheets(data)[0].hidden_rows == [(1, 3)]


def test_xml_of_2003_tells_a_hidden_sheet():
    options = '<o:WorksheetOptions xmlns:o="urn:x"><o:Visible>%s</o:Visible></o:WorksheetOptions>'
    assert sheets(xml2003("<Table/>" + options % "SheetHidden"))[0].hidden
    assert not sheets(xml2003("<Table/>" + options % "SheetVisible"))[0].hidden


@pytest.mark.parametrize("encoding", ["gb2312", "GBK", "gb18030"])
def test_xml_of_2003_is_read_in_the_encodings_of_chinese_offices(encoding):
    assert rows(xml2003("<Table><Row><Cell><Data>甲</Data></Cell></Row></Table>", encoding)) == [(1, ["甲"])]


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


def test_merged_ranges_of_an_xlsb_are_told():
    data = formats.xlsb([["单位", "姓名"], ["石桥村", "甲"], [None, "乙"]], merged=[(1, 2, 0, 0)])
    assert sheets(data)[0].merged == [(2, 1, 3, 1)]


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


def test_merged_ranges_are_told_of_a_sheet_that_is_read_the_slow_way():
    table = [["单位", "姓名"], ["石桥村", "甲"], [None, "乙"]]
    book = openpyxl.load_workbook(io.BytesIO(xlsx(table, merged=["A2:A3"])))
    book.active["ZZ1048576"] = "远"
    out = io.BytesIO()
    book.save(out)
    with read(out.getvalue()) as found:
        assert found.notes
        assert found.sheets[0].merged == [(2, 1, 3, 1)]


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

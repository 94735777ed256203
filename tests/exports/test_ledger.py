import csv
import io
import tracemalloc
from datetime import UTC, date, datetime

import openpyxl
import pytest

from exports import ledger
from exports.ledger import Column, stream_csv, stream_xlsx
from rules.refusals import Refusal

COLUMNS = [
    Column("编号"),
    Column("标题", width=40),
    Column("件数", "number"),
    Column("日期", "date"),
    Column("时间", "datetime"),
    Column("比率", "percent"),
]
LATE_EVENING_UTC = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)


def sheet_of(rows, title="工单"):
    return openpyxl.load_workbook(io.BytesIO(b"".join(stream_xlsx(title, COLUMNS, rows)))).active


def lines_of(rows):
    return list(csv.reader(io.StringIO(b"".join(stream_csv(COLUMNS, rows)).decode("utf-8-sig"))))


def test_moments_are_written_on_the_districts_clock():
    row = ("A1", "路灯", 3, LATE_EVENING_UTC, LATE_EVENING_UTC, 0.5)
    sheet = sheet_of([row])
    assert [cell.value for cell in sheet[2]][:3] == ["A1", "路灯", 3]
    assert [str(cell.value) for cell in sheet[2]][3:] == ["2026-11-21 00:00:00", "2026-11-21 00:30:00", "0.5"]
    assert lines_of([row])[1] == ["A1", "路灯", "3", "2026-11-21", "2026-11-21 00:30", "50.00%"]


def test_no_text_becomes_a_formula():
    cells = sheet_of([("=1+1", "=HYPERLINK(1)", None, None, None, None)])[2][:2]
    assert [(cell.value, cell.data_type) for cell in cells] == [("=1+1", "s"), ("=HYPERLINK(1)", "s")]
    for start in ("=", "+", "-", "@", "\t"):
        assert lines_of([(start + "1", "x", -1, None, None, None)])[1][:3] == ["'" + start + "1", "x", "-1"]


def test_what_xml_forbids_is_left_out():
    assert sheet_of([("a\x00b\ud800c<&>\n第二行", "]]>", None, None, None, None)])["A2"].value == "abc<&>\n第二行"


def test_a_long_text_is_cut_to_what_a_cell_holds():
    assert len(sheet_of([("&" * 40_000, "x", None, None, None, None)])["A2"].value) == 32_767


def test_empty_cells_stay_empty():
    assert [cell.value for cell in sheet_of([(None, "x", None, None, None, None)])[2]] == [None, "x"] + [None] * 4


def test_filter_and_print_header_reach_over_all_rows():
    sheet = sheet_of([("A1:F2", "x", n, date(2026, 1, 2), None, None) for n in range(1200)], title="工单: A1:F2")
    assert sheet.title == "工单  A1 F2"
    assert sheet.max_row == 1201
    assert sheet["A1201"].value == "A1:F2"
    assert sheet.auto_filter.ref == "A1:F1201"
    assert sheet.print_title_rows == "$1:$1"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.freeze_panes) == ("landscape", 9, "A2")


def test_a_list_without_rows_is_a_header():
    assert [cell.value for cell in sheet_of([])[1]] == ["编号", "标题", "件数", "日期", "时间", "比率"]
    assert lines_of([]) == [["编号", "标题", "件数", "日期", "时间", "比率"]]


def test_excel_opens_the_csv_as_utf_8():
    assert b"".join(stream_csv(COLUMNS, []))[:3] == b"\xef\xbb\xbf"


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch):
    monkeypatch.setattr(ledger, "LAST_ROW", 3)
    with pytest.raises(Refusal, match="A sheet holds 2 rows at most"):
        sheet_of([("a", "b", None, None, None, None)] * 3)


def test_memory_does_not_grow_with_the_list():
    def peak(count):
        tracemalloc.start()
        for chunk in stream_xlsx("工单", COLUMNS, (("A1", "路灯" * 20, n, None, None, None) for n in range(count))):
            del chunk
        peaked = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peaked

    peak(500)
    assert peak(20_000) < peak(1_000) * 1.5

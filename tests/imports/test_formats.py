"""Every format and oddity an office sends, from its own bytes to the rows it becomes."""

import datetime
import io
import shutil

import openpyxl
import pytest
import sqlalchemy as sa
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from imports.reading import read
from models.people import Person
from models.units import Unit
from rules.refusals import Refusal
from tests.imports import formats
from tests.imports.books import with_part, xlsx
from tests.imports.hostile.files import declared_with_macros, parts_of, zipped

HEAD = ["工号", "姓名", "手机", "入党时间", "单位", "备注"]
ROWS = [
    HEAD,
    ["A1", "甲", 13800001234.0, 37073.0, "石桥", "一"],
    ["A2", "𠀀乙", "13800001235", "2001.7.1", "沙口村", "二"],
]
TEXTS = [[f"{cell:g}" if cell == 37073.0 else str(cell).removesuffix(".0") for cell in row] for row in ROWS]
FOUND = [
    ("A1", "甲", "13800001234", datetime.date(2001, 7, 1), "石桥村", "一"),
    ("A2", "𠀀乙", "13800001235", datetime.date(2001, 7, 1), "沙口村", "二"),
]


def people(session):
    session.expire_all()
    rows = session.execute(sa.select(Person, Unit.name).join(Unit, Unit.id == Person.unit_id).order_by(Person.staff_no))
    return [(p.staff_no, p.name, p.mobile, p.joined_on, unit, p.note) for p, unit in rows]


def csv(delimiter, encoding, mark=b"", rows=TEXTS):
    return mark + "\r\n".join(delimiter.join(map(str, row)) for row in rows).encode(encoding)


def wide(encoding):
    """Not a line end in it, which would tell of two bytes a letter."""
    return formats.xml2003({"花名册": TEXTS}).decode().encode(encoding)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(xlsx(ROWS), id="xlsx"),
        pytest.param(formats.xls(ROWS), id="xls"),
        pytest.param(formats.xlsb(ROWS), id="xlsb"),
        pytest.param(formats.html(TEXTS), id="html in gb2312"),
        pytest.param(formats.html(TEXTS, "utf-8"), id="html in utf-8"),
        pytest.param(formats.xml2003({"花名册": TEXTS}), id="xml of 2003"),
        pytest.param(wide("utf-16"), id="xml of 2003 in UTF-16"),
        pytest.param(wide("utf-16-be"), id="xml of 2003 in UTF-16 without its mark"),
        pytest.param(csv(",", "utf-8"), id="csv in utf-8"),
        pytest.param(csv(",", "utf-8-sig"), id="csv in utf-8 with its mark"),
        pytest.param(csv("\t", "utf-16le", b"\xff\xfe"), id="tsv in utf-16 le with its mark"),
        pytest.param(csv("\t", "utf-16be", b"\xfe\xff"), id="tsv in utf-16 be with its mark"),
        pytest.param(csv(",", "gb18030"), id="csv in gb18030"),
        pytest.param(csv(";", "gb18030"), id="csv with semicolons"),
    ],
)
def test_every_format_says_the_same_of_the_same_people(session, load, district, data):
    assert load("people", data)["new"] == 2
    assert people(session) == FOUND
    assert load("people", xlsx(ROWS))["same"] == 2


@pytest.mark.parametrize("data", [declared_with_macros(), with_part(xlsx(ROWS), "xl/vbaProject.bin", b"x")])
def test_a_workbook_with_macros_is_refused_by_name(data):
    with pytest.raises(Refusal, match=r"holds macros: save it as \.xlsx"), read(data):
        pass


def test_an_ods_with_macros_is_refused_by_name():
    parts = {
        "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": b"<a/>",
        "Basic/Standard/Module1.xml": b"<a/>",
    }
    with pytest.raises(Refusal, match="holds macros"), read(zipped(parts)):
        pass


SAID = ["#N/A", "#DIV/0!", "#REF!", "#NAME?", "#VALUE!"]
BROKEN = [HEAD, *([f"A{n}", "甲", f"1380000123{n}", 37073.0, "石桥", said] for n, said in enumerate(SAID))]


def with_errors():
    book = openpyxl.load_workbook(io.BytesIO(xlsx(BROKEN)))
    for row in range(2, 7):
        book.active.cell(row, 6).data_type = "e"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(with_errors(), id="xlsx"),
        pytest.param(formats.xls(BROKEN), id="xls"),
        pytest.param(formats.xlsb(BROKEN), id="xlsb"),
        pytest.param(csv(",", "gb18030", rows=BROKEN), id="csv"),
        pytest.param(formats.html(BROKEN), id="page"),
        pytest.param(formats.xml2003({"花名册": BROKEN}), id="xml of 2003"),
    ],
)
def test_a_formula_that_failed_is_an_error_at_its_cell_and_no_blank(session, load, district, data):
    assert load("people", data)["error"] == 5
    assert load.errors == [(f"F{row}", said, "error_cell") for row, said in enumerate(SAID, 2)]


def test_a_formula_that_failed_in_a_column_of_telephones_is_shown_as_it_stands(session, load, district):
    rows = [HEAD, ["A1", "甲", "#VALUE!", 37073.0, "石桥", ""], ["A2", "乙", "1380013", 37073.0, "石桥", ""]]
    assert load("people", csv(",", "utf-8", rows=rows))["error"] == 2
    assert load.errors == [("C2", "#VALUE!", "error_cell"), ("C3", "*******", "mobile")]


def test_a_formula_that_nobody_worked_out_is_an_error_too(session, load, district):
    assert load("people", xlsx([HEAD, ["A1", "甲", "=1+1", "", "石桥", ""]]))["error"] == 1
    assert load.errors == [("C2", "=1+1", "error_cell")]


DAY = datetime.date(2001, 7, 1)


def dated(epoch=None, fmt="yyyy-mm-dd", far=False, day=DAY):
    book = openpyxl.Workbook()
    if epoch:
        book.epoch = epoch
    sheet = book.active
    for row in [HEAD, ["A1", "甲", "13800001234", day, "石桥", ""]]:
        sheet.append(row)
    sheet["D2"].number_format = fmt
    if far:
        sheet["ZZ1048576"] = "远"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("number", [27, 31, 36, 50, 57, 58])
@pytest.mark.parametrize("epoch", [None, CALENDAR_MAC_1904])
def test_dates_are_known_by_the_formats_that_only_a_chinese_excel_knows(number, epoch):
    with read(formats.renumbered(dated(epoch, "mm-dd-yy"), {14: number})) as book:
        assert list(book.sheets[0].rows())[1][1][3] == DAY


BARE = [HEAD, ["A1", "甲", "13800001234", 35611.0, "石桥", ""]]


def bare():
    """A day as its number, without the format of a date."""
    return dated(CALENDAR_MAC_1904, "General", day=35611)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(bare(), id="xlsx"),
        pytest.param(formats.xls(BARE, mode_1904=True), id="xls"),
        pytest.param(formats.xlsb(BARE, mode_1904=True), id="xlsb"),
        pytest.param(formats.xml2003({"花名册": BARE}, mode_1904=True), id="xml of 2003"),
    ],
)
def test_a_number_without_a_format_is_a_day_since_the_beginning_its_workbook_counts_from(session, load, district, data):
    load("people", data)
    assert session.scalars(sa.select(Person.joined_on)).all() == [DAY]


def test_dates_and_texts_of_an_xml_of_2003_are_what_they_say_from_either_beginning_of_time():
    for mode_1904 in (False, True):
        sheets = {"花名册": [["2001-07-01T00:00:00.000", "35611", 330111200002290019]]}
        with read(formats.xml2003(sheets, mode_1904=mode_1904)) as book:
            assert list(book.sheets[0].rows()) == [(1, ["2001-07-01T00:00:00.000", "35611", "330111200002290019"])]


@pytest.mark.office
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")
def test_so_it_is_in_an_ods_of_libreoffice(session, load, district, libreoffice):
    load("people", libreoffice.saved(bare(), "ods"))
    assert session.scalars(sa.select(Person.joined_on)).all() == [DAY]


def test_they_are_known_by_them_where_the_sheet_is_read_the_slow_way(session):
    data = formats.renumbered(dated(CALENDAR_MAC_1904, "mm-dd-yy", far=True), {14: 57})
    with read(data) as book:
        assert list(book.sheets[0].rows())[1][1][3].date() == DAY
        assert book.sheets[0].since_1904
        assert book.notes


@pytest.mark.parametrize(("mode_1904", "serial"), [(False, 37073.0), (True, 35611.0)])
@pytest.mark.parametrize("number", [14, 27, 31, 57, 58])
def test_dates_of_an_xls_are_known_by_them_from_either_beginning_of_time(mode_1904, serial, number):
    with read(formats.xls([["a", serial]], formats=[0, number], mode_1904=mode_1904)) as book:
        assert list(book.sheets[0].rows()) == [(1, ["a", DAY])]


def office_book():
    """As a town hands it in: title, who reports, header over two rows, one cell for a unit of many, total, remarks."""
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    sheet = book.active
    sheet.title = "花名册"
    for row in [
        ["2026年青石镇干部花名册"],
        ["填报单位：青石镇", None, None, None, "单位负责人：王"],
        ["工号", "姓名", "联系方式", "入党时间", "单位", "备注"],
        [None, None, "手机", None, None, None],
        ["A1", "甲", 13800001234, DAY, "石桥村", "一"],
        ["A2", "𠀀乙", "13800001235", datetime.datetime(2001, 7, 1, 9, 30), None, "二"],  # noqa: DTZ001
        ["A3", "丙", "13800001236", "2001年7月1日", None, "=NA()"],
        ["A4", "丁", "13800001237", None, "沙口村", "=1/0"],
        ["A5", "戊", "13800001238", None, None, "五"],
        ["合计", 5],
        ["填表说明：一人一行"],
    ]:
        sheet.append(row)
    for cells in ("A1:F1", "A3:A4", "B3:B4", "D3:D4", "E3:E4", "F3:F4", "E5:E7", "E8:E9"):
        sheet.merge_cells(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.office
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")
@pytest.mark.parametrize("to", ["xlsx", "xls", "ods"])
def test_what_libreoffice_saves_reads_as_it_was_meant(session, load, district, libreoffice, to):
    counts = load("people", libreoffice.saved(office_book(), to), skip_errors=True)
    assert load.errors == [("F7", "#N/A", "error_cell"), ("F8", "#DIV/0!", "error_cell")]
    assert counts == {"new": 3, "changed": 0, "same": 0, "error": 2}
    assert people(session) == [
        ("A1", "甲", "13800001234", DAY, "石桥村", "一"),
        ("A2", "𠀀乙", "13800001235", DAY, "石桥村", "二"),
        ("A5", "戊", "13800001238", None, "沙口村", "五"),
    ]


def test_a_sheet_for_each_village_says_by_its_name_where_its_people_are(session, load, district):
    head, one, other = HEAD[:3], ["A1", "甲", "13800001234"], ["A2", "乙", "13800001235"]
    sheets = {"石桥村": [head, one], "沙口村": [head, other]}
    for data in (xlsx(*sheets.items()), formats.xml2003(sheets)):
        load("people", data)
        assert [(row[0], row[4]) for row in people(session)] == [("A1", "石桥村"), ("A2", "沙口村")]


def test_a_header_in_row_thirty_is_found_and_what_stands_above_it_is_not_read(session, load, district):
    assert load("people", xlsx([*[["说明"]] * 29, HEAD, ROWS[1]]))["new"] == 1


def test_a_sheet_that_is_not_one_says_so_by_its_name():
    parts = parts_of(xlsx(ROWS))
    for name, words in {"word/document.xml": "docx", "ppt/presentation.xml": "pptx"}.items():
        with pytest.raises(Refusal, match="not a spreadsheet"), read(zipped({name: parts["docProps/app.xml"]})):
            assert words

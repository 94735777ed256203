"""What programs of an office or ours write reads back as it was; the same file twice is the file once."""

import csv
import io
import shutil
from datetime import date, datetime

import openpyxl
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.cell import WriteOnlyCell

from exports.ledger import Column, stream_csv, stream_xlsx
from imports import convert
from imports.convert import is_blank
from imports.reading import read
from models.changes import Change
from models.events import TicketEvent
from models.legs import Leg
from models.people import Person
from models.ratings import Reporter
from models.tickets import Ticket
from models.units import Unit, UnitAlias
from tests.imports import formats
from tests.imports.books import xlsx
from tests.imports.conftest import counted

HEADING = ["名称", "数量", "日期", "时刻"]
FEW = settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
LETTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co", "Zl", "Zp"))
texts = st.text(LETTERS, min_size=1, max_size=30).map(lambda text: " ".join(text.split())).filter(
    lambda text: text != "" and text[0] not in "='+-@\ufeff" and "_x" not in text and text != "清空"
)  # fmt: skip
numbers = st.integers(-(10**14), 10**14) | st.decimals(-(10**6), 10**6, places=3).map(float)
days = st.dates(date(1900, 3, 1), date(2099, 12, 31))
moments = st.datetimes(datetime(1900, 3, 1), datetime(2099, 12, 31)).map(  # noqa: DTZ001
    lambda at: at.replace(microsecond=0)
)
tables = st.lists(st.tuples(texts, numbers, days, moments), min_size=1, max_size=40)


def values(data):
    """The converted rows below the heading of the only sheet."""
    with read(data) as book:
        (sheet,) = book.sheets
        rows = list(sheet.rows())
    assert rows[0] == (1, HEADING)
    return [tuple(converted(cells)) for _number, cells in rows[1:]]


def converted(cells):
    name, amount, day, at = cells
    yield convert.text(name)
    yield float(convert.number(amount))
    yield convert.day(day)
    yield convert.moment(at).astimezone(convert.ZONE).replace(tzinfo=None)


def expected(table):
    return [(name, float(amount), day, at) for name, amount, day, at in table]


def openpyxl_book(table):
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(HEADING)
    for name, *others in table:
        cell = WriteOnlyCell(sheet, name)
        cell.data_type = "s"
        sheet.append([cell, *others])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@FEW
@given(tables)
def test_a_table_of_openpyxl_reads_back(table):
    assert values(openpyxl_book(table)) == expected(table)


@FEW
@given(tables, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]), st.sampled_from(",\t;"))
def test_a_table_of_text_reads_back_in_every_encoding(table, encoding, delimiter):
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerows([HEADING, *([name, repr(amount), day, at] for name, amount, day, at in table)])
    assert values(out.getvalue().encode(encoding)) == expected(table)


COLUMNS = [Column("名称"), Column("数量", "number"), Column("日期", "date"), Column("时刻", "datetime")]


@FEW
@given(tables)
def test_what_our_own_lists_are_saved_as_reads_back(table):
    """In whole minutes, as lists show moments in text."""
    rows = [(n, a, d, at.replace(second=0).replace(tzinfo=convert.ZONE)) for n, a, d, at in table]
    wanted = [(n, a, d, at.replace(second=0)) for n, a, d, at in expected(table)]
    assert values(b"".join(stream_xlsx("表", COLUMNS, rows))) == wanted
    assert values(b"".join(stream_csv(COLUMNS, rows))) == wanted


EVENING = datetime(2026, 3, 5, 18, 30)  # noqa: DTZ001
SAMPLE = [
    ("𠀀乙（甲）", 13800001234, date(2001, 7, 1), EVENING),
    ("a,b;c\"d'e|f", -12.5, date(1931, 1, 31), EVENING),
    ("001", 0, date(2099, 12, 31), EVENING),
]


@pytest.mark.office
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")
@pytest.mark.parametrize("to", ["xlsx", "xls", "ods"])
def test_a_table_that_libreoffice_saved_anew_reads_back(to, libreoffice):
    assert values(libreoffice.saved(openpyxl_book(SAMPLE), to)) == expected(SAMPLE)


def test_a_text_that_our_csv_keeps_from_being_a_formula_comes_back_as_the_text(session):
    texts = ["=1+1", "+86 571", "-5", "@某", "=cmd|'/C calc'!A0"]
    rows = [(text, 1, date(2026, 3, 5), EVENING.replace(tzinfo=convert.ZONE)) for text in texts]
    assert [row[0] for row in values(b"".join(stream_csv(COLUMNS, rows)))] == texts


NAMES = st.text(LETTERS, min_size=2, max_size=12).map(lambda text: " ".join(text.split())).filter(
    lambda text: len(text) > 1 and text[0] not in "='+-@\ufeff" and "_x" not in text and not is_blank(text)
)  # fmt: skip
KEPT = {
    "units": (Unit, UnitAlias, Change),
    "people": (Person, Change),
    "tickets": (Ticket, Leg, Reporter, TicketEvent),
}


def all_rows(session, kind):
    """Everything an import of that kind writes, but for what is sealed anew each time."""
    session.expire_all()
    found = []
    for table in (model.__table__ for model in KEPT[kind]):
        rows = session.execute(sa.select(table).order_by(*table.primary_key)).mappings()
        found += map(dict, rows)
    return found


def rows_of(kind, names):
    if kind == "units":
        head = ["代码", "名称", "上级代码", "层级", "户数"]
        return [head, *([f"339901001{n:03}", name, "339901001000", "村", n] for n, name in enumerate(names, 900))]
    if kind == "people":
        head = ["工号", "姓名", "手机", "单位", "入党时间"]
        return [head, *([f"P{n}", name, f"1380000{n:04}", "石桥村", "2001.7.1"] for n, name in enumerate(names))]
    head = ["编号", "来源", "标题", "反映时间", "村社", "反映人", "联系电话", "办结时间", "主办单位"]
    return [
        head,
        *(
            [f"T{n}", "热线", name, "2026-03-05 10:00", "石桥村", "甲", "13800001234", "2026-03-06", "石桥村"]
            for n, name in enumerate(names)
        ),
    ]


@pytest.mark.parametrize("kind", ["units", "people", "tickets"])
@settings(FEW, max_examples=3)
@given(names=st.lists(NAMES, min_size=1, max_size=5, unique=True))
def test_a_file_that_is_imported_twice_leaves_what_it_left_the_first_time(session, load, district, kind, names):
    data = xlsx(rows_of(kind, names))
    first = load(kind, data)
    assert first["error"] == 0, load.errors
    before = all_rows(session, kind)
    assert load(kind, data) == counted(same=len(names))
    assert all_rows(session, kind) == before


def test_the_same_rows_in_another_format_are_the_same(session, load, district):
    rows = rows_of("people", ["甲乙", "丙丁"])
    load("people", xlsx(rows))
    before = all_rows(session, "people")
    for data in (formats.xls(rows), formats.xlsb(rows), formats.html(rows)):
        assert load("people", data) == counted(same=2)
    assert all_rows(session, "people") == before

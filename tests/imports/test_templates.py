"""Templates: what an office fills in comes in, however its office program saved it."""

import io
import re
import shutil
from collections import Counter
from datetime import date, datetime, time

import openpyxl
import pytest
from sqlalchemy import select

from imports import convert, template_words
from imports.kind import Order
from imports.run import KINDS
from imports.template_book import EXAMPLE_ROW, HEAD_ROW, template_book
from models.acting import EVERYTHING, SYSTEM, Scope
from models.people import Person
from models.tickets import Ticket
from models.units import Unit
from rules.refusals import Refusal
from tests.factories import actor
from tests.imports.conftest import counted
from tests.imports.formats import content_of
from tests.stage import at

NOW = at("2026-11-20 12:00")
TITLES = {"units": "单位", "people": "人员", "tickets": "民情工单"}
FILLED = {
    "units": [
        {"代码": "339901001003", "名称": "新桥村", "层级": "村", "上级代码": "339901001000", "户数": 312},
        {"代码": "339901001003001", "名称": "第一网格", "层级": "网格", "上级": "新桥村", "联系电话": "057163310000"},
    ],
    "people": [
        {"工号": "007", "姓名": "王小明", "性别": "男", "身份证号": "11010519491231002X", "手机": "13800138000",
         "单位": "石桥村", "政治面貌": "中共党员", "入党时间": date(2001, 7, 1), "在职状态": "在职"},
        {"工号": "A2", "姓名": "李四", "单位": "青石镇蒋湾村", "入党时间": "2003.5", "备注": "-1+1"},
    ],
    "tickets": [
        {"工单编号": "0012", "来源": "电话", "标题": "路灯不亮", "联系电话": "13800138000", "村社区": "石桥村",
         "反映时间": datetime(2026, 11, 1, 9, 0),  # noqa: DTZ001
          "状态": "待受理"},
    ],
}  # fmt: skip


def template(session, kind, scope=EVERYTHING):
    data = template_book(session, kind, Order(SYSTEM, scope, NOW), TITLES.get(kind, kind))
    return openpyxl.load_workbook(io.BytesIO(data))


def passed(load):
    """Why → how many rows of all sheets."""
    return sum((Counter(found) for found in load.batch.options["passed"].values()), Counter())


def saved(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def filled(session, kind):
    book = template(session, kind)
    page = book.worksheets[0]
    columns = {str(cell.value).lstrip("*"): cell.column for cell in page[HEAD_ROW]}
    for row, given in enumerate(FILLED[kind], EXAMPLE_ROW + 1):
        for heading, value in given.items():
            cell = page.cell(row, columns[heading])
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
    return book


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_left_as_it_is_imports_nothing_and_says_that_its_example_was_left_out(session, load, district, kind):
    assert load(kind, saved(template(session, kind))) == counted()
    assert (passed(load)["example"], load.notes) == (1, [])


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_is_headed_explained_and_shown_filled(session, district, kind):
    book = template(session, kind)
    page, told = book.worksheets[0], book["填表说明"]
    columns = KINDS[kind].columns
    assert [cell.value for cell in page[HEAD_ROW]] == [
        "行号" if "序号" in {column.title for column in columns} else "序号",
        *(f"*{column.title}" if column.required else column.title for column in columns),
    ]
    assert all(cell.comment and cell.comment.text for cell in page[HEAD_ROW][1:])
    explained = [row for row in told.iter_rows(values_only=True) if row[0] in {column.title for column in columns}]
    assert [row[0] for row in explained] == [column.title for column in columns]
    assert all(row[2] for row in explained)
    assert page[EXAMPLE_ROW][0].value == "示例"
    for column, cell in zip(columns, page[EXAMPLE_ROW][1:], strict=True):
        assert not column.required or cell.value, column.name
        assert cell.value in (None, "") or column.convert(cell.value) not in (None, convert.CLEAR), column.name
    assert page.freeze_panes == "C4"
    assert book["选项"].sheet_state == "hidden"


@pytest.mark.parametrize("kind", KINDS)
def test_no_id_number_telephone_or_code_is_ever_taken_for_a_number(session, district, kind):
    page = template(session, kind).worksheets[0]
    spoiled = {convert.code, convert.id_number, convert.mobile, convert.phone, convert.digits}
    for number, column in enumerate(KINDS[kind].columns, 2):
        if column.convert in spoiled:
            letter = page.cell(HEAD_ROW, number).column_letter
            assert page.column_dimensions[letter].number_format == "@"
            assert page.cell(EXAMPLE_ROW + 5, number).number_format == "@"


KEYS = {
    "units": "按代码；没有代码的按上级和名称",
    "people": "按工号；没有工号的按身份证号；都没有的按姓名加手机",
    "households": "按户号；没有户号的按村社、户主和地址",
    "organisations": "按统一社会信用代码；没有的按村社和名称",
    "tickets": "按来源加工单编号",
    "visits": "按走访日期、走访人和走访对象",
    "topics": "按年度、课题名称和领题领导",
    "tasks": "按年度、事项名称和责任单位",
    "categories": "按代码；没有代码的按各级名称",
    "duties": "按事项分类、分工和适用范围",
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_instructions_say_by_what_an_entry_is_known_again(session, district, kind):
    told = [row[0] for row in template(session, kind)["填表说明"].iter_rows(values_only=True) if row[0]]
    assert len([text for text in told if f"：{KEYS[kind]}" in text]) == 1


def lists(book):
    """Heading → the words of its list, and whether others are refused."""
    page, words = book.worksheets[0], book["选项"]
    found = {}
    for rule in (each for each in page.data_validations.dataValidation if each.type == "list"):
        column = str(rule.sqref).split(":")[0].rstrip("0123456789")
        source = [cell.value for cell in words[column][1:] if cell.value]
        assert rule.formula1 == f"选项!${column}$2:${column}${len(source) + 1}"
        found[page[f"{column}{HEAD_ROW}"].value.lstrip("*")] = source, bool(rule.showErrorMessage)
    return found


def test_the_subjects_of_requests_are_offered_for_requests_alone(session, district):
    assert "邻里纠纷" in lists(template(session, "tickets"))["问题分类"][0]
    assert "村社类型" not in lists(template(session, "units"))


def test_the_lists_offer_what_the_importer_takes(session, district):
    people = lists(template(session, "people"))
    assert people["性别"] == (["男", "女"], True)
    assert people["在职状态"] == (["在职", "退休", "离职"], True)
    assert people["政治面貌"] == (["中共党员", "预备党员", "共青团员", "群众"], False)
    assert people["联系村社"] == (["石桥村", "青石镇蒋湾村", "沙口村", "白沙乡蒋湾村"], False)
    assert "路灯照明" in lists(template(session, "tickets"))["问题分类"][0]
    assert lists(template(session, "tickets"))["状态"][0][:2] == ["待受理", "已受理"]
    assert lists(template(session, "units"))["是否撤销"] == (["是", "否"], True)


WHEN = {
    "units": ["撤并日期"],
    "people": ["入党时间"],
    "tickets": ["反映时间", "受理时间", "派单时间", "签收时间", "办理时限", "办结时间", "评价时间"],
    "households": [],
    "organisations": [],
    "visits": ["走访日期", "时间"],
    "topics": ["年度", "完成时限"],
    "tasks": ["年度", "完成时限", "是否销号", "销号日期"],
    "categories": [],
    "duties": [],
}


def prompts(page):
    """Heading → what is said while one stands on a cell below it."""
    rules = [rule for rule in page.data_validations.dataValidation if rule.showInputMessage]
    columns = [str(rule.sqref).split(":")[0].rstrip("0123456789") for rule in rules]
    return {
        page[f"{column}{HEAD_ROW}"].value.lstrip("*"): rule.prompt
        for column, rule in zip(columns, rules, strict=True)
    }  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_whoever_stands_on_a_day_or_time_is_told_how_to_write_it_and_nothing_is_refused(session, district, kind):
    book = template(session, kind)
    page, told = book.worksheets[0], {row[0]: row[2] for row in book["填表说明"].iter_rows(values_only=True)}
    said = prompts(page)
    assert list(said) == WHEN[kind]
    for heading, prompt in said.items():
        assert re.search(r"\d", prompt), heading
        assert prompt == told[heading]
        assert len(prompt) <= 255
    dated = [rule for rule in page.data_validations.dataValidation if rule.type in ("date", None)]
    assert not any(rule.showErrorMessage for rule in dated)


@pytest.mark.parametrize(
    ("column", "written", "read"),
    [
        (("people", "joined_on"), ["2026-03-05", "2026.3.5", "2026年3月5日"], date(2026, 3, 5)),
        (("units", "merged_on"), ["2026-03-05", "2026.3.5", "2026年3月5日"], date(2026, 3, 5)),
        (("visits", "visited_on"), ["2026-03-05", "2026.3.5", "2026年3月5日"], datetime(2026, 3, 5)),  # noqa: DTZ001
        (("visits", "visited_on"), ["2026-03-05 19:30"], datetime(2026, 3, 5, 19, 30)),  # noqa: DTZ001
        (("visits", "visited_at"), ["19:30", "晚上7点半"], time(19, 30)),
        (("topics", "year"), ["2026", "2026年"], 2026),
        (("topics", "due_on"), ["2026-12-31", "2026.12.31", "2026年12月底前", "2026年底"], date(2026, 12, 31)),
        (("topics", "due_on"), ["2026年12月"], date(2026, 12, 31)),
        (("tasks", "written_off"), ["是"], True),
        (("tasks", "written_off"), ["2026-03-05"], date(2026, 3, 5)),
        (("tickets", "submitted_at"), ["2026-03-05 09:30", "2026.3.5 9:30"], at("2026-03-05 09:30")),
        (("tickets", "submitted_at"), ["2026年3月5日9时30分"], at("2026-03-05 09:30")),
        (("tickets", "submitted_at"), ["2026-03-05"], at("2026-03-05 00:00")),
        (("tickets", "due"), ["3天"], 3),
        (("tickets", "due"), ["2026-03-05"], at("2026-03-06 00:00")),
        (("tickets", "due"), ["2026-03-05 18:00"], at("2026-03-05 18:00")),
    ],
)
def test_what_is_told_is_taken(session, district, column, written, read):
    kind, name = column
    ours = next(each for each in KINDS[kind].columns if each.name == name)
    told = prompts(template(session, kind).worksheets[0])[ours.title]
    assert [ours.convert(text) for text in written] == [read] * len(written)
    assert [text for text in written if text not in told and text not in ("是", "2026年12月")] == []


def test_of_units_only_ones_own_are_offered(session, district):
    own = lists(template(session, "people", Scope(paths=(district.far_town.path,))))["单位"][0]
    assert "白沙乡" in own
    assert "石桥村" not in own


def test_who_may_not_import_a_kind_gets_no_template_of_it(session, district):
    order = Order(actor(session, "dispatcher", district.town), Scope(paths=(district.town.path,)), NOW)
    with pytest.raises(Refusal, match="Your role does not import"):
        template_book(session, "people", order, "人员")


@pytest.mark.parametrize("kind", FILLED)
def test_a_filled_template_comes_in_whole(session, load, district, kind):
    assert load(kind, saved(filled(session, kind))) == counted(new=len(FILLED[kind]))
    assert load.errors == []
    assert_is_there(session, kind)


def assert_is_there(session, kind):
    if kind == "people":
        wang, li = session.scalars(select(Person).order_by(Person.staff_no))
        assert (wang.staff_no, wang.id_number, wang.mobile) == ("007", "11010519491231002X", "13800138000")
        assert (str(wang.joined_on), str(li.joined_on), li.note) == ("2001-07-01", "2003-05-01", "-1+1")
        assert li.path == "/339901000000/339901001000/339901001002/"
    if kind == "units":
        grid = session.scalars(select(Unit).where(Unit.code == "339901001003001")).one()
        assert (grid.name, grid.parent.name, grid.phone, grid.parent.households) == (
            "第一网格",
            "新桥村",
            "057163310000",
            312,
        )
    if kind == "tickets":
        ticket = session.scalars(select(Ticket)).one()
        assert (ticket.external_id, ticket.source, ticket.submitted_at) == ("0012", "phone", at("2026-11-01 09:00"))


@pytest.mark.office
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")
@pytest.mark.parametrize("kind", FILLED)
def test_saved_again_by_libreoffice_in_any_of_its_forms_it_comes_in_the_same(
    session, load, district, libreoffice, kind
):
    file = saved(filled(session, kind))
    again = [libreoffice.saved(file, form) for form in ("xlsx", "xls", "ods")]
    assert load(kind, again[0]) == counted(new=len(FILLED[kind]))
    assert load.errors == []
    assert (passed(load)["example"], load.notes) == (1, [])
    assert_is_there(session, kind)
    for data in [*again[1:], file]:
        assert load(kind, data) == counted(same=len(FILLED[kind]))
        assert load.errors == []


@pytest.mark.office
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")
def test_libreoffice_shows_how_a_day_is_written_and_keeps_it(session, district, libreoffice):
    file = saved(template(session, "visits"))
    shown = content_of(libreoffice.saved(file, "ods")).decode()
    assert re.findall(r'<table:help-message table:title="(.*?)" table:display="true"', shown) == ["走访日期", "时间"]
    assert prompts(openpyxl.load_workbook(io.BytesIO(libreoffice.saved(file, "xlsx"))).worksheets[0])["时间"] == (
        "时间：19:30，也可写 晚上7点半"
    )


def test_every_kind_has_an_example_of_its_own_columns_alone():
    for kind in KINDS:
        assert set(template_words.EXAMPLES[kind]) <= {column.name for column in KINDS[kind].columns}

"""Wrong rows go back to Excel and come in again."""

import io
import re
import shutil
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from sqlalchemy import select

from imports import corrections, run
from imports.amendments import MARK, WHY
from imports.error_words import ERROR_WORDS
from models.acting import EVERYTHING, SYSTEM
from models.imports import BatchState
from models.people import Person
from models.tickets import Ticket
from models.units import Unit
from rules.refusals import Refusal
from tests.imports.books import xlsx
from tests.imports.conftest import counted
from tests.imports.desk import LATER, WRONG, Desk, corrected, headings, saved, set_cell
from tests.imports.test_people import HEAD, ID, roster, wang
from tests.stage import at


@pytest.fixture
def desk(session, load, district):
    return Desk(session, load)


def names(session):
    return sorted(session.scalars(select(Person.name)))


def test_a_day_of_a_workbook_that_counts_from_1904_comes_back_as_the_day_it_is(session, desk):
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    for line in [["工号", "姓名", "手机", "入党时间", "单位"], ["A1", "甲", "12", 35611, "石桥村"]]:
        book.active.append(line)
    assert desk.preview("people", saved(book)) == counted(error=1)
    wrong = desk.download()
    assert wrong.worksheets[0]["D3"].value.date() == date(2001, 7, 1)
    set_cell(wrong.worksheets[0], 3, "手机", "13800138001")
    assert desk.upload(wrong) == counted(new=1)
    desk.commit()
    assert session.scalars(select(Person.joined_on)).one() == date(2001, 7, 1)


def test_the_workbook_holds_the_wrong_rows_alone_as_they_came_with_the_wrong_cells_red(desk):
    desk.preview("people", roster(*WRONG))
    page = desk.download().worksheets[0]
    assert page.title == "Sheet1"
    assert headings(page)[: len(HEAD)] == HEAD
    assert headings(page)[len(HEAD)] == WHY
    assert [cell.value for cell in page["C"]][2:] == ["李四", "赵五"]
    red = [cell.coordinate for row in page.iter_rows() for cell in row if cell.fill.fgColor.rgb == "00FFC7CE"]
    assert red == ["F3", "G4", "J4"]
    assert page["F3"].comment.text == "This is not a mobile number of 11 digits"
    assert page["G4"].comment.text == "There is no unit “无此村”"
    assert page.cell(4, len(HEAD) + 1).value.split("\n") == [
        "row 5",
        "G 所在单位：There is no unit “无此村”",
        "J 入党时间：This is not a date: write it as 2026-03-05",
    ]
    assert page.freeze_panes == "A3"
    assert page.column_dimensions["M"].hidden


def test_numbers_stay_text_dates_dates_and_nothing_becomes_a_formula(desk):
    book = openpyxl.load_workbook(io.BytesIO(roster(wang(手机号码=12.0, 工号="007", 联系村社="+1", 人员类别="@x"))))
    book.active["H3"] = "=cmd|' /C calc'!A0"
    book.active["H3"].data_type = "s"
    desk.preview("people", saved(book))
    page = desk.download().worksheets[0]
    cells = {heading: page.cell(3, column) for column, heading in enumerate(headings(page), 1)}
    assert (cells["工号"].value, cells["工号"].number_format) == ("007", "@")
    assert (cells["手机号码"].value, cells["手机号码"].number_format) == ("12", "@")
    assert (cells["身份证号码"].value, cells["身份证号码"].number_format) == (ID, "@")
    for heading in ("职务", "联系村社", "人员类别"):
        assert cells[heading].data_type in ("s", "inlineStr")
        assert cells[heading].number_format == "@"
    assert cells["职务"].value == "=cmd|' /C calc'!A0"
    assert cells["序号"].value == 1


def test_a_number_that_excel_has_rounded_stays_one_and_stays_wrong(desk):
    desk.preview("people", roster(wang(身份证号码=1.10105194912310e17)))
    book = desk.download()
    assert book.worksheets[0]["E3"].value == 110105194912310000
    assert desk.upload(book) == counted(error=1)


def test_corrected_rows_take_the_place_of_the_wrong_ones_and_everything_is_committed(session, desk):
    assert desk.preview("people", roster(*WRONG)) == counted(new=1, error=2)
    assert desk.upload(corrected(desk.download())) == counted(new=3)
    assert desk.load.errors == []
    assert desk.commit() == counted(new=3)
    assert names(session) == ["李四", "王小明", "赵五"]
    assert session.scalars(select(Person).where(Person.name == "李四")).one().mobile == "13800138002"


def test_what_is_still_wrong_stays_and_comes_with_its_last_value(desk):
    desk.preview("people", roster(*WRONG))
    book = desk.download()
    set_cell(book.worksheets[0], 3, "手机号码", "13800138002")
    set_cell(book.worksheets[0], 4, "入党时间", "后年")
    assert desk.upload(book) == counted(new=2, error=1)
    assert desk.load.errors == [("J5", "后年", "date"), ("G5", "无此村", "unknown_unit")]
    page = desk.download().worksheets[0]
    assert [cell.value for cell in page["J"]][2:] == ["后年"]
    set_cell(page.parent.worksheets[0], 3, "入党时间", "2003-07-01")
    set_cell(page.parent.worksheets[0], 3, "所在单位", "沙口")
    assert desk.upload(page.parent) == counted(new=3)


def test_a_deleted_row_stays_wrong_and_an_emptied_one_is_given_up(desk):
    desk.preview("people", roster(*WRONG))
    book = desk.download()
    page = book.worksheets[0]
    for column in range(1, len(HEAD) + 1):
        page.cell(4, column).value = None
    page.delete_rows(3)
    assert desk.upload(book) == counted(new=1, error=1)
    assert [error[0] for error in desk.load.errors] == ["F4"]


def test_rows_may_be_sorted(desk):
    desk.preview("people", roster(*WRONG))
    book = corrected(desk.download())
    page = book.worksheets[0]
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=3)]
    for number, cells in enumerate(reversed(rows), 3):
        for column, value in enumerate(cells, 1):
            page.cell(number, column).value = value
    assert desk.upload(book) == counted(new=3)


def test_after_the_good_rows_were_committed_alone_the_rest_can_be_corrected_and_committed(session, desk):
    desk.preview("people", roster(*WRONG))
    assert desk.commit(skip_errors=True) == counted(new=1, error=2)
    known = session.scalars(select(Person)).one()
    known.post = "村长"
    session.commit()
    book = desk.download()
    set_cell(book.worksheets[0], 3, "手机号码", "13800138002")
    assert desk.upload(book) == counted(new=1, error=1)
    assert desk.batch.state == BatchState.PREVIEWED
    assert desk.commit(skip_errors=True) == counted(new=2, error=1)
    assert desk.batch.state == BatchState.COMMITTED
    assert names(session) == ["李四", "王小明"]
    session.expire_all()
    assert known.post == "村长"
    book = desk.download()
    set_cell(book.worksheets[0], 3, "所在单位", "沙口")
    set_cell(book.worksheets[0], 3, "入党时间", "")
    assert desk.upload(book) == counted(new=1)
    assert desk.commit() == counted(new=3)
    assert names(session) == ["李四", "王小明", "赵五"]


def test_corrections_that_wait_after_a_commit_can_be_given_up_again(session, desk):
    desk.preview("people", roster(*WRONG))
    desk.commit(skip_errors=True)
    desk.upload(corrected(desk.download()))
    assert desk.batch.counts == counted(new=2)
    kept = corrections.withdrawn(desk.batch)
    restaged = corrections.stage_again(session, desk.batch, desk.later, kept, desk.files.__getitem__)
    corrections.replace(session, desk.batch, desk.later, restaged)
    session.commit()
    assert (desk.batch.state, desk.batch.counts) == (BatchState.COMMITTED, counted(new=1, error=2))
    assert [error[0] for error in desk.load.errors] == ["F4", "J5", "G5"]
    assert desk.upload(corrected(desk.download())) == counted(new=2)


def test_a_correction_that_mends_nothing_leaves_a_committed_import_committed(desk):
    desk.preview("people", roster(*WRONG))
    desk.commit(skip_errors=True)
    assert desk.upload(desk.download()) == counted(new=1, error=2)
    assert desk.batch.state == BatchState.COMMITTED


def refused(desk, book):
    with pytest.raises(Refusal) as told:
        desk.upload(book)
    desk.session.rollback()
    return told.value.message % told.value.values


def test_a_workbook_that_lost_its_marks_is_refused_with_what_to_do(desk):
    desk.preview("people", roster(*WRONG))
    told = refused(desk, roster(*WRONG))
    assert told.startswith("This is not an error workbook: take the one that was made of this import")
    book = desk.download()
    book.worksheets[0].delete_cols(len(HEAD) + 2)
    assert refused(desk, book) == told
    assert desk.batch.counts == counted(new=1, error=2)


def test_new_copied_and_foreign_rows_and_moved_columns_are_refused_by_name(desk):
    desk.preview("people", roster(*WRONG))
    book = corrected(desk.download())
    page = book.worksheets[0]
    set_cell(page, 5, "姓名", "钱六")
    assert refused(desk, book).startswith("“Sheet1”, row 5 was not in the error workbook")
    page.cell(5, len(HEAD) + 2).value = page.cell(4, len(HEAD) + 2).value
    assert refused(desk, book).startswith("“Sheet1”, row 5 is a copy of another row")
    page.delete_rows(5)
    page["B2"], page["C2"] = "姓名", "工号"
    assert refused(desk, book).startswith("“Sheet1”: columns were moved, added or renamed")
    book = desk.download()
    first = desk.batch.id
    desk.preview("people", roster(*WRONG))
    assert refused(desk, book) == f"These are corrections of another import, number {first}: they belong there"


def test_of_two_who_correct_at_once_the_second_is_told(session, desk):
    desk.preview("people", roster(*WRONG))
    data = saved(corrected(desk.download()))
    desk.files["x"] = data
    slow = corrections.stage_again(session, desk.batch, desk.later, ["x"], desk.files.__getitem__)
    desk.upload(data)
    with pytest.raises(Refusal, match="in the meantime"):
        corrections.replace(session, desk.batch, desk.later, slow)
    session.rollback()
    assert desk.batch.counts == counted(new=3)


def test_corrections_read_before_the_good_rows_were_committed_are_told_so(session, desk):
    desk.preview("people", roster(*WRONG))
    desk.files["x"] = saved(corrected(desk.download()))
    slow = corrections.stage_again(session, desk.batch, desk.later, ["x"], desk.files.__getitem__)
    session.commit()
    desk.commit(skip_errors=True)
    with pytest.raises(Refusal, match="in the meantime"):
        corrections.replace(session, desk.batch, desk.later, slow)
    session.rollback()
    assert (desk.batch.state, desk.batch.counts) == (BatchState.COMMITTED, counted(new=1, error=2))


def test_the_workbook_of_one_code_holds_its_rows_with_all_their_errors(desk):
    desk.preview("people", roster(*WRONG))
    assert run.count_by_code(desk.session, desk.batch) == {"date": 1, "mobile": 1, "unknown_unit": 1}
    page = desk.download("date").worksheets[0]
    assert [cell.value for cell in page["C"]][2:] == ["赵五"]
    assert [cell.coordinate for cell in page[3] if cell.comment] == ["G3", "J3"]
    assert [error.code for error in run.errors(desk.session, desk.batch, code="mobile")] == ["mobile"]
    assert run.count_errors(desk.session, desk.batch, "mobile") == 1


def test_a_row_that_is_wrong_as_a_whole_says_so_in_its_last_column(desk):
    desk.load("people", roster(wang()))
    desk.preview("people", roster(wang(工号="A002", 姓名="李四")))
    page = desk.download().worksheets[0]
    last = page.cell(3, len(HEAD) + 1)
    assert last.value == "row 3\nThe ID number belongs to somebody else on the roster"
    assert last.fill.fgColor.rgb == "00FFC7CE"


def test_sheets_named_after_villages_keep_the_village_of_their_rows(session, desk):
    head = ["工号", "姓名", "手机"]
    book = xlsx(("石桥村", [head, ["B1", "甲", "12"]]), ("沙口村", [head, ["B2", "乙", "13800138003"]]))
    assert desk.preview("people", book) == counted(new=1, error=1)
    back = desk.download()
    assert back.sheetnames[0] == "石桥村"
    set_cell(back.worksheets[0], 3, "手机", "13800138004")
    assert desk.upload(back) == counted(new=2)
    desk.commit()
    assert session.scalars(select(Person).where(Person.name == "甲")).one().unit.name == "石桥村"


def test_a_parent_unit_corrected_lets_its_children_in(session, desk):
    head = ["代码", "名称", "上级代码", "层级"]
    rows = [
        head,
        ["339901001003", "新桥村", "339901001000", "不知"],
        ["339901001003001", "第一网格", "339901001003", "网格"],
    ]
    assert desk.preview("units", xlsx(rows)) == counted(error=2)
    book = desk.download()
    set_cell(book.worksheets[0], 3, "层级", "村")
    assert desk.upload(book) == counted(new=2)
    desk.commit()
    assert session.scalars(select(Unit).where(Unit.name == "新桥村")).one().kind == "village"


def test_an_error_cell_stays_one_until_something_is_typed_over_it(desk):
    book = openpyxl.Workbook()
    for row in (["工号", "姓名", "手机", "所在单位"], ["A1", "甲", "#N/A", "石桥村"]):
        book.active.append(row)
    book.active["C2"].data_type = "e"
    assert desk.preview("people", saved(book)) == counted(error=1)
    back = desk.download()
    assert (back.worksheets[0]["C3"].value, back.worksheets[0]["C3"].data_type) == ("#N/A", "e")
    assert desk.upload(back) == counted(error=1)
    set_cell(back.worksheets[0], 3, "手机", "13800138000")
    assert desk.upload(back) == counted(new=1)


def test_a_csv_in_gb18030_comes_back_as_a_workbook(session, desk):
    data = "工号,姓名,手机,所在单位\nA1,甲,12,石桥村\nA2,乙,13800138000,石桥村\n".encode("gb18030")
    assert desk.preview("people", data) == counted(new=1, error=1)
    back = desk.download()
    assert back.sheetnames[0] == "名册.xlsx"
    set_cell(back.worksheets[0], 3, "手机", "13800138001")
    assert desk.upload(back) == counted(new=2)


def test_a_ledger_is_corrected_with_the_source_it_was_uploaded_for(session, desk):
    head = ["工单编号", "标题", "村社区", "反映时间", "状态"]
    rows = [head, ["H-1", "路灯不亮", "石桥村", "昨天", "待受理"]]
    assert desk.preview("tickets", xlsx(rows), source="问政") == counted(error=1)
    back = desk.download()
    set_cell(back.worksheets[0], 3, "反映时间", "2026-11-01 09:00")
    assert desk.upload(back) == counted(new=1)
    desk.commit()
    assert session.scalars(select(Ticket)).one().source == "问政"


def test_somebody_with_fewer_units_does_not_correct_what_was_prepared_for_more(session, desk):
    desk.preview("people", roster(*WRONG))
    book = corrected(desk.download())
    desk.later = run.order_of(desk.batch, SYSTEM, type(EVERYTHING)(paths=("/339901000000/339901001000/",)), at(LATER))
    assert refused(desk, book) == "This import was prepared for units that are not all yours"
    assert MARK


@pytest.mark.office
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")
@pytest.mark.parametrize("form", ["xlsx", "xls", "ods"])
def test_saved_again_by_libreoffice_the_corrections_are_taken_all_the_same(session, desk, libreoffice, form):
    rounded = wang(工号="A004", 姓名="孙七", 身份证号码="", 手机号码=12.0)
    desk.preview("people", roster(*WRONG, rounded))
    assert desk.upload(libreoffice.saved(saved(corrected(desk.download())), form)) == counted(new=3, error=1)
    assert desk.load.errors == [("F6", "**", "mobile")]
    desk.commit(skip_errors=True)
    assert session.scalars(select(Person).where(Person.name == "赵五")).one().joined_on == date(2003, 7, 1)


CODE = re.compile(r"""(?:wrong\(\s*[\w."]+,\s*|Unreadable\(\s*)"(\w+)"|^\s+"(\w+)",\n\s+N_\(""", re.MULTILINE)


def test_every_kind_of_error_is_called_something_where_errors_are_chosen():
    sources = "".join(path.read_text(encoding="utf-8") for path in Path(run.__file__).parent.glob("*.py"))
    used = {code or other for code, other in CODE.findall(sources)}
    assert {"required", "date", "outside", "unknown_unit"} <= used
    assert used - set(ERROR_WORDS) == set()

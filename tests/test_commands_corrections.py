"""What is chosen and corrected on the screens of imports, typed."""

import re
from dataclasses import replace

import openpyxl
import pytest
import sqlalchemy as sa

from imports.choices import from_kept
from models.imports import ImportBatch
from models.people import Person
from models.tickets import Ticket
from tests.factories import make_account
from tests.imports.books import xlsx
from tests.imports.desk import set_cell
from tests.imports.test_people import roster, wang
from tests.imports.test_tickets import ledger, row
from tests.test_catalogue import catalogue
from tests.test_commands import type_in
from tests.views.test_imports import press, staged, the_batch
from views.import_lines import TYPED

__all__ = ["catalogue", "type_in"]

GOOD, WRONG = wang(), wang(工号="A002", 姓名="李四", 身份证号码="", 手机号码="12")
COUNTS = "new=1 changed=0 same=0 error=1"
TOLD = "Sheet1 F4 “**” 应为 11 位手机号码"


@pytest.fixture
def file(district, tmp_path):
    path = tmp_path / "名册.xlsx"
    path.write_bytes(roster(GOOD, WRONG))
    return path


@pytest.fixture
def out(tmp_path):
    return tmp_path / "wrong.xlsx"


@pytest.fixture
def english(app):
    settings = app.extensions["minqing.settings"]
    app.extensions["minqing.settings"] = replace(settings, language="en")
    yield
    app.extensions["minqing.settings"] = settings


def people(session):
    session.rollback()
    return sorted(session.scalars(sa.select(Person.name).where(Person.staff_no.like("A00%"))))


def corrected(path, mobile="13800138002", row=3):
    book = openpyxl.load_workbook(path)
    set_cell(book.worksheets[0], row, "手机号码", mobile)
    book.save(path)


def test_wrong_rows_are_written_to_a_workbook_corrected_and_brought_back(session, type_in, file, out):
    status, lines = type_in("import", "people", file, "--errors-to", out)
    assert (status, lines) == (
        2,
        [
            "第 1 号导入：错误的行等待改正",
            TOLD,
            f"请改正 {out} 中标红的单元格，存盘后输入：flask import people {out} --correct 1",
            COUNTS,
        ],
    )
    assert (the_batch(session).state, people(session)) == ("previewed", [])
    steps = [cell.value for cell in openpyxl.load_workbook(out)["改正说明"]["A"]]
    assert steps[-1].endswith("flask import people 文件 --correct 1")
    corrected(out)
    assert type_in("import", "people", out, "--correct", 1) == (
        0, ["第 1 号导入", "new=2 changed=0 same=0 error=0"]
    )  # fmt: skip
    assert (the_batch(session).state, people(session)) == ("committed", ["李四", "王小明"])
    assert type_in("undo", 1) == (0, ["删除 2 条，恢复 0 条。"])


def test_good_rows_are_written_at_once_and_the_others_when_they_are_corrected(session, type_in, file, out):
    status, lines = type_in("import", "people", file, "--skip-errors", "--errors-to", out)
    assert (status, lines[0], lines[-1]) == (0, "第 1 号导入", COUNTS)
    assert people(session) == ["王小明"]
    again = type_in("import", "people", out, "--correct", 1, "--errors-to", out)
    assert (again[0], again[1][0], again[1][-1]) == (2, "第 1 号导入：错误的行等待改正", COUNTS)
    corrected(out)
    status, lines = type_in("import", "people", out, "--correct", 1)
    assert (status, lines[-1]) == (0, "new=2 changed=0 same=0 error=0")
    assert people(session) == ["李四", "王小明"]


def test_what_is_corrected_in_part_goes_in_in_part(session, type_in, out, district, tmp_path):
    file = tmp_path / "名册.xlsx"
    other = wang(工号="A003", 姓名="赵五", 身份证号码="", 手机号码="13")
    file.write_bytes(roster(GOOD, WRONG, other))
    type_in("import", "people", file, "--skip-errors", "--errors-to", out)
    corrected(out)
    status, lines = type_in("import", "people", out, "--correct", 1)
    assert (status, lines[-1]) == (2, "new=1 changed=0 same=0 error=1")
    assert people(session) == ["王小明"]
    assert type_in("import", "people", out, "--correct", 1, "--skip-errors")[0] == 0
    assert people(session) == ["李四", "王小明"]


def test_what_is_still_wrong_is_said_again_and_leaves_what_was_written(session, type_in, file, out):
    type_in("import", "people", file, "--skip-errors", "--errors-to", out)
    corrected(out, mobile="13")
    assert type_in("import", "people", out, "--correct", 1) == (
        2, ["第 1 号导入：错误的行等待改正", TOLD, COUNTS]
    )  # fmt: skip
    assert (the_batch(session).state, people(session)) == ("committed", ["王小明"])
    assert type_in("undo", 1, "--waiting") == (2, ["第 1 号导入没有等待处理的内容"])
    corrected(out)
    assert type_in("import", "people", out, "--correct", 1)[0] == 0
    assert type_in("undo", 1) == (0, ["删除 2 条，恢复 0 条。"])


def test_a_row_that_is_emptied_is_wrong_no_more(type_in, file, out):
    type_in("import", "people", file, "--skip-errors", "--errors-to", out)
    book = openpyxl.load_workbook(out)
    for cell in book.worksheets[0][3][:11]:
        cell.value = None
    book.save(out)
    assert type_in("import", "people", out, "--correct", 1) == (
        0, ["第 1 号导入", "new=1 changed=0 same=0 error=0"]
    )  # fmt: skip


def test_an_import_of_which_nothing_is_written_is_given_up(session, type_in, file, out):
    type_in("import", "people", file, "--errors-to", out)
    assert type_in("undo", 1) == (2, ["第 1 号导入还在等待处理；要放弃等待的内容，请输入 flask undo 1 --waiting"])
    assert type_in("undo", 1, "--waiting") == (0, ["已放弃，没有写入任何内容"])
    assert the_batch(session).state == "discarded"
    assert type_in("import", "people", out, "--correct", 1) == (2, ["该次导入已提交或已放弃"])


def test_corrections_that_wait_are_withdrawn_and_what_was_written_stays(session, type_in, out, district, tmp_path):
    file = tmp_path / "名册.xlsx"
    file.write_bytes(roster(GOOD, WRONG, wang(工号="A003", 姓名="赵五", 身份证号码="", 手机号码="13")))
    type_in("import", "people", file, "--skip-errors", "--errors-to", out)
    corrected(out)
    type_in("import", "people", out, "--correct", 1)
    assert (the_batch(session).state, the_batch(session).error) == ("previewed", 1)
    assert type_in("undo", 1, "--waiting") == (0, ["改正已撤回，已提交的内容不变"])
    assert (the_batch(session).state, the_batch(session).error, people(session)) == ("committed", 2, ["王小明"])


def test_what_makes_no_sense_is_refused(session, type_in, file, out, tmp_path):
    type_in("import", "people", file, "--errors-to", out)
    for words, told in (
        (("tickets", out, "--correct", 1), "第 1 号导入属于另一类：人员"),
        (("people", out, "--correct", 7), "没有编号为 7 的导入"),
        (("people", file, "--correct", 1), "这不是改正表：请取得这次导入的错误行工作簿"),
        (("people", out, "--correct", 1, "--sheet", "一"), "第 1 号导入的文件怎样读取已有记录"),
        (("people", out, "--correct", 1, "--dry-run"), "错误的行及其改正随导入保存，请去掉 --dry-run"),
        (("people", file, "--errors-to", out, "--dry-run"), "错误的行及其改正随导入保存，请去掉 --dry-run"),
        (("people", file, "--errors-to", tmp_path / "无/此.xlsx"), f"无法写入文件 {tmp_path / '无/此.xlsx'}"),
        (("people", file, "--header-row", "99"), "“99”：请写表头所在的行，如 3"),
    ):
        status, (line, *_) = type_in("import", *words)
        assert (status, line[: len(told)]) == (2, told)
    assert the_batch(session).state == "previewed"


def test_a_file_of_a_screen_is_corrected_and_undone_by_typing(session, client_as, type_in, district, out):
    office = client_as("office", district.root)
    page = staged(office, "people", roster(GOOD, WRONG))
    out.write_bytes(office.get(page.replace("show", "errors")).data)
    corrected(out)
    assert type_in("import", "people", out, "--correct", the_batch(session).id)[0] == 0
    assert people(session) == ["李四", "王小明"]
    assert type_in("undo", the_batch(session).id) == (0, ["删除 2 条，恢复 0 条。"])


def test_a_file_that_was_typed_in_is_corrected_on_its_page(session, client_as, type_in, file, out, district):
    type_in("import", "people", file, "--errors-to", out)
    office = client_as("office", district.root)
    page = f"/imports/show/{the_batch(session).id}"
    assert office.get(page).status_code == 404
    boss = make_account(session, "office", district.root)
    session.commit()
    type_in("undo", 1, "--waiting")
    type_in("import", "people", file, "--errors-to", out, "--as", boss.user.username)
    session.rollback()
    last = session.scalars(sa.select(ImportBatch).order_by(ImportBatch.id.desc())).first()
    page = f"/imports/show/{last.id}"
    assert "下载错误行" in office.get(page).text
    press(office, page, "commit-good")
    assert people(session) == ["王小明"]


SHEETS = xlsx(
    ("在职", [["干部名册"], ["工号", "姓名", "单位"], ["A1", "甲", "石桥村"]]),
    ("离职", [["工号", "姓名", "单位"], ["B1", "乙", "沙口村"], ["B2", "丙", "沙口村"]]),
)


@pytest.fixture
def sheets(district, tmp_path):
    path = tmp_path / "名册.xlsx"
    path.write_bytes(SHEETS)
    book = openpyxl.load_workbook(path)
    book["离职"].sheet_state = "hidden"
    book["离职"].row_dimensions[3].hidden = True
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("words", "new"),
    [
        ((), 1),
        (("--hidden",), 3),
        (("--sheet", "离职"), 1),
        (("--sheet", "离职", "--hidden"), 2),
        (("--sheet", "离职", "--sheet", "在职"), 2),
        (("--header-row", "在职=2"), 1),
        (("--header-row", "2-3"), 0),
    ],
)
def test_sheets_hidden_rows_and_headings_are_chosen(type_in, sheets, words, new):
    lines = type_in("import", "people", sheets, "--dry-run", *words)[1]
    assert lines[-1].startswith(f"new={new} ")


def test_what_was_chosen_is_kept_with_the_import(session, type_in, sheets):
    assert type_in("import", "people", sheets, "--sheet", "离职", "--hidden", "--header-row", "1")[0] == 0
    chosen = from_kept(the_batch(session).options["choices"])
    assert (chosen.of("离职").used, chosen.of("离职").hidden_rows, chosen.of("离职").header) == (True, True, (1, 1))
    assert (chosen.of("在职").used, chosen.hidden_sheets) == (False, True)


def test_what_a_screen_lets_one_choose_is_named_as_it_is_typed(type_in, sheets, district, tmp_path):
    assert "加 --hidden 一并读取隐藏的工作表和行，加 --sheet 名称 只读这一张工作表" in type_in(
        "import", "people", sheets, "--dry-run"
    )[1]  # fmt: skip
    file = tmp_path / "台账.xlsx"
    file.write_bytes(ledger(row(来源="", 街乡镇="", 村社区="")))
    assert "加 --source 为整份文件指定来源" in type_in("import", "tickets", file)[1]
    lines = type_in("import", "tickets", file, "--source", "热线")[1]
    assert "加 --unit 为没有写明单位的行指定单位" in lines
    file.write_bytes(xlsx([["甲", "乙"], ["1", "2"]]))
    lines = type_in("import", "people", file)[1]
    assert lines[0].startswith("前 30 行中没有找到表头")
    assert lines[1].startswith("表头所在的行用 --header-row 指定")
    text = tmp_path / "名册.csv"
    text.write_bytes("工号,姓名,单位\nA1,甲乙,石桥村一\n".encode().decode("gb18030").encode())
    assert "加 --encoding 'utf-8 as gb18030'，首行读作：工号,姓名,单位" in type_in("import", "people", text)[1]


def test_every_hint_belongs_to_a_sentence_there_is(catalogue):
    assert all(message in catalogue for message in TYPED)


CHINESE = re.compile(r"[一-鿿，。；：（）]")


def test_an_english_terminal_reads_english(english, session, type_in, file, out, sheets):
    looked = ("import", "people", sheets, "--dry-run")
    said = [type_in(*looked), type_in(*looked, "--sheet", "无")]
    file.write_bytes(roster(GOOD, WRONG))
    said += [
        type_in("import", "people", file, "--errors-to", out),
        type_in("undo", 1),
        type_in("import", "people", file, "--correct", 1),
        type_in("undo", 1, "--waiting"),
        type_in("import", "people", file, "--skip-errors"),
        type_in("undo", 2),
        type_in("undo", 2),
    ]
    lines = [line for _, printed in said for line in printed]
    names = ("名册.xlsx", "在职", "离职", "无")
    left = [line for line in lines if CHINESE.search("".join(re.split("|".join(names), line)))]
    assert left == []
    assert "Sheet1 F4 “**” This is not a mobile number of 11 digits" in lines
    assert f"Correct the red cells of {out}, save it, then type: flask import people {out} --correct 1" in lines
    assert "1 removed, 0 restored." in lines


def test_a_template_is_chinese_on_an_english_terminal_too(english, type_in, tmp_path):
    file = tmp_path / "t.xlsx"
    assert type_in("template", "people", "--out", file) == (0, [str(file)])
    assert openpyxl.load_workbook(file).worksheets[0]["A1"].value == "人员导入表"


def test_a_ledger_is_found_by_its_numbers_once_it_is_in(session, client_as, type_in, district, tmp_path):
    file = tmp_path / "台账.xlsx"
    file.write_bytes(ledger(row(工单编号="FY-2026-77", 来源="")))
    assert type_in("import", "tickets", file, "--source", "问政平台")[0] == 0
    session.rollback()
    number = session.scalars(sa.select(Ticket.number)).one()
    assert number in client_as("office", district.root).get("/requests/list/?q=fy-2026-77").text

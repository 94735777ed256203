"""The wrong rows of an import go out to Excel and come back, in the browser."""

import io
from hashlib import sha256

import openpyxl
import pytest
import sqlalchemy as sa

from imports import originals, run
from models.imports import ImportBatch
from models.people import Person
from tests.imports.desk import WRONG, corrected, saved, set_cell
from tests.imports.test_choices import STRANGE
from tests.imports.test_people import HEAD, roster
from tests.imports.test_tickets import ledger, row
from tests.views.browsing import file, send, token
from tests.views.test_import_columns import ask, choose
from tests.views.test_imports import counted, press, staged, the_batch, work


@pytest.fixture
def office(client_as, district):
    return client_as("office", district.root)


def downloaded(client, page, code=""):
    answer = client.get(page.replace("show", "errors"), query_string={"code": code} if code else None)
    assert answer.status_code == 200
    return openpyxl.load_workbook(io.BytesIO(answer.data)), answer


def bring_back(client, page, book, name="改好.xlsx"):
    """The page once a worker is done with it."""
    data = book if isinstance(book, bytes) else saved(book)
    send(client, page.replace("show", "correct"), {"file": file(name, data)}, page=page)
    work(client)
    return client.get(page)


def people(session):
    return sorted(session.scalars(sa.select(Person.name).where(Person.staff_no.like("A00%"))))


def test_wrong_rows_are_downloaded_corrected_uploaded_and_committed(session, office, district):
    page = staged(office, "people", roster(*WRONG))
    assert "下载错误行" in office.get(page).text
    book, answer = downloaded(office, page)
    assert "%E5%90%8D%E5%86%8C-%E5%BE%85%E6%94%B9%E6%AD%A3.xlsx" in answer.headers["Content-Disposition"]
    assert book.worksheets[0]["F3"].comment.text == "应为 11 位手机号码"
    assert book.sheetnames == ["Sheet1", "改正说明"]
    assert "改正的行已替换原来的错误行" in bring_back(office, page, corrected(book)).text
    assert counted(session) == (3, 0, 0, 0)
    press(office, page, "commit")
    assert people(session) == ["李四", "王小明", "赵五"]
    assert "下载错误行" not in office.get(page).text


def test_the_sentences_are_in_the_language_of_the_reader(office, district):
    page = staged(office, "people", roster(*WRONG))
    office.get("/lang/en")
    book, _ = downloaded(office, page)
    assert book.worksheets[0]["F3"].comment.text == "This is not a mobile number of 11 digits"
    assert book.sheetnames[1] == "How to correct"


def test_the_rest_of_a_committed_import_waits_for_its_corrections(session, office, district):
    page = staged(office, "people", roster(*WRONG))
    press(office, page, "commit-good")
    assert people(session) == ["王小明"]
    assert "上传改正表" in office.get(page).text
    bring_back(office, page, corrected(downloaded(office, page)[0]))
    shown = office.get(page).text
    assert "此前已提交：新增 1 行" in shown
    assert f'action="{page.replace("show", "withdraw")}"' in shown
    assert f'action="{page.replace("show", "discard")}"' not in shown
    press(office, page, "discard")
    assert the_batch(session).state == "previewed"
    press(office, page, "withdraw")
    assert (the_batch(session).state, counted(session)) == ("committed", (1, 0, 0, 2))
    bring_back(office, page, corrected(downloaded(office, page)[0]))
    press(office, page, "commit")
    assert (the_batch(session).state, counted(session)) == ("committed", (3, 0, 0, 0))
    assert people(session) == ["李四", "王小明", "赵五"]


BY_HAND = {"map-0-name": "1", "map-0-unit": "2", "map-0-mobile": "3"}


@pytest.fixture
def by_hand(office):
    """The screen of the columns of a file of two, one of them without a number, and its preview."""
    columns = staged(office, "people", STRANGE)
    ask(office, columns, {"header": "0:2", "rows-0": "1"})
    choose(office, columns, **BY_HAND)
    return columns, columns.replace("columns", "show")


def numbered(client, page):
    book, _ = downloaded(client, page)
    assert [cell.value for cell in book.worksheets[0][2]][:3] == ["员工", "所属", "号头"]
    set_cell(book.worksheets[0], 3, "号头", "13800138001")
    return book


def test_columns_chosen_by_hand_hold_for_the_corrections_and_corrections_for_other_columns(session, office, by_hand):
    columns, page = by_hand
    assert counted(session) == (1, 0, 0, 1)
    bring_back(office, page, numbered(office, page))
    assert counted(session) == (2, 0, 0, 0)
    choose(office, columns, **BY_HAND)
    assert counted(session) == (2, 0, 0, 0)
    press(office, page, "commit")
    assert session.query(Person).filter(Person.name.in_(["王小明", "李四"])).count() == 2


def test_once_a_part_is_committed_the_columns_stay_and_both_parts_are_undone_together(session, office, by_hand):
    columns, page = by_hand
    press(office, page, "commit-good")
    bring_back(office, page, numbered(office, page))
    assert columns not in office.get(page).text
    assert office.get(columns).location == page
    assert office.post(columns, data={"csrf_token": token(office, page), "apply": "1"}).location == page
    assert (the_batch(session).state, counted(session)) == ("previewed", (1, 0, 0, 0))
    press(office, page, "undo")
    assert the_batch(session).state == "previewed"
    press(office, page, "commit")
    press(office, page, "undo")
    assert the_batch(session).state == "undone"
    assert session.query(Person).filter(Person.name.in_(["王小明", "李四"])).count() == 0


def test_errors_are_counted_and_chosen_by_their_kind_page_by_page(office, district):
    wrong = [WRONG[0], *([*WRONG[1][:1], f"B{n:03}", *WRONG[1][2:]] for n in range(60)), WRONG[2]]
    page = staged(office, "people", roster(*wrong))
    shown = office.get(page).text
    assert "手机 <b>60</b>" in shown
    assert "单位不存在 <b>1</b>" in shown
    assert "全部 <b>62</b>" in shown
    chosen = office.get(f"{page}?tab=error&code=mobile").text
    assert "无此村" not in chosen
    assert "1–50 / 60" in chosen or "60" in chosen
    assert f"{page.replace('show', 'errors')}?code=mobile" in chosen
    second = office.get(f"{page}?tab=error&code=mobile&page_Rows=1").text
    assert second.count('class="import-why"') == 10
    book, _ = downloaded(office, page, "unknown_unit")
    assert book.worksheets[0].max_row == 3
    assert office.get(f"{page}?tab=error&code=<script>").text.count('class="import-why"') == 50


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (roster(*WRONG), "这不是改正表"),
        (b"%PDF-1.7\n1 0 obj", "banner-danger"),
        (b"", "请选择文件"),
        (roster(*WRONG)[:500], "banner-danger"),
    ],
)
def test_what_is_no_error_workbook_changes_nothing_and_is_not_kept(session, office, backend, district, data, told):
    page = staged(office, "people", roster(*WRONG))
    before, kept = office.get(page).text.count("import-why"), files_in(backend)
    answer = bring_back(office, page, data)
    assert told in answer.text
    assert counted(session) == (1, 0, 0, 2)
    assert office.get(page).text.count("import-why") == before
    assert files_in(backend) == kept


def files_in(backend):
    return {path for path in (backend.settings.files_dir / "imports").rglob("*") if path.is_file()}


def test_a_large_file_that_is_no_error_workbook_is_refused_by_the_worker(session, office, district, monkeypatch):
    monkeypatch.setattr("views.import_corrections.SMALL", 0)
    page = staged(office, "people", roster(*WRONG))
    shown = bring_back(office, page, roster(*WRONG)).text
    assert "这不是改正表" in shown
    assert "banner-warning" in shown
    assert (the_batch(session).state, counted(session)) == ("previewed", (1, 0, 0, 2))
    assert "上传改正表" in shown


def test_what_the_worker_refuses_is_not_kept_unless_it_is_the_file_itself(office, backend, district, monkeypatch):
    monkeypatch.setattr("views.import_corrections.SMALL", 0)
    itself, other = roster(*WRONG), roster(*WRONG, WRONG[0])
    page = staged(office, "people", itself)
    paths = [originals.path_of(backend.settings.files_dir, sha256(data).hexdigest()) for data in (itself, other)]
    for data in (itself, other):
        assert "这不是改正表" in bring_back(office, page, data).text
    assert [path.is_file() for path in paths] == [True, False]
    assert "上传改正表" in office.get(page).text


def test_corrections_that_are_cancelled_or_withdrawn_are_not_kept(session, office, backend, district):
    page = staged(office, "people", roster(*WRONG))
    book = saved(corrected(downloaded(office, page)[0]))
    kept = files_in(backend)
    send(office, page.replace("show", "correct"), {"file": file("改好.xlsx", book)}, page=page)
    assert len(files_in(backend)) == len(kept) + 1
    send(office, page.replace("show", "cancel"), {}, page=page)
    assert (files_in(backend), the_batch(session).state) == (kept, "previewed")
    press(office, page, "commit-good")
    bring_back(office, page, book)
    assert len(files_in(backend)) == len(kept) + 1
    press(office, page, "withdraw")
    assert (files_in(backend), the_batch(session).state) == (kept, "committed")


def test_corrections_larger_than_allowed_are_refused_at_once(session, office, district, monkeypatch):
    page = staged(office, "people", roster(*WRONG))
    monkeypatch.setattr("views.import_files.MAX_BYTES", 100)
    assert "banner-danger" in bring_back(office, page, roster(*WRONG)).text
    assert (the_batch(session).state, the_batch(session).said) == ("previewed", None)


def test_of_two_who_bring_corrections_at_once_the_second_is_told(session, office, client_as, district):
    other = client_as("office", district.root)
    page = staged(office, "people", roster(*WRONG))
    book = saved(corrected(downloaded(office, page)[0]))
    for client in (office, other):
        sent = {"file": file("改好.xlsx", book), "csrf_token": token(client, "/imports/new")}
        client.post(page.replace("show", "correct"), data=sent)
    work(office)
    assert "这期间有其他人改正或处理了这次导入" in other.get(page).text
    assert counted(session) == (3, 0, 0, 0)


def test_without_its_file_an_import_offers_nothing_and_says_so(session, office, backend, district):
    page = staged(office, "people", roster(*WRONG))
    book, _ = downloaded(office, page)
    originals.path_of(backend.settings.files_dir, the_batch(session).sha256).unlink()
    assert "上传改正表" not in office.get(page).text
    assert "原文件已不在此处" in office.get(page.replace("show", "errors"), follow_redirects=True).text
    assert "原文件已不在此处" in bring_back(office, page, corrected(book)).text


def test_a_discarded_import_takes_no_corrections(session, office, district):
    page = staged(office, "people", roster(*WRONG))
    book, _ = downloaded(office, page)
    csrf = token(office, page)
    press(office, page, "discard")
    data = {"csrf_token": csrf, "file": file("改好.xlsx", saved(corrected(book)))}
    assert (
        "该次导入已提交或已放弃" in office.post(page.replace("show", "correct"), data=data, follow_redirects=True).text
    )
    assert the_batch(session).state == "discarded"


@pytest.mark.parametrize("part", ["errors", "correct", "withdraw"])
def test_an_import_of_another_town_is_corrected_by_nobody_else(session, client_as, district, part):
    near, far = client_as("dispatcher", district.town), client_as("dispatcher", district.far_town)
    page = staged(far, "tickets", ledger(row(街乡镇="白沙乡", 村社区="沙口村", 主办单位="沙口村", 受理时间="昨天")))
    assert counted(session) == (0, 0, 0, 1)
    here, csrf = page.replace("show", part), {"csrf_token": token(near, "/imports/new")}
    assert (near.get(here) if part == "errors" else near.post(here, data=csrf)).status_code == 404
    book, _ = downloaded(far, page)
    set_cell(book.worksheets[0], 3, "受理时间", "2026/10/8 9:00:00")
    bring_back(far, page, book)
    assert counted(session) == (1, 0, 0, 0)


@pytest.mark.parametrize("role", ["handler", "manager", "supervisor", "evaluator"])
def test_who_imports_nothing_corrects_nothing(session, client_as, office, district, role):
    page = staged(office, "people", roster(*WRONG))
    browser = client_as(role, district.root)
    assert browser.get(page.replace("show", "errors")).status_code in (302, 403, 404)
    csrf = {"csrf_token": "", "file": file("a.xlsx", roster(*WRONG))}
    assert browser.post(page.replace("show", "correct"), data=csrf).status_code in (302, 403, 404)
    assert counted(session) == (1, 0, 0, 2)
    assert session.query(ImportBatch).count() == 1
    assert len(HEAD) == 11


@pytest.mark.parametrize("kind", run.KINDS)
def test_the_template_of_a_kind_is_offered_where_its_files_are_taken_in(office, district, kind):
    office.get("/lang/en")
    assert f'/imports/template/{kind}"' in office.get("/imports/new").text
    answer = office.get(f"/imports/template/{kind}")
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames[1:] == ["填表说明", "选项"]


def test_a_template_is_for_those_who_import_its_kind(client_as, district):
    town = client_as("dispatcher", district.town)
    assert town.get("/imports/template/people").status_code == 404
    assert town.get("/imports/template/horses").status_code == 404
    assert town.get("/imports/template/tickets").status_code == 200

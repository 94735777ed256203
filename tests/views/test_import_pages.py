"""What the pages of imports say of a file."""

import re

import pytest
import sqlalchemy as sa
from flask_babel import force_locale

from models.imports import ImportBatch
from models.people import Person
from models.units import Unit
from tests.factories import make_household
from tests.imports.books import xlsx
from tests.imports.test_choices import NAMELESS
from tests.imports.test_people import roster, wang
from tests.imports.test_visits import log
from tests.imports.test_visits import row as visit
from tests.views.test_import_corrections import WRONG, bring_back, corrected, downloaded
from tests.views.test_imports import counted, press, staged
from views import look
from views.import_pages import actions_on
from views.words import sentences


@pytest.fixture
def office(client_as, district):
    return client_as("office", district.root)


def test_columns_that_sheets_have_in_common_are_counted_and_listed_once(office, district):
    head = ["工号", "姓名", "手机"]
    sheets = (("石桥村", [head, ["A1", "甲", ""]]), ("沙口村", [head, ["A2", "乙", ""]]))
    shown = office.get(staged(office, "people", xlsx(*sheets))).text
    assert "已识别 3 列" in shown
    assert shown.count("→ <strong>姓名</strong>") == 1
    others = [("白沙乡", [["工号", "名字", "职务"], ["A3", "丙", "主任"]])]
    shown = office.get(staged(office, "people", xlsx(*sheets, *others))).text
    assert "已识别 4 列" in shown
    assert '<span class="quiet" data-typed>石桥村、沙口村</span> <span data-typed>姓名</span>' in shown
    assert '<span class="quiet" data-typed>白沙乡</span> <span data-typed>名字</span>' in shown


def test_the_upload_names_every_form_that_is_read(office, district):
    form = office.get("/imports/new").text
    said = re.search(r'id="file-help">(.*?)</p>', form)[1]
    taken = re.search(r'accept="(.*?)"', form)[1].split(",")
    for suffix in (".xlsx", ".xls", ".xlsb", ".ods", ".csv", ".tsv", ".txt"):
        assert suffix in taken
        assert suffix[1:] in re.findall(r"[a-z]+", said)
    assert {".htm", ".html", ".xml"} <= set(taken)
    assert "网页、XML 表格" in said


def test_a_roster_that_names_no_unit_takes_the_one_of_the_form(session, office, district):
    data = xlsx([["工号", "姓名", "单位"], ["A1", "王小明", ""], ["A2", "李四", "沙口村"]])
    page = staged(office, "people", data, unit=str(district.town.id))
    assert counted(session) == (1, 0, 0, 1)
    press(office, page, "discard")
    page = staged(office, "people", data, place=str(district.village.id))
    press(office, page, "commit")
    session.expire_all()
    found = session.execute(sa.select(Person.staff_no, Unit.name).join(Unit, Unit.id == Person.unit_id))
    assert {("A1", "石桥村"), ("A2", "沙口村")} <= {tuple(each) for each in found}


def test_the_history_tells_what_an_import_waits_for_and_leaves_out_what_is_none(office, district):
    staged(office, "people", NAMELESS)
    shown = history(office)
    assert ("待指定对应列" in shown, "错误 0" in shown, "新增 0" in shown) == (True, False, False)
    page = staged(office, "people", roster(*WRONG))
    assert "新增 1 · 错误 2" in history(office)
    press(office, page, "commit-good")
    bring_back(office, page, corrected(downloaded(office, page)[0]))
    shown = history(office)
    assert ("改正待提交" in shown, ">新增 3<" in shown) == (True, True)


def history(office):
    shown = office.get("/imports/list/").text
    return shown[shown.index("<tbody") :]


def test_numbers_of_rows_are_told_to_their_end(app):
    with app.test_request_context():
        assert [look.counted(10_000), look.counted(10_001), look.counted(40_000)] == ["10,000", "10,000+", "40,000"]
        batch = ImportBatch(id=7, state="previewed", new=40_000, changed=0, same=0, error=1, options={})
        with force_locale("en"):
            whole, good, *_others = actions_on(batch)
            assert (whole["label"], whole["disabled_reason"]) == ("Commit 40,000 rows", "1 row is wrong")
            assert good["confirm"] == "1 row with errors stays out. Commit the others?"


def test_sentences_stand_as_close_as_their_language_has_them(app):
    with app.test_request_context():
        with force_locale("zh"):
            assert sentences("甲。", "", "乙。", "丙。") == "甲。乙。丙。"
        with force_locale("en"):
            assert sentences("One.", "Two.") == "One. Two."
            assert sentences("", "") == ""


def test_what_was_discarded_leads_on_to_another_file_and_to_the_list(office, district):
    page = staged(office, "people", roster(wang()))
    shown = press(office, page, "discard", follow_redirects=True).text
    assert re.search(r'href="/imports/new">\s*导入其他文件', shown)
    assert ">查看人员</a>" in shown


def test_households_that_a_file_leaves_out_have_a_tab_with_their_count_and_a_link_to_each(session, office, district):
    kept = make_household(session, district.village, "石阿婆", number="33", telephone="13800138000")
    session.commit()
    data = xlsx([["户号", "户主", "现住址", "所属村社"], ["34", "石大桥", "一号", "石桥村"]])
    page = staged(office, "households", data)
    tab = re.search(r'href="([^"]*tab=missing)".*?</a>', office.get(page).text, re.S)
    assert "表内缺少" in tab[0]
    assert "1" in tab[0]
    shown = office.get(tab[1]).text
    assert "这里只列出，不作任何处理" in shown
    assert re.search(rf'href="/households/show/{kept.id}"[^>]*>石阿婆', shown)
    assert "138****8000" in shown
    page = staged(office, "households", xlsx([["户号", "户主", "所属村社"], ["33", "石阿婆", "石桥村"]]))
    assert "表中没有缺少的记录" in office.get(f"{page}?tab=missing").text


def test_a_log_of_visits_has_no_tab_of_what_is_missing(office, district):
    page = staged(office, "visits", log(visit()))
    assert "tab=new" in office.get(page).text
    assert "tab=missing" not in office.get(page).text


def test_the_unit_chosen_for_rows_without_one_is_shown_among_the_facts(office, district):
    data = xlsx([["工号", "姓名", "单位"], ["A1", "王小明", "沙口村"]])
    page = staged(office, "people", data, place=str(district.village.id))
    facts = r'<div class="page-facts">.*<span>单位 <span data-typed>石桥村</span></span>'
    assert re.search(facts, office.get(page).text)
    page = staged(office, "people", data)
    assert not re.search(facts, office.get(page).text)


def test_a_file_of_another_kind_is_told_as_what_it_is(session, office, district):
    page = staged(office, "units", roster(wang()))
    told = "从列名看，这是一份“人员”表"
    assert told in office.get(page).text
    assert told in office.get(page.replace("/show/", "/columns/")).text
    assert "从列名看" not in office.get(staged(office, "people", NAMELESS)).text

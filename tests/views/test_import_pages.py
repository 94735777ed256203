"""What the pages of imports say of a file."""

import re

import pytest
import sqlalchemy as sa

from models.people import Person
from models.units import Unit
from tests.imports.books import xlsx
from tests.views.test_imports import counted, press, staged


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

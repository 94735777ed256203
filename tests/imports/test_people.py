from datetime import date

import pytest
from sqlalchemy import select

from models.acting import Scope
from models.changes import Change
from models.people import Person
from models.terms import Term
from rules.refusals import Refusal
from tests.imports.books import xlsx
from tests.imports.conftest import counted

HEAD = [
    "序号",
    "工号",
    "姓名",
    "性别",
    "身份证号码",
    "手机号码",
    "所在单位",
    "职务",
    "人员类别",
    "入党时间",
    "联系村社",
]
ID = "11010519491231002X"


def roster(*rows):
    return xlsx([["青石镇干部花名册"], HEAD, *rows, ["合计", "", len(rows)]])


def wang(**given):
    row = dict(
        zip(
            HEAD,
            [1, "A001", "王小明", "男", ID, 13800138000.0, "石桥", "书记", "村社党员", "2001.7.1", "沙口村"],
            strict=True,
        )
    )
    return list((row | given).values())


def person(session, name="王小明"):
    return session.scalars(select(Person).where(Person.name == name)).one()


def test_a_roster_below_a_title_comes_in_with_everything_it_says(session, load, district):
    assert load("people", roster(wang())) == counted(new=1)
    wang_ = person(session)
    assert (wang_.staff_no, wang_.gender, wang_.id_number, wang_.mobile) == ("A001", "male", ID, "13800138000")
    assert (wang_.unit.name, wang_.path, wang_.post, wang_.category) == (
        "石桥村",
        district.village.path,
        "书记",
        "village_member",
    )
    assert (wang_.joined_on, wang_.liaison_unit.name, wang_.pinyin) == (date(2001, 7, 1), "沙口村", "wxm")
    change = session.scalars(select(Change).where(Change.subject == "person")).one()
    assert (change.action, change.subject_id, change.batch_id) == ("added", wang_.id, load.batch.id)
    assert load.notes == []


def test_the_same_roster_again_writes_nothing_though_ciphertext_always_differs(session, load, district):
    load("people", roster(wang()))
    before = person(session).version
    assert load("people", roster(wang())) == counted(same=1)
    session.expire_all()
    assert person(session).version == before


def test_a_new_number_is_a_change_that_shows_neither_old_nor_new(session, load, district):
    load("people", roster(wang()))
    assert load("people", roster(wang(手机号码="13900139000", 职务="主任"))) == counted(changed=1)
    assert person(session).mobile == "13900139000"
    change = session.scalars(select(Change).where(Change.action == "changed")).one()
    assert change.details == {"mobile_hash": ["•••", "•••"], "post": ["书记", "主任"]}


def test_somebody_without_a_staff_number_is_known_by_the_id_number(session, load, district):
    load("people", roster(wang(工号="")))
    assert load("people", roster(wang(工号="A001", 职务="主任"))) == counted(changed=1)
    assert person(session).staff_no == "A001"


def test_somebody_with_neither_is_known_by_name_and_mobile(session, load, district):
    load("people", roster(wang(工号="", 身份证号码="")))
    assert load("people", roster(wang(工号="", 身份证号码="", 职务="主任"))) == counted(changed=1)


def test_a_family_that_shares_a_mobile_and_a_name_is_two_people_by_their_numbers(session, load, district):
    load("people", roster(wang(身份证号码="")))
    assert load("people", roster(wang(工号="A002", 身份证号码=""))) == counted(new=1)


def test_an_id_number_of_somebody_else_is_an_error(session, load, district):
    load("people", roster(wang()))
    assert load("people", roster(wang(工号="A002", 姓名="李四"))) == counted(error=1)
    assert load.errors == [("3", "", "taken")]


def test_the_same_person_in_the_same_row_of_two_sheets_is_an_error(load, district):
    rows = [["工号", "姓名", "单位"], ["A001", "王小明", "石桥村"]]
    assert load("people", xlsx(("甲", rows), ("乙", rows))) == counted(new=1, error=1)
    assert load.errors == [("A2", "A001", "twice")]


def test_the_same_person_twice_in_a_file_is_an_error(load, district):
    assert load("people", roster(wang(), wang(姓名="王晓明"))) == counted(new=1, error=1)
    assert load.errors[0] == ("B4", "A001", "twice")


def test_a_category_the_dictionary_does_not_know_joins_it(session, load, district):
    load("people", roster(wang(人员类别="退役军人")))
    assert person(session).category == "退役军人"
    assert (
        session.scalar(select(Term.label).where(Term.kind == "person_category", Term.code == "退役军人")) == "退役军人"
    )


@pytest.mark.parametrize(
    ("given", "cell", "code"),
    [
        ({"身份证号码": 1.10105194912310e17}, "E3", "rounded"),
        ({"身份证号码": "110105194912310021"}, "E3", "id_number"),
        ({"手机号码": "1380013800"}, "F3", "mobile"),
        ({"所在单位": "蒋湾村"}, "G3", "ambiguous_unit"),
        ({"所在单位": "无此村"}, "G3", "unknown_unit"),
        ({"性别": "未知"}, "D3", "word"),
        ({"入党时间": "建党节"}, "J3", "date"),
        ({"姓名": ""}, "C3", "required"),
        ({"工号": "", "身份证号码": "", "手机号码": ""}, "C3", "no_key"),
        ({"职务": "很" * 121}, "H3", "too_long"),
        ({"所在单位": ""}, "3", "required"),
    ],
)
def test_a_wrong_cell_is_named_and_nothing_is_written(session, load, district, given, cell, code):
    assert load("people", roster(wang(**given)))["error"] == 1
    assert [(error[0], error[2]) for error in load.errors] == [(cell, code)]
    assert session.query(Person).count() == 0


def test_the_good_rows_come_in_if_the_wrong_ones_may_be_skipped(session, load, district):
    rows = roster(wang(), wang(工号="A002", 身份证号码="", 姓名="李四", 手机号码="12"))
    assert load("people", rows, skip_errors=True) == counted(new=1, error=1)
    assert [each.name for each in session.scalars(select(Person))] == ["王小明"]


@pytest.mark.parametrize("heading", ["所在村(社区)", "所在村社", "所属村社", "所在村"])
def test_a_village_clerk_s_heading_names_the_unit(session, load, district, heading):
    assert load("people", xlsx([["工号", "姓名", heading], ["A1", "甲", "石桥村"]])) == counted(new=1)
    assert person(session, "甲").unit.name == "石桥村"


def test_a_sheet_for_each_village_names_the_unit(session, load, district):
    head = ["工号", "姓名"]
    book = xlsx(("石桥村", [head, ["A1", "甲"]]), ("沙口村", [head, ["A2", "乙"]]), ("填表说明", [["请按要求填写"]]))
    assert load("people", book) == counted(new=2)
    assert person(session, "乙").unit.name == "沙口村"


def test_a_row_outside_the_units_of_the_importer_is_an_error(load, district):
    town = Scope(paths=(district.town.path,))
    assert load("people", roster(wang(所在单位="沙口村")), scope=town) == counted(error=1)
    assert load.errors == [("G3", "沙口村", "outside")]


def test_nobody_is_moved_out_of_a_unit_outside_the_importers_own(session, load, district):
    load("people", roster(wang(所在单位="沙口村")))
    town = Scope(paths=(district.town.path,))
    assert load("people", roster(wang()), scope=town) == counted(error=1)
    assert load.errors == [("3", "", "outside")]


def test_the_name_of_a_twin_village_is_clear_to_its_own_town(session, load, district):
    town = Scope(paths=(district.town.path,))
    assert load("people", roster(wang(所在单位="蒋湾村", 联系村社="")), scope=town) == counted(new=1)
    assert person(session).unit.id == district.twin.id


def test_names_strung_together_tell_twin_villages_apart(session, load, district):
    assert load("people", roster(wang(所在单位="白沙乡蒋湾村"))) == counted(new=1)
    assert person(session).unit.id == district.far_twin.id


def test_a_unit_may_be_named_for_the_whole_file(session, load, district):
    assert load("people", roster(wang(所在单位="")), unit="339901001000") == counted(new=1)
    assert person(session).unit.name == "青石镇"


def test_a_unit_named_for_the_whole_file_must_exist(load, district):
    with pytest.raises(Refusal, match="Unit 339901009000 does not exist"):
        load("people", roster(wang()), unit="339901009000")


def test_a_failed_formula_is_an_error_with_what_it_showed(load, district):
    from tests.imports.books import sparse

    cells = {"A1": "工号", "B1": "姓名", "C1": "所在单位", "A2": "A1", "B2": "甲", "C2": "#N/A"}
    assert load("people", sparse(cells), unit="339901001000") == counted(error=1)
    assert load.errors == [("C2", "#N/A", "error_cell")]


def test_what_is_wrong_with_a_secret_is_shown_without_its_middle(load, district):
    load("people", roster(wang(身份证号码="110105194912310021", 手机号码="1380013800")))
    assert load.errors == [("E3", "110***********0021", "id_number"), ("F3", "**********", "mobile")]


def test_the_word_for_emptying_empties_a_number_and_its_hash(session, load, district):
    load("people", roster(wang()))
    assert load("people", roster(wang(手机号码="清空", 职务="清空"))) == counted(changed=1)
    session.expire_all()
    assert (person(session).mobile, person(session).mobile_hash, person(session).post) == (None, None, "")


def test_nobody_is_left_without_a_unit_by_emptying_it(load, district):
    load("people", roster(wang()))
    assert load("people", roster(wang(所在单位="清空"))) == counted(error=1)
    assert load.errors == [("G3", "清空", "required")]


def test_two_rows_that_turn_out_to_be_one_person_are_an_error(load, district):
    load("people", roster(wang()))
    assert load("people", roster(wang(工号=""), wang(身份证号码=""))) == counted(same=1, error=1)
    assert load.errors == [("4", "", "twice")]

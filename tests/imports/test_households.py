import pytest
from sqlalchemy import select

from imports import committing, preview
from models.acting import Scope
from models.changes import Change
from models.households import Household
from models.terms import Term
from tests.imports.books import xlsx
from tests.imports.conftest import counted

UPPER = [
    "序号",
    "户号",
    "户主姓名",
    "联系方式",
    "现住址",
    "现住址",
    "现住址",
    "现住址",
    "现住址",
    "所属村社",
    "特殊群体",
]
LOWER = ["", "", "", "手机号码", "常住地址", "小区", "楼栋", "单元", "室号", "", ""]
MERGED = ("A1:K1", "E3:I3")
FIRST = [1, "339901000001", "石大桥", 13800138000.0, "石桥村锦园3幢", "锦园", 3, 1, "501", "石桥", "低保户、独居老人"]


def roster(*rows, **sheets):
    """As villages keep it: a merged title, who reports, a header over two rows, a total, how to fill it in."""

    def sheet(rows):
        return [
            ["石桥村住户花名册"],
            ["填报单位：石桥村"],
            UPPER,
            LOWER,
            *rows,
            ["合计", "", len(rows)],
            ["填表说明：一户一行"],
        ]

    return xlsx(*(sheets.items() if sheets else [("户册", sheet(rows))]), merged=MERGED if not sheets else ())


def row(**given):
    titles = [upper if upper != "现住址" else lower for upper, lower in zip(UPPER, LOWER, strict=True)]
    return list((dict(zip(titles, FIRST, strict=True)) | given).values())


def household(session, head="石大桥"):
    session.expire_all()
    return session.scalars(select(Household).where(Household.head == head)).one()


def test_a_roster_under_a_header_of_two_rows_comes_in_with_everything_it_says(session, load, district):
    assert load("households", roster(row())) == counted(new=1)
    found = household(session)
    assert (found.number, found.telephone, found.present_address) == ("339901000001", "13800138000", "石桥村锦园3幢")
    assert (found.estate, found.building, found.entrance, found.room, found.door) == ("锦园", "3", "1", "501", "")
    assert (found.unit.name, found.path) == ("石桥村", district.village.path)
    assert found.labels == ["allowance", "lone_elderly"]
    change = session.scalars(select(Change).where(Change.subject == "household")).one()
    assert (change.action, change.subject_id, change.batch_id) == ("added", found.id, load.batch.id)
    assert load.notes == []


def test_the_same_roster_again_writes_nothing_in_whatever_order_the_groups_stand(session, load, district):
    load("households", roster(row()))
    assert load("households", roster(row(特殊群体="独居老人,低保户"))) == counted(same=1)
    assert household(session).version == 1
    assert session.query(Change).where(Change.subject == "household").count() == 1


def test_a_changed_cell_is_shown_and_kept_as_old_and_new(session, load, district):
    load("households", roster(row()))
    changed = roster(row(联系方式="13900139000", 特殊群体="残疾人家庭", 室号="502"))
    order, counts = load.preview("households", changed)
    assert counts == counted(changed=1)
    from imports import run

    (shown,) = preview.page(run.of_batch(session, load.batch, order), "changed", limit=5, offset=0)
    assert [(cell.title, cell.old, cell.text) for cell in shown.changes] == [
        ("联系电话", "138****8000", "139****9000"),
        ("室号", "501", "502"),
        ("特殊群体", "低保户、独居老人", "残疾人家庭"),
    ]
    committing.commit(session, load.batch, order, skip_errors=False)
    session.commit()
    assert (household(session).telephone, household(session).labels) == ("13900139000", ["disabled"])
    change = session.scalars(select(Change).where(Change.action == "changed")).one()
    assert change.details == {
        "telephone_hash": ["•••", "•••"],
        "room": ["501", "502"],
        "labels": [["allowance", "lone_elderly"], ["disabled"]],
    }


def test_a_household_without_a_number_is_known_by_village_head_and_address(session, load, district):
    load("households", roster(row(户号="")))
    assert load("households", roster(row(户号="", 联系方式="13900139000"))) == counted(changed=1)
    assert load("households", roster(row(户号="", 常住地址="石桥村锦园三幢"))) == counted(changed=1)
    assert load("households", roster(row(户号="", 所属村社="沙口村"))) == counted(new=1)


def test_a_number_that_comes_later_finds_the_household_by_its_address(session, load, district):
    load("households", roster(row(户号="")))
    assert load("households", roster(row())) == counted(changed=1)
    assert household(session).number == "339901000001"


def test_two_households_of_one_name_at_one_address_need_their_numbers(load, district):
    load("households", roster(row(), row(户号="339901000002")))
    assert load("households", roster(row(户号=""))) == counted(error=1)
    assert load.errors == [("5", "", "ambiguous")]


def test_villages_that_each_count_from_one_do_not_overwrite_each_other(session, load, district):
    load("households", roster(row(户号=1)))
    assert load("households", roster(row(户号=1, 户主姓名="沙小口", 所属村社="沙口村"))) == counted(error=1)
    assert load.errors == [("5", "", "taken")]
    assert load("households", roster(row(户号=1, 所属村社="沙口村"))) == counted(changed=1)
    assert household(session).path == district.far_village.path


def test_a_sheet_for_each_village_whose_grids_bear_common_names(session, load, district):
    from tests.factories import unit

    far_grid = unit(session, district.far_village, "339901002001-01", "第一网格", "grid")
    grid = unit(session, district.village, "339901001001-02", "第一网格", "grid")
    session.commit()
    head = ["户号", "户主", "所属网格"]
    book = roster(石桥村=[head, ["1", "甲", "第一网格"]], 沙口村=[head, ["2", "乙", "第一网格"], ["3", "丙", ""]])
    assert load("households", book) == counted(new=3)
    assert (household(session, "甲").unit_id, household(session, "乙").unit_id) == (grid.id, far_grid.id)
    assert household(session, "丙").unit_id == district.far_village.id


def test_a_sheet_called_after_no_village_takes_nothing_from_a_row_that_names_its_grid(session, load, district):
    head = ["户号", "户主", "所属网格"]
    book = roster(二〇二五年=[head, ["1", "甲", "石桥第一网格"]], 二〇二六年=[head, ["2", "乙", "石桥村"]])
    assert load("households", book) == counted(new=2)
    assert household(session, "甲").unit_id == district.grid.id


def test_the_same_row_of_two_sheets_is_twice_the_same_household(load, district):
    head = ["户号", "户主", "所属村社"]
    book = roster(甲表=[head, ["1", "甲", "石桥村"]], 乙表=[head, ["1", "甲", "石桥村"]])
    assert load("households", book) == counted(new=1, error=1)
    assert load.errors == [("A2", "1", "twice")]


def test_a_group_the_dictionary_does_not_know_joins_it(session, load, district):
    load("households", roster(row(特殊群体="乡贤家庭 低保户")))
    assert household(session).labels == ["allowance", "乡贤家庭"]
    known = select(Term.label).where(Term.kind == "household_label", Term.code == "乡贤家庭")
    assert session.scalar(known) == "乡贤家庭"


@pytest.mark.parametrize(
    ("given", "cell", "code"),
    [
        ({"户号": 3.39901000001234e15}, "B5", "rounded"),
        ({"户主姓名": ""}, "C5", "required"),
        ({"联系方式": "1380013800x"}, "D5", "phone"),
        ({"所属村社": "蒋湾村"}, "J5", "ambiguous_unit"),
        ({"所属村社": "无此村"}, "J5", "unknown_unit"),
        ({"所属村社": "青石镇"}, "J5", "unit_kind"),
        ({"所属村社": ""}, "5", "required"),
        ({"户号": "", "常住地址": "", "楼栋": "", "室号": ""}, "C5", "no_key"),
        ({"特殊群体": "很" * 33}, "K5", "too_long"),
        ({"常住地址": "很" * 201}, "E5", "too_long"),
    ],
)
def test_a_wrong_cell_is_named_and_nothing_is_written(session, load, district, given, cell, code):
    assert load("households", roster(row(**given))) == counted(error=1)
    assert [(error[0], error[2]) for error in load.errors] == [(cell, code)]
    assert session.query(Household).count() == 0


def test_a_wrong_telephone_is_shown_without_its_middle(load, district):
    load("households", roster(row(联系方式="1380013800x")))
    assert load.errors == [("D5", "138****800x", "phone")]


def test_the_word_for_emptying_empties_telephone_and_groups(session, load, district):
    load("households", roster(row()))
    assert load("households", roster(row(联系方式="清空", 特殊群体="清空"))) == counted(changed=1)
    found = household(session)
    assert (found.telephone, found.telephone_hash, found.labels) == (None, None, [])


def test_a_blank_cell_keeps_what_is_there(session, load, district):
    load("households", roster(row()))
    assert load("households", roster(row(联系方式="", 特殊群体="", 小区=""))) == counted(same=1)


def test_a_row_outside_the_units_of_the_importer_is_an_error(load, district):
    town = Scope(paths=(district.town.path,))
    assert load("households", roster(row(所属村社="沙口村")), scope=town) == counted(error=1)
    assert load.errors == [("J5", "沙口村", "outside")]


def test_nobody_is_drawn_out_of_a_village_outside_the_importers_own(session, load, district):
    load("households", roster(row(所属村社="沙口村")))
    town = Scope(paths=(district.town.path,))
    assert load("households", roster(row()), scope=town) == counted(error=1)
    assert load.errors == [("5", "", "outside")]
    assert household(session).path == district.far_village.path

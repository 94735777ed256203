import pytest
from sqlalchemy import select

from imports import committing, preview, run
from models.acting import Scope
from models.changes import Change
from models.organisations import Organisation
from tests.factories import make_organisation, make_person
from tests.imports.books import xlsx
from tests.imports.conftest import counted

HEAD = [
    *("序号", "企业名称", "统一社会信用代码", "主体类型", "法定代表人", "联系人", "联系电话", "经营地址", "所属行业"),
    *("从业人数", "所属村社", "包联干部"),
]
CODE = "91350100M000100Y43"
OTHER = "92339901MA1000007C"
FIRST = [
    *(1, "石桥竹编有限公司", CODE, "有限责任公司", "王小明", "李芳", "0571-63391234", "石桥村文化路8号", "制造业"),
    *(35, "石桥", "T1"),
]


def register(*rows):
    return xlsx([["青石镇企业名录"], HEAD, *rows, ["合计", "", len(rows)]], merged=("A1:L1",))


def row(**given):
    return list((dict(zip(HEAD, FIRST, strict=True)) | given).values())


def organisation(session, name="石桥竹编有限公司"):
    session.expire_all()
    return session.scalars(select(Organisation).where(Organisation.name == name)).one()


@pytest.fixture
def cadre(session, district):
    found = make_person(session, district.village, "包小联")
    found.staff_no = "T1"
    session.commit()
    return found


def test_a_register_comes_in_with_everything_it_says(session, load, district, cadre):
    assert load("organisations", register(row())) == counted(new=1)
    found = organisation(session)
    assert (found.credit_code, found.kind, found.legal_person, found.contact) == (CODE, "enterprise", "王小明", "李芳")
    assert (found.telephone, found.address, found.industry, found.staff_count) == (
        "057163391234",
        "石桥村文化路8号",
        "制造业",
        35,
    )
    assert (found.unit.name, found.path, found.liaison) == ("石桥村", district.village.path, cadre)
    assert load.notes == []
    assert load("organisations", register(row())) == counted(same=1)


def test_a_changed_cell_is_shown_and_kept_as_old_and_new(session, load, district, cadre):
    load("organisations", register(row()))
    other = make_person(session, district.far_village, "沙小口")
    session.commit()
    order, counts = load.preview(
        "organisations", register(row(企业名称="石桥竹艺有限公司", 从业人数="12", 包联干部="沙小口"))
    )
    assert counts == counted(changed=1)
    (shown,) = preview.page(run.of_batch(session, load.batch, order), "changed", limit=5, offset=0)
    assert [(cell.title, cell.old, cell.text) for cell in shown.changes] == [
        ("名称", "石桥竹编有限公司", "石桥竹艺有限公司"),
        ("员工数", "35", "12"),
        ("联系干部", "包小联", "沙小口"),
    ]
    committing.commit(session, load.batch, order, skip_errors=False)
    session.commit()
    change = session.scalars(select(Change).where(Change.action == "changed", Change.subject == "organisation")).one()
    assert change.details == {
        "name": ["石桥竹编有限公司", "石桥竹艺有限公司"],
        "staff_count": [35, 12],
        "liaison_id": [cadre.id, other.id],
    }


@pytest.mark.parametrize(
    ("word", "code", "kind"),
    [
        ("民办非企业单位", "", "social"),
        ("个体工商户", "", "sole_trader"),
        ("事业单位", "", "institution"),
        ("建设项目", "", "project"),
        ("农民专业合作社", "", "enterprise"),
        ("", OTHER, "sole_trader"),
        ("", CODE, "enterprise"),
    ],
)
def test_the_kind_is_what_the_register_says_or_else_the_code(session, load, district, cadre, word, code, kind):
    assert load("organisations", register(row(主体类型=word, 统一社会信用代码=code))) == counted(new=1)
    assert organisation(session).kind == kind


def test_a_kind_that_an_office_put_right_is_not_undone_by_the_code(session, load, district, cadre):
    load("organisations", register(row(主体类型="社会组织")))
    assert load("organisations", register(row(主体类型=""))) == counted(same=1)


def test_what_has_no_code_is_known_by_its_name_within_the_village(session, load, district, cadre):
    load("organisations", register(row(企业名称="卫生室", 统一社会信用代码="", 主体类型="单位")))
    again = row(企业名称="卫生室", 统一社会信用代码="", 主体类型="单位", 从业人数=3)
    assert load("organisations", register(again)) == counted(changed=1)
    far = row(企业名称="卫生室", 统一社会信用代码="", 主体类型="单位", 所属村社="沙口村")
    assert load("organisations", register(far)) == counted(new=1)


def test_a_code_that_comes_later_finds_the_organisation_by_its_name(session, load, district, cadre):
    load("organisations", register(row(统一社会信用代码="")))
    assert load("organisations", register(row())) == counted(changed=1)
    assert organisation(session).credit_code == CODE


def test_two_of_one_name_in_one_village_need_their_codes(session, load, district, cadre):
    for _ in range(2):
        make_organisation(session, district.village, "石桥竹编有限公司")
    session.commit()
    assert load("organisations", register(row(统一社会信用代码=""))) == counted(error=1)
    assert load.errors == [("3", "", "ambiguous")]


def test_of_two_codes_for_one_name_the_first_finds_the_organisation_that_had_none(session, load, district, cadre):
    load("organisations", register(row(统一社会信用代码="")))
    both = register(row(), row(统一社会信用代码=OTHER))
    assert load("organisations", both) == counted(new=1, changed=1)
    assert load("organisations", both) == counted(same=2)


def test_the_same_code_twice_in_a_file_is_an_error(load, district, cadre):
    assert load("organisations", register(row(), row(企业名称="别的公司"))) == counted(new=1, error=1)
    assert load.errors == [("C4", CODE, "twice")]


def test_a_cadre_whose_name_several_bear_is_an_error_that_names_them(session, load, district, cadre):
    make_person(session, district.village, "李四").staff_no = "T2"
    make_person(session, district.far_village, "李四").staff_no = "T3"
    session.commit()
    assert load("organisations", register(row(包联干部="李四"))) == counted(error=1)
    (error,) = run.errors(session, load.batch)
    assert (error.cell, error.code) == ("L3", "ambiguous_person")
    assert error.values == {"name": "李四", "count": "2", "candidates": "李四（石桥村 T2）、李四（沙口村 T3）"}
    assert load("organisations", register(row(包联干部="李四（T3）"))) == counted(new=1)
    assert organisation(session).liaison.staff_no == "T3"


@pytest.mark.parametrize(
    ("given", "cell", "code"),
    [
        ({"统一社会信用代码": 9.1350100000100e17}, "C3", "rounded"),
        ({"统一社会信用代码": 913501000001004301}, "C3", "rounded"),
        ({"统一社会信用代码": "91350100M000100Y42"}, "C3", "credit_code"),
        ({"统一社会信用代码": "91350100M00O100Y43"}, "C3", "credit_code"),
        ({"主体类型": "外星人"}, "D3", "word"),
        ({"主体类型": "", "统一社会信用代码": ""}, "3", "required"),
        ({"企业名称": ""}, "B3", "required"),
        ({"从业人数": "很多"}, "J3", "number"),
        ({"从业人数": -1}, "J3", "number"),
        ({"包联干部": "无此人"}, "L3", "unknown_person"),
        ({"所属村社": "蒋湾村"}, "K3", "ambiguous_unit"),
        ({"所属村社": ""}, "3", "required"),
    ],
)
def test_a_wrong_cell_is_named_and_nothing_is_written(session, load, district, cadre, given, cell, code):
    assert load("organisations", register(row(**given))) == counted(error=1)
    assert [(error[0], error[2]) for error in load.errors] == [(cell, code)]
    assert session.query(Organisation).count() == 0


def test_full_width_and_small_letters_make_the_same_code(session, load, district, cadre):
    load("organisations", register(row(统一社会信用代码="９１３５0100m000100y43")))
    assert organisation(session).credit_code == CODE


def test_an_organisation_of_others_is_not_drawn_into_ones_own_units(session, load, district, cadre):
    load("organisations", register(row(所属村社="沙口村")))
    town = Scope(paths=(district.town.path,))
    assert load("organisations", register(row()), scope=town) == counted(error=1)
    assert load.errors == [("3", "", "outside")]

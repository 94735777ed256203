import pytest
import sqlalchemy as sa

from models.organisations import Organisation
from tests.factories import make_organisation, make_person

CODE = "91350100M000100Y43"


@pytest.fixture
def office(client_as, district):
    return client_as("office", district.root)


def fields(district, **given):
    return {
        "name": "石桥竹编有限公司",
        "credit_code": "91350100 m000100y43",
        "kind": "enterprise",
        "unit": district.village.id,
        "telephone": "13800138000",
    } | given


def the_organisation(session):
    session.expire_all()
    return session.scalars(sa.select(Organisation)).one()


def test_an_organisation_is_added_with_its_code_as_printed_and_its_cadre(session, office, district):
    cadre = make_person(session, district.department, "包小联")
    session.commit()
    given = fields(district, liaison=cadre.id, staff_count="35", contact="李芳")
    assert office.post("/organisations/add", data=given).status_code == 302
    made = the_organisation(session)
    assert (made.credit_code, made.telephone, made.liaison_id, made.staff_count) == (CODE, "13800138000", cadre.id, 35)
    page = office.get(f"/organisations/show/{made.id}").text
    for shown in (CODE, "企业", "包小联", "李芳", "138****8000"):
        assert shown in page
    assert "13800138000" not in page + office.get("/organisations/list/").text
    assert CODE in office.get("/organisations/export/csv").get_data(as_text=True)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"credit_code": "91350100M000100Y42"}, "统一社会信用代码的校验位不对"),
        ({"credit_code": "330122000012345"}, "统一社会信用代码为 18 位"),
        ({"telephone": "12"}, "电话号码格式不正确"),
        ({"staff_count": "-1"}, "field-error"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(session, office, district, given, said):
    page = office.post("/organisations/add", data=fields(district, **given))
    assert (page.status_code, said in page.text) == (200, True)
    assert session.scalar(sa.select(sa.func.count()).select_from(Organisation)) == 0


def test_two_projects_without_a_code_stand_side_by_side(session, office, district):
    for name in ("道路工程", "管网工程"):
        office.post("/organisations/add", data=fields(district, name=name, credit_code="", kind="project"))
    found = session.execute(sa.select(Organisation.name, Organisation.credit_code).order_by(Organisation.id))
    assert [tuple(row) for row in found] == [("道路工程", None), ("管网工程", None)]


def test_a_member_sees_the_organisations_in_own_care(session, client_as, district):
    member = client_as("member", district.department)
    mine = make_organisation(session, district.village, "甲厂", liaison_id=member.person_id)
    other = make_organisation(session, district.village, "乙厂")
    session.commit()
    page = member.get("/organisations/list/").text
    assert ("甲厂" in page, "乙厂" in page) == (True, False)
    assert member.get(f"/organisations/show/{mine.id}").status_code == 200
    assert member.get(f"/organisations/show/{other.id}").status_code == 404
    assert member.get("/organisations/add").status_code == 403


def test_choices_are_found_by_a_part_of_the_name_and_by_the_beginning_of_the_code(session, office, district):
    make_organisation(session, district.village, "石桥竹编厂", credit_code=CODE)
    make_organisation(session, district.village, "沙口机械厂")
    session.commit()
    for asked in ("竹编", "91350", "91350100m"):
        assert [row["text"] for row in office.get(f"/options/Organisation?q={asked}").json["results"]] == ["石桥竹编厂"]


def test_a_program_is_refused_a_code_that_does_not_add_up(session, office, district):
    given = {"name": "石桥竹编厂", "kind": "enterprise", "unit": district.village.id}
    answer = office.post("/api/v1/organisations/", json=given | {"credit_code": "91350100M000100Y42"})
    assert (answer.status_code, "校验位不对" in str(answer.json)) == (422, True)
    assert office.post("/api/v1/organisations/", json=given | {"kind": "state"}).status_code == 422
    assert office.post("/api/v1/organisations/", json=given | {"credit_code": CODE}).status_code == 201
    assert the_organisation(session).path == district.village.path
    row = office.get("/api/v1/organisations/?q=(filters:!((col:name,opr:ct,value:竹编)))").json["result"][0]
    assert (row["credit_code"], row["unit"]["name"]) == (CODE, "石桥村")

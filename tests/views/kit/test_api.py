"""What the API makes of values that no form would send."""

import pytest
import sqlalchemy as sa

from models.people import Person
from tests.factories import make_person
from tests.way import Way

CHANGED = "其他人刚刚修改过这条记录，请重新查看后再改"


@pytest.fixture
def office(client_as, district):
    return client_as("office", district.root)


@pytest.fixture
def person(session, district):
    made = make_person(session, district.village, "石小桥", post="委员")
    session.commit()
    return made


@pytest.mark.parametrize(
    ("column", "raw", "said"),
    [
        ("name", '" "', "此项不能为空"),
        ("name", '"a\\u0000b"', "其中含有无法保存的字符"),
        ("name", '"a\\u001bb"', "其中含有无法保存的字符"),
        ("name", '"\\ud800"', "其中含有无法保存的字符"),
        ("category", '"nosuch"', "选择无效"),
        ("employment", '"nosuch"', "选择无效"),
        ("unit", "1e999", "选择无效"),
        ("unit", "Infinity", "选择无效"),
        ("unit", "[]", "选择无效"),
    ],
)
def test_the_api_takes_no_value_that_a_form_would_not(session, office, person, column, raw, said):
    body = f'{{"version": 1, "{column}": {raw}}}'
    answer = office.put(f"/api/v1/people/{person.id}", data=body, content_type="application/json")
    assert (answer.status_code, answer.json["message"]) == (422, {column: [said]})
    session.expire_all()
    assert (person.name, person.category, person.version) == ("石小桥", "", 1)


def test_a_new_person_by_program_is_asked_the_same(session, office, district):
    given = {"name": " ", "category": "nosuch", "unit": district.village.id}
    answer = office.post("/api/v1/people/", json=given)
    assert answer.status_code == 422
    assert answer.json["message"] == {"name": ["此项不能为空"], "category": ["选择无效"]}
    assert session.scalar(sa.select(sa.func.count()).where(Person.name == " ")) == 0


@pytest.mark.parametrize("version", [{}, {"version": 2}, {"version": None}, {"version": "1"}])
def test_a_change_by_program_names_the_version_it_was_made_from(session, office, person, version):
    answer = office.put(f"/api/v1/people/{person.id}", json={"post": "主任"} | version)
    assert (answer.status_code, answer.json["message"]) == (409, CHANGED)
    session.expire_all()
    assert person.post == "委员"


def test_the_answer_to_a_change_names_the_next_version(office, person):
    read = office.get(f"/api/v1/people/{person.id}").json["result"]
    for post, version in (("主任", 2), ("书记", 3)):
        given = {"post": post, "category": "grid_staff", "version": read["version"]}
        read = office.put(f"/api/v1/people/{person.id}", json=given).json["result"]
        assert (read["post"], read["category"], read["version"]) == (post, "grid_staff", version)


@pytest.mark.parametrize("value", ["123", "!t", "1e999", "!(1,!t)", "!()"])
@pytest.mark.parametrize(
    ("noun", "column", "way"),
    [
        ("requests", "title", "ct"),
        ("requests", "number", "sw"),
        ("requests", "unit", "within"),
        ("requests", "lead_unit", "rel_o_m"),
        ("requests", "state", "eq"),
        ("requests", "submitted_at", "from"),
        ("people", "name", "ct"),
        ("units", "parent", "rel_o_m"),
    ],
)
def test_a_search_by_a_value_of_another_kind_is_no_error(office, noun, column, way, value):
    asked = f"(filters:!((col:{column},opr:{way},value:{value})))"
    assert office.get(f"/api/v1/{noun}/?q={asked}").status_code == 200


def test_a_number_is_searched_for_as_a_text(office, session, district):
    ticket = Way(session, district).submitted(title="12345热线转来")
    session.commit()
    found = office.get("/api/v1/requests/?q=(filters:!((col:title,opr:ct,value:12345)))").json
    assert found["ids"] == [ticket.id]


def test_a_search_for_what_cannot_be_kept_or_for_too_much_at_once_is_refused(office):
    for value in ("\\u0000", "\\ud800"):
        asked = f'{{"filters":[{{"col":"title","opr":"ct","value":"{value}"}}]}}'
        assert office.get("/api/v1/requests/", query_string={"q": asked}).status_code == 400
    many = ",".join(["(col:title,opr:ct,value:x)"] * 21)
    assert office.get(f"/api/v1/requests/?q=(filters:!({many}))").status_code == 400
    assert office.get(f"/api/v1/requests/?q=(filters:!((col:title,opr:ct,value:!({'x,' * 20}x))))").status_code == 400


@pytest.mark.parametrize("asked", ["(page:1-2)", "(page_size:--)", "!(" * 3000])
def test_an_argument_that_cannot_be_read_is_refused(office, asked):
    assert office.get(f"/api/v1/requests/?q={asked}").status_code == 400
    assert office.get(f"/api/v1/people/_info?q={asked}").status_code == 400


@pytest.mark.parametrize("page", ["page:-2", "page:1e30", "page:2e0,page_size:5e0", "page:99999999999999999999"])
def test_a_page_that_makes_no_sense_is_no_error(office, page):
    assert office.get(f"/api/v1/units/?q=({page})").status_code == 200

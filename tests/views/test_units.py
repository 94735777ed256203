import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from models.categories import Category
from models.units import Unit
from tests.factories import make_person
from tests.way import Way


@pytest.fixture
def office(client_as, district):
    return client_as("office", district.root)


def edited(unit, **changes):
    names = {"name": unit.name, "alias_names": unit.alias_names, "category": unit.category, "parent": unit.parent_id}
    return names | {"version": unit.version} | changes


def test_a_new_unit_gets_its_place_under_its_parent(session, office, district):
    fields = {"code": "339901001003", "name": "上溪村", "kind": "village", "parent": district.town.id}
    assert office.post("/units/add", data=fields).status_code == 302
    made = session.scalars(sa.select(Unit).where(Unit.code == "339901001003")).one()
    assert made.path == "/339901000000/339901001000/339901001003/"


def test_a_code_with_a_slash_is_refused_in_a_sentence_by_unit_and_category_alike(session, office, district):
    office.get("/lang/en")
    unit = {"code": "bm/01", "name": "区水利局", "kind": "department", "parent": district.root.id}
    for address, fields in (("/units/add", unit), ("/categories/add", {"code": "20/9", "name": "其他", "active": "y"})):
        assert "without spaces or slashes" in office.post(address, data=fields).text
    assert session.scalar(sa.select(sa.func.count()).where(Unit.name == "区水利局")) == 0
    assert session.scalar(sa.select(sa.func.count()).where(Category.name == "其他")) == 0


@pytest.mark.parametrize("noun", [Unit, Category])
def test_no_code_with_a_slash_stands_in_the_database(session, district, noun):
    with pytest.raises(IntegrityError):
        session.execute(sa.update(noun.__table__).values(code=noun.__table__.c.code + "/1"))


def test_a_category_gets_its_place_under_its_parent(session, office):
    above = session.scalars(sa.select(Category).where(Category.code == "20")).one()
    fields = {"code": "2009", "name": "其他", "parent": above.id, "active": "y"}
    assert office.post("/categories/add", data=fields).status_code == 302
    assert session.scalars(sa.select(Category.path).where(Category.code == "2009")).one() == "/20/2009/"


def test_nobody_adds_a_unit_outside_their_own_units(session, office, district):
    page = office.post("/units/add", data={"code": "339902000000", "name": "外区", "kind": "district", "parent": ""})
    assert "339902000000会落在您的单位范围之外，请从中选择上级单位" in page.text
    assert session.scalar(sa.select(Unit).where(Unit.code == "339902000000")) is None


def test_other_names_are_edited_as_one_line_and_found_in_choices(session, office, district):
    fields = edited(district.village, alias_names="石桥、桥头，石桥村委会")
    assert office.post(f"/units/edit/{district.village.id}", data=fields).status_code == 302
    session.expire_all()
    assert sorted(alias.alias for alias in district.village.aliases) == ["桥头", "石桥", "石桥村委会"]
    assert [row["id"] for row in office.get("/options/Unit?q=桥头").json["results"]] == [district.village.id]
    office.post(f"/units/edit/{district.village.id}", data=edited(district.village, alias_names="桥头"))
    session.expire_all()
    assert district.village.alias_names == "桥头"


def test_a_unit_hung_elsewhere_takes_its_people_and_requests_along(session, office, district):
    person = make_person(session, district.grid)
    ticket = Way(session, district).submitted()
    session.commit()
    page = office.post(f"/units/edit/{district.village.id}", data=edited(district.village, parent=district.far_town.id))
    assert page.status_code == 302
    session.expire_all()
    assert district.village.path == "/339901000000/339901002000/339901001001/"
    assert person.path == "/339901000000/339901002000/339901001001/339901001001-01/"
    assert ticket.path == "/339901000000/339901002000/339901001001/"


def test_a_unit_cannot_be_hung_where_its_kind_does_not_fit(session, office, district):
    page = office.post(f"/units/edit/{district.grid.id}", data=edited(district.grid, parent=district.town.id))
    session.expire_all()
    assert page.status_code == 200
    assert district.grid.parent_id == district.village.id


def test_a_village_is_not_left_without_the_town_above_it(session, office, district):
    page = office.post(f"/units/edit/{district.village.id}", data=edited(district.village, parent=""))
    session.expire_all()
    assert "须填写上级单位" in page.text
    assert district.village.parent_id == district.town.id


def test_a_record_tells_what_changed_in_it(session, office, district):
    office.post(f"/units/edit/{district.village.id}", data=edited(district.village, name="新石桥村"))
    office.post(f"/units/edit/{district.village.id}", data=edited(district.village, leader_name="石书记", version=2))
    page = office.get(f"/units/show/{district.village.id}").text
    assert "石桥村 → 新石桥村" in page


def test_units_are_found_by_name_code_and_other_name(office, district):
    def found(typed):
        return [row["id"] for row in office.get(f"/options/Unit?q={typed}").json["results"]]

    assert found("石桥第一") == [district.grid.id]
    assert found("339901-J") == [district.department.id]
    assert found("石桥") == [district.village.id, district.grid.id]
    assert found("%") == []


def test_people_are_found_by_name_initials_and_staff_number(session, office, district):
    person = make_person(session, district.village, "石小桥", pinyin="sxq")
    session.commit()
    for typed in ("小桥", "SX", person.staff_no):
        assert [row["id"] for row in office.get(f"/options/Person?q={typed}").json["results"]] == [person.id]


def test_choices_come_by_the_page(session, office, district):
    for number in range(25):
        make_person(session, district.village, f"批量{number:02d}")
    session.commit()
    first, second = (office.get(f"/options/Person?q=批量&page={page}").json for page in (1, 2))
    assert (len(first["results"]), first["pagination"]["more"]) == (20, True)
    assert (len(second["results"]), second["pagination"]["more"]) == (5, False)


@pytest.mark.parametrize(("role", "shown"), [("office", "13812345678"), ("manager", "138****5678")])
def test_a_mobile_given_as_the_units_line_is_masked_for_those_who_look_on(session, client_as, district, role, shown):
    district.town.phone, district.village.phone = "13812345678", "0571-63322110"
    session.commit()
    reader = client_as(role, district.root)
    for page in ("/units/list/", "/units/export/csv"):
        text = reader.get(page).text
        assert "0571-63322110" in text
        assert (shown in text, "13812345678" in text) == (True, role == "office")


@pytest.mark.parametrize(("role", "shown"), [("office", "13812345678"), ("manager", "138****5678")])
def test_a_mobile_in_the_history_of_a_unit_is_masked_for_those_who_look_on(session, client_as, district, role, shown):
    changed(session, district.town, phone="138-1234 5678", extent="有事找石书记13812345678")
    changed(session, district.town, phone="13812345678", extent="")
    text = client_as(role, district.root).get(f"/units/show/{district.town.id}").text
    assert f"有事找石书记{shown} → " in text
    assert ("13812345678" in text, "138-1234 5678" in text) == (role == "office", role == "office")


def test_the_audit_log_tells_no_whole_mobile(session, client_as, district):
    changed(session, district.town, phone="13812345678")
    auditor = client_as("audit_admin", district.root)
    for page in ("/changes/list/", "/changes/export/csv"):
        text = auditor.get(page).text
        assert "138****5678" in text
        assert "13812345678" not in text


def changed(session, unit, **columns):
    session.refresh(unit)
    for name, value in columns.items():
        setattr(unit, name, value)
    session.commit()

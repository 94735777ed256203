"""Every way FAB has of reaching a row, tried with a row of another district."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask_appbuilder.views import MasterDetailView

from app import create_app
from models.accounts import Account
from models.notices import Notice
from models.people import Person
from models.units import Unit
from tests.factories import make_person, unit
from views.kit.interface import ScopedInterface
from views.kit.views import RequestFilters
from views.people import PersonView
from views.units import UnitView

NOON = datetime(2026, 9, 18, 4, tzinfo=UTC)


@pytest.fixture
def elsewhere(session, district):
    """Another district with a person of its own."""
    root = unit(session, None, "339902000000", "外县", "district")
    person = make_person(session, root, "外县干部", post="外县岗位")
    session.commit()
    return person


@pytest.fixture
def office(client_as, district):
    return client_as("office", district.root)


def told(session, person, number):
    notice = Notice(
        key=f"test:{number}",
        event="new_leg",
        person_id=person.id,
        message="%(number)s",
        values={"number": number},
        created_at=NOON,
        deliver_at=NOON,
        sent_at=NOON,
    )
    session.add(notice)
    session.commit()
    return notice


def test_records_and_forms_of_another_district_are_not_there(session, office, elsewhere):
    for address in ("/people/show/{}", "/people/edit/{}", "/api/v1/people/{}"):
        assert office.get(address.format(elsewhere.id)).status_code == 404
    assert office.post(f"/people/edit/{elsewhere.id}", data={"name": "改名"}).status_code == 404
    session.expire_all()
    assert elsewhere.name == "外县干部"


def test_lists_counts_exports_and_choices_leave_them_out(office, elsewhere, district):
    assert "外县" not in office.get("/people/list/").text
    assert "外县" not in office.get("/people/export/csv").get_data(as_text=True)
    assert office.get("/options/Person?q=外县").json["results"] == []
    assert office.get("/options/Unit?q=外县").json["results"] == []
    assert [row["text"] for row in office.get("/options/Unit?q=石桥村").json["results"]] == ["石桥村 339901001001"]


def test_a_bulk_action_with_a_foreign_row_leaves_that_row_alone(session, client_as, district, elsewhere):
    handler = client_as("handler", district.village)
    mine, theirs = told(session, session.get(Person, handler.person_id), "1"), told(session, elsewhere, "2")
    page = handler.post("/notices/action_post", data={"action": "read", "rowid": [mine.id, theirs.id]})
    assert page.status_code == 302
    session.expire_all()
    assert mine.read_at is not None
    assert theirs.read_at is None


def test_a_single_action_on_a_foreign_row_finds_nothing(session, client_as, district, elsewhere):
    theirs = told(session, elsewhere, "2")
    handler = client_as("handler", district.village)
    assert handler.post(f"/notices/action/read/{theirs.id}").status_code == 404
    assert handler.get(f"/notices/show/{theirs.id}").status_code == 404
    session.expire_all()
    assert theirs.read_at is None


def test_an_unknown_action_is_not_found_and_one_not_granted_is_forbidden(session, client_as, district):
    handler = client_as("handler", district.village)
    account = session.get(Account, handler.account_id)
    account.failures = 3
    session.commit()
    assert handler.post("/notices/action_post", data={"action": "burn", "rowid": ["1"]}).status_code == 404
    assert handler.post("/notices/action/burn/1").status_code == 404
    assert handler.post("/accounts/action_post", data={"action": "unlock", "rowid": [account.id]}).status_code == 403
    session.expire_all()
    assert account.failures == 3


def test_a_form_takes_no_foreign_row_as_choice(session, office, district, elsewhere):
    person = make_person(session, district.village, "石小桥")
    session.commit()
    person.liaison_unit_id = district.grid.id
    session.commit()
    own, foreign = district.village.id, elsewhere.unit_id
    for chosen in ({"unit": foreign, "liaison_unit": own}, {"unit": own, "liaison_unit": foreign}):
        fields = {"name": "石小桥", "employment": "active", "version": person.version}
        page = office.post(f"/people/edit/{person.id}", data=fields | chosen)
        assert page.status_code == 200
        assert "外县" not in page.text
    session.expire_all()
    assert (person.unit_id, person.liaison_unit_id) == (district.village.id, district.grid.id)


def test_the_api_takes_no_foreign_row_either_however_it_is_named(session, office, district, elsewhere):
    person = make_person(session, district.village, "石小桥")
    session.commit()
    for foreign in (elsewhere.unit_id, str(elsewhere.unit_id), {"id": elsewhere.unit_id}, [elsewhere.unit_id]):
        change = office.put(f"/api/v1/people/{person.id}", json={"unit": foreign, "version": 1})
        addition = office.post("/api/v1/people/", json={"name": "新人", "unit": foreign})
        assert (change.status_code, addition.status_code) == (422, 422)
        assert list(change.json["message"]) == list(addition.json["message"]) == ["unit"]
    session.expire_all()
    assert person.unit_id == district.village.id
    assert session.scalar(sa.select(sa.func.count()).where(Person.name == "新人")) == 0


def test_the_api_writes_what_is_in_scope_and_moves_the_place_with_the_unit(session, office, district):
    answer = office.post("/api/v1/people/", json={"name": "新人", "staff_no": "X1", "unit": district.village.id})
    assert answer.status_code == 201
    person = session.get(Person, answer.json["id"])
    assert person.path == district.village.path
    moved = {"unit": district.far_village.id, "version": answer.json["result"]["version"]}
    assert office.put(f"/api/v1/people/{person.id}", json=moved).status_code == 200
    session.expire_all()
    assert person.path == district.far_village.path
    assert person.name == "新人"


def test_what_the_api_offers_as_choices_is_in_scope(office, elsewhere):
    info = str(office.get("/api/v1/people/_info?q=(keys:!(add_columns,edit_columns))").json)
    assert "石桥村" in info
    assert "外县" not in info
    assert "Project-Id-Version" not in info


def test_reading_by_program_shows_only_the_columns_said(office, session, district):
    make_person(session, district.village, "石小桥", id_number="339901198001010014", mobile="13800138000")
    session.commit()
    row = office.get("/api/v1/people/?q=(filters:!((col:name,opr:eq,value:石小桥)))").json["result"][0]
    assert sorted(row) == ["category", "employment", "id", "name", "post", "staff_no", "unit", "version"]
    assert sorted(row["unit"]) == ["id", "name"]


def test_a_search_by_a_foreign_row_finds_nothing_rather_than_what_has_none(session, office, district, elsewhere):
    make_person(session, district.village, "石小桥")
    session.commit()
    page = office.get(f"/people/list/?_flt_0_unit={elsewhere.unit_id}")
    assert "石小桥" not in page.text
    assert "外县" not in page.text
    assert district.root.parent_id is None
    assert "339901000000" not in office.get(f"/units/list/?_flt_0_parent={elsewhere.unit_id}").text


@pytest.mark.parametrize("layer", ["interface", "net"])
def test_a_foreign_choice_is_refused_by_either_layer_alone(session, office, district, elsewhere, monkeypatch, layer):
    person = make_person(session, district.village, "石小桥")
    session.commit()
    if layer == "interface":
        monkeypatch.setattr("views.kit.interface.criterion", lambda model, scope: None)
    else:
        monkeypatch.setattr("models.scope.SCOPED", [])
    answer = office.put(f"/api/v1/people/{person.id}", json={"unit": elsewhere.unit_id, "version": 1})
    assert answer.status_code == 422
    fields = {"name": "石小桥", "unit": elsewhere.unit_id, "version": person.version, "employment": "active"}
    page = office.post(f"/people/edit/{person.id}", data=fields)
    assert (page.status_code, "外县" in page.text) == (200, False)
    session.expire_all()
    assert (person.unit_id, person.path) == (district.village.id, district.village.path)


def test_a_search_by_unit_finds_everybody_below_it(session, office, district):
    make_person(session, district.grid, "石小桥")
    make_person(session, district.far_village, "沙小口")
    session.commit()
    page = office.get(f"/people/list/?_flt_0_unit={district.town.id}").text
    assert ("石小桥" in page, "沙小口" in page) == (True, False)
    assert "石小桥" not in office.get(f"/people/list/?_flt_1_unit={district.town.id}").text


@pytest.fixture
def with_related_lists(backend, app):
    """A second application whose people show the units they lead, and whose units are a master with details."""

    class LeaderView(PersonView):
        route_base = "/leaders"
        class_permission_name = "Person"
        related_views = [UnitView]

    class MasterView(RequestFilters, MasterDetailView):
        route_base = "/masters"
        class_permission_name = "Unit"
        method_permission_name = {"list": "read"}
        datamodel = ScopedInterface(Unit)
        related_views = [PersonView]

    second = create_app(backend.settings)
    second.config["WTF_CSRF_ENABLED"] = False
    with second.app_context():
        for view in (LeaderView, MasterView):
            second.appbuilder.add_view_no_menu(view)
    yield second
    with second.app_context():
        second.extensions["sqlalchemy"].engine.dispose()


def test_related_lists_and_master_lists_stay_in_scope(session, with_related_lists, office, district, elsewhere):
    leader = make_person(session, district.village, "石小桥")
    elsewhere.unit.leader_id = district.village.leader_id = leader.id
    session.commit()
    browser = with_related_lists.test_client()
    browser.set_cookie("session", office.get_cookie("session") and office.get_cookie("session").value)
    record = browser.get(f"/leaders/show/{leader.id}").text
    assert "339901001001" in record
    assert "外县" not in record
    assert "外县" not in browser.get(f"/masters/list/{elsewhere.unit_id}").text


def test_the_administrators_see_no_business_row_whatever_right_they_are_given(app, session, client_as, district):
    manager = app.appbuilder.sm
    make_person(session, district.root, "石小桥")
    for role in ("sys_admin", "sec_admin", "audit_admin"):
        row = manager.find_role(role)
        manager.add_permission_role(row, manager.find_permission_view_menu("can_read", "Person"))
        page = client_as(role, district.root).get("/people/list/")
        assert page.status_code == 200
        assert "石小桥" not in page.text


def test_an_administrator_with_a_business_role_beside_still_sees_no_business_row(app, session, client_as, district):
    make_person(session, district.root, "石小桥")
    browser = client_as("sys_admin", district.root)
    user = session.get(Account, browser.account_id).user
    user.roles = [*user.roles, app.appbuilder.sm.find_role("office")]
    session.commit()
    page = browser.get("/people/list/")
    assert page.status_code == 200
    assert "石小桥" not in page.text


def test_nobody_reads_anything_without_signing_in(client, district):
    for address in ("/units/list/", "/units/show/1", "/people/export/csv", "/notices/list/", "/accounts/list/"):
        assert client.get(address).status_code == 302
    assert client.get("/api/v1/people/").status_code == 401
    assert client.get("/options/Unit").status_code == 401

"""A page asks the database few things, and as few for much as for little."""

import pytest
import sqlalchemy as sa

from models import db
from models.categories import Category
from models.changes import note
from models.evaluations import active_scheme, compute
from models.people import Person
from rules.periods import parse_month
from tests.asked import Asked
from tests.cases import make_leg, make_ticket
from tests.factories import make_account, make_person, unit
from tests.stage import at

MOST = 12


def statements(client, address: str) -> list[str]:
    client.get(address)
    with Asked(db.engine) as asked:
        assert client.get(address).status_code == 200
    return [statement for statement, _parameters in asked.made]


def test_accounts_with_their_roles(client_as, session, district):
    security = client_as("sec_admin", district.root)
    few = statements(security, "/accounts/list/")
    for _each in range(4):
        make_account(session, "handler", district.village)
    session.commit()
    assert len(statements(security, "/accounts/list/")) == len(few) <= MOST


def test_requests_by_related_rows_each_of_which_is_looked_up_once(client_as, session, way):
    way.dispatched()
    session.commit()
    district, office = way.district, client_as("office", way.district.root)
    asked = statements(office, f"/requests/list/?_flt_0_unit={district.town.id}&_flt_0_lead_unit={district.village.id}")
    assert len([each for each in asked if "FROM unit" in each]) == 2
    assert len(asked) <= MOST


def test_a_list_of_a_queue_is_counted_with_its_tab(client_as, session, way):
    way.signed()
    session.commit()
    handler = client_as("handler", way.district.village)
    asked = statements(handler, "/requests/list/?queue=in_hand")
    assert len(asked) == len(statements(handler, "/requests/list/")) - 1
    assert "1" in handler.get("/requests/list/?queue=in_hand").text


def test_a_request_with_many_legs(client_as, session, way):
    ticket = way.with_result()
    session.commit()
    handler = client_as("handler", way.district.village)
    few = statements(handler, f"/requests/show/{ticket.id}")
    for person in (way.second_handler, way.far_handler):
        make_leg(session, ticket, way.district.village, "handling").handler_id = person.person_id
    session.commit()
    assert len(statements(handler, f"/requests/show/{ticket.id}")) == len(few) <= MOST


@pytest.mark.parametrize(
    ("role", "bring", "move"),
    [
        ("dispatcher", "submitted", "accept"),
        ("dispatcher", "accepted", "dispatch"),
        ("handler", "dispatched", "sign"),
        ("handler", "signed", "submit_result"),
        ("unit_leader", "with_result", "send_back"),
        ("unit_leader", "with_result", "settle"),
    ],
)
def test_each_step_of_a_request(client_as, session, way, role, bring, move):
    ticket = getattr(way, bring)()
    ticket.category = session.scalars(sa.select(Category).where(Category.code == "3002")).one()
    session.commit()
    someone = client_as(role, way.district.root if role == "dispatcher" else way.district.village)
    asked = statements(someone, f"/requests/move/{ticket.id}/{move}")
    proposed = [each for each in asked if "FROM duty" in each]
    assert len(proposed) == (move in ("accept", "dispatch"))
    assert len(asked) <= MOST


@pytest.fixture
def october(session, district):
    for number in range(6):
        place = unit(session, district.village, f"339901001001-1{number}", f"第{number}网格", "grid")
        ticket = make_ticket(session, place, at("2026-10-08 09:00"), "submitted")
        make_leg(session, ticket, place, "signed", sign_due_at=at("2026-10-08 17:00"), signed_at=at("2026-10-08 10:00"))
    evaluation = compute(session, parse_month("2026-10"), district.root, at("2026-11-20 12:00"), active_scheme(session))
    session.commit()
    return evaluation


def test_the_evidence_of_a_figure_with_its_places(client_as, october, district):
    asked = statements(
        client_as("office", district.root), f"/evaluations/evidence/{october.id}/{district.town.id}/sign"
    )
    assert len(asked) <= 8
    assert not [each for each in asked if " OR ticket.accepted_at IS NULL" in each]


def test_an_evaluation_loads_the_group_it_shows(client_as, october, district):
    office = client_as("office", district.root)
    for peers in ("towns", "villages", "departments"):
        address = f"/evaluations/show/{october.id}?peers={peers}"
        assert len(statements(office, address)) <= 8
        assert office.get(address).text.count("<tr>") - 1 == {"towns": 2, "villages": 4, "departments": 2}[peers]


def test_the_journal_of_people_who_moved(client_as, session, district):
    audit = client_as("audit_admin", district.root)
    few = statements(audit, "/changes/list/")
    person = make_person(session, district.village)
    for to in (district.twin, district.far_village, district.town):
        note(session, person, "unit_id", person.unit_id, to.id)
    session.commit()
    assert str(district.twin.id) in audit.get("/changes/list/").text
    assert len(statements(audit, "/changes/list/")) == len(few) <= MOST


@pytest.mark.parametrize("asked", ["t9", "T9", "9x"])
def test_a_part_is_found_in_either_case(client_as, session, district, asked):
    make_person(session, district.village, "石小桥").staff_no = "AT9X"
    make_person(session, district.village, "石大桥").staff_no = "BT8X"
    session.commit()
    page = client_as("office", district.root).get(f"/people/list/?_flt_0_staff_no={asked}").text
    assert "石小桥" in page
    assert "石大桥" not in page


def test_what_is_not_of_a_kind_is_counted_as_it_is_listed(client_as, session, district):
    for kind in ("a", "m", "z", "m"):
        make_person(session, district.village).category = kind
    session.commit()
    assert session.scalar(sa.select(sa.func.count()).where(Person.category.in_(("a", "z")))) == 2
    page = client_as("office", district.root).get("/people/list/?_flt_1_category=m").text
    assert page.count('name="rowid"') == 0
    assert page.count("data-href=") == 3


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("20260918", 2),
        ("20260918-0000", 2),
        ("20260918-00002", 1),
        ("2026091", 2),
        ("20260919", 0),
        ("0918-00001", 1),
        ("00002", 1),
    ],
)
def test_a_request_is_found_by_any_part_of_its_number(client_as, session, way, asked, found):
    way.submitted(), way.submitted()
    session.commit()
    page = client_as("office", way.district.root).get(f"/requests/list/?_flt_0_number={asked}").text
    assert page.count("data-href=") == found


def test_a_number_of_nine_digits_in_a_row_of_nines_is_its_own_range(client_as, session, way):
    way.submitted(at("2026-09-29 09:00"))
    session.commit()
    office = client_as("office", way.district.root)
    assert office.get("/requests/list/?_flt_1_number=20260929").text.count("data-href=") == 1
    assert office.get("/requests/list/?_flt_1_number=2026092").text.count("data-href=") == 1

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from models.acting import RESIDENT
from models.ratings import Opinion, Resolved
from models.terms import Term
from models.tickets import Ticket
from tests.factories import make_person
from tests.stage import at

NOW = datetime.now(UTC)


@pytest.fixture
def office(client_as, district):
    return client_as("office", district.root)


def word(session, kind: str, code: str) -> Term:
    return session.scalars(sa.select(Term).where(Term.kind == kind, Term.code == code)).one()


def switch_off(session, kind: str, code: str) -> None:
    word(session, kind, code).active = False
    session.commit()


def test_a_source_out_of_use_is_still_called_by_its_word_and_no_longer_offered(session, office, way):
    ticket = way.submitted(source="venue")
    switch_off(session, "source", "venue")
    page = office.get(f"/requests/show/{ticket.id}").text
    assert "阵地" in page
    assert "venue" not in page
    assert 'value="venue"' not in office.get("/requests/add").text
    assert 'value="venue"' not in office.get("/imports/new").text
    assert "阵地" in office.get("/requests/questions").text


def test_a_source_the_office_adds_is_chosen_at_the_desk_where_the_office_says_so(session, office, district):
    typed = {"kind": "source", "code": "12345", "label": "12345热线", "position": "9", "active": "y"}
    office.post("/terms/add", data=typed)
    assert "12345热线" not in office.get("/requests/add").text
    hotline = word(session, "source", "12345")
    assert office.post(f"/terms/edit/{hotline.id}", data=typed | {"at_desk": "y"}).status_code == 302
    assert "12345热线" in office.get("/requests/add").text
    asked = {"source": "12345", "title": "路灯不亮", "text": "不亮", "unit": district.village.id}
    office.post("/requests/add", data=asked)
    assert session.scalars(sa.select(Ticket.source)).all() == ["12345"]


def test_the_office_starts_with_four_sources_at_the_desk(session):
    at_desk = sa.select(Term.code).where(Term.at_desk).order_by(Term.position)
    assert session.scalars(at_desk).all() == ["phone", "venue", "visit", "night_talk"]


def test_a_disposal_mode_out_of_use_is_still_called_by_its_word_and_no_longer_offered(session, client_as, way):
    settled, pending = way.settled(), way.with_result()
    switch_off(session, "disposal_mode", "coordinated")
    leader = client_as("unit_leader", way.district.village)
    assert "协调办" in leader.get(f"/requests/show/{settled.id}").text
    assert 'value="coordinated"' not in leader.get(f"/requests/move/{pending.id}/settle").text


def test_a_reason_out_of_use_is_still_called_by_its_word_to_staff_and_resident(session, office, client, way):
    ticket, unrated = way.settled(), way.settled(NOW)
    ticket.rate(ticket.reporters[0], Opinion(5, Resolved.YES, ["polite"]), RESIDENT, at("2026-09-18 10:00"))
    switch_off(session, "rating_tag", "polite")
    assert "态度好" in office.get(f"/requests/show/{ticket.id}").text
    client.post("/portal/follow", data={"code": ticket.tracking_code, "tail": "1234"})
    assert "态度好" in client.get("/portal/mine").text
    client.post("/portal/follow", data={"code": unrated.tracking_code, "tail": "1234"})
    form = client.get("/portal/rate").text
    assert 'value="thorough"' in form
    assert 'value="polite"' not in form


def test_a_category_of_people_out_of_use_stays_with_those_who_have_it_and_is_given_to_nobody(session, office, district):
    cadre, other = (make_person(session, district.village, name, post="书记") for name in ("石小桥", "石大桥"))
    cadre.category, other.category = "agency_cadre", "grid_staff"
    switch_off(session, "person_category", "agency_cadre")
    assert "机关干部" in office.get("/people/list/").text
    form = office.get(f"/people/edit/{cadre.id}").text
    assert 'value="agency_cadre"' in form
    assert 'value="agency_cadre"' not in office.get(f"/people/edit/{other.id}").text
    assert 'value="agency_cadre"' not in office.get("/people/add").text
    typed = {"name": "石小桥", "unit": district.village.id, "version": cadre.version, "employment": "active"}
    assert office.post(f"/people/edit/{cadre.id}", data=typed | {"category": "agency_cadre"}).status_code == 302
    session.expire_all()
    assert cadre.category == "agency_cadre"

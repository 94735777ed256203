from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from models import db
from models.changes import Change
from models.people import Person
from models.stand_ins import StandIn
from models.tickets import Ticket
from rules.workdays import local_date
from tests.asked import Asked
from tests.factories import make_account
from tests.views.browsing import send

NOW = datetime.now(UTC)
TODAY = local_date(NOW)


@pytest.fixture
def staff(session, client_as, district, way):
    """The handler of the factories, who will be absent, and a member who will stand in."""
    handler = way.handler
    session.commit()
    return {
        "leader": client_as("unit_leader", district.village),
        "member": client_as("member", district.village),
        "absent": handler,
    }


def agreement(absent: int, other: int, days: int = 7) -> dict[str, str]:
    last = TODAY + timedelta(days)
    return {"absent": str(absent), "stand_in": str(other), "from_on": f"{TODAY}", "to_on": f"{last}", "reason": "病假"}


def only(session) -> StandIn:
    session.expire_all()
    return session.scalars(sa.select(StandIn)).one()


def test_the_leader_arranges_a_stand_in_who_then_handles_requests(staff, session, way):
    ticket, member = way.dispatched(NOW), staff["member"]
    session.commit()
    sign = f"/requests/move/{ticket.id}/sign"
    assert member.post(sign).status_code in (302, 403)
    assert session.get(Ticket, ticket.id).state == "dispatched"
    typed = agreement(staff["absent"].person_id, member.person_id)
    assert send(staff["leader"], "/stand-ins/add", typed).status_code == 302
    assert ticket.number in member.get("/requests/list/?queue=to_sign").text
    assert member.post(sign).location == f"/requests/show/{ticket.id}"
    name = session.get(Person, member.person_id).name
    assert f"{name}（代李经办）" in member.get(f"/requests/show/{ticket.id}").text
    changed = session.scalars(sa.select(Change).where(Change.subject == "stand_in")).one()
    assert (changed.action, changed.path) == ("added", way.district.village.path)


def test_once_it_is_over_the_stand_in_is_what_they_were(staff, session, way):
    ticket, member = way.dispatched(NOW), staff["member"]
    past = {"from_on": TODAY - timedelta(3), "to_on": TODAY - timedelta(1), "reason": "病假"}
    people = [session.get(Person, key) for key in (staff["absent"].person_id, member.person_id)]
    session.add(StandIn(absent=people[0], stand_in=people[1], **past))
    session.commit()
    assert member.post(f"/requests/move/{ticket.id}/sign").status_code in (302, 403)
    session.expire_all()
    assert session.get(Ticket, ticket.id).state == "dispatched"


def test_whoever_will_be_absent_arranges_it_and_nobody_for_another(session, client_as, district):
    handler, colleague = client_as("handler", district.village), client_as("handler", district.village)
    other = make_account(session, "handler", district.village)
    session.commit()
    assert send(colleague, "/stand-ins/add", agreement(handler.person_id, other.person_id)).status_code == 200
    assert send(handler, "/stand-ins/add", agreement(handler.person_id, other.person_id)).status_code == 302
    agreed = only(session)
    ended = {"to_on": f"{TODAY}", "reason": "提前回来"}
    assert send(handler, f"/stand-ins/edit/{agreed.id}", ended).status_code == 302
    assert only(session).to_on == TODAY
    handler.post(f"/stand-ins/delete/{agreed.id}")
    assert only(session).reason == "提前回来"


def test_a_leader_sees_those_of_the_own_unit_alone(staff, session, client_as, district):
    typed = agreement(staff["absent"].person_id, staff["member"].person_id)
    send(staff["leader"], "/stand-ins/add", typed)
    assert "李经办" in staff["leader"].get("/stand-ins/list/").text
    assert "李经办" not in client_as("unit_leader", district.far_village).get("/stand-ins/list/").text


def test_pages_of_a_stand_in_ask_the_database_few_things(staff, session, way):
    ticket = way.signed(NOW)
    session.commit()
    typed = agreement(staff["absent"].person_id, staff["member"].person_id)
    send(staff["leader"], "/stand-ins/add", typed)
    for page in ("/stand-ins/list/", f"/requests/show/{ticket.id}", f"/requests/move/{ticket.id}/contact"):
        browser = staff["leader"] if "stand-ins" in page else staff["member"]
        browser.get(page)
        with Asked(db.engine) as asked:
            assert browser.get(page).status_code == 200, page
        assert len(asked.made) <= 12, page

"""From a resident's or the desk's hand to the first alarm."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from jobs.reminders import remind
from jobs.sweeps import sweep
from models.notices import Notice
from models.tickets import Ticket

ASKED = {"title": "墙要塌了", "text": "老屋的墙裂开了。", "town": "339901001000", "village": "339901001001"}
DANGER = "110（公安）、119（消防）或 120（急救）"


@pytest.fixture
def staff(client_as, district):
    """The dispatcher of the town, handler and leader of the village."""
    at = {"dispatcher": district.town, "handler": district.village, "unit_leader": district.village}
    return {role: client_as(role, unit) for role, unit in at.items()}


def only_ticket(session) -> Ticket:
    session.expire_all()
    return session.scalars(sa.select(Ticket)).one()


def alarms(session) -> list[tuple[int | None, str, str]]:
    """Who, which step, and how long after it was created it is delivered."""
    session.expire_all()
    found = session.scalars(sa.select(Notice).where(Notice.event == "emergency").order_by(Notice.id))
    return [
        (each.person_id, each.key.split(":")[3].split("/")[0], str(each.deliver_at - each.created_at)) for each in found
    ]


def test_an_emergency_of_a_resident_rings_at_once_is_proposed_as_one_and_rings_again_where_it_is_sent(
    client, staff, session, district
):
    assert DANGER in client.get("/portal/ask").text
    client.post("/portal/ask", data={**ASKED, "kind": "emergency"})
    ticket = only_ticket(session)
    remind(session, ticket.submitted_at)
    dispatcher = staff["dispatcher"]
    assert alarms(session) == [(dispatcher.person_id, "first", "0:00:00")]
    dispatcher.get("/lang/en")
    page = dispatcher.get(f"/requests/move/{ticket.id}/accept").text
    assert 'value="emergency" checked' in page
    assert "Emergency: it was handed in as one → 石桥村" in page
    dispatcher.post("/requests/action_post", data={"action": "accept", "rowid": [ticket.id]})
    dispatcher.post(f"/requests/move/{ticket.id}/dispatch", data={"unit": district.village.id})
    leg = only_ticket(session).lead
    assert leg.sign_due_at - leg.dispatched_at == timedelta(minutes=10)
    remind(session, leg.dispatched_at)
    heard = [staff[role].person_id for role in ("handler", "unit_leader", "dispatcher")]
    assert alarms(session)[1:] == [(person, "first", "0:00:00") for person in heard]


BADGE = '<span class="light light-red"><i class="fa fa-bell" aria-hidden="true"></i>紧急</span>'


@pytest.mark.parametrize(("kind", "marked"), [("emergency", True), ("demand", False)])
def test_an_emergency_is_marked_in_the_list_and_on_the_record_and_its_receipt_says_whom_to_call(
    client, staff, session, district, kind, marked
):
    receipt = client.post("/portal/ask", data={**ASKED, "kind": kind}, follow_redirects=True).text
    assert "data-handed-in" in receipt
    assert (DANGER in receipt) is marked
    ticket = only_ticket(session)
    dispatcher = staff["dispatcher"]
    assert (BADGE in dispatcher.get("/requests/list/").text) is marked
    assert (f"<h1>墙要塌了 {BADGE}</h1>" in dispatcher.get(f"/requests/show/{ticket.id}").text) is marked


def test_an_emergency_taken_down_at_the_desk_rings_too_and_is_named_on_the_record(staff, session, district):
    dispatcher = staff["dispatcher"]
    asked = {"source": "phone", "title": "墙要塌了", "text": "老屋的墙裂开了。", "unit": district.village.id}
    dispatcher.post("/requests/add", data={**asked, "kind": "emergency"})
    ticket = only_ticket(session)
    remind(session, ticket.submitted_at)
    assert alarms(session) == [(dispatcher.person_id, "first", "0:00:00")]
    dispatcher.get("/lang/en")
    assert "<dt>Kind</dt><dd>Emergency</dd>" in dispatcher.get(f"/requests/show/{ticket.id}").text


def test_the_alarm_names_what_is_the_matter(client, staff, session, district):
    client.post("/portal/ask", data={**ASKED, "kind": "emergency"})
    ticket = only_ticket(session)
    sweep(session, ticket.submitted_at)
    assert f"紧急：墙要塌了（工单 {ticket.number}）" in staff["dispatcher"].get("/notices/list/").text


@pytest.mark.parametrize(("kind", "kept"), [(None, "demand"), ("suggestion", "suggestion"), ("dispute", "dispute")])
def test_a_request_is_of_the_kind_that_was_chosen_and_a_demand_where_none_was(client, session, district, kind, kept):
    client.post("/portal/ask", data=ASKED | ({"kind": kind} if kind else {}))
    ticket = only_ticket(session)
    assert ticket.kind == kept
    remind(session, ticket.submitted_at)
    assert alarms(session) == []


def test_a_kind_that_does_not_exist_is_no_choice(client, session, district):
    assert client.post("/portal/ask", data={**ASKED, "kind": "panic"}).status_code == 200
    assert session.scalar(sa.select(sa.func.count(Ticket.id))) == 0

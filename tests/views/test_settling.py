"""The form that settles: each mode says its duty, and what is not possible says why."""

import re
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from models.applying import Ask, ask, grant
from models.tickets import Ticket
from models.uploads import keep
from rules.applications import ApplicationKind
from tests.stage import at
from tests.views.test_tickets import state_of, step
from tests.way import EVIDENCE

NOW = datetime.now(UTC)


@pytest.fixture
def leader(client_as, district):
    client = client_as("unit_leader", district.village)
    client.get("/lang/en")
    return client


def modes(client, ticket) -> dict[str, str]:
    """Each mode with the reason why it is not possible."""
    page = client.get(f"/requests/move/{ticket.id}/settle").text
    labels = re.findall(r'<label class="choice duty[^"]*">(.*?)</label>', page, re.S)
    found = {}
    for label in labels:
        mode = re.search(r'value="(\w+)"', label)[1]
        why = re.search(r'class="duty-why">([^<]*)<', label)
        assert ("disabled" in label) == bool(why)
        found[mode] = why[1] if why else ""
    return found


def test_modes_that_are_not_possible_say_why_and_cannot_be_chosen(leader, session, way):
    ticket = way.with_result()
    session.commit()
    assert modes(leader, ticket) == {
        "on_the_spot": "It was not recorded as handled on the spot",
        "coordinated": "",
        "assigned": "What is assigned needs a promise: a date and who keeps it",
        "supervised": "No supervision of this request was opened",
        "explained": "",
    }
    page = leader.get(f"/requests/move/{ticket.id}/settle").text
    assert "counts as settled, not as resolved" in page
    assert "The promise was kept" not in page


def test_one_that_was_forced_all_the_same_is_refused(leader, session, way):
    ticket = way.with_result()
    session.commit()
    assert "not recorded as handled on the spot" in step(leader, ticket, "settle", mode="on_the_spot").text
    assert state_of(session, ticket) == "pending_review"


def test_of_a_promise_the_leader_says_that_it_was_kept(leader, session, way):
    ticket = way.signed()
    ticket.contact(way.handler, at("2026-09-18 10:00"), note="已电话联系")
    asked = Ask(ApplicationKind.PROMISE, "budget", "等区里拨款", until=at("2026-10-01 00:00"), owner="王书记")
    grant(ticket, ask(ticket, asked, way.handler, at("2026-09-18 11:00")), way.dispatcher, at("2026-09-18 12:00"))
    keep(session, ticket, EVIDENCE, way.handler, at("2026-09-18 13:00"), leg=ticket.lead)
    ticket.submit_result(way.handler, at("2026-09-18 13:00"), result="换了灯泡", feedback="已电话告知")
    session.commit()
    assert [mode for mode, why in modes(leader, ticket).items() if not why] == ["assigned"]
    assert "Promised: 2026-09-30 24:00, by 王书记" in leader.get(f"/requests/move/{ticket.id}/settle").text
    assert "Confirm that the promise was kept" in step(leader, ticket, "settle", mode="assigned").text
    assert step(leader, ticket, "settle", mode="assigned", kept="y").status_code == 302
    assert state_of(session, ticket) == "settled"


def test_what_was_done_on_the_spot_is_noted_on_a_new_request_and_confirmed_by_the_leader(
    client_as, leader, session, way
):
    ticket = way.submitted(NOW)
    session.commit()
    handler = client_as("handler", way.district.village)
    assert step(handler, ticket, "on_the_spot", result="当场换了灯泡", feedback="已当面告知").status_code == 302
    assert state_of(session, ticket) == "pending_review"
    assert modes(leader, ticket)["on_the_spot"] == ""
    assert step(leader, ticket, "settle", mode="on_the_spot").status_code == 302
    assert session.scalar(sa.select(Ticket.disposal_mode)) == "on_the_spot"

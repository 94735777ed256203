"""Many requests at once, and the lists they are chosen from."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from models.categories import Category
from models.co_handling import invite
from models.tickets import Ticket

NOW = datetime.now(UTC)


@pytest.fixture
def staff(client_as, district):
    return {
        "dispatcher": client_as("dispatcher", district.town),
        "handler": client_as("handler", district.village),
        "helper": client_as("handler", district.department),
    }


def do(client, action: str, *tickets):
    return client.post("/requests/action_post", data={"action": action, "rowid": [each.id for each in tickets]})


def state_of(session, ticket) -> str:
    session.expire_all()
    return session.scalar(sa.select(Ticket.state).where(Ticket.id == ticket.id))


def reported(page: str) -> dict[str, str]:
    """Number → what the report says of it."""
    rows = re.findall(r'<a class="row-link"[^>]*>([^<]+)</a></td>\s*<td[^>]*>([^<]+)</td>', page)
    return dict(rows)


def test_what_was_refused_is_reported_row_by_row_with_its_reason_and_the_rest_is_done(staff, session, way):
    good, bad = way.dispatched(NOW), way.submitted(NOW)
    far = way.dispatched(NOW, unit=way.district.far_village, to=way.district.far_village)
    session.commit()
    page = do(staff["handler"], "sign", good, bad, far).text
    assert reported(page) == {good.number: "已完成", bad.number: f"{bad.number} 尚未派单"}
    assert "已完成 1 条" in page
    assert "未完成 1 条" in page
    assert [state_of(session, each) for each in (good, bad, far)] == ["signed", "submitted", "dispatched"]


def test_what_is_all_done_leads_back_to_the_list(staff, session, way):
    tickets = [way.dispatched(NOW) for _ in range(2)]
    session.commit()
    assert do(staff["handler"], "sign", *tickets).status_code == 302
    assert [state_of(session, each) for each in tickets] == ["signed", "signed"]


def test_many_are_accepted_with_the_proposed_tier(staff, session, way):
    tickets = [way.submitted(NOW) for _ in range(2)]
    session.commit()
    do(staff["dispatcher"], "accept", *tickets)
    assert [(state_of(session, each), session.get(Ticket, each.id).tier) for each in tickets] == [
        ("accepted", "minor")
    ] * 2


def test_many_are_dispatched_to_whom_the_duty_catalogue_names_and_the_others_are_said(staff, session, way):
    lights = session.scalars(sa.select(Category).where(Category.code == "2003")).one()
    known, early = way.accepted(NOW, category=lights), way.submitted(NOW)
    session.commit()
    page = do(staff["dispatcher"], "dispatch", known, early).text
    assert reported(page) == {known.number: "已完成", early.number: "“已提交”的工单不能派单"}
    assert session.get_one(Ticket, known.id).lead.unit_name == way.district.village.name


def test_bulk_signing_is_not_given_to_a_dispatcher(staff, session, way):
    ticket = way.dispatched(NOW)
    session.commit()
    assert do(staff["dispatcher"], "sign", ticket).status_code == 403
    assert state_of(session, ticket) == "dispatched"


def test_a_unit_that_helps_finds_its_part_with_its_own_state_and_date_in_the_order_of_its_dates(staff, session, way):
    late, soon = way.signed(NOW - timedelta(days=1)), way.signed(NOW - timedelta(hours=1))
    for ticket, when in ((late, NOW - timedelta(hours=1)), (soon, NOW - timedelta(hours=7))):
        invite(ticket, way.district.department, way.handler, when, task="查线路")
    session.commit()
    page = staff["helper"].get("/requests/list/?queue=to_sign").text
    assert page.index(soon.number) < page.index(late.number)
    assert page.count("本单位协办") == 2
    assert "已派单" in page
    backwards = staff["helper"].get("/requests/list/?queue=to_sign&_oc_TicketView=due&_od_TicketView=desc").text
    assert backwards.index(late.number) < backwards.index(soon.number)


def test_what_helps_is_signed_for_in_bulk_as_the_lead_s(staff, session, way):
    ticket = way.signed(NOW - timedelta(hours=2))
    leg = invite(ticket, way.district.department, way.handler, NOW - timedelta(hours=1), task="查线路")
    session.commit()
    do(staff["helper"], "sign", ticket)
    session.refresh(leg)
    assert (leg.state, state_of(session, ticket)) == ("signed", "signed")


def test_requests_are_put_in_the_order_of_their_dates_where_they_wait_and_by_time_where_they_do_not(
    staff, session, way
):
    old, new = way.signed(NOW - timedelta(days=2)), way.dispatched(NOW - timedelta(hours=1))
    session.commit()
    sorted_by_due = "_oc_TicketView=due&_od_TicketView=asc"
    page = staff["dispatcher"].get(f"/requests/list/?queue=with_units&{sorted_by_due}").text
    assert page.index(new.number) < page.index(old.number)
    page = staff["dispatcher"].get(f"/requests/list/?queue=all&{sorted_by_due}").text
    assert page.index(new.number) < page.index(old.number)
    page = staff["dispatcher"].get("/requests/list/?queue=with_units&_oc_TicketView=due&_od_TicketView=desc").text
    assert page.index(old.number) < page.index(new.number)

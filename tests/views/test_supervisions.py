"""Supervising, answering and closing on screen, and the list of them."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from models.acting import SYSTEM
from models.supervisions import Supervision, SupervisionCause, answer, supervise
from tests.stage import at
from tests.views.test_tickets import step

NOW = datetime.now(UTC)


@pytest.fixture
def supervisor(client_as, district):
    return client_as("supervisor", district.root)


def test_it_is_opened_answered_and_closed_by_the_hands_of_two_people(client_as, supervisor, session, way):
    ticket = way.signed()
    session.commit()
    here, leader = f"/requests/show/{ticket.id}", client_as("unit_leader", way.district.village)
    assert step(supervisor, ticket, "supervise", demand="说明为何未联系").location == here
    assert "说明为何未联系" in leader.get(f"/requests/move/{ticket.id}/answer_supervision").text
    assert step(leader, ticket, "answer_supervision", text="已联系，周一完工").location == here
    assert step(supervisor, ticket, "close_supervision", note="").location == here
    (kept,) = session.scalars(sa.select(Supervision))
    assert (kept.demand, kept.answer, kept.closed_at is not None) == ("说明为何未联系", "已联系，周一完工", True)
    page = leader.get(here).text
    assert all(words in page for words in ("说明为何未联系", "已联系，周一完工", "已办结督办"))


def test_a_manager_opens_one_but_a_handler_reads_that_it_is_not_his(client_as, session, way):
    ticket = way.signed()
    session.commit()
    manager, handler = client_as("manager", way.district.root), client_as("handler", way.district.village)
    assert step(manager, ticket, "supervise", demand="请说明").status_code == 302
    handler.get("/lang/en")
    assert "is not among the duties of your role" in step(handler, ticket, "close_supervision", note="好").text
    assert session.scalar(sa.select(Supervision.closed_at)) is None


def test_buttons_that_cannot_be_pressed_say_why(supervisor, session, way):
    ticket = way.signed()
    session.commit()
    supervisor.get("/lang/en")
    page = supervisor.get(f"/requests/show/{ticket.id}").text
    assert "Close the supervision<small>This request is not supervised</small>" in page
    supervise(ticket, SupervisionCause.OVERDUE, SYSTEM, NOW)
    session.commit()
    page = supervisor.get(f"/requests/show/{ticket.id}").text
    assert "Supervise<small>This request is supervised already</small>" in page


def test_the_list_has_what_is_to_be_answered_what_was_and_what_is_closed(supervisor, session, way):
    late, answered, closed = (way.signed(title=title) for title in ("逾期未答复", "已经答复过", "已经办结了"))
    for ticket in (late, answered, closed):
        supervise(ticket, SupervisionCause.OVERDUE, SYSTEM, at("2026-09-18 12:00"))
    for ticket in (answered, closed):
        answer(ticket, way.leader, at("2026-09-19 12:00"), text="在办")
    closed.supervisions[0].closed_at = at("2026-09-20 12:00")
    session.commit()
    pages = {key: supervisor.get(f"/supervisions/list/?queue={key}").text for key in ("open", "answered", "closed")}
    shown = {key: [t.title for t in (late, answered, closed) if t.title in page] for key, page in pages.items()}
    assert shown == {"open": ["逾期未答复"], "answered": ["已经答复过"], "closed": ["已经办结了"]}
    assert "未答复，已超期" in pages["open"]
    assert "light-red" in pages["open"]
    assert "light-red" not in pages["answered"]


def test_a_line_of_the_list_leads_to_the_request_and_no_line_of_others_is_there(client_as, supervisor, session, way):
    ticket = way.signed()
    opened = supervise(ticket, SupervisionCause.OVERDUE, SYSTEM, NOW)
    session.commit()
    assert supervisor.get(f"/supervisions/show/{opened.id}").location == f"/requests/show/{ticket.id}"
    stranger = client_as("unit_leader", way.district.far_village)
    assert stranger.get(f"/supervisions/show/{opened.id}").status_code == 404
    assert ticket.number not in stranger.get("/supervisions/list/").text


def test_the_list_is_downloaded_as_it_is_narrowed(supervisor, session, way):
    late, closed = way.signed(title="逾期未答复"), way.signed(title="已经办结了")
    for ticket in (late, closed):
        supervise(ticket, SupervisionCause.OVERDUE, SYSTEM, at("2026-09-18 12:00"))
    closed.supervisions[0].closed_at, closed.supervisions[0].closing = at("2026-09-20 12:00"), "好"
    session.commit()
    told = supervisor.get("/supervisions/export/csv?queue=closed").get_data().decode("utf-8-sig")
    assert ("逾期未答复" in told, "已经办结了" in told) == (False, True)

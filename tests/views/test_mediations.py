"""A mediation and a lawsuit on screen."""

import pytest
import sqlalchemy as sa

from models.mediations import Mediation
from models.tickets import Ticket
from tests.views.test_tickets import step

SITTING = {
    "held_on": "2026-09-18", "mediators": "村调解员", "parties": "东西两户", "outcome": "agreed",
    "agreement": "各退一尺", "keep_by": "2026-10-01",
}  # fmt: skip


@pytest.fixture
def dispute(way, session):
    ticket = way.signed(kind="dispute")
    session.commit()
    return ticket


@pytest.fixture
def handler(client_as, district):
    return client_as("handler", district.village)


def test_a_mediation_is_recorded_and_stands_on_the_page(handler, session, dispute):
    assert step(handler, dispute, "mediate", **SITTING).location == f"/requests/show/{dispute.id}"
    (kept,) = session.scalars(sa.select(Mediation))
    assert (kept.outcome, kept.agreement, str(kept.keep_by)) == ("agreed", "各退一尺", "2026-10-01")
    page = handler.get(f"/requests/show/{dispute.id}").text
    assert all(words in page for words in ("村调解员", "东西两户", "各退一尺", "达成协议"))


def test_without_an_agreement_nothing_need_be_agreed(handler, session, dispute):
    assert step(handler, dispute, "mediate", **SITTING | {"outcome": "failed", "agreement": "", "keep_by": ""}).location
    assert session.scalar(sa.select(Mediation.keep_by)) is None


def test_who_quarrels_is_not_shown_to_those_who_only_look_on(client_as, handler, session, dispute, district):
    step(handler, dispute, "mediate", **SITTING)
    page = client_as("manager", district.root).get(f"/requests/show/{dispute.id}").text
    assert ("村调解员" in page, "东西两户" in page) == (True, False)


def test_what_is_no_dispute_is_not_mediated_and_the_button_says_so(handler, session, way):
    ticket = way.signed()
    session.commit()
    handler.get("/lang/en")
    page = handler.get(f"/requests/show/{ticket.id}").text
    assert "Record a mediation<small>Only a dispute is mediated; this request is none</small>" in page
    assert "Only a dispute" in step(handler, ticket, "mediate", **SITTING).text
    assert session.scalar(sa.select(Mediation.id)) is None


def test_a_lawsuit_is_a_banner_on_the_page_until_it_is_over(handler, session, dispute):
    here = f"/requests/show/{dispute.id}"
    assert step(handler, dispute, "litigate", note="清溪区法院（2026）民初12号").location == here
    page = handler.get(here).text
    assert 'id="litigation"' in page
    assert "<strong>涉诉</strong> 清溪区法院（2026）民初12号" in page
    assert "诉讼结果" in handler.get(f"/requests/move/{dispute.id}/litigate").text
    assert step(handler, dispute, "litigate", note="调解结案").location == here
    assert 'id="litigation"' not in handler.get(here).text
    session.expire_all()
    assert session.get(Ticket, dispute.id).in_litigation is False

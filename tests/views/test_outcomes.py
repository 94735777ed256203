"""Outcomes on screen: noted with their evidence, summed by unit and measure."""

from decimal import Decimal

import pytest
import sqlalchemy as sa

from models.attachments import Attachment
from models.outcomes import TicketOutcome, note_outcome
from tests.stage import at
from tests.views.browsing import file
from tests.views.test_tickets import step
from tests.way import PDF

NUMBER = {"what": "修复路灯", "quantity": "12.5", "measure": "盏"}


@pytest.fixture
def settled(way, session):
    ticket = way.settled()
    session.commit()
    return ticket


@pytest.fixture
def handler(client_as, district):
    return client_as("handler", district.village)


def test_it_is_noted_with_a_file_that_is_there(handler, session, settled):
    kept = settled.attachments[0].id
    assert step(handler, settled, "note_outcome", evidence=str(kept), **NUMBER).location
    (made,) = session.scalars(sa.select(TicketOutcome))
    assert (made.quantity, made.measure, made.evidence_id) == (Decimal("12.50"), "盏", kept)
    page = handler.get(f"/requests/show/{settled.id}").text
    assert "修复路灯 12.5 盏" in page
    assert f'href="/attachments/{kept}"' in page


def test_a_file_handed_in_with_it_goes_before_the_one_that_is_there(handler, session, settled):
    given = {"evidence": str(settled.attachments[0].id), "file": file("亮灯后.pdf", PDF)}
    assert step(handler, settled, "note_outcome", **NUMBER, **given).location
    assert session.scalar(sa.select(Attachment.name).join(TicketOutcome)) == "亮灯后.pdf"


@pytest.mark.parametrize(
    "given", [{"evidence": ""}, {"quantity": "0"}, {"quantity": "NaN"}, {"quantity": "许多"}, {"evidence": "999999"}]
)
def test_a_number_without_evidence_or_that_is_none_is_sent_back(handler, session, settled, given):
    typed = {"evidence": str(settled.attachments[0].id), **NUMBER} | given
    assert step(handler, settled, "note_outcome", **typed).status_code == 200
    assert session.scalar(sa.select(TicketOutcome.id)) is None


@pytest.fixture
def three(way, session):
    """Two of the village, in lamps and in metres, and one of the far village."""
    village, far = way.settled(), way.dispatched(to=way.district.far_village, unit=way.district.far_village)
    far.sign(way.far_handler, at("2026-09-18 10:00"))
    evidence = village.attachments[0]
    for quantity, measure in (("10", "盏"), ("2.5", "盏"), ("500", "米")):
        note_outcome(village, "路灯", Decimal(quantity), measure, evidence, way.handler, at("2026-09-20 09:00"))
    own = Attachment(
        name="远.pdf",
        key="k",
        media_type="application/pdf",
        size=1,
        sha256="s",
        at=at("2026-09-18 10:00"),
        by_name="远",
    )
    far.attachments.append(own)
    session.flush()
    note_outcome(far, "水渠", Decimal("70"), "米", own, way.far_handler, at("2026-09-20 09:00"))
    session.commit()


def sums(client, asked=""):
    page = client.get(f"/outcomes/list/{asked}").text
    return page[page.index("sums") : page.index("</table>")] if "sums" in page else ""


def test_a_manager_sees_the_sums_of_each_unit_by_what_they_are_counted_in(client_as, way, three):
    told = sums(client_as("manager", way.district.root))
    for unit, total in (("石桥村", "12.5"), ("石桥村", "500"), ("沙口村", "70")):
        assert unit in told
        assert f"<strong>{total}</strong>" in told


def test_the_sums_are_of_what_the_list_is_narrowed_to_and_of_ones_own_place(client_as, way, three):
    narrowed = sums(client_as("manager", way.district.root), "?_flt_2_measure=盏")
    assert ("<strong>12.5</strong>" in narrowed, "<strong>500</strong>" in narrowed) == (True, False)
    own = sums(client_as("manager", way.district.far_town))
    assert ("<strong>70</strong>" in own, "石桥村" in own) == (True, False)


def test_where_there_is_none_the_list_says_where_they_come_from(client_as, way):
    page = client_as("manager", way.district.root).get("/outcomes/list/").text
    assert "成效在工单页面登记" in page

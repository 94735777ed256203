"""What came of a request, as a number with its evidence."""

from decimal import Decimal

import pytest
import sqlalchemy as sa

from models.outcomes import TicketOutcome, note_outcome
from rules.refusals import Refusal
from tests.stage import at

LATER = at("2026-09-20 12:00")


def note(ticket, by, what="修复路灯", quantity="600", measure="户", evidence=None):
    return note_outcome(ticket, what, Decimal(quantity), measure, evidence or ticket.attachments[0], by, LATER)


def test_an_outcome_is_a_number_with_its_evidence_and_reads_as_a_sentence(way):
    ticket = way.settled()
    made = note(ticket, way.handler, " 修复路灯 ", "600", " 户 ")
    way.session.commit()
    way.session.expire_all()
    (kept,) = way.session.scalars(sa.select(TicketOutcome))
    assert (kept.what, kept.quantity, kept.measure, kept.name) == ("修复路灯", Decimal("600.00"), "户", "李经办")
    assert (str(kept), kept.evidence) == ("修复路灯 600 户", ticket.attachments[0])
    assert (ticket.events[-1].action, ticket.events[-1].note, ticket.state) == (
        "note_outcome", "修复路灯 600 户", "settled",
    )  # fmt: skip
    assert made is kept


@pytest.mark.parametrize(
    "given", [{"what": " "}, {"measure": ""}, {"quantity": "0"}, {"quantity": "-3"}, {"quantity": "0.004"}]
)
def test_it_says_what_how_much_and_in_what(way, given):
    ticket = way.settled()
    with pytest.raises(Refusal, match="Say what came of it"):
        note(ticket, way.handler, **given)
    assert ticket.outcomes == []


def test_the_evidence_is_a_file_of_this_request(way):
    ticket, other = way.settled(), way.settled(external_id="x")
    with pytest.raises(Refusal, match="file of this request"):
        note(ticket, way.handler, evidence=other.attachments[0])


def test_it_is_noted_by_the_unit_that_leads_while_the_matter_is_at_hand_or_settled(way):
    with pytest.raises(Refusal, match="Only 石桥村"):
        note(way.settled(), way.far_handler)
    with pytest.raises(Refusal, match="not among the duties"):
        note(way.settled(), way.dispatcher)
    unsigned = way.dispatched()
    with pytest.raises(Refusal, match="while the request is “Dispatched”"):
        note_outcome(unsigned, "修灯", Decimal(1), "盏", way.settled().attachments[0], way.handler, LATER)

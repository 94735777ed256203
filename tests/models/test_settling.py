"""What each disposal mode asks for before a request is settled by it, and whose merit it is."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from models.applying import Ask, ask, grant
from models.co_handling import invite
from models.credits import Credit
from models.policies import set_policy
from models.supervisions import SupervisionCause, answer, supervise
from models.uploads import Prepared, keep
from rules.applications import ApplicationKind
from rules.refusals import Refusal
from tests.factories import actor
from tests.stage import at
from tests.way import EVIDENCE, PDF

LATER = at("2026-09-18 17:00")
PROMISED = at("2026-09-30 00:00")


@pytest.fixture
def promised(way):
    """A promise was granted, and the result is with the leader."""
    ticket = way.signed()
    ticket.contact(way.handler, at("2026-09-18 10:00"), note="已电话联系")
    asked = Ask(ApplicationKind.PROMISE, "budget", "等区里拨款", until=PROMISED, owner="王书记")
    application = ask(ticket, asked, way.handler, at("2026-09-18 11:00"))
    grant(ticket, application, way.dispatcher, at("2026-09-18 12:00"))
    hand_in(way, ticket)
    return ticket


def hand_in(way, ticket):
    keep(way.session, ticket, EVIDENCE, way.handler, LATER, leg=ticket.lead)
    ticket.submit_result(way.handler, LATER, result="换了灯泡", feedback="已电话告知")


def test_assigned_needs_a_promise(way):
    ticket = way.with_result()
    with pytest.raises(Refusal, match="needs a promise"):
        ticket.settle(way.leader, LATER, mode="assigned", kept=True)
    assert ticket.state == "pending_review"


def test_a_promise_is_the_due_date_and_only_kept_it_ends(way, promised):
    assert promised.lead.settle_due_at == PROMISED
    with pytest.raises(Refusal, match="Confirm that the promise was kept"):
        promised.settle(way.leader, LATER, mode="assigned")
    with pytest.raises(Refusal, match="settle it as assigned"):
        promised.settle(way.leader, LATER, mode="explained", kept=True)
    promised.settle(way.leader, LATER, mode="assigned", kept=True)
    assert (promised.state, promised.disposal_mode) == ("settled", "assigned")


def test_supervised_needs_a_supervision_and_its_answer(way):
    supervisor = actor(way.session, "supervisor", way.district.root)
    ticket = way.with_result()
    with pytest.raises(Refusal, match="No supervision of this request"):
        ticket.settle(way.leader, LATER, mode="supervised")
    supervise(ticket, SupervisionCause.PERSON, supervisor, LATER, demand="说明超期原因")
    for mode in ("supervised", "coordinated"):
        with pytest.raises(Refusal, match="waits for an answer"):
            ticket.settle(way.leader, LATER, mode=mode)
    answer(ticket, way.leader, LATER, text="材料已到，当日换好")
    ticket.settle(way.leader, LATER, mode="supervised")
    assert ticket.disposal_mode == "supervised"


def test_on_the_spot_is_only_what_was_recorded_so(way):
    ticket = way.with_result()
    with pytest.raises(Refusal, match="not recorded as handled on the spot"):
        ticket.settle(way.leader, LATER, mode="on_the_spot")


@pytest.mark.parametrize("mode", ["coordinated", "explained", "a word of the office"])
def test_other_modes_ask_for_nothing_more(way, mode):
    ticket = way.with_result()
    ticket.settle(way.leader, LATER, mode=mode)
    assert (ticket.state, ticket.disposal_mode) == ("settled", mode)


@pytest.fixture
def helped(way):
    """The department helps, mandatory, and the station, which need not."""
    ticket = way.signed()
    places = way.district
    invite(ticket, places.department, way.handler, at("2026-09-18 10:00"), task="查权属")
    invite(ticket, places.station, way.handler, at("2026-09-18 10:00"), task="巡查", mandatory=False)
    hand_in(way, ticket)
    return ticket


def do_its_part(way, ticket, unit, when=LATER):
    handler, leader = (actor(way.session, role, unit) for role in ("handler", "unit_leader"))
    ticket.sign(handler, when)
    keep(way.session, ticket, Prepared("协办.pdf", "application/pdf", PDF), handler, when, leg=ticket.leg_of(handler))
    ticket.submit_result(handler, when, result="已查", feedback="已告知")
    ticket.settle(leader, when, mode="coordinated")
    return handler


def test_the_credit_is_shared_with_those_who_did_their_part(way, helped):
    with pytest.raises(Refusal, match="区交通局"):
        helped.settle(way.leader, LATER, mode="coordinated")
    handler = do_its_part(way, helped, way.district.department)
    helped.settle(way.leader, LATER, mode="coordinated")
    credits = way.session.scalars(sa.select(Credit).order_by(Credit.id)).all()
    assert [(each.role, each.unit_id, each.person_id, each.settlement_id) for each in credits] == [
        ("lead", way.district.village.id, way.handler.person_id, helped.lead.id),
        ("co", way.district.department.id, handler.person_id, helped.lead.id),
    ]
    assert [leg.ended for leg in helped.legs] == [None, None, "not_needed"]


def test_the_part_of_a_helper_is_settled_by_any_mode_for_the_duty_is_the_leads(way, helped):
    do_its_part(way, helped, way.district.department)
    assert (helped.state, helped.settled_at, helped.disposal_mode) == ("pending_review", None, None)


def test_who_settled_it_may_do_so_once(way):
    ticket = way.settled()
    with pytest.raises(Refusal, match="not possible while the request is “Settled”"):
        ticket.settle(way.leader, LATER, mode="coordinated")


@pytest.mark.parametrize(("percent", "asked"), [("0", None), ("100", "due")])
def test_whom_the_office_calls_back_is_chosen_at_settlement(way, percent, asked):
    set_policy(way.session, "follow_up_percent", percent, way.office, at("2026-09-17 09:00"))
    assert way.settled().follow_up == asked


def test_the_rating_is_open_from_the_settlement_and_not_from_the_result(way):
    ticket = way.settled(settled_at=at("2026-09-19 10:00"))
    assert ticket.settled_at == at("2026-09-18 09:00")
    assert ticket.rate_until == ticket.next_due_at == at("2026-09-26 10:00")


def test_a_leader_of_another_unit_settles_nothing(way):
    ticket = way.with_result()
    with pytest.raises(Refusal, match="Only 石桥村"):
        ticket.settle(replace(way.leader, unit_id=way.district.twin.id), LATER, mode="coordinated")

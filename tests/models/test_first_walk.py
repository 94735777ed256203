import pytest
from sqlalchemy import select

from models.acting import RESIDENT, Scope, acting_as
from models.intake import Draft, submit
from models.notices import Notice
from models.tickets import Ticket
from rules.deadlines import Tier
from rules.refusals import Refusal
from tests.factories import actor
from tests.stage import at


def test_a_request_is_dispatched_signed_for_and_seen_by_those_it_concerns_alone(session, district):
    ticket, _made = submit(
        session, Draft("路灯不亮", "村口三盏路灯不亮。", district.village, "portal"), RESIDENT, at("2026-09-18 09:00")
    )
    dispatcher = actor(session, "dispatcher", district.town)
    handler = actor(session, "handler", district.village)
    ticket.accept(dispatcher, at("2026-09-18 10:00"), tier=Tier.MICRO, category=None)
    leg = ticket.dispatch(district.village, dispatcher, at("2026-09-18 10:30"))
    assert leg.sign_due_at == at("2026-09-18 17:00")
    assert leg.settle_due_at == at("2026-09-22 00:00")
    ticket.sign(handler, at("2026-09-18 17:01"))
    assert leg.signed_late
    with pytest.raises(Refusal):
        ticket.sign(handler, at("2026-09-18 17:02"))
    session.flush()
    assert session.scalar(select(Notice.person_id).where(Notice.event == "new_leg")) == handler.person_id
    with acting_as(handler, at("2026-09-18 18:00"), Scope(paths=(district.village.path,))):
        assert session.scalars(select(Ticket)).all() == [ticket]
    with acting_as(handler, at("2026-09-18 18:00"), Scope(paths=(district.far_village.path,))):
        assert session.scalars(select(Ticket)).all() == []
        assert session.get(Ticket, ticket.id, populate_existing=True) is None

import pytest
import sqlalchemy as sa

from models.acting import NOTHING, Actor, Scope, acting_as, beyond_scope, current_scope, scope_for
from models.attachments import Attachment
from models.events import TicketEvent
from models.legs import Leg
from models.ratings import Reporter
from models.tickets import Ticket
from rules.roles import Role
from tests.factories import actor
from tests.stage import at

NOW = at("2026-09-18 12:00")


def seen(way, model, who: Actor) -> set[int]:
    way.session.flush()
    with acting_as(who, NOW, scope_for(who)):
        return set(way.session.scalars(sa.select(model.id)))


def test_a_unit_sees_what_arose_in_its_subtree_and_what_it_was_given(way):
    here, there = way.submitted(), way.dispatched(unit=way.district.far_village, to=way.district.far_village)
    given = way.dispatched(unit=way.district.far_village, to=way.district.village)
    assert seen(way, Ticket, way.handler) == {here.id, given.id}
    assert seen(way, Ticket, way.far_handler) == {there.id} | {given.id}


@pytest.mark.parametrize("model", [Leg, TicketEvent, Reporter, Attachment])
def test_whatever_hangs_on_a_request_is_seen_by_those_who_see_the_request(way, model):
    way.with_result()
    assert len(seen(way, model, way.handler)) > 0
    assert seen(way, model, way.far_handler) == set()


def test_a_row_out_of_scope_is_not_found_by_its_id_either(way):
    stranger, number = way.far_handler, way.submitted().id
    way.session.expunge_all()
    with acting_as(stranger, NOW, scope_for(stranger)):
        assert way.session.get(Ticket, number) is None
        with beyond_scope():
            assert way.session.get(Ticket, number) is not None


def test_an_update_of_many_rows_stops_at_the_scope(way):
    way.submitted()
    far = way.submitted(unit=way.district.far_village)
    way.session.flush()
    with acting_as(way.handler, NOW, scope_for(way.handler)):
        way.session.execute(sa.update(Ticket).values(address="改"))
    way.session.expire_all()
    assert far.address == ""


def test_a_portal_request_belongs_to_nobody_who_came_without_a_person(way):
    way.submitted()
    way.session.flush()
    with acting_as(way.handler, NOW, NOTHING):
        assert list(way.session.scalars(sa.select(Ticket))) == []
    with acting_as(way.handler, NOW, Scope(paths=(way.district.far_village.path,))):
        assert list(way.session.scalars(sa.select(Ticket))) == []


def test_a_member_sees_the_requests_it_handed_in_itself(way):
    member = actor(way.session, "member", way.district.village)
    way.submitted()
    own = way.submitted()
    own.submitted_by_id = member.person_id
    assert seen(way, Ticket, member) == {own.id}


@pytest.mark.parametrize("role", ["office", "supervisor", "evaluator"])
def test_the_whole_district_is_open_to_those_who_answer_for_it_wherever_they_sit(way, role):
    ticket = way.submitted(unit=way.district.far_village)
    assert seen(way, Ticket, actor(way.session, role, way.district.department)) == {ticket.id}


@pytest.mark.parametrize("role", ["sys_admin", "sec_admin", "audit_admin"])
def test_the_three_administrators_see_no_request(way, role):
    way.submitted()
    assert seen(way, Ticket, actor(way.session, role, way.district.root)) == set()


def test_leaders_who_only_read_see_personal_data_masked(way):
    assert scope_for(actor(way.session, "manager", way.district.root)).masked
    assert not scope_for(way.handler).masked
    both = Actor(1, "x", frozenset({Role.MANAGER, Role.OFFICE}), 1, "x", way.district.root.path)
    assert not scope_for(both).masked


def test_a_web_request_that_named_nobody_sees_nothing(app):
    with app.test_request_context("/"):
        assert current_scope() is NOTHING

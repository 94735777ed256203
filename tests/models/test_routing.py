import pytest

from models.acting import acting_as
from models.categories import Category, Duty
from models.disclosure import disclose, may_read
from models.routing import next_step, proposal, targets
from rules.deadlines import Tier
from rules.refusals import Refusal
from tests.factories import actor
from tests.stage import at
from tests.way import MORNING

TODAY = at("2026-09-18 09:00").date()


def category(session, code: str) -> Category:
    return session.query(Category).filter_by(code=code).one()


def test_a_micro_matter_is_proposed_to_the_village_of_the_place(way):
    found = proposal(way.session, way.submitted(), category(way.session, "2003"))
    assert (found.tier, found.lead) == (Tier.MICRO, "339901001001")


def test_a_minor_matter_is_proposed_to_the_town_of_the_place(way):
    found = proposal(way.session, way.submitted(), category(way.session, "3002"))
    assert (found.tier, found.lead) == (Tier.MINOR, "339901001000")


def test_a_line_of_the_catalogue_that_names_a_unit_is_proposed_before_the_place(way):
    lights = category(way.session, "3002")
    duty = way.session.query(Duty).filter_by(category_id=lights.id).one()
    duty.unit = way.district.department
    way.session.flush()
    found = proposal(way.session, way.submitted(), lights)
    assert found.lead == "339901-JTJ"
    assert found.reason % found.values == "Minor matter: the duty catalogue names this unit for “路灯照明”"


def test_a_line_says_who_entered_it_last(way):
    lights = category(way.session, "3002")
    with acting_as(way.office, at("2026-09-17 23:30")):
        duty = way.session.query(Duty).filter_by(category_id=lights.id).one()
        duty.unit = way.district.department
        duty.enter(way.session)
        way.session.flush()
    found = proposal(way.session, way.submitted(), lights)
    said = "Minor matter: the duty catalogue names this unit for “路灯照明”, entered by 冯调研 on 2026-09-17"
    assert found.reason % found.values == said


def test_a_line_for_a_place_goes_before_one_for_all_and_holds_nowhere_else(way):
    lights, district = category(way.session, "3002"), way.district
    way.session.query(Duty).filter_by(category_id=lights.id).one().unit = district.department
    way.session.add(Duty(category=lights, tier="micro", unit=district.station, place_unit=district.town))
    way.session.flush()
    here, there = way.submitted(), way.submitted(unit=district.far_village)
    assert (proposal(way.session, here, lights).lead, proposal(way.session, here, lights).tier) == (
        "339901-CGZD",
        Tier.MICRO,
    )
    assert proposal(way.session, there, lights).lead == "339901-JTJ"


def test_what_lies_beyond_one_level_down_is_proposed_by_way_of_the_unit_above_it(way):
    district = way.district
    town = actor(way.session, "dispatcher", district.town)
    assert next_step(district.grid, town) == district.village
    assert next_step(district.village, town) == district.village
    assert next_step(district.department, town) == district.department
    assert next_step(district.far_village, town) is None
    assert next_step(district.grid, way.dispatcher) == district.grid
    assert next_step(None, town) is None


def names(way, role: str, unit, typed: str = "") -> list[str]:
    return [found.name for found in targets(way.session, actor(way.session, role, unit), typed, TODAY, 50)]


def test_a_district_dispatches_to_every_unit_of_its_own(way):
    assert len(names(way, "dispatcher", way.district.root)) == 10


def test_a_town_dispatches_below_and_to_the_districts_departments_and_stations(way):
    assert set(names(way, "dispatcher", way.district.town)) == {
        "青石镇",
        "石桥村",
        "蒋湾村",
        "区交通局",
        "城管青石中队",
    }


def test_a_village_dispatches_to_itself_and_its_grids(way):
    assert names(way, "dispatcher", way.district.village) == ["石桥村", "石桥第一网格"]


def test_what_is_typed_is_looked_for_in_names_codes_and_aliases(way):
    assert names(way, "dispatcher", way.district.root, "石桥") == ["石桥村", "石桥第一网格"]
    assert names(way, "dispatcher", way.district.root, "339901-J") == ["区交通局"]
    assert names(way, "dispatcher", way.district.root, "%") == []


def test_all_that_is_offered_is_also_accepted(way):
    for unit in (way.district.root, way.district.town, way.district.village):
        dispatcher = actor(way.session, "dispatcher", unit)
        for target in targets(way.session, dispatcher, "", TODAY, 50):
            ticket = way.submitted()
            ticket.accept(dispatcher, MORNING, tier=Tier.MICRO, category=None)
            assert ticket.dispatch(target, dispatcher, MORNING).unit_id == target.id


def test_a_number_that_was_read_leaves_the_readers_name(way):
    ticket = way.dispatched()
    (reporter,) = disclose(ticket, way.handler, at("2026-09-18 10:00"))
    way.session.flush()
    assert reporter.sealed_mobile == "13800001234"
    assert (ticket.events[-1].action, ticket.events[-1].name, ticket.events[-1].public) == ("shown", "李经办", False)


@pytest.mark.parametrize("role", ["manager", "supervisor", "evaluator", "member"])
def test_those_who_only_look_on_read_no_number(way, role):
    with pytest.raises(Refusal, match="Your role sees personal data masked"):
        may_read(way.dispatched(), actor(way.session, role, way.district.village))


def test_the_handlers_of_another_unit_read_no_number_even_of_a_request_they_see(way):
    ticket = way.dispatched(to=way.district.department)
    with pytest.raises(Refusal, match="Only the unit that handles the request"):
        may_read(ticket, way.handler)


def test_a_confidential_reporter_is_known_to_the_dispatcher_alone(way):
    ticket = way.dispatched(anonymous=True)
    may_read(ticket, way.dispatcher)
    for other in (way.handler, way.leader, way.office):
        with pytest.raises(Refusal, match="asked that only the dispatcher"):
            may_read(ticket, other)

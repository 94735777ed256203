"""A merge or split that is taken back leaves everything as it was before."""

from datetime import date

import pytest
import sqlalchemy as sa

from models.acting import RESIDENT, Actor
from models.categories import Category, Duty
from models.legs import Leg
from models.people import Person
from models.reach import TicketReach
from models.tickets import Ticket
from models.unit_changes import Part, merge, split
from models.units import Unit, UnitAlias
from rules.refusals import Refusal
from rules.roles import Role
from tests.cases import make_leg, make_ticket
from tests.factories import actor, make_household, make_person
from tests.stage import at
from tests.way import Way

NOVEMBER, NOW, LATER = date(2026, 11, 1), at("2026-11-02 09:00"), at("2026-11-02 10:00")


@pytest.fixture
def office(session, district):
    return actor(session, "office", district.root, "冯调研")


@pytest.fixture
def filled(session, district):
    Way(session, district).signed()
    running = make_ticket(session, district.grid, at("2026-10-30 09:00"), "dispatched", lead_unit=district.grid)
    make_leg(session, running, district.grid, "dispatched")
    for place in (district.village, district.grid):
        make_person(session, place, liaison_unit_id=district.village.id)
        make_household(session, place)
    category = session.scalars(sa.select(Category).where(Category.code == "2001")).one()
    session.add_all([Duty(category=category, tier="micro", unit=each) for each in (district.village, district.twin)])
    session.commit()
    return running


def everything(session):
    session.expire_all()
    columns = {
        Unit: ("id", "code", "name", "path", "parent_id", "leader_id", "valid_from", "valid_to", "successor_id"),
        UnitAlias: ("unit_id", "alias"),
        Ticket: ("id", "unit_id", "path", "lead_unit_id", "state"),
        Leg: ("id", "unit_id", "unit_name", "path", "state"),
        Person: ("id", "unit_id", "path", "liaison_unit_id"),
        Duty: ("id", "category_id", "unit_id"),
        TicketReach: ("ticket_id", "place", "state"),
    }
    return {
        noun.__name__: sorted(map(str, session.execute(sa.select(*(noun.__table__.c[name] for name in names)))))
        for noun, names in columns.items()
    }


def test_a_merge_that_is_taken_back_leaves_everything_as_it_was(session, district, office, filled):
    before = everything(session)
    change = merge(session, [district.village], district.twin, NOVEMBER, office, NOW, reason="撤并")[0]
    session.commit()
    assert everything(session) != before
    change.take_back(session, office, LATER)
    session.commit()
    assert everything(session) == before
    assert (change.state, change.into) == ("taken_back", district.twin)
    told = [(event.action, event.data) for event in filled.events]
    there, here = {"from": "石桥第一网格", "to": "石桥第一网格"}, {"from": "石桥第一网格", "to": "石桥第一网格"}
    assert told == [("moved", there), ("moved", here)]
    merge(session, [district.village], district.twin, NOVEMBER, office, LATER, reason="撤并")


def test_a_split_that_is_taken_back_leaves_everything_as_it_was(session, district, office, filled):
    goes = make_person(session, district.village)
    before = everything(session)
    parts = [Part("339901001011", "石东村"), Part("339901001012", "石西村", (district.grid.id,), (goes.id,))]
    change = split(session, district.village, parts, NOVEMBER, office, NOW, reason="拆分")
    session.commit()
    assert goes.unit.name == "石西村"
    change.take_back(session, office, LATER)
    session.commit()
    assert everything(session) == before
    assert (change.state, change.into) == ("taken_back", None)


def test_what_has_been_worked_on_since_is_not_taken_back(session, district, office, filled):
    change = merge(session, [district.village], district.twin, NOVEMBER, office, NOW, reason="撤并")[0]
    session.commit()
    ticket = session.scalars(sa.select(Ticket).where(Ticket.state == "signed")).one()
    person, twin = ticket.lead.handler, district.twin
    handler = Actor(person.id, person.name, frozenset({Role.HANDLER}), twin.id, twin.name, twin.path, twin.kind)
    ticket.contact(handler, LATER, note="已电话联系")
    session.commit()
    with pytest.raises(Refusal, match="worked on since"):
        change.take_back(session, office, LATER)


@pytest.mark.parametrize("what", ["person moved along", "new in the grid"])
def test_nor_is_what_has_changed_or_come_in_since(session, district, office, filled, what):
    change = merge(session, [district.village], district.twin, NOVEMBER, office, NOW, reason="撤并")[0]
    session.commit()
    if what == "new in the grid":
        make_household(session, session.scalars(sa.select(Unit).where(Unit.code == "339901001001-01")).one())
    else:
        session.scalars(sa.select(Person).where(Person.liaison_unit_id == district.twin.id)).first().post = "书记"
    session.commit()
    with pytest.raises(Refusal, match="worked on since"):
        change.take_back(session, office, LATER)


def test_only_what_was_done_is_taken_back_and_only_by_the_office(session, district, office):
    change = merge(session, [district.village], district.twin, date(2026, 12, 1), office, NOW, reason="撤并")[0]
    with pytest.raises(Refusal, match="Only what has been carried out"):
        change.take_back(session, office, LATER)
    with pytest.raises(Refusal, match="Only the research office"):
        change.take_back(session, RESIDENT, LATER)

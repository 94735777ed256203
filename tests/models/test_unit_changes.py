"""石桥村 merges into 蒋湾村 of the same town on 1 November 2026, or splits; what is closed stays."""

from datetime import date

import pytest
import sqlalchemy as sa

from imports.places import Places
from jobs.sweeps import sweep
from models.acting import EVERYTHING, Scope, acting_as, scope_for
from models.categories import Category, Duty
from models.changes import Change
from models.evaluations import active_scheme, compute
from models.legs import Leg
from models.reach import TicketReach
from models.search import Question, mentions
from models.tickets import Ticket
from models.topics import Topic
from models.unit_changes import Part, changes_of, merge, split
from models.units import Unit
from rules.periods import parse_month
from rules.refusals import Refusal
from tests.cases import make_leg, make_rating, make_ticket
from tests.factories import actor, make_household, make_organisation, make_person, unit
from tests.stage import at
from tests.way import Way

NOVEMBER = date(2026, 11, 1)
NOW = at("2026-11-02 09:00")
OLD, HEIR = "/339901000000/339901001000/339901001001/", "/339901000000/339901001000/339901001002/"
OLD_GRID, HEIR_GRID = f"{OLD}339901001001-01/", f"{HEIR}339901001001-01/"


@pytest.fixture
def office(session, district):
    return actor(session, "office", district.root, "冯调研")


@pytest.fixture
def merged(session, district, office):
    def run(olds=None, into=None, from_date=NOVEMBER, by=office, now=NOW):
        return merge(session, olds or [district.village], into or district.twin, from_date, by, now, reason="村社撤并")

    return run


def places(session, ticket):
    rows = sa.select(TicketReach.place).where(TicketReach.ticket_id == ticket.id).order_by(TicketReach.place)
    return list(session.scalars(rows))


def grid_that_goes_on(session):
    return session.scalars(sa.select(Unit).where(Unit.code == "339901001001-01")).one()


def test_the_unit_that_merged_ends_the_day_before_and_names_its_successor(session, district, merged):
    change = merged()[0]
    assert (district.village.valid_to, district.village.successor) == (date(2026, 10, 31), district.twin)
    assert (change.state, change.into, change.done_at) == ("done", district.twin, NOW)
    assert changes_of(session, district.twin) == changes_of(session, district.village) == [change]
    assert {alias.alias for alias in district.twin.aliases} == {"石桥村", "石桥"}


def test_open_requests_move_with_their_legs_and_say_from_where_to_where_and_why(session, district, merged):
    way = Way(session, district)
    ticket = way.signed()
    merged()
    assert (ticket.unit, ticket.path, ticket.lead_unit) == (district.twin, HEIR, district.twin)
    leg = ticket.lead
    assert (leg.unit, leg.unit_name, leg.path, leg.state) == (district.twin, "蒋湾村", HEIR, "signed")
    event = ticket.events[-1]
    assert (event.action, event.name, event.to_unit_name, event.note) == ("moved", "冯调研", "蒋湾村", "村社撤并")
    assert (event.data, event.state_before, event.state_after) == (
        {"from": "石桥村", "to": "蒋湾村"},
        "signed",
        "signed",
    )
    assert places(session, ticket) == ["339901001000", "339901001002"]


def test_closed_requests_stay_with_legs_and_ratings_under_the_old_tree(session, district, merged):
    ticket = make_ticket(session, district.village, at("2026-10-08 09:00"), "rated", settled_at=at("2026-10-09 09:00"))
    leg = make_leg(session, ticket, district.village, "rated")
    rating = make_rating(session, ticket, district.village, 5, at("2026-10-10 09:00"))
    merged()
    assert (ticket.unit, ticket.path) == (district.village, OLD)
    assert (leg.unit, leg.unit_name, leg.path) == (district.village, "石桥村", OLD)
    assert (rating.unit_id, rating.path) == (district.village.id, OLD)
    assert [event.action for event in ticket.events] == []
    assert places(session, ticket) == ["339901001000", "339901001001"]


def test_a_leg_handed_back_long_ago_stays_where_it_was_while_its_request_moves(session, district, merged):
    ticket = make_ticket(session, district.village, at("2026-10-08 09:00"), "dispatched", lead_unit=district.department)
    back = make_leg(session, ticket, district.village, "returned")
    held = make_leg(session, ticket, district.department, "dispatched")
    merged()
    assert (ticket.path, back.path, held.path) == (HEIR, OLD, "/339901000000/339901-JTJ/")
    assert ticket.lead_unit == district.department


def test_a_request_from_elsewhere_that_the_unit_only_helps_with_keeps_its_place(session, district, merged):
    ticket = make_ticket(session, district.far_village, at("2026-10-08 09:00"), "dispatched")
    leg = make_leg(session, ticket, district.village, "dispatched", role="co")
    merged()
    assert (ticket.unit, leg.unit) == (district.far_village, district.twin)
    assert [event.to_unit_name for event in ticket.events] == ["蒋湾村"]


def test_a_grid_goes_on_below_the_successor_under_its_code_and_its_past_stays(session, district, merged):
    closed = make_ticket(session, district.grid, at("2026-10-08 09:00"), "archived", settled_at=at("2026-10-09 09:00"))
    running = make_ticket(session, district.grid, at("2026-10-30 09:00"), "accepted")
    person = make_person(session, district.grid)
    merged()
    heir = grid_that_goes_on(session)
    assert (heir.path, heir.parent, heir.name) == (HEIR_GRID, district.twin, "石桥第一网格")
    assert (heir.valid_from, heir.valid_to) == (NOVEMBER, None)
    assert (district.grid.code, district.grid.path) == ("339901001001-01.261101", OLD_GRID)
    assert (district.grid.valid_to, district.grid.successor) == (date(2026, 10, 31), heir)
    assert (closed.unit, closed.path) == (district.grid, OLD_GRID)
    assert (running.unit, running.path) == (heir, HEIR_GRID)
    assert (person.unit, person.path) == (heir, HEIR_GRID)


def test_a_grid_of_a_name_that_the_successor_has_already_is_told_apart(session, district, merged):
    unit(session, district.village, "339901001001-02", "第二网格", "grid")
    unit(session, district.twin, "339901001002-02", "第二网格", "grid")
    merged()
    names = session.scalars(sa.select(Unit.name).where(Unit.parent_id == district.twin.id).order_by(Unit.name))
    assert sorted(names) == sorted(["石桥第一网格", "第二网格", "石桥村第二网格"])


def test_people_households_and_organisations_follow_and_the_journal_knows(session, district, merged, office):
    person = make_person(session, district.village)
    helper = make_person(session, district.far_village, liaison_unit_id=district.village.id)
    household, firm = make_household(session, district.village), make_organisation(session, district.village)
    merged()
    for row in (person, household, firm):
        assert (row.unit, row.path, row.version) == (district.twin, HEIR, 2)
    assert (helper.liaison_unit, helper.unit) == (district.twin, district.far_village)
    noted = sa.select(Change.details, Change.path, Change.person_id).where(
        Change.subject == "person", Change.subject_id == person.id, Change.action == "changed"
    )
    assert session.execute(noted).all() == [
        (
            {"unit_id": [district.village.id, district.twin.id], "path": [OLD, HEIR]},
            HEIR,
            office.person_id,
        )
    ]


def test_running_topics_move_and_concluded_ones_stay(session, district, merged):
    topics = {stage: Topic(year=2026, title=stage, stage=stage) for stage in ("research", "applied")}
    for topic in topics.values():
        topic.unit, topic.path = district.village, district.village.path
        session.add(topic)
    session.flush()
    merged()
    assert {stage: topic.path for stage, topic in topics.items()} == {"research": HEIR, "applied": OLD}


def test_a_duty_goes_to_the_successor_and_is_not_had_twice(session, district, merged):
    codes = ("2001", "2002")
    one, both = (session.scalars(sa.select(Category).where(Category.code == code)).one() for code in codes)
    for category, holder in ((one, district.village), (both, district.village), (both, district.twin)):
        session.add(Duty(category=category, tier="micro", unit=holder))
    session.flush()
    merged()
    held = session.execute(sa.select(Duty.category_id, Duty.unit_id).where(Duty.unit_id.is_not(None))).all()
    assert sorted(held) == sorted([(one.id, district.twin.id), (both.id, district.twin.id)])


def test_a_duty_that_holds_for_the_place_holds_for_the_successor(session, district, merged):
    category = session.scalars(sa.select(Category).where(Category.code == "2001")).one()
    for place in (district.village, district.twin):
        session.add(Duty(category=category, tier="micro", unit=district.station, place_unit=place))
    session.add(Duty(category=category, tier="micro", unit=district.department, place_unit=district.village))
    session.flush()
    merged()
    held = session.execute(sa.select(Duty.unit_id, Duty.place_id).where(Duty.place_id.is_not(None))).all()
    assert sorted(held) == sorted([(district.station.id, district.twin.id), (district.department.id, district.twin.id)])


def test_the_leader_leads_the_successor_only_where_nobody_does(session, district, merged):
    old, own = make_person(session, district.village, "王书记"), make_person(session, district.twin, "周书记")
    district.village.leader = old
    merged()
    assert district.twin.leader == old
    district.far_village.leader, district.far_twin.leader = old, own
    merged([district.far_village], district.far_twin)
    assert district.far_twin.leader == own


def test_what_october_came_to_is_the_same_after_the_merge(session, district, merged):
    for place in (district.village, district.grid, district.twin):
        ticket = make_ticket(
            session,
            place,
            at("2026-10-08 09:00"),
            "rated",
            accepted_at=at("2026-10-08 09:30"),
            settled_at=at("2026-10-09 09:00"),
            lead_unit=place,
        )
        times = {"sign_due_at": at("2026-10-08 17:00"), "signed_at": at("2026-10-08 10:00")}
        times |= {"settle_due_at": at("2026-10-11 23:00"), "settled_at": at("2026-10-09 09:00")}
        make_leg(session, ticket, place, "rated", **times)
        make_rating(session, ticket, place, 5, at("2026-10-10 09:00"), scored=True)

    def october():
        found = compute(session, parse_month("2026-10"), district.root, NOW, active_scheme(session))
        counts = {(row.unit_id, row.key): (row.numerator, row.denominator) for row in found.scores}
        return [counts[unit.id, key] for unit in (district.village, district.twin) for key in KEYS], found.digest

    before, digest = october()
    assert before == [(2, 2), (2, 2), (2, 2), (2, 2), (1, 1), (1, 1), (1, 1), (1, 1)]
    merged()
    assert october() == (before, digest)


KEYS = ("sign", "on_time", "settle", "satisfaction")


def test_the_villages_of_a_merged_town_keep_october_and_its_digest(session, district, merged):
    ticket = make_ticket(session, district.grid, at("2026-10-08 09:00"), "settled", settled_at=at("2026-10-09 09:00"))
    make_leg(session, ticket, district.grid, sign_due_at=at("2026-10-08 17:00"), signed_at=at("2026-10-08 10:00"))

    def october():
        return compute(session, parse_month("2026-10"), district.root, NOW, active_scheme(session)).digest

    before = october()
    merged([district.far_town], district.town)
    moved = session.scalars(sa.select(Unit).where(Unit.code == "339901002001")).one()
    assert moved.path == "/339901000000/339901001000/339901002001/"
    assert october() == before


def test_whoever_moved_along_reaches_the_open_work_of_the_successor(session, district, merged):
    handler = Way(session, district).handler
    ticket = Way(session, district).dispatched()
    closed = make_ticket(session, district.village, at("2026-10-08 09:00"), "declined")
    merged()
    now_in = actor(session, "handler", district.twin)
    with acting_as(handler, NOW, scope_for(now_in)):
        assert session.scalars(sa.select(Ticket.id)).all() == [ticket.id]
    with acting_as(handler, NOW, Scope(paths=(district.town.path,))):
        assert sorted(session.scalars(sa.select(Ticket.id))) == sorted([ticket.id, closed.id])


def test_words_are_found_in_the_requests_of_the_successor_once_they_moved(session, district, merged):
    ticket = Way(session, district).dispatched()
    typed = ticket.title[:4]

    def found(place):
        return list(
            session.scalars(sa.select(Ticket.id).where(mentions(session, Question(typed, Scope(paths=(place.path,))))))
        )

    assert (found(district.village), found(district.twin)) == ([ticket.id], [])
    merged()
    assert (found(district.village), found(district.twin)) == ([], [ticket.id])


def test_sheets_that_still_write_the_old_name_or_code_mean_the_successor(session, district, merged):
    merged()
    known = Places.load(session, EVERYTHING, date(2026, 11, 2))
    for text in ("石桥村", "石桥", "339901001001"):
        assert known.find(text).code == "339901001002", text
    assert known.find("339901001001-01").path == HEIR_GRID


@pytest.mark.parametrize(
    ("old", "into", "day", "sentence"),
    [
        ("village", "village", NOVEMBER, "A unit cannot merge into itself"),
        ("village", "grid", NOVEMBER, "they are not of the same kind"),
        ("root", "root", NOVEMBER, "A unit cannot merge into itself"),
        ("village", "twin", date(2026, 7, 1), "2026-07-01 is too long ago"),
        ("village", "twin", date(2028, 7, 1), "2028-07-01 is too far ahead"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(session, district, merged, old, into, day, sentence):
    with pytest.raises(Refusal, match=sentence):
        merged([getattr(district, old)], getattr(district, into), day)


def test_nothing_merges_into_a_closed_unit_and_no_closed_unit_merges(session, district, merged):
    district.twin.valid_to = date(2026, 10, 1)
    session.flush()
    with pytest.raises(Refusal, match="蒋湾村 is closed on that day"):
        merged()
    with pytest.raises(Refusal, match="蒋湾村 is closed already"):
        merged([district.twin], district.village)


def test_another_district_is_out_of_reach_from_both_sides(session, district, merged):
    abroad = unit(session, None, "339902000000", "云山区", "district")
    town = unit(session, abroad, "339902001000", "云山镇", "town")
    village = unit(session, town, "339902001001", "云下村", "village")
    with pytest.raises(Refusal, match="云下村 lies in another district"):
        merged(into=village)
    with pytest.raises(Refusal, match="石桥村 lies in another district"):
        merged(by=actor(session, "office", abroad))
    with pytest.raises(Refusal, match="Only the research office"):
        merged(by=actor(session, "dispatcher", district.root))


def test_a_merge_dated_ahead_waits_for_its_day(session, district, merged):
    ticket = Way(session, district).submitted()
    change = merged(from_date=date(2026, 11, 20))[0]
    session.commit()
    sweep(session, at("2026-11-19 23:59"))
    assert (change.state, district.village.valid_to, ticket.path) == ("planned", None, OLD)
    with pytest.raises(Refusal, match="planned already"):
        merged()
    sweep(session, at("2026-11-20 00:01"))
    session.expire_all()
    assert (change.state, district.village.valid_to, ticket.path) == ("done", date(2026, 11, 19), HEIR)
    assert [event.action for event in ticket.events].count("moved") == 1
    sweep(session, at("2026-11-20 00:02"))
    assert [event.action for event in ticket.events].count("moved") == 1


def test_a_planned_merge_whose_successor_closed_meanwhile_says_why_and_moves_nothing(session, district, merged):
    ticket = Way(session, district).submitted()
    change = merged(from_date=date(2026, 11, 20))[0]
    district.twin.valid_to = date(2026, 11, 10)
    session.commit()
    sweep(session, at("2026-11-20 00:01"))
    session.expire_all()
    sentence = "%(unit)s is closed on that day; choose its successor"
    assert (change.state, change.refusal) == ("refused", {"message": sentence, "values": {"unit": "蒋湾村"}})
    assert (ticket.path, district.village.valid_to, grid_that_goes_on(session).path) == (OLD, None, OLD_GRID)


def test_a_planned_merge_is_withdrawn(session, district, merged, office):
    change = merged(from_date=date(2026, 11, 20))[0]
    change.withdraw(office)
    session.commit()
    sweep(session, at("2026-11-21 00:01"))
    assert (change.state, district.village.valid_to) == ("withdrawn", None)
    with pytest.raises(Refusal, match="Only what has not been done yet"):
        change.withdraw(office)


def test_a_village_splits_into_two_and_everything_goes_where_it_was_said_to(session, district, office):
    second = unit(session, district.village, "339901001001-02", "石桥第二网格", "grid")
    stays, goes = make_person(session, district.village), make_person(session, district.village)
    ticket = Way(session, district).submitted()
    in_grid = make_ticket(session, second, at("2026-10-30 09:00"), "accepted")
    parts = [
        Part("339901001011", "石东村"),
        Part("339901001012", "石西村", children=(second.id,), people=(goes.id,)),
    ]
    change = split(session, district.village, parts, NOVEMBER, office, NOW, reason="村社拆分")
    east, west = (session.scalars(sa.select(Unit).where(Unit.name == name)).one() for name in ("石东村", "石西村"))
    assert (change.state, district.village.successor, district.village.valid_to) == ("done", east, date(2026, 10, 31))
    assert (east.kind, east.parent, east.valid_from) == ("village", district.town, NOVEMBER)
    assert {alias.alias for alias in east.aliases} == {"石桥村", "石桥"}
    assert (stays.unit, goes.unit, ticket.unit) == (east, west, east)
    assert in_grid.path == "/339901000000/339901001000/339901001012/339901001001-02/"
    assert grid_that_goes_on(session).path == "/339901000000/339901001000/339901001011/339901001001-01/"
    assert session.scalars(sa.select(Leg)).all() == []


def test_a_split_wants_two_new_units_with_codes_of_their_own(session, district, office):
    for parts, sentence in (
        ([Part("339901001011", "石东村")], "at least two"),
        ([Part("339901001011", "石东村"), Part("339901001002", "石西村")], "code 339901001002 is taken"),
        ([Part("339901001011", "石东村"), Part("339901001011", "石西村")], "same code"),
        ([Part("339901001011", "石东村"), Part("339901001012", " ")], "name"),
    ):
        with pytest.raises(Refusal, match=sentence):
            split(session, district.village, parts, NOVEMBER, office, NOW, reason="村社拆分")

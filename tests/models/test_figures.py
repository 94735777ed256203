import pytest
import sqlalchemy as sa

from models.acting import RESIDENT, Actor, Scope, acting_as
from models.figures import FIGURES, Count, Window, cases, cases_of, figures, outcomes, overall
from models.ratings import Opinion, Resolved
from models.scope import inside
from models.units import move
from rules.periods import parse_month
from tests.cases import make_leg, make_rating, make_ticket
from tests.factories import unit as make_unit
from tests.stage import at

OCTOBER = parse_month("2026-10")
LATER = at("2026-11-20 12:00")
NOBODY = Count(0, 0, 0)


@pytest.fixture
def october(session, district):
    """One figure of one unit in October, seen on 20 November."""

    def figure(unit, key, as_of=LATER):
        session.flush()
        found = figures(session, district.root.path, OCTOBER.start, OCTOBER.end, as_of)
        return found.get(unit.id, {}).get(key, NOBODY)

    return figure


@pytest.fixture
def leg_in(session):
    """A leg of a ticket from the village, with local times as text."""

    def leg(unit, *, state="settled", **times):
        ticket = make_ticket(session, unit, at("2026-10-01 08:00"), "submitted")
        moments = {name: at(value) if name.endswith("_at") else value for name, value in times.items()}
        return make_leg(session, ticket, unit, state, **moments)

    return leg


def test_a_leg_is_signed_in_time_up_to_the_very_moment_it_is_due(district, leg_in, october):
    leg_in(district.village, sign_due_at="2026-10-05 17:00", signed_at="2026-10-05 17:00")
    leg_in(district.village, sign_due_at="2026-10-05 17:00", signed_at="2026-10-05 17:01")
    assert october(district.village, "sign") == Count(1, 2, 0)


def test_what_nobody_signed_is_late_once_it_is_due(district, leg_in, october):
    leg_in(district.village, state="dispatched", sign_due_at="2026-10-05 17:00")
    assert october(district.village, "sign", as_of=at("2026-10-05 16:59")) == NOBODY
    assert october(district.village, "sign", as_of=at("2026-10-05 17:00")) == Count(0, 1, 0)


def test_a_co_handling_leg_counts_for_signing_but_not_for_settling(district, leg_in, october):
    leg_in(
        district.department,
        role="co",
        sign_due_at="2026-10-05 17:00",
        signed_at="2026-10-05 09:00",
        settle_due_at="2026-10-09 00:00",
        settled_at="2026-10-06 10:00",
    )
    assert october(district.department, "sign") == Count(1, 1, 0)
    assert october(district.department, "on_time") == NOBODY


def test_an_old_leg_without_sign_time_is_told_apart(district, leg_in, october):
    leg_in(district.village, sign_due_at="2026-10-05 17:00")
    leg_in(district.village)
    assert october(district.village, "sign") == Count(0, 0, 2)


def test_the_last_midnight_of_a_month_belongs_to_it(district, leg_in, october):
    leg_in(district.village, settle_due_at="2026-11-01 00:00", settled_at="2026-11-01 00:00")
    leg_in(district.village, settle_due_at="2026-10-01 00:00", settled_at="2026-09-30 10:00")
    leg_in(district.village, settle_due_at="2026-10-10 00:00", settled_at="2026-10-10 00:01")
    assert october(district.village, "on_time") == Count(1, 2, 0)


def test_an_open_leg_past_its_due_date_is_late(district, leg_in, october):
    leg_in(district.village, state="handling", settle_due_at="2026-10-10 00:00")
    assert october(district.village, "on_time") == Count(0, 1, 0)


def test_the_clock_stands_still_while_a_result_is_reviewed(district, leg_in, october):
    due = {"settle_due_at": "2026-10-10 00:00"}
    leg_in(district.village, state="pending_review", result_at="2026-10-09 20:00", **due)
    assert october(district.village, "on_time") == NOBODY
    leg_in(district.village, state="pending_review", result_at="2026-10-10 20:00", **due)
    assert october(district.village, "on_time") == Count(0, 1, 0)


def test_an_old_leg_without_due_date_is_told_apart(district, leg_in, october):
    leg_in(district.village, settled_at="2026-10-09 10:00")
    leg_in(district.village, settled_at="2026-11-09 10:00")
    assert october(district.village, "on_time") == Count(0, 0, 1)


def test_the_settle_rate_is_of_the_tickets_accepted_and_settled_by_then(session, district, october):
    def accepted(at_text, settled=None, state="settled", lead=district.village):
        make_ticket(
            session,
            district.village,
            at("2026-09-30 23:00"),
            state if settled else "handling",
            accepted_at=at(at_text),
            settled_at=at(settled) if settled else None,
            lead_unit_id=lead and lead.id,
        )

    accepted("2026-10-01 00:00", "2026-10-03 10:00")
    accepted("2026-10-31 23:59", "2026-11-19 10:00", "archived")
    accepted("2026-10-15 10:00")
    accepted("2026-09-30 23:59", "2026-10-03 10:00")
    accepted("2026-11-01 00:00", "2026-11-03 10:00")
    accepted("2026-10-15 10:00", lead=None)
    assert october(district.village, "settle") == Count(2, 3, 1)
    assert october(district.village, "settle", as_of=at("2026-11-01 00:00")) == Count(1, 3, 1)


def test_the_registration_of_an_old_ticket_stands_for_its_acceptance(session, district, october):
    lead = {"lead_unit_id": district.village.id}
    make_ticket(session, district.village, at("2026-10-08 10:00"), settled_at=at("2026-10-09 10:00"), **lead)
    make_ticket(session, district.village, at("2026-10-08 10:00"), "submitted", **lead)
    make_ticket(session, district.village, at("2026-10-08 10:00"), "declined", **lead)
    assert october(district.village, "settle") == Count(1, 1, 0)


def test_four_stars_satisfy_and_count_for_the_credited_unit_in_the_month_they_were_given(session, district, october):
    ticket = make_ticket(session, district.village, at("2026-09-18 09:00"), settled_at=at("2026-09-20 09:00"))
    for stars, moment in ((5, "2026-10-01 00:00"), (4, "2026-10-31 23:59"), (3, "2026-10-20 10:00")):
        make_rating(session, ticket, district.department, stars, at(moment))
    make_rating(session, ticket, district.department, 5, at("2026-11-01 00:00"))
    make_rating(session, ticket, district.department, 1, at("2026-10-20 10:00"), scored=False)
    make_rating(session, ticket, None, 5, at("2026-10-20 10:00"))
    assert october(district.department, "satisfaction") == Count(2, 3, 0)
    assert october(district.village, "satisfaction") == NOBODY


def test_a_place_answers_for_what_lies_in_it_and_other_units_for_themselves(session, district, leg_in, october):
    due = {"settle_due_at": "2026-10-10 00:00", "settled_at": "2026-10-09 00:00"}
    for unit in (district.grid, district.village, district.twin, district.town, district.far_village):
        leg_in(unit, **due)
    for unit in (district.department, district.station, district.root):
        leg_in(unit, **due)
    counted = {
        name: october(getattr(district, name), "on_time").denominator
        for name in ("grid", "village", "twin", "town", "far_village", "far_town", "department", "station", "root")
    }
    assert counted == {
        "grid": 1,
        "village": 2,
        "twin": 1,
        "town": 4,
        "far_village": 1,
        "far_town": 1,
        "department": 1,
        "station": 1,
        "root": 1,
    }
    assert overall(session, district.root.path, OCTOBER.start, OCTOBER.end, LATER)["on_time"] == Count(8, 8, 0)
    assert overall(session, district.town.path, OCTOBER.start, OCTOBER.end, LATER)["on_time"] == Count(4, 4, 0)


def test_figures_are_the_same_whoever_asks(session, district, leg_in, october):
    leg_in(district.village, sign_due_at="2026-10-05 17:00", signed_at="2026-10-05 09:00")
    with acting_as(Actor(None, "外乡人"), LATER, Scope(paths=(district.far_town.path,))):
        assert october(district.village, "sign") == Count(1, 1, 0)


def test_every_figure_lists_its_cases(session, district, leg_in):
    met = leg_in(district.grid, sign_due_at="2026-10-05 17:00", signed_at="2026-10-05 09:00")
    late = leg_in(district.village, sign_due_at="2026-10-06 17:00", signed_at="2026-10-07 09:00")
    unsigned = leg_in(district.village, state="dispatched", sign_due_at="2026-10-07 17:00")
    old = leg_in(district.village)
    leg_in(district.twin, sign_due_at="2026-10-05 17:00", signed_at="2026-10-05 09:00")
    window = Window(OCTOBER.start, OCTOBER.end, LATER)
    rows = session.execute(cases(FIGURES["sign"](window), district.village)).all()
    assert [(row.Ticket.id, row.outcome) for row in rows] == [
        (met.ticket_id, "met"),
        (late.ticket_id, "missed"),
        (unsigned.ticket_id, "missed"),
        (old.ticket_id, "unknown"),
    ]
    found = session.execute(outcomes(FIGURES["sign"](window), district.village)).all()
    assert [(row.key, row.outcome) for row in found] == [
        (met.id, "met"),
        (late.id, "missed"),
        (unsigned.id, "missed"),
        (old.id, "unknown"),
    ]
    some = session.execute(cases_of(FIGURES["sign"](window), [old.id, met.id])).all()
    assert [row.Ticket.id for row in some] == [met.ticket_id, old.ticket_id]
    assert (rows[1].due_at, rows[1].done_at) == (at("2026-10-06 17:00"), at("2026-10-07 09:00"))


def test_cases_outside_the_scope_are_not_listed(session, district, leg_in):
    leg = leg_in(district.village, sign_due_at="2026-10-05 17:00", signed_at="2026-10-05 09:00")
    asked = FIGURES["sign"](Window(OCTOBER.start, OCTOBER.end, LATER)), district.village
    statement, counts, some = cases(*asked), outcomes(*asked), cases_of(asked[0], [leg.id])
    with acting_as(Actor(None, "外乡人"), LATER, Scope(paths=(district.far_town.path,))):
        assert session.execute(statement).all() == session.execute(counts).all() == session.execute(some).all() == []
    with acting_as(Actor(None, "镇长"), LATER, Scope(paths=(district.town.path,))):
        assert len(session.execute(statement).all()) == 1
        assert [row.outcome for row in session.execute(counts)] == ["met"]
        assert len(session.execute(some).all()) == 1


def test_a_rating_lies_with_the_unit_credited_with_it_and_moves_along(session, way):
    ticket = way.settled()
    rating = ticket.rate(ticket.reporters[0], Opinion(5, Resolved.YES), RESIDENT, at("2026-09-19 09:00"))
    session.flush()
    village, far_town = way.district.village, way.district.far_village.parent
    assert rating.path == village.path
    september = parse_month("2026-09")
    move(session, village, far_town)
    counted = overall(session, far_town.path, september.start, september.end, LATER)
    assert counted["satisfaction"] == Count(1, 1, 0)


@pytest.mark.parametrize("path", ["/1/", "/330111000000/", "/330111000000/330111001000/", "/3301110000001/"])
def test_the_way_by_the_district_finds_the_rows_of_the_subtree_whatever_the_codes_are_like(session, path):
    paths = ["/1/", "/1/2/", "/12/", "/330111000000/", "/330111000000/330111001000/", "/330111000000/330111001000/3/"]
    paths += ["/330111000000/330111002000/", "/3301110000001/", "/3301110000001/5/", "/330112000000/"]
    listed = sa.union_all(*(sa.select(sa.literal(each).label("path")) for each in paths)).subquery().c.path
    assert set(session.scalars(sa.select(listed).where(inside(listed, path)))) == {
        p for p in paths if p.startswith(path)
    }


def test_a_town_answers_for_what_its_units_lead_elsewhere_in_a_district_of_a_short_code(session):
    root = make_unit(session, None, "D1", "短码区", "district")
    town, other = (
        make_unit(session, root, code, name, "town") for code, name in (("T123456789", "东镇"), ("T2", "西镇"))
    )
    times = {"accepted_at": at("2026-10-02 09:00"), "settled_at": at("2026-10-05 09:00")}
    make_ticket(session, other, at("2026-10-02 08:00"), "settled", lead_unit_id=town.id, **times)
    counted = overall(session, town.path, OCTOBER.start, OCTOBER.end, LATER)
    assert counted["settle"] == Count(1, 1, 0)

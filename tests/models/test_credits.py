"""A rating counts for the unit that settled the request and for each that helped, as fixed at settlement."""

import re

import pytest
import sqlalchemy as sa

from models import db
from models.acting import RESIDENT
from models.co_handling import invite
from models.credits import Credit
from models.evaluations import active_scheme, compute
from models.figures import FIGURES, Count, Window, cases, figures, overall
from models.ratings import Opinion, Rating, Reporter, Resolved
from models.schemes import SchemeIndicator
from models.tickets import Ticket
from models.uploads import keep
from rules.periods import parse_month
from tests.asked import Asked
from tests.cases import make_rating, make_ticket
from tests.factories import actor
from tests.stage import at
from tests.way import EVIDENCE

SEPTEMBER = parse_month("2026-09")
LATER = at("2026-10-20 12:00")
WINDOW = Window(SEPTEMBER.start, SEPTEMBER.end, LATER)


@pytest.fixture
def helped(way):
    """Settled by the village with the help of other units, whose parts are done."""

    def settled(*units, stars=5):
        ticket = way.signed()
        for unit in units:
            handler, leader = actor(way.session, "handler", unit), actor(way.session, "unit_leader", unit)
            invite(ticket, unit, way.handler, at("2026-09-18 10:00"), task="查线路")
            ticket.sign(handler, at("2026-09-18 10:30"))
            keep(way.session, ticket, EVIDENCE, handler, at("2026-09-18 11:00"), leg=ticket.leg_of(handler))
            ticket.submit_result(handler, at("2026-09-18 11:00"), result="查了", feedback="已查")
            ticket.settle(leader, at("2026-09-18 11:30"), mode="coordinated")
        keep(way.session, ticket, EVIDENCE, way.handler, at("2026-09-18 12:00"), leg=ticket.lead)
        ticket.submit_result(way.handler, at("2026-09-18 12:00"), result="修好", feedback="已修好")
        ticket.settle(way.leader, at("2026-09-18 13:00"), mode="coordinated")
        if stars:
            ticket.rate(ticket.reporters[0], Opinion(stars, Resolved.YES), RESIDENT, at("2026-09-19 09:00"))
        way.session.flush()
        return ticket

    return settled


def counted(way, unit):
    found = figures(way.session, way.district.root.path, SEPTEMBER.start, SEPTEMBER.end, LATER)
    return found.get(unit.id, {}).get("satisfaction", Count())


def whole(way, unit):
    return overall(way.session, unit.path, SEPTEMBER.start, SEPTEMBER.end, LATER)["satisfaction"]


def opened(way, unit):
    rows = way.session.execute(cases(FIGURES["satisfaction"](WINDOW), unit)).all()
    return [(row.Ticket.number, row.outcome) for row in rows]


def test_lead_and_helpers_have_the_rating_each_and_a_place_around_both_has_it_once(way, helped):
    places = way.district
    good = helped(places.department, places.twin)
    bad = helped(places.department, stars=3)
    alone = helped()
    expected = {
        places.village: Count(2, 3),
        places.department: Count(1, 2),
        places.twin: Count(1, 1),
        places.town: Count(2, 3),
        places.station: Count(),
        places.far_town: Count(),
    }
    assert {unit: counted(way, unit) for unit in expected} == expected
    assert opened(way, places.department) == [(good.number, "met"), (bad.number, "missed")]
    assert opened(way, places.twin) == [(good.number, "met")]
    assert opened(way, places.town) == [(good.number, "met"), (bad.number, "missed"), (alone.number, "met")]


def test_a_town_that_only_helped_has_it_once_however_many_of_its_villages_did(way, helped):
    places = way.district
    ticket = helped(places.far_village, places.far_twin)
    assert counted(way, places.far_town) == Count(1, 1)
    assert opened(way, places.far_town) == [(ticket.number, "met")]
    assert whole(way, places.far_town) == whole(way, places.far_twin) == Count(1, 1)


def test_a_district_counts_every_rating_once(way, helped):
    helped(way.district.department, way.district.twin)
    assert whole(way, way.district.root) == whole(way, way.district.town) == Count(1, 1)


def test_a_settlement_without_credits_counts_for_its_lead(way):
    ticket = make_ticket(way.session, way.district.village, at("2026-09-18 09:00"), settled_at=at("2026-09-20 09:00"))
    make_rating(way.session, ticket, way.district.department, 5, at("2026-09-21 09:00"))
    assert way.session.scalar(sa.select(sa.func.count(Credit.id))) == 0
    assert counted(way, way.district.department) == Count(1, 1)
    assert opened(way, way.district.department) == [(ticket.number, "met")]


def test_each_of_several_reporters_counts_for_all_who_are_credited(way, helped):
    ticket = helped(way.district.department, stars=0)
    ticket.reporters.append(Reporter.named("李大爷", "13900005678"))
    for reporter, stars in zip(ticket.reporters, (5, 3), strict=True):
        ticket.rate(reporter, Opinion(stars, Resolved.YES), RESIDENT, at("2026-09-19 09:00"))
    way.session.flush()
    assert counted(way, way.district.village) == counted(way, way.district.department) == Count(1, 2)


def test_who_only_began_to_help_has_no_part_in_it(way, helped):
    ticket = way.signed()
    invite(ticket, way.district.department, way.handler, at("2026-09-18 10:00"), task="查线路", mandatory=False)
    keep(way.session, ticket, EVIDENCE, way.handler, at("2026-09-18 12:00"), leg=ticket.lead)
    ticket.submit_result(way.handler, at("2026-09-18 12:00"), result="修好", feedback="已修好")
    ticket.settle(way.leader, at("2026-09-18 13:00"), mode="coordinated")
    ticket.rate(ticket.reporters[0], Opinion(5, Resolved.YES), RESIDENT, at("2026-09-19 09:00"))
    way.session.flush()
    assert counted(way, way.district.department) == Count()
    assert not ticket.ratings[0].shared


def test_an_office_may_score_the_resolve_rate_and_sheets_of_before_stay_as_they_were(way, helped):
    helped(way.district.department)
    scheme = active_scheme(way.session)
    keys = [row.key for row in scheme.indicators]
    assert "resolve" not in keys
    before = compute(way.session, SEPTEMBER, way.district.root, LATER, scheme)
    digest = before.digest
    assert compute(way.session, SEPTEMBER, way.district.root, LATER, scheme).digest == digest
    words = {"name": "解决率", "numerator": "回访称已解决的件数", "denominator": "回访到的件数"}
    scheme.indicators.append(SchemeIndicator(key="resolve", **words, target=1, full=15, k=1, position=9))
    way.session.flush()
    october = compute(way.session, parse_month("2026-10"), way.district.root, LATER, scheme)
    assert [each.key for each in october.indicators] == [*keys, "resolve"]
    assert [each.key for each in before.indicators] == keys


BY_THE_DISTRICT = r"<expr>=\?|substr\(.* = "


def test_what_is_shared_is_read_from_its_part_of_an_index_and_nothing_is_read_whole(way, helped):
    helped(way.district.department)
    model = way.session.scalars(sa.select(Rating)).one()
    columns = {each.name: getattr(model, each.key) for each in sa.inspect(Rating).columns if each.name != "id"}
    rows = [columns | {"shared": False, "reporter_id": None} for _ in range(3000)]
    more = {"source": "portal", "title": "诉求", "text": "内容", "unit_id": model.unit_id, "path": model.path}
    asked_in = [{**more, "submitted_at": at("2026-09-01 09:00"), "state": "submitted"} for _ in range(2000)]
    way.session.execute(
        sa.insert(Ticket), [each | {"number": f"N{n}", "tracking_code": f"C{n}"} for n, each in enumerate(asked_in)]
    )
    people = [{"ticket_id": model.ticket_id} for _ in rows]
    way.session.execute(sa.insert(Reporter), people)
    ids = way.session.scalars(sa.select(Reporter.id).where(Reporter.id != model.reporter_id)).all()
    way.session.execute(sa.insert(Rating), [row | {"reporter_id": key} for row, key in zip(rows, ids, strict=True)])
    way.session.execute(sa.text("ANALYZE"))
    if way.session.get_bind().dialect.name == "postgresql":
        way.session.execute(sa.text("UPDATE pg_class SET reltuples = 400000 WHERE relname IN ('rating', 'ticket')"))
    way.session.commit()
    with Asked(db.engine) as asked:
        counted(way, way.district.department)
        for place in (way.district.root, way.district.town):
            whole(way, place)
        opened(way, way.district.department)
    assert asked.scans() == []
    shared = [statement for statement, _parameters in asked.made if "credit" in statement]
    assert len(shared) == 3
    assert [each for each in asked.entries("rating") if not re.search(rf"{BY_THE_DISTRICT}|\bid = |rowid=", each)] == []

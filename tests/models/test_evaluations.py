import random
from datetime import timedelta
from decimal import Decimal

import pytest

from models.evaluations import active_scheme, compute, only_district
from models.figures import cases, figures
from models.schemes import Scheme
from rules.periods import parse_month
from rules.refusals import Refusal
from tests.cases import make_leg, make_rating, make_ticket
from tests.counting import told
from tests.factories import unit
from tests.stage import at

OCTOBER = parse_month("2026-10")
LATER = at("2026-11-20 12:00")


@pytest.fixture
def evaluated(session, district):
    def run(period=OCTOBER, as_of=LATER):
        return compute(session, period, district.root, as_of, active_scheme(session))

    return run


@pytest.fixture
def ten_legs(session, district):
    """The village signed nine of ten in time, all in October."""
    for number in range(10):
        ticket = make_ticket(session, district.village, at("2026-10-08 09:00"), "handling")
        signed = at("2026-10-08 18:00") if number == 0 else at("2026-10-08 10:00")
        make_leg(session, ticket, district.village, "signed", sign_due_at=at("2026-10-08 17:00"), signed_at=signed)


def scores_of(evaluation, unit):
    return {
        row.key: (row.numerator, row.denominator, row.unknown, row.score)
        for row in evaluation.scores
        if row.unit_id == unit.id
    }


def test_a_rate_eight_points_below_its_target_costs_eight_marks(evaluated, ten_legs, district):
    assert scores_of(evaluated(), district.village)["sign"] == (9, 10, 0, Decimal("12.00"))


def test_a_month_without_cases_lists_every_unit_with_empty_figures(evaluated, district):
    evaluation = evaluated()
    assert scores_of(evaluation, district.far_twin) == {
        "sign": (0, 0, 0, None),
        "on_time": (0, 0, 0, None),
        "settle": (0, 0, 0, None),
        "satisfaction": (0, 0, 0, None),
    }
    names = sorted({row.unit.name for row in evaluation.scores})
    assert names == ["区交通局", "城管青石中队", "沙口村", "清溪区", "白沙乡", "石桥村", "蒋湾村", "青石镇"]
    assert len(evaluation.scores) == 9 * 4


def test_computing_the_same_cases_again_gives_the_same_digest(evaluated, ten_legs):
    first = evaluated()
    digest, number = first.digest, first.id
    again = evaluated(as_of=LATER + timedelta(hours=1))
    assert (again.id, again.digest) == (number, digest)
    assert len(digest) == 64


def test_one_more_case_changes_the_digest(session, evaluated, ten_legs, district):
    before = evaluated().digest
    ticket = make_ticket(session, district.village, at("2026-10-08 09:00"), "handling")
    make_leg(session, ticket, district.village, "dispatched", sign_due_at=at("2026-10-09 17:00"))
    assert evaluated().digest != before


def test_a_sheet_keeps_the_scheme_it_was_computed_with(session, evaluated, ten_legs, district):
    evaluation = evaluated()
    scheme = active_scheme(session)
    scheme.indicators[0].target = Decimal("0.80")
    session.flush()
    assert evaluation.indicators[0].target == Decimal("0.98")
    assert scores_of(evaluated(), district.village)["sign"] == (9, 10, 0, Decimal("20.00"))


def test_units_that_ended_before_the_month_are_left_out_unless_they_have_cases(session, evaluated, district):
    ended = {"valid_to": OCTOBER.first - timedelta(days=1)}
    gone = unit(session, district.town, "339901001003", "旧溪村", "village", **ended)
    busy = unit(session, district.town, "339901001004", "旧桥村", "village", **ended)
    last = unit(session, district.town, "339901001005", "旧路村", "village", valid_to=OCTOBER.first)
    new = unit(session, district.town, "339901001006", "新路村", "village", valid_from=OCTOBER.after)
    ticket = make_ticket(session, busy, at("2026-09-08 09:00"), "handling")
    make_rating(session, ticket, busy, 5, at("2026-10-03 09:00"))
    listed = {row.unit_id for row in evaluated().scores}
    assert {each.name for each in (gone, busy, last, new) if each.id in listed} == {"旧桥村", "旧路村"}


def test_every_score_opens_its_cases(session, evaluated, ten_legs, district):
    rows = session.execute(cases(evaluated().figure("sign"), district.village)).all()
    assert [row.outcome for row in rows] == ["missed", *["met"] * 9]
    with pytest.raises(Refusal, match="no figure “speed”"):
        evaluated().figure("speed")


def test_the_district_is_found_only_where_there_is_exactly_one(session, district):
    assert only_district(session) is district.root
    unit(session, None, "339902000000", "溪南区", "district")
    with pytest.raises(Refusal, match="more than one district"):
        only_district(session)


def test_without_a_district_or_a_scheme_there_is_nothing_to_evaluate(session):
    with pytest.raises(Refusal, match="no district yet"):
        only_district(session)
    session.query(Scheme).update({"active": False})
    with pytest.raises(Refusal, match="No evaluation scheme"):
        active_scheme(session)


def moments(chance, first, days):
    """A moment at an odd hour, on the hour or exactly at midnight; sometimes none."""
    hours = chance.choice([0, 0, chance.randrange(24)])
    return chance.choice([None, *[first + timedelta(days=chance.randrange(days), hours=hours)] * 4])


def random_cases(session, district, chance):
    """Rows put into the tables, and the same facts as plain dictionaries."""
    units = list(vars(district).values())
    facts = []
    for _ in range(300):
        state = chance.choice(["submitted", "dispatched", "handling", "pending_review", "settled", "rated", "declined"])
        settled_at = at("2026-10-20 09:00") + timedelta(hours=chance.randrange(-500, 900))
        fact = {
            "state": state,
            "submitted_at": at("2026-09-25 00:00") + timedelta(hours=chance.randrange(1000)),
            "accepted_at": moments(chance, at("2026-09-28 00:00"), 40),
            "settled_at": settled_at if state in ("settled", "rated") else None,
            "place": chance.choice(units),
            "lead": chance.choice([None, *units]),
        }
        ticket = make_ticket(
            session,
            fact["place"],
            fact["submitted_at"],
            state,
            accepted_at=fact["accepted_at"],
            settled_at=fact["settled_at"],
            lead_unit_id=fact["lead"] and fact["lead"].id,
        )
        fact["legs"] = [random_leg(session, ticket, units, chance) for _ in range(chance.randrange(3))]
        fact["ratings"] = [random_rating(session, ticket, units, chance) for _ in range(chance.randrange(2))]
        facts.append(fact)
    return facts


def random_leg(session, ticket, units, chance):
    names = ("sign_due_at", "signed_at", "settle_due_at", "settled_at", "result_at")
    leg = {name: moments(chance, at("2026-09-28 00:00"), 38) for name in names}
    leg["state"] = chance.choice(["dispatched", "signed", "handling", "pending_review", "settled"])
    leg["role"] = chance.choice(["lead", "lead", "co"])
    unit = chance.choice(units)
    make_leg(session, ticket, unit, **leg)
    return leg | {"unit": unit, "submitted_at": ticket.submitted_at}


def random_rating(session, ticket, units, chance):
    rating = {
        "stars": chance.randint(1, 5),
        "at": at("2026-09-28 00:00") + timedelta(hours=chance.randrange(900)),
        "scored": chance.random() < 0.7,
    }
    unit = chance.choice(units)
    make_rating(session, ticket, unit, **rating)
    return rating | {"unit": unit}


def answering(unit, district):
    """Who answers for a unit of the small district, written out."""
    names = {
        district.grid.id: (district.grid, district.village, district.town),
        district.village.id: (district.village, district.town),
        district.twin.id: (district.twin, district.town),
        district.far_village.id: (district.far_village, district.far_town),
        district.far_twin.id: (district.far_twin, district.far_town),
    }
    return names.get(unit.id, (unit,))


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("as_of", ["2026-10-15 10:00", "2026-11-20 12:00"])
def test_the_figures_agree_with_counting_by_hand(session, district, seed, as_of):
    facts = random_cases(session, district, random.Random(seed))
    expected = {}
    for fact in facts:
        for key, held_by, outcome in told(fact, at(as_of)):
            for unit_ in answering(held_by, district):
                counted = expected.setdefault((unit_.id, key), [0, 0, 0])
                counted[0] += outcome == "met"
                counted[1] += outcome != "unknown"
                counted[2] += outcome == "unknown"
    found = figures(session, district.root.path, OCTOBER.start, OCTOBER.end, at(as_of))
    counted = {
        (unit_id, key): [count.numerator, count.denominator, count.unknown]
        for unit_id, counts in found.items()
        for key, count in counts.items()
        if count.denominator or count.unknown
    }
    assert len(expected) > 30
    assert counted == expected

"""Nobody keeps a request going between units: by all means together it comes to rest after so many hand-overs."""

import random
from datetime import timedelta
from itertools import pairwise

import pytest

from models.applying import Ask, ask, grant
from models.passing import delegate, escalate, recall
from rules.applications import ApplicationKind
from rules.dispatching import may_dispatch
from rules.parcels import Passing, is_second_return, refuse_again, refuse_back, refuse_taking_back
from rules.refusals import Refusal
from rules.units import UnitKind
from tests.factories import actor
from tests.stage import at

DISTRICT, TOWN, VILLAGE, DEPARTMENT = 1, 2, 3, 4
PATHS = {
    DISTRICT: (UnitKind.DISTRICT, "/d/"),
    TOWN: (UnitKind.TOWN, "/d/t/"),
    VILLAGE: (UnitKind.VILLAGE, "/d/t/v/"),
    DEPARTMENT: (UnitKind.DEPARTMENT, "/d/j/"),
}
ABOVE = {TOWN: DISTRICT, VILLAGE: TOWN, DEPARTMENT: DISTRICT}
MEETING = "meeting"


def allowed(check, *asked) -> bool:
    try:
        check(*asked)
    except Refusal:
        return False
    return True


def below(unit: int) -> list[int]:
    return [other for other in PATHS if other != unit and may_dispatch(*PATHS[unit], *PATHS[other])]


def ended(way, how: str):
    return (*way[:-1], Passing(way[-1].giver, way[-1].unit, how))


def follow_ups(way):
    """Every hand-over that the rules leave to anybody: whoever holds it, whoever gave it, any dispatcher."""
    *before, last = way
    if last.ended in ("returned", "recalled"):
        return [(*way, Passing(DISTRICT, to, None)) for to in PATHS if allowed(refuse_back, way, to)]
    found = [MEETING if is_second_return(way, to) else ended(way, "returned") for to in (None, *PATHS)]
    for how, to in [("escalated", ABOVE.get(last.unit)), *(("delegated", to) for to in below(last.unit))]:
        if to is not None and allowed(refuse_again, way, to):
            found.append((*ended(way, how), Passing(last.unit, to, None)))
    by_hand = bool(before) and before[-1].ended in ("escalated", "delegated")
    if not by_hand and allowed(refuse_taking_back, way):
        found.append(ended(way, "recalled"))
    return found


def what_counts(way):
    """All of a way that any rule asks for: two that agree in it go on alike."""
    pairs = list(pairwise(way))
    of = {how: frozenset(one.unit for one in way[:-1] if one.ended == how) for how in ("returned", "recalled")}
    back = frozenset(frozenset((one.unit, two.unit)) for one, two in pairs if one.ended == "returned")
    handed = frozenset((one.unit, two.unit) for one, two in pairs if one.ended in ("escalated", "delegated"))
    came = (way[-2].unit, way[-2].ended) if len(way) > 1 else None
    return way[-1].unit, way[-1].ended, came, of["returned"], of["recalled"], back, handed


@pytest.mark.parametrize("units", [(TOWN, VILLAGE), (TOWN, VILLAGE, DEPARTMENT)])
def test_breadth_first_over_the_rules_every_way_comes_to_rest(units, monkeypatch):
    monkeypatch.setattr(f"{__name__}.PATHS", {unit: PATHS[unit] for unit in units})
    monkeypatch.setattr(f"{__name__}.ABOVE", {unit: up for unit, up in ABOVE.items() if up in units})
    seen, front, longest = set(), [(Passing(DISTRICT, unit, None),) for unit in units], 0
    while front:
        coming = {}
        for way in front:
            after = [each for each in follow_ups(way) if each is not MEETING]
            assert follow_ups(way), f"nobody can do anything any more: {way}"
            coming |= {what_counts(each): each for each in after if what_counts(each) not in seen}
            longest = max(longest, len(way))
        seen |= set(coming)
        front = list(coming.values())
    assert longest <= 6 * len(units)


BOUND = 30


@pytest.mark.parametrize("seed", range(6))
def test_cunning_people_come_to_the_end_of_their_means(way, seed):
    """They return, escalate, delegate, dispatch and take back whatever is not refused, all for each other, and shun
    the meeting."""
    draw, place = random.Random(seed), way.district
    places = [place.root, place.town, place.village, place.department]
    staff = {unit.id: actor(way.session, "handler", unit) for unit in places}
    above = [actor(way.session, "dispatcher", place.root), actor(way.session, "dispatcher", place.town)]
    ticket, now = way.accepted(at("2026-09-18 09:00")), at("2026-09-18 09:00")
    handed = 0
    for _ in range(20 * BOUND):
        now += timedelta(seconds=10)
        means = tricks(ticket, staff, above, places, now)
        draw.shuffle(means)
        if not any(worked(way.session, trick) for trick in means):
            break
        handed = len(ticket.legs)
        if ticket.state == "dispatched" and draw.random() < 0.6:
            ticket.sign(staff[ticket.lead.unit_id], now)
    else:
        pytest.fail(f"still on its way after {handed} hand-overs")
    assert 5 < handed <= BOUND
    assert ticket.state in ("dispatched", "signed")


def tricks(ticket, staff, above, places, now):
    def returned(by, to):
        application = ask(ticket, Ask(ApplicationKind.RETURN, "r", "不归我们", unit=to), by, now)
        grant(ticket, application, above[0], now)
        if ticket.meeting is not None:
            raise Refusal("a meeting would end it")

    if ticket.state in ("accepted", "returned"):
        return [lambda to=to, by=by: ticket.dispatch(to, by, now) for to in places for by in above]
    holder = staff[ticket.lead.unit_id]
    return [
        *(lambda to=to: returned(holder, to) for to in (None, *places)),
        *(lambda by=by: recall(ticket, by, now, reason="派错了") for by in above),
        lambda: escalate(ticket, holder, now, opinion="办不了"),
        *(lambda to=to: delegate(ticket, to, holder, now, note="请办") for to in places),
        lambda: worth_signing(ticket, holder, now),
    ]


def worth_signing(ticket, holder, now):
    ticket.sign(holder, now)


def worked(session, trick) -> bool:
    try:
        with session.begin_nested():
            trick()
    except Refusal:
        return False
    return True

"""Re-opened requests of an invented town: there are some, and they went the way the console's own doors lead."""

import re
from collections import Counter

from models.figures import figures
from tests.counting import told
from tests.imports.demo.test_town import moment
from tests.stage import at

WAY = re.compile(
    "submit accept dispatch "
    "(sign (contact )?submit_result (send_back submit_result )*settle rate reopen ){1,2}"
    "(?!.*reopen).*"
)
STATES = {
    "submit": {("", "submitted")},
    "accept": {("submitted", "accepted")},
    "dispatch": {("accepted", "dispatched")},
    "sign": {("dispatched", "signed")},
    "contact": {("signed", "handling")},
    "submit_result": {("signed", "pending_review"), ("handling", "pending_review")},
    "send_back": {("pending_review", "handling")},
    "settle": {("pending_review", "settled")},
    "rate": {("settled", "rated")},
    "reopen": {("rated", "dispatched")},
    "expire_rating": {("settled", "unrated")},
    "archive": {("rated", "archived"), ("unrated", "archived")},
}
REOPENED = "SELECT ticket_id FROM leg WHERE seq > 1"
PLACES = ("town", "village", "grid", "micro_grid", "estate")


def test_some_are_re_opened_some_of_them_twice_and_most_are_settled_and_often_rated_again(ask):
    legs = dict(ask("SELECT seq, count(*) FROM leg GROUP BY seq"))
    assert set(legs) == {1, 2, 3}
    assert 150 < legs[2] < 350
    assert 5 < legs[3] < 40
    states = dict(ask("SELECT t.state, count(*) FROM ticket t JOIN leg l ON l.ticket_id = t.id AND seq = 2 GROUP BY 1"))
    assert states["archived"] > 100
    assert set(states) & {"dispatched", "signed", "handling", "pending_review"}
    ((second, better),) = ask("""SELECT count(*), sum(CASE WHEN stars > 3 THEN 1 ELSE 0 END) FROM rating r
                                 JOIN leg l ON l.id = r.leg_id WHERE l.seq = 2""")
    assert second > 60
    assert second / 2 < better < second


def test_their_events_follow_each_other_as_the_lifecycle_has_it(ask):
    rows = ask(f"""SELECT ticket_id, action, state_before, state_after FROM ticket_event
                   WHERE ticket_id IN ({REOPENED}) ORDER BY ticket_id, id""")
    ways: dict[int, str] = {}
    for ticket, action, before, after in rows:
        assert (before, after) in STATES[action]
        ways[ticket] = ways.get(ticket, "") + action + " "
    assert len(ways) > 150
    assert [way for way in ways.values() if not WAY.fullmatch(way)] == []


def test_what_is_rated_badly_is_re_opened_at_that_moment_and_nothing_else_is(ask):
    bad = ask("""SELECT r.ticket_id, l.seq + 1, r.at FROM rating r JOIN leg l ON l.id = r.leg_id
                 WHERE (r.stars < 3 OR r.resolved = 'no') AND l.seq < 3 ORDER BY 1, 2""")
    assert bad == ask("""SELECT l.ticket_id, l.seq, l.dispatched_at FROM leg l WHERE seq > 1 ORDER BY 1, 2""")
    assert bad == ask("""SELECT e.ticket_id, l.seq, e.at FROM ticket_event e JOIN leg l ON l.id = e.leg_id
                         WHERE e.action = 'reopen' AND e.public AND e.name = '系统' AND e.to_unit_name = l.unit_name
                         ORDER BY 1, 2""")


def test_an_earlier_leg_stays_settled_and_the_request_is_so_only_with_its_last(ask):
    earlier = "l.seq < (SELECT max(seq) FROM leg WHERE ticket_id = t.id)"
    assert ask(f"""SELECT l.id FROM leg l JOIN ticket t ON t.id = l.ticket_id LEFT JOIN rating r ON r.leg_id = l.id
                   WHERE {earlier} AND (l.state <> 'settled' OR l.settled_at IS NULL OR l.disposal_mode IS NULL
                     OR l.handler_id IS NULL OR l.remind_at IS NOT NULL OR r.id IS NULL
                     OR t.settled_at <= l.settled_at)""") == []  # fmt: skip
    assert ask("""SELECT t.id FROM ticket t JOIN leg l ON l.ticket_id = t.id
                  WHERE t.first_unit_id <> l.unit_id""") == []  # fmt: skip
    assert ask("SELECT ticket_id FROM leg GROUP BY ticket_id HAVING max(seq) <> count(*)") == []


def test_unit_and_supervisor_have_been_told_of_the_latest(ask):
    people = dict(ask("""SELECT r.name, count(*) FROM notice n JOIN account a ON a.person_id = n.person_id
                         JOIN ab_user_role ur ON ur.user_id = a.user_id JOIN ab_role r ON r.id = ur.role_id
                         WHERE n.event = 'reopened' GROUP BY r.name"""))  # fmt: skip
    assert people["supervisor"] > 1
    assert set(people) <= {"supervisor", "handler", "unit_leader"}
    assert ask(f"""SELECT id FROM notice WHERE event = 'reopened'
                   AND (ticket_id NOT IN ({REOPENED}) OR message NOT LIKE '%re-opened%')""") == []  # fmt: skip


def dated(row, names):
    return {name: value if value is None else moment(value) for name, value in zip(names, row, strict=True)}


def facts(ask):
    """The town's requests as the oracle reads them; units by their ids."""
    times = ("submitted_at", "accepted_at", "settled_at")
    found = {
        key: dated(row, times) | {"state": state, "place": place, "lead": lead, "legs": [], "ratings": []}
        for key, state, place, lead, *row in ask(
            "SELECT id, state, unit_id, lead_unit_id, submitted_at, accepted_at, settled_at FROM ticket"
        )
    }
    times = ("sign_due_at", "signed_at", "settle_due_at", "settled_at", "result_at")
    for key, state, role, unit, *row in ask(f"SELECT ticket_id, state, role, unit_id, {', '.join(times)} FROM leg"):
        common = {"state": state, "role": role, "unit": unit, "submitted_at": found[key]["submitted_at"]}
        found[key]["legs"].append(dated(row, times) | common)
    for key, stars, scored, unit, given in ask("SELECT ticket_id, stars, scored, unit_id, at FROM rating"):
        found[key]["ratings"].append({"stars": stars, "scored": scored, "unit": unit, "at": moment(given)})
    return found


def answering(ask):
    """Unit → those that answer for it: a place and the places it lies in, any other by itself."""
    units = ask("SELECT id, path, kind FROM unit")
    places = {path: key for key, path, kind in units if kind in PLACES}
    return {
        key: [place for around, place in places.items() if path.startswith(around)] if kind in PLACES else [key]
        for key, path, kind in units
    }


def test_the_figures_of_every_unit_agree_with_counting_by_hand(town, ask):
    as_of, above = at("2026-11-20 00:00"), answering(ask)
    expected: dict[tuple[int, str], Counter] = {}
    for fact in facts(ask).values():
        for key, held_by, outcome in told(fact, as_of):
            for unit in above[held_by]:
                expected.setdefault((unit, key), Counter())[outcome] += 1
    found = figures(town, "/339901000000/", at("2026-10-01 00:00"), at("2026-11-01 00:00"), as_of)
    counted = {
        (unit, key): {"met": count.numerator, "missed": count.denominator - count.numerator, "unknown": count.unknown}
        for unit, counts in found.items()
        for key, count in counts.items()
        if count.denominator or count.unknown
    }
    assert len(expected) > 200
    assert {key: Counter(each) for key, each in counted.items()} == expected

"""The rows of an invented town keep the promises that the console's own doors keep, asked with SQL of their own."""

from datetime import UTC, datetime, timedelta
from statistics import median

import pytest
import sqlalchemy as sa

from models.acting import EVERYTHING
from models.figures import overall
from models.numbers import next_number
from models.people import Person
from models.ratings import Reporter
from models.search import Question, mentions
from models.search_index import fill
from models.tickets import Ticket
from rules.identity import credit_code_problem, id_number_problem, is_mobile
from tests.stage import at

END = datetime(2026, 11, 19, 16, tzinfo=UTC)
"""The first minute of 20 November in the district."""
LAST = "l.seq = (SELECT max(seq) FROM leg WHERE ticket_id = t.id)"


def moment(value):
    """SQLite hands back text."""
    read = datetime.fromisoformat(value) if isinstance(value, str) else value
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read


def test_the_town_has_the_size_it_was_asked_for(ask):
    counts = [ask(f"SELECT count(*) FROM {table}")[0][0] for table in ("unit", "person", "ticket", "reporter")]
    assert counts == [200, 500, 3500, 3500]
    assert [ask(f"SELECT count(*) FROM {table}")[0][0] for table in ("household", "organisation")] == [900, 140]
    kinds = dict(ask("SELECT kind, count(*) FROM unit GROUP BY kind"))
    assert (kinds["district"], kinds["town"], kinds["village"], kinds["grid"]) == (1, 1, 25, 50)


def test_every_unit_hangs_by_its_parent_s_path_and_everything_placed_bears_its_unit_s(ask):
    assert (
        ask("""SELECT u.code FROM unit u LEFT JOIN unit p ON p.id = u.parent_id
                  WHERE u.path <> coalesce(p.path, '/') || u.code || '/'""")
        == []
    )
    assert ask("SELECT t.id FROM ticket t JOIN unit u ON u.id = t.unit_id WHERE t.path <> u.path") == []
    assert ask("SELECT p.id FROM person p JOIN unit u ON u.id = p.unit_id WHERE p.path <> u.path") == []
    assert (
        ask("""SELECT l.id FROM leg l JOIN unit u ON u.id = l.unit_id JOIN ticket t ON t.id = l.ticket_id
                  WHERE l.path <> u.path OR l.unit_name <> u.name OR t.lead_unit_id <> u.id""")
        == []
    )
    assert ask("SELECT t.id FROM ticket t JOIN unit u ON u.id = t.unit_id WHERE u.valid_to IS NOT NULL") == []


def test_households_and_organisations_lie_in_living_villages_and_are_told_apart(ask):
    for table in ("household", "organisation"):
        wrong = (
            f"SELECT 1 FROM {table} o JOIN unit u ON u.id = o.unit_id WHERE o.path <> u.path OR u.valid_to IS NOT NULL"
        )
        assert ask(wrong) == []
        assert {kind for (kind,) in ask(f"SELECT u.kind FROM {table} o JOIN unit u ON u.id = o.unit_id")} == {
            "village",
            "grid",
        }
    codes = [code for (code,) in ask("SELECT credit_code FROM organisation WHERE credit_code IS NOT NULL")]
    assert len(codes) > 120
    assert [code for code in codes if credit_code_problem(code)] == []
    assert ask("SELECT name FROM organisation GROUP BY name HAVING count(*) > 1") == []
    assert ask("SELECT count(*) FROM organisation WHERE (credit_code IS NULL) <> (kind = 'project')") == [(0,)]
    labelled = ask("SELECT count(*) FROM household WHERE labels <> ''")[0][0]
    assert 40 < labelled < 130
    assert ask("SELECT min(length(number)), max(length(number)) FROM household") == [(12, 12)]
    kept = ask("SELECT count(*) FROM change WHERE subject IN ('household', 'organisation') AND action = 'added'")
    assert kept == [(1040,)]


def test_every_state_has_its_trail_of_events_in_order(ask):
    trail = """SELECT ticket_id, action, state_before, state_after, at,
                      lag(state_after) OVER w AS came_from, lag(at) OVER w AS earlier,
                      row_number() OVER w AS place, lead(id) OVER w AS later
               FROM ticket_event WINDOW w AS (PARTITION BY ticket_id ORDER BY id)"""
    assert ask(f"SELECT * FROM ({trail}) AS e WHERE place = 1 AND (action <> 'submit' OR state_before <> '')") == []
    assert ask(f"SELECT * FROM ({trail}) AS e WHERE place > 1 AND (state_before <> came_from OR at < earlier)") == []
    assert (
        ask(f"""SELECT t.id FROM ({trail}) AS e JOIN ticket t ON t.id = e.ticket_id
                   WHERE (later IS NULL AND state_after <> t.state) OR (place = 1 AND e.at <> t.submitted_at)""")
        == []
    )
    assert (
        ask("""SELECT t.id FROM ticket t WHERE version <>
                  (SELECT count(*) FROM ticket_event e WHERE e.ticket_id = t.id)""")
        == []
    )
    ((last,),) = ask("SELECT max(at) FROM ticket_event")
    assert moment(last) < END


def test_nobody_acts_who_may_not(ask):
    """Leaders settle what others handled; whoever signs belongs to the unit; residents and jobs have no name."""
    assert (
        ask("""SELECT e.id FROM ticket_event e JOIN leg l ON l.id = e.leg_id
                  WHERE e.action IN ('settle', 'send_back') AND e.person_id = l.handler_id""")
        == []
    )
    assert (
        ask("""SELECT e.id FROM ticket_event e JOIN leg l ON l.id = e.leg_id JOIN person p ON p.id = e.person_id
                  WHERE e.action <> 'dispatch' AND (p.unit_id <> l.unit_id OR p.name <> e.name)""")
        == []
    )
    assert ask("""SELECT DISTINCT name FROM ticket_event WHERE action IN ('rate', 'archive', 'expire_rating')
                  ORDER BY name""") in ([("系统",), ("群众",)], [("群众",), ("系统",)])
    assert ask("""SELECT DISTINCT action FROM ticket_event WHERE NOT public ORDER BY action""") == [
        ("archive",), ("expire_rating",), ("send_back",), ("submit_result",)]  # fmt: skip


def test_whatever_is_in_hand_is_in_the_hands_of_somebody_on_duty_at_its_unit(ask):
    ((held,),) = ask("SELECT count(*) FROM leg WHERE state IN ('signed', 'handling', 'pending_review')")
    assert held > 20
    assert (
        ask("""SELECT l.id FROM leg l LEFT JOIN person p ON p.id = l.handler_id
                  WHERE l.state IN ('signed', 'handling', 'pending_review', 'settled')
                    AND (p.id IS NULL OR p.unit_id <> l.unit_id OR p.employment <> 'active')""")
        == []
    )


def test_what_is_settled_says_when_by_whom_and_until_when_it_may_be_rated(ask):
    assert (
        ask(f"""SELECT t.id FROM ticket t LEFT JOIN leg l ON l.ticket_id = t.id AND {LAST}
                  WHERE t.state IN ('settled', 'rated', 'unrated', 'archived')
                    AND (t.settled_at IS NULL OR l.settled_at <> t.settled_at OR l.result_at <> t.settled_at
                         OR l.state <> 'settled' OR t.credited_unit_id <> l.unit_id OR t.disposal_mode IS NULL
                         OR t.credited_person_id <> l.handler_id OR l.result = '' OR l.feedback = '')""")
        == []
    )
    assert (
        ask("""SELECT id FROM ticket WHERE state NOT IN ('settled', 'rated', 'unrated', 'archived')
                  AND (settled_at IS NOT NULL OR rate_until IS NOT NULL OR credited_unit_id IS NOT NULL)""")
        == []
    )
    rows = ask(f"""SELECT t.rate_until, e.at FROM ticket t JOIN leg l ON l.ticket_id = t.id AND {LAST}
                  JOIN ticket_event e ON e.leg_id = l.id WHERE e.action = 'settle'""")
    assert len(rows) > 3000
    assert {moment(until) - moment(settled) for until, settled in rows} == {timedelta(days=7)}


def test_a_rating_lies_in_its_window_and_counts_for_whoever_is_credited(ask):
    assert (
        ask("""SELECT r.id FROM rating r JOIN leg l ON l.id = r.leg_id
                  WHERE r.unit_id <> l.unit_id OR r.person_id <> l.handler_id OR r.path <> l.path
                     OR r.ticket_id <> l.ticket_id OR r.reporter_id IS NULL""")
        == []
    )
    assert (
        ask(f"""SELECT r.id FROM rating r JOIN ticket t ON t.id = r.ticket_id
                   JOIN leg l ON l.id = r.leg_id AND {LAST}
                   WHERE t.settled_at IS NULL OR r.at >= t.rate_until OR r.unit_id <> t.credited_unit_id
                      OR r.person_id <> t.credited_person_id""")
        == []
    )
    settled = "SELECT e.at FROM ticket_event e WHERE e.leg_id = r.leg_id AND e.action = 'settle'"
    assert ask(f"SELECT r.id FROM rating r WHERE r.at <= ({settled})") == []
    given = "SELECT {} FROM {} ORDER BY 1, 2"
    assert ask(given.format("ticket_id, at", "rating")) == ask(
        given.format("ticket_id, at", "ticket_event WHERE action = 'rate'")
    )
    stars = dict(ask("SELECT stars, count(*) FROM rating GROUP BY stars"))
    assert set(stars) == {1, 2, 3, 4, 5}
    assert stars[5] > stars[1]


def test_due_dates_are_those_of_calendar_days(ask):
    """By hand: two hours to accept, eight to sign, then three, seven or fifteen whole days after that of dispatch.

    Eight hours from asking for the first leg, from its own beginning for a later one."""
    days = {"micro": 3, "minor": 7, "hard": 15}
    rows = ask("""SELECT t.submitted_at, t.accept_due_at, t.respond_due_at, t.tier, l.dispatched_at, l.sign_due_at,
                         l.settle_due_original, l.seq FROM ticket t JOIN leg l ON l.ticket_id = t.id""")
    for submitted, accept, respond, tier, dispatched, sign, settle, seq in rows:
        start, sent = moment(submitted), moment(dispatched)
        assert (moment(accept) - start, moment(respond) - start) == (timedelta(hours=2), timedelta(hours=8))
        if tier == "emergency":
            assert (moment(sign) - sent, moment(settle) - sent) == (timedelta(minutes=10), timedelta(hours=24))
            continue
        local = (sent + timedelta(hours=8)).date() + timedelta(days=days[tier] + 1)
        assert moment(sign) == (moment(respond) if seq == 1 else sent + timedelta(hours=8))
        assert moment(settle) == datetime(local.year, local.month, local.day, tzinfo=UTC) - timedelta(hours=8)


def test_the_next_date_of_a_request_is_that_of_its_state(ask):
    wanted = {
        "submitted": "t.accept_due_at", "accepted": "t.respond_due_at", "dispatched": "l.sign_due_at",
        "signed": "l.settle_due_at", "handling": "l.settle_due_at", "settled": "t.rate_until",
    }  # fmt: skip
    for state, column in wanted.items():
        assert (
            ask(f"""SELECT t.id FROM ticket t LEFT JOIN leg l ON l.ticket_id = t.id AND {LAST}
                       WHERE t.state = '{state}' AND t.next_due_at <> {column}""")
            == []
        )
    assert (
        ask("""SELECT id FROM ticket WHERE state IN ('pending_review', 'archived')
                  AND next_due_at IS NOT NULL""")
        == []
    )
    ((soonest,),) = ask("SELECT min(next_due_at) FROM ticket WHERE state IN ('rated', 'unrated', 'settled')")
    assert moment(soonest) > END - timedelta(minutes=1)


def test_nothing_closed_is_looked_at_again_and_nothing_open_before_the_end(ask):
    assert ask("SELECT id FROM ticket WHERE state IN ('rated', 'unrated', 'archived') AND remind_at IS NOT NULL") == []
    assert ask("""SELECT l.id FROM leg l WHERE state = 'settled' AND remind_at IS NOT NULL""") == []
    ((first,),) = ask("SELECT min(remind_at) FROM leg")
    assert moment(first) > END


def test_numbers_run_through_each_day_and_the_counter_knows_the_last(ask, town):
    rows = ask("SELECT number, submitted_at FROM ticket ORDER BY number")
    by_day: dict[str, list[str]] = {}
    for number, submitted in rows:
        assert number[:8] == f"{moment(submitted) + timedelta(hours=8):%Y%m%d}"
        by_day.setdefault(number[:8], []).append(number[9:])
    assert all(given == [f"{n:05d}" for n in range(1, len(given) + 1)] for given in by_day.values())
    counted = {str(day).replace("-", ""): last for day, last in ask("SELECT day, last FROM ticket_counter")}
    assert counted == {day: len(given) for day, given in by_day.items()}
    last = len(by_day["20261119"])
    assert next_number(town, at("2026-11-19 23:00")) == f"20261119-{last + 1:05d}"
    town.rollback()


def test_every_kind_of_waiting_is_there(ask):
    states = dict(ask("SELECT state, count(*) FROM ticket GROUP BY state"))
    assert set(states) >= {"dispatched", "signed", "handling", "pending_review", "settled", "rated", "unrated"}
    assert states["archived"] > 2500
    overdue = "next_due_at < :end AND state IN ('submitted','accepted','dispatched','signed','handling')"
    ((late,),) = ask(f"SELECT count(*) FROM ticket WHERE {overdue}", end=at("2026-11-20 00:00"))
    assert 20 < late < 140


def test_texts_read_like_letters_and_hardly_two_are_alike(ask):
    written = [text for (text,) in ask("SELECT text FROM ticket")]
    assert 85 <= median(map(len, written)) <= 140
    assert max(map(len, written)) > 450
    assert len(set(written)) > 0.98 * len(written)
    assert 0.2 < sum("小区" in text for text in written) / len(written) < 0.42
    assert not [text for text in written if set(text) & set("{}[]|")]
    assert not ask("SELECT id FROM ticket WHERE title = '' OR length(title) > 100 OR title LIKE '%[%'")


def test_everybody_on_the_roster_has_a_number_of_nobody_s(town):
    people = town.scalars(sa.select(Person)).all()
    assert not [each.name for each in people if id_number_problem(each.id_number) or not is_mobile(each.mobile)]
    assert {each.id_number[:6] for each in people} == {"339901"}
    assert {each.mobile[:3] for each in people} == {"140"}
    assert all((each.sealed_mobile or "")[:3] == "144" for each in town.scalars(sa.select(Reporter).limit(200)))


def test_a_month_s_figures_lie_between_nothing_and_everything(town):
    counts = overall(town, "/339901000000/", at("2026-11-01 00:00"), at("2026-12-01 00:00"), at("2026-11-20 00:00"))
    for key in ("sign", "on_time", "settle", "satisfaction"):
        assert 0 < counts[key].numerator < counts[key].denominator
        assert counts[key].unknown == 0


def test_accounts_reach_every_role_and_notices_are_theirs(ask):
    roles = dict(
        ask("""SELECT r.name, count(*) FROM account a JOIN ab_user_role ur ON ur.user_id = a.user_id
                        JOIN ab_role r ON r.id = ur.role_id GROUP BY r.name""")
    )
    assert set(roles) == {"office", "dispatcher", "handler", "unit_leader", "member", "group_leader", "supervisor",
                          "manager", "evaluator", "sys_admin", "sec_admin", "audit_admin"}  # fmt: skip
    assert ask("SELECT id FROM notice WHERE person_id NOT IN (SELECT person_id FROM account)") == []
    ((told, unread),) = ask("SELECT count(*), sum(CASE WHEN read_at IS NULL THEN 1 ELSE 0 END) FROM notice")
    assert told > 20
    assert 0 < unread < told


def test_what_waits_for_review_has_its_evidence_on_disk(ask):
    from models.uploads import path_of

    assert (
        ask("""SELECT l.id FROM leg l LEFT JOIN attachment a ON a.leg_id = l.id
                  WHERE l.state = 'pending_review' AND a.id IS NULL""")
        == []
    )
    for key, size, begins in ask("SELECT key, size, media_type FROM attachment"):
        data = path_of(key).read_bytes()
        assert len(data) == size
        assert data[:3] == {"image/png": b"\x89PN", "image/jpeg": b"\xff\xd8\xff"}[begins]


def test_no_row_points_nowhere(town, ask):
    if town.get_bind().dialect.name != "sqlite":
        pytest.skip("PostgreSQL has looked for itself when the foreign keys were put back")
    assert ask("PRAGMA foreign_key_check") == []


@pytest.mark.parametrize("word", ["小区", "路灯", "停电了", "{bus}", "20260918", "门口的"])
def test_searching_finds_what_reading_every_row_finds(town, ask, word):
    """`{bus}` stands nowhere: it is a gap that was filled."""
    rows = ask("SELECT id, number, title, text, address FROM ticket")
    modern = str.maketrans("門區", "门区")
    standing = {key for key, *fields in rows if any(word in field.translate(modern) for field in fields)}
    assert set(town.scalars(sa.select(Ticket.id).where(mentions(town, Question(word, EVERYTHING))))) == standing
    assert bool(standing) == ("{" not in word)


def test_the_search_index_holds_what_its_own_triggers_would_have_put_there(town, ask):
    kept = ask("SELECT * FROM ticket_search ORDER BY ticket_id")
    connection = town.connection()
    connection.execute(sa.text("DELETE FROM ticket_search"))
    fill(connection)
    assert ask("SELECT * FROM ticket_search ORDER BY ticket_id") == kept
    assert len(kept) == 3500
    town.rollback()

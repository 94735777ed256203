"""Visits, topics and tasks of an invented town are such as its people could have made."""

from datetime import date

from rules.research import ObjectKind, Outcome, TopicStage, VisitKind


def test_the_town_is_visited_in_proportion_to_a_district_of_73_000(ask):
    counts = [ask(f"SELECT count(*) FROM {table}")[0][0] for table in ("visit", "topic", "task")]
    assert counts == [771, 19, 21]
    assert 771 < ask("SELECT count(*) FROM visitor")[0][0] < 771 * 3


def test_visits_lie_in_a_village_and_are_made_by_people_on_duty(ask):
    assert ask("SELECT v.id FROM visit v JOIN unit u ON u.id = v.unit_id WHERE v.path <> u.path") == []
    assert ask("SELECT v.id FROM visit v JOIN unit u ON u.id = v.unit_id WHERE u.kind <> 'village'") == []
    assert (
        ask("""SELECT v.id FROM visit v LEFT JOIN person p ON p.id = v.visitor_id
               WHERE p.id IS NULL OR p.name <> v.visitor_name OR p.employment <> 'active'""")
        == []
    )


def test_everybody_who_went_is_listed_once_the_visitor_first(ask):
    firsts = "SELECT visit_id, name, person_id FROM visitor WHERE seq = 1"
    assert (
        ask(f"""SELECT v.id FROM visit v LEFT JOIN ({firsts}) AS w ON w.visit_id = v.id
                WHERE w.name IS NULL OR w.name <> v.visitor_name OR w.person_id <> v.visitor_id""")
        == []
    )
    assert ask("SELECT visit_id FROM visitor GROUP BY visit_id, person_id HAVING count(*) > 1") == []
    alone = ask("SELECT id FROM visit WHERE companions = '' AND id IN (SELECT visit_id FROM visitor WHERE seq = 2)")
    assert alone == []


def test_firms_are_seen_by_day_and_homes_at_night(ask):
    assert {kind for (kind,) in ask("SELECT DISTINCT kind FROM visit")} <= set(VisitKind)
    assert {kind for (kind,) in ask("SELECT DISTINCT outcome FROM visit")} <= set(Outcome)
    nights = ask("SELECT object_kind, visited_at FROM visit WHERE kind = 'night_talk'")
    assert {kind for kind, _ in nights} == {ObjectKind.HOUSEHOLD}
    assert {str(at)[:2] for _, at in nights} <= {"19", "20", "21"}
    days = dict(ask("SELECT object_kind, count(*) FROM visit WHERE kind = 'day_visit' GROUP BY object_kind"))
    assert days["enterprise"] > days["household"] > days["institution"] > 0
    assert ask("SELECT id FROM visit WHERE kind = 'day_visit' AND visited_at > '18:00'") == []


def test_a_year_of_visits_ends_with_the_eve_and_rests_on_free_days(ask):
    rows = ask("SELECT visited_on, count(*) FROM visit GROUP BY visited_on")
    by_day = {day if isinstance(day, date) else date.fromisoformat(day): count for day, count in rows}
    assert (min(by_day), max(by_day)) >= (date(2025, 11, 20), date(2026, 11, 17))
    assert max(by_day) < date(2026, 11, 20)
    working = sum(count for day, count in by_day.items() if day.weekday() < 5)
    assert working > 771 * 0.8


def test_topics_and_tasks_belong_to_people_and_places_of_the_town(ask):
    assert {stage for (stage,) in ask("SELECT DISTINCT stage FROM topic")} <= set(TopicStage)
    assert ask("SELECT t.id FROM topic t JOIN unit u ON u.id = t.unit_id WHERE t.path <> u.path") == []
    assert ask("SELECT t.id FROM topic t JOIN person p ON p.id = t.leader_id WHERE p.name <> t.leader_name") == []
    assert (
        ask("""SELECT t.id FROM task t JOIN unit u ON u.id = t.unit_id JOIN person p ON p.id = t.responsible_id
               WHERE t.path <> u.path OR p.unit_id <> u.id OR p.name <> t.responsible_name OR u.kind <> 'village'""")
        == []
    )
    assert ask("SELECT id FROM task WHERE written_off_on > '2026-11-19' OR (written_off AND accepted_by = '')") == []

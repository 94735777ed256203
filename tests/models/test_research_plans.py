"""No list, record or API page of visits, topics and tasks reads their tables from end to end."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from models import db
from models.tasks import Task
from models.topics import Topic
from models.visits import Visit, Visitor
from tests.asked import LARGE, Asked
from tests.factories import make_person
from tests.models.test_plans import LIKE_A_DISTRICT, fill_the_roster

ROWS = 4_000
VISITS = [
    *("", "page_VisitView=last", "_flt_0_visitor_name=王", "_flt_0_kind=night_talk"),
    *("_flt_0_outcome=refused", "_flt_0_object_kind=project", "_flt_0_visited_on=2026-09-01"),
    *(f"_oc_VisitView={each}&_od_VisitView=desc" for each in ("visited_on", "kind", "visitor_name", "outcome")),
]
TOPICS = [
    *(
        "",
        "page_TopicView=last",
        "_flt_0_title=物业",
        "_flt_0_year=2026",
        "_flt_0_leader_name=王",
        "_flt_0_stage=applied",
    ),
    *(f"_oc_TopicView={each}&_od_TopicView=asc" for each in ("title", "year", "leader_name", "stage", "due_on")),
]
TASKS = [
    *("", "page_TaskView=last", "_flt_0_title=路灯", "_flt_0_list_kind=care", "_flt_0_responsible_name=王"),
    *(f"_oc_TaskView={each}&_od_TaskView=asc" for each in ("title", "year", "list_kind", "due_on", "written_off")),
]
BY_PROGRAM = [
    "page_size:25,order_column:visited_on,order_direction:desc",
    "page_size:25,page:60",
    "page_size:25,filters:!((col:kind,opr:eq,value:night_talk))",
]


@pytest.fixture
def grown(session, district):
    """4,000 of each in three villages of the district; somebody was out on ten of the visits."""
    wang = make_person(session, district.village, "王小明")
    places = [(unit.id, unit.path) for unit in (district.village, district.twin, district.far_village)]
    kinds, outcomes = ("day_visit",) * 8 + ("night_talk", "lecture"), ("listened",) * 9 + ("refused",)
    rows = {model: [] for model in (Visit, Topic, Task)}
    for number in range(ROWS):
        unit_id, path = places[number % 3]
        place = {"unit_id": unit_id, "path": path}
        rows[Visit].append(
            {
                **place,
                "visited_on": date(2026, 9, 18) - timedelta(number % 365),
                "kind": kinds[number % 10],
                "outcome": outcomes[number % 10],
                "object_kind": "enterprise" if number % 3 else "household",
                "object_name": f"张三{number}",
                "visitor_name": f"干部{number}",
                "content": "路灯不亮，老人晚上出门不便，希望早日修好。" * 8,
            }
        )
        rows[Topic].append(
            {**place, "year": 2026 - number % 9, "title": f"课题{number}", "leader_name": f"领导{number}"}
        )
        rows[Task].append({**place, "year": 2026 - number % 9, "title": f"实事{number}", "list_kind": "livelihood"})
    for model, found in rows.items():
        session.execute(sa.insert(model), found)
    session.execute(
        sa.insert(Visitor),
        [
            {"visit_id": number, "seq": 1, "name": f"干部{number}", "person_id": wang.id if number % 400 == 0 else None}
            for number in session.scalars(sa.select(Visit.id))
        ],
    )
    fill_the_roster(session)
    session.execute(sa.text("ANALYZE"))
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text(LIKE_A_DISTRICT), {"tables": list(LARGE)})
    session.commit()
    return district


@pytest.mark.parametrize(
    ("role", "place"), [("office", "root"), ("manager", "town"), ("handler", "village"), ("member", "village")]
)
def test_no_page_of_field_research_reads_a_large_table_whole(session, grown, client_as, role, place):
    someone = client_as(role, getattr(grown, place))
    everything = {"visits": VISITS, "topics": TOPICS, "tasks": TASKS}
    for noun, ways in everything.items() if role != "member" else [("visits", VISITS)]:
        for more in ways:
            with Asked(db.engine) as asked:
                assert someone.get(f"/{noun}/list/?{more}").status_code == 200
            assert len(asked.made) > 2
            assert asked.scans() == [], f"{noun} {more}"


@pytest.mark.parametrize(("role", "place"), [("office", "root"), ("handler", "village"), ("member", "village")])
def test_no_page_of_visits_by_program_reads_a_large_table_whole(grown, client_as, role, place):
    someone = client_as(role, getattr(grown, place))
    for more in BY_PROGRAM:
        with Asked(db.engine) as asked:
            assert someone.get(f"/api/v1/visits/?q=({more})").status_code == 200
        assert asked.scans() == [], more


def test_a_member_is_shown_the_visits_it_was_out_on(session, grown, client_as):
    member = client_as("member", grown.village)
    session.execute(sa.update(Visitor).where(Visitor.person_id.is_not(None)).values(person_id=member.person_id))
    session.commit()
    assert member.get("/api/v1/visits/").json["count"] == 10

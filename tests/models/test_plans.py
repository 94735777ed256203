"""No work list, list page, record or sweep reads a large table from end to end."""

import pytest
import sqlalchemy as sa

from jobs.sweeps import sweep
from models import db
from models.changes import Change
from models.legs import Leg
from models.notices import Notice
from models.people import Person
from tests.asked import LARGE, Asked
from tests.stage import at

NOW = at("2026-09-18 12:00")
ROWS = 4_000
LIKE_A_DISTRICT = (
    "UPDATE pg_class SET reltuples = 400000, relpages = greatest(relpages, 1) WHERE relname = ANY(:tables)"
)
"""PostgreSQL weighs its ways as for that many rows."""
OWN = ("id", "number", "tracking_code", "title", "submitted_at")
QUEUES = [
    *("", "to_accept", "to_dispatch", "to_decide", "to_follow_up", "due_soon", "overdue", "supervised", "meetings"),
    *("with_units", "started", "to_rate", "settled", "all"),
]
OF_A_UNIT = ["to_sign", "to_contact", "in_hand", "to_review", "in_review"]
ASKED = [
    *(f"queue={key}" for key in QUEUES),
    *(f"queue={key}&_oc_TicketView=due&_od_TicketView={way}" for key in ("overdue", "all") for way in ("asc", "desc")),
    "page_TicketView=last",
    "q=路灯",
    "q=路灯&page_TicketView=100",
    "q=路灯&queue=overdue",
    "q=路灯 不亮&_flt_0_state=settled",
    "_flt_0_title=路灯",
    "_flt_0_state=handling",
    "_flt_1_state=archived",
    "_flt_0_number=20260918",
    "_flt_1_number=20260918-0",
    "_flt_0_submitted_at=2026-09-18&_flt_1_submitted_at=2026-09-18",
    "_oc_TicketView=number&_od_TicketView=asc",
    "_oc_TicketView=title&_od_TicketView=desc",
    "_oc_TicketView=state&_od_TicketView=asc",
]


FOUND = ("q=H-2026001", "q=H-2026001&page_TicketView=last")


@pytest.fixture
def grown(way, session):
    """Enough closed requests that reading them all is the worse way."""
    model = [way.settled(), way.submitted(), way.signed()][0]
    session.flush()
    names = [column.name for column in sa.inspect(type(model)).columns if column.name not in OWN]
    kept = ", ".join(names)
    numbered = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows)"
    sqlite = session.get_bind().dialect.name == "sqlite"
    earlier = "strftime('%Y-%m-%d %H:%M:%S.000000', submitted_at, '-' || i || ' minutes')"
    asked = earlier if sqlite else "submitted_at - i * interval '1 minute'"
    copies = f"SELECT 1000 + i, 'N' || i, 'T' || i, title || i, {asked}, {kept} FROM ticket, n WHERE ticket.id = :model"
    into = f"INSERT INTO ticket ({', '.join(OWN)}, {kept})"
    insert = f"{numbered} {into} {copies}" if sqlite else f"{into} {numbered} {copies}"
    session.execute(sa.text(insert), {"rows": ROWS, "model": model.id})
    fill_the_legs(session, way.district.village)
    fill_the_notices(session, way.dispatcher.person_id)
    fill_the_roster(session)
    session.execute(sa.text("ANALYZE"))
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text(LIKE_A_DISTRICT), {"tables": list(LARGE)})
    session.commit()
    return way


def fill_the_legs(session, unit) -> None:
    held = {"seq": 1, "state": "settled", "unit_id": unit.id, "unit_name": unit.name, "path": unit.path}
    session.execute(sa.insert(Leg), [{**held, "ticket_id": 1001 + number} for number in range(ROWS)])


def fill_the_roster(session) -> None:
    person = session.scalars(sa.select(Person).limit(1)).one()
    fields = {"unit_id": person.unit_id, "path": person.path, "category": person.category}
    session.execute(sa.insert(Person), [{**fields, "name": f"张{n}", "staff_no": f"N{n}"} for n in range(ROWS)])
    noted = {"subject": "unit", "subject_id": 1, "path": person.path, "action": "changed", "at": NOW, "name": "张三"}
    session.execute(sa.insert(Change), [{**noted, "details": {}} for _ in range(ROWS)])


def fill_the_notices(session, person_id: int) -> None:
    sent = {"event": "new_leg", "person_id": person_id, "message": "m", "values": {}, "created_at": NOW}
    rows = [{**sent, "key": f"k{n}", "deliver_at": NOW, "sent_at": NOW} for n in range(800)]
    session.execute(sa.insert(Notice), rows)


def test_the_ruler_sees_a_table_that_is_read_whole(grown, session):
    with Asked(db.engine) as asked:
        session.execute(sa.text("SELECT count(*) FROM ticket WHERE address || '' = 'x'"))
    session.rollback()
    assert len(asked.scans()) == 1


@pytest.mark.parametrize("place", ["root", "town", "village"])
def test_no_page_of_requests_reads_a_large_table_whole(grown, client_as, place):
    someone = client_as("dispatcher", getattr(grown.district, place))
    for more in ASKED:
        with Asked(db.engine) as asked:
            assert someone.get(f"/requests/list/?{more}").status_code == 200
        assert len(asked.made) > 3
        assert asked.scans() == [], more


def test_a_request_is_found_by_its_number_elsewhere_without_reading_the_others(grown, session, client_as):
    ticket = grown.submitted(source="phone", external_id="H-2026001")
    session.commit()
    someone = client_as("dispatcher", grown.district.root)
    for more in ("q=H-2026001", "q=H-2026001&page_TicketView=last", "q=H-2026001&queue=settled", "q=H-2026002"):
        with Asked(db.engine) as asked:
            assert (ticket.number in someone.get(f"/requests/list/?{more}").text) == (more in FOUND)
        assert len(asked.made) > 3
        assert asked.scans() == [], more


@pytest.mark.parametrize("place", ["root", "town", "village"])
def test_no_page_of_requests_by_program_reads_a_large_table_whole(grown, client_as, place):
    someone = client_as("dispatcher", getattr(grown.district, place))
    for asked in ("page:0", "page:30", "page:150", "page:0,filters:!((col:state,opr:eq,value:settled))"):
        with Asked(db.engine) as listening:
            assert someone.get(f"/api/v1/requests/?q=({asked},page_size:25)").status_code == 200
        assert len(listening.made) > 3
        assert listening.scans() == [], asked


@pytest.mark.parametrize("role", ["handler", "unit_leader", "manager", "office", "supervisor", "evaluator"])
def test_no_work_list_of_other_roles_reads_a_large_table_whole(grown, client_as, role):
    someone = client_as(role, grown.district.village if role in ("handler", "unit_leader") else grown.district.root)
    with Asked(db.engine) as asked:
        for queue in QUEUES + OF_A_UNIT:
            assert someone.get(f"/requests/list/?queue={queue}").status_code == 200
    assert asked.scans() == []


LISTS = {
    "people": ["", "page_PersonView=last", "_flt_0_name=张", "_flt_0_category=cadre", "_flt_0_employment=active"],
    "units": ["", "_flt_0_name=石桥", "_flt_0_kind=village", "_oc_UnitView=name&_od_UnitView=desc"],
}
ORDERS = [f"_oc_PersonView={column}&_od_PersonView=desc" for column in ("name", "staff_no", "category", "employment")]


@pytest.mark.parametrize("role", ["office", "supervisor", "evaluator", "member"])
def test_no_page_of_people_units_and_notices_reads_a_large_table_whole(grown, client_as, role):
    someone = client_as(role, grown.district.village if role == "member" else grown.district.root)
    asked_for = [f"/{noun}/list/?{more}" for noun, ways in LISTS.items() for more in ways]
    asked_for += [f"/people/list/?{order}" for order in ORDERS] + ["/requests/list/", "/notices/list/", "/workbench/"]
    seen = 0
    for page in asked_for:
        with Asked(db.engine) as asked:
            seen += someone.get(page).status_code == 200
        assert asked.scans() == [], page
    assert seen >= 3


def test_no_page_of_the_journal_reads_it_whole(grown, client_as):
    auditor = client_as("audit_admin", grown.district.root)
    with Asked(db.engine) as asked:
        for more in ("", "page_ChangeView=last", "_flt_0_subject=unit"):
            assert auditor.get(f"/changes/list/?{more}").status_code == 200
    assert asked.scans() == []


def test_no_sweep_reads_a_large_table_whole(grown, session):
    with Asked(db.engine) as asked:
        sweep(session, NOW)
    assert len(asked.made) > 5
    assert asked.scans() == []

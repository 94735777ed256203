"""People and units of one district are found by way of the district, however many others lie in the same tables."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from models import db
from models.acting import Scope
from models.people import Person
from models.tickets import Ticket
from models.trends import by_category, daily, last_days
from models.units import Unit
from tests.asked import Asked
from tests.stage import at

NOW = at("2026-09-18 12:00")
REQUEST = {"source": "portal", "title": "路灯不亮", "text": "路灯不亮", "state": "archived", "policy_version": 0}
DISTRICTS = 10
KINDS = [*["town"] * 4, *["village"] * 40, *["grid"] * 100, *["micro_grid"] * 256]
LARGE_TABLES = "UPDATE pg_class SET reltuples = 100000 WHERE relname IN ('unit', 'person', 'ticket')"
BY_THE_DISTRICT = r"<expr>=\?|substr\(.* = "
NEAR = rf"{BY_THE_DISTRICT}|\bid = |rowid=|unit_id|parent_id|\bpath\b|\bcode\b"
"""By the district, by key, or by a place."""


@pytest.fixture
def ten(session, district):
    """The district of every test and nine others."""
    unit_id = district.root.id
    for number in range(1, DISTRICTS + 1):
        root = f"/3399{number:02}000000/"
        codes = [f"3399{number:02}9{place:05}" for place in range(len(KINDS))]
        placed = zip(codes, KINDS, strict=True)
        units = [{"code": code, "name": f"某处{code}", "kind": kind, "path": f"{root}{code}/"} for code, kind in placed]
        session.execute(sa.insert(Unit), units)
        people = [{"unit_id": unit_id, "path": root, "name": f"张{code}", "staff_no": code} for code in codes]
        session.execute(sa.insert(Person), [{**each, "category": "cadre", "pinyin": "z"} for each in people])
        asked = [{**REQUEST, "unit_id": unit_id, "path": root, "number": code, "tracking_code": code} for code in codes]
        days = [
            {"submitted_at": NOW - timedelta(days=day), "settled_at": NOW - timedelta(days=day)} for day in range(400)
        ]
        session.execute(sa.insert(Ticket), [{**each, **day} for each, day in zip(asked, days, strict=True)])
    session.execute(sa.text("ANALYZE"))
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text(LARGE_TABLES))
    session.commit()
    return district


PEOPLE = [
    *("", "page_PersonView=last", "page_PersonView=-1"),
    *(f"_oc_PersonView={column}&_od_PersonView=asc" for column in ("name", "staff_no", "category", "employment")),
    *(f"_oc_PersonView={column}&_od_PersonView=desc" for column in ("name", "staff_no", "category", "employment")),
    *("_flt_0_name=张", "_flt_0_name=龘", "_flt_0_pinyin=z", "_flt_0_staff_no=33990", "_flt_1_staff_no=33990"),
    *("_flt_0_category=cadre", "_flt_0_employment=active"),
]
UNITS = [
    *("", "page_UnitView=last", "page_UnitView=-1"),
    *(f"_oc_UnitView={column}&_od_UnitView=asc" for column in ("code", "name", "kind", "valid_to")),
    *(f"_oc_UnitView={column}&_od_UnitView=desc" for column in ("code", "name", "kind", "valid_to")),
    *("_flt_0_name=某", "_flt_0_name=龘", "_flt_0_code=3399", "_flt_0_kind=village", "_flt_0_leader_name=王"),
]
PAGES = {
    "person": [
        *(f"/people/list/?{asked}" for asked in PEOPLE),
        *(f"/api/v1/people/?q=(page:{page},page_size:25)" for page in (0, 7, 15)),
        *(f"/options/Person{asked}" for asked in ("", "?q=张", "?q=龘", "?page=5")),
    ],
    "unit": [
        *(f"/units/list/?{asked}" for asked in UNITS),
        *(f"/api/v1/units/?q=(page:{page},page_size:25)" for page in (0, 7, 15)),
        *(f"/options/Unit{asked}" for asked in ("", "?q=某", "?q=龘", "?page=5")),
    ],
}


@pytest.mark.parametrize("table", list(PAGES))
def test_every_page_of_people_and_units_begins_with_the_district(ten, client_as, table):
    office = client_as("office", ten.root)
    for page in PAGES[table]:
        begins_with_the_district(office, table, page)


def test_the_choice_of_whom_to_dispatch_to_begins_with_the_district(ten, client_as):
    dispatcher = client_as("dispatcher", ten.root)
    for asked in ("", "?q=某", "?q=龘"):
        begins_with_the_district(dispatcher, "unit", f"/requests/options{asked}")


@pytest.mark.parametrize("page", ["/portal/ask", "/portal/places/339901001000"])
def test_the_portal_looks_for_places_by_kind_or_below_their_town(ten, client, page):
    with Asked(db.engine) as asked:
        assert client.get(page).status_code == 200
    entries = asked.entries("unit")
    assert len(entries) > 0
    assert [each for each in entries if not re.search(r"\b(kind|path|code)\b", each)] == []


def test_what_is_drawn_of_a_district_is_read_from_its_part_of_an_index(ten, session):
    whole = Scope(paths=(ten.root.path,))
    with Asked(db.engine) as asked:
        by_category(session, NOW - timedelta(days=30), whole)
        for column in (Ticket.submitted_at, Ticket.settled_at):
            daily(session, column, last_days(NOW, 30), whole)
    entries = asked.entries("ticket")
    assert len(entries) == 3
    assert [each for each in entries if not re.search(BY_THE_DISTRICT, each)] == []


def begins_with_the_district(browser, table, page):
    with Asked(db.engine) as asked:
        assert browser.get(page).status_code == 200
    entries = asked.entries(table)
    assert any(re.search(BY_THE_DISTRICT, each) for each in entries), page
    assert [each for each in entries if not re.search(NEAR, each)] == [], page

"""People and units of one district are found by way of the district, however many others lie in the same tables."""

import re

import pytest
import sqlalchemy as sa

from models import db
from models.people import Person
from models.units import Unit
from tests.asked import Asked

DISTRICTS, EACH = 10, 400
LARGE_TABLES = "UPDATE pg_class SET reltuples = 100000 WHERE relname IN ('unit', 'person')"
BY_THE_DISTRICT = r"<expr>=\?|substr\(.* = "
NEAR = rf"{BY_THE_DISTRICT}|\bid = |rowid=|unit_id|parent_id|\bpath\b|\bcode\b"
"""By the district, by key, or by a place."""


@pytest.fixture
def ten(session, district):
    """The district of every test and nine others."""
    unit_id = district.root.id
    for number in range(1, DISTRICTS + 1):
        root = f"/3399{number:02}000000/"
        codes = [f"3399{number:02}9{place:05}" for place in range(EACH)]
        kinds = ["town", "village", "grid", "micro_grid"] * (EACH // 4)
        placed = zip(codes, kinds, strict=True)
        units = [{"code": code, "name": f"某处{code}", "kind": kind, "path": f"{root}{code}/"} for code, kind in placed]
        session.execute(sa.insert(Unit), units)
        people = [{"unit_id": unit_id, "path": root, "name": f"张{code}", "staff_no": code} for code in codes]
        session.execute(sa.insert(Person), [{**each, "category": "cadre", "pinyin": "z"} for each in people])
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
    assert [each for each in entries if not re.search(r"kind *=|path|code *=", each)] == []


def begins_with_the_district(browser, table, page):
    with Asked(db.engine) as asked:
        assert browser.get(page).status_code == 200
    entries = asked.entries(table)
    assert any(re.search(BY_THE_DISTRICT, each) for each in entries), page
    assert [each for each in entries if not re.search(NEAR, each)] == [], page

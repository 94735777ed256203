"""Households and organisations of one district are found by way of the district, and those of a village by the
village, however many others lie in the same tables."""

import re

import pytest
import sqlalchemy as sa

from models import db
from models.households import Household
from models.organisations import Organisation
from tests.asked import Asked
from tests.factories import make_person

DISTRICTS, MANY = 10, 400
LARGE_TABLES = "UPDATE pg_class SET reltuples = 100000 WHERE relname IN ('household', 'organisation')"
BY_THE_DISTRICT = r"<expr>=\?|substr\(.* = "
NEAR = rf"{BY_THE_DISTRICT}|\bid = |rowid=|\bpath\b"
"""By the district, by key, or by the village."""

HOUSEHOLDS = [
    *("", "page_HouseholdView=last", "page_HouseholdView=-1"),
    *(
        f"_oc_HouseholdView={column}&_od_HouseholdView={way}"
        for column in ("number", "head")
        for way in ("asc", "desc")
    ),
    *("_flt_0_head=张", "_flt_0_head=龘", "_flt_0_number=33", "_flt_0_present_address=路", "_flt_0_estate=园"),
    *("_flt_0_building=3", "_flt_0_labels=disabled", "_flt_0_labels=nothing"),
]
ORGANISATIONS = [
    *("", "page_OrganisationView=last", "page_OrganisationView=-1"),
    *(
        f"_oc_OrganisationView={column}&_od_OrganisationView={way}"
        for column in ("name", "credit_code", "kind")
        for way in ("asc", "desc")
    ),
    *("_flt_0_name=厂", "_flt_0_name=龘", "_flt_0_credit_code=91", "_flt_0_kind=project"),
]
PAGES = {
    "household": [
        *(f"/households/list/?{asked}" for asked in HOUSEHOLDS),
        *(f"/api/v1/households/?q=(page:{page},page_size:25)" for page in (0, 7, 15)),
        *(f"/options/Household{asked}" for asked in ("", "?q=张", "?q=龘", "?page=5")),
    ],
    "organisation": [
        *(f"/organisations/list/?{asked}" for asked in ORGANISATIONS),
        *(f"/api/v1/organisations/?q=(page:{page},page_size:25)" for page in (0, 7, 15)),
        *(f"/options/Organisation{asked}" for asked in ("", "?q=厂", "?q=龘", "?page=5")),
    ],
}


@pytest.fixture
def ten(session, district):
    """The district of every test and nine others, with households and organisations in each."""
    unit_id = district.village.id
    cadres = [make_person(session, district.village) for _ in range(20)]
    for number in range(1, DISTRICTS + 1):
        paths = [f"/3399{number:02}000000/339901001000/3399010010{place % 20:02}/" for place in range(MANY)]
        placed = [{"unit_id": unit_id, "path": path, "note": ""} for path in paths]
        homes = [
            {"number": f"{number:02}{place:05}", "head": f"张{place}", "present_address": f"某路{place}号"}
            | {"estate": "某园", "building": str(place % 30), "labels": ["disabled"] if place % 20 == 0 else []}
            for place in range(MANY)
        ]
        session.execute(sa.insert(Household), [where | home for where, home in zip(placed, homes, strict=True)])
        firms = [
            {"name": f"某厂{place}", "credit_code": f"91{number:02}{place:05}", "kind": "enterprise"}
            | {"liaison_id": cadres[place % len(cadres)].id if place % 3 else None}
            for place in range(MANY)
        ]
        session.execute(sa.insert(Organisation), [where | firm for where, firm in zip(placed, firms, strict=True)])
    session.execute(sa.text("ANALYZE"))
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text(LARGE_TABLES))
    session.commit()
    return district


@pytest.mark.parametrize("table", list(PAGES))
def test_every_page_of_a_whole_district_begins_with_it(ten, client_as, table):
    office = client_as("office", ten.root)
    for page in PAGES[table]:
        entries = asked_of(office, table, page)
        assert any(re.search(BY_THE_DISTRICT, each) for each in entries), page
        assert [each for each in entries if not re.search(NEAR, each)] == [], page


@pytest.mark.parametrize("table", list(PAGES))
def test_every_page_of_a_village_finds_its_rows_without_a_look_at_the_others(ten, client_as, table):
    dispatcher = client_as("dispatcher", ten.village)
    for page in filter(by_people, PAGES[table]):
        entries = asked_of(dispatcher, table, page)
        assert [each for each in entries if not re.search(rf"{NEAR}|liaison_id", each)] == [], page


def by_people(page):
    """A program reads in the order of keys, a list in that of a column; PostgreSQL may walk either to fill a page."""
    walked = "_oc_" in page and db.engine.dialect.name == "postgresql"
    return not (walked or page.startswith("/api/"))


def asked_of(browser, table, page):
    with Asked(db.engine) as asked:
        assert browser.get(page).status_code == 200
    return asked.entries(table)

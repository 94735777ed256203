"""Every row of a list is on exactly one page, in the order of the list, from whichever end it is read."""

import re
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

import views.kit.interface as interface
from models.units import Unit
from tests.factories import unit

ALL = [f"测试村{n:02d}" for n in range(1, 24)]


@pytest.fixture
def office(client_as, session, district):
    for number, name in enumerate(ALL, 1):
        unit(session, district.town, f"3399010019{number:02d}", name, "village")
    session.commit()
    return client_as("office", district.root)


def page(office, number, order="asc", more="") -> list[str]:
    asked = f"_flt_0_name=测试村&psize_UnitView=5&page_UnitView={number}&_oc_UnitView=code&_od_UnitView={order}{more}"
    return re.findall(r">(测试村\d\d)<", office.get(f"/units/list/?{asked}").text)


@pytest.mark.parametrize(("order", "expected"), [("asc", ALL), ("desc", ALL[::-1])])
def test_the_pages_together_are_the_list(office, order, expected):
    pages = [list(dict.fromkeys(page(office, number, order))) for number in range(5)]
    assert [len(each) for each in pages] == [5, 5, 5, 5, 3]
    assert [name for each in pages for name in each] == expected


def test_the_last_page_and_one_beyond_it_are_the_end_of_the_list(office):
    for number in ("last", 4, 5, 400):
        assert list(dict.fromkeys(page(office, number))) == ["测试村21", "测试村22", "测试村23"], number


def test_a_list_too_long_to_count_still_shows_its_very_end(office, monkeypatch):
    monkeypatch.setattr(interface, "COUNTED_TO", 7)
    assert list(dict.fromkeys(page(office, "last"))) == ALL[-5:]
    assert list(dict.fromkeys(page(office, "last", "desc"))) == ALL[4::-1]
    assert list(dict.fromkeys(page(office, 1))) == ALL[5:10]


def test_requests_come_in_the_same_order_from_both_ends_for_a_town_and_for_a_district(client_as, session, way):
    for minute in range(12):
        way.submitted(datetime(2026, 9, 18, 1, 59 - minute % 3, tzinfo=UTC))
    session.commit()
    for who in (client_as("dispatcher", way.district.town), client_as("dispatcher", way.district.root)):
        shown = [requests(who, number) for number in (0, 1, 2)]
        assert sorted(number for page in shown for number in page) == [f"20260918-{n:05d}" for n in range(1, 13)]
        assert requests(who, "last") == shown[2]
        assert shown[0][0] == "20260918-00010"
        assert shown[2][-1] == "20260918-00003"


def requests(client, number) -> list[str]:
    page = client.get(f"/requests/list/?psize_TicketView=5&page_TicketView={number}").text
    return list(dict.fromkeys(re.findall(r"20260918-\d{5}", page)))


def read_through(client, noun, asked="") -> list[int]:
    rows = client.get(f"/api/v1/{noun}/").json["count"]
    pages = [f"/api/v1/{noun}/?q=(page:{number},page_size:5{asked})" for number in range(-(-rows // 5))]
    return [key for each in pages for key in client.get(each).json["ids"]]


@pytest.mark.parametrize("asked", ["", ",order_column:code", ",order_column:name,order_direction:desc"])
def test_units_read_page_by_page_are_each_read_once(office, session, asked):
    session.execute(sa.update(Unit).where(Unit.name.like("测试村%")).values(name="测试村"))
    session.commit()
    assert sorted(read_through(office, "units", asked)) == list(session.scalars(sa.select(Unit.id).order_by(Unit.id)))


def test_units_read_by_program_come_by_their_key(office, session):
    assert read_through(office, "units") == list(session.scalars(sa.select(Unit.id).order_by(Unit.id)))


def test_a_program_that_reads_on_beyond_the_end_finds_an_empty_page(office, session):
    units = session.scalar(sa.select(sa.func.count()).select_from(Unit))
    asked = [f"/api/v1/units/?q=(page:{page},page_size:{units})" for page in (0, 1, 2)]
    assert [len(office.get(each).json["ids"]) for each in asked] == [units, 0, 0]


def test_requests_read_page_by_page_are_each_read_once_and_oldest_first(client_as, session, way):
    made = [way.submitted(datetime(2026, 9, 18, 1, 59 - minute % 3, tzinfo=UTC)) for minute in range(12)]
    session.commit()
    oldest_first = [made[n].id for n in (2, 5, 8, 11, 1, 4, 7, 10, 0, 3, 6, 9)]
    for place in (way.district.town, way.district.root):
        assert read_through(client_as("dispatcher", place), "requests") == oldest_first

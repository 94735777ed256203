import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from models.tickets import Ticket
from models.unit_changes import UnitChange
from models.units import Unit
from rules.workdays import local_date
from tests.cases import make_ticket
from tests.factories import make_person, unit
from tests.stage import at
from tests.way import Way
from views.kit.context import now


@pytest.fixture
def office(client_as, district):
    client = client_as("office", district.root)
    client.get("/lang/en")
    return client


def form(district, days=0, **more):
    return {
        "into": district.twin.id,
        "from_date": (local_date(now()) + timedelta(days=days)).isoformat(),
        "reason": "村社撤并",
    } | more


def counts_in(page):
    text = re.sub(r"<[^>]+>", " ", page.text)
    return {label: int(found[1]) for label in LABELS if (found := re.search(rf"{label}\s+(\d+)", text))}


LABELS = (
    "Open requests",
    "Requests being handled",
    "People",
    "Households",
    "Units below it, which go on under their codes",
)


def test_a_merge_is_shown_first_and_done_only_when_it_is_confirmed(session, office, district):
    ticket = Way(session, district).submitted()
    make_ticket(session, district.village, at("2026-10-08 09:00"), "declined")
    make_person(session, district.village, "李小民")
    make_person(session, district.grid, "周网格")
    session.commit()
    address = f"/units/merge/{district.village.id}"
    page = office.post(address, data=form(district))
    assert counts_in(page) == dict(zip(LABELS, (1, 0, 2, 0, 1), strict=True))
    assert f'href="/people/list/?_flt_0_unit={district.village.id}">2</a>' in page.text
    assert session.scalars(sa.select(UnitChange)).all() == []
    done = office.post(address, data=form(district, confirm="1"))
    assert done.headers["Location"] == f"/units/show/{district.village.id}"
    session.expire_all()
    assert (ticket.unit, district.village.successor) == (district.twin, district.twin)
    record = office.get(f"/units/show/{district.village.id}").text
    assert "Merger of units" in record
    assert "村社撤并" in record
    assert f"/units/merge/{district.village.id}" not in record
    assert "石桥村" in office.get(f"/units/show/{district.twin.id}").text
    assert "石桥村 → 蒋湾村" in office.get(f"/requests/show/{ticket.id}").text


def test_what_does_not_fit_is_said_above_the_form_which_keeps_what_was_typed(session, office, district):
    page = office.post(f"/units/merge/{district.village.id}", data=form(district, into=district.town.id))
    assert "they are not of the same kind" in page.text
    assert 'value="村社撤并"' in page.text
    page = office.post(f"/units/merge/{district.village.id}", data=form(district, days=-200))
    assert "is too long ago" in page.text


def test_a_plan_stands_on_the_record_and_is_withdrawn_there(session, office, district):
    office.post(f"/units/merge/{district.village.id}", data=form(district, days=30, confirm="1"))
    record = office.get(f"/units/show/{district.village.id}").text
    day = (local_date(now()) + timedelta(days=30)).isoformat()
    planned = f"Planned: from {day} on 石桥村 merges into 蒋湾村."
    assert f"{planned} To merge or split it otherwise, withdraw the plan." in record
    assert record.count(f"/units/withdraw/{district.village.id}") == 1
    assert not re.search(rf"/units/(merge|split)/{district.village.id}", record)
    heir = office.get(f"/units/show/{district.twin.id}").text
    assert f"/units/withdraw/{district.village.id}" in heir
    assert f"/units/merge/{district.twin.id}" in heir
    assert session.scalars(sa.select(UnitChange.state)).all() == ["planned"]
    office.post(f"/units/withdraw/{district.village.id}")
    session.expire_all()
    record = office.get(f"/units/show/{district.village.id}").text
    assert ("Planned: from" in record, f"/units/split/{district.village.id}" in record) == (False, True)
    assert session.scalars(sa.select(UnitChange.state)).all() == ["withdrawn"]
    assert office.post(f"/units/withdraw/{district.village.id}").status_code == 404


def test_a_merge_is_taken_back_on_the_record_while_nothing_has_happened_since(session, office, district):
    ticket = Way(session, district).submitted()
    session.commit()
    office.post(f"/units/merge/{district.village.id}", data=form(district, confirm="1"))
    assert f"/units/take_back/{district.village.id}" in office.get(f"/units/show/{district.twin.id}").text
    office.post(f"/units/take_back/{district.village.id}")
    session.expire_all()
    assert (ticket.unit, district.village.successor, district.village.valid_to) == (district.village, None, None)
    assert "Taken back" in office.get(f"/units/show/{district.village.id}").text


def test_a_split_hands_out_grids_and_people(session, office, district):
    goes = make_person(session, district.village, "李小民")
    session.commit()
    fields = form(district) | {
        "code-1": "339901001011",
        "name-1": "石东村",
        "code-2": "339901001012",
        "name-2": "石西村",
    }
    fields |= {f"child-{district.grid.id}": "2", f"person-{goes.id}": "2"}
    fields |= {"child-²": "2", f"person-{10**30}": "2"}
    address = f"/units/split/{district.village.id}"
    assert "李小民" in office.get(address).text
    assert "石桥村 → 石东村、石西村" in office.post(address, data=fields).text
    assert office.post(address, data=fields | {"confirm": "1"}).status_code == 302
    session.expire_all()
    grid = session.scalars(sa.select(Unit).where(Unit.code == "339901001001-01")).one()
    assert (goes.unit.name, grid.parent.name, district.village.successor.name) == ("石西村", "石西村", "石东村")


def test_one_part_more_keeps_what_was_typed_and_complains_of_nothing(office, district):
    fields = form(district, reason="") | {"code-1": "339901001011", "name-1": "石东村", "code-2": "339901001012"}
    fields |= {"name-2": "石西村", f"child-{district.grid.id}": "2"}
    page = office.post(f"/units/split/{district.village.id}", data=fields | {"again": "more"}).text
    assert re.findall(r'name="name-(\d)"[^>]* value="(.*?)"', page) == [("1", "石东村"), ("2", "石西村"), ("3", "")]
    assert re.findall(r'name="(\S+)"[^>]* autofocus', page) == ["code-3"]
    assert '<option value="2" selected>Part 2 石西村' in page
    assert "error-summary" not in page
    six = {f"{what}-{n}": "" for n in range(1, 7) for what in ("code", "name")}
    page = office.post(f"/units/split/{district.village.id}", data=form(district) | six | {"again": "more"}).text
    assert ('name="code-6"' in page, 'name="code-7"' in page, "One part more" in page) == (True, False, False)


def test_what_each_part_gets_is_shown_before_a_split(session, office, district):
    goes, stays = (make_person(session, district.village, name) for name in ("李小民", "周留守"))
    session.commit()
    fields = form(district) | {"code-1": "339901001011", "name-1": "石东村", "code-2": "339901001012"}
    fields |= {"name-2": "石西村", f"child-{district.grid.id}": "2"}
    fields |= {f"person-{goes.id}": "2", f"person-{stays.id}": "1"}
    page = office.post(f"/units/split/{district.village.id}", data=fields).text
    first, second = page.split("What each new unit gets")[1].split("<h3>")[1:]
    assert "石东村" in first
    assert ("周留守" in first, "李小民" in first, district.grid.name in first) == (True, False, False)
    assert "石西村" in second
    assert ("周留守" in second, "李小民" in second, district.grid.name in second.split("</section>")[0]) == (
        False,
        True,
        True,
    )


def test_a_split_that_is_planned_says_into_what(session, client_as, office, district):
    fields = form(district, days=30, confirm="1") | {"code-1": "339901001011", "name-1": "石东村"}
    office.post(f"/units/split/{district.village.id}", data=fields | {"code-2": "339901001012", "name-2": "石西村"})
    reader = client_as("dispatcher", district.root)
    record = reader.get(f"/units/show/{district.village.id}").text
    assert re.search(r"已计划：自 \d{4}-\d\d-\d\d 起石桥村拆分为石东村、石西村", record)
    assert "/units/withdraw/" not in record
    assert "撤回计划" not in record


def test_a_split_that_lacks_a_part_is_refused(session, office, district):
    fields = form(district) | {"code-1": "339901001011", "name-1": "石东村", "code-2": "", "name-2": ""}
    assert "at least two units" in office.post(f"/units/split/{district.village.id}", data=fields).text


def test_closed_units_are_greyed_in_the_list_and_left_out_of_choices(session, office, district):
    office.post(f"/units/merge/{district.village.id}", data=form(district, confirm="1"))
    yesterday = (local_date(now()) - timedelta(days=1)).isoformat()
    assert f'<span class="ended">{yesterday}</span>' in office.get("/units/list/").text
    assert "ended" not in office.get("/units/export/csv").text
    shown = [row["id"] for row in office.get("/options/Unit?q=石桥").json["results"]]
    assert district.village.id not in shown
    assert district.twin.id in shown


@pytest.mark.parametrize("role", ["dispatcher", "manager", "supervisor", "sec_admin"])
def test_nobody_but_the_office_sees_the_way_there(client_as, session, district, role):
    client = client_as(role, district.root)
    for address in ("merge", "split", "withdraw", "take_back"):
        page = client.post(f"/units/{address}/{district.village.id}", data=form(district, confirm="1"))
        assert page.status_code in (302, 403)
    assert f"/units/merge/{district.village.id}" not in client.get(f"/units/show/{district.village.id}").text
    session.expire_all()
    assert district.village.valid_to is None


def test_the_office_of_another_district_finds_no_such_unit(client_as, session, district):
    abroad = unit(session, None, "339902000000", "云山区", "district")
    session.commit()
    client = client_as("office", abroad)
    for address in ("merge", "split", "withdraw", "take_back"):
        assert client.post(f"/units/{address}/{district.village.id}", data=form(district)).status_code == 404
    assert session.scalars(sa.select(Ticket)).all() == []


def test_a_unit_of_another_district_is_no_choice(session, office, district):
    abroad = unit(session, None, "339902000000", "云山区", "district")
    town = unit(session, abroad, "339902001000", "云山镇", "town")
    far = unit(session, town, "339902001001", "云下村", "village")
    session.commit()
    page = office.post(f"/units/merge/{district.village.id}", data=form(district, into=far.id, confirm="1"))
    assert "Not a valid choice" in page.text
    session.expire_all()
    assert district.village.valid_to is None

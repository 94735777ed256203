"""Lists that do not know yet that 石桥村 has merged into 蒋湾村."""

from datetime import date

import pytest
import sqlalchemy as sa

from models.people import Person
from models.unit_changes import merge
from models.units import Unit
from tests.factories import actor
from tests.imports.books import xlsx
from tests.imports.conftest import counted
from tests.stage import at


@pytest.fixture
def merged(session, district):
    office = actor(session, "office", district.root)
    merge(session, [district.village], district.twin, date(2026, 8, 1), office, at("2026-08-03 09:00"), reason="撤并")
    session.commit()


def grid(session):
    return session.scalars(sa.select(Unit).where(Unit.code == "339901001001-01")).one()


def test_an_old_list_of_grids_moves_none_back_below_the_village_that_is_gone(session, load, district, merged):
    rows = [["名称", "代码", "上级代码", "户数"], ["石桥第一网格", "339901001001-01", "339901001001", "98"]]
    assert load("units", xlsx(rows)) == counted(changed=1)
    session.expire_all()
    assert (grid(session).parent, grid(session).households) == (district.twin, 98)


def test_nor_does_one_that_has_the_village_as_well(session, load, district, merged):
    rows = [["名称", "代码", "上级代码"], ["石桥村", "339901001001", "339901001000"],
            ["石桥第一网格", "339901001001-01", "339901001001"]]  # fmt: skip
    assert load("units", xlsx(rows)) == counted(same=2)
    session.expire_all()
    assert (grid(session).parent, district.village.successor) == (district.twin, district.twin)


def test_a_roster_that_writes_the_old_village_puts_its_people_into_the_successor(session, load, district, merged):
    rows = [["姓名", "工号", "单位"], ["李小民", "A1", "石桥村"], ["周网格", "A2", "石桥第一网格"]]
    assert load("people", xlsx(rows))["new"] == 2
    found = dict(session.execute(sa.select(Person.staff_no, Person.unit_id)).all())
    assert (found["A1"], found["A2"]) == (district.twin.id, grid(session).id)

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from models.acting import SYSTEM, Scope, acting_as
from models.changes import Change
from models.households import Household
from models.types import has_code
from models.units import move
from rules.refusals import Refusal
from tests.factories import make_household, unit
from tests.stage import at


def test_a_household_lies_where_its_grid_lies(session, district):
    made = make_household(session, district.grid)
    assert (made.path, made.place) == ("/339901000000/339901001000/339901001001/339901001001-01/", made.path)


@pytest.mark.parametrize("where", ["root", "town", "department"])
def test_no_household_lies_in_an_office(session, district, where):
    with pytest.raises(Refusal, match="A household lies in a village, a grid or an estate"):
        make_household(session, getattr(district, where))


def test_a_number_is_unique_in_the_district_and_no_number_is_no_number(session, district):
    other = unit(session, None, "339902000000", "外县", "district")
    town = unit(session, other, "339902001000", "外镇", "town")
    far = unit(session, town, "339902001001", "外村", "village")
    make_household(session, district.village, number="7")
    make_household(session, far, number="7")
    assert {make_household(session, district.village, number=" ").number for _ in range(2)} == {None}
    with pytest.raises(IntegrityError):
        make_household(session, district.far_village, number="7")


def test_the_telephone_is_kept_sealed_and_found_by_its_hash(session, district):
    made = make_household(session, district.village, telephone="13800138000")
    session.commit()
    raw = session.execute(sa.text("SELECT telephone, telephone_hash FROM household")).one()
    assert b"13800138000" not in bytes(raw.telephone)
    assert len(raw.telephone_hash) == 32
    assert (made.telephone, made.masked_telephone) == ("13800138000", "138****8000")
    made.telephone = ""
    session.commit()
    assert (made.telephone, made.telephone_hash, made.masked_telephone) == (None, None, "")


def test_changes_are_kept_old_and_new_but_for_the_telephone(session, district):
    made = make_household(session, district.village, telephone="13800138000", labels=["disabled"])
    session.commit()
    session.refresh(made)
    made.telephone, made.labels, made.head = "13900139000", ["veteran", "disabled"], "石小桥"
    session.commit()
    change = session.scalars(sa.select(Change).where(Change.action == "changed")).one()
    assert (change.subject, change.path) == ("household", district.village.path)
    assert change.details == {
        "telephone_hash": ["•••", "•••"],
        "labels": [["disabled"], ["veteran", "disabled"]],
        "head": ["石大桥", "石小桥"],
    }
    assert made.version == 2


def test_a_group_is_found_whole_and_not_as_a_part_of_another(session, district):
    make_household(session, district.village, "甲", labels=["near_allowance", "disabled"])
    make_household(session, district.village, "乙", labels=["allowance"])
    make_household(session, district.village, "丙")
    found = session.scalars(sa.select(Household.head).where(has_code(Household.labels, "allowance")))
    assert list(found) == ["乙"]
    assert session.scalar(sa.text("SELECT labels FROM household WHERE head = '甲'")) == ",disabled,near_allowance,"
    assert session.scalar(sa.text("SELECT labels FROM household WHERE head = '丙'")) == ""


@pytest.mark.parametrize(
    ("parts", "address"),
    [
        ({"present_address": "石桥村锦园3幢501", "estate": "锦园"}, "石桥村锦园3幢501"),
        ({"estate": "锦园", "building": "3", "entrance": "1", "room": "501"}, "锦园 3幢 1单元 501室"),
        ({"estate": "锦园", "building": "三号楼", "room": "501"}, "锦园 三号楼 501室"),
        ({"door": "12", "registered_address": "沙口村8号"}, "12号"),
        ({"registered_address": "沙口村8号"}, "沙口村8号"),
        ({}, ""),
    ],
)
def test_the_address_says_where_to_knock(parts, address):
    columns = ("present_address", "registered_address", "estate", "building", "entrance", "room", "door")
    assert Household(head="石大桥", **dict.fromkeys(columns, "") | parts).address == address


def test_the_head_is_masked_for_those_who_look_on(session, district):
    made = make_household(session, district.village)
    assert str(made) == "石大桥"
    with acting_as(SYSTEM, at("2026-09-18 09:00"), Scope(paths=(district.root.path,))):
        assert str(made) == "石**"


def test_households_are_seen_from_their_village_upwards_and_from_nowhere_else(session, district):
    make_household(session, district.grid, "甲")
    make_household(session, district.far_village, "乙")
    session.commit()
    seen = {}
    for where in ("root", "town", "village", "grid", "far_town", "twin", "department"):
        with acting_as(SYSTEM, at("2026-09-18 09:00"), Scope(paths=(getattr(district, where).path,))):
            seen[where] = set(session.scalars(sa.select(Household.head)))
    assert seen == {
        "root": {"甲", "乙"}, "town": {"甲"}, "village": {"甲"}, "grid": {"甲"}, "far_town": {"乙"},
        "twin": set(), "department": set(),
    }  # fmt: skip


def test_a_village_that_is_hung_elsewhere_takes_its_households_along(session, district):
    made = make_household(session, district.grid)
    session.commit()
    move(session, district.village, district.far_town)
    assert made.path == "/339901000000/339901002000/339901001001/339901001001-01/"


def test_a_grid_is_named_with_its_village_unless_its_own_name_begins_so(session, district):
    second = unit(session, district.village, "339901001001-02", "第二网格", "grid")
    named = unit(session, district.village, "339901001001-03", "石桥村第三网格", "grid")
    names = [each.full_name for each in (second, named, district.village, district.station)]
    assert names == ["石桥村第二网格", "石桥村第三网格", "石桥村", "城管青石中队"]

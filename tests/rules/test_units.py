import pytest

from rules.refusals import Refusal
from rules.units import PARENT_KINDS, UNIT_KIND_LABELS, UnitKind, check_code, kind_of_code, pad_code, parent_code


def test_every_kind_has_a_label_and_its_parents():
    assert set(UNIT_KIND_LABELS) == set(PARENT_KINDS) == set(UnitKind)


@pytest.mark.parametrize(
    ("short", "padded"),
    [
        ("33", "330000000000"),
        ("330111", "330111000000"),
        ("330111001", "330111001000"),
        ("330111001003", "330111001003"),
    ],
)
def test_a_code_is_padded_with_zeros_to_twelve_digits(short, padded):
    assert pad_code(short) == padded


@pytest.mark.parametrize("text", ["", "3301110", "33011100100x", "3301110010030", "３３０１１１"])
def test_what_is_not_a_division_code_is_refused_with_the_value(text):
    with pytest.raises(Refusal) as refused:
        pad_code(text)
    assert refused.value.values == {"code": text}


@pytest.mark.parametrize("code", ["330111001003", "330111001003-01", "JTJ_2", "交通局.1", "WG(01)"])
def test_an_office_numbers_its_units_with_letters_digits_and_a_few_signs(code):
    check_code(code)


@pytest.mark.parametrize(
    "code", ["", "bm/01", "bm 01", "bm\u300001", "bm'01", 'bm"01', "“bm”", "bm\n", "bm\0", "bm\u200b01"]
)
def test_slashes_spaces_quotes_and_what_nobody_sees_are_no_part_of_a_code(code):
    with pytest.raises(Refusal, match="without spaces or slashes"):
        check_code(code)


@pytest.mark.parametrize(
    ("code", "parent"),
    [
        ("330111001003", "330111001000"),
        ("330111001000", "330111000000"),
        ("330111000000", "330100000000"),
        ("330100000000", "330000000000"),
        ("330000000000", None),
    ],
)
def test_the_parent_of_a_code_is_one_level_up(code, parent):
    assert parent_code(code) == parent


def test_a_level_that_ends_in_zeros_of_its_own_keeps_them():
    assert parent_code("330111100200") == "330111100000"
    assert kind_of_code("330111100000") is UnitKind.TOWN


def test_the_kind_follows_from_the_code():
    assert kind_of_code("330111000000") is UnitKind.DISTRICT
    assert kind_of_code("330111001000") is UnitKind.TOWN
    assert kind_of_code("330111001003") is UnitKind.VILLAGE


def test_a_city_is_no_unit_of_the_district():
    with pytest.raises(Refusal, match="330100000000"):
        kind_of_code("330100000000")


def test_a_department_hangs_on_a_district_or_a_town_and_a_grid_only_on_a_village():
    assert PARENT_KINDS[UnitKind.DEPARTMENT] == {UnitKind.DISTRICT, UnitKind.TOWN}
    assert PARENT_KINDS[UnitKind.GRID] == {UnitKind.VILLAGE}

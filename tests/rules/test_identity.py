import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.identity import (
    clean_digits,
    credit_code_problem,
    id_number_problem,
    is_mobile,
    is_telephone,
    mask_id_number,
    mask_mobile,
    mask_mobiles,
    mask_name,
)


@pytest.mark.parametrize("number", ["11010519491231002X", "440524188001010014"])
def test_the_worked_examples_of_gb_11643_are_right(number):
    assert id_number_problem(number) is None


def test_every_digit_counts_for_the_check_digit():
    assert id_number_problem("999999198812289992") is None


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        ("110105194912310021", "The check digit of the ID number is wrong"),
        ("11010519491231020X", "The check digit of the ID number is wrong"),
        ("11010519490231002X", "The date of birth in the ID number does not exist"),
        ("11010519491331002X", "The date of birth in the ID number does not exist"),
        ("110105491231002", "An ID number has 17 digits and a last digit or X"),
        ("11010519491231002x", "An ID number has 17 digits and a last digit or X"),
        ("１1010519491231002X", "An ID number has 17 digits and a last digit or X"),
        ("", "An ID number has 17 digits and a last digit or X"),
    ],
)
def test_a_wrong_id_number_is_told_what_is_wrong_with_it(number, problem):
    assert id_number_problem(number) == problem


@pytest.mark.parametrize("number", ["330123199001010014", "330183199001010010", "330111199001010019"])
def test_every_prefix_fuyang_has_had_and_any_other_is_accepted(number):
    assert id_number_problem(number) is None


def test_a_leap_day_is_a_birthday_in_leap_years_only():
    assert id_number_problem("330111200002290019") != "The date of birth in the ID number does not exist"
    assert id_number_problem("330111190002290019") == "The date of birth in the ID number does not exist"


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("１３８０５７１０００１", "13805710001"),
        (" 138 0571-0001\t", "13805710001"),
        ("11010519491231002ｘ", "11010519491231002X"),
        ("9135０100—m000100y43", "91350100M000100Y43"),
    ],
)
def test_full_width_digits_spaces_and_hyphens_are_cleaned_away(typed, clean):
    assert clean_digits(typed) == clean


def test_a_mobile_has_eleven_digits_and_begins_with_13_to_19():
    assert is_mobile("13805710001")
    assert is_mobile("19905710001")
    assert not is_mobile("12805710001")
    assert not is_mobile("1380571000")
    assert not is_mobile("13805710001\n")
    assert not is_mobile("１３８０５７１０００１")


def test_masks_leave_what_a_clerk_needs_to_recognise():
    assert mask_id_number("11010519491231002X") == "110***********002X"
    assert mask_mobile("13805710001") == "138****0001"
    assert mask_name("王小明") == "王**"
    assert mask_name("张三") == "张*"


@pytest.mark.parametrize(("text", "shown"), [("", ""), ("63321234", "********"), ("110", "***")])
def test_what_is_too_short_to_hide_in_part_is_hidden_whole(text, shown):
    assert mask_mobile(text) == shown


def test_a_name_of_one_character_is_hidden():
    assert mask_name("王") == "*"
    assert mask_name("") == ""


@given(st.text("0123456789X", min_size=1, max_size=20))
def test_no_mask_shows_a_middle_digit_or_changes_the_length(text):
    for shown in (mask_id_number(text), mask_mobile(text)):
        assert len(shown) == len(text)
        assert set(shown[3:-4]) <= {"*"}
        assert shown.count("*") >= min(4, len(text))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("找石书记13812345678，或0571-63322110", "找石书记138****5678，或0571-63322110"),
        ("138-1234 5678、１３９００００００００", "138****5678、139****0000"),
        ("139901001000", "139901001000"),
        ("", ""),
    ],
)
def test_every_mobile_in_a_text_is_masked_and_no_longer_number(text, shown):
    assert mask_mobiles(text) == shown


@pytest.mark.parametrize("code", ["91350100M000100Y43", "52339901MA10000311", "92339901MA1000007C"])
def test_a_credit_code_whose_check_digit_fits_is_right(code):
    assert credit_code_problem(code) is None


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("91350100M000100Y42", "The check digit of the credit code is wrong"),
        ("91350100M000010Y43", "The check digit of the credit code is wrong"),
        ("91350100M000100Y4", "A credit code has 18 digits or capital letters, without I, O, S, V and Z"),
        ("91350100M0O0100Y43", "A credit code has 18 digits or capital letters, without I, O, S, V and Z"),
        ("91350100m000100y43", "A credit code has 18 digits or capital letters, without I, O, S, V and Z"),
        ("330122000012345", "A credit code has 18 digits or capital letters, without I, O, S, V and Z"),
    ],
)
def test_what_is_wrong_with_a_credit_code_is_said(code, problem):
    assert credit_code_problem(code) == problem


@pytest.mark.parametrize("text", ["13800138000", "057163391234", "63391234", "12345", "4001234567"])
def test_mobiles_lines_and_service_numbers_are_telephones(text):
    assert is_telephone(text)


@pytest.mark.parametrize("text", ["", "12", "1380013800x", "23800138000123"])
def test_what_cannot_be_dialled_is_no_telephone(text):
    assert not is_telephone(text)

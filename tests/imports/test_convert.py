from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from imports import convert, research_words
from imports.convert import CLEAR, Since1904, Unreadable
from rules.identity import half_width


@pytest.mark.parametrize(
    "cell",
    [
        "2026.3.5", "2026-03-05", "2026/3/5", "2026年3月5日", "2026 年 3 月 5 日", "２０２６．３．５", "20260305",
        20260305.0, "2026-03-05 00:00:00", "2026/3/5 9:51:36", 46086.0, "46086", date(2026, 3, 5),
        datetime(2026, 3, 5, 8),  # noqa: DTZ001
        "2026-03-05 星期四", "2026年3月5日上午", "2026-03-05（周四）", "2026/3/5 周四 9:51", "2026年3月5日 下午",
    ],
)  # fmt: skip
def test_a_day_is_read_in_every_way_offices_write_it(cell):
    assert convert.day(cell) == date(2026, 3, 5)


@pytest.mark.parametrize(
    "cell",
    [
        "2026.13.5", "2026年2月30日", "五月", 0.5, 123456.0, True, time(9), "5/3/2026", "星期四", "2026年3月上午",
        "2026-03-05T25:00Z", "0001-01-01T00:00+14:00",
        "0001-01-01", "1899-12-31", "2120-01-01", "9999-12-31", datetime(9999, 12, 31),  # noqa: DTZ001
    ],
)  # fmt: skip
def test_what_is_no_date_is_an_error(cell):
    with pytest.raises(Unreadable) as error:
        convert.day(cell)
    assert error.value.code == "date"


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2019/6/18 9:51:36", datetime(2019, 6, 18, 1, 51, 36, tzinfo=UTC)),
        ("2001-07-01 00:00:00", datetime(2001, 6, 30, 16, tzinfo=UTC)),
        ("2026年3月5日9时5分", datetime(2026, 3, 5, 1, 5, tzinfo=UTC)),
        (datetime(2019, 12, 21, 15, 11, 29), datetime(2019, 12, 21, 7, 11, 29, tzinfo=UTC)),  # noqa: DTZ001
        (46086.5, datetime(2026, 3, 5, 4, tzinfo=UTC)),
        ("2018/4/24", datetime(2018, 4, 23, 16, tzinfo=UTC)),
        ("2026-03-05T18:30", datetime(2026, 3, 5, 10, 30, tzinfo=UTC)),
        ("2026-03-05T18:30:00.250", datetime(2026, 3, 5, 10, 30, tzinfo=UTC)),
        ("2026-03-05 18:30:00+08:00", datetime(2026, 3, 5, 10, 30, tzinfo=UTC)),
        ("2026-03-05T10:30:00Z", datetime(2026, 3, 5, 10, 30, tzinfo=UTC)),
        ("2026-03-05T10:30:00.123456+0000", datetime(2026, 3, 5, 10, 30, tzinfo=UTC)),
    ],
)
def test_a_moment_is_the_clock_on_the_wall_in_beijing(cell, moment):
    assert convert.moment(cell) == moment


@pytest.mark.parametrize("converter", [convert.text, convert.day, convert.id_number, convert.whole, convert.flag])
def test_blank_keeps_and_one_word_clears(converter):
    assert converter("") is None
    assert converter(" \t　") is None
    assert converter(" 清空 ") is CLEAR


@pytest.mark.parametrize("cell", [2026.0, 2026.3, 2010.1, 3.15, Since1904(2026.3)])
@pytest.mark.parametrize("converter", [convert.day, convert.moment, research_words.deadline])
def test_a_year_a_month_or_a_day_of_a_month_in_a_numeric_cell_is_no_day_of_1905(converter, cell):
    with pytest.raises(Unreadable) as error:
        converter(cell)
    assert error.value.code == "date"


def test_a_number_typed_as_a_name_of_something_loses_its_decimal_point():
    assert convert.code(188006.0) == "188006"
    assert convert.text(13800.5) == "13800.5"


def test_an_id_number_in_a_numeric_cell_is_refused_and_not_repaired():
    with pytest.raises(Unreadable) as error:
        convert.id_number(1.10101194912310e17)
    assert error.value.code == "rounded"


def test_sixteen_digits_in_a_numeric_code_are_refused_and_fifteen_are_not():
    assert convert.code(330111001003001.0) == "330111001003001"
    with pytest.raises(Unreadable):
        convert.code(3301110010030012.0)


def test_full_width_digits_and_a_small_x_make_an_id_number():
    assert convert.id_number("１１０１０５１９４９１２３１００２ｘ") == "11010519491231002X"


def test_a_wrong_check_digit_is_named():
    with pytest.raises(Unreadable, match="id_number"):
        convert.id_number("110105194912310021")


@pytest.mark.parametrize(
    "cell", [13800138000.0, "13800138000.0", "138 0013 8000", "１３８００１３８０００", "+86 138-0013-8000"]
)
def test_a_mobile_is_eleven_digits_however_written(cell):
    assert convert.mobile(cell) == "13800138000"


@pytest.mark.parametrize("cell", ["1380013800", 12345678901.0, "张三"])
def test_what_is_no_mobile_is_an_error(cell):
    with pytest.raises(Unreadable):
        convert.mobile(cell)


@pytest.mark.parametrize("cell", ["0571-63322110", "63322110", "12345", "400 820 8820", 13800138000.0, "63322110.0"])
def test_a_telephone_may_be_a_line_of_an_office(cell):
    assert str(convert.phone(cell)).isdigit()


@pytest.mark.parametrize(
    ("cell", "yes"), [("是", True), ("√", True), ("否", False), ("×", False), (True, True), (0.0, False)]
)
def test_yes_and_no(cell, yes):
    assert convert.flag(cell) is yes


@pytest.mark.parametrize(
    ("cell", "number"), [("1,234.5", "1234.5"), ("￥12", "12"), ("85%", "0.85"), (3.0, "3.0"), ("１２", "12")]
)
def test_numbers(cell, number):
    assert convert.number(cell) == Decimal(number)


def test_a_whole_number_has_no_fraction():
    assert convert.whole(12.0) == 12
    with pytest.raises(Unreadable):
        convert.whole(12.5)


def test_long_text_loses_its_tabs_and_empty_lines_and_keeps_its_paragraphs():
    assert convert.long_text("\n\t\t\t\n\t\t 路灯不亮。\r\n\n　请修。\x07 ") == "路灯不亮。\n请修。"


@pytest.mark.parametrize("cell", ["Infinity", "-inf", "NaN", "sNaN", "1e999999999", "1e1000000%", 1e300])
def test_a_number_without_bounds_is_no_number(cell):
    with pytest.raises(Unreadable) as error:
        convert.whole(cell)
    assert error.value.code == "number"


def test_a_number_that_is_none_is_no_date():
    with pytest.raises(Unreadable) as error:
        convert.day(float("nan"))
    assert error.value.code == "date"


@pytest.mark.parametrize("read", [convert.day, convert.number, convert.flag])
@pytest.mark.parametrize("cell", ["\u0301\u0323" * 20_000, "1" + " " * 40_000 + "x", "@" + "|" * 40_000])
def test_a_cell_of_many_letters_is_refused(read, cell):
    with pytest.raises(Unreadable):
        read(cell)


def test_a_text_of_many_letters_is_left_as_it_stands():
    """What their forms are takes time that grows with the square of their number."""
    assert half_width("Ａ" * 500) == "A" * 500
    assert half_width("Ａ" * 501) == "Ａ" * 501


@pytest.mark.parametrize(("cell", "count"), [("12户", 12), ("１２ 户", 12), ("12", 12), (12.0, 12)])
def test_a_number_of_households_may_name_what_it_counts(cell, count):
    assert convert.households(cell) == count


@pytest.mark.parametrize(("cell", "count"), [("3人", 3), ("3 名", 3), ("1,200口", 1200)])
def test_a_number_of_people_may_name_what_it_counts(cell, count):
    assert convert.heads(cell) == count


@pytest.mark.parametrize(
    ("converter", "cell"),
    [(convert.households, "12人"), (convert.heads, "12户"), (convert.heads, "1.2万人"), (convert.heads, "2.5人"),
     (convert.households, "户"), (convert.number, "5.5万元")],
)  # fmt: skip
def test_a_number_of_something_else_is_none(converter, cell):
    with pytest.raises(Unreadable) as error:
        converter(cell)
    assert error.value.code == "number"


@pytest.mark.parametrize("between", ["、", "/", "；", "\n", " ", ", "])
def test_of_two_telephones_in_a_cell_the_first_is_named_and_none_is_chosen(between):
    with pytest.raises(Unreadable) as error:
        convert.phone(f"13800138000{between}0571-63310000")
    assert error.value.code == "phone"
    assert error.value.message % error.value.values == (
        "One number belongs in the cell, and there are 2: keep one of them, such as 138****8000"
    )
    with pytest.raises(Unreadable) as error:
        convert.mobile(f"0571-63310000{between}13800138000")
    assert (error.value.code, error.value.values) == ("mobile", {"count": "2", "first": "138****8000"})

"""Days off as an office pastes them."""

from datetime import date

import pytest

from imports.calendar_days import days_in_book, days_in_text
from rules.refusals import Refusal
from tests.imports.books import xlsx
from tests.rules.calendar_2026 import CALENDAR

NOTICE = """国务院办公厅关于2026年部分节假日安排的通知
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作。
"""


def test_the_published_words_of_2026_give_its_calendar():
    found = {each.day: each.working for each in days_in_text(NOTICE, 1999)}
    assert found == {day: working for day, working in CALENDAR.working.items() if day.year == 2026}
    named = {each.day: each.name for each in days_in_text(NOTICE, 1999)}
    assert (named[date(2026, 2, 14)], named[date(2026, 10, 7)]) == ("春节", "国庆节")


@pytest.mark.parametrize(
    ("line", "days", "working", "name"),
    [
        ("2027-02-06 班 春节", ["2027-02-06"], True, "春节"),
        ("2027/2/6\t休\t春节", ["2027-02-06"], False, "春节"),
        ("2月6日 调休上班", ["2027-02-06"], True, ""),
        ("2027-02-06 调休", ["2027-02-06"], True, ""),
        ("2027-02-08 调休", ["2027-02-08"], False, ""),
        ("2027年2月8日至2月10日 放假 春节", ["2027-02-08", "2027-02-09", "2027-02-10"], False, "春节"),
        ("2027-02-08～2027-02-09 off", ["2027-02-08", "2027-02-09"], False, ""),
        ("2027-02-06 正常", ["2027-02-06"], None, ""),
    ],
)
def test_a_line_may_be_written_in_many_ways(line, days, working, name):
    found = days_in_text(line, 2027)
    assert [each.day.isoformat() for each in found] == days
    assert {(each.working, each.name) for each in found} == {(working, name)}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("随便写点什么", "No day was found"),
        ("2027-02-30 休", "Line 1: “2027-02-30” is no day"),
        ("\n2027-02-06 星期五 班", "Line 2: 2027-02-06 is not the weekday"),
        ("2027-02-06 春节", "Line 1: write 休 for a day off"),
        ("2027-02-09至2027-02-06 休", "Line 1: the days do not run"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_line(text, problem):
    with pytest.raises(Refusal) as refused:
        days_in_text(text, 2027)
    assert str(refused.value).startswith(problem) or (refused.value.message % refused.value.values).startswith(problem)


def test_a_small_workbook_is_read_row_by_row():
    text = days_in_book(
        xlsx([["日期", "安排", "节日"], [date(2027, 2, 6), "班", "春节"], ["2027-02-08", "休", "春节"]])
    )
    assert [(each.day.isoformat(), each.working) for each in days_in_text(text, 2027)] == [
        ("2027-02-06", True),
        ("2027-02-08", False),
    ]

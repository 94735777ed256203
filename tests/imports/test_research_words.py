from datetime import date, datetime, time

import pytest

from imports.convert import Unreadable
from imports.research_words import (
    OUTCOMES,
    STAGES,
    VISIT_KINDS,
    clock,
    code_of,
    deadline,
    kind_of_object,
    kind_of_visit,
    written_off,
    year,
    year_in,
)
from rules.research import Outcome, TopicStage, VisitKind


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2026年6月", date(2026, 6, 30)),
        ("2026年6月底前", date(2026, 6, 30)),
        ("2026.2", date(2026, 2, 28)),
        ("2024-2", date(2024, 2, 29)),
        ("2026年底", date(2026, 12, 31)),
        ("２０２６年末", date(2026, 12, 31)),
        ("2026年6月5日前", date(2026, 6, 5)),
        ("2026/6/18 9:51:36", date(2026, 6, 18)),
        (datetime(2026, 6, 18), date(2026, 6, 18)),  # noqa: DTZ001
        (46191.0, date(2026, 6, 18)),
        ("  ", None),
    ],
)
def test_a_deadline_is_the_last_day_of_what_it_names(cell, day):
    assert deadline(cell) == day


@pytest.mark.parametrize("cell", ["长期", "2026年13月", "2026", "6月底"])
def test_a_deadline_that_names_no_day_is_refused(cell):
    with pytest.raises(Unreadable):
        deadline(cell)


@pytest.mark.parametrize(
    ("cell", "number"),
    [("2026", 2026), (2026.0, 2026), ("2026年", 2026), ("２０２６年度", 2026), (date(2026, 1, 1), 2026)],
)
def test_a_year_is_read_however_it_is_written(cell, number):
    assert year(cell) == number


@pytest.mark.parametrize("cell", ["26", "1948", "2120", "今年"])
def test_a_year_out_of_range_is_refused(cell):
    with pytest.raises(Unreadable):
        year(cell)


@pytest.mark.parametrize(
    ("cell", "at"),
    [
        ("19:30", time(19, 30)),
        ("19时30分", time(19, 30)),
        ("9点", time(9)),
        ("上午9点半", time(9, 30)),
        ("晚上 7:30", time(19, 30)),
        ("下午12点", time(12)),
        (0.8125, time(19, 30)),
        (time(19, 30), time(19, 30)),
        ("2026/6/18 9:51:36", time(9, 51, 36)),
    ],
)
def test_a_time_of_day_is_read_however_it_is_written(cell, at):
    assert clock(cell) == at


@pytest.mark.parametrize("cell", ["25:00", "晚上", "晚上12点", "饭后", "2026-06-18"])
def test_what_is_no_time_of_day_is_refused_as_a_time(cell):
    with pytest.raises(Unreadable) as refused:
        clock(cell)
    assert refused.value.code == "time"


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("是", True),
        ("√", True),
        ("已销号", True),
        ("否", False),
        ("推进中", False),
        ("2026年11月3日", date(2026, 11, 3)),
        (datetime(2026, 11, 3), date(2026, 11, 3)),  # noqa: DTZ001
    ],
)
def test_writing_off_is_a_word_or_a_day(cell, said):
    assert written_off(cell) == said


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("清溪恒达机械有限公司", "enterprise"),
        ("阿根便利店", "enterprise"),
        ("石桥村茶叶合作社", "enterprise"),
        ("清溪区第一小学", "institution"),
        ("石桥村村委会", "institution"),
        ("石桥村老年协会", "social_organisation"),
        ("滨江大道改造工程", "project"),
        ("陈阿根", "household"),
        ("王小店", "household"),
        ("陈阿根（3组）", "household"),
        ("恒达机械厂（东区）", "enterprise"),
    ],
)
def test_the_end_of_a_name_tells_what_was_visited(name, kind):
    assert kind_of_object(name) == kind


def test_an_evening_is_a_night_talk():
    assert kind_of_visit(time(18)) is VisitKind.NIGHT_TALK
    assert kind_of_visit(time(17, 59)) is VisitKind.DAY_VISIT
    assert kind_of_visit(None) is VisitKind.DAY_VISIT


def test_words_and_codes_are_known_and_others_are_not():
    assert code_of("宣讲（党课）", VISIT_KINDS) == "lecture"
    assert code_of("night_talk", VISIT_KINDS) == "night_talk"
    assert code_of("散步", VISIT_KINDS) is None
    assert set(VISIT_KINDS.values()) == set(VisitKind)
    assert set(OUTCOMES.values()) == set(Outcome)
    assert set(STAGES.values()) == set(TopicStage)


@pytest.mark.parametrize(
    ("name", "found"), [("2026年民生实事.xlsx", 2026), ("任务书2025", 2025), ("339901202600", None), ("清单", None)]
)
def test_the_year_in_a_name(name, found):
    assert year_in(name) == found

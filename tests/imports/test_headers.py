from collections import Counter
from sys import setprofile

import pytest

from imports.headers import data_rows, find, forms, plain, speaking_name
from imports.reading import read
from tests.imports.books import xlsx

KNOWN = {plain(label) for label in ("姓名", "手机", "联系方式/手机", "资金", "单位", "备注", "性别")}


def header(data):
    with read(data) as book:
        return find(book.sheets[0], KNOWN)


def rows(data):
    with read(data) as book:
        found = find(book.sheets[0], KNOWN)
        assert found is not None
        return list(data_rows(book.sheets[0], found))


def test_the_header_stands_below_a_title_and_a_line_of_the_office():
    found = header(xlsx([["2026年干部花名册"], ["填报单位：青石镇", "", "日期"], ["序号", "姓名", "单位"]]))
    assert (found.first, found.last, found.headings) == (3, 3, {1: "序号", 2: "姓名", 3: "单位"})


def test_a_header_over_two_rows_is_joined_where_a_range_is_merged():
    found = header(xlsx([["姓名", "联系方式", None], [None, "手机", "备注"]], merged=["A1:A2", "B1:C1"]))
    assert (found.first, found.last) == (1, 2)
    assert found.headings == {1: "姓名", 2: "联系方式/手机", 3: "联系方式/备注"}


def test_a_sheet_without_two_known_labels_has_no_header():
    assert header(xlsx([["填表说明"], ["姓名一栏按身份证填写"], ["姓名"]])) is None


def test_a_header_below_row_thirty_is_not_found():
    assert header(xlsx([*[["说明"]] * 30, ["姓名", "单位"]])) is None


def test_totals_remarks_and_headers_printed_again_are_no_data():
    found = rows(
        xlsx(
            [
                ["序号", "姓名", "单位"],
                [1, "甲", "村"],
                ["序号", "姓名", "单位"],
                [2, "乙", "村"],
                ["合 计", 2],
                ["备注：略"],
            ]
        )
    )
    assert [(number, cells[1]) for number, cells in found] == [(2, "甲"), (4, "乙")]


@pytest.mark.parametrize("first", ["合计：", "合计:2人", "总计（人）", "小计(户)", "本页小计", "全镇合计"])
def test_a_total_is_known_by_its_first_word_however_it_goes_on(first):
    found = rows(xlsx([["单位", "姓名"], ["村", "甲"], [first, 2], ["合计村", "乙"]]))
    assert [number for number, _ in found] == [2, 4]


def test_a_range_merged_downwards_says_its_value_in_every_row():
    found = rows(xlsx([["单位", "姓名"], ["石桥村", "甲"], [None, "乙"], ["沙口村", "丙"]], merged=["A2:A3"]))
    assert [cells for _, cells in found] == [["石桥村", "甲"], ["石桥村", "乙"], ["沙口村", "丙"]]


def test_of_ranges_that_overlap_the_lower_one_says_its_value():
    with read(xlsx([["单位", "姓名"], ["石桥村", "甲"], ["沙口村", "乙"], [None, "丙"]])) as book:
        book.sheets[0].merged.extend([(2, 1, 9, 1), (3, 1, 9, 1)])
        found = list(data_rows(book.sheets[0], find(book.sheets[0], KNOWN)))
    assert [cells[0] for _, cells in found] == ["石桥村", "沙口村", "沙口村"]


@pytest.mark.parametrize("below", [0, 1])
def test_ranges_that_lie_on_each_other_and_reach_beyond_the_sheet_are_gone_through_once(below):
    calls: Counter[str] = Counter()
    with read(xlsx([["姓名", "单位"], ["姓名", "单位"]])) as book:
        book.sheets[0].merged.extend([(1 + below, 1, 1_048_576, 16_384)] * 1_500)
        setprofile(lambda frame, event, called: calls.update([event]))
        try:
            find(book.sheets[0], KNOWN)
        finally:
            setprofile(None)
    assert 0 < calls["c_call"] < 20_000


def test_a_title_that_is_merged_beyond_the_sheet_hides_no_header():
    with read(xlsx([["花名册"], ["姓名", "单位"]])) as book:
        book.sheets[0].merged.append((1, 1, 1, 16_384))
        found = find(book.sheets[0], KNOWN)
    assert (found.last, found.headings) == (2, {1: "姓名", 2: "单位"})


def test_a_blank_that_is_not_merged_stays_blank():
    assert [cells for _, cells in rows(xlsx([["单位", "姓名"], ["石桥村", "甲"], [None, "乙"]]))] == [
        ["石桥村", "甲"],
        ["", "乙"],
    ]


@pytest.mark.parametrize(
    ("label", "known"),
    [("* 姓 名 ", "姓名"), ("资金（万元）", "资金"), ("手机：", "手机"), ("ＩＤ", "id"), ("联系方式/手机", "手机")],
)
def test_a_heading_is_known_in_spite_of_its_ornaments(label, known):
    assert known in forms(label)


@pytest.mark.parametrize("letters", ["【", "(", "\u0301\u0323"])
def test_a_heading_of_many_letters_is_known_as_nothing_else(letters):
    assert {*forms(letters * 20_000)} <= {"", letters * 20_000}


@pytest.mark.parametrize(("name", "said"), [("Sheet1", ""), ("工作表 2", ""), ("3", ""), ("石桥村", "石桥村")])
def test_only_a_speaking_sheet_name_says_something(name, said):
    with read(xlsx((name, [["姓名"]]))) as book:
        assert speaking_name(book.sheets[0]) == said


def test_a_header_of_two_rows_printed_again_is_no_data():
    head = [["姓名", "联系方式", None], [None, "手机", "备注"]]
    found = rows(xlsx([*head, ["甲", "1", "x"], *head, ["乙", "2", "y"]], merged=["A1:A2", "B1:C1"]))
    assert [cells[0] for _, cells in found] == ["甲", "乙"]

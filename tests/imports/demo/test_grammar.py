from imports.demo.grammar import SLOTS, compiled, one_of, render
from imports.demo.phrases import TROUBLES
from imports.demo.places import numeral
from imports.demo.staff import check_digit
from models.categories import SEED


def said(text: str, drawn: float, **slots: str) -> str:
    parts: list[str] = []
    render(compiled(text), lambda: drawn, [slots.get(name, "") for name in SLOTS], parts.append)
    return "".join(parts)


def test_a_phrase_draws_one_of_its_alternatives_and_fills_its_slots():
    assert said("{road}的[灯|路牌]坏了{days}", 0.0, road="清波路", days="3天") == "清波路的灯坏了3天"
    assert said("{road}的[灯|路牌]坏了", 0.9, road="清波路") == "清波路的路牌坏了"
    assert said("[|没有人管{town}]", 0.0) == ""
    assert one_of([compiled("一"), compiled("二")], lambda: 0.6, []) == "二"


def test_every_leaf_of_the_default_categories_has_troubles_and_each_can_be_told():
    leaves = {code for rows in SEED.values() for code, *_ in rows}
    assert {trouble.category for trouble in TROUBLES} == leaves
    assert len(TROUBLES) >= 40
    for trouble in TROUBLES:
        for texts in (trouble.titles, trouble.facts, trouble.harms, trouble.wishes, trouble.results):
            assert not set("".join(said(text, 0.5) for text in texts)) & set("[]|{}")


def test_numerals_and_check_digits():
    assert [numeral(number) for number in (3, 10, 11, 20, 34)] == ["三", "十", "十一", "二十", "三十四"]
    assert check_digit("11010519491231002") == "X"

import pytest

from imports.choices import NOT_IN_FILE
from imports.columns import Column
from imports.convert import text
from imports.mapping import How, match, settle
from rules.refusals import Refusal

COLUMNS = (
    Column("code", "代码", text, ("village_code", "street_code")),
    Column("parent_code", "上级代码", text, ("street_code",)),
    Column("name", "名称", text, ("村社名称",), required=True),
)


def test_each_column_takes_the_heading_it_prefers_wherever_it_stands():
    assert match({1: "street_code", 2: "village_code", 3: "村社名称"}, COLUMNS).columns == {
        "code": 2,
        "parent_code": 1,
        "name": 3,
    }


def test_without_its_favourite_a_column_takes_the_next():
    assert match({1: "street_code", 2: "名称"}, COLUMNS).columns == {"code": 1, "name": 2}


def test_unknown_headings_are_named():
    assert match({1: "代码", 2: "名称", 5: "传真"}, COLUMNS).unknown == ["传真"]


def test_a_likeness_is_suggested_and_not_used():
    found = match({1: "代码", 2: "村社的名称"}, COLUMNS)
    assert found.columns == {"code": 1}
    assert found.suggestions == {"村社的名称": "名称"}
    assert [column.name for column in found.missing(COLUMNS)] == ["name"]


@pytest.mark.parametrize(
    ("heading", "suggested"),
    [("名称（含曾用名）全称", "名称"), ("所辖村社名称", "名称"), ("上级代码证", "上级代码"), ("曾用名", None)],
)
def test_what_a_heading_begins_or_ends_with_is_suggested(heading, suggested):
    assert match({1: heading}, COLUMNS).suggestions.get(heading) == suggested


def test_a_second_column_of_the_same_name_is_named_as_ignored():
    found = match({1: "名称", 2: "名称"}, COLUMNS)
    assert (found.columns, found.unknown) == ({"name": 1}, ["名称"])


HEADINGS = {1: "代码", 2: "村社的名称", 3: "名称", 4: "上级"}


def test_it_says_of_each_column_why_it_was_taken():
    assert match({1: "代码", 2: "村社名称"}, COLUMNS).how == {"code": How.EXACT, "name": How.SYNONYM}


def test_what_was_remembered_goes_before_what_is_found_and_what_is_chosen_before_both():
    saved = {"name": 2, "code": 1}
    found = settle(HEADINGS, COLUMNS, saved)
    assert (found.columns, found.how) == ({"code": 1, "name": 2}, {"code": How.EXACT, "name": How.SAVED})
    found = settle(HEADINGS, COLUMNS, saved, {"name": 3, "parent_code": 4, "code": 1})
    assert found.columns == {"code": 1, "parent_code": 4, "name": 3}
    assert found.how == {"code": How.EXACT, "parent_code": How.BY_HAND, "name": How.BY_HAND}
    assert found.unknown == ["村社的名称"]


def test_a_column_said_not_to_be_in_the_file_is_neither_taken_nor_suggested():
    found = settle(HEADINGS, COLUMNS, chosen={"name": NOT_IN_FILE})
    assert (found.columns, found.suggestions) == ({"code": 1}, {})
    assert [column.name for column in found.missing(COLUMNS)] == ["name"]


def test_columns_nobody_spoke_of_take_what_is_left():
    assert settle(HEADINGS, COLUMNS, chosen={"parent_code": 1}).columns == {"parent_code": 1, "name": 3}


def test_one_column_of_the_file_fills_no_two_of_ours():
    with pytest.raises(Refusal) as refused:
        settle(HEADINGS, COLUMNS, chosen={"parent_code": 4, "name": 4})
    assert refused.value.values == {"heading": "上级", "first": "上级代码", "second": "名称"}

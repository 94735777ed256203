from imports.columns import Column
from imports.convert import text
from imports.mapping import match

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


def test_a_second_column_of_the_same_name_is_named_as_ignored():
    found = match({1: "名称", 2: "名称"}, COLUMNS)
    assert (found.columns, found.unknown) == ({"name": 1}, ["名称"])

import pytest

from tests.imports.books import xlsx
from tests.imports.test_sheet_names import NOUNS

LEDGER = ["编号", "来源", "标题", "反映时间"], ["T1", "热线", "路灯不亮", "2026-03-05 10:00"]


@pytest.mark.parametrize("kind", [*NOUNS, "tickets"])
def test_the_same_row_of_two_sheets_is_twice_the_same_wherever_it_stands(load, district, kind):
    head, row = LEDGER if kind == "tickets" else NOUNS[kind][1:]
    counts = load.preview(kind, xlsx([head, row], [head, row]), unit=district.village.code)[1]
    assert (counts["new"], counts["error"]) == (1, 1)
    assert [code for _, _, code in load.errors] == ["twice"]
    assert "The same entry stands in “Sheet1”, row 2" in load.said

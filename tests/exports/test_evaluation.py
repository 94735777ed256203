import io
from decimal import Decimal

import openpyxl
import pytest

from exports.evaluation import evaluation_workbook, write
from models.acting import Actor, Scope, acting_as
from models.evaluations import active_scheme, compute
from rules.periods import parse_month
from rules.refusals import Refusal
from tests.cases import make_leg, make_rating, make_ticket
from tests.stage import at

OCTOBER, AUGUST = parse_month("2026-10"), parse_month("2026-08")
LATER = at("2026-11-20 12:00")
EVALUATOR = Actor(None, "王建国")


@pytest.fixture
def october_cases(session, district):
    """Signed in time: the village 9 of 10, one not known; the far village 3 of 3. The department satisfied 1 of 2."""

    def legs(unit, in_time, late):
        for number in range(in_time + late):
            ticket = make_ticket(session, unit, at("2026-10-08 09:00"), "submitted")
            signed_at = at("2026-10-08 10:00") if number < in_time else at("2026-10-08 17:01")
            make_leg(session, ticket, unit, "signed", sign_due_at=at("2026-10-08 17:00"), signed_at=signed_at)

    legs(district.village, 9, 1)
    legs(district.far_village, 3, 0)
    old = make_ticket(session, district.grid, at("2026-10-03 09:00"), "submitted")
    make_leg(session, old, district.grid, "settled")
    for stars in (5, 3):
        make_rating(session, old, district.department, stars, at("2026-10-08 09:00"))


@pytest.fixture
def book_of(session, district):
    def book(period=OCTOBER, unit=None, *, results=True):
        evaluation = compute(session, period, district.root, LATER, active_scheme(session))
        data = evaluation_workbook(session, evaluation, unit or district.root, "王建国")
        return openpyxl.load_workbook(io.BytesIO(data), data_only=results)

    return book


def line(sheet, name):
    """Cells of a unit's row from the left."""
    row = next(cells for cells in sheet.iter_rows(min_row=5) if cells[1].value == name)
    return [cell.value for cell in row]


def test_a_units_row_holds_counts_rate_target_score_total_place_and_reason(october_cases, book_of):
    cells = line(book_of()["单位考核表"], "石桥村")
    assert cells[:7] == [1, "石桥村", 9, 10, 0.9, 0.98, 12]
    assert cells[7:12] == [None, None, None, 0.98, None]
    assert cells[-3:] == [60, 1, "签收超时1件扣8.00分；签收时间不详1件未计"]


def test_units_with_few_cases_are_shown_without_a_place(october_cases, book_of):
    assert line(book_of()["单位考核表"], "沙口村")[-3:] == [100, "—", None]
    assert line(book_of()["单位考核表"], "区交通局")[-8:] == [1, 2, 0.5, 0.98, 0, 0, "—", "三星及以下1件扣25.00分"]


def test_towns_contain_their_villages_and_the_total_counts_every_case_once(october_cases, book_of):
    sheet = book_of()["单位考核表"]
    assert line(sheet, "青石镇")[2:4] == [9, 10]
    sums = [[cell.value for cell in row][1:5] for row in sheet.iter_rows() if row[1].value in ("小计", "合计")]
    assert sums == [
        ["小计", 12, 13, 0.9231],
        ["小计", 12, 13, 0.9231],
        ["小计", None, None, None],
        ["小计", None, None, None],
        ["合计", 12, 13, 0.9231],
    ]


def test_a_name_that_stands_in_two_towns_is_told_with_its_town(book_of):
    names = [row[1].value for row in book_of()["单位考核表"].iter_rows(min_row=5)]
    assert [name for name in names if name and "蒋湾村" in name] == ["青石镇蒋湾村", "白沙乡蒋湾村"]


def test_rates_scores_totals_and_sums_are_formulas(october_cases, book_of):
    sheet = book_of(results=False)["单位考核表"]
    village = line(sheet, "石桥村")
    assert village[2:4] == [9, 10]
    assert all(str(village[place]).startswith("=") for place in (4, 5, 6, 22))
    assert all(str(cell).startswith("=") for cell in line(sheet, "合计")[2:5])


def test_a_month_without_cases_is_the_full_sheet_with_empty_figures(october_cases, book_of):
    sheet = book_of(AUGUST)["单位考核表"]
    assert line(sheet, "石桥村") == [1, "石桥村", *[None, None, None, 0.98, None] * 4, None, "—", None]
    assert line(sheet, "合计") == [None, "合计", *[None] * 23]
    assert sheet["A1"].value == "清溪区2026年8月民情工单办理单位考核表"


def test_the_head_says_who_when_and_as_of(book_of):
    assert book_of()["单位考核表"]["A2"].value == (
        "填报单位：清溪区　　统计时段：2026年10月1日至10月31日　　数据截至：2026-11-20 12:00"
        "　　制表人：王建国　　审核人：______"
    )


def test_the_sheet_is_set_up_for_the_printer(book_of):
    sheet = book_of()["单位考核表"]
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.page_setup.fitToHeight) == (True, 0)
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("C5", "$3:$4")
    assert sheet.oddFooter.center.text == "第 &P 页，共 &N 页"


def test_a_town_gets_the_sheet_of_what_lies_in_it(october_cases, book_of, district):
    sheet = book_of(unit=district.town)["单位考核表"]
    names = [row[1].value for row in sheet.iter_rows(min_row=5) if isinstance(row[0].value, int)]
    assert names == ["青石镇", "石桥村", "蒋湾村"]
    assert line(sheet, "合计")[2:4] == [9, 10]
    assert line(book_of(unit=district.far_village)["单位考核表"], "合计")[2:4] == [3, 3]


def test_no_rows_outside_the_scope_get_onto_a_sheet(session, book_of, district):
    with acting_as(EVALUATOR, LATER, Scope(paths=(district.far_town.path,))):
        sheet = book_of(unit=district.root)["单位考核表"]
    names = [row[1].value for row in sheet.iter_rows(min_row=5) if isinstance(row[0].value, int)]
    assert names == ["白沙乡", "沙口村", "蒋湾村"]


def test_a_grid_is_evaluated_with_its_village(book_of, district):
    with pytest.raises(Refusal, match="石桥第一网格 is not evaluated by itself"):
        book_of(unit=district.grid)


def test_the_method_sheet_names_scheme_moment_digest_and_what_was_left_out(session, district, october_cases, book_of):
    sheet = book_of()["口径说明"]
    text = "\n".join(str(row[0].value) for row in sheet.iter_rows())
    evaluation = compute(session, OCTOBER, district.root, LATER, active_scheme(session))
    assert "单位日常考核（默认方案），第1版" in text
    assert "数据截至2026-11-20 12:00" in text
    assert evaluation.digest in text
    assert [cell.value for cell in sheet[6]][-1] == 1
    assert [cell.value for cell in sheet[6]][:1] == ["按时签收率"]


def test_the_command_writes_what_it_computed(session, district, october_cases, tmp_path):
    out = tmp_path / "10月.xlsx"
    evaluation = write(session, OCTOBER, district.village, LATER, out, EVALUATOR)
    assert line(openpyxl.load_workbook(out, data_only=True)["单位考核表"], "石桥村")[6] == 12
    assert {row.score for row in evaluation.scores if row.unit_id == district.village.id} == {Decimal("12.00"), None}

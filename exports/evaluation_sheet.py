"""How the 单位考核表 lies on paper. Rates, scores, totals and sums are formulas over the counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from exports.ledger import FONT, print_set_up
from exports.method_sheet import CELLS, HEADING_FONT
from exports.results import Results, Value
from models.evaluations import Evaluation
from models.figures import Count
from rules.periods import parse_month
from rules.scoring import Direction, Indicator, rate, round2
from rules.workdays import ZONE

if TYPE_CHECKING:
    from exports.evaluation import Group, Line

NUMERALS = "一二三四"
PEERS = {
    "towns": "镇街（含所辖村社、网格、小区）",
    "villages": "村社（含网格、小区）",
    "departments": "部门站所",
    "district": "区本级",
}
PARTS = ("分子", "分母", "比率", "目标", "得分")
WIDTHS = (5.5, 5.5, 8.5, 8.5, 7)
FIRST = 3
HEADER_ROW = 3
FIRST_ROW = 5
LINE_HEIGHT = 15.5
NAME_CHARACTERS = 8

THIN = Side(style="thin", color="808080")
BOX = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
HEAD_FILL = PatternFill("solid", fgColor="DDE8EC")
GROUP_FILL = PatternFill("solid", fgColor="F2F6F7")
CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)
INDENTED = Alignment(horizontal="left", vertical="center", wrap_text=True, indent=1)
COUNT, PERCENT, POINTS = "#,##0", "0.00%", "0.00"


@dataclass(frozen=True)
class Table:
    sheet: Worksheet
    results: Results
    indicators: Sequence[Indicator]
    targets: Sequence[Decimal]
    method_rows: Sequence[int]
    """Where the method sheet keeps each indicator's target, marks and so on."""

    @property
    def total_column(self) -> int:
        return FIRST + len(PARTS) * len(self.indicators)

    @property
    def last_column(self) -> int:
        return self.total_column + 2

    def column(self, indicator: int, part: int) -> str:
        return get_column_letter(FIRST + len(PARTS) * indicator + part)

    def method(self, indicator: int, name: str) -> str:
        return f"'口径说明'!${CELLS[name]}${self.method_rows[indicator]}"

    def put(self, row: int, column: int | str, value: object, shown: str = "", align: Alignment = CENTRE) -> None:
        """A text that begins with `=` is a formula only by way of `work_out`."""
        place = column if isinstance(column, str) else get_column_letter(column)
        cell = self.sheet[f"{place}{row}"]
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"
        cell.style = self._style(shown or "General", align)

    def _style(self, shown: str, align: Alignment) -> str:
        """Named once for the workbook: a style put together for each of ten thousand cells takes seconds."""
        name = f"表格 {shown} {align.horizontal} {align.indent:g}"
        workbook = self.sheet.parent
        if workbook is not None and name not in workbook.style_names:
            font = Font(name=FONT, size=11)
            workbook.add_named_style(NamedStyle(name, font, border=BOX, alignment=align, number_format=shown))
        return name

    def work_out(self, row: int, column: str, formula: str, value: Value | None, shown: str) -> None:
        self.put(row, column, None, shown)
        self.results.put(self.sheet, f"{column}{row}", formula, value)


def fill(
    sheet: Worksheet,
    results: Results,
    evaluation: Evaluation,
    groups: Sequence["Group"],
    method_rows: Sequence[int],
    reporting_unit: str,
    maker: str,
) -> None:
    targets = [Decimal(row["target"]) for row in evaluation.method["indicators"]]
    table = Table(sheet, results, evaluation.indicators, targets, method_rows)
    sheet.title = "单位考核表"
    _head(table, evaluation, reporting_unit, maker)
    _header(table, [row["name"] for row in evaluation.method["indicators"]])
    row, sums = FIRST_ROW, []
    for numeral, group in zip(NUMERALS, groups, strict=False):
        row = _group(table, row, f"{numeral}、{PEERS[group.peers]}", group)
        if group.added:
            sums.append((row - 1, group.counts()))
    _grand_total(table, row, sums)
    _foot(table, row + 1, evaluation)
    _page(table)


def _head(table: Table, evaluation: Evaluation, reporting_unit: str, maker: str) -> None:
    period = parse_month(evaluation.period)
    last = period.after - timedelta(days=1)
    title = f"{reporting_unit}{period.first.year}年{period.first.month}月民情工单办理单位考核表"
    span = f"{period.first.year}年{period.first.month}月{period.first.day}日至{last.month}月{last.day}日"
    seen = f"{evaluation.as_of.astimezone(ZONE):%Y-%m-%d %H:%M}"
    told = {"填报单位": reporting_unit, "统计时段": span, "数据截至": seen, "制表人": maker, "审核人": "______"}
    _across(table, 1, title, Font(name=HEADING_FONT, size=20, bold=True), CENTRE, 36)
    _across(
        table, 2, "　　".join(f"{label}：{text}" for label, text in told.items()), Font(name=FONT, size=11), LEFT, 22
    )


def _across(table: Table, row: int, text: str, font: Font, align: Alignment, height: float) -> None:
    table.sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=table.last_column)
    cell = table.sheet.cell(row, 1)
    cell.value, cell.data_type, cell.font, cell.alignment = text, "s", font, align
    table.sheet.row_dimensions[row].height = height


def _header(table: Table, names: Sequence[str]) -> None:
    labels = {1: "序号", 2: "单位", table.total_column: "总分", table.total_column + 1: "组内\n名次"}
    labels[table.last_column] = "扣分原因及说明"
    for column, label in labels.items():
        _heading(table, HEADER_ROW, column, label, rows=2)
    for place, (name, indicator) in enumerate(zip(names, table.indicators, strict=True)):
        first = FIRST + len(PARTS) * place
        _heading(table, HEADER_ROW, first, f"{name}（{indicator.full:.4g}分）", columns=len(PARTS))
        for part, label in enumerate(PARTS):
            _heading(table, HEADER_ROW + 1, first + part, label)
    table.sheet.row_dimensions[HEADER_ROW].height = 24
    table.sheet.row_dimensions[HEADER_ROW + 1].height = 22


def _heading(table: Table, row: int, column: int, label: str, *, rows: int = 1, columns: int = 1) -> None:
    for r in range(row, row + rows):
        for c in range(column, column + columns):
            table.put(r, c, label if (r, c) == (row, column) else None)
            table.sheet.cell(r, c).fill = HEAD_FILL
            table.sheet.cell(r, c).font = Font(name=HEADING_FONT, size=11, bold=True)
    if rows * columns > 1:
        last_row, last_column = row + rows - 1, column + columns - 1
        table.sheet.merge_cells(start_row=row, end_row=last_row, start_column=column, end_column=last_column)


def _group(table: Table, row: int, label: str, group: "Group") -> int:
    """Returns the row after the group's sum."""
    for column in range(1, table.last_column + 1):
        table.put(row, column, label if column == 1 else None, align=LEFT)
        table.sheet.cell(row, column).fill = GROUP_FILL
        table.sheet.cell(row, column).font = Font(name=HEADING_FONT, size=11, bold=True)
    table.sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=table.last_column)
    table.sheet.row_dimensions[row].height = 20
    for number, line in enumerate(group.lines, 1):
        _line(table, row + number, number, line)
    end = row + len(group.lines)
    _sums(table, end + 1, "小计", group.counts(), [f"{{column}}{row + 1}:{{column}}{end}"])
    return end + 2


def _line(table: Table, row: int, number: int, line: "Line") -> None:
    table.put(row, 1, number)
    table.put(row, 2, line.name, align=INDENTED)
    scored = line.unit.kind != "district"
    for place, score in enumerate(line.scores):
        has_cases = score.denominator > 0
        table.put(row, table.column(place, 0), score.numerator if has_cases else None, COUNT)
        table.put(row, table.column(place, 1), score.denominator if has_cases else None, COUNT)
        _rate(table, row, place, score.count)
        _target(table, row, place)
        if scored:
            _score(table, row, place, score.score)
        else:
            table.put(row, table.column(place, 4), None)
    _total(table, row, line.total, scored=scored)
    table.put(row, table.total_column + 1, line.rank if line.rank is not None else "—")
    table.put(row, table.last_column, line.reason, align=INDENTED)
    lines = max(len(line.reason.split("\n")), -(-len(line.name) // NAME_CHARACTERS))
    table.sheet.row_dimensions[row].height = max(21, LINE_HEIGHT * lines + 4)


def _rate(table: Table, row: int, place: int, count: Count) -> None:
    met, all_ = f"{table.column(place, 0)}{row}", f"{table.column(place, 1)}{row}"
    table.work_out(
        row, table.column(place, 2), f'=IF(N({all_})=0,"",ROUND({met}/{all_},4))', four_places(count), PERCENT
    )


def four_places(count: Count) -> Decimal | None:
    """Half up, as a sheet shows a rate."""
    exact = rate(count.numerator, count.denominator)
    return None if exact is None else round2(exact * 100).scaleb(-2)


def _target(table: Table, row: int, place: int) -> None:
    target = f"={table.method(place, 'target')}"
    table.work_out(row, table.column(place, 3), target, table.targets[place], PERCENT)


def _score(table: Table, row: int, place: int, score: Decimal | None) -> None:
    """One division of whole hundredths, so that a tie is a tie in floating point too."""
    met, all_ = f"{table.column(place, 0)}{row}", f"{table.column(place, 1)}{row}"
    full, k = table.method(place, "full"), table.method(place, "k")
    target, floor = table.method(place, "target"), table.method(place, "floor")
    sign = "-" if table.indicators[place].direction is Direction.MORE else "+"
    earned = f"ROUND({full}*{all_}{sign}{k}*100*({target}*{all_}-{met}),4)/{all_}"
    formula = f'=IF(N({all_})=0,"",ROUND(MAX({floor},MIN({full},{earned})),2))'
    table.work_out(row, table.column(place, 4), formula, score, POINTS)


def _total(table: Table, row: int, total: Decimal | None, *, scored: bool) -> None:
    column = get_column_letter(table.total_column)
    if not scored:
        table.put(row, column, None)
        return
    cells = [f"{table.column(place, 4)}{row}" for place in range(len(table.indicators))]
    possible = "+".join(f'IF({cell}="",0,{table.method(n, "full")})' for n, cell in enumerate(cells))
    listed = ",".join(cells)
    formula = f'=IF(({possible})=0,"",ROUND(ROUND(SUM({listed})*100,0)/({possible}),2))'
    table.work_out(row, column, formula, total, POINTS)


def _sums(table: Table, row: int, label: str, counts: Sequence[Count], ranges: Sequence[str]) -> None:
    """`ranges` are written with {column} in place of a letter."""
    for column in range(1, table.last_column + 1):
        table.put(row, column, label if column == 2 else None)
    for place, count in enumerate(counts):
        met, all_ = table.column(place, 0), table.column(place, 1)
        summed = {letter: f"SUM({','.join(each.format(column=letter) for each in ranges)})" for letter in (met, all_)}
        for letter, number in ((met, count.numerator), (all_, count.denominator)):
            shown = number if count.denominator else None
            table.work_out(row, letter, f'=IF({summed[all_]}=0,"",{summed[letter]})', shown, COUNT)
        _rate(table, row, place, count)
    for column in range(1, table.last_column + 1):
        table.sheet.cell(row, column).font = Font(name=HEADING_FONT, size=11, bold=True)
    table.sheet.row_dimensions[row].height = 21


def _grand_total(table: Table, row: int, sums: Sequence[tuple[int, Sequence[Count]]]) -> None:
    counts = [sum(column, start=Count()) for column in zip(*(counts for _, counts in sums), strict=True)]
    _sums(table, row, "合计", counts, [f"{{column}}{each}" for each, _ in sums])
    for column in range(1, table.last_column + 1):
        table.sheet.cell(row, column).fill = HEAD_FILL


def _foot(table: Table, row: int, evaluation: Evaluation) -> None:
    small = Font(name=FONT, size=10)
    note = (
        f"注：各项件数均不足{evaluation.method['min_cases']}件的单位只列示、不排名（名次栏为“—”）；"
        "无案件的指标不计分，总分按有案件的指标折算为百分制；合计中每件只计一次。"
        f"统计口径见“口径说明”表。校验码：{evaluation.digest[:16]}"
    )
    _across(table, row, note, small, LEFT, 30)
    signed = "单位负责人（签字）：________________　　　　审核人（签字）：________________　　　　"
    _across(table, row + 2, signed + "填报日期：______年____月____日（盖章）", Font(name=FONT, size=12), LEFT, 28)


def _page(table: Table) -> None:
    sheet = table.sheet
    wide = {1: 5, 2: 17, table.total_column: 8, table.total_column + 1: 6, table.last_column: 42}
    for column, width in wide.items():
        sheet.column_dimensions[get_column_letter(column)].width = width
    for place in range(len(table.indicators)):
        for part, narrow in enumerate(WIDTHS):
            sheet.column_dimensions[table.column(place, part)].width = narrow
    sheet.freeze_panes = f"C{FIRST_ROW}"
    print_set_up(sheet, f"{HEADER_ROW}:{HEADER_ROW + 1}")
    sheet.print_area = f"A1:{get_column_letter(table.last_column)}{sheet.max_row}"

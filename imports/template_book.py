"""A workbook to fill in, for each kind of import: headings, lists to choose from, an example and instructions."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy.orm import Session

from imports import books, convert, template_words
from imports.columns import Column
from imports.kind import Order
from imports.places import Place, Places
from imports.run import KINDS
from models.categories import Category
from models.terms import Term
from rules.refusals import N_, Refusal
from rules.units import UnitKind
from rules.workdays import local_date

TITLE_ROW, HINT_ROW, HEAD_ROW, EXAMPLE_ROW = 1, 2, 3, 4
LAST_ROW, RULED_ROWS = 5_000, 30
MOST_PLACES, LONGEST_PROMPT = 4_000, 255
CHOICES, INSTRUCTIONS, ORDINAL, ROW_NUMBER, EXAMPLE = "选项", "填表说明", "序号", "行号", "示例"
FINE = frozenset({UnitKind.GRID, UnitKind.MICRO_GRID})
PLACES: Mapping[str, frozenset[UnitKind]] = {
    **dict.fromkeys(("unit", "lead", "parent", "into"), frozenset(UnitKind)),
    **dict.fromkeys(("village", "liaison_unit"), frozenset({UnitKind.VILLAGE, UnitKind.ESTATE})),
    "town": frozenset({UnitKind.TOWN}),
    "place": frozenset({UnitKind.TOWN, UnitKind.VILLAGE}),
}
"""Columns that name a unit, and the kinds that are offered."""
EXAMPLE_FONT, EXAMPLE_FILL = (
    Font(name=books.FONT, size=11, italic=True, color="5B6770"),
    PatternFill("solid", fgColor="FFF7E0"),
)
HINT = "带 * 的列必填。第 4 行是示例，导入时自动跳过；请从第 5 行起填写，一行一条。各列怎样填，见“填表说明”。"
RULES = (
    "在第一个工作表从第 5 行起填写，一行一条。首格写着“示例”的行不导入，请不要把真实内容写在那一行。",
    "带 * 的列必填；其余的列可以不填，用不着的列可以整列删除，列的先后也可以调换。",
    "再次导入已有的记录：空着的格保持原来的内容；要去掉原来的内容，在标明“可清空”的列里写“清空”。",
    "身份证号、电话、编号各列已设为文本。从别处粘贴时请用“选择性粘贴—数值”，以免格式被冲掉。",
    "有下拉箭头的列请尽量从列表中选；填日期、时间的列，点中单元格会提示可用的写法，下表也写明。",
    "存为 .xlsx 后上传；.xls、.ods、.csv 也可以。上传后先预览，确认无误才写入。",
)
INSTRUCTION_HEAD = ("列名", "必填", "怎样填", "示例", "可清空", "也认得的列名")
INSTRUCTION_WIDTHS = (16, 8, 58, 26, 8, 44)


@dataclass(frozen=True)
class Offer:
    """`fixed`: nothing else is taken."""

    words: Sequence[str]
    fixed: bool = False


def template_book(session: Session, name: str, order: Order, title: str) -> bytes:
    kind = KINDS[name]
    if order.by.roles and not order.by.roles & kind.importers:
        raise Refusal(N_("Your role does not import files of this kind"))
    offers = _offers(session, name, order)
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = books.sheet_name(title, [])
    _head(sheet, kind.columns, offers, f"{title}导入表")
    _example(sheet, name, offers)
    lists = book.create_sheet(CHOICES)
    lists.sheet_state = "hidden"
    for number, column in enumerate(kind.columns, 2):
        _rule(sheet, lists, number, column, offers[column.name])
    _instruct(book.create_sheet(INSTRUCTIONS, 1), name, offers, title)
    return books.saved(book)


def _offers(session: Session, name: str, order: Order) -> dict[str, Offer]:
    kind = KINDS[name]
    places = Places.load(session, order.scope, local_date(order.at))
    found: dict[str, Offer] = {}
    for column in kind.columns:
        if column.words or column.convert is convert.flag:
            found[column.name] = Offer(column.words or ("是", "否"), fixed=True)
        elif (name, column.name) in template_words.OFFERED:
            found[column.name] = Offer(template_words.OFFERED[name, column.name])
        elif column.name in kind.terms:
            found[column.name] = Offer(_dictionary(session, kind.terms[column.name]))
        elif column.name in PLACES:
            found[column.name] = Offer(place_names(places, order, PLACES[column.name]))
        elif name in ("tickets", "duties") and column.name == "category":
            found[column.name] = Offer(_categories(session))
        else:
            found[column.name] = Offer(())
    return found


def _dictionary(session: Session, kind: str) -> list[str]:
    active = sa.select(Term.label).where(Term.kind == kind, Term.active).order_by(Term.position, Term.id)
    return list(session.scalars(active))


def _categories(session: Session) -> list[str]:
    return list(session.scalars(sa.select(Category.name).where(Category.active).order_by(Category.path)))


def place_names(places: Places, order: Order, kinds: Iterable[UnitKind]) -> list[str]:
    """Living units of one's own as the importer finds them again, the finest left out where there are too many."""
    wanted = set(kinds)
    mine = [p for p in places.by_code.values() if p.living and p.kind in wanted and order.scope.covers(p.path)]
    if len(mine) > MOST_PLACES:
        mine = [place for place in mine if place.kind not in FINE]
    return [_called(places, place) for place in sorted(mine, key=lambda place: place.path)[:MOST_PLACES]]


def _called(places: Places, place: Place) -> str:
    if len(places.candidates(place.name)) == 1:
        return place.name
    parent = places.by_code.get(place.path.strip("/").rpartition("/")[0].rpartition("/")[2])
    together = f"{parent.name}{place.name}" if parent else place.name
    return together if len(places.candidates(together)) == 1 else place.code


def _head(sheet: Worksheet, columns: Sequence[Column], offers: Mapping[str, Offer], title: str) -> None:
    last = len(columns) + 1
    books.title(sheet, title, last, TITLE_ROW)
    books.hint(sheet, HINT, last, HINT_ROW)
    sheet.row_dimensions[HINT_ROW].height = 22
    numbered = any(ORDINAL in (column.title, *column.synonyms) for column in columns)
    books.head(books.put(sheet, HEAD_ROW, 1, ROW_NUMBER if numbered else ORDINAL))
    sheet.column_dimensions["A"].width = 7
    for number, column in enumerate(columns, 2):
        heading = f"*{column.title}" if column.required else column.title
        books.head(books.put(sheet, HEAD_ROW, number, heading), _told(column, offers[column.name]))
        _style(sheet, number, column)
    sheet.row_dimensions[HEAD_ROW].height = 26
    sheet.freeze_panes = f"C{HEAD_ROW + 1}"
    books.print_across(sheet, f"{TITLE_ROW}:{HEAD_ROW}")


def _style(sheet: Worksheet, number: int, column: Column) -> None:
    """For the whole column, and ruled where one begins to write."""
    shape = books.format_of(column)
    whole = sheet.column_dimensions[get_column_letter(number)]
    whole.number_format = shape
    for row in range(EXAMPLE_ROW, EXAMPLE_ROW + RULED_ROWS):
        cell = sheet.cell(row, number)
        cell.number_format, cell.border, cell.font = shape, books.FRAME, books.BODY_FONT
        if number == 2:
            sheet.cell(row, 1).border = books.FRAME
            sheet.row_dimensions[row].height = 20


def _example(sheet: Worksheet, name: str, offers: Mapping[str, Offer]) -> None:
    columns = KINDS[name].columns
    values = [template_words.example(name, column, list(offers[column.name].words)) for column in columns]
    shapes = [books.GENERAL, *(books.format_of(column) for column in columns)]
    for number, (value, shape) in enumerate(zip([EXAMPLE, *values], shapes, strict=True), 1):
        cell = books.put(sheet, EXAMPLE_ROW, number, value if value != "" else None, shape)
        cell.font, cell.fill, cell.border = EXAMPLE_FONT, EXAMPLE_FILL, books.FRAME
    widths = [
        max(books.width(column.title) + 2, _shown(value, 24)) for column, value in zip(columns, values, strict=True)
    ]
    for number, wide in enumerate(widths, 2):
        sheet.column_dimensions[get_column_letter(number)].width = max(wide + 2, 10)


def _shown(value: object, most: int) -> int:
    return min(books.width(str(value)[:19]), most)


def _told(column: Column, offer: Offer) -> str:
    return template_words.how(column, list(offer.words), fixed=offer.fixed)


def _rule(sheet: Worksheet, lists: Worksheet, number: int, column: Column, offer: Offer) -> None:
    """A list to choose from, or how a time is written, said while one stands on a cell. Excel knows fewer ways to write
    a day than an import does, so that none is refused here."""
    letter = get_column_letter(number)
    if offer.words:
        rule = _choice(lists, number, column, offer)
    elif column.convert in template_words.WHEN:
        dated = books.format_of(column) in (books.DAY, books.MOMENT)
        rule = DataValidation("date", "1", operator="greaterThanOrEqual") if dated else DataValidation()
        rule.allow_blank, rule.showErrorMessage = True, False
    else:
        return
    if column.convert in template_words.WHEN:
        rule.showInputMessage, rule.promptTitle = True, column.title
        rule.prompt = _told(column, offer)[:LONGEST_PROMPT]
    rule.add(f"{letter}{EXAMPLE_ROW}:{letter}{LAST_ROW}")
    sheet.add_data_validation(rule)


def _choice(lists: Worksheet, number: int, column: Column, offer: Offer) -> DataValidation:
    letter = get_column_letter(number)
    books.put(lists, 1, number, column.title)
    for row, word in enumerate(offer.words, 2):
        books.put(lists, row, number, word)
    rule = DataValidation("list", f"{CHOICES}!${letter}$2:${letter}${len(offer.words) + 1}", allow_blank=True)
    rule.showErrorMessage = offer.fixed
    rule.errorTitle, rule.error = column.title, "请从列表中选"
    return rule


def _instruct(sheet: Worksheet, name: str, offers: Mapping[str, Offer], title: str) -> None:
    last = len(INSTRUCTION_HEAD)
    books.title(sheet, f"{title}导入表填表说明", last)
    said = [*RULES, template_words.SAME[name]]
    for number, rule in enumerate(said, 1):
        books.hint(sheet, f"{number}. {rule}", last, number + 1)
        sheet.row_dimensions[number + 1].height = 20
    first = len(said) + 3
    for column, heading in enumerate(INSTRUCTION_HEAD, 1):
        books.head(books.put(sheet, first, column, heading))
    for row, cells in enumerate(_explained(name, offers), first + 1):
        for column, text in enumerate(cells, 1):
            cell = books.put(sheet, row, column, text)
            cell.border, cell.alignment = books.FRAME, books.BESIDE if column in (3, 6) else books.MIDDLE
        tallest = max(1 + books.width(cells[at]) // INSTRUCTION_WIDTHS[at] for at in (2, 3, 5))
        sheet.row_dimensions[row].height = 16 * tallest + 6
    for number, wide in enumerate(INSTRUCTION_WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(number)].width = wide
    sheet.freeze_panes = f"B{first + 1}"
    books.print_across(sheet, f"{first}:{first}")


def _explained(name: str, offers: Mapping[str, Offer]) -> Iterator[list[str]]:
    for column in KINDS[name].columns:
        words = list(offers[column.name].words)
        yield [
            column.title,
            "必填" if column.required else "",
            _told(column, offers[column.name]),
            template_words.written(template_words.example(name, column, words)),
            "可清空" if column.clearable else "",
            "、".join(synonym for synonym in column.synonyms if not synonym.isascii()),
        ]

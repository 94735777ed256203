"""Lists as files of any length in constant memory: openpyxl styles an empty workbook, the rows are spliced into it.

Texts travel as inline strings, so no cell can turn into a formula.
"""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any, Literal, cast
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from rules.refusals import N_, Refusal
from rules.workdays import ZONE

Kind = Literal["text", "number", "date", "datetime", "percent"]
Row = Sequence[Any]

FORMATS: dict[Kind, str] = {
    "text": "@",
    "number": "General",
    "percent": "0.00%",
    "date": "yyyy-mm-dd",
    "datetime": "yyyy-mm-dd hh:mm",
}
SHEET = "xl/worksheets/sheet1.xml"
FONT = "宋体"
SAMPLE_ROW = 2
LAST_ROW = 1_048_576
LONGEST_CELL = 32_767
CHUNK_ROWS = 500
EPOCH = date(1899, 12, 30).toordinal()
DAY_SECONDS = 86_400
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
NOT_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Column:
    """`width` in characters, as Excel counts them."""

    label: str
    kind: Kind = "text"
    width: int = 16


def stream_xlsx(title: str, columns: Sequence[Column], rows: Iterable[Row]) -> Iterator[bytes]:
    """Raises Refusal past the last row a sheet can hold."""
    shell = zipfile.ZipFile(io.BytesIO(_shell(title, columns)))
    sheet = shell.read(SHEET).decode()
    head, sample, tail = re.split(rf'(<row r="{SAMPLE_ROW}".*?</row>)', sheet, maxsplit=1, flags=re.S)
    writers = _writers(columns, [int(style) for style in re.findall(r' s="(\d+)"', sample)])
    pipe = _Pipe()
    with zipfile.ZipFile(cast(IO[bytes], pipe), "w", zipfile.ZIP_DEFLATED) as out:
        last = SAMPLE_ROW - 1
        with out.open(SHEET, "w", force_zip64=True) as part:
            part.write(re.sub(r"<dimension [^>]*/>", "", head).encode())
            for chunk in _chunks(rows):
                part.write("".join(_row(last + n, row, writers) for n, row in enumerate(chunk, 1)).encode())
                last += len(chunk)
                yield pipe.taken()
            part.write(_reach(tail, last).encode())
        for name in shell.namelist():
            if name == "xl/workbook.xml":
                out.writestr(name, _reach(shell.read(name).decode(), last))
            elif name != SHEET:
                out.writestr(name, shell.read(name))
    yield pipe.taken()


def stream_csv(columns: Sequence[Column], rows: Iterable[Row]) -> Iterator[bytes]:
    """UTF-8 with a byte order mark, as Excel opens it; what would start a formula gets an apostrophe in front."""
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow([_harmless(column.label) for column in columns])
    yield b"\xef\xbb\xbf"
    for chunk in _chunks(rows):
        lines.writerows(_line(columns, row) for row in chunk)
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()
    yield text.getvalue().encode()


class _Pipe:
    """What a zip is written to: it cannot be wound back, so sizes follow each part."""

    def __init__(self) -> None:
        self.waiting: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.waiting.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        pass

    def taken(self) -> bytes:
        data = b"".join(self.waiting)
        self.waiting.clear()
        return data


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    chunk: list[Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK_ROWS:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _reach(xml: str, last: int) -> str:
    """The shell's ranges end at its sample row; the filter is to cover all."""
    return re.sub(rf"(A\$?1:\$?[A-Z]+\$?){SAMPLE_ROW}\b", rf"\g<1>{max(last, SAMPLE_ROW)}", xml)


def _row(number: int, row: Row, writers: Sequence[Callable[[int, Any], str]]) -> str:
    if number > LAST_ROW:
        raise Refusal(N_("A sheet holds %(count)s rows at most; narrow the list or take csv"), count=LAST_ROW - 1)
    cells = "".join([write(number, value) for write, value in zip(writers, row, strict=True) if value is not None])
    return f'<row r="{number}">{cells}</row>'


def _writers(columns: Sequence[Column], styles: Sequence[int]) -> list[Callable[[int, Any], str]]:
    made = {"text": _text_writer, "date": _date_writer, "datetime": _moment_writer}
    return [
        made.get(column.kind, _number_writer)(get_column_letter(place), style)
        for place, (column, style) in enumerate(zip(columns, styles, strict=True), 1)
    ]


def _text_writer(letter: str, style: int) -> Callable[[int, Any], str]:
    end = f'" s="{style}" t="inlineStr"><is><t xml:space="preserve">'
    return lambda row, value: f'<c r="{letter}{row}{end}{_xml(str(value))}</t></is></c>'


def _number_writer(letter: str, style: int) -> Callable[[int, Any], str]:
    return lambda row, value: f'<c r="{letter}{row}" s="{style}"><v>{value}</v></c>'


def _date_writer(letter: str, style: int) -> Callable[[int, Any], str]:
    return lambda row, value: f'<c r="{letter}{row}" s="{style}"><v>{_local_day(value).toordinal() - EPOCH}</v></c>'


def _moment_writer(letter: str, style: int) -> Callable[[int, Any], str]:
    return lambda row, value: f'<c r="{letter}{row}" s="{style}"><v>{serial(value)!r}</v></c>'


def serial(moment: datetime) -> float:
    """Excel's count of days, on the district's clock."""
    local = moment.astimezone(ZONE)
    seconds = local.hour * 3600 + local.minute * 60 + local.second
    return local.toordinal() - EPOCH + seconds / DAY_SECONDS


def _local_day(value: date | datetime) -> date:
    return value.astimezone(ZONE).date() if isinstance(value, datetime) else value


def _xml(text: str) -> str:
    return escape((text if text.isprintable() else NOT_IN_XML.sub("", text))[:LONGEST_CELL])


def _harmless(text: str) -> str:
    return "'" + text if text.startswith(FORMULA_STARTS) else text


def _line(columns: Sequence[Column], row: Row) -> list[str]:
    return [_plain(value, column.kind) for value, column in zip(row, columns, strict=True)]


def _plain(value: Any, kind: Kind) -> str:
    if value is None:
        return ""
    if kind == "datetime":
        return f"{value.astimezone(ZONE):%Y-%m-%d %H:%M}"
    if kind == "date":
        return f"{_local_day(value):%Y-%m-%d}"
    if kind == "percent":
        return f"{value:.2%}"
    return str(value) if kind == "number" else _harmless(NOT_IN_XML.sub("", str(value)))


def _shell(title: str, columns: Sequence[Column]) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = NOT_IN_SHEET_NAME.sub(" ", title).strip()[:31] or "Sheet"
    for place, column in enumerate(columns, 1):
        _style_column(sheet, place, column)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{SAMPLE_ROW}"
    print_set_up(sheet, "1:1")
    sheet.HeaderFooter.oddHeader = centred(title.replace("&", "&&"))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _style_column(sheet: Worksheet, place: int, column: Column) -> None:
    line = Side(style="thin", color="BFC8CE")
    head = sheet.cell(1, place, NOT_IN_XML.sub("", column.label))
    head.data_type = "s"
    head.font = Font(name=FONT, size=11, bold=True)
    head.fill = PatternFill("solid", fgColor="E4EEF1")
    head.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    head.border = Border(bottom=line)
    cell = sheet.cell(SAMPLE_ROW, place, 0)
    cell.number_format = FORMATS[column.kind]
    cell.font = Font(name=FONT, size=10)
    cell.alignment = Alignment(vertical="top", wrap_text=column.kind == "text" and column.width >= 30)
    cell.border = Border(bottom=line)
    sheet.column_dimensions[get_column_letter(place)].width = column.width


def print_set_up(sheet: Worksheet, repeated: str) -> None:
    """A4 across, one page wide, the `repeated` rows on every page, pages numbered."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = "9"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = repeated
    sheet.print_options.horizontalCentered = True
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.6, bottom=0.7, header=0.3, footer=0.35)
    sheet.HeaderFooter.oddFooter = centred("第 &P 页，共 &N 页")


def centred(text: str) -> HeaderFooterItem:
    item = HeaderFooterItem()
    item.center.text = text
    return item

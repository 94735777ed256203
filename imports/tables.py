"""Tables that are text: csv, HTML and XML saved by other programs under the name .xls."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from xml.parsers import expat

from imports.cells import LAST_COLUMN, LAST_ROW, count_of
from imports.encodings import DELIMITERS, decode
from imports.untold import Boxes
from rules.refusals import N_, Refusal

DECLARED = re.compile(rb"""charset=["']?([\w-]+)""")
XML_DECLARED = re.compile(rb"""<\?xml[^>]*?encoding=["']([\w-]+)""")
UNSEEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
SERIAL = re.compile(r"[0-9]{1,5}(?:\.[0-9]+)?")
"""Days since the beginning, and a part of one."""
CHINESE = {"gb2312", "gbk", "gb18030"}

Rows = Iterator[tuple[int, list[object]]]


def csv_rows(data: bytes, encoding: str = "") -> Rows:
    text = decode(data, encoding)
    csv.field_size_limit(1 << 20)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text[:8192]))
    try:
        for number, cells in enumerate(reader, 1):
            if any(cells[LAST_COLUMN:]):
                raise beyond()
            yield number, list(cells[:LAST_COLUMN])
    except csv.Error:
        raise Refusal(N_("The text near line %(line)s is not a table"), line=reader.line_num) from None


def _delimiter(head: str) -> str:
    """What stands in most lines; notes hold commas, but not in every line."""
    lines = head.splitlines()
    return max(DELIMITERS, key=lambda sign: (sum(sign in line for line in lines), head.count(sign)))


def beyond() -> Refusal:
    return Refusal(N_("The sheet reaches beyond column ZZ, which cannot be read"))


@dataclass
class Laid:
    """A table whose cells come one after the other. What a cell reaches over, as its `merged` range tells, does not
    come."""

    name: str = ""
    hidden: bool = False
    since_1904: bool = False
    """Whether serial numbers count from then: only there they are told from texts."""
    rows: list[list[str | float]] = field(default_factory=list)
    merged: Boxes = field(default_factory=list)
    unseen: list[int] = field(default_factory=list)
    covered: dict[int, int] = field(default_factory=dict)
    """Column → the last row that a cell reaches down to."""
    column: int = 1
    next_row: int = 1

    def begin_row(self, *, unseen: bool, blank: int = 0) -> None:
        """`blank` rows like it come before the next one."""
        number = len(self.rows) + 1
        self.rows.append([""] * max((column for column, last in self.covered.items() if last >= number), default=0))
        self.column, self.next_row = 1, min(number + blank, LAST_ROW) + 1
        if unseen:
            self.unseen += range(number, self.next_row)

    def skip_to_row(self, number: int) -> None:
        self.rows.extend([] for _ in range(number - 1 - len(self.rows)))

    def put(self, text: str | float, right: int = 1, down: int = 1, column: int = 0) -> None:
        """Over so many columns and rows; at the next free column where none is named."""
        number, row = len(self.rows), self.rows[-1]
        while not column and self.covered.get(self.column, 0) >= number:
            self.column += 1
        first = column or self.column
        last, bottom = first + right - 1, number + down - 1
        self.column = last + 1
        if first > LAST_COLUMN:
            if text:
                raise beyond()
            return
        last = min(last, LAST_COLUMN)
        row.extend([""] * (last - len(row)))
        row[first - 1] = text
        if last > first or bottom > number:
            self.merged.append((number, first, bottom, last))
        if bottom > number:
            self.covered |= dict.fromkeys(range(first, last + 1), bottom)

    def numbered(self) -> Rows:
        return ((number, list(cells)) for number, cells in enumerate(self.rows, 1))


def html_table(data: bytes, encoding: str = "") -> Laid:
    """All tables of the page, one below the other."""
    declared = DECLARED.search(data[:4096])
    chinese = declared and declared[1].decode().lower() in CHINESE
    text = data.decode("gb18030", "replace") if chinese and not encoding else decode(data, encoding)
    parser = _TableParser()
    parser.feed(text)
    parser.close()
    return parser.table


class _TableParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.table = Laid()
        self.cell: list[str] | None = None
        self.spans = 1, 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "table":
            self.table.covered.clear()
        elif tag == "tr":
            self._close_cell()
            self.table.begin_row(unseen=UNSEEN.search(given.get("style") or "") is not None)
        elif tag in ("td", "th") and self.table.rows:
            self._close_cell()
            self.cell = []
            self.spans = count_of(given.get("colspan"), LAST_COLUMN), count_of(given.get("rowspan"), LAST_ROW)
        elif tag == "br" and self.cell is not None:
            self.cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._close_cell()

    def handle_data(self, data: str) -> None:
        if self.cell is not None:
            self.cell.append(data)

    def _close_cell(self) -> None:
        if self.cell is not None:
            self.table.put("".join(self.cell).replace("\xa0", " ").strip(), *self.spans)
        self.cell = None


def xml2003_sheets(data: bytes) -> list[Laid]:
    declared = XML_DECLARED.match(data)
    chinese = declared is not None and declared[1].decode().lower() in CHINESE
    reader = _WorkbookReader("utf-8" if chinese else None)
    try:
        reader.parser.Parse(data.decode("gb18030", "replace").encode() if chinese else data, True)
    except expat.ExpatError as error:
        raise Refusal(N_("The file is damaged near line %(line)s"), line=error.lineno) from None
    return reader.sheets


class _WorkbookReader:
    """`encoding` goes before what the file says of itself: the parser knows none of China."""

    def __init__(self, encoding: str | None) -> None:
        self.sheets: list[Laid] = []
        self.cell: dict[str, int] = {}
        self.said: str | float = ""
        self.in_comment = self.is_number = self.since_1904 = False
        self.text: list[str] | None = None
        self.parser = expat.ParserCreate(encoding, " ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self.refuse_entities
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.data

    def refuse_entities(self, *_declaration: object) -> None:
        raise Refusal(N_("The file declares a document type, which no spreadsheet does"))

    def start(self, name: str, attributes: dict[str, str]) -> None:
        given = {key.rsplit(" ", 1)[-1]: value for key, value in attributes.items()}
        match name.rsplit(" ", 1)[-1]:
            case "Worksheet":
                self.sheets.append(Laid(given.get("Name", ""), since_1904=self.since_1904))
            case "Date1904":
                self.since_1904 = True
            case "Row" if self.sheets:
                self._begin_row(self.sheets[-1], given)
            case "Cell" if self.sheets and self.sheets[-1].rows:
                self.said = ""
                self.cell = {
                    "column": count_of(given.get("Index"), LAST_COLUMN + 1, 0),
                    "right": count_of(given.get("MergeAcross"), LAST_COLUMN, 0) + 1,
                    "down": count_of(given.get("MergeDown"), LAST_ROW, 0) + 1,
                }
            case "Comment":
                self.in_comment = True
            case "Data" | "Visible":
                self.text, self.is_number = [], given.get("Type") == "Number"

    @staticmethod
    def _begin_row(sheet: Laid, given: dict[str, str]) -> None:
        sheet.skip_to_row(count_of(given.get("Index"), LAST_ROW, sheet.next_row))
        sheet.begin_row(unseen=given.get("Hidden") == "1", blank=count_of(given.get("Span"), LAST_ROW, 0))

    def end(self, name: str) -> None:
        match name.rsplit(" ", 1)[-1]:
            case "Data" if self.text is not None and not self.in_comment:
                text = "".join(self.text)
                self.said = float(text) if self._is_serial(text) else text
            case "Visible" if self.text is not None and self.sheets:
                self.sheets[-1].hidden = "".join(self.text).strip() != "SheetVisible"
            case "Cell" if self.cell:
                self.sheets[-1].put(self.said, **self.cell)
                self.cell = {}
            case "Comment":
                self.in_comment = False
            case _:
                return
        self.text = None

    def _is_serial(self, text: str) -> bool:
        return self.since_1904 and self.is_number and bool(SERIAL.fullmatch(text))

    def data(self, text: str) -> None:
        if self.text is not None:
            self.text.append(text)

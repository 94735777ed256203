"""Tables that are text: csv, HTML and XML saved by other programs under the name .xls."""

import csv
import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from xml.parsers import expat

from imports.cells import LAST_COLUMN
from imports.encodings import DELIMITERS, decode
from imports.hidden import Ranges, as_ranges
from rules.refusals import N_, Refusal

DECLARED = re.compile(rb"""charset=["']?([\w-]+)""")
UNSEEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
SERIAL = re.compile(r"[0-9]{1,5}(?:\.[0-9]+)?")
"""Days since the beginning, and a part of one."""
CHINESE = {"gb2312", "gbk", "gb18030"}

Rows = Iterator[tuple[int, list[object]]]


def csv_rows(data: bytes, encoding: str = "") -> Rows:
    text = decode(data, encoding)
    head = text[:8192]
    delimiter = max(DELIMITERS, key=head.count)
    csv.field_size_limit(1 << 20)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for number, cells in enumerate(reader, 1):
            if any(cells[LAST_COLUMN:]):
                raise beyond()
            yield number, list(cells[:LAST_COLUMN])
    except csv.Error:
        raise Refusal(N_("The text near line %(line)s is not a table"), line=reader.line_num) from None


def beyond() -> Refusal:
    return Refusal(N_("The sheet reaches beyond column ZZ, which cannot be read"))


def html_rows(data: bytes, encoding: str = "") -> tuple[Rows, Ranges]:
    """With the rows that are not displayed."""
    declared = DECLARED.search(data[:4096])
    chinese = declared and declared[1].decode().lower() in CHINESE
    text = data.decode("gb18030", "replace") if chinese and not encoding else decode(data, encoding)
    parser = _TableParser()
    parser.feed(text)
    parser.close()
    return ((number, list(cells)) for number, cells in enumerate(parser.rows, 1)), as_ranges(parser.hidden)


class _TableParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self.hidden: list[int] = []
        self.cell: list[str] | None = None
        self.span = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
            if UNSEEN.search(dict(attrs).get("style") or ""):
                self.hidden.append(len(self.rows))
        elif tag in ("td", "th") and self.rows:
            self._close_cell()
            self.cell = []
            span = dict(attrs).get("colspan") or "1"
            self.span = min(int(span), LAST_COLUMN) if span.isdecimal() else 1
        elif tag == "br" and self.cell is not None:
            self.cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._close_cell()

    def handle_data(self, data: str) -> None:
        if self.cell is not None:
            self.cell.append(data)

    def _close_cell(self) -> None:
        if self.cell is not None and len(self.rows[-1]) < LAST_COLUMN:
            text = "".join(self.cell).replace("\xa0", " ").strip()
            self.rows[-1] += [text] + [""] * (self.span - 1)
        self.cell = None


def xml2003_sheets(data: bytes) -> Iterator[tuple[str, list[list[str | float]], Ranges, bool]]:
    """Name, rows, hidden rows, whether serial numbers count from 1904: only there they are told from texts."""
    reader = _WorkbookReader()
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as error:
        raise Refusal(N_("The file is damaged near line %(line)s"), line=error.lineno) from None
    return (
        (name, rows, as_ranges(reader.hidden[at]), reader.since_1904) for at, (name, rows) in enumerate(reader.sheets)
    )


class _WorkbookReader:
    def __init__(self) -> None:
        self.sheets: list[tuple[str, list[list[str | float]]]] = []
        self.hidden: list[list[int]] = []
        self.text: list[str] | None = None
        self.since_1904 = self.is_number = False
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self.refuse_entities
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.data

    def refuse_entities(self, *_declaration: object) -> None:
        raise Refusal(N_("The file declares a document type, which no spreadsheet does"))

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rsplit(" ", 1)[-1]
        index = next((int(value) for key, value in attributes.items() if key.endswith(" Index")), 0)
        match local:
            case "Worksheet":
                title = next((value for key, value in attributes.items() if key.endswith(" Name")), "")
                self.sheets.append((title, []))
                self.hidden.append([])
            case "Row" if self.sheets:
                self._pad(self.sheets[-1][1], min(index, 1 << 20), [])
                self.sheets[-1][1].append([])
                if any(key.endswith(" Hidden") and value == "1" for key, value in attributes.items()):
                    self.hidden[-1].append(len(self.sheets[-1][1]))
            case "Cell" if self.sheets and self.sheets[-1][1]:
                self._pad(self.sheets[-1][1][-1], min(index, LAST_COLUMN), "")
                self.sheets[-1][1][-1].append("")
            case "Data":
                self.text = []
                self.is_number = any(key.endswith(" Type") and value == "Number" for key, value in attributes.items())
            case "Date1904":
                self.since_1904 = True

    @staticmethod
    def _pad(cells: list, index: int, blank: object) -> None:
        cells.extend(blank for _ in range(index - 1 - len(cells)))

    def end(self, name: str) -> None:
        if name.endswith(" Data") and self.text is not None:
            text = "".join(self.text)
            self.sheets[-1][1][-1][-1] = float(text) if self._is_serial(text) else text
            self.text = None

    def _is_serial(self, text: str) -> bool:
        return self.since_1904 and self.is_number and bool(SERIAL.fullmatch(text))

    def data(self, text: str) -> None:
        if self.text is not None:
            self.text.append(text)

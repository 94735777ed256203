"""Tables that are text: csv, HTML and XML saved by other programs under the name .xls."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from xml.parsers import expat

from imports.cells import LAST_COLUMN
from rules.refusals import N_, Refusal

DELIMITERS = ",\t;|"
DECLARED = re.compile(rb"""charset=["']?([\w-]+)""")
CHINESE = {"gb2312", "gbk", "gb18030"}
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")

Rows = Iterator[tuple[int, list[object]]]


def decode(data: bytes) -> str:
    """UTF-8 or UTF-16 by their marks, else UTF-8, else GB18030."""
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encodings = ["utf-16"] if marked else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not CONTROL.search(text):
            return text
    raise Refusal(N_("The text of the file can be read neither as UTF-8, UTF-16 nor GB18030"))


def csv_rows(data: bytes) -> Rows:
    text = decode(data)
    head = text[:8192]
    delimiter = max(DELIMITERS, key=head.count)
    csv.field_size_limit(1 << 20)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for number, cells in enumerate(reader, 1):
            yield number, [_bare(cell) for cell in cells[:LAST_COLUMN]]
    except csv.Error:
        raise Refusal(N_("The text near line %(line)s is not a table"), line=reader.line_num) from None


def _bare(cell: str) -> str:
    """Without the apostrophe that keeps a text from being taken for a formula."""
    return cell[1:] if cell.startswith("'") and cell.startswith(FORMULA_STARTS, 1) else cell


def html_rows(data: bytes) -> Rows:
    declared = DECLARED.search(data[:4096])
    chinese = declared and declared[1].decode().lower() in CHINESE
    text = data.decode("gb18030", "replace") if chinese else decode(data)
    parser = _TableParser()
    parser.feed(text)
    parser.close()
    return ((number, list(cells)) for number, cells in enumerate(parser.rows, 1))


class _TableParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self.cell: list[str] | None = None
        self.span = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
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


def xml2003_sheets(data: bytes) -> Iterator[tuple[str, list[list[str]]]]:
    reader = _WorkbookReader()
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as error:
        raise Refusal(N_("The file is damaged near line %(line)s"), line=error.lineno) from None
    return iter(reader.sheets)


class _WorkbookReader:
    def __init__(self) -> None:
        self.sheets: list[tuple[str, list[list[str]]]] = []
        self.text: list[str] | None = None
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
            case "Row" if self.sheets:
                self._pad(self.sheets[-1][1], min(index, 1 << 20), [])
                self.sheets[-1][1].append([])
            case "Cell" if self.sheets and self.sheets[-1][1]:
                self._pad(self.sheets[-1][1][-1], min(index, LAST_COLUMN), "")
                self.sheets[-1][1][-1].append("")
            case "Data":
                self.text = []

    @staticmethod
    def _pad(cells: list, index: int, blank: object) -> None:
        cells.extend(blank for _ in range(index - 1 - len(cells)))

    def end(self, name: str) -> None:
        if name.endswith(" Data") and self.text is not None:
            self.sheets[-1][1][-1][-1] = "".join(self.text)
            self.text = None

    def data(self, text: str) -> None:
        if self.text is not None:
            self.text.append(text)

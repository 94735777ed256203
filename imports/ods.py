"""What the reader of an .ods passes over: formulas that failed, merged ranges, hidden rows, the year its serial numbers
count from."""

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from xml.parsers import expat

from imports.cells import LAST_COLUMN, count_of
from imports.hidden import Ranges
from imports.parts import damaged
from imports.untold import OTHER, Boxes, Errors, Untold

CONTENT = "content.xml"
WORTH_READING = re.compile(rb'value-type="error"|-rows-spanned=|-columns-spanned=|table:visibility=|:date-value="1904-')
PIECE, OVERLAP = 1 << 20, 64


def looked_through(data: bytes) -> Untold:
    """Takes the tables apart only where there is something to find."""
    tables = _Tables()
    with zipfile.ZipFile(BytesIO(data)) as archive:
        if any(WORTH_READING.search(piece) for piece in _overlapping(archive)):
            try:
                for piece in _pieces(archive):
                    tables.parser.Parse(piece, False)
                tables.parser.Parse(b"", True)
            except expat.ExpatError:
                raise damaged() from None
    return Untold(tables.errors, tables.hidden, tables.merged, tables.since_1904)


def _pieces(archive: zipfile.ZipFile) -> Iterator[bytes]:
    with archive.open(CONTENT) as stream:
        while piece := stream.read(PIECE):
            yield piece


def _overlapping(archive: zipfile.ZipFile) -> Iterator[bytes]:
    tail = b""
    for piece in _pieces(archive):
        yield tail + piece
        tail = piece[-OVERLAP:]


class _Tables:
    """Tables by name; what stands in a cell of a table inside a cell counts for nothing."""

    def __init__(self) -> None:
        self.errors: dict[str, Errors] = {}
        self.merged: dict[str, Boxes] = {}
        self.hidden: dict[str, Ranges] = {}
        self.since_1904 = False
        self.name, self.depth, self.row, self.column = "", 0, 1, 1
        self.repeated_row = 1
        self.said: list[str] | None = None
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.text

    def start(self, tag: str, given: dict[str, str]) -> None:
        if tag == "table:table":
            self.depth += 1
            if self.depth == 1:
                self.name, self.row = given.get("table:name", ""), 1
                self.errors[self.name], self.merged[self.name], self.hidden[self.name] = {}, [], []
        elif tag == "table:null-date":
            self.since_1904 = given.get("table:date-value", "").startswith("1904-")
        elif self.depth != 1:
            return
        elif tag == "table:table-row":
            self.column, self.repeated_row = 1, count_of(given.get("table:number-rows-repeated"))
            if given.get("table:visibility", "visible") != "visible":
                self.hidden[self.name].append((self.row, self.row + self.repeated_row - 1))
        elif tag in ("table:table-cell", "table:covered-table-cell"):
            self.cell(given)

    def cell(self, given: dict[str, str]) -> None:
        down, right = (count_of(given.get(f"table:number-{each}-spanned")) for each in ("rows", "columns"))
        if down > 1 or right > 1:
            self.merged[self.name].append((self.row, self.column, self.row + down - 1, self.column + right - 1))
        if given.get("calcext:value-type") == "error" and self.column <= LAST_COLUMN:
            self.said = []
        self.column += count_of(given.get("table:number-columns-repeated"))

    def text(self, text: str) -> None:
        if self.said is not None:
            self.said.append(text)

    def end(self, tag: str) -> None:
        if tag == "table:table":
            self.depth -= 1
        elif self.depth == 1 and tag == "table:table-row":
            self.row += self.repeated_row
        elif self.depth == 1 and tag == "table:table-cell" and self.said is not None:
            self.errors[self.name][self.row, self.column - 1] = "".join(self.said).strip() or OTHER
            self.said = None

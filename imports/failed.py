"""Cells whose formula failed, by sheet, in the formats whose reader passes them over as blank: xls, xlsb and ods.

Of ods the merged ranges besides, which its reader does not tell either.
"""

import re
import struct
import zipfile
from collections.abc import Iterator
from io import BytesIO
from xml.etree import ElementTree
from xml.parsers import expat

from imports import biff
from imports.cells import LAST_COLUMN, LAST_ROW
from imports.parts import damaged

Errors = dict[tuple[int, int], str]
"""(row, column) from 1 → `#N/A` and its like."""
Ranges = list[tuple[int, int, int, int]]
SAID = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip
OTHER = "#N/A"
BOOL_OR_ERROR, FORMULA = 0x205, 0x06
SHEET, ROW, ERROR, FORMULA_ERROR = 156, 0, 3, 11
RELATIONS = "xl/_rels/workbook.bin.rels"


def in_xls(stream: bytes) -> dict[str, Errors]:
    """Of its workbook: [MS-XLS] 2.4.24 (BoolErr), 2.4.127 (Formula)."""
    return {name: _of_sheet(stream, place) for name, place in biff.sheets(stream).items()}


def _of_sheet(stream: bytes, place: int) -> Errors:
    found: Errors = {}
    for code, start, size in biff.records(stream, place):
        if code == BOOL_OR_ERROR and size >= 8 and stream[start + 7]:
            found[_place(stream, start)] = SAID.get(stream[start + 6], OTHER)
        elif (
            code == FORMULA and size >= 14 and stream[start + 6] == 2 and stream[start + 12 : start + 14] == b"\xff\xff"
        ):
            found[_place(stream, start)] = SAID.get(stream[start + 8], OTHER)
    return found


def _place(stream: bytes, start: int) -> tuple[int, int]:
    row, column = struct.unpack_from("<HH", stream, start)
    return row + 1, column + 1


def in_xlsb(data: bytes) -> dict[str, Errors]:
    """[MS-XLSB] 2.4.304 (BrtBundleSh), 2.4.673 (BrtRowHdr), 2.4.311 (BrtCellError), 2.4.662 (BrtFmlaError)."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        try:
            relations = ElementTree.fromstring(archive.read(RELATIONS))  # noqa: S314 - no document type gets this far
            targets = {item.get("Id"): f"xl/{item.get('Target', '')}" for item in relations}
            sheets = [_bundled(content) for code, content in _parsed(archive.read("xl/workbook.bin")) if code == SHEET]
            return {name: _of_part(archive.read(targets[relation])) for relation, name in sheets}
        except (KeyError, ElementTree.ParseError, IndexError, struct.error):
            raise damaged() from None


def _parsed(part: bytes) -> Iterator[tuple[int, bytes]]:
    """Records: a number of one or two bytes, a size in groups of seven bits, the content."""
    place = 0
    while place < len(part):
        code, place = part[place], place + 1
        if code & 0x80:
            code, place = (code & 0x7F) | part[place] << 7, place + 1
        size = shift = 0
        while True:
            byte, place = part[place], place + 1
            size, shift = size | (byte & 0x7F) << shift, shift + 7
            if not byte & 0x80 or shift > 21:
                break
        yield code, part[place : place + size]
        place += size


def _bundled(content: bytes) -> tuple[str, str]:
    """Relation and name of a sheet."""
    relation, rest = _wide(content, 8)
    return relation, _wide(content, rest)[0]


def _wide(content: bytes, place: int) -> tuple[str, int]:
    end = place + 4 + 2 * struct.unpack_from("<I", content, place)[0]
    return content[place + 4 : end].decode("utf-16-le", "replace"), end


def _of_part(part: bytes) -> Errors:
    found: Errors = {}
    row = 0
    for code, content in _parsed(part):
        if code == ROW:
            row = struct.unpack_from("<I", content)[0] + 1
        elif code in (ERROR, FORMULA_ERROR):
            found[row, struct.unpack_from("<I", content)[0] + 1] = SAID.get(content[8], OTHER)
    return found


WORTH_READING = re.compile(rb'value-type="error"|-rows-spanned=|-columns-spanned=')


def in_ods(data: bytes) -> tuple[dict[str, Errors], dict[str, Ranges]]:
    """A formula that failed says so in an attribute of its cell; the text of the cell is what it shows."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        content = archive.read("content.xml")
    tables = _Tables()
    if WORTH_READING.search(content):
        try:
            tables.parser.Parse(content, True)
        except expat.ExpatError:
            raise damaged() from None
    return tables.errors, tables.merged


class _Tables:
    """Tables by name; what stands in a cell of a table inside a cell counts for nothing."""

    def __init__(self) -> None:
        self.errors: dict[str, Errors] = {}
        self.merged: dict[str, Ranges] = {}
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
                self.errors[self.name], self.merged[self.name] = {}, []
        elif self.depth != 1:
            return
        elif tag == "table:table-row":
            self.column, self.repeated_row = 1, _count(given, "table:number-rows-repeated")
        elif tag in ("table:table-cell", "table:covered-table-cell"):
            self.cell(given)

    def cell(self, given: dict[str, str]) -> None:
        down, right = _count(given, "table:number-rows-spanned"), _count(given, "table:number-columns-spanned")
        if down > 1 or right > 1:
            self.merged[self.name].append((self.row, self.column, self.row + down - 1, self.column + right - 1))
        if given.get("calcext:value-type") == "error" and self.column <= LAST_COLUMN:
            self.said = []
        self.column += _count(given, "table:number-columns-repeated")

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


def _count(given: dict[str, str], name: str) -> int:
    written = given.get(name, "1")
    return min(int(written), LAST_ROW) if written.isdecimal() and len(written) < 8 else 1

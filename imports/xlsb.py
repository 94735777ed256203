"""What the reader of an .xlsb passes over: formulas that failed, merged ranges, hidden rows, the year its serial
numbers count from.

[MS-XLSB] 2.4.304 (BrtBundleSh), 2.4.853 (BrtWbProp), 2.4.761 (BrtRowHdr), 2.4.311 (BrtCellError), 2.4.662
(BrtFmlaError), 2.4.706 (BrtMergeCell).
"""

import struct
import zipfile
from collections.abc import Iterator
from io import BytesIO
from xml.etree import ElementTree

from imports.hidden import Ranges, as_ranges
from imports.parts import damaged
from imports.untold import OTHER, SAID, Boxes, Errors, Untold

BOOK, SHEET, ROW, ERROR, FORMULA_ERROR, MERGED = 153, 156, 0, 3, 11, 176
SINCE_1904, FLAGS_OF_ROW, NO_HEIGHT = 1, 11, 0x10
RELATIONS = "xl/_rels/workbook.bin.rels"


def looked_through(data: bytes) -> Untold:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        try:
            relations = ElementTree.fromstring(archive.read(RELATIONS))  # noqa: S314 - no document type gets this far
            targets = {item.get("Id"): f"xl/{item.get('Target', '')}" for item in relations}
            book = list(_records(archive.read("xl/workbook.bin")))
            sheets = [_bundled(content) for code, content in book if code == SHEET]
            found = {name: _of_part(archive.read(targets[relation])) for relation, name in sheets}
        except (KeyError, ElementTree.ParseError, IndexError, struct.error):
            raise damaged() from None
    return Untold(
        {name: errors for name, (errors, _, _) in found.items()},
        {name: hidden for name, (_, hidden, _) in found.items()},
        {name: merged for name, (_, _, merged) in found.items()},
        since_1904=any(code == BOOK and content[:1] and content[0] & SINCE_1904 for code, content in book),
    )


def _records(part: bytes) -> Iterator[tuple[int, bytes]]:
    """A number of one or two bytes, a size in groups of seven bits, the content."""
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


def _of_part(part: bytes) -> tuple[Errors, Ranges, Boxes]:
    errors: Errors = {}
    merged: Boxes = []
    hidden: list[int] = []
    row = 0
    for code, content in _records(part):
        if code == ROW:
            row = struct.unpack_from("<I", content)[0] + 1
            if len(content) > FLAGS_OF_ROW and content[FLAGS_OF_ROW] & NO_HEIGHT:
                hidden.append(row)
        elif code in (ERROR, FORMULA_ERROR):
            errors[row, struct.unpack_from("<I", content)[0] + 1] = SAID.get(content[8], OTHER)
        elif code == MERGED:
            top, bottom, left, right = (place + 1 for place in struct.unpack_from("<4I", content))
            merged.append((top, left, bottom, right))
    return errors, as_ranges(hidden), merged

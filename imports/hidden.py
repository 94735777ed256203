"""Rows that were hidden in a sheet: by hand, by a filter or by an outline. Readers pass that over.

An .xls tells it in its ROW records, .xlsx and .ods in their XML; of .xlsb it is not known here.
"""

import re
import struct
import zipfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import IO
from xml.parsers import expat

from imports import biff
from imports.cells import LAST_ROW

HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row(?=[^>]*?\sr="(\d{1,7})")[^>]*?\shidden="(?:1|true)"[^>]*>')
MARK, MARKS = b'hidden="', (b'hidden="1"', b'hidden="true"')
CHUNK = 1 << 20

Ranges = list[tuple[int, int]]
"""(first, last) in ascending order, counted from 1."""


def as_ranges(rows: Iterable[int]) -> Ranges:
    found: Ranges = []
    for row in sorted(set(rows)):
        if found and found[-1][1] == row - 1:
            found[-1] = found[-1][0], row
        else:
            found.append((row, row))
    return found


def holds(ranges: Ranges, row: int) -> bool:
    place = bisect_right(ranges, (row, LAST_ROW)) - 1
    return place >= 0 and ranges[place][0] <= row <= ranges[place][1]


def of_piece(piece: bytes) -> list[int]:
    """Of a part of a sheet's XML that cuts no tag in two."""
    if MARK not in piece or not any(mark in piece for mark in MARKS):
        return []
    return [int(row) for row in HIDDEN_ROW.findall(piece)]


def of_ods(data: bytes) -> dict[str, Ranges]:
    """Reads it whole only where something is not visible."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        if not any(b"table:visibility=" in piece for piece in _overlapping(archive)):
            return {}
        with archive.open("content.xml") as stream:
            return _Tables().read(stream)


def _overlapping(archive: zipfile.ZipFile) -> Iterator[bytes]:
    tail = b""
    with archive.open("content.xml") as stream:
        while chunk := stream.read(CHUNK):
            yield tail + chunk
            tail = chunk[-32:]


class _Tables:
    """Tables by name; a table inside a cell counts no rows."""

    def __init__(self) -> None:
        self.found: dict[str, Ranges] = {}
        self.depth = self.row = 0
        self.name = ""

    def read(self, stream: IO[bytes]) -> dict[str, Ranges]:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        try:
            while chunk := stream.read(CHUNK):
                parser.Parse(chunk, False)
        except expat.ExpatError:
            return {}
        return {name: ranges for name, ranges in self.found.items() if ranges}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "table:table":
            self.depth += 1
            if self.depth == 1:
                self.name, self.row = attributes.get("table:name", ""), 0
                self.found[self.name] = []
        elif tag == "table:table-row" and self.depth == 1:
            repeated = attributes.get("table:number-rows-repeated", "1")
            count = int(repeated) if repeated.isdecimal() and len(repeated) < 8 else 1
            if attributes.get("table:visibility", "visible") != "visible":
                self.found[self.name].append((self.row + 1, self.row + count))
            self.row += count

    def end(self, tag: str) -> None:
        self.depth -= tag == "table:table"


ROW, ROW_SIZE, NO_HEIGHT = 0x208, 16, 0x20


def of_xls(stream: bytes) -> dict[str, Ranges]:
    """Of its workbook: [MS-XLS] 2.4.221 (Row)."""
    found = {
        name: as_ranges(
            struct.unpack_from("<H", stream, start)[0] + 1
            for code, start, size in biff.records(stream, place)
            if code == ROW and size >= ROW_SIZE and stream[start + 12] & NO_HEIGHT
        )
        for name, place in biff.sheets(stream).items()
    }
    return {name: ranges for name, ranges in found.items() if ranges}

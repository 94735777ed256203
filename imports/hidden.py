"""Rows that were hidden in a sheet: by hand, by a filter or by an outline. Readers pass that over.

An .xls tells it in its ROW records, .xlsx and .ods in their XML; of .xlsb it is not known here.
"""

import re
import struct
import zipfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import IO
from xml.parsers import expat

from imports.sniff import OLE_MAGIC

HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row(?=[^>]*?\sr="(\d{1,7})")[^>]*?\shidden="(?:1|true)"[^>]*>')
MARK, MARKS = b'hidden="', (b'hidden="1"', b'hidden="true"')
LAST_ROW = 1 << 20
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


SECTOR_END = 0xFFFFFFFA
SMALL_STREAM, SMALL_SECTOR = 4096, 64
BOUND_SHEET, ROW, END = 0x85, 0x208, 0x0A
ROW_SIZE, NO_HEIGHT = 16, 0x20


def of_xls(data: bytes) -> dict[str, Ranges]:
    """By [MS-XLS] 2.4.221 (Row) and 2.4.28 (BoundSheet8). A file whose chains cannot be followed has none."""
    stream = workbook_stream(data)
    found: dict[str, Ranges] = {}
    for code, start, size in _records(stream, 0):
        if code == BOUND_SHEET and size >= 8:
            place, length, wide = struct.unpack_from("<I2xBB", stream, start)
            raw = stream[start + 8 : start + 8 + length * (1 + (wide & 1))]
            name = raw.decode("utf-16-le" if wide & 1 else "latin-1", "replace")
            rows = [
                number + 1
                for number, flags in (
                    struct.unpack_from("<H10xB", stream, at)
                    for each, at, long in _records(stream, place)
                    if each == ROW and long >= ROW_SIZE
                )
                if flags & NO_HEIGHT
            ]
            if rows:
                found[name] = as_ranges(rows)
    return found


def _records(stream: bytes, place: int) -> Iterable[tuple[int, int, int]]:
    """(code, where its content begins, size) up to the end of the substream."""
    while place + 4 <= len(stream):
        code, size = struct.unpack_from("<HH", stream, place)
        if code == END or place + 4 + size > len(stream):
            return
        yield code, place + 4, size
        place += 4 + size


def workbook_stream(data: bytes) -> bytes:
    """Of a compound file ([MS-CFB]). Empty where there is none or its sectors run in a circle."""
    if len(data) < 512 or not data.startswith(OLE_MAGIC):
        return b""
    shift = struct.unpack_from("<H", data, 30)[0]
    if shift not in (9, 12):
        return b""
    size = 1 << shift
    large = _Sectors(data, size, size, _allocation(data, size))
    directory = large.chain(struct.unpack_from("<I", data, 48)[0])
    entries = {name: (first, length) for name, first, length in _entries(directory)}
    first, length = entries.get("Workbook") or entries.get("Book") or (SECTOR_END, 0)
    if length >= SMALL_STREAM:
        return large.chain(first)[:length]
    root = large.chain(entries.get("Root Entry", (SECTOR_END, 0))[0])
    small = _Sectors(root, SMALL_SECTOR, 0, _numbers(large.chain(struct.unpack_from("<I", data, 60)[0])))
    return small.chain(first)[:length]


def _entries(directory: bytes) -> Iterator[tuple[str, int, int]]:
    """Name, first sector, length."""
    for place in range(0, len(directory) - 127, 128):
        named = struct.unpack_from("<H", directory, place + 64)[0]
        name = directory[place : place + min(max(named - 2, 0), 64)].decode("utf-16-le", "replace")
        yield name, *struct.unpack_from("<II", directory, place + 116)


@dataclass(frozen=True)
class _Sectors:
    """`table`: sector → the one that follows it."""

    data: bytes
    size: int
    offset: int
    table: list[int]

    def at(self, number: int) -> bytes:
        return self.data[self.offset + number * self.size : self.offset + (number + 1) * self.size]

    def chain(self, number: int) -> bytes:
        parts: list[bytes] = []
        while number < len(self.table):
            parts.append(self.at(number))
            if len(parts) > len(self.data) // self.size + 1:
                return b""
            number = self.table[number]
        return b"".join(parts)


def _allocation(data: bytes, size: int) -> list[int]:
    file = _Sectors(data, size, size, [])
    listed = list(struct.unpack_from("<109I", data, 76))
    following, seen = struct.unpack_from("<I", data, 68)[0], 0
    while following < SECTOR_END and seen <= len(data) // size:
        numbers = _numbers(file.at(following))
        listed += numbers[:-1]
        following, seen = numbers[-1] if numbers else SECTOR_END, seen + 1
    real = [number for number in listed if number < SECTOR_END][: len(data) // size]
    return [each for number in real for each in _numbers(file.at(number))]


def _numbers(sector: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(sector) // 4}I", sector[: len(sector) // 4 * 4]))

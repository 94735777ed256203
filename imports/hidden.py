"""Rows that were hidden in a sheet: by hand, by a filter or by an outline. Readers pass that over.

An .xls tells it in its ROW records, .xlsx in its XML.
"""

import re
import struct
from bisect import bisect_right
from collections.abc import Iterable

from imports import biff
from imports.cells import LAST_ROW

HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row(?=[^>]*?\sr="(\d{1,7})")[^>]*?\shidden="(?:1|true)"[^>]*>')
MARK, MARKS = b'hidden="', (b'hidden="1"', b'hidden="true"')

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

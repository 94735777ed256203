"""Cells of an .xls whose formula failed: its reader passes them over as blank."""

import struct

from imports import biff
from imports.untold import OTHER, SAID, Errors

BOOL_OR_ERROR, FORMULA = 0x205, 0x06


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

"""The workbook of an .xls as records: code, size, content ([MS-XLS] 2.1.4)."""

import struct
from collections.abc import Iterator

from imports.compound import Compound

BOUND_SHEET, DATE_MODE, END = 0x85, 0x22, 0x0A
EIGHT = b"\0\6"
"""The version in which a workbook of Excel 97 begins."""

Record = tuple[int, int, int]
"""Code, where its content begins, size."""


def workbook(data: bytes) -> bytes:
    """Raises Refusal for a file that is damaged."""
    return Compound(data).stream("Workbook", "Book")


def sheets(stream: bytes) -> dict[str, int]:
    """Name → where its records begin ([MS-XLS] 2.4.28, BoundSheet8)."""
    named = _name if stream[4:6] == EIGHT else _name_before_97
    return {
        named(stream, start): struct.unpack_from("<I", stream, start)[0]
        for code, start, size in records(stream, 0)
        if code == BOUND_SHEET and size >= 8
    }


def since_1904(stream: bytes) -> bool:
    """Whether its serial numbers count from that year ([MS-XLS] 2.4.77, Date1904)."""
    return any(code == DATE_MODE and size >= 2 and stream[start] & 1 for code, start, size in records(stream, 0))


def records(stream: bytes, place: int) -> Iterator[Record]:
    """Up to the end of the sheet."""
    unpack, length = struct.Struct("<HH").unpack_from, len(stream)
    while place + 4 <= length:
        code, size = unpack(stream, place)
        if code == END or place + 4 + size > length:
            return
        yield code, place + 4, size
        place += 4 + size


def _name(stream: bytes, start: int) -> str:
    length, wide = stream[start + 6], stream[start + 7] & 1
    raw = stream[start + 8 : start + 8 + length * (1 + wide)]
    return raw.decode("utf-16-le" if wide else "latin-1", "replace")


def _name_before_97(stream: bytes, start: int) -> str:
    return stream[start + 7 : start + 7 + stream[start + 6]].decode("gb18030", "replace")

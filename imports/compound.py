"""The streams of a compound file, in which programs of before 2007 kept their workbooks ([MS-CFB])."""

import struct

from imports.parts import damaged

LAST = 0xFFFFFFFA
"""Numbers from here on are marks, not sectors."""
SMALL = 4096
ENTRY = 128
HEADER_ENTRIES = 109


class Compound:
    """Refuses a file whose sectors run in a circle, or out of it."""

    def __init__(self, data: bytes) -> None:
        if len(data) < 512 or (shift := struct.unpack_from("<H", data, 30)[0]) not in (9, 12):
            raise damaged()
        self.data, self.size = data, 1 << shift
        self.table = self._numbers(self._table_sectors())
        directory = self._joined(self._chain(struct.unpack_from("<I", data, 48)[0]))
        self.entries = [directory[place : place + ENTRY] for place in range(0, len(directory) - ENTRY + 1, ENTRY)]
        if not self.entries:
            raise damaged()
        for entry in self.entries:
            if entry[66] in (2, 5) and _length(entry) >= (SMALL if entry[66] == 2 else 1):
                self._chain(_first(entry))

    def stream(self, *names: str) -> bytes:
        """The first of that name; empty where there is none."""
        for entry in self.entries:
            if entry[66] == 2 and _name(entry) in names:
                if _length(entry) >= SMALL:
                    return self._joined(self._chain(_first(entry)))[: _length(entry)]
                return self._small(entry)
        return b""

    def _small(self, entry: bytes) -> bytes:
        """Sectors of 64 bytes in the stream of the root."""
        table = self._numbers(self._chain(struct.unpack_from("<I", self.data, 60)[0]))
        held = self._joined(self._chain(_first(self.entries[0])))
        sectors = _followed(_first(entry), table)
        return b"".join(held[64 * number : 64 * number + 64] for number in sectors)[: _length(entry)]

    def _table_sectors(self) -> list[int]:
        found = list(struct.unpack_from(f"<{HEADER_ENTRIES}I", self.data, 76))
        following, seen = struct.unpack_from("<I", self.data, 68)[0], set()
        while following < LAST:
            if following in seen:
                raise damaged()
            seen.add(following)
            *numbers, following = struct.unpack(f"<{self.size // 4}I", self._sector(following))
            found += numbers
        return [number for number in found if number < LAST]

    def _numbers(self, sectors: list[int]) -> list[int]:
        joined = self._joined(sectors)
        return list(struct.unpack(f"<{len(joined) // 4}I", joined))

    def _sector(self, number: int) -> bytes:
        sector = self.data[(number + 1) * self.size : (number + 2) * self.size]
        if not sector:
            raise damaged()
        return sector.ljust(self.size, b"\0")

    def _joined(self, sectors: list[int]) -> bytes:
        return b"".join(map(self._sector, sectors))

    def _chain(self, first: int) -> list[int]:
        return _followed(first, self.table)


def _followed(first: int, table: list[int]) -> list[int]:
    found: dict[int, None] = {}
    while first < LAST:
        if first in found or first >= len(table):
            raise damaged()
        found[first] = None
        first = table[first]
    return list(found)


def _name(entry: bytes) -> str:
    length: int = struct.unpack_from("<H", entry, 64)[0]
    return entry[: max(length - 2, 0)].decode("utf-16-le", "replace")


def _first(entry: bytes) -> int:
    number: int = struct.unpack_from("<I", entry, 116)[0]
    return number


def _length(entry: bytes) -> int:
    """Of a stream; programs leave rubbish in the upper half of the eight bytes."""
    length: int = struct.unpack_from("<I", entry, 120)[0]
    return length

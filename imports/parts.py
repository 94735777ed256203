"""The parts of a zipped workbook as they really unpack, whatever its directory says of them."""

import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

from rules.refusals import N_, Refusal

LOCAL_HEADER = 30
STEP = 1 << 16
PIECE = 1 << 20
DECLARES = (b"<!DOCTYPE", b"<!ENTITY", "<!DOCTYPE".encode("utf-16le"), "<!DOCTYPE".encode("utf-16be"))
XML = (".xml", ".rels")


def check(data: bytes, later: str) -> None:
    """Unpacks every part, but for those that begin so and are looked through later, and stops at the first that is not
    what the directory says."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        raise damaged() from None
    _stand_apart(data, parts)
    for part in parts:
        if not part.filename.startswith(later):
            for _piece in inflated(data, part):
                pass


def _stand_apart(data: bytes, parts: list[zipfile.ZipInfo]) -> None:
    end = 0
    for part in sorted(parts, key=lambda part: part.header_offset):
        start = _content(data, part)
        if part.header_offset < end or start + part.compress_size > len(data):
            raise lying(part)
        end = start + part.compress_size
    if len({part.filename.lower() for part in parts}) < len(parts):
        raise damaged()


def _content(data: bytes, part: zipfile.ZipInfo) -> int:
    """Where the bytes of the part begin."""
    header = data[part.header_offset : part.header_offset + LOCAL_HEADER]
    if len(header) < LOCAL_HEADER or not header.startswith(b"PK\x03\x04"):
        raise lying(part)
    named, extra = (int.from_bytes(header[place : place + 2], "little") for place in (26, 28))
    return part.header_offset + LOCAL_HEADER + named + extra


def inflated(data: bytes, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """In pieces of at most a megabyte."""
    start = _content(data, part)
    packed = memoryview(data)[start : start + part.compress_size]
    if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise damaged()
    count, readable = 0, part.filename.lower().endswith(XML)
    pieces = _unpacked(packed) if part.compress_type == zipfile.ZIP_DEFLATED else _cut(packed)
    for piece in pieces:
        count += len(piece)
        if count > part.file_size:
            raise lying(part)
        if readable and any(word in piece for word in DECLARES):
            raise Refusal(N_("The file declares a document type, which no spreadsheet does"))
        yield piece
    if count != part.file_size:
        raise damaged()


def _cut(packed: memoryview) -> Iterator[bytes]:
    return (bytes(packed[place : place + PIECE]) for place in range(0, len(packed), PIECE))


def _unpacked(packed: memoryview) -> Iterator[bytes]:
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for place in range(0, len(packed), STEP):
            rest: bytes | memoryview = packed[place : place + STEP]
            while rest:
                yield stream.decompress(rest, PIECE)
                rest = stream.unconsumed_tail
        while piece := stream.decompress(b"", PIECE):
            yield piece
    except zlib.error:
        raise damaged() from None
    if not stream.eof:
        raise damaged()


def lying(part: zipfile.ZipInfo) -> Refusal:
    return Refusal(
        N_("The file is damaged: its part %(part)s is not what its table of contents says"),
        part=part.filename,
    )


def damaged() -> Refusal:
    return Refusal(N_("The file is damaged or was cut off: its parts cannot be opened"))

"""What a file may not be before anything reads it: too large, or small and swelling."""

import io
import re
import zipfile
from collections.abc import Iterator

from imports import hidden
from imports.cells import column_number
from imports.formulas import unsettled
from imports.parts import inflated
from imports.sniff import ZIPPED, FileKind
from rules.refusals import N_, Refusal

MAX_BYTES = 50 << 20
MAX_INFLATED = 800 << 20
MAX_RATIO = 100
MAX_PARTS = 2_000
SMALL = 1 << 20

ERROR_CELL = re.compile(
    rb'<(?:\w+:)?c\s(?=[^>]*?\bt="e")[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*>(?:<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>))?'
    rb"<(?:\w+:)?v>([^<]*)<"
)
FAR = re.compile(rb'r="[A-Z]{3}')
FAR_CELL = re.compile(rb'<(?:\w+:)?c\s(?:[^>]*?\s)?r="([A-Z]{3})(\d{1,7})"[^>]*(?<!/)>')


def check(data: bytes, kind: FileKind) -> None:
    if len(data) > MAX_BYTES:
        raise Refusal(N_("The file is larger than %(limit)s MB"), limit=MAX_BYTES >> 20)
    if kind in ZIPPED:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_parts(archive.infolist())


def _check_parts(parts: list[zipfile.ZipInfo]) -> None:
    if len(parts) > MAX_PARTS:
        raise Refusal(N_("The workbook has %(count)s parts, more than any office program writes"), count=len(parts))
    if sum(part.file_size for part in parts) > MAX_INFLATED:
        raise Refusal(N_("Unpacked, the workbook is larger than %(limit)s MB"), limit=MAX_INFLATED >> 20)
    for part in parts:
        if part.file_size > SMALL and part.file_size > MAX_RATIO * max(part.compress_size, 1):
            raise Refusal(
                N_("Unpacked, the part %(part)s of the workbook is more than %(ratio)s times as large"),
                part=part.filename,
                ratio=MAX_RATIO,
            )


def error_cells(data: bytes, part: zipfile.ZipInfo, unseen: list[int] | None = None) -> dict[tuple[int, int], str]:
    """(row, column) from 1 → `#N/A` and its like, which the reader would pass over as blank. Hidden rows join `unseen`.

    A cell with content beyond column ZZ refuses the file.
    """
    found = {}
    for piece in _pieces(data, part):
        far = FAR.search(piece) and FAR_CELL.search(piece)
        if far:
            raise Refusal(
                N_("The sheet reaches to cell %(cell)s: columns beyond ZZ cannot be read"),
                cell=(far[1] + far[2]).decode(),
            )
        if b't="e"' in piece:
            for letters, row, text in ERROR_CELL.findall(piece):
                found[int(row), column_number(letters.decode())] = text.decode()
        found |= unsettled(piece)
        if unseen is not None:
            unseen += hidden.of_piece(piece)
    return found


def _pieces(data: bytes, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The part in pieces that never cut a cell in two."""
    rest = b""
    for piece in inflated(data, part):
        rest += piece
        cut = max(rest.rfind(b"<c "), rest.rfind(b":c "))
        if cut > 0:
            cut = rest.rfind(b"<", 0, cut + 1)
            yield rest[:cut]
            rest = rest[cut:]
    yield rest

"""Makes the spreadsheets the tests read: a good one, and what an office would never send."""

import io
import zipfile
from collections.abc import Iterable, Sequence

import openpyxl


def xlsx(
    *sheets: tuple[str, Iterable[Sequence[object]]] | Iterable[Sequence[object]], merged: Sequence[str] = ()
) -> bytes:
    """One sheet from rows, or several from (name, rows)."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for index, given in enumerate(sheets, 1):
        name, rows = given if isinstance(given, tuple) else (f"Sheet{index}", given)
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        for cells in merged:
            sheet.merge_cells(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sparse(cells: dict[str, object]) -> bytes:
    book = openpyxl.Workbook()
    for address, value in cells.items():
        book.active[address] = value
        if isinstance(value, str) and value.startswith("#"):
            book.active[address].data_type = "e"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def compound(*entries: str) -> bytes:
    """As much of an OLE file as its directory shows."""
    names = b"".join(entry.encode("utf-16le").ljust(128, b"\0") for entry in entries)
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0") + names


def of_version(version: int, data: bytes) -> bytes:
    """Says in its directory that unpacking takes a newer program."""
    place = data.rindex(b"PK\x01\x02") + 6
    return data[:place] + bytes([version]) + data[place + 1 :]

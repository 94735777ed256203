"""Reads one spreadsheet in a process of its own, so that a hostile file can kill no more than this process.

`python -m imports.child KIND READER ENCODING` reads it from standard input, so that no copy is left where a process was
killed, and writes pickles to standard output: for each sheet ("sheet", name, hidden, merged ranges, error cells, hidden
rows, whether its serial numbers count from 1904), then ("rows", size) each followed by that many bytes, which are a
pickled [(row number, cells), …]; at last ("end",), or ("refused", message, values). Rows without content are left out;
rows and columns count from 1.
"""

import pickle
import re
import resource
import sys
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Iterator, Sized
from io import BytesIO
from itertools import islice
from typing import BinaryIO

from imports import biff, failed, ods, parts, xlsb
from imports import hidden as hidden_rows
from imports.cells import LAST_COLUMN, LONGEST_CELL, address, column_number
from imports.guard import error_cells
from imports.sniff import ZIPPED, FileKind, encrypted
from imports.tables import Laid, Rows, beyond, csv_rows, html_table, xml2003_sheets
from imports.untold import NOTHING, Boxes, Errors, Untold
from rules.refusals import N_, Refusal

MEMORY = 1_200_000_000
CPU_SECONDS = 20
SPOOL = 2_000_000_000
BATCH = 1_000
SHEETS, NO_PART = "xl/worksheets/sheet", "/"
SUSPICIOUS = 4_000_000
CHINESE_DATES = (*range(27, 37), *range(50, 59))
"""Numbers of formats that a Chinese Excel does not spell out in the file ([ECMA-376] 18.8.30)."""
MOST_CELLS = 10_000_000
"""Read the slow way, the blank ones between them included."""
OUT_OF_MEMORY = 3
MOST_SHEETS = 1_000
"""A district has a few hundred villages. The import keeps for each which columns were read."""
MOST_RANGES = 100_000
"""Merged ones of a sheet. The roster of a district merges the rows of each household."""
LOCKED_XLS = re.compile(rb"\x09\x08(?:\x08\x00.{8}|\x10\x00.{16})(?:\x86\x00\x00\x00)?\x2f\x00", re.DOTALL)
"""BOF, perhaps WriteProtect, then FilePass ([MS-XLS] 2.1.7.20.3)."""
MANIFEST = "META-INF/manifest.xml"
MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')

Part = tuple[str, bool, Boxes, Errors, hidden_rows.Ranges, bool, Rows]


def main(kind: FileKind, reader: str, encoding: str, source: BinaryIO, out: BinaryIO) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (SPOOL, SPOOL))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        data = source.read()
        if kind in ZIPPED:
            parts.check(data, later=SHEETS if kind is FileKind.XLSX else NO_PART)
        for count, (*about, rows) in enumerate(sheets(kind, reader, data, encoding), 1):
            if count > MOST_SHEETS:
                raise Refusal(N_("The workbook has more than %(limit)s sheets"), limit=MOST_SHEETS)
            _send(out, ("sheet", *about))
            filled = ((number, cells) for number, cells in rows if any(cell not in ("", None) for cell in cells))
            while batch := list(islice(filled, BATCH)):
                payload = pickle.dumps(batch, protocol=5)
                if len(payload) > SUSPICIOUS:
                    _refuse_long(batch)
                _send(out, ("rows", len(payload)))
                out.write(payload)
    except Refusal as refusal:
        _send(out, ("refused", refusal.message, dict(refusal.values)))
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)
    else:
        _send(out, ("end",))


def _refuse_long(batch: list[tuple[int, list[object]]]) -> None:
    for number, cells in batch:
        for column, cell in enumerate(cells, 1):
            if isinstance(cell, str) and len(cell) > LONGEST_CELL:
                raise Refusal(
                    N_("Cell %(cell)s holds %(count)s characters; a cell may hold %(limit)s"),
                    cell=address(number, column),
                    count=len(cell),
                    limit=LONGEST_CELL,
                )


def _send(out: BinaryIO, message: tuple) -> None:
    pickle.dump(message, out, protocol=5)


def sheets(kind: FileKind, reader: str, data: bytes, encoding: str = "") -> Iterator[Part]:
    match kind:
        case FileKind.CSV:
            yield "", False, [], {}, [], False, csv_rows(data, encoding)
        case FileKind.HTML:
            yield _of_text(html_table(data, encoding))
        case FileKind.XML2003:
            yield from map(_of_text, xml2003_sheets(data))
        case _:
            read = _openpyxl_sheets if reader == "openpyxl" else _calamine_sheets
            yield from read(kind, data)


def _of_text(table: Laid) -> Part:
    _refuse_most(table.merged)
    unseen = hidden_rows.as_ranges(table.unseen)
    return table.name, table.hidden, table.merged, {}, unseen, table.since_1904, table.numbered()


def _refuse_most(merged: Sized) -> None:
    if len(merged) > MOST_RANGES:
        raise Refusal(N_("The sheet has more than %(limit)s merged cells: split them"), limit=MOST_RANGES)


def _calamine_sheets(kind: FileKind, data: bytes) -> Iterator[Part]:
    import python_calamine as calamine

    untold = _looked_through(kind, data)
    try:
        with calamine.CalamineWorkbook.from_filelike(BytesIO(data)) as workbook:
            for meta in workbook.sheets_metadata:
                if meta.typ != calamine.SheetTypeEnum.WorkSheet:
                    continue
                sheet = workbook.get_sheet_by_name(meta.name)
                ranges = sheet.merged_cell_ranges or []
                spans = untold.merged.get(meta.name, [])
                _refuse_most(spans or ranges)
                merged = spans or [(r1 + 1, c1 + 1, r2 + 1, c2 + 1) for (r1, c1), (r2, c2) in ranges]
                hidden = meta.visible != calamine.SheetVisibleEnum.Visible
                yield meta.name, hidden, merged, *_told_of(untold, meta.name), _calamine_rows(sheet)
    except (calamine.CalamineError, calamine.ZipError, calamine.XmlError):
        raise (encrypted() if _is_locked(kind, data) else parts.damaged()) from None


def _is_locked(kind: FileKind, data: bytes) -> bool:
    """calamine says so only of a file that it opens by its name."""
    if kind is not FileKind.ODS:
        return bool(LOCKED_XLS.search(data))
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return MANIFEST in archive.namelist() and b"encryption-data" in archive.read(MANIFEST)


def _calamine_rows(sheet) -> Rows:  # type: ignore[no-untyped-def]
    if sheet.start is None:
        return
    padding = [""] * sheet.start[1]
    if sheet.end[1] >= LAST_COLUMN:
        raise beyond()
    for number, cells in enumerate(sheet.iter_rows(), 1):
        yield number, padding + cells


def _openpyxl_sheets(kind: FileKind, data: bytes) -> Iterator[Part]:
    """For what makes calamine abort: one cell here and one a million rows away."""
    if kind is not FileKind.XLSX:
        raise parts.damaged()
    import openpyxl
    from openpyxl.styles.numbers import BUILTIN_FORMATS

    BUILTIN_FORMATS.update(dict.fromkeys(CHINESE_DATES, "yyyy-mm-dd"))
    untold = _xlsx_looked_through(data, with_merged=True)
    workbook = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
    for sheet in workbook.worksheets:
        sheet.reset_dimensions()
        rows = sheet.iter_rows(max_col=LAST_COLUMN, values_only=True)
        numbered = _counted((number, _trimmed(cells)) for number, cells in enumerate(rows, 1) if any(cells))
        merged = untold.merged.get(sheet.title, [])
        _refuse_most(merged)
        yield sheet.title, sheet.sheet_state != "visible", merged, *_told_of(untold, sheet.title), numbered


def _counted(rows: Iterator[tuple[int, list[object]]]) -> Rows:
    held = 0
    for number, cells in rows:
        held += len(cells)
        if held > MOST_CELLS:
            raise Refusal(N_("The sheet is almost empty but very large: copy the table alone into a new workbook"))
        yield number, cells


def _trimmed(cells: tuple) -> list[object]:
    last = max(index for index, cell in enumerate(cells) if cell not in (None, ""))
    return ["" if cell is None else cell for cell in cells[: last + 1]]


def _told_of(untold: Untold, sheet: str) -> tuple[Errors, hidden_rows.Ranges, bool]:
    return untold.errors.get(sheet, {}), untold.hidden.get(sheet, []), untold.since_1904


def _looked_through(kind: FileKind, data: bytes) -> Untold:
    match kind:
        case FileKind.XLSX:
            return _xlsx_looked_through(data)
        case FileKind.ODS:
            return NOTHING if _is_locked(kind, data) else ods.looked_through(data)
        case FileKind.XLSB:
            return xlsb.looked_through(data)
        case FileKind.XLS:
            return _xls_looked_through(data)
        case _:
            return NOTHING


def _xls_looked_through(data: bytes) -> Untold:
    try:
        stream = biff.workbook(data)
    except Refusal:
        raise (encrypted() if _is_locked(FileKind.XLS, data) else parts.damaged()) from None
    return Untold(failed.in_xls(stream), hidden_rows.of_xls(stream), since_1904=biff.since_1904(stream))


def _xlsx_looked_through(data: bytes, *, with_merged: bool = False) -> Untold:
    errors: dict[str, Errors] = {}
    merged: dict[str, Boxes] = {}
    unseen: dict[str, hidden_rows.Ranges] = {}
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = {name.replace("\\", "/").lower(): name for name in archive.namelist()}
            book = ElementTree.fromstring(archive.read(names["xl/workbook.xml"]))  # noqa: S314 - limited here
            for name, part in _sheet_parts(archive, names, book):
                rows: list[int] = []
                errors[name] = error_cells(data, archive.getinfo(part), rows)
                unseen[name] = hidden_rows.as_ranges(rows)
                if with_merged:
                    merged[name] = list(_merged(data, archive.getinfo(part)))
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError, EOFError):
        raise parts.damaged() from None
    since = [item.get("date1904") for item in book.iter() if item.tag.endswith("}workbookPr")]
    return Untold(errors, unseen, merged, any(said in ("1", "true") for said in since))


def _merged(data: bytes, part: zipfile.ZipInfo) -> Iterator[tuple[int, int, int, int]]:
    rest = b""
    for piece in parts.inflated(data, part):
        rest += piece
        cut = rest.rfind(b"<")
        for left, top, right, bottom in MERGED.findall(rest, 0, cut):
            yield int(top), column_number(left.decode()), int(bottom), column_number(right.decode())
        rest = rest[cut:]


RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def _sheet_parts(
    archive: zipfile.ZipFile, names: dict[str, str], book: ElementTree.Element
) -> Iterator[tuple[str, str]]:
    relations = ElementTree.fromstring(archive.read(names["xl/_rels/workbook.xml.rels"]))  # noqa: S314
    targets = {item.get("Id"): item.get("Target", "") for item in relations}
    for item in book.iter():
        target = targets.get(item.get(RELATIONS, ""))
        if item.tag.endswith("}sheet") and target:
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if part.lower() in names:
                yield item.get("name", ""), names[part.lower()]


if __name__ == "__main__":
    main(FileKind(sys.argv[1]), sys.argv[2], sys.argv[3], sys.stdin.buffer, sys.stdout.buffer)

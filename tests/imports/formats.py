"""The same few rows in every format, each written by its own bytes."""

import struct
import zipfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from io import BytesIO
from xml.sax.saxutils import escape

from tests.imports.hostile.files import BEGIN, BEGIN_SHEET, biff, compound, parts_of, zipped

Cell = str | float | None
ERRORS = {"#DIV/0!": 0x07, "#VALUE!": 0x0F, "#REF!": 0x17, "#NAME?": 0x1D, "#N/A": 0x2A}


def html(rows: Iterable[Sequence[Cell]], charset: str = "gb2312") -> bytes:
    """As web systems save it under the name .xls."""
    lines = "".join(f"<tr>{''.join(f'<td>{escape(str(c))}</td>' for c in row)}</tr>" for row in rows)
    page = f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={charset}"></head>'
    return f"{page}<body><table border=1>{lines}</table></body></html>".encode(
        "gb18030" if charset[:2] == "gb" else charset
    )


def xml2003(sheets: Mapping[str, Iterable[Sequence[Cell]]], *, mode_1904: bool = False) -> bytes:
    name = "urn:schemas-microsoft-com:office:spreadsheet"
    book = '<ExcelWorkbook xmlns="urn:schemas-microsoft-com:office:excel"><Date1904/></ExcelWorkbook>'
    written = "".join(
        f'<Worksheet ss:Name="{title}"><Table>{"".join(map(_row_2003, rows))}</Table></Worksheet>'
        for title, rows in sheets.items()
    )
    written = book * mode_1904 + written
    return f'<?xml version="1.0"?><Workbook xmlns="{name}" xmlns:ss="{name}">{written}</Workbook>'.encode()


def _row_2003(cells: Sequence[Cell]) -> str:
    kind = {True: "String", False: "Number"}
    return (
        "<Row>"
        + "".join(f'<Cell><Data ss:Type="{kind[isinstance(c, str)]}">{escape(str(c))}</Data></Cell>' for c in cells)
        + "</Row>"
    )


def xls(rows: Iterable[Sequence[Cell]], *, formats: Sequence[int] = (), mode_1904: bool = False) -> bytes:
    """[MS-XLS] by hand. A number takes the format of its column, by number; `#N/A` and its like are errors."""
    styles = [(0xE0, struct.pack("<HHH", 0, number, 0) + bytes(14)) for number in (0, *formats)]
    before = [(0x809, BEGIN), (0x42, b"\xb0\x04"), (0x22, struct.pack("<H", mode_1904)), *styles]
    cells = []
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            style = column + 1 if column < len(formats) and not isinstance(cell, str) else 0
            head = struct.pack("<HHH", number, column, style)
            if cell in ERRORS:
                cells.append((0x205, head + bytes([ERRORS[str(cell)], 1])))
            elif isinstance(cell, str):
                text = cell.encode("utf-16le")
                cells.append((0x204, head + struct.pack("<HB", len(text) // 2, 1) + text))
            elif cell is not None:
                cells.append((0x203, head + struct.pack("<d", cell)))

    def book(start: int) -> bytes:
        return biff(*before, (0x85, struct.pack("<IHBB", start, 0, 6, 0) + b"Sheet1"), (0x0A, b""))

    return compound({"Workbook": book(len(book(0))) + biff((0x809, BEGIN_SHEET), *cells, (0x0A, b""))})


Box = tuple[int, int, int, int]


def xlsb(
    rows: Iterable[Sequence[Cell]],
    *,
    hidden: Collection[int] = (),
    mode_1904: bool = False,
    merged: Collection[Box] = (),
) -> bytes:
    """[MS-XLSB] by hand: the parts of an .xlsx with its book and its sheet in records. `hidden` rows from 1, `merged`
    first row, last row, first column, last column from 0."""
    sheet = _record(129) + _record(148, struct.pack("<IIII", 0, 50, 0, 10)) + _record(145)
    for number, row in enumerate(rows):
        flags = 0x1000 if number + 1 in hidden else 0
        sheet += _record(0, struct.pack("<IIHHBI", number, 0, 300, flags, 0, 0))
        for column, cell in enumerate(row):
            head = struct.pack("<II", column, 0)
            if cell in ERRORS:
                sheet += _record(3, head + bytes([ERRORS[str(cell)]]))
            elif isinstance(cell, str):
                sheet += _record(6, head + _wide(cell))
            elif cell is not None:
                sheet += _record(5, head + struct.pack("<d", cell))
    spans = b"".join(_record(176, struct.pack("<4I", *box)) for box in merged)
    bundle = struct.pack("<II", 0, 1) + _wide("rId1") + _wide("花名册")
    properties = struct.pack("<III", mode_1904, 0, 0)
    book = _record(131) + _record(153, properties) + _record(143) + _record(156, bundle) + _record(144) + _record(132)
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    relations = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    return zipped(
        {
            "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
            "_rels/.rels": f'{relations}<Relationship Id="r" Type="{kind}officeDocument" Target="xl/workbook.bin"/>'
            "</Relationships>".encode(),
            "xl/_rels/workbook.bin.rels": f'{relations}<Relationship Id="rId1" Type="{kind}worksheet" '
            'Target="worksheets/sheet1.bin"/></Relationships>'.encode(),
            "xl/workbook.bin": book,
            "xl/worksheets/sheet1.bin": sheet + _record(146) + spans + _record(130),
        }
    )


def _record(code: int, content: bytes = b"") -> bytes:
    head = bytes([code]) if code < 128 else bytes([code & 0x7F | 0x80, code >> 7])
    size, length = b"", len(content)
    while True:
        size += bytes([length & 0x7F | (0x80 if length > 0x7F else 0)])
        length >>= 7
        if not length:
            return head + size + content


def _wide(text: str) -> bytes:
    packed = text.encode("utf-16le")
    return struct.pack("<I", len(packed) // 2) + packed


def renumbered(data: bytes, formats: Mapping[int, int]) -> bytes:
    """The number formats of a workbook called by other numbers, which no file spells out."""
    parts = parts_of(data)
    for old, new in formats.items():
        parts["xl/styles.xml"] = parts["xl/styles.xml"].replace(
            f'numFmtId="{old}"'.encode(), f'numFmtId="{new}"'.encode()
        )
    return zipped(parts)


def content_of(ods: bytes) -> bytes:
    with zipfile.ZipFile(BytesIO(ods)) as archive:
        return archive.read("content.xml")

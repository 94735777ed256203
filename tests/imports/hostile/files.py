"""Files made to hurt: each small to keep, none of them ever sent by an office. Built here, kept nowhere."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping

from tests.imports.books import with_part, xlsx

HEADER = ["工号", "姓名", "单位"]
GOOD = [HEADER, ["H001", "甲", "339901001001"]]
"""A roster that would be taken, were it not for what is done to it."""
MB = 1 << 20
SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_sheet(body: str, *, rows: Iterable[list[object]] = GOOD) -> bytes:
    """A good workbook whose sheet is that XML."""
    xml = f'<?xml version="1.0"?><worksheet {MAIN}>{body}</worksheet>'
    return zipped(parts_of(xlsx(rows)) | {SHEET: xml.encode()})


def row(number: int, cells: Iterable[tuple[str, str]]) -> str:
    """Cells as (column letters, text)."""
    written = "".join(f'<c r="{letters}{number}" t="inlineStr"><is><t>{text}</t></is></c>' for letters, text in cells)
    return f'<row r="{number}">{written}</row>'


def header_row() -> str:
    return row(1, zip("ABC", HEADER, strict=True))


def swelling() -> bytes:
    """Two hundred times as large inside as outside, and more."""
    return with_part(xlsx(GOOD), "xl/media/image1.emf", b"\0" * (200 * MB))


def deflated_blanks(megabytes: int) -> bytes:
    """Of one megabyte, over and over, without ever holding them all."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    once = packer.compress(b" " * MB) + packer.flush(zlib.Z_FULL_FLUSH)
    return once * megabytes + packer.flush(zlib.Z_FINISH)


def raw_part(name: str, packed: bytes, size: int, crc: int) -> tuple[bytes, bytes]:
    """Local header with content, and the entry of the directory, which still lacks its offset."""
    named = name.encode()
    common = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0x21, crc, len(packed), size, len(named), 0)
    local = b"PK\x03\x04" + common + named + packed
    entry = b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHI", 0, 0, 0, 0)
    return local, entry


def archive(parts: Iterable[tuple[str, bytes, int, int]], *, shared: bool = False) -> bytes:
    """From (name, deflated content, declared size, checksum). `shared`: all entries lead to the first part's bytes."""
    body, directory, count, first = b"", b"", 0, 0
    for name, packed, size, crc in parts:
        local, entry = raw_part(name, packed, size, crc)
        offset = first if shared else len(body)
        if not (shared and count):
            body += local
        directory += entry + struct.pack("<I", offset) + name.encode()
        count += 1
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(body), 0)
    return body + directory + end


def deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def packed_book(sheet: bytes, declared: int) -> bytes:
    """A workbook with that deflated sheet, which is said to be so large."""
    others = [
        (name, deflated(content), len(content), zlib.crc32(content))
        for name, content in parts_of(xlsx(GOOD)).items()
        if name != SHEET
    ]
    return archive([*others, (SHEET, sheet, declared, 0)])


def blanks_of_a_gigabyte_and_a_half() -> bytes:
    return packed_book(deflated_blanks(1536), 1536 * MB)


def lying_directory() -> bytes:
    """Says a hundred kilobytes of what is a gigabyte and a half."""
    return packed_book(deflated_blanks(1536), 100_000)


def one_part_under_many_names() -> bytes:
    blanks = deflated_blanks(1)
    names = [
        "[Content_Types].xml",
        "xl/workbook.xml",
        *(f"xl/worksheets/sheet{number}.xml" for number in range(1, 700)),
    ]
    return archive([(name, blanks, MB, zlib.crc32(b" " * MB)) for name in names], shared=True)


def parts_without_end() -> bytes:
    parts = parts_of(xlsx(GOOD))
    return zipped(parts | {f"xl/media/image{number}.png": b"" for number in range(2001 - len(parts))})


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
DOCTYPE = f'<!DOCTYPE x [<!ENTITY l0 "lol">{LAUGHS}]>'


def entity_bomb() -> bytes:
    parts = parts_of(xlsx(GOOD))
    book = parts["xl/workbook.xml"].decode()
    start = book.index("<workbook")
    return zipped(
        parts | {"xl/workbook.xml": (book[:start] + DOCTYPE + book[start:].replace("Sheet1", "&l9;")).encode()}
    )


def entity_bomb_in_a_sheet() -> bytes:
    sheet = (
        f'<?xml version="1.0"?>{DOCTYPE}<worksheet {MAIN}><sheetData>{row(1, [("A", "&l9;")])}</sheetData></worksheet>'
    )
    return zipped(parts_of(xlsx(GOOD)) | {SHEET: sheet.encode()})


def entity_bomb_of_2003() -> bytes:
    book = '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">&l9;</Workbook>'
    return f'<?xml version="1.0"?>{DOCTYPE}{book}'.encode()


def corner_to_corner() -> bytes:
    return with_sheet(f"<sheetData>{header_row()}{row(1_048_576, [('XFD', '远')])}</sheetData>")


def corner_to_corner_within() -> bytes:
    """As far as columns are read at all."""
    return with_sheet(f"<sheetData>{header_row()}{row(1_048_576, [('ZZ', '远')])}</sheetData>")


def sparse() -> bytes:
    """Of 60,000 rows the first and the last of 702 cells."""
    rows = "".join(row(number, [("A", "甲"), ("ZZ", "远")]) for number in range(2, 60_001))
    return with_sheet(f"<sheetData>{header_row()}{rows}</sheetData>")


def huge_shared_string() -> bytes:
    """Eight megabytes, and fifty thousand cells that say the same."""
    text = f'<?xml version="1.0"?><sst {MAIN}><si><t>{"长" * (8 * MB // 3)}</t></si></sst>'
    cells = "".join(f'<row r="{number}"><c r="A{number}" t="s"><v>0</v></c></row>' for number in range(2, 50_002))
    parts = parts_of(with_sheet(f"<sheetData>{header_row()}{cells}</sheetData>"))
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    types, relations = "[Content_Types].xml", "xl/_rels/workbook.xml.rels"
    parts[types] = parts[types].replace(
        b"</Types>", f'<Override PartName="/{STRINGS}" ContentType="{kind}"/></Types>'.encode()
    )
    parts[relations] = parts[relations].replace(
        b"</Relationships>",
        f'<Relationship Id="rIdS" Type="{relation}" Target="sharedStrings.xml"/></Relationships>'.encode(),
    )
    parts[STRINGS] = text.encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content, zipfile.ZIP_STORED if name == STRINGS else zipfile.ZIP_DEFLATED)
    return out.getvalue()


def truncated() -> bytes:
    data = xlsx([HEADER, *(["H001", "甲", "339901001001"] for _row in range(2000))])
    return data[: len(data) * 2 // 3]


FREE, END, TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def compound(streams: Mapping[str, bytes], chain: Callable[[list[int]], None] = lambda table: None) -> bytes:
    """A compound file of 512 byte sectors: table, directory, streams of at least 4,096 bytes each. `chain` may spoil
    the table."""
    table, body, entries = [TABLE, END], b"", [_entry("Root Entry", 5, END, 0, child=1)]
    for number, (name, content) in enumerate(streams.items(), 1):
        padded = content.ljust(max(4096, -(-len(content) // 512) * 512), b"\0")
        first, count = len(table), len(padded) // 512
        table += [*range(first + 1, first + count), END]
        body += padded
        following = number + 1 if number < len(streams) else FREE
        entries.append(_entry(name, 2, first, max(len(content), 4096), right=following))
    directory = b"".join(entries).ljust(512, b"\0")[:512]
    chain(table)
    packed = struct.pack(f"<{len(table)}I", *table).ljust(512, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, END, 0, END, 0) + struct.pack("<I", 0)
    return header.ljust(512, b"\xff") + packed + directory + body


def _entry(name: str, kind: int, first: int, size: int, *, right: int = FREE, child: int = FREE) -> bytes:
    named = (name + "\0").encode("utf-16le")
    head = named.ljust(64, b"\0") + struct.pack("<HBBIII", len(named), kind, 1, FREE, right, child)
    return head + bytes(36) + struct.pack("<IQ", first, size)


def biff(*records: tuple[int, bytes]) -> bytes:
    return b"".join(struct.pack("<HH", code, len(content)) + content for code, content in records)


BEGIN = struct.pack("<HHHHII", 0x600, 5, 0x1234, 2000, 0, 0)
BEGIN_SHEET = struct.pack("<HHHHII", 0x600, 0x10, 0x1234, 2000, 0, 0)


def xls(rows: Iterable[Iterable[str | float]], extra: Iterable[tuple[int, bytes]] = ()) -> bytes:
    """The stream of a workbook of one sheet: [MS-XLS] LABEL and NUMBER cells. `extra` records stand in the sheet."""
    cells = []
    for number, given in enumerate(rows):
        for column, value in enumerate(given):
            head = struct.pack("<HHH", number, column, 0)
            if isinstance(value, str):
                cells.append((0x204, head + struct.pack("<HB", len(value), 1) + value.encode("utf-16le")))
            else:
                cells.append((0x203, head + struct.pack("<d", value)))
    bound = (0x85, struct.pack("<IHBB", 0, 0, 6, 0) + b"Sheet1")
    start = len(biff((0x809, BEGIN), (0x42, b"\xb0\x04"), bound, (0x0A, b"")))
    bound = (0x85, struct.pack("<IHBB", start, 0, 6, 0) + b"Sheet1")
    sheet = biff((0x809, BEGIN_SHEET), *cells, *extra, (0x0A, b""))
    return biff((0x809, BEGIN), (0x42, b"\xb0\x04"), bound, (0x0A, b"")) + sheet


def in_a_circle() -> bytes:
    """The third sector of the workbook leads back to its first."""

    def bend(table: list[int]) -> None:
        table[4] = 2

    return compound({"Workbook": xls(GOOD)}, bend)


def directory_in_a_circle() -> bytes:
    def bend(table: list[int]) -> None:
        table[1] = 1

    return compound({"Workbook": xls(GOOD)}, bend)


def locked() -> bytes:
    return compound({"EncryptionInfo": b"\4\0\4\0" + b"<encryption/>", "EncryptedPackage": b"\x5a" * 6000})


def with_macros() -> bytes:
    return with_part(xlsx(GOOD), "xl/vbaProject.bin", b"\xcc\x61" * 400)


def declared_with_macros() -> bytes:
    """As .xlsm declares itself, its macros taken out."""
    parts = parts_of(xlsx(GOOD))
    types = parts["[Content_Types].xml"].replace(
        b"openxmlformats-officedocument.spreadsheetml.sheet.main", b"ms-excel.sheet.macroEnabled.main"
    )
    return zipped(parts | {"[Content_Types].xml": types})


def with_macros_of_before_2007() -> bytes:
    return compound({"Workbook": xls(GOOD), "_VBA_PROJECT_CUR": b"x"})


def styled_blanks(rows: int = 1_000_000) -> bytes:
    blank = "".join(f'<row r="{number}"><c r="A{number}" s="0"/></row>' for number in range(3, rows + 3))
    good = header_row() + row(2, zip("ABC", GOOD[1], strict=True))
    return with_sheet(f"<sheetData>{good}{blank}</sheetData>")


def ten_thousand_columns() -> bytes:
    from openpyxl.utils import get_column_letter

    cells = [(get_column_letter(column), f"列{column}") for column in range(4, 10_001)]
    return with_sheet(f"<sheetData>{row(1, [*zip('ABC', HEADER, strict=True), *cells])}</sheetData>")


def ten_thousand_columns_of_text() -> bytes:
    return ",".join([*HEADER, *(f"列{column}" for column in range(4, 10_001))]).encode() + b"\nH001," + "甲".encode()


def broken_text() -> bytes:
    """Bytes that are no text in any of the encodings."""
    return "工号,姓名,单位\n".encode() + b"H001,\xff\xff\xfe\x81,\x80\n"


def control_characters() -> bytes:
    return "工号,姓名,单位\nH001,甲\x00\x07乙,339901001001\n".encode()


def book_of(rows: Iterable[list[str]]) -> bytes:
    """A roster whose cells say exactly what is given, escapes included."""
    written = "".join(row(number, zip("ABC", cells, strict=True)) for number, cells in enumerate(rows, 2))
    return with_sheet(f"<sheetData>{header_row()}{written}</sheetData>")


def with_links() -> bytes:
    """A cell with its value from a workbook on a server, and the part that says where."""
    formula = '<c r="B2" t="str"><f>[1]Sheet1!A1</f><v>甲</v></c>'
    cells = row(2, [("A", "H001"), ("C", "339901001001")]).replace('<c r="C2"', f'{formula}<c r="C2"')
    parts = parts_of(with_sheet(f"<sheetData>{header_row()}{cells}</sheetData>"))
    link = "http://192.0.2.1/a.xlsx"
    parts["xl/externalLinks/externalLink1.xml"] = (
        f'<externalLink {MAIN}><externalBook r:id="rId1" xmlns:r="x"/></externalLink>'.encode()
    )
    parts["xl/externalLinks/_rels/externalLink1.xml.rels"] = (
        f'<Relationships><Relationship Id="rId1" Target="{link}" TargetMode="External"/></Relationships>'.encode()
    )
    return zipped(parts)


COMMAND = "cmd|'/C calc'!A0"


def with_commands() -> bytes:
    """As a formula, and three times as text."""
    formula = f'<c r="B2"><f>{COMMAND}</f><v>0</v></c>'
    first = row(2, [("A", "H001"), ("C", "339901001001")]).replace('<c r="C2"', f'{formula}<c r="C2"')
    texts = [f"={COMMAND}", f"@SUM(1+1)*{COMMAND}", "=HYPERLINK(&quot;http://x&quot;,&quot;y&quot;)"]
    others = "".join(
        row(number, [("A", f"H00{number}"), ("B", text), ("C", "339901001001")]) for number, text in enumerate(texts, 3)
    )
    return with_sheet(f"<sheetData>{header_row()}{first}{others}</sheetData>")


def with_half_a_character() -> bytes:
    parts = parts_of(book_of([["R1", "王MARK", "石桥"]]))
    return zipped(parts | {SHEET: parts[SHEET].replace(b"MARK", b"\xed\xa1\x82")})


def repeated_without_end() -> bytes:
    """An .ods of one cell that is said to stand seven hundred times in each of a million rows."""
    named = "urn:oasis:names:tc:opendocument:xmlns:"
    names = "".join(f' xmlns:{each}="{named}{each}:1.0"' for each in ("office", "table", "text"))
    cell = (
        '<table:table-row table:number-rows-repeated="1048576"><table:table-cell office:value-type="string" '
        'table:number-columns-repeated="700"><text:p>姓名</text:p></table:table-cell></table:table-row>'
    )
    table = f'<office:spreadsheet><table:table table:name="a">{cell}</table:table></office:spreadsheet>'
    content = f"<office:document-content{names}><office:body>{table}</office:body></office:document-content>"
    mark = b"application/vnd.oasis.opendocument.spreadsheet"
    return zipped({"mimetype": mark, "content.xml": f'<?xml version="1.0"?>{content}'.encode()})


def sheets_without_end() -> bytes:
    name = "urn:schemas-microsoft-com:office:spreadsheet"
    sheets = "".join(f'<Worksheet ss:Name="{number}"><Table/></Worksheet>' for number in range(2_000))
    return f'<?xml version="1.0"?><Workbook xmlns="{name}" xmlns:ss="{name}">{sheets}</Workbook>'.encode()

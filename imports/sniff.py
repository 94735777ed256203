"""What a file is, by its bytes: offices rename .html to .xls and .xlsx to .csv."""

import io
import re
import zipfile
import zlib
from enum import StrEnum

import filetype

from imports.encodings import is_utf16
from imports.parts import damaged
from rules.refusals import N_, Refusal


class FileKind(StrEnum):
    XLSX = "xlsx"
    XLSB = "xlsb"
    XLS = "xls"
    ODS = "ods"
    CSV = "csv"
    HTML = "html"
    XML2003 = "xml2003"


ZIPPED = frozenset({FileKind.XLSX, FileKind.XLSB, FileKind.ODS})
BINARY = ZIPPED | {FileKind.XLS}

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
UTF16_TAGS = (b"<\0", b"\0<")
CONTENT_TYPES = "[Content_Types].xml"
MACRO_ENABLED = re.compile(rb"\.macroEnabled\.", re.IGNORECASE)
ODS_SCRIPTS = ("basic/", "scripts/")
HEAD = 4096
HTML_HEAD = 65536


def sniff(data: bytes) -> FileKind:
    """Refuses by name what cannot be read: macros, passwords, pictures, documents."""
    if not data.strip(b"\0 \r\n\t"):
        raise Refusal(N_("The file is empty"))
    if data.startswith(ZIP_MAGIC):
        return _zipped(data)
    if data.startswith(OLE_MAGIC):
        return _compound(data)
    return _text(data)


def _zipped(data: bytes) -> FileKind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = {name.replace("\\", "/").lower() for name in archive.namelist()}
            declared, mark = _beginning(archive, CONTENT_TYPES), _beginning(archive, "mimetype")
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, ValueError, EOFError, RuntimeError):
        raise damaged() from None
    if MACRO_ENABLED.search(declared) or any(name.startswith(ODS_SCRIPTS) for name in names):
        raise macros()
    if "xl/vbaproject.bin" in names or any(name.startswith("xl/macrosheets/") for name in names):
        raise macros()
    if "xl/workbook.bin" in names:
        return FileKind.XLSB
    if "xl/workbook.xml" in names or any(name.startswith("xl/worksheets/") for name in names):
        return FileKind.XLSX
    if "content.xml" in names and b"opendocument.spreadsheet" in mark:
        return FileKind.ODS
    raise _unknown(data)


def _beginning(archive: zipfile.ZipFile, name: str) -> bytes:
    if name not in archive.namelist():
        return b""
    with archive.open(name) as part:
        return part.read(HTML_HEAD)


def _compound(data: bytes) -> FileKind:
    if _entry("EncryptedPackage") in data:
        raise encrypted()
    if _entry("_VBA_PROJECT") in data:
        raise macros()
    if _entry("Workbook") in data or _entry("Book") in data:
        return FileKind.XLS
    raise _unknown(data)


def _entry(name: str) -> bytes:
    return name.encode("utf-16le")


def _text(data: bytes) -> FileKind:
    wide = data.startswith((*UTF16_MARKS, *UTF16_TAGS)) or is_utf16(data)
    head = (_narrow(data[:HEAD]) if wide else data[:HEAD].removeprefix(b"\xef\xbb\xbf")).lstrip().lower()
    if head.startswith(b"<?xml") and b"urn:schemas-microsoft-com:office:spreadsheet" in head:
        return FileKind.XML2003
    if head.startswith((b"<html", b"<!doctype html", b"<table")) or b"<table" in data[:HTML_HEAD].lower():
        return FileKind.HTML
    if filetype.guess(data) is not None or head.startswith(b"%pdf"):
        raise _unknown(data)
    if b"\0" in data[:HEAD] and not wide:
        raise _unknown(data)
    return FileKind.CSV


def _narrow(head: bytes) -> bytes:
    """What of it is ASCII."""
    return head.removeprefix(UTF16_MARKS[0]).removeprefix(UTF16_MARKS[1]).replace(b"\0", b"")


def macros() -> Refusal:
    return Refusal(N_("The workbook holds macros: save it as .xlsx without macros and send it again"))


def encrypted() -> Refusal:
    return Refusal(N_("The workbook is protected by a password: remove the password and send it again"))


def _unknown(data: bytes) -> Refusal:
    guess = filetype.guess(data)
    if guess is None:
        return Refusal(N_("This is not a spreadsheet: send xlsx, xls, xlsb, ods or csv"))
    told = N_("This is a %(kind)s file, not a spreadsheet: send xlsx, xls, xlsb, ods or csv")
    return Refusal(told, kind=guess.extension)

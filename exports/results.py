"""Formulas with their results beside them, so that a telephone or a previewer that does not calculate shows them."""

import io
import re
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

Value = int | Decimal | str
FORMULA_CELL = re.compile(r'<c r="([A-Z]+[0-9]+)"( s="[0-9]+")?><f>(.*?)</f><v ?(?:/>|></v>)</c>', re.S)


class Results:
    """What each formula of a workbook comes to."""

    def __init__(self) -> None:
        self.known: dict[str, dict[str, Value]] = {}

    def put(self, sheet: Worksheet, place: str, formula: str, value: Value | None) -> None:
        """None stands for the empty text."""
        sheet[place] = formula
        self.known.setdefault(sheet.title, {})[place] = "" if value is None else value

    def saved(self, book: Workbook) -> bytes:
        plain, target = io.BytesIO(), io.BytesIO()
        book.save(plain)
        parts = {f"xl/worksheets/sheet{n}.xml": sheet.title for n, sheet in enumerate(book.worksheets, 1)}
        with zipfile.ZipFile(plain) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
            for name in source.namelist():
                part = source.read(name)
                if known := self.known.get(parts.get(name, "")):
                    part = _filled(part.decode(), known).encode()
                out.writestr(name, part)
        return target.getvalue()


def _filled(xml: str, known: Mapping[str, Value]) -> str:
    def cell(found: re.Match[str]) -> str:
        place, style, formula = found[1], found[2] or "", found[3]
        value = known[place]
        kind, shown = (' t="str"', escape(value)) if isinstance(value, str) else ("", str(value))
        return f'<c r="{place}"{style}{kind}><f>{formula}</f><v>{shown}</v></c>'

    return FORMULA_CELL.sub(cell, xml)

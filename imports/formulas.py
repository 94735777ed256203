"""Formula cells of an .xlsx that nobody has worked out, or that reach for another program."""

import re

from imports.cells import column_number

FORMULA = re.compile(
    rb'<(?:\w+:)?c\s(?=[^>]*?\br="([A-Z]{1,3})(\d{1,7})")(?:(?=[^>]*?\bt="(str)"))?[^>]*>\s*'
    rb"<(?:\w+:)?f\b[^>]*?(?:/>|>([^<]*)</(?:\w+:)?f>)\s*(<(?:\w+:)?v[^>]*>[^<])?"
)
REACHING = re.compile(rb"\|[^|]*!")
LONGEST = 200


def unsettled(piece: bytes) -> dict[tuple[int, int], str]:
    """(row, column) from 1 → the formula, out of XML that cuts no cell in two."""
    if b"<f" not in piece and b":f" not in piece:
        return {}
    return {
        (int(row), column_number(letters.decode())): "=" + formula.decode("utf-8", "replace")[:LONGEST]
        for letters, row, text, formula, value in FORMULA.findall(piece)
        if not (value or text) or REACHING.search(formula)
    }

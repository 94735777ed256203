"""Cells of which nobody knows yet whose data they are: long numbers in them are shown in part."""

import re

from rules.identity import masked

LONG_NUMBER = re.compile(r"\d[\d\s-]{5,}[\dXx]")


def cell_text(cell: object) -> str:
    """Readers give whole numbers as 2.0."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def masked_digits(text: str) -> str:
    """Numbers of eight and more digits: those of telephones, identity cards and accounts."""
    return LONG_NUMBER.sub(_masked, text)


def _masked(found: re.Match[str]) -> str:
    number = found[0]
    digits = re.sub(r"[\s-]", "", number)
    return masked(digits, 3, 4) if len(digits) >= 8 and not _is_day(number) else number


def _is_day(text: str) -> bool:
    """`2026-03-05` or `20260305`, with or without a time of day."""
    return re.fullmatch(r"(?:19|20)\d\d-?[01]\d-?[0-3]\d(?:\s+[0-2]?\d)?", text) is not None

"""How texts are compared when somebody searches: scripts, widths and letter cases that read alike become one."""

from functools import cache
from itertools import pairwise

from opencc import OpenCC

GAP = "␣"
"""Stands for every kind of space, so that a folded text is one word."""
BETWEEN = "␞"
"""Stands between the fields of a record; nobody can type it into a search."""

IDEOGRAPHS = (range(0x3400, 0xA000), range(0xF900, 0xFB00))
BEYOND, BEYOND_BITS = 0xD800, 0x7FF
"""Numbers of no character, among which those beyond the basic plane are spread."""
SPACES = [*range(0x21), 0x7F, 0x85, 0xA0, *range(0x2000, 0x200C), 0x2028, 0x2029, 0x3000, ord(BETWEEN)]


@cache
def folds() -> dict[str, str]:
    """Character → character: traditional → simplified, capital → small, narrow punctuation → wide, wide letter →
    narrow. ASCII punctuation is widened, so that only letters and digits are left of ASCII."""
    found = {chr(space): GAP for space in SPACES}
    for code in range(0x21, 0x7F):
        narrow, wide = chr(code), chr(code + 0xFEE0)
        if narrow.isalnum():
            found |= {narrow: narrow.lower(), wide: narrow.lower()}
        else:
            found[narrow] = wide
    written = [chr(code) for codes in IDEOGRAPHS for code in codes]
    read = OpenCC("t2s").convert("\n".join(written)).split("\n")
    found |= dict(zip(written, read, strict=True))
    return {old: new for old, new in found.items() if old != new}


@cache
def _table() -> dict[int, int]:
    return {ord(old): ord(new) for old, new in folds().items()}


def fold(text: str) -> str:
    """As long as the text itself."""
    return text.translate(_table())


def fold_fields(*fields: str | None) -> str:
    """Each with the mark behind it, so that every character of a field has a neighbour."""
    return "".join(fold(field or "") + BETWEEN for field in fields)


def pairs(folded: str) -> str:
    """Each character with its neighbour: `ABC` → `AB BC`. A part of the text is then a phrase of these."""
    signs = list(folded)
    told = [" "] * (3 * len(signs) - 4)
    told[0::3], told[1::3] = signs[:-1], signs[1:]
    return "".join(told)


def title_and_rest(fields: str) -> tuple[str, str]:
    """The pairs of the second of folded fields and those of all others, neither across a border."""
    number, title, rest = fields.split(BETWEEN, 2)
    return pairs(title + BETWEEN), f"{pairs(number + BETWEEN)} {pairs(rest)}"


def pair_codes(folded: str) -> list[int]:
    """The same as 32-bit numbers, each once. Different characters beyond the basic plane may share a number."""
    codes = [code if (code := ord(sign)) <= 0xFFFF else BEYOND | code & BEYOND_BITS for sign in folded]
    return sorted({((a << 16 | b) ^ 0x80000000) - 0x80000000 for a, b in pairwise(codes)})

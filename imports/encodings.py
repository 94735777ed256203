"""How the letters of a text file may have been written, and what its first line says under each."""

import codecs
import re
from collections.abc import Callable, Collection

from rules.refusals import N_, Refusal

CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
MARKS16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
HEAD = 1 << 16
DELIMITERS = ",\t;|"
LONGEST_LINE = 120
LEAST_ZEROS = 0.01
MOST_LOST = 0.1
"""Share of letters of the first line that may be unreadable in an encoding that is offered."""
ENCODINGS: dict[str, tuple[str, ...]] = {
    "utf-8": ("utf-8-sig",),
    "gb18030": ("gb18030",),
    "utf-16-le": ("utf-16-le",),
    "utf-16-be": ("utf-16-be",),
    "big5": ("big5hkscs",),
    "utf-8 as gb18030": ("utf-8-sig", "gb18030", "utf-8"),
    "utf-8 as latin-1": ("utf-8-sig", "latin-1", "utf-8"),
    "gb18030 as latin-1": ("utf-8-sig", "latin-1", "gb18030"),
}
"""Code → how to decode; with three steps the text was once read wrongly and saved so: decode, go back, decode anew."""
LABELS = {
    "utf-8": "UTF-8",
    "gb18030": "GB18030 (GBK, GB2312)",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "big5": "Big5",
    "utf-8 as gb18030": "GB18030 → UTF-8",
    "utf-8 as latin-1": "Latin-1 → UTF-8",
    "gb18030 as latin-1": "Latin-1 → GB18030",
}
UNREADABLE = N_("The text of the file can be read neither as UTF-8, UTF-16 nor GB18030")


class UnreadableText(Refusal):
    """In the encodings that are tried by themselves."""


def decode(data: bytes, encoding: str = "") -> str:
    """As it was chosen; else UTF-8 or UTF-16 by their marks, UTF-16 by its zeros, UTF-8, GB18030."""
    if encoding:
        return _decoded(data, encoding)
    for tried in _likely(data):
        try:
            text = data.decode(tried)
        except UnicodeDecodeError:
            continue
        if not CONTROL.search(text):
            return text
    raise UnreadableText(UNREADABLE)


def _likely(data: bytes) -> list[str]:
    if data.startswith(MARKS16):
        return ["utf-16"]
    return [*unmarked_utf16(data), "utf-8-sig", "gb18030"]


def unmarked_utf16(data: bytes) -> list[str]:
    """Commas, tabs and line ends leave zeros at odd places (little-endian) or even ones."""
    head = data[:HEAD]
    odd, even = head[1::2].count(0), head[::2].count(0)
    if max(odd, even) <= len(head) * LEAST_ZEROS:
        return []
    return ["utf-16-le"] if odd > even else ["utf-16-be"]


def is_utf16(data: bytes) -> bool:
    """Without its mark."""
    head = data[: HEAD & ~1]
    for encoding in unmarked_utf16(data):
        text = head.decode(encoding, "ignore")
        return not CONTROL.search(text) and any(sign in text for sign in DELIMITERS + "\n")
    return False


def _decoded(data: bytes, encoding: str) -> str:
    if encoding not in ENCODINGS:
        raise Refusal(N_("The encoding %(name)s is not known here"), name=encoding)
    first, *again = ENCODINGS[encoding]
    text = data.decode(first, "replace")
    if again:
        back, anew = again
        text = text.encode(back, "replace").decode(anew, "replace")
    return CONTROL.sub("", text.removeprefix("\ufeff"))


def offers(data: bytes, current: str, known_words: Callable[[str], int]) -> list[tuple[str, str]]:
    """Encodings under which the first line reads otherwise than now, with that line; those with known words first."""
    head = data[:HEAD]
    now = _first_line(_as_now(head, current))
    lines = {code: _first_line(_decoded(head, code)) for code in ENCODINGS if code != current}
    found = {code: line for code, line in lines.items() if line and line != now and _may_be(code, line)}
    ranked = sorted(found.items(), key=lambda each: -known_words(each[1]))
    unlike: dict[str, str] = {}
    for code, line in ranked:
        unlike.setdefault(line, code)
    return [(code, line) for line, code in unlike.items()]


def _as_now(head: bytes, current: str) -> str:
    try:
        return decode(head, current)
    except Refusal:
        return ""


def _first_line(text: str) -> str:
    line = next((each.strip() for each in text.splitlines() if each.strip(",;|\t \"'")), "")
    return line[:LONGEST_LINE]


def _may_be(code: str, line: str) -> bool:
    """Any bytes make letters of UTF-16, but commas only by chance."""
    cells = not code.startswith("utf-16") or any(sign in line for sign in DELIMITERS)
    return cells and _lost(line) <= MOST_LOST


def _lost(line: str) -> float:
    odd = sum(letter == "\ufffd" or letter == "?" or "\ue000" <= letter <= "\uf8ff" for letter in line)
    return odd / len(line)


def known_words(line: str, known: Collection[str], forms: Callable[[str], list[str]]) -> int:
    """How many of the cells of the line are headings."""
    return sum(any(form in known for form in forms(part.strip('" '))) for part in re.split(r"[,;|\t<>]", line))

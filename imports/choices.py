"""What a person says of a file where the rules do not know better: how it is written, where its tables stand, which of
its columns fills which of ours. Kept with the batch, so that every reading of the file hears the same."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from imports.headers import SEARCHED_ROWS
from rules.refusals import N_, Refusal

NOT_IN_FILE = 0
HEADER_ROW = re.compile(r"(?:(?P<sheet>.+)=)?(?P<first>\d{1,2})(?:-(?P<last>\d{1,2}))?", re.ASCII)


@dataclass(frozen=True)
class SheetChoice:
    """None leaves it to the rules. `header` is its first and last row; `columns` maps ours to the sheet's, from 1, or
    to NOT_IN_FILE."""

    used: bool | None = None
    hidden_rows: bool = False
    header: tuple[int, int] | None = None
    columns: Mapping[str, int] | None = None


AS_THE_RULES_SAY = SheetChoice()


@dataclass(frozen=True)
class Choices:
    """`headings`: our column, by name or title → the heading it is read from, on every sheet. `remember` keeps the
    columns for the next file with these headings. `others` is said of every sheet that is not named; `hidden_sheets`
    are read like the rest."""

    encoding: str = ""
    sheets: Mapping[str, SheetChoice] = field(default_factory=dict)
    headings: Mapping[str, str] = field(default_factory=dict)
    remember: bool = False
    others: SheetChoice = AS_THE_RULES_SAY
    hidden_sheets: bool = False

    def of(self, sheet: str) -> SheetChoice:
        return self.sheets.get(sheet, self.others)

    def having(self, sheet: str, choice: SheetChoice) -> "Choices":
        return replace(self, sheets={**self.sheets, sheet: choice})

    def kept(self) -> dict[str, Any]:
        """As JSON can hold it. Whether to remember is asked once."""
        return {
            "encoding": self.encoding,
            "headings": dict(self.headings),
            "sheets": {name: _kept(choice) for name, choice in self.sheets.items()},
            "others": _kept(self.others),
            "hidden_sheets": self.hidden_sheets,
        }


NO_CHOICES = Choices()


def _kept(choice: SheetChoice) -> dict[str, Any]:
    return {
        "used": choice.used,
        "hidden_rows": choice.hidden_rows,
        "header": choice.header and list(choice.header),
        "columns": choice.columns if choice.columns is None else dict(choice.columns),
    }


def from_kept(kept: Mapping[str, Any] | None) -> Choices:
    if not kept:
        return NO_CHOICES
    sheets = {name: _sheet(said) for name, said in kept["sheets"].items()}
    others = _sheet(kept["others"]) if "others" in kept else AS_THE_RULES_SAY
    hidden = kept.get("hidden_sheets", False)
    return Choices(kept["encoding"], sheets, kept["headings"], others=others, hidden_sheets=hidden)


def _sheet(said: Mapping[str, Any]) -> SheetChoice:
    return SheetChoice(**{**said, "header": said["header"] and tuple(said["header"])})


def from_words(
    maps: Sequence[str],
    encoding: str = "",
    sheets: Sequence[str] = (),
    headers: Sequence[str] = (),
    *,
    hidden: bool = False,
) -> Choices:
    """`编号=工号`: the file's heading, then our column. Of `sheets` all but those are left out. `3`, `3-4` or `名册=3`:
    where the headings stand, on every sheet or on one."""
    pairs = [text.partition("=") for text in maps]
    if wrong := [text for text, (heading, sign, ours) in zip(maps, pairs, strict=True) if not (heading and ours)]:
        raise Refusal(N_("“%(text)s”: write the heading in the file, then =, then our column"), text=wrong[0])
    rows = dict(map(_header, headers))
    others = SheetChoice(False if sheets else None, hidden, rows.pop("", None))
    said = {name: replace(others, used=True) for name in sheets}
    said |= {name: replace(said.get(name, others), header=header) for name, header in rows.items()}
    headings = {ours.strip(): heading.strip() for heading, _, ours in pairs}
    return Choices(encoding, said, headings, others=others, hidden_sheets=hidden)


def _header(text: str) -> tuple[str, tuple[int, int]]:
    """The sheet, or nothing for all of them; the first and the last row."""
    found = HEADER_ROW.fullmatch(text.strip())
    first = int(found["first"]) if found else 0
    last = int(found["last"]) if found and found["last"] else first
    if found is None or not 1 <= first <= SEARCHED_ROWS or last - first not in (0, 1):
        raise Refusal(
            N_(
                "“%(text)s”: write the row in which the headings stand, as 3, or both of two rows, as 3-4, up to row "
                "%(last)s; for one sheet alone as SHEET=3"
            ),
            text=text,
            last=SEARCHED_ROWS,
        )
    return found["sheet"] or "", (first, last)

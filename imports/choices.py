"""What a person says of a file where the rules do not know better: how it is written, where its tables stand, which of
its columns fills which of ours. Kept with the batch, so that every reading of the file hears the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rules.refusals import N_, Refusal

NOT_IN_FILE = 0


@dataclass(frozen=True)
class SheetChoice:
    """None leaves it to the rules. `header` is its first and last row; `columns` maps ours to the sheet's, from 1, or
    to NOT_IN_FILE."""

    used: bool | None = None
    hidden_rows: bool = False
    header: tuple[int, int] | None = None
    columns: Mapping[str, int] | None = None


@dataclass(frozen=True)
class Choices:
    """`headings`: our column, by name or title → the heading it is read from, on every sheet. `remember` keeps the
    columns for the next file with these headings."""

    encoding: str = ""
    sheets: Mapping[str, SheetChoice] = field(default_factory=dict)
    headings: Mapping[str, str] = field(default_factory=dict)
    remember: bool = False

    def of(self, sheet: str) -> SheetChoice:
        return self.sheets.get(sheet, AS_THE_RULES_SAY)

    def having(self, sheet: str, choice: SheetChoice) -> "Choices":
        return replace(self, sheets={**self.sheets, sheet: choice})

    def kept(self) -> dict[str, Any]:
        """As JSON can hold it. Whether to remember is asked once."""
        return {
            "encoding": self.encoding,
            "headings": dict(self.headings),
            "sheets": {
                name: {
                    "used": choice.used,
                    "hidden_rows": choice.hidden_rows,
                    "header": choice.header and list(choice.header),
                    "columns": choice.columns if choice.columns is None else dict(choice.columns),
                }
                for name, choice in self.sheets.items()
            },
        }


AS_THE_RULES_SAY = SheetChoice()
NO_CHOICES = Choices()


def from_kept(kept: Mapping[str, Any] | None) -> Choices:
    if not kept:
        return NO_CHOICES
    sheets = {
        name: SheetChoice(**{**said, "header": said["header"] and tuple(said["header"])})
        for name, said in kept["sheets"].items()
    }
    return Choices(kept["encoding"], sheets, kept["headings"])


def from_words(maps: Sequence[str], encoding: str = "") -> Choices:
    """`编号=工号`: the file's heading, then our column."""
    pairs = [text.partition("=") for text in maps]
    if wrong := [text for text, (heading, sign, ours) in zip(maps, pairs, strict=True) if not (heading and ours)]:
        raise Refusal(N_("“%(text)s”: write the heading in the file, then =, then our column"), text=wrong[0])
    return Choices(encoding, headings={ours.strip(): heading.strip() for heading, _, ours in pairs})

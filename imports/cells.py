"""Cells by their address, and what was wrong with one."""

from dataclasses import dataclass, field

LAST_COLUMN = 702  # ZZ
LAST_ROW = 1 << 20
LONGEST_CELL = 32_767
"""Characters, as Excel has it."""


def letters(column: int) -> str:
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def column_number(text: str) -> int:
    number = 0
    for letter in text:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def address(row: int, column: int) -> str:
    """`address(7, 4)` is D7."""
    return f"{letters(column)}{row}"


def count_of(written: str | None, most: int = LAST_ROW, least: int = 1) -> int:
    """How many cells an attribute says; the least where it says nothing to be believed."""
    plausible = written and written.isascii() and written.isdigit() and len(written) < 8
    return min(max(int(written), least), most) if written and plausible else least


@dataclass(frozen=True)
class CellError:
    """`value` is what stood in the cell; `message` a msgid for `values`. Without a column the whole row is meant."""

    sheet: str
    row: int
    column: int | None
    value: str
    code: str
    message: str
    values: dict[str, str] = field(default_factory=dict)

    @property
    def cell(self) -> str:
        return str(self.row) if self.column is None else address(self.row, self.column)

"""Figures with their targets, and how they read in a table."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """`unit` is written behind the target, `digits` are those after the point."""

    value: float
    unit: str = "ms"
    at_most: float | None = None
    at_least: float | None = None
    digits: int = 1

    @property
    def has_target(self) -> bool:
        return self.at_most is not None or self.at_least is not None

    @property
    def met(self) -> bool:
        return (self.at_most is None or self.value <= self.at_most) and (
            self.at_least is None or self.value >= self.at_least
        )

    @property
    def target(self) -> str:
        sign, limit = ("≤", self.at_most) if self.at_most is not None else ("≥", self.at_least)
        return f"{sign} {limit:g} {self.unit}".strip()

    def __str__(self) -> str:
        text = f"{self.value:,.{self.digits}f}"
        return text if self.met else f"**{text}**"


def milliseconds(seconds: float, at_most: float | None = None) -> Figure:
    return Figure(seconds * 1000, "ms", at_most)


def whole(number: float, unit: str = "", at_most: float | None = None) -> Figure:
    return Figure(number, unit, at_most, digits=0)


@dataclass
class Row:
    """`refused` says why there is no figure: that is a miss too."""

    name: str
    cells: list[Figure | str]
    refused: str = ""

    @property
    def held(self) -> list[Figure]:
        return [cell for cell in self.cells if isinstance(cell, Figure) and cell.has_target]

    @property
    def met(self) -> bool:
        return not self.refused and all(figure.met for figure in self.held)

    @property
    def verdict(self) -> str:
        if self.refused:
            return "no"
        return ("yes" if self.met else "no") if self.held else ""


@dataclass
class Table:
    name: str
    columns: list[str]
    rows: list[Row] = field(default_factory=list)
    note: str = ""

    @property
    def misses(self) -> list[Row]:
        return [row for row in self.rows if not row.met]

    def lines(self) -> list[str]:
        """As Markdown."""
        heading = ["", *self.columns, "target", "met"]
        ruled = ["---", *["---:"] * len(self.columns), "---", "---"]
        return [piped(heading), piped(ruled), *(piped(self.written(row)) for row in self.rows)]

    def written(self, row: Row) -> list[str]:
        cells = [row.refused, *[""] * (len(self.columns) - 1)] if row.refused else [str(cell) for cell in row.cells]
        return [row.name, *cells, ", ".join(dict.fromkeys(f.target for f in row.held)), row.verdict]


def piped(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"

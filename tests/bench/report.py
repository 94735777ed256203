"""docs/performance.md: each run replaces its own section, a run of one measure its own part of it."""

import re
from pathlib import Path

from tests.bench.figures import Figure, Row, Table, milliseconds

GROWTH = 1.5
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
ORDER = [f"{size} on {engine}" for size in ("town", "district", "city") for engine in NAMES.values()]


def title(size: str, engine: str) -> str:
    return f"{size} on {NAMES[engine]}"


def written(text: str, heading: str, machine: str, tables: list[Table]) -> str:
    """The whole document with the tables of this run in it."""
    head, sections = parts(text, "## ")
    _intro, known = parts(sections.get(heading, ""), "### ")
    known |= {table.name: "\n".join([*([table.note, ""] if table.note else []), *table.lines()]) for table in tables}
    sections[heading] = "\n\n".join([machine, *(f"### {name}\n\n{body.strip()}" for name, body in known.items())])
    sections |= growth(sections)
    ordered = sorted(sections, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))
    return "\n\n".join([head.strip(), *(f"## {name}\n\n{sections[name].strip()}" for name in ordered)]) + "\n"


def parts(text: str, mark: str) -> tuple[str, dict[str, str]]:
    """What stands before the first heading of that depth, and each heading's text."""
    pieces = re.split(rf"^{mark}(.+)\n", text, flags=re.M)
    return pieces[0], dict(zip(pieces[1::2], pieces[2::2], strict=True))


def growth(sections: dict[str, str]) -> dict[str, str]:
    """From a district to ten of them, page by page, for each engine that has both."""
    tables = []
    for name in NAMES.values():
        small, large = (page_times(sections.get(f"{size} on {name}", "")) for size in ("district", "city"))
        rows = [grown(page, small[page], large[page]) for page in small if page in large]
        if rows:
            tables.append(
                "\n".join([f"### {name}", "", *Table(name, ["district ms", "city ms", "times"], rows).lines()])
            )
    return {"From district to city": "\n\n".join(tables)} if tables else {}


def grown(page: str, small: float, large: float) -> Row:
    times = Figure(large / small, "×", GROWTH, digits=2)
    return Row(page, [milliseconds(small / 1000), milliseconds(large / 1000), times])


def page_times(section: str) -> dict[str, float]:
    """Page → server milliseconds, as an earlier run wrote them."""
    pages = parts(section, "### ")[1].get("Pages", "")
    found = re.findall(r"^\| ([^|]+?) \| \**([\d,.]+)\** \|", pages, flags=re.M)
    return {name: float(number.replace(",", "")) for name, number in found}


def put(path: Path, heading: str, machine: str, tables: list[Table]) -> None:
    path.write_text(written(path.read_text(encoding="utf-8"), heading, machine, tables), encoding="utf-8")

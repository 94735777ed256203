"""What the screen of the columns shows of a file: kept sealed beside its rows, so that nobody reads the file again to
look at it."""

import json
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa

from imports import encodings, headers, remembered, staging
from imports.choices import Choices
from imports.columns import Column, known_labels
from imports.encodings import offers
from imports.headers import Header
from imports.lines import Table
from imports.look import Looked, missing
from imports.masks import cell_text, masked_digits
from imports.passed import Passed
from imports.preview import MASKS
from imports.reading import Cell, Sheet
from imports.sniff import FileKind
from models.types import Sealed

SAMPLES, SAMPLED_ROWS = 3, 200
GRID_ROWS, GRID_COLUMNS = 12, 12
LONGEST = 40
TEXT_KINDS = frozenset({FileKind.CSV, FileKind.HTML})

sketches = staging.unlogged(
    sa.Table(
        "sketch",
        staging.metadata,
        sa.Column("load", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("content", Sealed("import.sketch"), nullable=False),
    )
)


def keep(connection: sa.Connection, load: int, content: Mapping[str, Any]) -> None:
    connection.execute(sketches.insert().values(load=load, content=json.dumps(content, ensure_ascii=False)))


def load(connection: sa.Connection, number: int) -> dict[str, Any] | None:
    """None where the rows that waited are gone."""
    text = connection.scalar(sa.select(sketches.c.content).where(sketches.c.load == number))
    return json.loads(text) if text else None


def other_encodings(data: bytes, choices: Choices, columns: Sequence[Column]) -> list[tuple[str, str]]:
    known = known_labels(columns)
    return offers(data, choices.encoding, lambda line: encodings.known_words(line, known, headers.forms))


def draw(
    text: bytes,
    found: Sequence[Looked],
    read: Sequence[Table],
    columns: Sequence[Column],
    sheet_fills: str | None,
    choices: Choices,
) -> dict[str, Any]:
    """Must be drawn while the file is open and after its rows were read. `text` is the file if it has an encoding."""
    passed = {table.sheet.name: table.passed for table in read}
    lost = text and (choices.encoding or not any(each.header for each in found))
    return {
        "offers": [list(each) for each in other_encodings(text, choices, columns)] if lost else [],
        "sheets": [_sheet(each, columns, sheet_fills) | _passed(passed.get(each.sheet.name)) for each in found],
    }


def _passed(passed: Passed | None) -> dict[str, Any]:
    if passed is None:
        return {"read": False, "passed": {}, "listed": []}
    return {"read": True, "passed": dict(passed.counts), "listed": [list(row) for row in passed.listed]}


def of_nothing(offered: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Of a text that cannot be read at all as it stands."""
    return {"offers": [list(each) for each in offered], "sheets": []}


def _sheet(looked: Looked, columns: Sequence[Column], sheet_fills: str | None) -> dict[str, Any]:
    sheet, header, found = looked.sheet, looked.header, looked.mapping
    drawn: dict[str, Any] = {
        "name": sheet.name,
        "hidden": sheet.hidden,
        "used": looked.used,
        "blank": not sheet.offsets,
        "hidden_rows": bool(sheet.hidden_rows),
        "with_hidden": looked.choice.hidden_rows,
        "grid": [[number, _shown(cells)] for number, cells in sheet.head()[:GRID_ROWS]],
        "header": None,
    }
    if header is None or found is None:
        return drawn
    titles = {column.title: column.name for column in columns}
    masks = {at: MASKS[name] for name, at in found.columns.items() if name in MASKS}
    return drawn | {
        "header": [header.first, header.last],
        "headings": sorted(header.headings.items()),
        "samples": {str(at): texts for at, texts in _samples(sheet, header, masks).items()},
        "columns": found.columns,
        "how": found.how,
        "alike": {titles[title]: heading for heading, title in found.suggestions.items()},
        "missing": [column.name for column in missing(looked, columns, sheet_fills)],
        "fills": sheet_fills if looked.default else None,
        "fingerprint": remembered.fingerprint(header.headings),
        "saved": [looked.saved.name, looked.saved.at.isoformat()] if looked.saved else None,
    }


def _shown(cells: Sequence[Cell]) -> list[str]:
    return [_short(cell) for cell in cells[:GRID_COLUMNS]]


def _short(cell: Cell) -> str:
    text = " ".join(masked_digits(cell_text(cell)).split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _samples(sheet: Sheet, header: Header, masks: Mapping[int, Callable[[str], str]]) -> dict[int, list[str]]:
    """The first values of each column that differ."""
    found: dict[int, list[str]] = {at: [] for at in header.headings}
    for _, cells in islice(headers.data_rows(sheet, header), SAMPLED_ROWS):
        for at, texts in found.items():
            cell = cells[at - 1] if at <= len(cells) else ""
            if cell == "" or len(texts) == SAMPLES:
                continue
            text = masks[at](cell_text(cell)) if at in masks else _short(cell)
            if text not in texts:
                texts.append(text)
    return found

"""What the command line says of an import, line by line."""

from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from flask_babel import gettext
from sqlalchemy.orm import Session

from imports import look, missing, preview, roster, run, sketch, staging
from imports.cells import CellError
from imports.error_book import MOST_ROWS
from imports.kind import Kind, Note
from imports.people import People
from imports.placed import PlacedKind
from imports.research import Research
from imports.roster import Choice
from imports.tickets import NO_SOURCE, NOWHERE
from models.imports import ImportBatch
from rules.refusals import N_
from views.import_pages import worded

ERRORS_SHOWN = CHANGES_SHOWN = 50
NAMED_BY = 2
"""So many cells of a row tell which one it is."""
COLUMNS_TYPED = N_("--map HEADING=COLUMN says which heading of the file is which column of ours")
HEADER_TYPED = N_("--header-row says in which row the headings stand, --map HEADING=COLUMN which of them is which")
HIDDEN_TYPED = N_("--hidden reads hidden sheets and rows too, --sheet NAME reads one sheet alone")
UNIT_TYPED = N_("--unit names the unit of the rows that name none")
TYPED = {
    look.NO_HEADER: HEADER_TYPED,
    look.NO_HEADER_ROW: HEADER_TYPED,
    look.NO_COLUMN: COLUMNS_TYPED,
    run.ALIKE: COLUMNS_TYPED,
    look.HIDDEN_SHEETS: HIDDEN_TYPED,
    look.HIDDEN_ROWS: HIDDEN_TYPED,
    NO_SOURCE: N_("--source names one for the whole file"),
    NOWHERE: UNIT_TYPED,
    PlacedKind.nowhere: UNIT_TYPED,
    Research.nowhere: UNIT_TYPED,
}
"""What is chosen on a screen, and how it is typed."""


def lines_of(notes: list[Note], wrong: list[CellError]) -> Iterator[str]:
    for note in notes:
        yield gettext(note.message, **note.values)
    for error in wrong[:ERRORS_SHOWN]:
        place = gettext("row %(row)s", row=error.row) if error.column is None else error.cell
        said = (error.sheet, place, f"“{error.value}”" if error.value else "", gettext(error.message, **error.values))
        yield " ".join(filter(None, said))
    if len(wrong) > ERRORS_SHOWN:
        yield "…"
    messages = [*(note.message for note in notes), *(error.message for error in wrong)]
    for way in dict.fromkeys(TYPED[message] for message in messages if message in TYPED):
        yield gettext(way)


def changes_of(kind: Kind) -> Iterator[str]:
    """Old → new of the first rows that would change."""
    rows = preview.page(kind, staging.CHANGED, limit=CHANGES_SHOWN + 1, offset=0)
    for row in rows[:CHANGES_SHOWN]:
        place = gettext("row %(row)s", row=row.row)
        known = (worded(cell.text) for cell in row.face[:NAMED_BY])
        moved = (f"{cell.title} {worded(cell.old or '') or '—'} → {worded(cell.text) or '—'}" for cell in row.changes)
        yield " ".join(filter(None, [row.sheet, place, *known, "；".join(moved)]))
    if len(rows) > CHANGES_SHOWN:
        yield "…"


def leavers_of(kind: People, choice: Choice) -> Iterator[str]:
    """The first who may have left."""
    found = roster.listed(kind, roster.leavers(kind, choice), choice, CHANGES_SHOWN + 1)
    names = [f"{each.name}（{each.unit}）" for each in found[:CHANGES_SHOWN]]
    if names:
        listed = "、".join([*names, *(["…"] if len(found) > CHANGES_SHOWN else [])])
        yield gettext("On duty, but not in the file: %(listed)s", listed=listed)


def missing_of(kind: Kind) -> Iterator[str]:
    """The first records that the file leaves out."""
    count = missing.noted(kind).get("missing")
    if not count:
        return
    rows = preview.missing_page(kind, limit=CHANGES_SHOWN, offset=0)
    names = [" ".join(filter(None, (worded(cell.text) for cell in row.face[:NAMED_BY]))) for row in rows]
    listed = "、".join([*names, *(["…"] if count > len(names) else [])])
    yield gettext("Kept here, but not in the file (%(count)s): %(listed)s", count=count, listed=listed)


def counted(counts: dict[str, int]) -> str:
    return " ".join(f"{name}={counts[name]}" for name in staging.OPS)


def why_unread(session: Session, note: Note, load: int) -> str:
    """With what the screen would let somebody choose."""
    lines = [*lines_of([note], [])]
    drawn = sketch.load(session.connection(), load) or {"offers": []}
    for code, line in drawn["offers"]:
        lines.append(gettext("--encoding %(name)s reads its first line as: %(line)s", name=quote(code), line=line))
    return "\n".join(lines)


def how_to_correct(batch: ImportBatch, path: Path) -> list[str]:
    """The workbook of its wrong rows, and the way back."""
    file = str(path)
    command = f"flask import {batch.kind} {quote(file)} --correct {batch.id}"
    said = gettext("Correct the red cells of %(file)s, save it, then type: %(command)s", file=file, command=command)
    first = [gettext("The first %(count)s wrong rows.", count=MOST_ROWS)] if batch.error > MOST_ROWS else []
    return [*first, said]

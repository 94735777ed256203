"""What a person is shown of a file and what the pipeline reads of it: for each sheet its header, its columns, why."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from imports import headers, mapping
from imports.choices import NOT_IN_FILE, Choices, SheetChoice
from imports.columns import Column, known_labels
from imports.headers import Header
from imports.kind import Kind, Note
from imports.lines import Table
from imports.mapping import Mapping
from imports.passed import Why
from imports.reading import Sheet, Workbook
from imports.remembered import Match, Memory, Saved
from rules.refusals import N_, Refusal

TITLES_SHOWN = 12


@dataclass(frozen=True)
class Looked:
    """One sheet. `used` holds where it is read; `default` is what its name stands for."""

    sheet: Sheet
    choice: SheetChoice
    header: Header | None = None
    mapping: Mapping | None = None
    saved: Saved | None = None
    used: bool = False
    default: str = ""


def look(
    workbook: Workbook, columns: Sequence[Column], sheet_fills: str | None, choices: Choices, memory: Memory
) -> list[Looked]:
    found = [_headed(sheet, columns, choices, memory) for sheet in workbook.sheets]
    several = sum(bool(each.header) and (each.used or not aside(each.sheet)) for each in found) > 1
    return [_named(each, sheet_fills) if several and sheet_fills else each for each in found]


def _headed(sheet: Sheet, columns: Sequence[Column], choices: Choices, memory: Memory) -> Looked:
    choice = choices.of(sheet.name)
    if not sheet.offsets:
        return Looked(sheet, choice)
    header = _header(sheet, columns, choice, memory, choices)
    used = choice.used if choice.used is not None else header is not None and not aside(sheet)
    if header is None:
        return Looked(sheet, choice, used=used)
    saved = memory.of(header.headings)
    settled = mapping.settle(
        header.headings,
        columns,
        saved.on(header.headings) if saved else None,
        choice.columns if choice.columns is not None else _by_heading(choices, columns, header),
    )
    return Looked(sheet, choice, header, settled, saved, used)


def aside(sheet: Sheet) -> bool:
    """Not read unless somebody asks for it."""
    return sheet.hidden or headers.is_instructions(sheet)


def _header(
    sheet: Sheet, columns: Sequence[Column], choice: SheetChoice, memory: Memory, choices: Choices
) -> Header | None:
    """As it was chosen, else one that is remembered, else the one with most known labels."""
    if choice.header:
        return headers.at(sheet, *choice.header)
    if memory.saved:
        remembered = next((header for header in headers.candidates(sheet) if memory.of(header.headings)), None)
        if remembered:
            return remembered
    named = {headers.plain(heading) for heading in choices.headings.values()}
    return headers.find(sheet, known_labels(columns) | named)


def _by_heading(choices: Choices, columns: Sequence[Column], header: Header) -> dict[str, int] | None:
    """Choices by heading, for whichever sheet has it. Raises Refusal for a column we do not have."""
    chosen = {}
    for ours, heading in choices.headings.items():
        name = next((column.name for column in columns if headers.plain(ours) in (column.labels[0], column.name)), None)
        if name is None:
            raise Refusal(N_("There is no column “%(column)s” here"), column=ours)
        place = next(
            (at for at, text in header.headings.items() if headers.plain(heading) in headers.forms(text)), None
        )
        if place is not None:
            chosen[name] = place
    return chosen or None


def _named(looked: Looked, sheet_fills: str) -> Looked:
    """Of several sheets each may hold one unit, whose name it bears."""
    if not looked.used or looked.mapping is None or sheet_fills in looked.mapping.columns:
        return looked
    return replace(looked, default=headers.speaking_name(looked.sheet))


def missing(looked: Looked, columns: Sequence[Column], sheet_fills: str | None) -> list[Column]:
    """Required ones that nothing fills."""
    if looked.mapping is None:
        return []
    return [column for column in looked.mapping.missing(columns) if not (looked.default and column.name == sheet_fills)]


def stopped(found: Sequence[Looked], columns: Sequence[Column], sheet_fills: str | None) -> Note | None:
    """Why nothing can be read until a person has said more."""
    used = [each for each in found if each.used]
    if not used:
        titles = "、".join(column.title for column in columns[:TITLES_SHOWN])
        sentence = N_("No header was found in the first 30 rows: at least two of these columns are needed: %(columns)s")
        return Note(sentence, {"columns": titles})
    for each in used:
        if each.header is None:
            return Note(N_("“%(sheet)s”: say in which row the headings stand"), {"sheet": each.sheet.name})
        if lacking := missing(each, columns, sheet_fills):
            return Note(
                N_("“%(sheet)s”, row %(row)s: the column “%(columns)s” is missing"),
                {
                    "sheet": each.sheet.name,
                    "row": str(each.header.last),
                    "columns": "、".join(column.title for column in lacking),
                },
            )
    return None


def tables(found: Sequence[Looked]) -> list[Table]:
    return [
        Table(each.sheet, each.header, each.mapping, each.default, each.choice.hidden_rows)
        for each in found
        if each.used and each.header and each.mapping
    ]


def left_out(found: Sequence[Looked], read: Sequence[Table]) -> Iterator[Note]:
    unread = [each.sheet for each in found if not (each.used or headers.is_instructions(each.sheet))]
    hidden = [sheet.name for sheet in unread if sheet.hidden]
    if hidden:
        values = {"count": str(len(hidden)), "sheets": "、".join(hidden)}
        yield Note(N_("Hidden sheets were left out: %(count)s (%(sheets)s)"), values)
    without = [each.sheet.name for each in found if each.sheet.offsets and not (each.header or aside(each.sheet))]
    if without:
        yield Note(N_("Sheets without a table were left out: %(sheets)s"), {"sheets": "、".join(without)})
    for table in read:
        if count := table.passed.counts[Why.HIDDEN]:
            values = {"sheet": table.sheet.name, "count": str(count)}
            yield Note(N_("“%(sheet)s”: hidden rows were left out: %(count)s"), values)


def once(notes: Iterable[Note]) -> list[Note]:
    """Sheets with the same headings would say the same."""
    return list({(note.message, *note.values.items()): note for note in notes}.values())


def how_found(columns: Sequence[Column], table: Table) -> dict[str, str]:
    titles = {column.name: column.title for column in columns}
    return {titles[name]: how.value for name, how in table.mapping.how.items()}


def worth_remembering(kind: Kind, found: Sequence[Looked]) -> Iterator[Match]:
    """What was chosen and differs from what the rules, or an earlier choice, would find."""
    for each in found:
        if not (each.used and each.header) or each.choice.columns is None:
            continue
        headings = each.header.headings
        before = mapping.settle(headings, kind.columns, each.saved.on(headings) if each.saved else None)
        chosen = {name: at for name, at in each.choice.columns.items() if at != NOT_IN_FILE}
        if chosen != before.columns or (each.choice.header and not each.saved):
            yield headings, each.choice.columns

"""What a person is shown of a file and what the pipeline reads of it: for each sheet its header, its columns, why."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from imports import headers, mapping
from imports.choices import NO_CHOICES, NOT_IN_FILE, Choices, SheetChoice
from imports.columns import Column, known_labels
from imports.convert import is_blank
from imports.headers import Header
from imports.kind import Kind, Note
from imports.lines import Table
from imports.mapping import Mapping
from imports.masks import cell_text
from imports.passed import Why
from imports.reading import Sheet, Workbook
from imports.remembered import Match, Memory, Saved
from rules.refusals import N_, Refusal

TITLES_SHOWN = 12
LIST_OF = re.compile(
    r"[\s_—-]*(?:[(（\[【][^()（）\[\]【】]*[)）\]】]|(?:19|20)\d\d年?度?"
    r"|(?:人员|村民|居民|党员|干部|住户|农户|家庭|企业)?(?:花名册|名册|名单|台账|清单|登记表|信息表|汇总表|统计表|一览表|表|册))\s*$"
)
"""What a sheet's name adds to that of its unit."""
NO_HEADER = N_("No header was found in the first 30 rows: at least two of these columns are needed: %(columns)s")
NO_HEADER_ROW = N_("“%(sheet)s”: say in which row the headings stand")
NO_COLUMN = N_("“%(sheet)s”, row %(row)s: the column “%(columns)s” is missing")
HIDDEN_SHEETS = N_("Hidden sheets were left out: %(count)s (%(sheets)s)")
HIDDEN_ROWS = N_("“%(sheet)s”: hidden rows were left out: %(count)s")


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


def look(workbook: Workbook, kind: Kind, choices: Choices, memory: Memory) -> list[Looked]:
    """Raises Refusal where a sheet is meant that is not there."""
    _refuse_missing([sheet.name for sheet in workbook.sheets], choices)
    found = [_headed(sheet, kind.columns, choices, memory) for sheet in workbook.sheets]
    several = sum(bool(each.header) and (each.used or not aside(each.sheet, choices)) for each in found) > 1
    return [_named(each, kind, several=several) for each in found]


def _refuse_missing(names: list[str], choices: Choices) -> None:
    if missing := [name for name in choices.sheets if name not in names]:
        raise Refusal(
            N_("There is no sheet “%(sheet)s” in the file; there are: %(names)s"),
            sheet=missing[0],
            names="、".join(names),
        )


def _headed(sheet: Sheet, columns: Sequence[Column], choices: Choices, memory: Memory) -> Looked:
    choice = _said(sheet, choices)
    if not sheet.offsets:
        return Looked(sheet, choice)
    header = _header(sheet, columns, choice, memory, choices)
    used = choice.used if choice.used is not None else header is not None and not aside(sheet, choices)
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


def _said(sheet: Sheet, choices: Choices) -> SheetChoice:
    """Where the headings of all sheets stand is said of those that are read."""
    choice = choices.of(sheet.name)
    if sheet.name in choices.sheets or not (choice.used is False or aside(sheet, choices)):
        return choice
    return replace(choice, header=None)


def aside(sheet: Sheet, choices: Choices = NO_CHOICES) -> bool:
    """Not read unless somebody asks for it."""
    return (sheet.hidden and not choices.hidden_sheets) or headers.is_instructions(sheet)


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


def _named(looked: Looked, kind: Kind, *, several: bool) -> Looked:
    """Of several sheets each may hold one unit, whose name it bears. What is called as a unit is holds that unit,
    even alone, unless columns say otherwise."""
    found, fills = looked.mapping, kind.sheet_fills
    if not looked.used or found is None or fills is None:
        return looked
    name, written = _unit_named(headers.speaking_name(looked.sheet), kind), fills in found.columns
    if several and not written:
        return replace(looked, default=name)
    if not (name and kind.is_unit(name)) or any(_values(looked, fills)):
        return looked
    beside = {text for column in kind.places_beside for text in _values(looked, column)}
    return replace(looked, default=name, mapping=found.without(fills)) if kind.lie_together(name, beside) else looked


def _unit_named(name: str, kind: Kind) -> str:
    """石桥村花名册 stands for 石桥村, unless that is a unit of its own."""
    shorter = name
    while shorter and not kind.is_unit(shorter):
        before, shorter = shorter, LIST_OF.sub("", shorter)
        if shorter == before:
            return name
    return shorter or name


def _values(looked: Looked, name: str) -> Iterator[str]:
    """What is written in one of our columns."""
    at = looked.mapping.columns.get(name) if looked.mapping else None
    if at is None or looked.header is None:
        return
    for _, cells in headers.data_rows(looked.sheet, looked.header, with_hidden=looked.choice.hidden_rows):
        if len(cells) >= at and not is_blank(cells[at - 1]):
            yield cell_text(cells[at - 1]).strip()


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
        return Note(NO_HEADER, {"columns": titles})
    for each in used:
        if each.header is None:
            return Note(NO_HEADER_ROW, {"sheet": each.sheet.name})
        if lacking := missing(each, columns, sheet_fills):
            return Note(
                NO_COLUMN,
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


def left_out(found: Sequence[Looked], read: Sequence[Table], choices: Choices) -> Iterator[Note]:
    unread = [each.sheet for each in found if not (each.used or headers.is_instructions(each.sheet))]
    hidden = [sheet.name for sheet in unread if sheet.hidden]
    if hidden:
        values = {"count": str(len(hidden)), "sheets": "、".join(hidden)}
        yield Note(HIDDEN_SHEETS, values)
    unheaded = [each.sheet for each in found if each.sheet.offsets and not each.header]
    without = [sheet.name for sheet in unheaded if not aside(sheet, choices)]
    if without:
        yield Note(N_("Sheets without a table were left out: %(sheets)s"), {"sheets": "、".join(without)})
    for table in read:
        if count := table.passed.counts[Why.HIDDEN]:
            values = {"sheet": table.sheet.name, "count": str(count)}
            yield Note(HIDDEN_ROWS, values)


def filled_by_name(read: Sequence[Table], kind: Kind) -> Iterator[Note]:
    """Of a file of one sheet nobody expects it."""
    if len(read) == 1 and read[0].default:
        column = next(column.title for column in kind.columns if column.name == kind.sheet_fills)
        said = {"sheet": headers.speaking_name(read[0].sheet), "column": column}
        yield Note(N_("The sheet is called “%(sheet)s”: that fills “%(column)s” of every row"), said)


def once(notes: Iterable[Note]) -> list[Note]:
    """Sheets with the same headings would say the same."""
    return list({(note.message, *note.values.items()): note for note in notes}.values())


def how_found(columns: Sequence[Column], table: Table) -> dict[str, str]:
    titles = {column.name: column.title for column in columns}
    return {titles[name]: how.value for name, how in table.mapping.how.items()}


def worth_remembering(kind: Kind, found: Sequence[Looked]) -> Iterator[Match]:
    """What was chosen, one by one or by its heading, and differs from what the rules, or an earlier choice, would
    find."""
    for each in found:
        if not (each.used and each.header and each.mapping):
            continue
        headings = each.header.headings
        before = mapping.settle(headings, kind.columns, each.saved.on(headings) if each.saved else None)
        columns = each.mapping.columns if each.choice.columns is None else each.choice.columns
        chosen = {name: at for name, at in columns.items() if at != NOT_IN_FILE}
        if chosen != before.columns or (each.choice.header and not each.saved):
            yield headings, columns

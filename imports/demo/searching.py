"""The rows that the search index keeps of a request, made beside it: many hands fold faster than a trigger."""

import sys
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from imports.demo.cases import LEG_COLUMNS, TICKET_COLUMNS
from imports.demo.moments import second_read
from imports.demo.places import Row
from models.search_index import MARKED, place_in_list, postgres_marks, search_marks
from rules.folding import BETWEEN, fold_fields, pair_codes, title_and_rest

SEARCH_COLUMNS: dict[str, dict[str, tuple[str, ...]]] = {
    "sqlite": {
        "ticket_search": ("ticket_id", "listed", "marks", "words"),
        "ticket_pairs": ("rowid", "marks", "title", "pairs"),
    },
    "postgresql": {"ticket_search": ("ticket_id", "marks", "words", "pairs", "title_pairs", "listed_at")},
}
ID, PATH, SUBMITTED = map(TICKET_COLUMNS.index, ("id", "path", "submitted_at"))
LEG_TICKET, LEG_PATH = map(LEG_COLUMNS.index, ("ticket_id", "path"))
MARKS = [TICKET_COLUMNS.index(name) for name in MARKED]
SAID = [TICKET_COLUMNS.index(name) for name in ("number", "title", "text", "address")]
UTF_16, LOW = ("utf-16-le", 0) if sys.byteorder == "little" else ("utf-16-be", 1)
Tables = dict[str, list[Row]]


def words(ticket: Row) -> str:
    return fold_fields(*(str(ticket[place]) for place in SAID))


def on_sqlite(tickets: list[Row], legs: list[Row]) -> Tables:
    kept = [
        (row[ID], place_in_list(second_read(str(row[SUBMITTED])), int(str(row[ID]))), search_marks(*known), words(row))
        for row, known in zip(tickets, marked(tickets, legs), strict=True)
    ]
    paired: list[Row] = [(place, marks, *title_and_rest(said)) for _key, place, marks, said in kept]
    return {"ticket_search": list(kept), "ticket_pairs": paired}


def marked(tickets: list[Row], legs: list[Row]) -> Iterator[Any]:
    """Of each ticket what its marks are made of."""
    lying = defaultdict(list)
    for leg in legs:
        lying[leg[LEG_TICKET]].append(str(leg[LEG_PATH]))
    for row in tickets:
        yield " ".join([str(row[PATH]), *lying[row[ID]]]), *(row[place] for place in MARKS)


def codes(said: str) -> Iterable[int]:
    """As `pair_codes`: a character of the basic plane is 16 bits wide, so a pair is one number in memory."""
    wide = array("H", said.encode(UTF_16))
    if len(wide) != len(said):
        return pair_codes(said)
    both = array("H", bytes(4 * (len(wide) - 1)))
    both[LOW::2], both[1 - LOW :: 2] = wide[1:], wide[:-1]
    return sorted(set(array("i", both.tobytes())))


def on_postgres(tickets: list[Row], legs: list[Row]) -> Tables:
    rows: list[Row] = []
    for ticket, known in zip(tickets, marked(tickets, legs), strict=True):
        said = words(ticket)
        title = said.split(BETWEEN, 2)[1] + BETWEEN
        rows.append(
            (ticket[ID], postgres_marks(*known), said, listed(codes(said)), listed(codes(title)), ticket[SUBMITTED])
        )
    return {"ticket_search": rows}


def listed(numbers: Iterable[int]) -> str:
    return f"{{{','.join(map(str, numbers))}}}"


SEARCHED: dict[str, Callable[[list[Row], list[Row]], Tables]] = {"sqlite": on_sqlite, "postgresql": on_postgres}

"""Which heading fills which of our columns: exactly, by synonym; a likeness is only ever suggested."""

import difflib
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Given
from dataclasses import dataclass, field, replace
from enum import StrEnum

from imports.choices import NOT_IN_FILE
from imports.columns import Column
from imports.headers import forms, plain
from rules.refusals import N_, Refusal

ALIKE = 0.8
SHORTEST = 2
"""A label of one character ends headings of all sorts."""
ORDINALS = frozenset({"序号", "序", "行号", "no"})


class How(StrEnum):
    SAVED = "saved"
    EXACT = "exact"
    SYNONYM = "synonym"
    BY_HAND = "by hand"


@dataclass(frozen=True)
class Mapping:
    """`columns`: our column → column of the sheet, from 1, and `how` it was found. `unknown` headings are named and
    ignored; `suggestions`: heading → the title of the column it resembles."""

    columns: dict[str, int]
    unknown: list[str]
    suggestions: dict[str, str] = field(default_factory=dict)
    how: dict[str, How] = field(default_factory=dict)

    def missing(self, columns: Sequence[Column]) -> list[Column]:
        return [column for column in columns if column.required and column.name not in self.columns]

    def without(self, name: str) -> "Mapping":
        columns = {ours: at for ours, at in self.columns.items() if ours != name}
        return replace(self, columns=columns, how={ours: how for ours, how in self.how.items() if ours != name})


def match(headings: dict[int, str], columns: Sequence[Column]) -> Mapping:
    """Each of our columns takes the free heading that stands first among its labels."""
    by_form: dict[str, list[int]] = {}
    for number, heading in headings.items():
        for form in forms(heading):
            by_form.setdefault(form, []).append(number)
    taken: dict[str, int] = {}
    for column in columns:
        candidates = (number for label in column.labels for number in by_form.get(label, []))
        free = next((number for number in candidates if number not in taken.values()), None)
        if free is not None:
            taken[column.name] = free
    titles = {column.name: plain(column.title) for column in columns}
    how = {name: How.EXACT if titles[name] == plain(headings[at]) else How.SYNONYM for name, at in taken.items()}
    return _completed(taken, how, headings, columns)


def settle(
    headings: dict[int, str],
    columns: Sequence[Column],
    saved: Given[str, int] | None = None,
    chosen: Given[str, int] | None = None,
) -> Mapping:
    """What was remembered goes before what is found, what was chosen before both. A column set to NOT_IN_FILE is not
    looked for. Raises Refusal where two columns are to be read from one."""
    found = match(headings, columns)
    if saved:
        found = _pinned(found, saved, How.SAVED, headings, columns)
    if chosen:
        found = _pinned(found, chosen, How.BY_HAND, headings, columns)
    return found


def _pinned(
    before: Mapping, given: Given[str, int], how: How, headings: dict[int, str], columns: Sequence[Column]
) -> Mapping:
    titles = {column.name: column.title for column in columns}
    pins = {name: at for name, at in given.items() if at in headings and name in titles}
    _refuse_twice(pins, titles, headings)
    free = {at: heading for at, heading in headings.items() if at not in pins.values()}
    rest = match(free, [column for column in columns if column.name not in given])
    taken = {**pins, **rest.columns}
    why = {name: before.how[name] if before.columns.get(name) == at else how for name, at in pins.items()} | rest.how
    wanted = [column for column in columns if given.get(column.name) != NOT_IN_FILE]
    return _completed(taken, why, headings, wanted)


def _refuse_twice(pins: dict[str, int], titles: dict[str, str], headings: dict[int, str]) -> None:
    readers: dict[int, str] = {}
    for name, at in pins.items():
        if at in readers:
            raise Refusal(
                N_("The file's column “%(heading)s” is chosen for “%(first)s” and for “%(second)s”: choose it once"),
                heading=headings[at],
                first=titles[readers[at]],
                second=titles[name],
            )
        readers[at] = name


def _completed(
    taken: dict[str, int], how: dict[str, How], headings: dict[int, str], columns: Iterable[Column]
) -> Mapping:
    unknown = [heading for _, heading in unused(taken, headings)]
    return Mapping(taken, unknown, _suggest(unknown, [column for column in columns if column.name not in taken]), how)


def unused(taken: Given[str, int], headings: Given[int, str]) -> list[tuple[int, str]]:
    """Columns of the sheet that fill none of ours, without a running number."""
    return [
        (at, heading)
        for at, heading in headings.items()
        if at not in taken.values() and not ORDINALS & {*forms(heading)}
    ]


def _suggest(unknown: list[str], free: list[Column]) -> dict[str, str]:
    labels = {label: column.title for column in free for label in column.labels}
    alike = {heading: _resembled(forms(heading)[0], labels) for heading in unknown if forms(heading)}
    return {heading: labels[found] for heading, found in alike.items() if found}


def _resembled(form: str, labels: Iterable[str]) -> str | None:
    """The label that is most like it, or else the longest that it begins or ends with."""
    if close := difflib.get_close_matches(form, labels, n=1, cutoff=ALIKE):
        return close[0]
    within = (label for label in labels if len(label) >= SHORTEST and (form.startswith(label) or form.endswith(label)))
    return max(within, key=len, default=None)

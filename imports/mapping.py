"""Which heading fills which of our columns: exactly, by synonym; a likeness is only ever suggested."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field

from imports.columns import Column
from imports.headers import forms

ALIKE = 0.8
ORDINALS = frozenset({"序号", "序", "no"})


@dataclass(frozen=True)
class Mapping:
    """`columns`: our column → column of the sheet, from 1. `unknown` headings are named and ignored;
    `suggestions`: heading → the label it resembles."""

    columns: dict[str, int]
    unknown: list[str]
    suggestions: dict[str, str] = field(default_factory=dict)

    def missing(self, columns: Sequence[Column]) -> list[Column]:
        return [column for column in columns if column.required and column.name not in self.columns]


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
    unknown = [
        heading
        for number, heading in headings.items()
        if number not in taken.values() and not ORDINALS & {*forms(heading)}
    ]
    return Mapping(taken, unknown, _suggest(unknown, [column for column in columns if column.name not in taken]))


def _suggest(unknown: list[str], free: list[Column]) -> dict[str, str]:
    labels = {label: column.title for column in free for label in column.labels}
    alike = {
        heading: difflib.get_close_matches(forms(heading)[0], labels, n=1, cutoff=ALIKE)
        for heading in unknown
        if forms(heading)
    }
    return {heading: labels[found[0]] for heading, found in alike.items() if found}

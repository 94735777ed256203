"""A value as it stands in a cell of a list or beside its name in a record."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from numbers import Number
from typing import Any, NamedTuple

from flask_babel import gettext
from markupsafe import Markup, escape

from views import words

NONE = Markup('<span class="none">—</span>')


class Cell(NamedTuple):
    label: Markup
    shown: Markup
    is_number: bool


def lines(
    rows: Iterable[Mapping[str, Any]],
    columns: Sequence[str],
    labels: Mapping[str, Any],
    formatters: Mapping[str, Callable[[Any], Any]],
) -> Iterator[list[Cell]]:
    """The rows of a list; its first column names the row and is no figure."""
    said = [(column, escape(labels.get(column)), formatters.get(column)) for column in columns]
    for row in rows:
        yield [
            Cell(label, cell(row[column], formatter), column != columns[0] and is_number(row[column]))
            for column, label, formatter in said
        ]


def is_number(value: Any) -> bool:
    return isinstance(value, Number) and not isinstance(value, bool)


def cell(value: Any, formatter: Callable[[Any], Any] | None = None) -> Markup:
    if isinstance(value, bool):
        return escape(gettext("Yes") if value else gettext("No"))
    shown = formatter(value) if formatter else value
    if shown is None or shown == "":
        return NONE
    if isinstance(shown, date):
        return escape(moment(shown))
    if isinstance(shown, Iterable) and not isinstance(shown, str | Mapping) and not hasattr(shown, "__html__"):
        return Markup("、").join(shown)
    return escape(shown)


def moment(value: date | None) -> str:
    return (words.moment(value) if isinstance(value, datetime) else words.day(value)) or "—"

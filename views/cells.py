"""A value as it stands in a cell of a list or beside its name in a record."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import gettext
from markupsafe import Markup, escape

from views import words

NONE = Markup('<span class="none">—</span>')


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

"""How values read on screen."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import reduce
from typing import Any

from flask_babel import gettext

from rules.workdays import ZONE, spoken


def day(value: date | None) -> str:
    return f"{value:%Y-%m-%d}" if value else ""


def moment(value: datetime | None) -> str:
    return f"{value.astimezone(ZONE):%Y-%m-%d %H:%M}" if value else ""


def deadline(value: datetime | None) -> str:
    return spoken(value) if value else ""


def yes_no(value: bool | None) -> str:
    return "" if value is None else gettext("Yes") if value else gettext("No")


def sentences(*said: str) -> str:
    """One after the other, as the language puts them; empty ones are passed over."""
    return reduce(_after_another, filter(None, said), "")


def _after_another(first: str, second: str) -> str:
    return gettext("%(first)s %(second)s", first=first, second=second) if first else second


def plain(value: Any) -> str:
    return "" if value is None else str(value)


def worded(labels: Mapping[Any, str]) -> Callable[[Any], str]:
    """A code as its label in the reader's language."""
    return lambda code: gettext(labels[code]) if code in labels else plain(code)

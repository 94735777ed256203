"""How values read on screen."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext

from rules.workdays import ZONE


def day(value: date | None) -> str:
    return f"{value:%Y-%m-%d}" if value else ""


def moment(value: datetime | None) -> str:
    return f"{value.astimezone(ZONE):%Y-%m-%d %H:%M}" if value else ""


def deadline(value: datetime | None) -> str:
    """A limit at the end of a day reads 24:00 of that day, as the rules have it."""
    if value is None:
        return ""
    local = value.astimezone(ZONE)
    return moment(value) if (local.hour, local.minute) != (0, 0) else f"{local - timedelta(days=1):%Y-%m-%d} 24:00"


def yes_no(value: bool | None) -> str:
    return "" if value is None else gettext("Yes") if value else gettext("No")


def plain(value: Any) -> str:
    return "" if value is None else str(value)


def worded(labels: Mapping[Any, str]) -> Callable[[Any], str]:
    """A code as its label in the reader's language."""
    return lambda code: gettext(labels[code]) if code in labels else plain(code)

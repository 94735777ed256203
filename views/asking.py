"""What a list is asked for in its address. Anything that makes no sense counts as not asked."""

import re
from collections.abc import Callable, Hashable
from typing import Any

from flask import g, has_request_context, request
from flask_appbuilder.models.filters import Filters

LAST_PAGE = -1
MOST_ASKED = 20
"""Values that a list is narrowed by at once: each is a condition of its statement."""
FILTER = re.compile(r"_flt_(\d)_(.+)")


def once(question: Hashable, answer: Callable[[], Any]) -> Any:
    """Answered once in a request, however often it is asked."""
    known: dict[Any, Any] = g.setdefault("answers", {}) if has_request_context() else {}
    if question not in known:
        known[question] = answer()
    return known[question]


def asked_number(name: str, default: int, most: int) -> int:
    text = request.args.get(name, "")
    return min(int(text), most) if text.isascii() and text.isdigit() and len(text) < 10 else default


def asked_page(view: str, most: int) -> int:
    return LAST_PAGE if request.args.get(f"page_{view}") == "last" else asked_number(f"page_{view}", 0, most)


def asked_order(view: str, allowed: list[str], default: tuple[str, str] | None) -> tuple[str, str]:
    column, direction = request.args.get(f"_oc_{view}", ""), request.args.get(f"_od_{view}", "")
    if column in allowed and direction in ("asc", "desc"):
        return column, direction
    return default or ("", "")


def read_filters(filters: Filters, allowed: list[str]) -> None:
    filters.clear_filters()
    left = MOST_ASKED
    for argument in request.args:
        match = FILTER.fullmatch(argument)
        if match and match[2] in allowed:
            choices: list[Any] = filters.get_search_filters().get(match[2], [])
            if int(match[1]) < len(choices):
                values = [value for value in request.args.getlist(argument) if value][:left]
                filters.add_filter_index(match[2], int(match[1]), values)
                left -= len(values)


def as_key(value: Any) -> int | None:
    """A key as it came from outside, or None if it cannot be one."""
    try:
        key = int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return key if 0 < key < 2**31 else None


def small_integer(value: Any) -> int:
    number = int(value)
    if abs(number) >= 2**31:
        raise ValueError(value)
    return number

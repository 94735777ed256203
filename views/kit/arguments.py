"""What a list is asked for in its address. Anything that makes no sense counts as not asked."""

import re
from typing import Any

from flask import request
from flask_appbuilder.models.filters import Filters

FILTER = re.compile(r"_flt_(\d)_(.+)")


def asked_number(name: str, default: int, most: int) -> int:
    text = request.args.get(name, "")
    return min(int(text), most) if text.isascii() and text.isdigit() and len(text) < 10 else default


def asked_order(view: str, allowed: list[str], default: tuple[str, str] | None) -> tuple[str, str]:
    column, direction = request.args.get(f"_oc_{view}", ""), request.args.get(f"_od_{view}", "")
    if column in allowed and direction in ("asc", "desc"):
        return column, direction
    return default or ("", "")


def read_filters(filters: Filters, allowed: list[str]) -> None:
    filters.clear_filters()
    for argument in request.args:
        match = FILTER.fullmatch(argument)
        if match and match[2] in allowed:
            choices: list[Any] = filters.get_search_filters().get(match[2], [])
            if int(match[1]) < len(choices):
                filters.add_filter_index(match[2], int(match[1]), [v for v in request.args.getlist(argument) if v])

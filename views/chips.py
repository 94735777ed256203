"""Search as people see it: what can be asked of a list, and what has been asked as chips that can be taken off."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

WORDS = {
    "ct": _("contains"),
    "eq": _("is"),
    "gt": _("is above"),
    "lt": _("is below"),
    "rel_o_m": _("is"),
    "rel_m_m": _("has"),
}
DATE_WORDS = WORDS | {"gt": _("is after"), "lt": _("is before")}


@dataclass(frozen=True)
class Question:
    """A column that can be searched: its input as HTML and (parameter, word) for each way to compare."""

    column: str
    label: str
    input: str
    ways: list[tuple[str, Any]]


@dataclass(frozen=True)
class Chip:
    label: str
    way: Any
    value: str
    without: str
    """Address of the same list without this condition."""


def questions(form: Any, columns: list[str], filters: Any) -> list[Question]:
    known = filters.get_search_filters()
    return [
        Question(name, str(form[name].label.text), Markup(form[name]()), ways(filters, name, known[name]))  # noqa: S704
        for name in columns
    ]


def ways(filters: Any, column: str, known: list[Any]) -> list[tuple[str, Any]]:
    words = words_for(filters.datamodel, column)
    return [(f"_flt_{i}_{column}", words[way.arg_name]) for i, way in enumerate(known) if way.arg_name in words]


def words_for(datamodel: Any, column: str) -> dict[str | None, Any]:
    is_date = datamodel.is_date(column) or datamodel.is_datetime(column)
    return dict(DATE_WORDS if is_date else WORDS)


def quick_search(filters: Any, columns: list[str]) -> tuple[str, str] | None:
    """The first column that can be asked whether it contains a text: (column, parameter)."""
    for column in columns:
        for i, way in enumerate(filters.get_search_filters()[column]):
            if way.arg_name == "ct":
                return column, f"_flt_{i}_{column}"
    return None


def chips(form: Any, filters: Any) -> Iterator[Chip]:
    for way, value in filters.get_filters_values():
        if way.is_related_view or way.column_name not in form:
            continue
        words = words_for(filters.datamodel, way.column_name)
        for one in value if isinstance(value, list) else [value]:
            yield Chip(
                label=str(form[way.column_name].label.text),
                way=words.get(way.arg_name, way.name),
                value=shown(form[way.column_name], filters.datamodel, way, one),
                without=address_without(way.column_name, str(one)),
            )


def shown(field: Any, datamodel: Any, way: Any, value: Any) -> str:
    if datamodel.is_relation(way.column_name):
        return str(datamodel.get_related_obj(way.column_name, value) or "—")
    words = {str(key): str(label) for key, label, *_rest in field.iter_choices()} if hasattr(field, "choices") else {}
    return words.get(str(value), str(value))


def address_without(column: str, value: str) -> str:
    kept: MultiDict[str, str] = MultiDict(
        (key, given)
        for key, given in request.args.items(multi=True)
        if not (key.startswith("_flt_") and key.split("_", 3)[-1] == column and given == value)
        and not key.startswith("page_")
    )
    return url_for(request.endpoint or "", **(request.view_args or {}), **kept.to_dict(flat=False))

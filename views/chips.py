"""Search as people see it: what can be asked of a list, and what has been asked as chips that can be taken off."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_appbuilder.widgets import RenderTemplateWidget, SearchWidget
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from views.words import yes_no

TRUE = ("1", "true", "y")


class Search(SearchWidget):
    """FAB's own renders every input twice more than the page shows them."""

    def __call__(self, **said: Any) -> Any:
        given: Any = self.template_args
        form, columns = given["form"], given["include_cols"]
        labels = {column: str(form[column].label.text) for column in columns}
        return RenderTemplateWidget.__call__(self, label_columns=labels, **said)


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
        Question(
            column=name,
            label=str(form[name].label.text),
            input=Markup(form[name]()),  # noqa: S704
            ways=[(f"_flt_{i}_{name}", way.name) for i, way in enumerate(known.get(name, []))],
        )
        for name in columns
    ]


def quick_search(filters: Any, columns: list[str]) -> tuple[str, str] | None:
    """The first column that can be asked whether it contains a text: (column, parameter)."""
    known = filters.get_search_filters()
    for column in columns:
        for i, way in enumerate(known.get(column, [])):
            if way.arg_name == "ct":
                return column, f"_flt_{i}_{column}"
    return None


def chips(form: Any, filters: Any) -> Iterator[Chip]:
    for way, value in filters.get_filters_values():
        if way.is_related_view or way.column_name not in form:
            continue
        for one in value if isinstance(value, list) else [value]:
            yield Chip(
                label=str(form[way.column_name].label.text),
                way=way.name,
                value=shown(form[way.column_name], filters.datamodel, way, one),
                without=address_without(way.column_name, str(one)),
            )


def shown(field: Any, datamodel: Any, way: Any, value: Any) -> str:
    if datamodel.is_relation(way.column_name):
        return str(datamodel.get_related_obj(way.column_name, value) or "—")
    if datamodel.is_boolean(way.column_name):
        return yes_no(str(value).lower() in TRUE)
    words = {str(key): str(label) for key, label, *_rest in field.iter_choices()} if hasattr(field, "choices") else {}
    return words.get(str(value), str(value))


def address_without(column: str, value: str) -> str:
    kept: MultiDict[str, str] = MultiDict(
        (key, given)
        for key, given in request.args.items(multi=True)
        if not (key.startswith("_flt_") and key.split("_", 3)[-1] == column and given == value)
        and not key.startswith("page_")
    )
    given: dict[str, Any] = {**(request.view_args or {}), **kept.to_dict(flat=False)}
    return url_for(request.endpoint or "", **given)

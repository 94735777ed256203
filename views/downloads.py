"""Every list as a file of what it shows: the same filters, order, queue and columns."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import quote

from flask import Response, abort, stream_with_context
from markupsafe import Markup

from exports.ledger import Column, Kind, stream_csv, stream_xlsx
from rules.workdays import ZONE
from views.words import plain

WRITERS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
WIDTHS: dict[Kind, int] = {"date": 12, "datetime": 18, "number": 10}


def kind_of(data: Any, column: str) -> Kind:
    if data.is_choice(column) or data.is_relation(column) or data.is_boolean(column):
        return "text"
    if data.is_datetime(column):
        return "datetime"
    if data.is_date(column):
        return "date"
    return "number" if data.is_integer(column) or data.is_numeric(column) else "text"


def cell(data: Any, row: Any, column: str, kind: Kind, words: Callable[[Any], Any] | None) -> Any:
    value = data._get_attr_value(row, column)
    if kind != "text":
        return value
    text = words(value) if words else value
    return text.striptags() if isinstance(text, Markup) else plain(text)


def download(view: Any, fmt: str, rows: Iterator[Any], at: datetime) -> Response:
    if fmt not in WRITERS:
        abort(404)
    data, title = view.datamodel, str(view.list_title)
    kinds = {column: kind_of(data, column) for column in view.list_columns}
    columns = [Column(str(view.label_columns[c]), kind, WIDTHS.get(kind, 20)) for c, kind in kinds.items()]
    cells = (
        [cell(data, row, column, kind, view.formatters_columns.get(column)) for column, kind in kinds.items()]
        for row in rows
    )
    content = stream_xlsx(title, columns, cells) if fmt == "xlsx" else stream_csv(columns, cells)
    return attached(stream_with_context(content), fmt, f"{title}-{at.astimezone(ZONE):%Y%m%d-%H%M}")


def attached(content: Iterable[bytes] | bytes, fmt: str, name: str) -> Response:
    response = Response(content, mimetype=WRITERS[fmt])
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.{fmt}"
    return response

"""Choices for relation fields, a page at a time, within one's scope."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Response, abort, jsonify, request
from flask_appbuilder import expose
from flask_appbuilder.baseviews import BaseView

from models import db
from models.acting import current_scope
from models.scope import LOOKED_UP, criterion
from views.asking import asked_number
from views.kit.context import signed_in

PAGE = 20


@dataclass(frozen=True)
class Options:
    """`like` makes the condition for what was typed; `text` is how a choice reads."""

    model: Any
    like: Callable[[str], sa.ColumnElement[bool]]
    order: tuple[Any, ...]
    text: Callable[[Any], str] = str
    only: Callable[[], sa.ColumnExpressionArgument[bool]] = sa.true


OPTIONS: dict[str, Options] = {}


def offer(options: Options) -> None:
    OPTIONS[options.model.__name__] = options


class OptionsView(BaseView):
    route_base = "/options"
    default_view = "options"

    @expose("/<string:noun>")
    def options(self, noun: str) -> Response:
        if noun not in OPTIONS:
            abort(404)
        if not self.appbuilder.sm.has_access("can_read", noun):
            abort(403 if signed_in() else 401)
        page = asked_number("page", 1, 500)
        rows = find(OPTIONS[noun], request.args.get("q", "").strip()[:40], max(page, 1))
        results = [{"id": row.id, "text": OPTIONS[noun].text(row)} for row in rows[:PAGE]]
        return jsonify(results=results, pagination={"more": len(rows) > PAGE})


def find(options: Options, typed: str, page: int) -> list[Any]:
    """One more than a page, if there is more. Keys first: they are found in an index, whole rows are not."""
    key = options.model.id
    statement = sa.select(key).where(options.only())
    if typed:
        statement = statement.where(options.like(typed))
    if (restriction := criterion(options.model, current_scope())) is not None:
        statement = statement.where(restriction)
    statement = statement.order_by(*options.order).offset((page - 1) * PAGE).limit(PAGE + 1)
    keys = db.session.scalars(statement, execution_options={LOOKED_UP: True}).all()
    return list(db.session.scalars(sa.select(options.model).where(key.in_(keys)).order_by(*options.order)))

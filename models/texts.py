"""A text by a part of it, in either case, as each engine finds it soonest."""

from typing import Any

import sqlalchemy as sa

from models import db


def contains(column: Any, part: str) -> sa.ColumnElement[bool]:
    return _like(column, "contains", part)


def starts_with(column: Any, part: str) -> sa.ColumnElement[bool]:
    return _like(column, "startswith", part)


def _like(column: Any, way: str, part: str) -> sa.ColumnElement[bool]:
    """SQLite's LIKE heeds no case by itself; lower() on both sides doubles the time of going through a table."""
    asked = getattr(column, way if db.engine.dialect.name == "sqlite" else f"i{way}")
    condition: sa.ColumnElement[bool] = asked(part, autoescape=True)
    return condition

"""A text by a part of it, in either case, as each engine finds it soonest."""

from typing import Any

import sqlalchemy as sa

from models import db


def contains(column: Any, part: str) -> sa.ColumnElement[bool]:
    return _like(column, "contains", part)


def starts_with(column: Any, part: str) -> sa.ColumnElement[bool]:
    return _like(column, "startswith", part)


def _like(column: Any, way: str, part: str) -> sa.ColumnElement[bool]:
    """SQLite's LIKE heeds no case by itself; PostgreSQL's ILIKE takes thrice as long, which Chinese has no need of."""
    plain = db.engine.dialect.name == "sqlite" or part.lower() == part.upper()
    asked = getattr(column, way if plain else f"i{way}")
    condition: sa.ColumnElement[bool] = asked(part, autoescape=True)
    return condition

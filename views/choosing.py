"""Lists to choose from that more than one form offers."""

from typing import Any

import sqlalchemy as sa
from flask_babel import gettext

from models import db
from models.categories import Category
from views.dues import in_language


def category_choices() -> Any:
    """Leaves under their headings."""
    rows = db.session.scalars(sa.select(Category).where(Category.active).order_by(Category.path)).all()
    heads = {row.id: in_language(row.name, row.name_en) for row in rows if row.parent_id is None}
    groups: dict[str, list[tuple[str, str]]] = {"": [("", gettext("I do not know"))]}
    for row in rows:
        if row.parent_id in heads:
            groups.setdefault(heads[row.parent_id], []).append((row.code, in_language(row.name, row.name_en)))
    return groups


def chosen_category(code: str) -> Category | None:
    return db.session.scalar(sa.select(Category).where(Category.code == code)) if code else None

"""Lists to choose from that more than one form offers."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask_appbuilder.fieldwidgets import BS3TextFieldWidget, Select2Widget
from flask_babel import gettext
from wtforms import IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange

from models import db
from models.categories import Category
from rules.workdays import local_date
from views.dues import in_language
from views.kit.context import now
from views.kit.forms import choices_of

YEARS = NumberRange(1949, 2119)


def category_choices() -> Any:
    """Leaves under their headings, which name every level above them."""
    rows = db.session.scalars(sa.select(Category).where(Category.active).order_by(Category.path)).all()
    names, branches = {row.id: in_language(row.name, row.name_en) for row in rows}, {row.parent_id for row in rows}
    headings: dict[int | None, str] = {}
    groups: dict[str, list[tuple[str, str]]] = {"": [("", gettext("I do not know"))]}
    for row in rows:
        if row.id in branches:
            headings[row.id] = " / ".join(filter(None, (headings.get(row.parent_id), names[row.id])))
        elif row.parent_id in headings:
            groups.setdefault(headings[row.parent_id], []).append((row.code, names[row.id]))
    return groups


def chosen_category(code: str) -> Category | None:
    return db.session.scalar(sa.select(Category).where(Category.code == code)) if code else None


def first_of(label: Any, labels: Mapping[Any, str]) -> SelectField:
    """For a new entry: the first is the usual one."""
    usual = str(next(iter(labels)))
    return SelectField(label, choices=choices_of(labels), default=usual, widget=Select2Widget())


def this_year(label: Any) -> IntegerField:
    return IntegerField(
        label, [InputRequired(), YEARS], default=lambda: local_date(now()).year, widget=BS3TextFieldWidget()
    )

"""Categories 事项分类 and the duty catalogue 权力清单."""

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from models import db
from models.categories import Category, Duty
from models.texts import contains
from rules.deadlines import TIER_LABELS
from rules.routing import ROLE_LABELS
from views.kit.interface import ScopedInterface
from views.kit.views import ScopedView
from views.options import Options, offer


class CategoryView(ScopedView):
    route_base = "/categories"
    datamodel = ScopedInterface(Category, eager=[joinedload(Category.parent)])
    list_title, show_title = _("Categories"), _("Category")
    add_title, edit_title = _("Add a category"), _("Edit category")
    label_columns = {
        "code": _("Code"),
        "name": _("Name"),
        "name_en": _("Name in English"),
        "parent": _("Under"),
        "active": _("In use"),
    }
    list_columns = show_columns = add_columns = ["code", "name", "name_en", "parent", "active"]
    edit_columns = ["name", "name_en", "active"]
    search_columns = ["name", "code", "parent", "active"]
    base_order = ("code", "asc")

    def pre_add(self, category: Category) -> None:
        category.hang_under(category.parent)


COLUMNS = ["category", "tier", "unit", "role", "place_unit", "basis"]


class DutyView(ScopedView):
    route_base = "/duties"
    datamodel = ScopedInterface(
        Duty,
        eager=[
            joinedload(Duty.category).joinedload(Category.parent),
            joinedload(Duty.unit),
            joinedload(Duty.place_unit),
        ],
    )
    exclude_route_methods = {"download"}
    choices = {"tier": TIER_LABELS, "role": ROLE_LABELS}
    list_title, show_title, add_title, edit_title = _("Duty catalogue"), _("Duty"), _("Add a duty"), _("Edit duty")
    label_columns = {
        "category": _("Category"),
        "tier": _("Tier"),
        "unit": _("Unit"),
        "role": _("Part"),
        "place_unit": _("Holds for"),
        "basis": _("Basis"),
    }
    description_columns = {
        "unit": _("Left empty: the village of the place, or its town"),
        "place_unit": _("There and below; left empty: for the whole district. What holds for the nearest place counts"),
    }
    list_columns = show_columns = add_columns = edit_columns = COLUMNS
    search_columns = ["category", "tier", "unit", "role", "place_unit"]
    order_columns = ["tier", "role"]
    base_order = ("category_id", "asc")

    def named(self, duty: Duty) -> str:
        return full_name(duty.category)

    def pre_add(self, duty: Duty) -> None:
        duty.enter(db.session())

    def pre_update(self, duty: Duty) -> None:
        duty.enter(db.session())


def named_like(typed: str) -> sa.ColumnElement[bool]:
    return sa.or_(
        contains(Category.name, typed),
        contains(Category.name_en, typed),
        Category.code.startswith(typed, autoescape=True),
    )


def full_name(category: Category) -> str:
    return " / ".join(each.name for each in category.line)


def in_use() -> sa.ColumnElement[bool]:
    return Category.active.is_(True)


offer(Options(Category, like=named_like, order=(Category.code,), text=full_name, only=in_use))

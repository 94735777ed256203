"""Categories 事项分类 and the duty catalogue 权力清单."""

from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from models.categories import Category, Duty
from models.texts import contains
from rules.deadlines import TIER_LABELS
from rules.refusals import N_
from views.kit.interface import ScopedInterface
from views.kit.views import ScopedView
from views.options import Options, offer

ROLE_LABELS = {"lead": N_("Leading"), "co": N_("Co-handling")}


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


class DutyView(ScopedView):
    route_base = "/duties"
    datamodel = ScopedInterface(Duty, eager=[joinedload(Duty.category), joinedload(Duty.unit)])
    exclude_route_methods = {"download"}
    choices = {"tier": TIER_LABELS, "role": ROLE_LABELS}
    list_title, show_title, add_title, edit_title = _("Duty catalogue"), _("Duty"), _("Add a duty"), _("Edit duty")
    label_columns = {
        "category": _("Category"),
        "tier": _("Tier"),
        "unit": _("Unit"),
        "role": _("Part"),
        "basis": _("Basis"),
    }
    description_columns = {"unit": _("Left empty: the village of the place, or its town")}
    list_columns = show_columns = add_columns = edit_columns = ["category", "tier", "unit", "role", "basis"]
    search_columns = ["category", "tier", "unit", "role"]
    order_columns = ["tier", "role"]
    base_order = ("category_id", "asc")

    def named(self, duty: Duty) -> str:
        return full_name(duty.category)


def named_like(typed: str) -> sa.ColumnElement[bool]:
    return sa.or_(
        contains(Category.name, typed),
        contains(Category.name_en, typed),
        Category.code.startswith(typed, autoescape=True),
    )


def full_name(category: Any) -> str:
    return f"{category.parent.name} / {category.name}" if category.parent else category.name


def in_use() -> sa.ColumnElement[bool]:
    return Category.active.is_(True)


offer(Options(Category, like=named_like, order=(Category.code,), text=full_name, only=in_use))

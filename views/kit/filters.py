"""What a list can be searched by. A value that cannot stand in its column finds nothing; days are days in China."""

import operator
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa
from flask_appbuilder.models.filters import BaseFilter, BaseFilterConverter, FilterRelation
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Query

from models.scope import under
from models.texts import contains, starts_with
from rules.workdays import start_of
from views.asking import small_integer

NOTHING = sa.literal_column("1 = 0", sa.Boolean)
"""Unlike false(), beside which the other conditions of a statement would be left out, and with them its joins."""
PARTS = ("ct", "sw")
YES = {"y", "yes", "1", "true", "True"}


def counting(query: Query[Any]) -> bool:
    return bool(query.get_execution_options().get("counting"))


class ColumnFilter(BaseFilter):
    def apply(self, query: Query[Any], value: Any) -> Query[Any]:
        try:
            wanted = self.read(value)
            return query.filter(self.indexed(query, wanted), self.test(getattr(self.model, self.column_name), wanted))
        except (TypeError, ValueError, OverflowError, InvalidOperation):
            return query.filter(NOTHING)

    def indexed(self, query: Query[Any], value: Any) -> sa.ColumnElement[bool]:
        says = self.datamodel.says.get(self.column_name) if self.arg_name in PARTS else None
        return says(value, counting=counting(query)) if says else sa.true()

    def read(self, value: Any) -> Any:
        """The value as its column has it. Raises where it cannot be."""
        return self.reader()(value)

    def reader(self) -> Callable[[Any], Any]:
        data, column = self.datamodel, self.column_name
        if data.is_boolean(column):
            return lambda value: value is True or value in YES
        if data.is_integer(column):
            return small_integer
        if data.is_numeric(column):
            return Decimal
        if data.is_date(column) or data.is_datetime(column):
            return date.fromisoformat
        return str

    def test(self, column: Any, value: Any) -> sa.ColumnElement[bool]:
        raise NotImplementedError


class Contains(ColumnFilter):
    name, arg_name = _("contains"), "ct"

    def test(self, column: Any, value: Any) -> sa.ColumnElement[bool]:
        return sa.true() if self.column_name in self.datamodel.exactly else contains(column, value.strip())


class StartsWith(ColumnFilter):
    name, arg_name = _("starts with"), "sw"

    def test(self, column: Any, value: Any) -> sa.ColumnElement[bool]:
        return starts_with(column, value.strip())


class Is(ColumnFilter):
    name, arg_name, test = _("is"), "eq", staticmethod(operator.eq)


class IsNot(ColumnFilter):
    name, arg_name, test = _("is not"), "neq", staticmethod(operator.ne)

    def indexed(self, query: Query[Any], value: Any) -> sa.ColumnElement[bool]:
        column = getattr(self.model, self.column_name)  # an index knows two ranges, where it knows no `!=`
        return sa.or_(column < value, column > value) if counting(query) else sa.true()


class AtLeast(ColumnFilter):
    name, arg_name, test = _("at least"), "ge", staticmethod(operator.ge)


class AtMost(ColumnFilter):
    name, arg_name, test = _("at most"), "le", staticmethod(operator.le)


class From(ColumnFilter):
    name, arg_name = _("from"), "from"

    def test(self, column: Any, value: date) -> sa.ColumnElement[bool]:
        return column >= self.start(value)

    def start(self, day: date) -> date | datetime:
        return start_of(day) if self.datamodel.is_datetime(self.column_name) else day


class To(From):
    """The whole of the last day."""

    name, arg_name = _("up to"), "to"

    def test(self, column: Any, value: date) -> sa.ColumnElement[bool]:
        return column < self.start(value + timedelta(days=1))


class Related(FilterRelation):
    """A related row one may see; any other finds nothing."""

    name, arg_name = _("is"), "rel_o_m"

    def apply(self, query: Query[Any], value: Any) -> Query[Any]:
        row = self.datamodel.get_related_obj(self.column_name, value)
        return query.filter(NOTHING if row is None else getattr(self.model, self.column_name) == row)


class Within(FilterRelation):
    """In a unit or anywhere below it."""

    name, arg_name = _("in"), "within"

    def apply(self, query: Query[Any], value: Any) -> Query[Any]:
        unit = self.datamodel.get_related_obj(self.column_name, value)
        return query.filter(NOTHING if unit is None else under(self.model.path, unit.path))


class ConsoleFilters(BaseFilterConverter):
    conversion_table = (
        ("is_place", [Within, Related]),
        ("is_relation_many_to_one", [Related]),
        ("is_choice", [Is, IsNot]),
        ("is_text", [Contains, StartsWith, Is]),
        ("is_string", [Contains, StartsWith, Is]),
        ("is_boolean", [Is]),
        ("is_integer", [Is, AtLeast, AtMost]),
        ("is_numeric", [Is, AtLeast, AtMost]),
        ("is_date", [From, To]),
        ("is_datetime", [From, To]),
    )

    def convert(self, col_name: str) -> list[BaseFilter] | None:
        for is_kind, filters in self.conversion_table:
            if getattr(self.datamodel, is_kind)(col_name):
                return [each(col_name, self.datamodel) for each in filters]
        return None

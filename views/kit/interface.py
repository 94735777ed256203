"""The first layer of row scope: every list, record, form, action, related list, choice and API asks through here."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask_appbuilder.models.sqla.interface import SQLAInterface
from sqlalchemy.orm import Query
from sqlalchemy.orm.interfaces import ORMOption

from models.acting import current_scope
from models.scope import LOOKED_UP, Scoped, criterion
from models.worklists import COUNTED_TO
from views.asking import as_key, once
from views.kit.filters import ConsoleFilters
from views.paging import window

BATCH = 500
Says = Callable[..., sa.ColumnElement[bool]]


class ScopedInterface(SQLAInterface):
    filter_converter_class = ConsoleFilters

    def __init__(
        self, obj: Any, session: Any = None, *, eager: Sequence[ORMOption] = (), says: Mapping[str, Says] | None = None
    ) -> None:
        """`says(text, counting=…)`: of columns whose texts stand in an index, the condition for a part of one."""
        super().__init__(obj, session)
        self.eager = eager
        self.says = says or {}
        self.exactly: Collection[str] = ()
        """Those whose condition leaves nothing to compare."""
        self.choices: set[str] = set()
        """Columns that hold a code out of a list."""

    @property
    def version_column(self) -> str | None:
        column = self.obj.__mapper__.version_id_col
        return None if column is None else column.key

    def is_choice(self, col_name: str) -> bool:
        return col_name in self.choices

    def is_place(self, col_name: str) -> bool:
        """The unit whose path the row keeps."""
        return col_name == "unit" and "path" in self.list_columns

    def is_nullable(self, col_name: str) -> bool:
        """May be left empty in a form: the column takes NULL or has a default, or is a box that need not be ticked."""
        column = self.list_columns.get(col_name)
        if self.is_boolean(col_name) or (column is not None and not isinstance(column, sa.Column)):
            return True
        return super().is_nullable(col_name) or (column is not None and column.default is not None)

    def is_unique(self, col_name: str) -> bool:
        return isinstance(self.list_columns.get(col_name), sa.Column) and super().is_unique(col_name)

    def may_be_null(self, col_name: str) -> bool:
        """False for what is no column at all: there, empty means that nothing was said."""
        if col_name in self.list_columns or self.is_relation(col_name):
            return super().is_nullable(col_name)
        return False

    def scoped(self, query: Query[Any]) -> Query[Any]:
        restriction = criterion(self.obj, current_scope())
        return query if restriction is None else query.filter(restriction)

    def apply_filters(self, query: Query[Any], filters: Any) -> Query[Any]:
        """What was asked stands before the scope: SQLite tests in that order, and it mostly narrows more."""
        return self.scoped(super().apply_filters(query, filters))

    def _get_base_query(self, query: Query[Any], *args: Any, **kwargs: Any) -> Any:
        return super()._get_base_query(self.scoped(query), *args, **kwargs)

    def get_related_obj(self, col_name: str, value: Any) -> Any:
        key = next(iter(value), None) if isinstance(value, list) else value
        related = self.get_related_interface(col_name)
        return once((related.obj, str(key), current_scope()), lambda: related.get(key))

    def query_count(self, query: Query[Any], filters: Any = None, select_columns: list[str] | None = None) -> int:
        scope = current_scope()
        if issubclass(self.obj, Scoped) and not scope.everything and not (filters and filters.values):
            keys: Any = sa.select(sa.literal(1)).where(self.obj.all_of(scope))
        else:
            keys = self.keys(query.execution_options(counting=True), filters).order_by(None)
        counted = sa.select(sa.func.count()).select_from(keys.limit(COUNTED_TO + 1).subquery())
        return self.session.scalar(counted, execution_options={LOOKED_UP: True}) or 0

    def query(
        self,
        filters: Any = None,
        order_column: str = "",
        order_direction: str = "",
        page: int | None = None,
        page_size: int | None = None,
        select_columns: list[str] | None = None,
        outer_default_load: bool = False,
    ) -> tuple[int, list[Any]]:
        """Pages the keys first and loads after: whole rows, or for an API single columns. Never without an order."""
        column, direction = order_column or str(self.get_pk_name()), order_direction or "asc"
        query = self.session.query(self.obj)
        count = self.query_count(query, filters)
        part = window(count, page, page_size, exact=count <= COUNTED_TO, program=bool(select_columns))
        keys = self.keys(query, filters, column, part.direction(direction), upto=part.upto)
        found = part.in_order(key for (key,) in keys.offset(part.offset).limit(part.limit))
        if not select_columns:
            return count, self.rows(found)
        query = query.filter(self.get_pk().in_(found))
        partly = self.apply_all(query, select_columns=select_columns, outer_default_load=outer_default_load)
        rows = {self.get_pk_value(row): row for row in (getattr(each, self.obj.__name__, each) for each in partly)}
        return count, [rows[key] for key in found if key in rows]

    def apply_order_by(self, query: Query[Any], order_column: str, order_direction: str, *a: Any, **kw: Any) -> Any:
        """Where the scope leads in by an index that is in this order already, that index says the order."""
        column = self.obj.ordered_by(order_column, current_scope()) if issubclass(self.obj, Scoped) else None
        if column is None:
            return super().apply_order_by(query, order_column, order_direction, *a, **kw)
        by = (column, column.table.c.ticket_id)
        return query.order_by(*(each.asc() if order_direction == "asc" else each.desc() for each in by))

    def keys(self, query: Query[Any], *asked: Any, upto: int | None = None) -> Query[Any]:
        """Of which no more than `upto` will be read."""
        pk: Any = self.get_pk()
        found = self._apply_inner_all(query, *asked, aliases_mapping={}).with_entities(pk)  # type: ignore[misc]
        return found.execution_options(**{LOOKED_UP: True})

    def rows(self, keys: Iterable[Any], *beside: ORMOption) -> list[Any]:
        """In the order of the keys; those out of scope are missing."""
        wanted = [key for key in map(as_key, keys) if key is not None]
        pk: Any = self.get_pk()
        query = self.scoped(self.session.query(self.obj)).filter(pk.in_(wanted)).options(*self.eager, *beside)
        found = {self.get_pk_value(row): row for row in query}
        return [found[key] for key in dict.fromkeys(wanted) if key in found]

    def stream(self, filters: Any, order_column: str, order_direction: str) -> Iterator[Any]:
        """Every row of a list, in its order, without keeping them."""
        query = self._apply_inner_all(
            self.session.query(self.obj), filters, order_column, order_direction, aliases_mapping={}
        )
        yield from query.options(*self.eager).yield_per(BATCH)

    def get_values(self, lst: Iterable[Any], list_columns: list[str]) -> list[dict[str, Any]]:
        return list(super().get_values(lst, list_columns))

    def get(self, id: Any, filters: Any = None, *args: Any, **kwargs: Any) -> Any:
        """A whole row comes with what its list shows beside it."""
        if (filters and filters.values) or args or kwargs:
            key = as_key(id)
            return None if key is None else super().get(key, filters, *args, **kwargs)
        return next(iter(self.rows([id])), None)

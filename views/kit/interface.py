"""The first layer of row scope: every list, record, form, action, related list, choice and API asks through here."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from flask_appbuilder.models.sqla.interface import SQLAInterface
from sqlalchemy.orm import Query
from sqlalchemy.orm.interfaces import ORMOption

from models.acting import current_scope
from models.scope import criterion
from models.worklists import COUNTED_TO
from views.kit.filters import ConsoleFilters

BATCH = 500


class ScopedInterface(SQLAInterface):
    filter_converter_class = ConsoleFilters

    def __init__(self, obj: Any, session: Any = None, *, eager: Sequence[ORMOption] = ()) -> None:
        super().__init__(obj, session)
        self.eager = eager
        self.choices: set[str] = set()
        """Columns that hold a code out of a list."""

    def is_choice(self, col_name: str) -> bool:
        return col_name in self.choices

    def is_place(self, col_name: str) -> bool:
        """The unit whose path the row keeps."""
        return col_name == "unit" and "path" in self.list_columns

    def is_nullable(self, col_name: str) -> bool:
        """May be left empty in a form: the column takes NULL or has a default."""
        column = self.list_columns.get(col_name)
        if column is not None and not isinstance(column, sa.Column):
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

    def _apply_inner_all(self, query: Query[Any], *args: Any, **kwargs: Any) -> Query[Any]:
        return super()._apply_inner_all(self.scoped(query), *args, **kwargs)

    def _get_base_query(self, query: Query[Any], *args: Any, **kwargs: Any) -> Any:
        return super()._get_base_query(self.scoped(query), *args, **kwargs)

    def get_related_obj(self, col_name: str, value: Any) -> Any:
        return self.get_related_interface(col_name).get(value[0] if isinstance(value, list) else value)

    def query_count(self, query: Query[Any], filters: Any = None, select_columns: list[str] | None = None) -> int:
        keys = self.keys(query, filters).order_by(None)
        return self.session.scalar(sa.select(sa.func.count()).select_from(keys.limit(COUNTED_TO + 1).subquery())) or 0

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
        """Pages the keys first and loads whole rows after, unless an API asks for single columns."""
        if select_columns:
            return super().query(
                filters, order_column, order_direction, page, page_size, select_columns, outer_default_load
            )
        query = self.session.query(self.obj)
        found = self.keys(query, filters, order_column, order_direction, page, page_size).all()
        return self.query_count(query, filters), self.rows(key for (key,) in found)

    def keys(self, query: Query[Any], *asked: Any) -> Query[Any]:
        pk: Any = self.get_pk()
        return self._apply_inner_all(query, *asked, aliases_mapping={}).with_entities(pk)

    def rows(self, keys: Iterable[Any]) -> list[Any]:
        """In the order of the keys; those out of scope are missing."""
        wanted = [key for key in map(self.as_key, keys) if key is not None]
        pk: Any = self.get_pk()
        query = self.scoped(self.session.query(self.obj)).filter(pk.in_(wanted)).options(*self.eager)
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

    def get(self, id: Any, *args: Any, **kwargs: Any) -> Any:
        key = self.as_key(id)
        return None if key is None else super().get(key, *args, **kwargs)

    def as_key(self, value: Any) -> Any:
        """A key as it came from outside, or None if it cannot be one."""
        try:
            key = int(value)
        except (TypeError, ValueError):
            return None
        return key if 0 < key < 2**31 else None

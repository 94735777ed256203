"""The net under every query: rows outside the acting account's scope do not come back, whoever forgot to ask.

The first layer is the screens' scoped interface; both use `criterion`, so they cannot disagree.
"""

from collections.abc import Collection
from functools import cache
from typing import Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy import event
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria
from sqlalchemy.sql.functions import FunctionElement

from models.acting import Scope, current_scope
from models.reach import place_of
from rules.lifecycle import State

SCOPED: list[type["Scoped"]] = []
LOOKED_UP = "looked_up"
"""Execution option of a statement that carries its scope and gives only keys or counts: rows are restricted again when
they are loaded."""


def under(column: Any, prefix: str) -> sa.ColumnElement[bool]:
    """The subtree of a path as an index range: '0' is the character after '/'."""
    return sa.and_(column >= prefix, column < prefix[:-1] + "0")


class no_way_in(FunctionElement[Any]):  # noqa: N801
    """A column that SQLite shall not look rows up by. PostgreSQL knows by itself how much each condition narrows."""

    inherit_cache = True


@compiles(no_way_in)
def _as_it_is(element: Any, compiler: Any, **kw: Any) -> str:
    return str(compiler.process(element.clauses, **kw))


@compiles(no_way_in, "sqlite")
def _as_an_expression(element: Any, compiler: Any, **kw: Any) -> str:
    return f"+{compiler.process(element.clauses, **kw)}"


DISTRICT = 14
"""Length of `/district code/`."""


def district_index(name: str, *columns: str, **where: Any) -> sa.Index:
    """Begins with the district, so that its rows are found among those of many."""
    return sa.Index(name, sa.text(f"substr(path, 1, {DISTRICT})"), *columns, "path", **where)


def filled_index(name: str, column: str) -> sa.Index:
    """Of the rows that have a value there, where most have none: engines take what most rows have for the usual."""
    filled = sa.text(f"{column} IS NOT NULL")
    return sa.Index(name, column, sqlite_where=filled, postgresql_where=filled)


def inside(column: Any, prefix: str) -> sa.ColumnElement[bool]:
    """The same rows as `under`, by way of a `district_index`."""
    if len(prefix) < DISTRICT:
        return under(column, prefix)
    district = district_part(column) == prefix[:DISTRICT]
    return district if len(prefix) == DISTRICT else sa.and_(district, under(column, prefix))


def district_part(column: Any) -> Any:
    """As a `district_index` begins."""
    first: Any = sa.literal_column("1")
    length: Any = sa.literal_column(str(DISTRICT))
    return sa.func.substr(column, first, length)


def in_a_district(path: Any, scope: Scope, otherwise: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """One whole district, by way of the `district_index` that has what else is asked and the order."""
    return otherwise if (district := one_district(scope)) is None else inside(path, district)


def own(column: Any, scope: Scope) -> sa.ColumnElement[bool]:
    """An account tied to nobody owns nothing: comparing with None would find the rows that belong to nobody."""
    return column == scope.person_id if scope.person_id is not None else sa.false()


class Scoped:
    """A noun whose rows belong to somebody. Those with a `path` need nothing more; the others say what covers them."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__tablename__" in vars(cls):
            SCOPED.append(cls)

    @classmethod
    def within(cls, scope: Scope) -> sa.ColumnElement[bool]:
        path = cls.path  # type: ignore[attr-defined]
        return sa.or_(sa.false(), *(under(path, prefix) for prefix in scope.paths))

    @classmethod
    def among(cls, scope: Scope) -> sa.ColumnElement[bool]:
        """The same rows as `within`, in the form that finds them soonest."""
        return cls.within(scope)

    @classmethod
    def all_of(cls, scope: Scope) -> sa.ColumnElement[bool]:
        """The condition for counting them all, when nothing else is asked."""
        return cls.among(scope)

    @classmethod
    def ordered_by(cls, name: str, scope: Scope) -> Any:
        """A column that `among` brings along and that stands for the column `name` in an ordering; None if none."""
        return None


@cache
def named(table: str, alias: str) -> Any:
    """The columns of a table under another name, which take as long to make as all else of a condition."""
    return Model.metadata.tables[table].alias(alias).c


def reached(ticket: Any, scope: Scope) -> sa.ColumnElement[bool]:
    """Tickets that arose there and tickets with a leg there; for those who reach no unit, the ones they submitted.

    `ticket` is the noun or its table's columns. Asked of each row by itself; `reachable` finds the same rows. A leg
    stays in the district of its ticket, so that whoever reaches a district needs no look at the legs.
    """
    if not scope.paths:
        return own(ticket.submitted_by_id, scope)
    reach = named("ticket_reach", "reached")
    places = [place_of(path) for path in scope.paths if not is_district(path)]
    held = sa.exists().where(reach.ticket_id == ticket.id, reach.place.in_(places)) if places else sa.false()
    return sa.or_(*(under(ticket.path, path) for path in scope.paths if is_district(path)), held)


def reachable(scope: Scope) -> sa.ColumnElement[bool]:
    """Of the noun Ticket, where its rows are looked for: leads from a unit to its tickets, not from each ticket to the
    unit."""
    ticket, reach = (Model.metadata.tables[name].c for name in ("ticket", "ticket_reach"))
    if (place := one_place(scope)) is not None:
        return sa.and_(reach.ticket_id == ticket.id, reach.state == ticket.state, reach.place == place)
    return in_districts(ticket.path, scope, reached(ticket, scope))


def in_districts(path: Any, scope: Scope, otherwise: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Whole districts, tested row by row: their path is no way in, for everything else that is asked narrows more."""
    if not scope.paths or not all(is_district(each) for each in scope.paths):
        return otherwise
    return sa.or_(*(under(no_way_in(path), each) for each in scope.paths))


def in_states(states: Collection[str], scope: Scope) -> sa.ColumnElement[bool]:
    """Tickets in scope by their state, where the states alone narrow enough."""
    ticket, reach = (Model.metadata.tables[name].c for name in ("ticket", "ticket_reach"))
    if (place := one_place(scope)) is not None:
        return sa.and_(reach.ticket_id == ticket.id, reach.place == place, _one_of(reach.state, states))
    inside = sa.or_(*(under(ticket.path, path) for path in scope.paths)) if scope.paths else reached(ticket, scope)
    return sa.and_(_one_of(ticket.state, states), sa.true() if scope.everything else inside)


def of_states(states: Collection[str], scope: Scope) -> sa.ColumnElement[bool]:
    """The same rows as `in_states`, where nothing else of the ticket is asked."""
    reach = Model.metadata.tables["ticket_reach"].c
    if (place := one_place(scope)) is not None:
        return sa.and_(reach.place == place, _one_of(reach.state, states))
    return in_states(states, scope)


def _one_of(column: Any, states: Collection[str]) -> sa.ColumnElement[bool]:
    return column.in_(sorted(states)) if len(states) < len(State) else sa.true()


def one_place(scope: Scope) -> str | None:
    """The one unit below a district that a scope consists of."""
    return place_of(scope.paths[0]) if len(scope.paths) == 1 and not is_district(scope.paths[0]) else None


def one_district(scope: Scope) -> str | None:
    """The path of the one district that a scope consists of."""
    return scope.paths[0] if len(scope.paths) == 1 and is_district(scope.paths[0]) else None


def is_district(path: str) -> bool:
    return path.count("/") == 2


def of_reached(ticket_id: Any, scope: Scope) -> sa.ColumnElement[bool]:
    """What hangs on a ticket that is in scope. Sub-selects name tables, so that the net is not cast into itself."""
    ticket = named("ticket", "of")
    return sa.exists().where(ticket.id == ticket_id, reached(ticket, scope))


def criterion(model: type, scope: Scope) -> sa.ColumnElement[bool] | None:
    """For a statement that looks for rows of `model`. None means no restriction."""
    if scope.everything or not issubclass(model, Scoped):
        return None
    return model.among(scope)


def spread_net(session: Any) -> None:
    event.listen(session, "do_orm_execute", _restrict)


def _restrict(state: ORMExecuteState) -> None:
    """Relations of a row already in scope load freely; everything asked for by itself is restricted."""
    scope = current_scope()
    if (
        scope.everything
        or state.execution_options.get(LOOKED_UP)
        or state.is_column_load
        or state.is_relationship_load
        or state.is_insert
    ):
        return
    asked = {mapper.class_ for mapper in state.all_mappers}
    models = [model for model in SCOPED if not asked or model in asked]
    state.statement = state.statement.options(
        *(
            with_loader_criteria(model, model.within(scope), include_aliases=True, propagate_to_loaders=False)
            for model in models
        )
    )

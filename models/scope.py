"""The net under every query: rows outside the acting account's scope do not come back, whoever forgot to ask.

The first layer is the screens' scoped interface; both use `criterion`, so they cannot disagree.
"""

from typing import Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria

from models.acting import Scope, current_scope

SCOPED: list[type["Scoped"]] = []


def under(column: Any, prefix: str) -> sa.ColumnElement[bool]:
    """The subtree of a path as an index range: '0' is the character after '/'."""
    return sa.and_(column >= prefix, column < prefix[:-1] + "0")


def own(column: Any, scope: Scope) -> sa.ColumnElement[bool]:
    """An account tied to nobody owns nothing: comparing with None would find the rows that belong to nobody."""
    return column == scope.person_id if scope.person_id is not None else sa.false()


class Scoped:
    """A noun whose rows belong to somebody. Those with a `path` need nothing more; the others say what covers them."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        SCOPED.append(cls)

    @classmethod
    def within(cls, scope: Scope) -> sa.ColumnElement[bool]:
        path = cls.path  # type: ignore[attr-defined]
        return sa.or_(sa.false(), *(under(path, prefix) for prefix in scope.paths))


def reached(ticket: Any, scope: Scope) -> sa.ColumnElement[bool]:
    """Tickets that arose there, tickets with a leg there, and those one submitted oneself.

    `ticket` is the noun or its table's columns. Sub-selects name tables, so that the net is not cast into itself.
    """
    leg = Model.metadata.tables["leg"].c
    held = sa.select(leg.ticket_id).where(sa.or_(sa.false(), *(under(leg.path, prefix) for prefix in scope.paths)))
    arose = [under(ticket.path, prefix) for prefix in scope.paths]
    return sa.or_(sa.false(), *arose, ticket.id.in_(held), own(ticket.submitted_by_id, scope))


def visible_tickets(scope: Scope) -> sa.Select[tuple[int]]:
    ticket = Model.metadata.tables["ticket"].c
    return sa.select(ticket.id).where(sa.true() if scope.everything else reached(ticket, scope))


def criterion(model: type, scope: Scope) -> sa.ColumnElement[bool] | None:
    """None means no restriction."""
    if scope.everything or not issubclass(model, Scoped):
        return None
    return model.within(scope)


def spread_net(session: Any) -> None:
    event.listen(session, "do_orm_execute", _restrict)


def _restrict(state: ORMExecuteState) -> None:
    """Relations of a row already in scope load freely; everything asked for by itself is restricted."""
    scope = current_scope()
    if scope.everything or state.is_column_load or state.is_relationship_load or state.is_insert:
        return
    asked = {mapper.class_ for mapper in state.all_mappers}
    models = [model for model in SCOPED if not asked or model in asked]
    state.statement = state.statement.options(
        *(
            with_loader_criteria(model, model.within(scope), include_aliases=True, propagate_to_loaders=False)
            for model in models
        )
    )

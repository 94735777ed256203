"""Alembic's door to the one metadata: FAB's tables and ours, on whichever engine the installation runs."""

from typing import Any

from alembic import context
from flask import current_app

from models.types import Sealed, UtcDateTime

PLAIN = {UtcDateTime: "sa.DateTime(timezone=True)", Sealed: "sa.LargeBinary()"}


def render_item(kind: str, item: Any, autogen_context: Any) -> str | bool:
    return PLAIN.get(type(item), False) if kind == "type" else False


def is_ours(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """The staging area of imports is made on the spot and never migrated."""
    return not (kind == "table" and item.schema == "staging")


def run() -> None:
    database = current_app.extensions["migrate"].db
    with database.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            render_item=render_item,
            include_object=is_ours,
            render_as_batch=True,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()

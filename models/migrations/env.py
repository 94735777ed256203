"""Alembic's door to the one metadata: FAB's tables and ours, on whichever engine the installation runs."""

from typing import Any

from alembic import context
from flask import current_app

from models import search_index
from models.engine import BESIDE
from models.types import Sealed, UtcDateTime

PLAIN = {UtcDateTime: "sa.DateTime(timezone=True)", Sealed: "sa.LargeBinary()"}

BESIDE_THE_MODELS = {("column", name) for name in (*search_index.POSTGRES_COLUMNS, *search_index.SQLITE_COLUMNS)} | {
    ("index", "ix_ticket_search_pairs"),
    ("index", "ix_ticket_search_listed"),
}


def render_item(kind: str, item: Any, autogen_context: Any) -> str | bool:
    return PLAIN.get(type(item), False) if kind == "type" else False


def is_ours(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Not the staging area and the progress of imports, which are made on the spot, nor what models.search_index makes by itself."""
    if kind == "table":
        return item.schema not in BESIDE and not (name or "").startswith("ticket_pairs")
    return (kind, name) not in BESIDE_THE_MODELS


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

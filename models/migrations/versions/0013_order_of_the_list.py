"""the index of words is read in the order of the list"""

from alembic import op

from models import search_index

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

WRITTEN_ANEW = f"""UPDATE ticket_search SET pairs = search_pairs(words), title_pairs = {search_index.POSTGRES_TITLE}
    WHERE words ~ '[\\U00010000-\\U0010FFFF]'"""  # noqa: S608
"""Numbers of characters beyond the basic plane were others than are searched for."""


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.execute("DROP INDEX ix_ticket_search_pairs")
        op.execute(search_index.postgres_pairs())
        op.execute(WRITTEN_ANEW)
        for statement in (*search_index.postgres_spans(), search_index.POSTGRES_PAIRS):
            op.execute(statement)
    else:
        search_index.drop(connection)
        op.execute("DELETE FROM ticket_search")
        search_index.create(connection)
        search_index.fill(connection)


def downgrade() -> None:
    """Nothing is taken back: models.search_index makes this form alone."""

"""the index of words is read in the order of the list"""

from alembic import op

from models import search_index

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.execute("DROP INDEX ix_ticket_search_pairs")
        for statement in (*search_index.postgres_spans(), search_index.POSTGRES_PAIRS):
            connection.exec_driver_sql(statement)
    else:
        search_index.drop(connection)
        op.execute("DELETE FROM ticket_search")
        search_index.create(connection)
        search_index.fill(connection)


def downgrade() -> None:
    """What version 0010 asks of the index stands there still."""

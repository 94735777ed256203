"""on PostgreSQL the index of words knows titles, units, state and the like, as on SQLite"""

from alembic import op

from models import search_index

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        search_index.drop(connection)
        op.execute("DELETE FROM ticket_search")
        search_index.create(connection)
        search_index.fill(connection)


def downgrade() -> None:
    """What version 0002 asks of the table stands there still."""

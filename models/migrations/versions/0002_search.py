"""search"""

import sqlalchemy as sa
from alembic import op

from models import search_index

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ticket_search",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False, server_default=""),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("ticket_id"),
    )
    search_index.create(op.get_bind())
    search_index.fill(op.get_bind())


def downgrade() -> None:
    search_index.drop(op.get_bind())
    op.drop_table("ticket_search")

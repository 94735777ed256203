"""which requests a unit signed first is found by an index, for a unit is not removed while there are any"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

FILLED = sa.text("first_unit_id IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_ticket_first_unit_id", "ticket", ["first_unit_id"], sqlite_where=FILLED, postgresql_where=FILLED
    )


def downgrade() -> None:
    op.drop_index("ix_ticket_first_unit_id", "ticket")

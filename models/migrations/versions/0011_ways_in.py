"""indexes that people are listed and counted from by category and employment; who submitted, where somebody is known"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

FILLED = sa.text("submitted_by_id IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_person_employment", "person", ["employment", "id", "path"])
    op.drop_index("ix_person_category", "person")
    op.create_index("ix_person_category", "person", ["category", "id", "staff_no", "path"])
    op.drop_index("ix_ticket_submitted_by_id", "ticket")
    op.create_index(
        "ix_ticket_submitted_by_id", "ticket", ["submitted_by_id"], sqlite_where=FILLED, postgresql_where=FILLED
    )


def downgrade() -> None:
    op.drop_index("ix_ticket_submitted_by_id", "ticket")
    op.create_index("ix_ticket_submitted_by_id", "ticket", ["submitted_by_id"])
    op.drop_index("ix_person_category", "person")
    op.create_index("ix_person_category", "person", ["category", "staff_no", "path"])
    op.drop_index("ix_person_employment", "person")

"""what was said of the columns of a table, by its headings"""

import sqlalchemy as sa
from alembic import op

from models.types import PathText, UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "header_choice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("path", PathText, nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "path", "fingerprint", name="uq_header_choice"),
    )
    op.create_index("ix_header_choice_person_id", "header_choice", ["person_id"])


def downgrade() -> None:
    op.drop_index("ix_header_choice_person_id", "header_choice")
    op.drop_table("header_choice")

"""units that merge or split from a date"""

import sqlalchemy as sa
from alembic import op

from models.types import PathText, UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unit_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("path", PathText, nullable=False),
        sa.Column("into_id", sa.Integer(), nullable=True),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(400), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("kept", sa.JSON(), nullable=True),
        sa.Column("refusal", sa.JSON(), nullable=True),
        sa.CheckConstraint("kind IN ('merge', 'split')", name="ck_unit_change_kind"),
        sa.CheckConstraint("state IN ('planned', 'done', 'refused', 'withdrawn', 'taken_back')", name="ck_unit_change_state"),
        sa.CheckConstraint("kind <> 'merge' OR into_id IS NOT NULL", name="ck_unit_change_into"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.ForeignKeyConstraint(["into_id"], ["unit.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("unit_id", "path", "into_id", "person_id"):
        op.create_index(f"ix_unit_change_{column}", "unit_change", [column])
    op.create_index("ix_unit_change_due", "unit_change", ["state", "from_date"])


def downgrade() -> None:
    op.drop_table("unit_change")

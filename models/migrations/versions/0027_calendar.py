"""how a due date was counted, and changes of the calendar that moved due dates"""

import sqlalchemy as sa
from alembic import op

from models.types import UtcDateTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("leg", sa.Column("counted", sa.JSON))
    op.create_table(
        "calendar_change",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("days", sa.JSON, nullable=False),
        sa.Column("official", sa.JSON, nullable=False),
        sa.Column("moved", sa.Integer, nullable=False),
        sa.Column("undone_at", UtcDateTime()),
        sa.Column("undone_by", sa.String(60), nullable=False, server_default=""),
    )
    op.create_index("ix_calendar_change_person_id", "calendar_change", ["person_id"])


def downgrade() -> None:
    op.drop_table("calendar_change")
    op.drop_column("leg", "counted")

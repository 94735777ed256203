"""common issues and the requests they consist of"""

import sqlalchemy as sa
from alembic import op

from models.types import PathText, UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "common_issue",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("path", PathText, nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("size", sa.Integer, server_default="0", nullable=False),
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("ticket.id", ondelete="SET NULL")),
        sa.Column("topic_id", sa.Integer, sa.ForeignKey("topic.id", ondelete="SET NULL")),
        sa.Column("found_at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(400), server_default="", nullable=False),
        sa.Column("decided_at", UtcDateTime()),
        sa.Column("decided_by_id", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("decided_by", sa.String(60), server_default="", nullable=False),
        sa.Column("version", sa.Integer, server_default="1", nullable=False),
        sa.CheckConstraint("state IN ('proposed', 'confirmed', 'dismissed')", name="ck_common_issue_state"),
        sa.CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="ck_common_issue_decided_at"),
    )
    op.create_index("ix_common_issue_path_state", "common_issue", ["path", "state"])
    for name in ("lead_id", "topic_id", "decided_by_id"):
        op.create_index(f"ix_common_issue_{name}", "common_issue", [name])
    op.create_table(
        "common_issue_member",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("issue_id", sa.Integer, sa.ForeignKey("common_issue.id", ondelete="CASCADE"), nullable=False),
        sa.Column("ticket_id", sa.Integer, sa.ForeignKey("ticket.id", ondelete="CASCADE"), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.UniqueConstraint("issue_id", "ticket_id"),
    )
    op.create_index("ix_common_issue_member_ticket_id", "common_issue_member", ["ticket_id"])


def downgrade() -> None:
    op.drop_table("common_issue_member")
    op.drop_table("common_issue")

"""reach, and indexes for a district's size"""

import sqlalchemy as sa
from alembic import op

from models import reach

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

GONE = ("category_id", "lead_unit_id", "submitted_at", "settled_at")
NEW = {
    "state_due": ("state", "next_due_at", "path"),
    "state_path": ("state", "path", "next_due_at", "lead_unit_id"),
    "lead_state": ("lead_unit_id", "state", "next_due_at"),
    "submitted": ("submitted_at", "path"),
    "state_submitted": ("state", "submitted_at", "path"),
    "category_submitted": ("category_id", "submitted_at", "path"),
    "tier_submitted": ("tier", "submitted_at", "path"),
    "source_submitted": ("source", "submitted_at", "path"),
    "settled": ("settled_at", "path"),
    "title": ("title",),
}


def upgrade() -> None:
    op.create_table(
        "ticket_reach",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("ticket_id", "place"),
        sqlite_with_rowid=False,
    )
    reach.create(op.get_bind())
    reach.fill(op.get_bind())
    op.create_index("ix_ticket_reach_order", "ticket_reach", ["place", "submitted_at", "ticket_id"])
    op.create_index("ix_ticket_reach_state", "ticket_reach", ["place", "state", "ticket_id"])
    for column in (*GONE, "state_due"):
        op.drop_index(f"ix_ticket_{column}", "ticket")
    for name, columns in NEW.items():
        op.create_index(f"ix_ticket_{name}", "ticket", columns)
    op.create_index("ix_person_name_path", "person", ["name", "path", "staff_no"])
    for due in ("sign_due", "settle_due"):
        op.create_index(f"ix_leg_{due}", "leg", [f"{due}_at", "path"])


def downgrade() -> None:
    for due in ("sign_due", "settle_due"):
        op.drop_index(f"ix_leg_{due}", "leg")
    op.drop_index("ix_person_name_path", "person")
    for name in NEW:
        op.drop_index(f"ix_ticket_{name}", "ticket")
    for column in GONE:
        op.create_index(f"ix_ticket_{column}", "ticket", [column])
    op.create_index("ix_ticket_state_due", "ticket", ["state", "next_due_at"])
    reach.drop(op.get_bind())
    op.drop_table("ticket_reach")

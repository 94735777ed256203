"""indexes from which the figures are counted without a look at the rows"""

import sqlalchemy as sa
from alembic import op

from models.types import PathText

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OF_DISTRICT = sa.text("substr(path, 1, 14)")
BEFORE = {
    "ix_leg_sign_due": ("leg", ["sign_due_at", "path"]),
    "ix_leg_settle_due": ("leg", ["settle_due_at", "path"]),
    "ix_ticket_accepted_at": ("ticket", ["accepted_at"]),
    "ix_ticket_settled": ("ticket", ["settled_at", "path"]),
    "ix_rating_at": ("rating", ["at"]),
}
AFTER = {
    "ix_leg_sign_due": ("leg", ["sign_due_at", "unit_id", "signed_at", "state"]),
    "ix_leg_settle_due": ("leg", ["settle_due_at", "unit_id", "role", "state", "result_at", "settled_at"]),
    "ix_ticket_accepted": (
        "ticket",
        ["accepted_at", "submitted_at", "state", "lead_unit_id", "unit_id", "settled_at"],
    ),
    "ix_ticket_settled": ("ticket", ["settled_at"]),
    "ix_ticket_district": ("ticket", ["submitted_at", "category_id"]),
    "ix_rating_at": ("rating", ["at", "unit_id", "scored", "stars"]),
}


def upgrade() -> None:
    op.add_column("rating", sa.Column("path", PathText, nullable=False, server_default=""))
    op.execute(
        "UPDATE rating SET path = (SELECT unit.path FROM unit WHERE unit.id = rating.unit_id) WHERE unit_id IS NOT NULL"
    )
    for name, (table, _columns) in BEFORE.items():
        op.drop_index(name, table)
    for name, (table, columns) in AFTER.items():
        op.create_index(name, table, [OF_DISTRICT, *columns, "path"])


def downgrade() -> None:
    for name, (table, _columns) in AFTER.items():
        op.drop_index(name, table)
    for name, (table, columns) in BEFORE.items():
        op.create_index(name, table, columns)
    op.drop_column("rating", "path")

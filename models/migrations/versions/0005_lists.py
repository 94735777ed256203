"""indexes that lists are read and counted from without a look at the rows"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BEFORE = {
    "ix_ticket_state_path": ("ticket", ["state", "path", "next_due_at", "lead_unit_id"]),
    "ix_person_name": ("person", ["name"]),
    "ix_person_name_path": ("person", ["name", "path", "staff_no"]),
    "ix_person_category": ("person", ["category"]),
}
AFTER = {
    "ix_ticket_state_path": ("ticket", ["state", "path", "next_due_at", "lead_unit_id", "submitted_at"]),
    "ix_person_name": ("person", ["name", "id", "path", "staff_no", "pinyin"]),
    "ix_person_category": ("person", ["category", "staff_no", "path"]),
}


def upgrade() -> None:
    exchange(BEFORE, AFTER)


def downgrade() -> None:
    exchange(AFTER, BEFORE)


def exchange(old: dict[str, tuple[str, list[str]]], new: dict[str, tuple[str, list[str]]]) -> None:
    for name, (table, _columns) in old.items():
        op.drop_index(name, table)
    for name, (table, columns) in new.items():
        op.create_index(name, table, columns)

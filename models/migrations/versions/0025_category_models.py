"""categories and duties with versions, duties by place; models that suggest categories and what came of it"""

import sqlalchemy as sa
from alembic import op

from models.types import PathText, UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

OF_DUTY = "id, category_id, tier, unit_id, role, basis"


def upgrade() -> None:
    op.add_column("category", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    make_duties(
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["unit.id"]),
        sa.UniqueConstraint("category_id", "place_id", "unit_id", "role", name="uq_duty"),
    )
    op.create_index("ix_duty_place_id", "duty", ["place_id"])
    op.create_table(
        "category_model",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("path", PathText, nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("available", sa.Integer(), nullable=False),
        sa.Column("learnt", sa.Integer(), nullable=False),
        sa.Column("tested", sa.Integer(), nullable=False),
        sa.Column("hit_first", sa.Integer(), nullable=False),
        sa.Column("hit_third", sa.Integer(), nullable=False),
        sa.Column("categories", sa.Integer(), nullable=False),
        sa.Column("confused", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_category_model_path", "category_model", ["path"])
    op.create_table(
        "category_suggestion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("suggested_id", sa.Integer(), nullable=False),
        sa.Column("chosen_id", sa.Integer(), nullable=True),
        sa.Column("confidence", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("confidence BETWEEN 0 AND 100", name="ck_category_suggestion_confidence"),
        sa.ForeignKeyConstraint(["model_id"], ["category_model.id"]),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["suggested_id"], ["category.id"]),
        sa.ForeignKeyConstraint(["chosen_id"], ["category.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for name in ("model_id", "ticket_id", "suggested_id", "chosen_id"):
        op.create_index(f"ix_category_suggestion_{name}", "category_suggestion", [name])


def downgrade() -> None:
    op.drop_table("category_suggestion")
    op.drop_table("category_model")
    op.execute("DELETE FROM duty WHERE place_id IS NOT NULL")
    make_duties(sa.UniqueConstraint("category_id", "unit_id", "role"))
    op.drop_column("category", "version")


def make_duties(*more: sa.Column | sa.Constraint) -> None:
    """Anew: SQLite changes no constraint of a table, and nothing refers to this one."""
    op.create_table(
        "duty_after",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("tier", sa.String(12), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(8), server_default="lead", nullable=False),
        sa.Column("basis", sa.String(200), server_default="", nullable=False),
        *more,
        sa.CheckConstraint("role IN ('lead', 'co')", name="ck_duty_role"),
        sa.CheckConstraint("tier IN ('micro', 'minor', 'hard', 'emergency')", name="ck_duty_tier"),
        sa.ForeignKeyConstraint(["category_id"], ["category.id"]),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute(f"INSERT INTO duty_after ({OF_DUTY}) SELECT {OF_DUTY} FROM duty ORDER BY id")
    op.drop_table("duty")
    op.rename_table("duty_after", "duty")
    for name in ("category_id", "unit_id"):
        op.create_index(f"ix_duty_{name}", "duty", [name])
    if op.get_bind().dialect.name == "postgresql":
        go_on_counting()


def go_on_counting() -> None:
    """PostgreSQL counts the ids of the new table from 1."""
    op.execute(
        "SELECT setval(pg_get_serial_sequence('duty', 'id'), coalesce((SELECT max(id) FROM duty), 0) + 1, false)"
    )

"""imports in the background, and what it takes to undo them"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BEFORE = ("previewed", "committed", "discarded")
STATES = (
    "waiting", "reading", "previewed", "committing", "committed", "undoing", "undone", "cancelled", "discarded",
    "failed",
)  # fmt: skip
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    allow(STATES)
    for name in ("undone_at", "asked_at", "taken_at"):
        op.add_column("import_batch", sa.Column(name, MOMENT))
    op.add_column("import_batch", sa.Column("taken_by", sa.String(32)))
    op.add_column("import_batch", sa.Column("attempts", sa.Integer(), server_default="0", nullable=False))
    op.create_index("ix_import_batch_state", "import_batch", ["state"])
    op.create_table(
        "import_row",
        sa.Column("batch_id", sa.Integer(), sa.ForeignKey("import_batch.id"), primary_key=True, autoincrement=False),
        sa.Column("subject", sa.String(40), primary_key=True),
        sa.Column("row_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("root_id", sa.Integer(), nullable=False),
        sa.Column("added", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer()),
        sa.Column("before", sa.Text().with_variant(JSONB(), "postgresql")),
        sa.Column("conflict", sa.String(60)),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_import_row_root", "import_row", ["batch_id", "root_id"])


def downgrade() -> None:
    op.drop_table("import_row")
    op.drop_index("ix_import_batch_state", "import_batch")
    op.execute("UPDATE import_batch SET state = 'committed' WHERE state IN ('undoing', 'undone')")
    op.execute("UPDATE import_batch SET state = 'previewed' WHERE state = 'committing'")
    op.execute("UPDATE import_batch SET state = 'discarded' WHERE state NOT IN ('previewed', 'committed', 'discarded')")
    for name in ("attempts", "taken_by", "taken_at", "asked_at", "undone_at"):
        op.drop_column("import_batch", name)
    allow(BEFORE)


def allow(states: tuple[str, ...]) -> None:
    """SQLite writes the table anew, and must not take its absence for the end of what others refer to."""
    listed = ", ".join(f"'{state}'" for state in states)
    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:
        switch_references("OFF")
    with op.batch_alter_table("import_batch", reflect_kwargs={"resolve_fks": False}) as batch:
        batch.drop_constraint("ck_import_batch_state", type_="check")
        batch.create_check_constraint("ck_import_batch_state", f"state IN ({listed})")
    if sqlite:
        switch_references("ON")


def switch_references(how: str) -> None:
    with op.get_context().autocommit_block():
        op.execute(f"PRAGMA foreign_keys={how}")

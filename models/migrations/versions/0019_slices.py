"""a ledger is written slice by slice, and what is read again waits for a worker"""

import sqlalchemy as sa
from alembic import op

from models import search_index

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

BEFORE = (
    "waiting", "reading", "previewed", "committing", "committed", "undoing", "undone", "cancelled", "discarded",
    "failed",
)  # fmt: skip
batch = sa.table("import_batch", sa.column("id", sa.Integer), sa.column("options", sa.JSON))
mark = sa.table(
    "import_mark",
    *(sa.column(name, sa.Integer) for name in ("batch_id", "slice", "last")),
    sa.column("subject", sa.String),
)


def upgrade() -> None:
    allow((*BEFORE, "rereading"))
    if op.get_bind().dialect.name == "postgresql":
        op.get_bind().exec_driver_sql(search_index.postgres_fold().replace("%", "%%"))
    op.add_column("import_row", sa.Column("slice", sa.SmallInteger(), server_default="0", nullable=False))
    op.create_table(
        "import_mark",
        sa.Column("batch_id", sa.Integer(), sa.ForeignKey("import_batch.id"), primary_key=True, autoincrement=False),
        sa.Column("slice", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("subject", sa.String(40), primary_key=True),
        sa.Column("last", sa.Integer(), nullable=False),
    )
    connection = op.get_bind()
    for batch_id, options in connection.execute(sa.select(batch.c.id, batch.c.options)).all():
        last = options.get("trace") or {}
        rows = [{"batch_id": batch_id, "slice": 0, "subject": name, "last": id_} for name, id_ in last.items()]
        if rows:
            connection.execute(mark.insert(), rows)


def downgrade() -> None:
    """Of several marks the last is kept, as before there were slices."""
    connection = op.get_bind()
    found = sa.select(mark.c.batch_id, mark.c.subject, sa.func.max(mark.c.last))
    trace: dict[int, dict[str, int]] = {}
    for batch_id, subject, last in connection.execute(found.group_by(mark.c.batch_id, mark.c.subject)):
        trace.setdefault(batch_id, {})[subject] = last
    for batch_id, options in connection.execute(sa.select(batch.c.id, batch.c.options)).all():
        if "trace" in options:
            kept = options | {"trace": trace.get(batch_id, {})}
            connection.execute(sa.update(batch).where(batch.c.id == batch_id).values(options=kept))
    op.drop_table("import_mark")
    op.drop_column("import_row", "slice")
    op.execute("UPDATE import_batch SET state = 'previewed' WHERE state = 'rereading'")
    allow(BEFORE)


def allow(states: tuple[str, ...]) -> None:
    """SQLite writes the table anew, and must not take its absence for the end of what others refer to."""
    listed = ", ".join(f"'{state}'" for state in states)
    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:
        switch_references("OFF")
    with op.batch_alter_table("import_batch", reflect_kwargs={"resolve_fks": False}) as table:
        table.drop_constraint("ck_import_batch_state", type_="check")
        table.create_check_constraint("ck_import_batch_state", f"state IN ({listed})")
    if sqlite:
        switch_references("ON")


def switch_references(how: str) -> None:
    with op.get_context().autocommit_block():
        op.execute(f"PRAGMA foreign_keys={how}")

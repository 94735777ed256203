"""a rating belongs to a settlement: a re-opened request is settled and rated again"""

from contextlib import AbstractContextManager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OF_DISTRICT = sa.text("substr(path, 1, 14)")
RATED_AT = [OF_DISTRICT, "at", "unit_id", "scored", "stars", "path"]
NAMES = {"uq": "%(table_name)s_%(column_0_N_name)s_key", "fk": "%(table_name)s_%(column_0_name)s_fkey"}
"""PostgreSQL's own, which SQLite is given for what it leaves without a name."""
AFTER = "(SELECT position FROM policy WHERE key = 'rating_window_days')"


def upgrade() -> None:
    op.add_column("rating", sa.Column("leg_id", sa.Integer()))
    op.execute(
        "UPDATE rating SET leg_id = (SELECT max(id) FROM leg WHERE leg.ticket_id = rating.ticket_id AND role = 'lead')"
    )
    op.drop_index("ix_rating_at", "rating")
    with altered() as rating:
        rating.alter_column("leg_id", existing_type=sa.Integer(), nullable=False)
        rating.drop_constraint("rating_reporter_id_key", type_="unique")
        rating.create_unique_constraint("rating_leg_id_reporter_id_key", ["leg_id", "reporter_id"])
        rating.create_foreign_key("rating_leg_id_fkey", "leg", ["leg_id"], ["id"], ondelete="CASCADE")
    op.create_index("ix_rating_reporter_id", "rating", ["reporter_id"])
    op.create_index("ix_rating_at", "rating", RATED_AT)
    op.execute(f"UPDATE policy SET position = position + 1 WHERE position > {AFTER}")
    op.execute(
        "INSERT INTO policy (key, value, position)"
        " SELECT 'reopen_up_to_stars', '2', position + 1 FROM policy WHERE key = 'rating_window_days'"
    )


def downgrade() -> None:
    """The last rating of a reporter is kept."""
    op.execute("DELETE FROM policy WHERE key = 'reopen_up_to_stars'")
    op.execute("DELETE FROM rating WHERE id NOT IN (SELECT max(id) FROM rating GROUP BY reporter_id)")
    op.drop_index("ix_rating_at", "rating")
    op.drop_index("ix_rating_reporter_id", "rating")
    with altered() as rating:
        rating.drop_constraint("rating_leg_id_fkey", type_="foreignkey")
        rating.drop_constraint("rating_leg_id_reporter_id_key", type_="unique")
        rating.drop_column("leg_id")
        rating.create_unique_constraint("rating_reporter_id_key", ["reporter_id"])
    op.create_index("ix_rating_at", "rating", RATED_AT)


def altered() -> AbstractContextManager[BatchOperations]:
    return op.batch_alter_table("rating", naming_convention=NAMES, reflect_kwargs={"resolve_fks": False})

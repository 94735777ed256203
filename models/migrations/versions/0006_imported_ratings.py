"""what ledgers brought in before: stars without their unit's path, telephones taken for confirmed ones, settled requests
without the date on which their rating ends or they are archived, and a course in the name of whoever imported it

Nothing but a ledger ever called a reporter confirmed by telephone.
"""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from models.types import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ticket = sa.table(
    "ticket",
    sa.column("id", sa.Integer),
    sa.column("external_id", sa.String),
    sa.column("state", sa.String),
    sa.column("settled_at", UtcDateTime),
    sa.column("rate_until", UtcDateTime),
    sa.column("next_due_at", UtcDateTime),
)
rating = sa.table("rating", sa.column("ticket_id", sa.Integer), sa.column("at", UtcDateTime))
t, r = ticket.c, rating.c


def upgrade() -> None:
    op.execute(
        "UPDATE rating SET path = (SELECT unit.path FROM unit WHERE unit.id = rating.unit_id)"
        " WHERE path = '' AND unit_id IS NOT NULL"
    )
    op.execute("UPDATE reporter SET verification = 'none' WHERE verification = 'phone'")
    date_settled_tickets(op.get_bind())
    op.execute(
        "UPDATE ticket_event SET person_id = NULL,"
        " name = CASE WHEN action IN ('submit', 'rate') THEN '群众' ELSE '' END,"
        " unit_name = CASE WHEN action IN ('sign', 'settle')"
        " THEN (SELECT leg.unit_name FROM leg WHERE leg.id = ticket_event.leg_id) ELSE '' END"
        " WHERE action <> 'imported' AND CAST(data AS TEXT) LIKE '%\"batch\"%'"
    )


def date_settled_tickets(connection: sa.Connection) -> None:
    kept = connection.scalar(sa.text("SELECT value FROM policy WHERE key = 'archive_after_days'"))
    undated = sa.and_(t.next_due_at.is_(None), t.external_id.is_not(None))
    waiting = sa.and_(t.state == "settled", undated)
    connection.execute(sa.update(ticket).where(waiting).values(next_due_at=sa.func.coalesce(t.rate_until, t.settled_at)))
    rated_at = sa.select(sa.func.max(r.at)).where(r.ticket_id == t.id).scalar_subquery()
    over = sa.func.coalesce(rated_at, t.rate_until, t.settled_at, type_=UtcDateTime)
    found = connection.execute(sa.select(t.id, over).where(t.state.in_(["rated", "unrated"]), undated)).all()
    if found:
        connection.execute(
            sa.update(ticket).where(t.id == sa.bindparam("ticket")).values(next_due_at=sa.bindparam("due")),
            [{"ticket": number, "due": at + timedelta(days=int(kept or 30))} for number, at in found],
        )


def downgrade() -> None:
    """What was wrong is not made wrong again."""

"""the calendar is entered: no import of it exists"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

PROMISED = "The calendar of %(year)s is not official yet: enter or import its holidays"
MEANT = "The calendar of %(year)s is not official yet: enter its holidays"

notice = sa.table("notice", sa.column("message", sa.String), sa.column("event", sa.String))


def upgrade() -> None:
    reword(PROMISED, MEANT)


def downgrade() -> None:
    reword(MEANT, PROMISED)


def reword(old: str, new: str) -> None:
    """A notice keeps its text as the catalogue's key."""
    op.execute(sa.update(notice).where(notice.c.event == "calendar", notice.c.message == old).values(message=new))

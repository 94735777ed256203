"""when to call back and with what words, ratings that others share"""

import sqlalchemy as sa
from alembic import op

from models.types import UtcDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

DISTRICT = sa.text("substr(path, 1, 14)")
SCRIPT = (
    "您好，我是{回访人}，负责民情工单回访。您反映的“{标题}”（编号 {工单编号}），"
    "{承办单位}已于 {办结日期} 办结并答复您，耽误您一分钟，问三个问题：\n"
    "一、事情解决了吗？是已经解决、部分解决，还是没有解决？\n"
    "二、您对办理情况打几颗星？最好是五颗星。好在哪里，不好在哪里？\n"
    "三、还有什么要补充的吗？\n"
    "谢谢您，您的意见会如实记录，承办单位看不到您的号码。再见。"
)


def upgrade() -> None:
    op.add_column("ticket", sa.Column("call_at", UtcDateTime()))
    op.execute("UPDATE ticket SET call_at = settled_at WHERE follow_up = 'due'")
    due_by("call_at")
    op.add_column("rating", sa.Column("shared", sa.Boolean, nullable=False, server_default=sa.false()))
    columns = [DISTRICT, "at", "leg_id", "scored", "stars", "path"]
    where = {"sqlite_where": sa.text("shared = 1"), "postgresql_where": sa.text("shared")}
    op.create_index("ix_rating_shared", "rating", columns, **where)
    script = op.create_table(
        "call_script",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["category_id"], ["category.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("category_id"),
    )
    if op.get_bind().scalar(sa.text("SELECT kind FROM term LIMIT 1")) is not None:
        op.bulk_insert(script, [{"category_id": None, "text": SCRIPT}])


def downgrade() -> None:
    op.drop_table("call_script")
    op.drop_index("ix_rating_shared", "rating")
    op.drop_column("rating", "shared")
    due_by("settled_at")
    op.drop_column("ticket", "call_at")


def due_by(column: str) -> None:
    where = sa.text("follow_up = 'due'")
    op.drop_index("ix_ticket_follow_up", "ticket")
    columns = ["path", column]
    op.create_index("ix_ticket_follow_up", "ticket", columns, sqlite_where=where, postgresql_where=where)

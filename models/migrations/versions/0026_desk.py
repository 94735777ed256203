"""reporters by the tail of their number, reply templates, who stands in for whom"""

import sqlalchemy as sa
from alembic import op

from models.types import Sealed, keyring

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

BATCH = 5_000
REPORTER = sa.table(
    "reporter",
    sa.column("id", sa.Integer),
    sa.column("mobile", Sealed("reporter.mobile")),
    sa.column("mobile_tail_hash", sa.String(32)),
)
REPLY = sa.table("reply_template", *map(sa.column, ("category_id", "step", "title", "text")))
REPLIES = (
    ("contact", None, "电话已接通", "已于{日期}致电，告知您反映的“{标题}”由{单位}办理，编号{编号}，办理情况会及时告诉您。"),
    ("contact", None, "约定上门", "已于{日期}致电，约好到现场查看“{标题}”，请保持电话畅通。"),
    ("contact", None, "暂未接通", "{日期}两次致电无人接听，已发短信说明由{单位}办理，编号{编号}，稍后再联系您。"),
    ("result", None, "已办好", "您反映的“{标题}”（编号{编号}）已于{日期}办好。如有不满意，请在评价时告诉我们。{单位}"),
    ("result", None, "说明政策", "您反映的“{标题}”（编号{编号}），{单位}已核实。按现行政策目前不能办理，原因是：。感谢您的理解。"),
    ("result", "30", "设施已修复", "您反映的“{标题}”，{单位}已于{日期}到现场修复，请查看。之后再出现问题，可凭编号{编号}联系我们。"),
    ("decline", None, "请向主管部门提出", "您反映的“{标题}”（编号{编号}）不属于受理范围，请向有关主管部门提出，联系方式：。{日期}"),
)


def upgrade() -> None:
    op.add_column("reporter", sa.Column("mobile_tail_hash", sa.String(32)))
    fill_tails()
    op.create_index("ix_reporter_mobile_tail_hash", "reporter", ["mobile_tail_hash"])
    new_tables()
    add_replies()


def downgrade() -> None:
    op.drop_table("stand_in")
    op.drop_table("reply_template")
    op.drop_index("ix_reporter_mobile_tail_hash", "reporter")
    op.drop_column("reporter", "mobile_tail_hash")


def fill_tails() -> None:
    connection, last = op.get_bind(), 0
    change = (
        sa.update(REPORTER)
        .where(REPORTER.c.id == sa.bindparam("key"))
        .values(mobile_tail_hash=sa.bindparam("tail"))
    )
    asked = sa.select(REPORTER.c.id, REPORTER.c.mobile).where(REPORTER.c.mobile.is_not(None)).order_by(REPORTER.c.id)
    while rows := connection.execute(asked.where(REPORTER.c.id > last).limit(BATCH)).all():
        tails = [{"key": key, "tail": keyring().tail_hash(number)} for key, number in rows]
        connection.execute(change, tails)
        last = rows[-1].id


def new_tables() -> None:
    op.create_table("reply_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("step", sa.String(12), nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.CheckConstraint("step IN ('contact', 'result', 'decline')", name="ck_reply_template_step"),
        sa.ForeignKeyConstraint(["category_id"], ["category.id"]),
        sa.PrimaryKeyConstraint("id")
    )
    op.create_index("ix_reply_template_category_id", "reply_template", ["category_id"])
    op.create_index("ix_reply_template_step", "reply_template", ["step"])
    op.create_table("stand_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("absent_id", sa.Integer(), nullable=False),
        sa.Column("stand_in_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.CheckConstraint("absent_id <> stand_in_id", name="ck_stand_in_another"),
        sa.CheckConstraint("from_on <= to_on", name="ck_stand_in_days"),
        sa.ForeignKeyConstraint(["absent_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["stand_in_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id")
    )
    op.create_index("ix_stand_in_absent_id", "stand_in", ["absent_id"])
    op.create_index("ix_stand_in_stand_in_id", "stand_in", ["stand_in_id"])


def add_replies() -> None:
    """Where categories are filled already; `flask init` fills them all at once."""
    category = sa.table("category", *map(sa.column, ("id", "code")))
    known = {code: key for code, key in op.get_bind().execute(sa.select(category.c.code, category.c.id))}
    if known:
        rows = [
            {"category_id": known.get(code), "step": step, "title": title, "text": text}
            for step, code, title, text in REPLIES
        ]
        op.bulk_insert(REPLY, rows)

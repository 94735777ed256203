"""visits and who went on them, topics, tasks and the dictionary of their lists"""

import sqlalchemy as sa
from alembic import op

from models.terms import SEED, TermKind

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

DISTRICT = sa.text("substr(path, 1, 14)")
PATH = sa.String(160).with_variant(sa.String(160, collation="C"), "postgresql")
TERMS = sa.table("term", *(sa.column(name) for name in ("kind", "code", "label", "label_en", "position")))


def upgrade() -> None:
    add_visits()
    add_topics()
    add_tasks()
    allow_kinds([kind.value for kind in TermKind])
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM term")):
        rows = enumerate(SEED[TermKind.TASK_LIST])
        op.bulk_insert(
            TERMS,
            [
                {"kind": "task_list", "code": code, "label": label, "label_en": label_en, "position": position}
                for position, (code, label, label_en) in rows
            ],
        )


def downgrade() -> None:
    op.execute("DELETE FROM term WHERE kind = 'task_list'")
    allow_kinds([kind.value for kind in TermKind if kind is not TermKind.TASK_LIST])
    for table in ("task", "topic", "visitor", "visit"):
        op.drop_table(table)


def allow_kinds(kinds: list[str]) -> None:
    """SQLite makes a table again without its checks."""
    allowed = f"kind IN ({', '.join(repr(kind) for kind in kinds)})"
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("ck_term_kind", "term", type_="check")
        op.create_check_constraint("ck_term_kind", "term", allowed)
    else:
        with op.batch_alter_table("term", recreate="always") as term:
            term.create_check_constraint("ck_term_kind", allowed)


def text(name: str, length: int | None = None, *, default: str | None = "") -> sa.Column[str]:
    return sa.Column(name, sa.String(length) if length else sa.Text(), server_default=default, nullable=False)


def reference(name: str, table: str, *, nullable: bool = True) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), sa.ForeignKey(f"{table}.id"), nullable=nullable)


def place() -> list[sa.Column[object]]:
    return [reference("unit_id", "unit", nullable=False), sa.Column("path", PATH, nullable=False)]


def version() -> sa.Column[int]:
    return sa.Column("version", sa.Integer(), server_default="1", nullable=False)


def index(table: str, name: str) -> None:
    op.create_index(f"ix_{table}_{name}", table, [name])


def district_index(table: str, name: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{name}", table, [DISTRICT, name, *columns, "path"])


def add_visits() -> None:
    op.create_table(
        "visit",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("visited_at", sa.Time()),
        text("kind", 24, default=None),
        reference("visitor_id", "person"),
        text("visitor_name", 60),
        text("companions", 400),
        text("object_kind", 24, default=None),
        text("object_name", 120, default=None),
        text("address", 200),
        *place(),
        text("outcome", 16, default="listened"),
        text("content"),
        text("handling"),
        sa.Column("to_ticket", sa.Boolean(), server_default=sa.false(), nullable=False),
        reference("ticket_id", "ticket"),
        text("field_note"),
        version(),
        sa.CheckConstraint(
            "kind IN ('day_visit', 'night_talk', 'stay_in', 'symposium', 'sentiment_meeting', 'condolence', 'lecture',"
            " 'on_site_office', 'site_survey')",
            name="ck_visit_kind",
        ),
        sa.CheckConstraint(
            "object_kind IN ('household', 'enterprise', 'institution', 'social_organisation', 'project', 'individual')",
            name="ck_visit_object_kind",
        ),
        sa.CheckConstraint("outcome IN ('listened', 'issue_raised', 'refused', 'absent')", name="ck_visit_outcome"),
    )
    district_index("visit", "visited_on", "id")
    for name in ("kind", "outcome", "object_kind", "object_name"):
        district_index("visit", name, "visited_on", "id")
    district_index("visit", "visitor_name", "id", "visited_on")
    for name in ("visitor_id", "unit_id", "path"):
        index("visit", name)
    filled = sa.text("ticket_id IS NOT NULL")
    op.create_index("ix_visit_ticket_id", "visit", ["ticket_id"], sqlite_where=filled, postgresql_where=filled)
    op.create_table(
        "visitor",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("visit_id", sa.Integer(), sa.ForeignKey("visit.id", ondelete="CASCADE"), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        text("name", 60, default=None),
        reference("person_id", "person"),
        sa.UniqueConstraint("visit_id", "seq"),
    )
    index("visitor", "person_id")


def add_topics() -> None:
    op.create_table(
        "topic",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("year", sa.Integer(), nullable=False),
        text("title", 200, default=None),
        reference("leader_id", "person"),
        text("leader_name", 60),
        text("post", 120),
        *place(),
        text("supporting", 400),
        text("stage", 12, default="opened"),
        sa.Column("due_on", sa.Date()),
        text("progress"),
        text("result_form", 120),
        text("result_use"),
        text("note"),
        version(),
        sa.CheckConstraint("stage IN ('opened', 'research', 'concluded', 'applied')", name="ck_topic_stage"),
        sa.CheckConstraint("year BETWEEN 1949 AND 2119", name="ck_topic_year"),
    )
    op.create_index("ix_topic_key", "topic", [DISTRICT, "year", "title", "leader_name"], unique=True)
    district_index("topic", "title", "id", "year")
    for name in ("year", "leader_name", "stage", "due_on"):
        district_index("topic", name, "id")
    for name in ("leader_id", "unit_id", "path"):
        index("topic", name)


def add_tasks() -> None:
    op.create_table(
        "task",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("year", sa.Integer(), nullable=False),
        text("serial", 16),
        text("title", 200, default=None),
        text("list_kind", 32),
        text("measures"),
        *place(),
        reference("responsible_id", "person"),
        text("responsible_name", 60),
        reference("leader_id", "person"),
        text("leader_name", 60),
        sa.Column("due_on", sa.Date()),
        sa.Column("households", sa.Integer()),
        sa.Column("people", sa.Integer()),
        sa.Column("cost", sa.Numeric(12, 4)),
        text("progress"),
        sa.Column("written_off", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("written_off_on", sa.Date()),
        text("accepted_by", 120),
        text("note"),
        version(),
        sa.UniqueConstraint("year", "title", "unit_id"),
        sa.CheckConstraint("year BETWEEN 1949 AND 2119", name="ck_task_year"),
        sa.CheckConstraint("cost >= 0", name="ck_task_cost"),
        sa.CheckConstraint("written_off_on IS NULL OR written_off", name="ck_task_written_off"),
    )
    district_index("task", "title", "id", "year")
    for name in ("year", "list_kind", "responsible_name", "due_on", "written_off"):
        district_index("task", name, "id")
    for name in ("responsible_id", "leader_id", "unit_id", "path"):
        index("task", name)

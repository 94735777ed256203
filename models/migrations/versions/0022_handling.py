"""returns, extensions, suspensions, promises, meetings, supervision, follow-up, merging, mediation and outcomes"""

import sqlalchemy as sa
from alembic import op

from models.types import PathText, UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

DISTRICT = sa.text("substr(path, 1, 14)")
SIGN_DUE = ("sign_due_at", "unit_id", "signed_at", "state")
OF_NO_LEG = "state = 'open' AND leg_id IS NULL"
ENDED = "returned recalled escalated delegated released decided merged declined cancelled not_needed"
KINDS = ("source", "person_category", "political_status", "rating_tag", "disposal_mode", "task_list", "household_label")
WORDS = {
    "return_reason": (
        ("not_ours", "不属本单位职责", "Not this unit's duty"),
        ("other_place", "不在本辖区", "Not in this unit's area"),
        ("unclear", "诉求不清、无法核实", "Cannot be understood or verified"),
        ("duplicate", "已有单位在办", "Another unit handles it already"),
    ),
    "extension_reason": (
        ("complex", "情况复杂", "Complicated"),
        ("several_units", "涉及多个单位", "Several units are involved"),
        ("works", "工程施工需要时间", "Works take their time"),
        ("expert", "需检测、鉴定", "Needs testing or an expert opinion"),
        ("weather", "天气原因", "Weather"),
    ),
    "suspension_reason": (
        ("season", "季节限制", "Season"),
        ("tender", "招标采购", "Tender"),
        ("court", "司法程序", "Court proceedings"),
        ("reporter", "等待诉求人", "Waits for the reporter"),
    ),
    "promise_reason": (
        ("budget", "列入计划、落实资金", "Planned, waiting for funds"),
        ("works", "分期实施", "Done in stages"),
        ("season", "待季节适宜", "Waits for the season"),
    ),
    "decline_reason": (
        ("not_public", "不属受理范围", "Outside what is accepted"),
        ("legal", "已进入法定程序", "In legal proceedings already"),
        ("settled", "同一事项已办结", "The same matter is settled"),
        ("taken_back", "诉求人撤回", "The reporter takes it back"),
        ("abuse", "内容虚假或恶意", "Untrue or malicious"),
    ),
    "exclusion_reason": (
        ("not_about_us", "评价对象不是本单位", "Not about this unit"),
        ("beyond_law", "诉求超出法律政策", "Beyond law and policy"),
        ("mistaken", "误评", "Rated by mistake"),
        ("malicious", "恶意差评", "Malicious"),
    ),
}
TERM = sa.table("term", *map(sa.column, ("kind", "code", "label", "label_en", "position")), sa.column("active", sa.Boolean))
REFERRING = {"leg": {"giver_id": "unit"}, "ticket": {"merged_into_id": "ticket"}, "reporter": {"asked_in_id": "ticket"}}
TABLES = ("ticket_outcome", "application", "meeting_unit", "follow_up", "credit", "supervision", "meeting", "mediation")


def upgrade() -> None:
    new_tables()
    for table, columns in REFERRING.items():
        there = {each["name"] for each in sa.inspect(op.get_bind()).get_columns(table)}
        for name, other in columns.items():
            if name not in there:
                op.execute(f"ALTER TABLE {table} ADD COLUMN {name} INTEGER REFERENCES {other} (id)")
    listed = ", ".join(f"'{each}'" for each in ENDED.split())
    op.execute(f"ALTER TABLE leg ADD COLUMN ended VARCHAR(12) CONSTRAINT ck_leg_ended CHECK (ended IN ({listed}))")
    moment = UtcDateTime().compile(op.get_bind().dialect)
    both = "CONSTRAINT ck_leg_ended_at CHECK ((ended IS NULL) = (ended_at IS NULL))"
    op.execute(f"ALTER TABLE leg ADD COLUMN ended_at {moment} {both}")
    for column in leg_columns():
        op.add_column("leg", column)
    for column in ticket_columns():
        op.add_column("ticket", column)
    indexes()
    reopened = "(SELECT count(*) FROM ticket_event WHERE ticket_id = ticket.id AND action = 'reopen')"
    again = "(SELECT ticket_id FROM ticket_event WHERE action = 'reopen')"
    op.execute(f"UPDATE ticket SET reopened = {reopened} WHERE id IN {again}")
    check_kinds((*KINDS, *WORDS))
    add_words()


def leg_columns() -> list[sa.Column]:
    return [
        sa.Column("opinion", sa.Text, nullable=False, server_default=""),
        sa.Column("mandatory", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("binding", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("paused_at", UtcDateTime()),
        sa.Column("resume_at", UtcDateTime()),
        sa.Column("promise_at", UtcDateTime()),
        sa.Column("promise_owner", sa.String(60), nullable=False, server_default=""),
    ]


def ticket_columns() -> list[sa.Column]:
    return [
        sa.Column("reopened", sa.Integer, nullable=False, server_default="0"),
        sa.Column("in_litigation", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("follow_up", sa.String(8)),
    ]


def indexes() -> None:
    op.drop_index("ix_leg_sign_due", "leg")
    op.create_index("ix_leg_sign_due", "leg", [DISTRICT, *SIGN_DUE, "ended_at", "path"])
    op.create_index("ix_follow_up_at", "follow_up", [DISTRICT, "at", "unit_id", "outcome", "path"])
    partial("ix_leg_co", "leg", ["unit_id", "state", "ticket_id"], "role = 'co'")
    partial("ix_leg_resume_at", "leg", ["resume_at"], "resume_at IS NOT NULL")
    partial("ix_leg_giver_id", "leg", ["giver_id"], "giver_id IS NOT NULL")
    partial("ix_application_unit_id", "application", ["unit_id"], "unit_id IS NOT NULL")
    partial("uq_application_leg", "application", ["ticket_id", "kind", "leg_id"], "state = 'open'", unique=True)
    partial("uq_application_ticket", "application", ["ticket_id", "kind"], OF_NO_LEG, unique=True)
    partial("ix_reporter_asked_in_id", "reporter", ["asked_in_id"], "asked_in_id IS NOT NULL")
    partial("ix_ticket_merged_into_id", "ticket", ["merged_into_id"], "merged_into_id IS NOT NULL")
    partial("ix_ticket_follow_up", "ticket", ["path", "settled_at"], "follow_up = 'due'")


def partial(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    op.create_index(name, table, columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def downgrade() -> None:
    """SQLite drops no column that refers to a table; those stay, empty."""
    op.execute(sa.delete(TERM).where(TERM.c.kind.in_(WORDS)))
    check_kinds(KINDS)
    for name, table in (
        *(("ix_leg_co", "leg"), ("ix_leg_resume_at", "leg"), ("ix_leg_giver_id", "leg")),
        ("ix_reporter_asked_in_id", "reporter"),
        *(("ix_ticket_merged_into_id", "ticket"), ("ix_ticket_follow_up", "ticket"), ("ix_leg_sign_due", "leg")),
    ):
        op.drop_index(name, table)
    op.create_index("ix_leg_sign_due", "leg", [DISTRICT, *SIGN_DUE, "path"])
    for table, columns in REFERRING.items():
        for name in columns:
            if op.get_bind().dialect.name == "postgresql":
                op.drop_column(table, name)
            else:
                op.execute(f"UPDATE {table} SET {name} = NULL WHERE {name} IS NOT NULL")
    for name in ("ended_at", "ended", *(column.name for column in leg_columns())):
        op.drop_column("leg", name)
    for column in ticket_columns():
        op.drop_column("ticket", column.name)
    for table in TABLES:
        op.drop_table(table)


def check_kinds(kinds: tuple[str, ...]) -> None:
    """SQLite makes the table anew, and what it checks is not read from the old one."""
    with op.batch_alter_table("term") as term:
        if op.get_bind().dialect.name == "postgresql":
            term.drop_constraint("ck_term_kind", type_="check")
        term.create_check_constraint("ck_term_kind", f"kind IN ({', '.join(map(repr, kinds))})")


def add_words() -> None:
    """Where the other dictionaries are filled already; `flask init` fills them all at once."""
    if op.get_bind().scalar(sa.select(TERM.c.kind).limit(1)) is None:
        return
    rows = [
        {"kind": kind, "code": code, "label": label, "label_en": label_en, "position": position, "active": True}
        for kind, words in WORDS.items()
        for position, (code, label, label_en) in enumerate(words)
    ]
    op.bulk_insert(TERM, rows)


def new_tables() -> None:
    op.create_table("mediation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("place", sa.String(120), server_default="", nullable=False),
        sa.Column("mediators", sa.String(200), nullable=False),
        sa.Column("parties", sa.String(400), nullable=False),
        sa.Column("outcome", sa.String(8), nullable=False),
        sa.Column("agreement", sa.Text(), server_default="", nullable=False),
        sa.Column("keep_by", sa.Date(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(60), nullable=False),
        sa.CheckConstraint("outcome IN ('agreed', 'partly', 'failed')", name="ck_mediation_outcome"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id")
    )
    op.create_index("ix_mediation_person_id", "mediation", ["person_id"])
    op.create_index("ix_mediation_ticket_id", "mediation", ["ticket_id"])
    op.create_table("meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("cause", sa.String(16), nullable=False),
        sa.Column("called_at", UtcDateTime(), nullable=False),
        sa.Column("called_by_id", sa.Integer(), nullable=True),
        sa.Column("called_by", sa.String(60), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("place", sa.String(120), server_default="", nullable=False),
        sa.Column("chair", sa.String(60), server_default="", nullable=False),
        sa.Column("minutes", sa.Text(), server_default="", nullable=False),
        sa.Column("decision", sa.Text(), server_default="", nullable=False),
        sa.Column("settle_by", UtcDateTime(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_by", sa.String(60), server_default="", nullable=False),
        sa.CheckConstraint("cause IN ('second_return', 'third_reopening', 'called')", name="ck_meeting_cause"),
        sa.CheckConstraint("kind IN ('hard_case', 'joint')", name="ck_meeting_kind"),
        sa.ForeignKeyConstraint(["called_by_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id")
    )
    op.create_index("ix_meeting_called_by_id", "meeting", ["called_by_id"])
    op.create_index("ix_meeting_decided_by_id", "meeting", ["decided_by_id"])
    op.create_index("ix_meeting_due_at", "meeting", ["due_at"])
    op.create_index("ix_meeting_ticket_id", "meeting", ["ticket_id"])
    op.create_index("uq_meeting_open", "meeting", ["ticket_id"], unique=True, sqlite_where=sa.text("decided_at IS NULL"), postgresql_where=sa.text("decided_at IS NULL"))
    op.create_table("supervision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(12), nullable=False),
        sa.Column("demand", sa.Text(), server_default="", nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("opened_by_id", sa.Integer(), nullable=True),
        sa.Column("opened_by", sa.String(60), nullable=False),
        sa.Column("answer_due_at", UtcDateTime(), nullable=False),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("answered_by", sa.String(60), server_default="", nullable=False),
        sa.Column("closing", sa.Text(), server_default="", nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("closed_by", sa.String(60), server_default="", nullable=False),
        sa.CheckConstraint("cause IN ('person', 'overdue', 'reopened', 'stars', 'reporters')", name="ck_supervision_cause"),
        sa.CheckConstraint("closed_at IS NULL OR answered_at IS NOT NULL OR closing <> ''", name="ck_supervision_closed"),
        sa.ForeignKeyConstraint(["opened_by_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id")
    )
    op.create_index("ix_supervision_answer_due_at", "supervision", ["answer_due_at"])
    op.create_index("ix_supervision_answered_at", "supervision", ["answered_at"], sqlite_where=sa.text("answered_at IS NOT NULL"), postgresql_where=sa.text("answered_at IS NOT NULL"))
    op.create_index("ix_supervision_opened_by_id", "supervision", ["opened_by_id"])
    op.create_index("ix_supervision_ticket_id", "supervision", ["ticket_id"])
    op.create_index("uq_supervision_open", "supervision", ["ticket_id"], unique=True, sqlite_where=sa.text("closed_at IS NULL"), postgresql_where=sa.text("closed_at IS NULL"))
    op.create_table("credit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("settlement_id", sa.Integer(), nullable=False),
        sa.Column("leg_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(8), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("path", PathText, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("role IN ('lead', 'co')", name="ck_credit_role"),
        sa.ForeignKeyConstraint(["leg_id"], ["leg.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["settlement_id"], ["leg.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("settlement_id", "leg_id")
    )
    op.create_index("ix_credit_leg_id", "credit", ["leg_id"])
    op.create_index("ix_credit_person_id", "credit", ["person_id"])
    op.create_index("ix_credit_ticket_id", "credit", ["ticket_id"])
    op.create_index("ix_credit_unit_id", "credit", ["unit_id", "role"])
    op.create_table("follow_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("leg_id", sa.Integer(), nullable=False),
        sa.Column("reporter_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("path", PathText, nullable=False),
        sa.Column("outcome", sa.String(12), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("unit_name", sa.String(120), nullable=False),
        sa.CheckConstraint("outcome IN ('resolved', 'partly', 'no', 'unreached')", name="ck_follow_up_outcome"),
        sa.ForeignKeyConstraint(["leg_id"], ["leg.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["reporter_id"], ["reporter.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.PrimaryKeyConstraint("id")
    )
    op.create_index("ix_follow_up_leg_id", "follow_up", ["leg_id"])
    op.create_index("ix_follow_up_person_id", "follow_up", ["person_id"])
    op.create_index("ix_follow_up_reporter_id", "follow_up", ["reporter_id"])
    op.create_index("ix_follow_up_ticket_id", "follow_up", ["ticket_id"])
    op.create_index("ix_follow_up_unit_id", "follow_up", ["unit_id"])
    op.create_table("meeting_unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("unit_name", sa.String(120), nullable=False),
        sa.Column("part", sa.String(8), nullable=False),
        sa.Column("undertakes", sa.String(400), server_default="", nullable=False),
        sa.Column("cost", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("signatory", sa.String(60), server_default="", nullable=False),
        sa.CheckConstraint("part IN ('lead', 'co', 'present')", name="ck_meeting_unit_part"),
        sa.CheckConstraint("cost >= 0", name="ck_meeting_unit_cost"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("meeting_id", "unit_id")
    )
    op.create_index("ix_meeting_unit_meeting_id", "meeting_unit", ["meeting_id"])
    op.create_index("ix_meeting_unit_unit_id", "meeting_unit", ["unit_id"])
    op.create_table("application",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("leg_id", sa.Integer(), nullable=True),
        sa.Column("rating_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("owner", sa.String(60), server_default="", nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_by", sa.String(60), nullable=False),
        sa.Column("asked_unit", sa.String(120), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_by", sa.String(60), server_default="", nullable=False),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("kind IN ('return', 'extension', 'suspension', 'promise', 'decline', 'exclusion')", name="ck_application_kind"),
        sa.CheckConstraint("state IN ('open', 'granted', 'refused', 'withdrawn', 'lapsed')", name="ck_application_state"),
        sa.CheckConstraint("state IN ('open', 'lapsed') OR decided_at IS NOT NULL", name="ck_application_decided"),
        sa.CheckConstraint("decided_by_id IS NULL OR decided_by_id <> asked_by_id", name="ck_application_decider"),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["leg_id"], ["leg.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["rating_id"], ["rating.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.PrimaryKeyConstraint("id")
    )
    op.create_index("ix_application_asked_by_id", "application", ["asked_by_id"])
    op.create_index("ix_application_decided_by_id", "application", ["decided_by_id"])
    op.create_index("ix_application_leg_id", "application", ["leg_id"])
    op.create_index("ix_application_rating_id", "application", ["rating_id"])
    op.create_index("ix_application_ticket_id", "application", ["ticket_id"])
    op.create_table("ticket_outcome",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(120), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("measure", sa.String(16), nullable=False),
        sa.Column("evidence_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(60), nullable=False),
        sa.CheckConstraint("quantity > 0", name="ck_ticket_outcome_quantity"),
        sa.ForeignKeyConstraint(["evidence_id"], ["attachment.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id")
    )
    op.create_index("ix_ticket_outcome_evidence_id", "ticket_outcome", ["evidence_id"])
    op.create_index("ix_ticket_outcome_person_id", "ticket_outcome", ["person_id"])
    op.create_index("ix_ticket_outcome_ticket_id", "ticket_outcome", ["ticket_id"])

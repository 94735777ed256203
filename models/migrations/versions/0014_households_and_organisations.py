"""households and organisations; the dictionary of special groups"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

DISTRICT = sa.text("substr(path, 1, 14)")
LOOKED_AFTER = sa.text("liaison_id IS NOT NULL")
LABELLED = sa.text("labels <> ''")
PATH = sa.String(160).with_variant(sa.String(160, collation="C"), "postgresql")
KINDS = ("source", "person_category", "political_status", "rating_tag", "disposal_mode")
NEW_KIND = "household_label"
WORDS = (
    ("allowance", "低保户", "On subsistence allowance"),
    ("near_allowance", "低保边缘户", "Little above the allowance"),
    ("public_care", "特困供养", "In public care"),
    ("disabled", "残疾人家庭", "With a disabled member"),
    ("lone_elderly", "独居老人", "Elderly person living alone"),
    ("left_behind", "留守儿童", "With children left behind"),
    ("bereaved", "失独家庭", "Lost their only child"),
    ("illness", "大病困难家庭", "In need through illness"),
    ("veteran", "退役军人家庭", "Family of a veteran"),
)
TERM = sa.table("term", *map(sa.column, ("kind", "code", "label", "label_en", "position")), sa.column("active", sa.Boolean))


def upgrade() -> None:
    op.create_table(
        "household",
        *placed(),
        sa.Column("number", sa.String(32)),
        sa.Column("head", sa.String(60), nullable=False),
        text("registered_address", 200),
        text("present_address", 200),
        text("estate", 60),
        text("building", 32),
        text("entrance", 32),
        text("room", 32),
        text("door", 32),
        text("labels", 200),
    )
    op.create_index("uq_household_number", "household", [DISTRICT, "number"], unique=True)
    index("household", "district", "id")
    index("household", "head", "head", "id", "number")
    index("household", "building", "estate", "building", "id")
    index("household", "address", "present_address", "id")
    where = {"sqlite_where": LABELLED, "postgresql_where": LABELLED}
    op.create_index("ix_household_labels", "household", [DISTRICT, "labels", "path"], **where)
    op.create_table(
        "organisation",
        *placed(),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("credit_code", sa.String(18), unique=True),
        sa.Column("kind", sa.String(16), nullable=False),
        text("legal_person", 60),
        text("contact", 60),
        text("address", 200),
        text("industry", 60),
        sa.Column("staff_count", sa.Integer),
        sa.Column("liaison_id", sa.Integer, sa.ForeignKey("person.id")),
        sa.CheckConstraint(
            "kind IN ('enterprise', 'sole_trader', 'institution', 'social', 'project')", name="ck_organisation_kind"
        ),
        sa.CheckConstraint("staff_count >= 0", name="ck_organisation_staff_count"),
    )
    index("organisation", "district", "id")
    index("organisation", "name", "name", "id", "credit_code")
    index("organisation", "credit_code", "credit_code", "id")
    index("organisation", "kind", "kind", "id")
    filled = {"sqlite_where": LOOKED_AFTER, "postgresql_where": LOOKED_AFTER}
    op.create_index("ix_organisation_liaison_id", "organisation", ["liaison_id"], **filled)
    check_kinds((*KINDS, NEW_KIND))
    add_words()


def downgrade() -> None:
    op.execute(sa.delete(TERM).where(TERM.c.kind == NEW_KIND))
    check_kinds(KINDS)
    op.drop_table("organisation")
    op.drop_table("household")


def placed() -> tuple[sa.Column, ...]:
    return (
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("unit_id", sa.Integer, sa.ForeignKey("unit.id"), nullable=False, index=True),
        sa.Column("path", PATH, nullable=False, index=True),
        sa.Column("telephone", sa.LargeBinary),
        sa.Column("telephone_hash", sa.String(32), index=True),
        sa.Column("note", sa.Text, nullable=False, server_default=""),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    )


def text(name: str, longest: int) -> sa.Column:
    return sa.Column(name, sa.String(longest), nullable=False, server_default="")


def index(table: str, name: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{name}", table, [DISTRICT, *columns, "path"])


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
        {"kind": NEW_KIND, "code": code, "label": label, "label_en": label_en, "position": position, "active": True}
        for position, (code, label, label_en) in enumerate(WORDS)
    ]
    op.bulk_insert(TERM, rows)

"""words offered at the desk, codes without slashes, changes of categories in no place"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TERM = sa.table("term", sa.column("kind"), sa.column("code"), sa.column("at_desk", sa.Boolean))
AT_DESK = ("phone", "venue", "visit", "night_talk")
PLACED = ("unit", "person", "ticket", "leg", "rating", "evaluation_score", "import_batch", "change")
KINDS = (
    *("district", "town", "village", "grid", "micro_grid", "estate", "department", "station", "firm", "partner"),
)
UNIT_CHECKS = {
    "ck_unit_kind": f"kind IN ({', '.join(repr(kind) for kind in KINDS)})",
    "ck_unit_path": "path LIKE '/%/'",
    "ck_unit_dates": "valid_to IS NULL OR valid_from IS NULL OR valid_from <= valid_to",
}
NO_SLASH = "code NOT LIKE '%/%'"


def upgrade() -> None:
    op.add_column("term", sa.Column("at_desk", sa.Boolean, nullable=False, server_default=sa.false()))
    op.execute(sa.update(TERM).where(TERM.c.kind == "source", TERM.c.code.in_(AT_DESK)).values(at_desk=True))
    op.execute("UPDATE change SET path = '' WHERE subject = 'category'")
    mend_codes("unit", PLACED)
    mend_codes("category", ("category",))
    switch_keys("OFF")
    with op.batch_alter_table("unit", table_args=checks(UNIT_CHECKS)) as unit:
        unit.create_check_constraint("ck_unit_code", NO_SLASH)
    with op.batch_alter_table("category") as category:
        category.create_check_constraint("ck_category_code", NO_SLASH)
    switch_keys("ON")


def downgrade() -> None:
    switch_keys("OFF")
    with op.batch_alter_table("category", table_args=checks({"ck_category_code": NO_SLASH})) as category:
        category.drop_constraint("ck_category_code", type_="check")
    with op.batch_alter_table("unit", table_args=checks(UNIT_CHECKS | {"ck_unit_code": NO_SLASH})) as unit:
        unit.drop_constraint("ck_unit_code", type_="check")
    switch_keys("ON")
    op.drop_column("term", "at_desk")


def mend_codes(table: str, placed: tuple[str, ...]) -> None:
    """A slash becomes a hyphen, from above, in all paths that go through it."""
    noun = sa.table(table, sa.column("id"), sa.column("code"), sa.column("path"))
    slashed = sa.select(noun.c.id).where(noun.c.code.contains("/")).order_by(sa.func.length(noun.c.path))
    for key in op.get_bind().scalars(slashed).all():
        code, old = op.get_bind().execute(sa.select(noun.c.code, noun.c.path).where(noun.c.id == key)).one()
        mended = code.replace("/", "-")
        new = f"{old.removesuffix(code + '/')}{mended}/"
        for name in placed:
            rows = sa.table(name, sa.column("path"))
            below = sa.and_(rows.c.path >= old, rows.c.path < old[:-1] + "0")
            rest = sa.func.substr(rows.c.path, len(old) + 1)
            op.execute(sa.update(rows).where(below).values(path=sa.literal(new) + rest))
        op.execute(sa.update(noun).where(noun.c.id == key).values(code=mended))


def checks(named: dict[str, str]) -> tuple[sa.CheckConstraint, ...]:
    """SQLite makes the table anew, and what it checks is not read from the old one."""
    return tuple(sa.CheckConstraint(said, name=name) for name, said in named.items())


def switch_keys(state: str) -> None:
    """SQLite empties the tables that point to one that is made anew, unless its keys are off."""
    if op.get_bind().dialect.name == "sqlite":
        with op.get_context().autocommit_block():
            op.execute(f"PRAGMA foreign_keys={state}")

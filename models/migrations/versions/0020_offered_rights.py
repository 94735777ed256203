"""which rights roles were given, so that what a later version adds reaches roles that exist"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

STAFF = "office dispatcher handler unit_leader member group_leader supervisor manager evaluator"
SEATED = "office dispatcher handler unit_leader supervisor manager evaluator"
READERS = {
    "Unit Organisation Category Duty Notice Ticket Visit Topic Task": STAFF,
    "Person Household": SEATED,
    "PolicyRow CalendarDay CalendarYear": f"{STAFF} sys_admin",
    "Term": "office sys_admin",
    "ImportBatch": "office dispatcher",
    "Evaluation": "supervisor manager evaluator office unit_leader",
    "Scheme": "supervisor manager evaluator office",
    "Account Role": "sec_admin",
    "Change": "audit_admin",
}
WRITERS = {
    "Unit Person Category Duty Topic Task": "office",
    "Household Organisation ImportBatch": "office dispatcher",
    "Term PolicyRow CalendarDay CalendarYear": "office sys_admin",
    "Ticket": "dispatcher handler unit_leader office",
    "Visit": "office member group_leader",
    "Evaluation": "evaluator manager",
    "Scheme": "evaluator",
    "Account Role": "sec_admin",
}
OTHERS = {
    "read": {"Notice": STAFF},
    "sign": {"Ticket": "handler"},
    "accept": {"Ticket": "dispatcher"},
    **{permission: {"Account": "sec_admin"} for permission in ("unlock", "sign_out", "close")},
}
GIVEN = {
    (role, permission, noun)
    for permission, nouns in {"can_read": READERS, "can_write": WRITERS, **OTHERS}.items()
    for several, roles in nouns.items()
    for noun in several.split()
    for role in roles.split()
}
LATER = {("sec_admin", permission, "Notice") for permission in ("can_read", "read")}
"""Given to new installations alone, for a while."""


def upgrade() -> None:
    offered = op.create_table(
        "offered_right",
        sa.Column("role", sa.String(16), primary_key=True),
        sa.Column("permission", sa.String(24), primary_key=True),
        sa.Column("noun", sa.String(24), primary_key=True),
    )
    roles = op.get_bind().scalars(sa.text("SELECT name FROM ab_role")).all()
    had = {(role, *right) for role in roles for right in known_rights()}
    given = had & GIVEN | {right for right in had & LATER if was_taken_away(*right)}
    op.bulk_insert(offered, [dict(zip(offered.c.keys(), right, strict=True)) for right in sorted(given)])


def downgrade() -> None:
    op.drop_table("offered_right")


def known_rights() -> list[tuple[str, str]]:
    """Without those of nouns that the installation is too old to have."""
    found = op.get_bind().execute(
        sa.text(
            "SELECT ab_permission.name, ab_view_menu.name FROM ab_permission_view"
            " JOIN ab_permission ON ab_permission.id = permission_id JOIN ab_view_menu ON ab_view_menu.id = view_menu_id"
        )
    )
    return [(permission, noun) for permission, noun in found]


def was_taken_away(role: str, permission: str, noun: str) -> bool:
    """The journal has all rights of a role before and after each edit."""
    change = sa.table("change", *(sa.column(name) for name in ("subject", "subject_id")), sa.column("details", sa.JSON))
    rows = sa.table("ab_role", sa.column("id"), sa.column("name"))
    number = sa.select(rows.c.id).where(rows.c.name == role).scalar_subquery()
    edits = sa.select(change.c.details).where(change.c.subject == "ab_role", change.c.subject_id == number)
    before = [details.get("permissions", [[]])[0] for details in op.get_bind().scalars(edits)]
    return any(f"{noun}.{permission}" in rights for rights in before)

"""people and units of one district are found, ordered and tested on indexes that begin with it"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

DISTRICT = sa.text("substr(path, 1, 14)")
NEW = {
    "person": {
        "ix_person_district": ["id"],
        "ix_person_staff_no": ["staff_no", "id", "name", "pinyin"],
        "ix_person_name": ["name", "id", "staff_no", "pinyin"],
        "ix_person_category": ["category", "id", "staff_no"],
        "ix_person_employment": ["employment", "id"],
    },
    "unit": {
        "ix_unit_district": ["id"],
        "ix_unit_code": ["code", "id", "name", "leader_name", "valid_to"],
        "ix_unit_name": ["name", "id"],
        "ix_unit_kind": ["kind", "id", "code", "valid_to"],
        "ix_unit_valid_to": ["valid_to", "id"],
    },
}
OLD = {
    "person": {
        "ix_person_name": ["name", "id", "path", "staff_no", "pinyin"],
        "ix_person_category": ["category", "id", "staff_no", "path"],
        "ix_person_employment": ["employment", "id", "path"],
        "ix_person_pinyin": ["pinyin"],
    },
    "unit": {"ix_unit_name": ["name"], "ix_unit_kind": ["kind"], "ix_unit_valid_to": ["valid_to"]},
}


def upgrade() -> None:
    for table, indexes in OLD.items():
        for name in indexes:
            op.drop_index(name, table)
    for table, indexes in NEW.items():
        for name, columns in indexes.items():
            op.create_index(name, table, [DISTRICT, *columns, "path"])
    op.create_index("ix_unit_kind_code", "unit", ["kind", "code", "name", "valid_to"])


def downgrade() -> None:
    op.drop_index("ix_unit_kind_code", "unit")
    for table, indexes in NEW.items():
        for name in indexes:
            op.drop_index(name, table)
    for table, indexes in OLD.items():
        for name, columns in indexes.items():
            op.create_index(name, table, columns)

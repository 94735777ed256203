"""Organisations: enterprises, institutions, social organisations and projects that are visited."""

from typing import Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from models.acting import Scope
from models.people import Person
from models.placed import Placed
from models.scope import district_index, filled_index, own
from models.types import one_of
from rules.identity import clean_digits, credit_code_problem
from rules.organisations import OrganisationKind
from rules.refusals import Refusal


class Organisation(Placed, Model):
    __tablename__ = "organisation"
    __table_args__: Any = (
        one_of("organisation", "kind", OrganisationKind),
        sa.CheckConstraint("staff_count >= 0", name="ck_organisation_staff_count"),
        district_index("ix_organisation_district", "id"),
        district_index("ix_organisation_name", "name", "id", "credit_code"),
        district_index("ix_organisation_credit_code", "credit_code", "id"),
        district_index("ix_organisation_kind", "kind", "id"),
        filled_index("ix_organisation_liaison_id", "liaison_id"),
    )

    name: Mapped[str] = mapped_column(sa.String(120))
    credit_code: Mapped[str | None] = mapped_column(sa.String(18), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(16))
    legal_person: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")
    contact: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")
    address: Mapped[str] = mapped_column(sa.String(200), default="", server_default="")
    industry: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")
    staff_count: Mapped[int | None]
    liaison_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))

    liaison: Mapped[Person | None] = relationship()

    @validates("credit_code")
    def _credit_code(self, key: str, code: str | None) -> str | None:
        code = clean_digits(code or "") or None
        if code and (problem := credit_code_problem(code)):
            raise Refusal(problem)
        return code

    @classmethod
    def within(cls, scope: Scope) -> sa.ColumnElement[bool]:
        """Those of one's units, and those one is the liaison cadre of."""
        return sa.or_(super().within(scope), own(cls.liaison_id, scope))

    def __str__(self) -> str:
        return self.name

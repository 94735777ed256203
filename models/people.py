"""People on the roster: cadres, party members, grid staff. Residents are reporters of a ticket, not people here."""

from datetime import date
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.acting import Scope, beyond_scope
from models.changes import Tracked
from models.scope import Scoped, district_index, in_a_district, own
from models.types import PathText, Sealed, keyring, one_of
from models.units import Unit
from rules.identity import mask_id_number, mask_mobile
from rules.refusals import N_, Refusal


class Employment(StrEnum):
    ACTIVE = "active"
    RETIRED = "retired"
    LEFT = "left"


EMPLOYMENT_LABELS = {
    Employment.ACTIVE: N_("On duty"),
    Employment.RETIRED: N_("Retired"),
    Employment.LEFT: N_("Left"),
}


class Gender(StrEnum):
    MALE = "male"
    FEMALE = "female"


GENDER_LABELS = {Gender.MALE: N_("Male"), Gender.FEMALE: N_("Female")}


class Person(Scoped, Tracked, Model):
    __tablename__ = "person"
    __table_args__: Any = (
        one_of("person", "employment", Employment),
        district_index("ix_person_district", "id"),
        district_index("ix_person_staff_no", "staff_no", "id", "name", "pinyin"),
        district_index("ix_person_name", "name", "id", "staff_no", "pinyin"),
        district_index("ix_person_category", "category", "id", "staff_no"),
        district_index("ix_person_employment", "employment", "id"),
        sa.CheckConstraint("gender IN ('', 'male', 'female')", name="ck_person_gender"),
    )
    UNTRACKED = frozenset({"sealed_id_number", "sealed_mobile", "pinyin"})

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_no: Mapped[str | None] = mapped_column(sa.String(32), unique=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    pinyin: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")
    """Initials, lower case."""
    gender: Mapped[str] = mapped_column(sa.String(8), default="", server_default="")
    sealed_id_number: Mapped[str | None] = mapped_column("id_number", Sealed("person.id_number"))
    id_number_hash: Mapped[str | None] = mapped_column(sa.String(32), unique=True)
    sealed_mobile: Mapped[str | None] = mapped_column("mobile", Sealed("person.mobile"))
    mobile_hash: Mapped[str | None] = mapped_column(sa.String(32), index=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    path: Mapped[str] = mapped_column(PathText, index=True)
    """The unit's."""
    post: Mapped[str] = mapped_column(sa.String(120), default="", server_default="")
    category: Mapped[str] = mapped_column(sa.String(32), default="", server_default="")
    political_status: Mapped[str] = mapped_column(sa.String(32), default="", server_default="")
    joined_on: Mapped[date | None]
    branch: Mapped[str] = mapped_column(sa.String(120), default="", server_default="")
    liaison_unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    employment: Mapped[str] = mapped_column(sa.String(12), default=Employment.ACTIVE, server_default="active")
    note: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    unit: Mapped[Unit] = relationship(foreign_keys=[unit_id])
    liaison_unit: Mapped[Unit | None] = relationship(foreign_keys=[liaison_unit_id])

    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def within(cls, scope: Scope) -> sa.ColumnElement[bool]:
        """One's own entry lies in one's own unit."""
        return super().within(scope) if scope.paths else own(cls.id, scope)

    @classmethod
    def among(cls, scope: Scope) -> sa.ColumnElement[bool]:
        return in_a_district(cls.path, scope, cls.within(scope))

    @classmethod
    def all_of(cls, scope: Scope) -> sa.ColumnElement[bool]:
        return cls.within(scope)

    @property
    def place(self) -> str:
        return self.path

    @property
    def id_number(self) -> str | None:
        return self.sealed_id_number

    @id_number.setter
    def id_number(self, value: str | None) -> None:
        self.sealed_id_number = value or None
        self.id_number_hash = keyring().hash(value) if value else None

    @property
    def mobile(self) -> str | None:
        return self.sealed_mobile

    @mobile.setter
    def mobile(self, value: str | None) -> None:
        self.sealed_mobile = value or None
        self.mobile_hash = keyring().hash(value) if value else None

    @property
    def masked_id_number(self) -> str:
        return mask_id_number(self.sealed_id_number or "")

    @property
    def masked_mobile(self) -> str:
        return mask_mobile(self.sealed_mobile or "")

    def join(self, unit: Unit) -> None:
        self.unit, self.path = unit, unit.path

    def __str__(self) -> str:
        return self.name


def find_person(session: Session, staff_no: str) -> Person:
    """Whoever asks: an account is opened by one who sees nobody on the roster."""
    with beyond_scope():
        person = session.scalar(sa.select(Person).where(Person.staff_no == staff_no.strip()))
    if person is None:
        raise Refusal(N_("Nobody on the roster has staff number %(number)s"), number=staff_no.strip())
    return person

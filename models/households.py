"""Households: what an outing by night goes to see, and what coverage is counted by, down to the building."""

from typing import Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, mapped_column, validates

from models.acting import current_scope
from models.placed import Placed
from models.scope import DISTRICT, district_index
from models.types import Codes
from models.units import Unit
from rules.identity import mask_name
from rules.refusals import N_, Refusal
from rules.units import LIVED_IN, UnitKind

LABELLED = sa.text("labels <> ''")
DOOR = (("estate", ""), ("building", "幢"), ("entrance", "单元"), ("room", "室"), ("door", "号"))
"""Parts of an address, and the word that follows a mere number."""


class Household(Placed, Model):
    __tablename__ = "household"
    __table_args__: Any = (
        sa.Index("uq_household_number", sa.text(f"substr(path, 1, {DISTRICT})"), "number", unique=True),
        district_index("ix_household_district", "id"),
        district_index("ix_household_head", "head", "id", "number"),
        district_index("ix_household_building", "estate", "building", "id"),
        district_index("ix_household_address", "present_address", "id"),
        sa.Index(
            "ix_household_labels",
            sa.text(f"substr(path, 1, {DISTRICT})"),
            "labels",
            "path",
            sqlite_where=LABELLED,
            postgresql_where=LABELLED,
        ),
    )

    number: Mapped[str | None] = mapped_column(sa.String(32))
    """Of the register; unique within the district."""
    head: Mapped[str] = mapped_column(sa.String(60))
    registered_address: Mapped[str] = mapped_column(sa.String(200), default="", server_default="")
    present_address: Mapped[str] = mapped_column(sa.String(200), default="", server_default="")
    estate: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")
    building: Mapped[str] = mapped_column(sa.String(32), default="", server_default="")
    entrance: Mapped[str] = mapped_column(sa.String(32), default="", server_default="")
    room: Mapped[str] = mapped_column(sa.String(32), default="", server_default="")
    door: Mapped[str] = mapped_column(sa.String(32), default="", server_default="")
    labels: Mapped[list[str]] = mapped_column(Codes(200), default=list, server_default="")
    """Codes of the dictionary of special groups."""

    @validates("number")
    def _number(self, key: str, number: str | None) -> str | None:
        return (number or "").strip() or None

    @property
    def address(self) -> str:
        """Where to knock."""
        return self.present_address or self.door_text or self.registered_address

    @property
    def door_text(self) -> str:
        parts = ((getattr(self, name), word) for name, word in DOOR)
        return " ".join(f"{part}{word if part.isascii() else ''}" for part, word in parts if part)

    @property
    def shown_head(self) -> str:
        """A resident's name is not for those who look on."""
        return mask_name(self.head) if current_scope().masked else self.head

    @property
    def label_codes(self) -> list[str]:
        return self.labels

    def lie_in(self, unit: Unit) -> None:
        if UnitKind(unit.kind) not in LIVED_IN:
            raise Refusal(N_("A household lies in a village, a grid or an estate: %(unit)s is none"), unit=unit.name)
        super().lie_in(unit)

    def __str__(self) -> str:
        return self.shown_head

"""Whose merit a settlement is, fixed when it is settled: the lead's, and that of each co-handler that did its part."""

from typing import Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.acting import Scope
from models.legs import Leg, LegRole
from models.scope import Scoped, of_reached
from models.types import PathText, one_of


class Credit(Scoped, Model):
    __tablename__ = "credit"
    __table_args__: Any = (
        one_of("credit", "role", LegRole),
        sa.UniqueConstraint("settlement_id", "leg_id"),
        sa.Index("ix_credit_unit_id", "unit_id", "role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    settlement_id: Mapped[int] = mapped_column(sa.ForeignKey("leg.id", ondelete="CASCADE"))
    """The lead leg whose settlement it was; ratings name the same."""
    leg_id: Mapped[int] = mapped_column(sa.ForeignKey("leg.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(sa.String(8))
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"))
    path: Mapped[str] = mapped_column(PathText)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)

    leg: Mapped[Leg] = relationship(foreign_keys=[leg_id])

    def __str__(self) -> str:
        return f"{self.leg}"

    @classmethod
    def within(cls, scope: Scope) -> sa.ColumnElement[bool]:
        return of_reached(cls.ticket_id, scope)

    @classmethod
    def of(cls, settlement: Leg, leg: Leg) -> "Credit":
        return cls(
            ticket_id=settlement.ticket_id,
            settlement_id=settlement.id,
            leg_id=leg.id,
            role=leg.role,
            unit_id=leg.unit_id,
            path=leg.path,
            person_id=leg.handler_id,
        )

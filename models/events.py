"""流转记录: who did what to a ticket, when; public ones are what the resident sees."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.acting import Actor, Scope
from models.legs import Leg
from models.scope import Scoped, of_reached
from models.stand_ins import FOR, in_place_of
from models.types import UtcDateTime
from models.units import Unit

if TYPE_CHECKING:
    from models.tickets import Ticket


IMPORTED = "imported"
"""A ledger changed the request."""
UNDONE = "undone"
"""What a ledger had changed was taken back."""
MOVED = "moved"
"""Its unit merged or split, and another took over."""
REASSIGNED = "reassigned"
"""Somebody else handles it: whoever did has moved or left."""
LONGEST_NAME = 60
RECOUNTED = "recounted"
"""The calendar was changed and its due date with it, or that was taken back."""


class TicketEvent(Scoped, Model):
    __tablename__ = "ticket_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    leg_id: Mapped[int | None] = mapped_column(sa.ForeignKey("leg.id"), index=True)
    action: Mapped[str] = mapped_column(sa.String(24))
    """A Move of rules.lifecycle, `shown` when somebody read the reporter's number, `imported`, `undone`, `moved`,
    `reassigned` or `recounted`."""
    state_before: Mapped[str] = mapped_column(sa.String(16), default="", server_default="")
    state_after: Mapped[str] = mapped_column(sa.String(16), default="", server_default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(LONGEST_NAME))
    unit_name: Mapped[str] = mapped_column(sa.String(120), default="", server_default="")
    to_unit_name: Mapped[str] = mapped_column(sa.String(120), default="", server_default="")
    note: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    public: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    data: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON)

    ticket: Mapped["Ticket"] = relationship(back_populates="events")
    leg: Mapped[Leg | None] = relationship()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action}"

    @property
    def from_ledger(self) -> bool:
        return "batch" in (self.data or {})

    @classmethod
    def within(cls, scope: Scope) -> sa.ColumnElement[bool]:
        return of_reached(cls.ticket_id, scope)

    @classmethod
    def of(cls, action: str, by: Actor, at: datetime, *, to: Unit | None = None, **columns: Any) -> "TicketEvent":
        absent = in_place_of(by, action, columns.get("leg"))
        if absent is not None:
            columns["data"] = (columns.get("data") or {}) | {FOR: absent.person_id}
        return cls(
            action=action,
            at=at,
            person_id=by.person_id,
            name=f"{by.name}（代{absent.name}）"[:LONGEST_NAME] if absent else by.name,
            unit_name=by.unit_name,
            to_unit_name=to.name if to else "",
            **columns,
        )

"""成效: what came of a request, as a number with its evidence (600 households lit, 500 m of street)."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.acting import Actor, Scope
from models.attachments import Attachment
from models.scope import Scoped, of_reached
from models.types import UtcDateTime
from rules.lifecycle import Move
from rules.refusals import N_, Refusal

if TYPE_CHECKING:
    from models.tickets import Ticket


SMALLEST = Decimal("0.01")
"""That can be stored."""


class TicketOutcome(Scoped, Model):
    __tablename__ = "ticket_outcome"
    __table_args__: Any = (sa.CheckConstraint("quantity > 0", name="ck_ticket_outcome_quantity"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    what: Mapped[str] = mapped_column(sa.String(120))
    quantity: Mapped[Decimal] = mapped_column(sa.Numeric(14, 2))
    measure: Mapped[str] = mapped_column(sa.String(16))
    """Households, metres, lamps: as the sentence is read."""
    evidence_id: Mapped[int] = mapped_column(sa.ForeignKey("attachment.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(60))

    ticket: Mapped["Ticket"] = relationship(back_populates="outcomes")
    evidence: Mapped[Attachment] = relationship()

    def __str__(self) -> str:
        return f"{self.what} {self.quantity.normalize():f} {self.measure}"

    @classmethod
    def within(cls, scope: Scope) -> sa.ColumnElement[bool]:
        return of_reached(cls.ticket_id, scope)


def note_outcome(
    ticket: "Ticket", what: str, quantity: Decimal, measure: str, evidence: Attachment, by: Actor, at: datetime
) -> TicketOutcome:
    """A number without its evidence is none."""
    ticket.permit(Move.NOTE_OUTCOME, by)
    if not what.strip() or not measure.strip() or quantity < SMALLEST:
        raise Refusal(N_("Say what came of it, how much, and in what it is counted"))
    if evidence.ticket_id != ticket.id:
        raise Refusal(N_("Choose a file of this request as the evidence"))
    made = TicketOutcome(what=what.strip(), quantity=quantity, measure=measure.strip(), evidence=evidence, at=at)
    made.person_id, made.name = by.person_id, by.name
    ticket.outcomes.append(made)
    ticket.mark(Move.NOTE_OUTCOME, by, at, leg=ticket.lead, note=str(made))
    return made

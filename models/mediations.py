"""调解: who sat down with whom about a dispute, and what they agreed."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import notices
from models.acting import Actor, Scope
from models.scope import Scoped, of_reached
from models.types import UtcDateTime, one_of
from rules.lifecycle import Move
from rules.refusals import N_, Refusal
from rules.reminders import Event
from rules.workdays import local_date

if TYPE_CHECKING:
    from models.tickets import Ticket


class Mediated(StrEnum):
    AGREED = "agreed"
    PARTLY = "partly"
    FAILED = "failed"


MEDIATED_LABELS = {
    Mediated.AGREED: N_("Agreed"),
    Mediated.PARTLY: N_("Agreed in part"),
    Mediated.FAILED: N_("No agreement"),
}


class Mediation(Scoped, Model):
    __tablename__ = "mediation"
    __table_args__: Any = (one_of("mediation", "outcome", Mediated),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    held_on: Mapped[date]
    place: Mapped[str] = mapped_column(sa.String(120), default="", server_default="")
    mediators: Mapped[str] = mapped_column(sa.String(200))
    parties: Mapped[str] = mapped_column(sa.String(400))
    outcome: Mapped[str] = mapped_column(sa.String(8))
    agreement: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    keep_by: Mapped[date | None]
    """By when the parties do what they agreed."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(60))

    ticket: Mapped["Ticket"] = relationship(back_populates="mediations")

    def __str__(self) -> str:
        return f"{self.ticket} {self.held_on}"

    @classmethod
    def within(cls, scope: Scope) -> sa.ColumnElement[bool]:
        return of_reached(cls.ticket_id, scope)


@dataclass(frozen=True)
class Sitting:
    held_on: date
    mediators: str
    parties: str
    outcome: Mediated
    agreement: str = ""
    place: str = ""
    keep_by: date | None = None


def mediate(ticket: "Ticket", sitting: Sitting, by: Actor, at: datetime) -> Mediation:
    """Only a dispute is mediated; an agreement says what was agreed."""
    ticket.permit(Move.MEDIATE, by)
    if not sitting.mediators.strip() or not sitting.parties.strip():
        raise Refusal(N_("Say who mediated and between whom"))
    if sitting.outcome is not Mediated.FAILED and not sitting.agreement.strip():
        raise Refusal(N_("Write down what was agreed"))
    if sitting.held_on > local_date(at):
        raise Refusal(N_("The day of the mediation lies in the future"))
    if sitting.keep_by is not None and sitting.keep_by < sitting.held_on:
        raise Refusal(N_("What was agreed is kept after the mediation, not before"))
    made = Mediation(
        held_on=sitting.held_on, place=sitting.place.strip(), mediators=sitting.mediators.strip(),
        parties=sitting.parties.strip(), outcome=sitting.outcome, agreement=sitting.agreement.strip(),
        keep_by=sitting.keep_by, at=at, person_id=by.person_id, name=by.name,
    )  # fmt: skip
    ticket.mediations.append(made)
    ticket.mark(Move.MEDIATE, by, at, leg=ticket.leg_of(by), note=made.agreement, data={"outcome": made.outcome})
    return made


def litigate(ticket: "Ticket", by: Actor, at: datetime, *, note: str, over: bool = False) -> None:
    """The matter is before a court, or is so no more."""
    ticket.permit(Move.LITIGATE, by)
    if ticket.in_litigation is not over:
        raise Refusal(N_("The request says so already"))
    if not note.strip():
        raise Refusal(N_("Write which court and which case"))
    ticket.in_litigation = not over
    ticket.mark(Move.LITIGATE, by, at, leg=ticket.lead, note=note.strip(), data={"over": over})
    if not over:
        ticket.session.flush()
        notices.tell_now(ticket.session, Event.LITIGATION, ticket, ticket.lead, at)

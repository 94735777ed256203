"""督办: somebody watches until a unit has answered for what it did not do."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import notices
from models.acting import Actor, Scope
from models.calendar import load_calendar
from models.policies import load_policy
from models.scope import Scoped, filled_index, of_reached
from models.types import UtcDateTime, one_of
from rules.lifecycle import Move
from rules.refusals import N_, Refusal
from rules.reminders import Event
from rules.workdays import end_of, local_date

if TYPE_CHECKING:
    from models.tickets import Ticket

OPEN = sa.text("closed_at IS NULL")
SAID = "closed_at IS NULL OR answered_at IS NOT NULL OR closing <> ''"


class SupervisionCause(StrEnum):
    PERSON = "person"
    OVERDUE = "overdue"
    REOPENED = "reopened"
    STARS = "stars"
    REPORTERS = "reporters"


SUPERVISION_LABELS = {
    SupervisionCause.PERSON: N_("Opened by hand"),
    SupervisionCause.OVERDUE: N_("Long overdue"),
    SupervisionCause.REOPENED: N_("Re-opened several times"),
    SupervisionCause.STARS: N_("Few stars"),
    SupervisionCause.REPORTERS: N_("Several reporters"),
}


class Supervision(Scoped, Model):
    __tablename__ = "supervision"
    __table_args__: Any = (
        one_of("supervision", "cause", SupervisionCause),
        sa.CheckConstraint(SAID, name="ck_supervision_closed"),
        sa.Index("uq_supervision_open", "ticket_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        filled_index("ix_supervision_answered_at", "answered_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    cause: Mapped[str] = mapped_column(sa.String(12))
    demand: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    """What the unit has to answer."""
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    opened_by: Mapped[str] = mapped_column(sa.String(60))
    answer_due_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    answer: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")
    closing: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")

    ticket: Mapped["Ticket"] = relationship(back_populates="supervisions")

    def __str__(self) -> str:
        return f"{self.ticket} {self.opened_at:%Y-%m-%d}"

    @classmethod
    def within(cls, scope: Scope) -> sa.ColumnElement[bool]:
        return of_reached(cls.ticket_id, scope)


def supervise(ticket: "Ticket", cause: SupervisionCause, by: Actor, at: datetime, *, demand: str = "") -> Supervision:
    """One at a time; the rules open one without being asked."""
    if any(each.closed_at is None for each in ticket.supervisions):
        raise Refusal(N_("This request is supervised already"))
    if cause is SupervisionCause.PERSON:
        ticket.permit(Move.SUPERVISE, by)
        if not demand.strip():
            raise Refusal(N_("Write what the unit has to answer"))
    policy, calendar = load_policy(ticket.session), load_calendar(ticket.session)
    due = end_of(calendar.add_workdays(local_date(at), policy.supervision_answer_days))
    opened = Supervision(cause=cause, demand=demand.strip(), opened_at=at, opened_by_id=by.person_id, opened_by=by.name)
    opened.answer_due_at = due
    ticket.supervisions.append(opened)
    ticket.mark(Move.SUPERVISE, by, at, note=opened.demand, data={"cause": cause.value})
    ticket.session.flush()
    leg = ticket.lead if ticket.legs else None
    notices.tell_now(ticket.session, Event.SUPERVISION, ticket, leg, at, due=due.isoformat())
    return opened


def answer(ticket: "Ticket", by: Actor, at: datetime, *, text: str) -> None:
    ticket.permit(Move.ANSWER_SUPERVISION, by)
    opened = _open(ticket)
    if not text.strip():
        raise Refusal(N_("Write the answer: what was done, why not sooner, and by when the rest"))
    opened.answer, opened.answered_at, opened.answered_by = text.strip(), at, by.name
    ticket.mark(Move.ANSWER_SUPERVISION, by, at, note=opened.answer)
    notices.tell_now(ticket.session, Event.SUPERVISION_ANSWERED, ticket, None, at)


def close(ticket: "Ticket", by: Actor, at: datetime, *, note: str) -> None:
    """Satisfied with the answer, or without one but saying why."""
    ticket.permit(Move.CLOSE_SUPERVISION, by)
    opened = _open(ticket)
    if opened.answered_at is None and not note.strip():
        raise Refusal(N_("The unit has not answered: say why the supervision ends without an answer"))
    opened.closing, opened.closed_at, opened.closed_by = note.strip(), at, by.name
    ticket.mark(Move.CLOSE_SUPERVISION, by, at, note=opened.closing)


def _open(ticket: "Ticket") -> Supervision:
    opened = next((each for each in ticket.supervisions if each.closed_at is None), None)
    if opened is None:
        raise Refusal(N_("This request is not supervised"))
    return opened

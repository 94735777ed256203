"""督办: somebody watches until a unit has answered for what it did not do."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import notices
from models.acting import Actor, Scope
from models.calendar import load_calendar
from models.conditions import not_supervised, supervised
from models.policies import load_policy
from models.scope import Scoped, filled_index, of_reached
from models.types import UtcDateTime, one_of
from rules.lifecycle import HELD, MOVES, NEW, Move, State
from rules.policy import Policy
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

    @property
    def standing(self) -> tuple[datetime, datetime | None, datetime | None]:
        """By when it has to be answered, when it was, and when it was closed."""
        return self.answer_due_at, self.answered_at, self.closed_at


def supervise(ticket: "Ticket", cause: SupervisionCause, by: Actor, at: datetime, *, demand: str = "") -> Supervision:
    """One at a time; the rules open one without being asked."""
    not_supervised(ticket)
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


def supervised_from(ticket: "Ticket", policy: Policy) -> datetime | None:
    """When the request will have been overdue for as long as the office looks on."""
    overdue = Arisen(ticket, policy).overdue()
    looked_at = max((each.opened_at for each in ticket.supervisions), default=None)
    watched = any(each.closed_at is None for each in ticket.supervisions)
    return None if overdue is None or watched or (looked_at is not None and overdue <= looked_at) else overdue


def cause_by_rule(ticket: "Ticket", policy: Policy, at: datetime) -> SupervisionCause | None:
    """What has arisen since somebody last looked on; while a supervision is open nothing is added to it."""
    if State(ticket.state) not in MOVES[Move.SUPERVISE].sources:
        return None
    if any(each.closed_at is None for each in ticket.supervisions):
        return None
    looked_at = max((each.opened_at for each in ticket.supervisions), default=None)
    for cause, arisen in Arisen(ticket, policy).by_cause():
        if arisen is not None and arisen <= at and (looked_at is None or arisen > looked_at):
            return cause
    return None


@dataclass(frozen=True)
class Arisen:
    """Since when there has been a cause to supervise a request."""

    ticket: "Ticket"
    policy: Policy

    def by_cause(self) -> Iterator[tuple[SupervisionCause, datetime | None]]:
        yield SupervisionCause.OVERDUE, self.overdue()
        yield SupervisionCause.REOPENED, self.reopened()
        yield SupervisionCause.STARS, self.few_stars()
        yield SupervisionCause.REPORTERS, self.reporters()

    def overdue(self) -> datetime | None:
        """Of a date that the office keeps; a suspension's is no limit, and what was returned waits anew."""
        due = self.ticket.next_due_at
        if State(self.ticket.state) not in NEW | HELD or due is None:
            return None
        return due + timedelta(hours=self.policy.supervise_overdue_hours)

    def reopened(self) -> datetime | None:
        if self.ticket.reopened < self.policy.supervise_reopened:
            return None
        return max((each.at for each in self.ticket.events if each.action == Move.REOPEN), default=None)

    def few_stars(self) -> datetime | None:
        few = [each.at for each in self.ticket.ratings if each.stars <= self.policy.supervise_stars]
        return max(few, default=None)

    def reporters(self) -> datetime | None:
        if len(self.ticket.reporters) < self.policy.supervise_reporters:
            return None
        merged = [each.at for each in self.ticket.events if each.action == Move.MERGE]
        return max(merged, default=self.ticket.submitted_at)


def answer(ticket: "Ticket", by: Actor, at: datetime, *, text: str) -> None:
    ticket.permit(Move.ANSWER_SUPERVISION, by)
    opened = supervised(ticket)
    if not text.strip():
        raise Refusal(N_("Write the answer: what was done, why not sooner, and by when the rest"))
    opened.answer, opened.answered_at, opened.answered_by = text.strip(), at, by.name
    ticket.mark(Move.ANSWER_SUPERVISION, by, at, note=opened.answer)
    notices.tell_now(ticket.session, Event.SUPERVISION_ANSWERED, ticket, None, at)


def close(ticket: "Ticket", by: Actor, at: datetime, *, note: str) -> None:
    """Satisfied with the answer, or without one but saying why."""
    ticket.permit(Move.CLOSE_SUPERVISION, by)
    opened = supervised(ticket)
    if opened.answered_at is None and not note.strip():
        raise Refusal(N_("The unit has not answered: say why the supervision ends without an answer"))
    opened.closing, opened.closed_at, opened.closed_by = note.strip(), at, by.name
    ticket.mark(Move.CLOSE_SUPERVISION, by, at, note=opened.closing)

"""会商: units at one table. What a hard-case meeting decides binds; a joint meeting shares out cost and work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import notices
from models.acting import Actor, Scope
from models.calendar import load_calendar
from models.co_handling import join
from models.conditions import a_meeting_waits, no_meeting_yet
from models.lapsing import lapse
from models.legs import Ended, Leg, LegTerms
from models.policies import load_policy
from models.scope import Scoped, of_reached
from models.standing import in_its_district, may_go
from models.types import UtcDateTime, one_of
from models.units import Unit
from rules.deadlines import Tier
from rules.lifecycle import CLOSED_STATES, Move, State
from rules.receipt import Basis
from rules.refusals import N_, Refusal
from rules.reminders import Event
from rules.workdays import end_of, local_date

if TYPE_CHECKING:
    from models.tickets import Ticket

OPEN = sa.text("decided_at IS NULL")
ENDED = CLOSED_STATES - {State.RATED}
"""There a meeting that was called has nothing left to decide; a request rated badly awaits it."""


class MeetingKind(StrEnum):
    HARD_CASE = "hard_case"
    JOINT = "joint"


MEETING_LABELS = {MeetingKind.HARD_CASE: N_("Hard-case meeting"), MeetingKind.JOINT: N_("Joint meeting")}


class MeetingCause(StrEnum):
    SECOND_RETURN = "second_return"
    THIRD_REOPENING = "third_reopening"
    CALLED = "called"


MEETING_CAUSE_LABELS = {
    MeetingCause.SECOND_RETURN: N_("Returned a second time between the same units"),
    MeetingCause.THIRD_REOPENING: N_("Rated badly after it was re-opened as often as possible"),
    MeetingCause.CALLED: N_("Called"),
}


CALLED_BY = {
    MeetingCause.SECOND_RETURN: Event.MEETING,
    MeetingCause.THIRD_REOPENING: Event.HARD_CASE,
    MeetingCause.CALLED: Event.MEETING,
}


class Part(StrEnum):
    LEAD = "lead"
    CO = "co"
    PRESENT = "present"


PART_LABELS = {Part.LEAD: N_("Leads"), Part.CO: N_("Helps"), Part.PRESENT: N_("Takes part")}


class Meeting(Scoped, Model):
    __tablename__ = "meeting"
    __table_args__: Any = (
        one_of("meeting", "kind", MeetingKind),
        one_of("meeting", "cause", MeetingCause),
        sa.Index("uq_meeting_open", "ticket_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    """For a common issue its lead request."""
    kind: Mapped[str] = mapped_column(sa.String(12))
    cause: Mapped[str] = mapped_column(sa.String(16))
    called_at: Mapped[datetime] = mapped_column(UtcDateTime)
    called_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    called_by: Mapped[str] = mapped_column(sa.String(60))
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    held_on: Mapped[date | None]
    place: Mapped[str] = mapped_column(sa.String(120), default="", server_default="")
    chair: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")
    minutes: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    decision: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    settle_by: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    decided_by: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")

    ticket: Mapped["Ticket"] = relationship(back_populates="meetings")
    units: Mapped[list["MeetingUnit"]] = relationship(
        back_populates="meeting", order_by="MeetingUnit.id", cascade="all, delete-orphan"
    )

    def __str__(self) -> str:
        return f"{self.ticket} {self.called_at:%Y-%m-%d}"

    @classmethod
    def within(cls, scope: Scope) -> sa.ColumnElement[bool]:
        return of_reached(cls.ticket_id, scope)

    @property
    def waits(self) -> bool:
        """False too where the request came to its end without it."""
        return self.decided_at is None and State(self.ticket.state) not in ENDED

    @property
    def standing(self) -> tuple[bool, datetime | None, datetime | None]:
        """Whether it waits, by when, and when it decided."""
        return self.waits, self.due_at, self.decided_at

    @property
    def reason(self) -> str:
        """What whoever called it wrote."""
        called = (each for each in self.ticket.events if each.action == Move.CALL_MEETING and each.at == self.called_at)
        return next((each.note for each in called), "")

    @property
    def cost(self) -> Decimal:
        """Of all shares, in yuan."""
        return sum((each.cost for each in self.units if each.cost is not None), Decimal(0))


class MeetingUnit(Scoped, Model):
    """One participant: what it undertakes, what share of the cost it bears, who signed for it."""

    __tablename__ = "meeting_unit"
    __table_args__: Any = (
        one_of("meeting_unit", "part", Part),
        sa.UniqueConstraint("meeting_id", "unit_id"),
        sa.CheckConstraint("cost >= 0", name="ck_meeting_unit_cost"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id", ondelete="CASCADE"), index=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    unit_name: Mapped[str] = mapped_column(sa.String(120))
    part: Mapped[str] = mapped_column(sa.String(8), default=Part.PRESENT)
    undertakes: Mapped[str] = mapped_column(sa.String(400), default="", server_default="")
    cost: Mapped[Decimal | None] = mapped_column(sa.Numeric(14, 2))
    """In yuan."""
    signatory: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")

    meeting: Mapped[Meeting] = relationship(back_populates="units")
    unit: Mapped[Unit] = relationship()

    def __str__(self) -> str:
        return self.unit_name

    @classmethod
    def within(cls, scope: Scope) -> sa.ColumnElement[bool]:
        held = Model.metadata.tables["meeting"].alias("held").c
        return sa.exists().where(held.id == cls.meeting_id, of_reached(held.ticket_id, scope))


@dataclass(frozen=True)
class Undertaking:
    """What one unit takes on at the table."""

    unit: Unit
    part: Part
    undertakes: str = ""
    cost: Decimal | None = None
    signatory: str = ""


@dataclass(frozen=True)
class Minutes:
    held_on: date
    chair: str
    minutes: str
    decision: str
    undertakings: Sequence[Undertaking]
    place: str = ""
    settle_by: datetime | None = None


def call(
    ticket: "Ticket",
    cause: MeetingCause,
    by: Actor,
    at: datetime,
    kind: MeetingKind = MeetingKind.HARD_CASE,
    reason: str = "",
) -> Meeting:
    """会商: until it has decided, nobody hands the request on. One at a time; the rules call it too."""
    no_meeting_yet(ticket)
    if cause is MeetingCause.CALLED:
        ticket.permit(Move.CALL_MEETING, by)
    policy, calendar = load_policy(ticket.session), load_calendar(ticket.session)
    due = end_of(calendar.add_workdays(local_date(at), policy.meeting_within_days))
    meeting = Meeting(kind=kind, cause=cause, called_at=at, called_by_id=by.person_id, called_by=by.name, due_at=due)
    for unit in ticket.at_the_table:
        meeting.units.append(MeetingUnit(unit=unit, unit_name=unit.name))
    ticket.meetings.append(meeting)
    ticket.mark(Move.CALL_MEETING, by, at, note=reason.strip(), data={"cause": cause.value})
    if ticket.state == State.RATED:
        ticket.next_due_at = None
    ticket.session.flush()
    notices.tell_now(ticket.session, CALLED_BY[cause], ticket, None, at)
    for leg in {each.unit_id: each for each in ticket.round}.values():
        notices.tell_now(ticket.session, Event.AT_THE_TABLE, ticket, leg, at)
    return meeting


def decide(ticket: "Ticket", said: Minutes, by: Actor, at: datetime) -> Leg:
    """What the table decided binds: a lead that cannot return it, and those who help, each with a leg."""
    ticket.permit(Move.DECIDE, by)
    lead = _complete(ticket, said, at)
    _write_down(ticket, said, by, at)
    terms = _terms(ticket, said.settle_by, at)
    reopened = ticket.state == State.RATED
    for leg in ticket.round if not reopened else []:
        if leg.is_open:
            leg.end(Ended.DECIDED, at)
    lapse(ticket, at)
    if reopened:
        ticket.begin_again()
    leg = ticket.hand_over(Move.DECIDE, lead, by, at, terms, note=said.decision, binding=True)
    for each in said.undertakings:
        if each.part is Part.CO:
            join(ticket, each.unit, by, at, mandatory=True, binding=True, note=each.undertakes.strip())
    return leg


def _complete(ticket: "Ticket", said: Minutes, at: datetime) -> Unit:
    """Raises Refusal where the minutes leave something out; the unit that leads."""
    leads = [each.unit for each in said.undertakings if each.part is Part.LEAD]
    if len(leads) != 1:
        raise Refusal(N_("Name the one unit that leads"))
    if len({each.unit.id for each in said.undertakings}) < len(said.undertakings):
        raise Refusal(N_("Name each unit once"))
    if not said.decision.strip() or not said.minutes.strip():
        raise Refusal(N_("Write down what was said and what was decided"))
    if said.held_on > local_date(at):
        raise Refusal(N_("The day of the meeting lies in the future"))
    for each in said.undertakings:
        if each.part is Part.PRESENT:
            in_its_district(ticket, each.unit)
        else:
            may_go(ticket, each.unit, at)
    return leads[0]


def _write_down(ticket: "Ticket", said: Minutes, by: Actor, at: datetime) -> None:
    meeting = a_meeting_waits(ticket)
    meeting.held_on, meeting.chair, meeting.place = said.held_on, said.chair.strip(), said.place.strip()
    meeting.minutes, meeting.decision, meeting.settle_by = said.minutes.strip(), said.decision.strip(), said.settle_by
    meeting.decided_at, meeting.decided_by_id, meeting.decided_by = at, by.person_id, by.name
    there = {each.unit_id: each for each in meeting.units}
    for each in said.undertakings:
        row = there.get(each.unit.id)
        if row is None:
            row = MeetingUnit(unit=each.unit, unit_name=each.unit.name)
            meeting.units.append(row)
        row.part, row.undertakes, row.cost = each.part, each.undertakes.strip(), each.cost
        row.signatory = each.signatory.strip()


def _terms(ticket: "Ticket", settle_by: datetime | None, at: datetime) -> LegTerms:
    """The limit that the table set, or that of a hard issue."""
    fresh = LegTerms.fresh(ticket.session, Tier.EMERGENCY if ticket.tier == Tier.EMERGENCY else Tier.HARD, at)
    if settle_by is None:
        return fresh
    if settle_by <= at:
        raise Refusal(N_("The date to settle by has passed; choose a later one"))
    return fresh.due_by(settle_by, load_calendar(ticket.session), Basis.MEETING)

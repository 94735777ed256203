"""环节: one unit's turn at a ticket, with clocks of its own."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.acting import Scope
from models.attachments import Attachment
from models.calendar import load_calendar
from models.people import Person
from models.policies import load_policy, policy_version
from models.scope import Scoped, district_index, filled_index, of_reached
from models.types import PathText, UtcDateTime, one_of
from models.units import Unit
from rules import deadlines
from rules.deadlines import ClockMode, Tier
from rules.lifecycle import CLOSED_STATES, State
from rules.receipt import Basis, last_day
from rules.refusals import N_
from rules.workdays import Calendar

if TYPE_CHECKING:
    from models.tickets import Ticket

CO_LEGS = sa.text("role = 'co'")


class LegRole(StrEnum):
    LEAD = "lead"
    CO = "co"


class Ended(StrEnum):
    """How a leg ended that was not settled. Its state then is `returned` or `cancelled`."""

    RETURNED = "returned"
    RECALLED = "recalled"
    ESCALATED = "escalated"
    DELEGATED = "delegated"
    RELEASED = "released"
    DECIDED = "decided"
    MERGED = "merged"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    NOT_NEEDED = "not_needed"


ENDED_LABELS = {
    Ended.RETURNED: N_("Returned"),
    Ended.RECALLED: N_("Taken back by who dispatched it"),
    Ended.ESCALATED: N_("Escalated"),
    Ended.DELEGATED: N_("Delegated"),
    Ended.RELEASED: N_("Released"),
    Ended.DECIDED: N_("Ended by the decision of a meeting"),
    Ended.MERGED: N_("Merged"),
    Ended.DECLINED: N_("Not accepted"),
    Ended.CANCELLED: N_("Withdrawn by the reporter"),
    Ended.NOT_NEEDED: N_("No longer needed"),
}


@dataclass(frozen=True)
class LegTerms:
    """What a leg is held to; unofficial tells that the due date lies in a year without a published calendar."""

    sign_due_at: datetime | None
    settle_due_at: datetime | None
    mode: ClockMode
    policy_version: int
    unofficial: bool = False
    counted: dict[str, Any] | None = None
    """What the date to settle by was counted from: a Basis of rules.receipt and its numbers."""

    @classmethod
    def fresh(cls, session: Session, tier: Tier, at: datetime) -> "LegTerms":
        """Counted from `at` by the policy and the calendar in force. An emergency waits for no working day."""
        policy, calendar = load_policy(session), load_calendar(session)
        hasty = tier is Tier.EMERGENCY
        due = deadlines.tier_settle_due(tier, at, policy, calendar)
        within = {"hours": policy.emergency_settle_hours} if hasty else {"days": deadlines.days_for(tier, policy)}
        return cls(
            sign_due_at=deadlines.tier_sign_due(tier, at, policy, calendar),
            settle_due_at=due,
            mode=ClockMode.NATURAL if hasty else policy.clock_mode,
            policy_version=policy_version(session),
            unofficial=is_unofficial(due, calendar),
            counted={"basis": (Basis.HOURS if hasty else Basis.TIER).value, "tier": tier.value, **within},
        )

    def due_by(self, due: datetime, calendar: Calendar, basis: Basis, **numbers: Any) -> "LegTerms":
        """Settled by another date than that of the tier."""
        counted = {"basis": basis.value, "tier": (self.counted or {}).get("tier"), **numbers}
        return replace(self, settle_due_at=due, unofficial=is_unofficial(due, calendar), counted=counted)


def due_moved(before: datetime | None, after: datetime | None) -> dict[str, Any]:
    """As an event keeps it: from when to when."""
    return {"due": [before.isoformat() if before else None, after.isoformat() if after else None]}


def is_unofficial(due: datetime, calendar: Calendar) -> bool:
    return not calendar.is_official(last_day(due))


class Leg(Scoped, Model):
    __tablename__ = "leg"
    __table_args__: Any = (
        one_of("leg", "role", LegRole),
        one_of("leg", "state", State),
        sa.UniqueConstraint("ticket_id", "seq"),
        sa.CheckConstraint("signed_at IS NULL OR signed_at >= dispatched_at", name="ck_leg_signed"),
        sa.Index("ix_leg_path_state", "path", "state"),
        district_index("ix_leg_sign_due", "sign_due_at", "unit_id", "signed_at", "state", "ended_at"),
        district_index("ix_leg_settle_due", "settle_due_at", "unit_id", "role", "state", "result_at", "settled_at"),
        sa.Index("ix_leg_state_sign_due", "state", "sign_due_at"),
        sa.Index("ix_leg_state_settle_due", "state", "settle_due_at"),
        sa.Index("ix_leg_co", "unit_id", "state", "ticket_id", sqlite_where=CO_LEGS, postgresql_where=CO_LEGS),
        filled_index("ix_leg_resume_at", "resume_at"),
        filled_index("ix_leg_giver_id", "giver_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id", ondelete="CASCADE"))
    seq: Mapped[int]
    role: Mapped[str] = mapped_column(sa.String(8), default=LegRole.LEAD, server_default="lead")
    state: Mapped[str] = mapped_column(sa.String(16), default=State.DISPATCHED)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    unit_name: Mapped[str] = mapped_column(sa.String(120))
    path: Mapped[str] = mapped_column(PathText)
    """The handling unit's."""
    handler_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    dispatched_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    sign_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_contact_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settle_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """In force: moves by extensions, pauses and reviews."""
    settle_due_original: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_unofficial: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """The due date lies in a year whose calendar nobody has published yet."""
    counted: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON)
    """As in its terms; empty where a ledger opened it."""
    result_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    result: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    feedback: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the result came in that was then approved."""
    disposal_mode: Mapped[str | None] = mapped_column(sa.String(16))
    clock_mode: Mapped[str] = mapped_column(sa.String(16), default=ClockMode.NATURAL)
    policy_version: Mapped[int] = mapped_column(default=0)
    remind_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    giver_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"))
    """Whose dispatcher or handler handed it over; none where the console did."""
    opinion: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    """Of the level that escalated it."""
    mandatory: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    """A co-handler without whose part the request is not settled."""
    binding: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """A meeting decided it."""
    ended: Mapped[str | None] = mapped_column(sa.String(12), one_of("leg", "ended", Ended))
    ended_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, sa.CheckConstraint("(ended IS NULL) = (ended_at IS NULL)", name="ck_leg_ended_at")
    )
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """While it is suspended: since when."""
    resume_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    promise_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    promise_owner: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    ticket: Mapped["Ticket"] = relationship(back_populates="legs")
    unit: Mapped[Unit] = relationship(foreign_keys=[unit_id])
    giver: Mapped[Unit | None] = relationship(foreign_keys=[giver_id])
    handler: Mapped[Person | None] = relationship()
    attachments: Mapped[list[Attachment]] = relationship(back_populates="leg", order_by=Attachment.id)

    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return f"{self.ticket} {self.unit_name}"

    @classmethod
    def within(cls, scope: Scope) -> sa.ColumnElement[bool]:
        return of_reached(cls.ticket_id, scope)

    @classmethod
    def opened(cls, ticket: "Ticket", to: Unit, at: datetime, terms: LegTerms, **columns: Any) -> "Leg":
        leg = cls(
            seq=len(ticket.legs) + 1,
            unit=to,
            unit_name=to.name,
            path=to.path,
            dispatched_at=at,
            sign_due_at=terms.sign_due_at,
            settle_due_at=terms.settle_due_at,
            settle_due_original=terms.settle_due_at,
            due_unofficial=terms.unofficial,
            counted=terms.counted,
            clock_mode=terms.mode,
            policy_version=terms.policy_version,
            remind_at=at,
            **{"role": LegRole.LEAD, "state": State.DISPATCHED} | columns,
        )
        ticket.legs.append(leg)
        return leg

    def end(self, how: Ended, at: datetime) -> None:
        self.ended, self.ended_at, self.remind_at = how, at, None
        self.paused_at = self.resume_at = None
        self.state = State.RETURNED if how is Ended.RETURNED else State.CANCELLED

    def give_back(self, since: datetime, until: datetime, calendar: Calendar) -> dict[str, Any]:
        """The time that the clock for settling stood still. What the record keeps of it comes back."""
        told = {"since": since.isoformat()}
        if self.settle_due_at is None:
            return told
        mode = ClockMode(self.clock_mode)
        return told | self.move_due(
            deadlines.shift_for_pause(self.settle_due_at, since, until, mode, calendar), calendar
        )

    def move_due(self, due: datetime, calendar: Calendar) -> dict[str, Any]:
        """What the record keeps of it comes back."""
        told = due_moved(self.settle_due_at, due)
        self.settle_due_at, self.due_unofficial = due, is_unofficial(due, calendar)
        return told

    @property
    def is_open(self) -> bool:
        return State(self.state) not in CLOSED_STATES | {State.RETURNED}

    @property
    def signed_late(self) -> bool:
        return self.signed_at is not None and self.sign_due_at is not None and self.signed_at > self.sign_due_at

"""回访: somebody who did not handle it asks the reporter how it went."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.acting import RESIDENT, Actor, Scope
from models.legs import Leg
from models.policies import load_policy
from models.ratings import Opinion, Reporter, Resolved
from models.scope import Scoped, district_index, of_reached
from models.types import PathText, UtcDateTime, one_of
from rules.follow_up import next_try
from rules.lifecycle import Move
from rules.refusals import N_, Refusal

if TYPE_CHECKING:
    from models.tickets import Ticket


class Answered(StrEnum):
    RESOLVED = "resolved"
    PARTLY = "partly"
    NO = "no"
    UNREACHED = "unreached"


ANSWERED_LABELS = {
    Answered.RESOLVED: N_("Resolved"),
    Answered.PARTLY: N_("Partly resolved"),
    Answered.NO: N_("Not resolved"),
    Answered.UNREACHED: N_("Not reached"),
}


RESOLVED = {Answered.RESOLVED: Resolved.YES, Answered.PARTLY: Resolved.PARTLY, Answered.NO: Resolved.NO}
DUE, DONE = "due", "done"


class FollowUp(Scoped, Model):
    __tablename__ = "follow_up"
    __table_args__: Any = (
        one_of("follow_up", "outcome", Answered),
        district_index("ix_follow_up_at", "at", "unit_id", "outcome"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    leg_id: Mapped[int] = mapped_column(sa.ForeignKey("leg.id", ondelete="CASCADE"), index=True)
    """The settlement that was asked about."""
    reporter_id: Mapped[int] = mapped_column(sa.ForeignKey("reporter.id", ondelete="CASCADE"), index=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    path: Mapped[str] = mapped_column(PathText)
    """Of the unit that settled it."""
    outcome: Mapped[str] = mapped_column(sa.String(12))
    note: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    unit_name: Mapped[str] = mapped_column(sa.String(120))
    """Of the one who called."""

    ticket: Mapped["Ticket"] = relationship(back_populates="follow_ups")
    leg: Mapped[Leg] = relationship()
    reporter: Mapped[Reporter] = relationship()

    def __str__(self) -> str:
        return f"{self.ticket} {self.outcome}"

    @classmethod
    def within(cls, scope: Scope) -> sa.ColumnElement[bool]:
        return of_reached(cls.ticket_id, scope)


@dataclass(frozen=True)
class Call:
    """What the reporter said; no stars were asked for or given where there are none."""

    outcome: Answered
    note: str = ""
    stars: int | None = None
    tags: list[str] = field(default_factory=list)


def follow_up(ticket: "Ticket", reporter: Reporter, call: Call, by: Actor, at: datetime) -> FollowUp:
    """Asked about the last settlement. Stars count as the reporter's own, once; 未解决 re-opens the request."""
    ticket.permit(Move.FOLLOW_UP, by)
    if reporter.ticket_id != ticket.id:
        raise Refusal(N_("Choose one of the reporters of this request"))
    if has_been_asked(ticket, reporter):
        raise Refusal(N_("This reporter has been asked about this settlement already"))
    if call.outcome is Answered.UNREACHED and call.stars is not None:
        raise Refusal(N_("Whoever was not reached gave no stars"))
    leg = ticket.lead
    made = FollowUp(
        leg=leg, reporter=reporter, unit_id=leg.unit_id, path=leg.path, outcome=call.outcome, note=call.note.strip(),
        at=at, person_id=by.person_id, name=by.name, unit_name=by.unit_name,
    )  # fmt: skip
    ticket.follow_ups.append(made)
    ticket.mark(Move.FOLLOW_UP, by, at, note=made.note, data={"outcome": call.outcome.value})
    if call.outcome is Answered.UNREACHED:
        _try_again(ticket, at)
        return made
    ticket.follow_up, ticket.call_at = DONE, None
    if call.stars is not None:
        given = Opinion(call.stars, RESOLVED[call.outcome], call.tags, made.note)
        ticket.rate(reporter, given, RESIDENT, at, noted_by=by.name)
    elif call.outcome is Answered.NO:
        ticket.reopen(at)
    return made


def about(ticket: "Ticket") -> list[FollowUp]:
    """The calls about its last settlement."""
    return [each for each in ticket.follow_ups if each.leg is ticket.lead]


def tries(ticket: "Ticket") -> int:
    return sum(each.outcome == Answered.UNREACHED for each in about(ticket))


def has_been_asked(ticket: "Ticket", reporter: Reporter) -> bool:
    return any(each.reporter is reporter and each.outcome != Answered.UNREACHED for each in about(ticket))


def call_no_more(ticket: "Ticket") -> None:
    """Too long ago to be asked about, if nobody has been reached."""
    ticket.call_at = None
    if ticket.follow_up == DUE:
        ticket.follow_up = None


def _try_again(ticket: "Ticket", at: datetime) -> None:
    """It stays due until it was tried as often as the office says."""
    if ticket.follow_up != DUE:
        return
    ticket.call_at = next_try(at, tries(ticket), load_policy(ticket.session))
    if ticket.call_at is None:
        ticket.follow_up = DONE

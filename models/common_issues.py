"""共性问题: requests with one cause, handled as one: a lead that takes the others up, a joint meeting, a topic."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, Session, mapped_column, object_session, relationship

from models import meetings
from models.acting import Actor, Scope
from models.changes import Tracked
from models.meetings import Meeting, MeetingCause, MeetingKind
from models.merging import merge
from models.scope import Scoped, named, under
from models.tickets import Ticket
from models.topics import Topic
from models.types import PathText, UtcDateTime, one_of
from models.units import Unit
from rules.common_issues import IssueState
from rules.lifecycle import BEFORE_REVIEW, Move, State
from rules.refusals import N_, Refusal
from rules.similarity import common_path

OPEN_ISSUES = frozenset({IssueState.PROPOSED, IssueState.CONFIRMED})


class CommonIssue(Scoped, Tracked, Model):
    __tablename__ = "common_issue"
    __table_args__: Any = (
        one_of("common_issue", "state", IssueState),
        sa.CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="ck_common_issue_decided_at"),
        sa.Index("ix_common_issue_path_state", "path", "state"),
    )
    UNTRACKED = frozenset({"size"})

    id: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(PathText)
    """Of the lowest unit in which all of its requests arose."""
    title: Mapped[str] = mapped_column(sa.String(200))
    state: Mapped[str] = mapped_column(sa.String(12), default=IssueState.PROPOSED)
    size: Mapped[int] = mapped_column(default=0, server_default="0")
    lead_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ticket.id", ondelete="SET NULL"), index=True)
    topic_id: Mapped[int | None] = mapped_column(sa.ForeignKey("topic.id", ondelete="SET NULL"), index=True)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(sa.String(400), default="", server_default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    decided_by: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    lead: Mapped[Ticket | None] = relationship()
    topic: Mapped[Topic | None] = relationship(backref="common_issues")
    members: Mapped[list["CommonIssueMember"]] = relationship(
        back_populates="issue", order_by="CommonIssueMember.ticket_id", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return self.title

    @property
    def place(self) -> str:
        return self.path

    @property
    def unit(self) -> Unit | None:
        return self.session.scalar(sa.select(Unit).where(Unit.path == self.path))

    @property
    def tickets(self) -> list[Ticket]:
        """The lead first, then as they came in."""
        return sorted(
            (member.ticket for member in self.members),
            key=lambda ticket: (ticket.id != self.lead_id, ticket.submitted_at, ticket.id),
        )

    @property
    def others(self) -> list[Ticket]:
        """Those that can still be taken up by the lead."""
        return [each for each in self.tickets if each.id != self.lead_id and State(each.state) in BEFORE_REVIEW]

    def take_in(self, tickets: Collection[Ticket], at: datetime) -> None:
        known = {member.ticket_id for member in self.members}
        new = [CommonIssueMember(ticket=ticket, added_at=at) for ticket in tickets if ticket.id not in known]
        self.members.extend(new)
        self.size = len(self.members)
        self.path = common_path(member.ticket.path for member in self.members)

    def confirm(self, by: Actor, at: datetime, *, reason: str = "") -> None:
        self.may_decide(by)
        self._decide(IssueState.CONFIRMED, by, at, reason)

    def dismiss(self, by: Actor, at: datetime, *, reason: str) -> None:
        """个例: each request goes on by itself."""
        self.may_decide(by)
        if not reason.strip():
            raise Refusal(N_("Say why these are separate matters"))
        self._decide(IssueState.DISMISSED, by, at, reason)

    def leave_out(self, ticket: Ticket, by: Actor) -> None:
        self.may_decide(by)
        if ticket.id == self.lead_id:
            raise Refusal(N_("The lead request stays; choose another one to lead first"))
        self.members = [member for member in self.members if member.ticket_id != ticket.id]
        self.size = len(self.members)

    def choose(self, ticket: Ticket, by: Actor) -> None:
        """The request that takes the others up."""
        self.may_decide(by)
        if all(member.ticket_id != ticket.id for member in self.members):
            raise Refusal(N_("%(number)s does not belong to this issue"), number=ticket.number)
        if State(ticket.state) not in BEFORE_REVIEW:
            raise Refusal(N_("%(number)s is no longer open; choose an open request"), number=ticket.number)
        self.lead, self.lead_id = ticket, ticket.id

    def take_up(self, ticket: Ticket, by: Actor, at: datetime) -> None:
        """Merges one of the others into the lead request."""
        merge(ticket, self._leading(), by, at, reason=self.title)

    def may_meet(self, by: Actor) -> None:
        lead = self._leading()
        if lead.meeting is not None:
            raise Refusal(N_("A meeting about this request has been called already"))
        lead.permit(Move.CALL_MEETING, by)

    def call_meeting(self, by: Actor, at: datetime) -> Meeting:
        return meetings.call(self._leading(), MeetingCause.CALLED, by, at, MeetingKind.JOINT)

    def become_topic(self, topic: Topic, unit: Unit) -> Topic:
        """A topic that knows where it comes from."""
        self._confirmed()
        if self.topic is not None:
            raise Refusal(N_("A topic was made of this issue already: %(topic)s"), topic=self.topic.title)
        topic.led_by(self.session, unit)
        topic.note = "、".join(ticket.number for ticket in self.tickets)
        self.topic = topic
        return topic

    def may_decide(self, by: Actor) -> None:
        if not self.path.startswith(by.unit_path):
            raise Refusal(N_("This issue reaches beyond %(unit)s"), unit=by.unit_name)

    def _decide(self, state: IssueState, by: Actor, at: datetime, reason: str) -> None:
        if self.state == state:
            raise Refusal(N_("Somebody has decided that already"))
        self.state, self.reason, self.decided_at = state, reason.strip()[:400], at
        self.decided_by_id, self.decided_by = by.person_id, by.name

    def _confirmed(self) -> None:
        if self.state != IssueState.CONFIRMED:
            raise Refusal(N_("Say first that this is a common issue"))

    def _leading(self) -> Ticket:
        self._confirmed()
        if self.lead is None:
            raise Refusal(N_("Choose the request that leads"))
        return self.lead

    @property
    def session(self) -> Session:
        session = object_session(self)
        if session is None:
            raise RuntimeError("a common issue is decided only inside a session")
        return session


class CommonIssueMember(Scoped, Model):
    __tablename__ = "common_issue_member"
    __table_args__: Any = (sa.UniqueConstraint("issue_id", "ticket_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(sa.ForeignKey("common_issue.id", ondelete="CASCADE"))
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)

    issue: Mapped[CommonIssue] = relationship(back_populates="members")
    ticket: Mapped[Ticket] = relationship()

    def __str__(self) -> str:
        return self.ticket.number

    @classmethod
    def within(cls, scope: Scope) -> sa.ColumnElement[bool]:
        held = named("common_issue", "held")
        return sa.exists().where(
            held.id == cls.issue_id, sa.or_(sa.false(), *(under(held.path, path) for path in scope.paths))
        )


def propose(session: Session, tickets: Sequence[Ticket], at: datetime) -> CommonIssue:
    """The first one leads where it is open, else the earliest that is."""
    waiting = [each for each in tickets if State(each.state) in BEFORE_REVIEW]
    lead = min(waiting, key=lambda each: (each is not tickets[0], each.submitted_at), default=None)
    issue = CommonIssue(title=(lead or tickets[0]).title, lead=lead, found_at=at, state=IssueState.PROPOSED)
    issue.take_in(tickets, at)
    session.add(issue)
    session.flush()
    return issue


def issues_of(session: Session, tickets: Collection[int]) -> dict[CommonIssue, set[int]]:
    """Those that any of the requests belongs to, each with all its members, the earliest first."""
    member = CommonIssueMember.__table__.c
    ids = sa.select(member.issue_id).where(member.ticket_id.in_(tickets))
    found = session.scalars(sa.select(CommonIssue).where(CommonIssue.id.in_(ids)).order_by(CommonIssue.id))
    return {issue: {each.ticket_id for each in issue.members} for issue in found}


def issue_of(session: Session, ticket: Ticket) -> CommonIssue | None:
    """The one that the request is part of as far as is known: confirmed before proposed, never dismissed."""
    member = CommonIssueMember.__table__.c
    mine = sa.select(member.issue_id).where(member.ticket_id == ticket.id)
    asked = sa.select(CommonIssue).where(CommonIssue.id.in_(mine), CommonIssue.state.in_(sorted(OPEN_ISSUES)))
    return session.scalar(asked.order_by(CommonIssue.state, CommonIssue.id.desc()).limit(1))

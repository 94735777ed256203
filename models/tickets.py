"""民情工单: one resident's matter from asking to rating. Each method is the only door to its change of state."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, Session, mapped_column, object_session, relationship

from models import meetings, notices, passing, settling
from models.acting import SYSTEM, Actor, Scope
from models.applications import Application
from models.attachments import Attachment
from models.calendar import load_calendar
from models.categories import Category
from models.conditions import CONDITIONS
from models.events import TicketEvent
from models.follow_ups import FollowUp, call_no_more
from models.legs import Leg, LegRole, LegTerms
from models.mediations import Mediation
from models.meetings import Meeting, MeetingCause
from models.outcomes import TicketOutcome
from models.policies import load_policy
from models.ratings import Opinion, Rating, Reporter, Verification
from models.reach import TicketReach
from models.scope import Scoped, district_index, filled_index, of_states, one_place, reachable, reached
from models.standing import OF_A_LEG, STANDING, may_send, unless_met_about
from models.supervisions import Supervision
from models.types import PathText, UtcDateTime, dated, one_of
from models.units import Unit
from rules.applications import ApplicationState
from rules.deadlines import Tier
from rules.lifecycle import CLOSED_STATES, MOVES, SETTLED_STATES, Move, State, Whose, check
from rules.policy import ClockMode
from rules.refusals import N_, Refusal
from rules.reminders import Event

TO_CALL = sa.text("follow_up = 'due'")


class Ticket(Scoped, Model):
    __tablename__ = "ticket"
    __table_args__: Any = (
        one_of("ticket", "state", State),
        sa.CheckConstraint("tier IS NULL OR tier IN ('micro','minor','hard','emergency')", name="ck_ticket_tier"),
        sa.CheckConstraint("kind IN ('demand','suggestion','dispute','emergency')", name="ck_ticket_kind"),
        sa.CheckConstraint("channel IN ('online','offline')", name="ck_ticket_channel"),
        dated("ticket", SETTLED_STATES, "settled_at"),
        sa.UniqueConstraint("source", "external_id"),
        sa.Index("ix_ticket_state_due", "state", "next_due_at", "path"),
        sa.Index("ix_ticket_path_submitted", "path", "submitted_at"),
        sa.Index("ix_ticket_state_path", "state", "path", "next_due_at", "lead_unit_id", "submitted_at"),
        sa.Index("ix_ticket_lead_state", "lead_unit_id", "state", "next_due_at"),
        *(
            sa.Index(f"ix_ticket_{name}", *columns, "submitted_at", "path")
            for name, *columns in (
                ("submitted",),
                ("state_submitted", "state"),
                ("category_submitted", "category_id"),
                ("tier_submitted", "tier"),
                ("source_submitted", "source"),
            )
        ),
        *(filled_index(f"ix_ticket_{name}", name) for name in ("submitted_by_id", "first_unit_id", "merged_into_id")),
        sa.Index("ix_ticket_follow_up", "path", "call_at", sqlite_where=TO_CALL, postgresql_where=TO_CALL),
        district_index("ix_ticket_settled", "settled_at"),
        district_index("ix_ticket_district", "submitted_at", "category_id"),
        district_index(
            "ix_ticket_accepted", "accepted_at", "submitted_at", "state", "lead_unit_id", "unit_id", "settled_at"
        ),
        sa.Index("ix_ticket_title", "title"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(24), unique=True)
    tracking_code: Mapped[str] = mapped_column(sa.String(16), unique=True)
    source: Mapped[str] = mapped_column(sa.String(32))
    external_id: Mapped[str | None] = mapped_column(sa.String(64))
    channel: Mapped[str] = mapped_column(sa.String(8), default="online", server_default="online")
    kind: Mapped[str] = mapped_column(sa.String(12), default="demand", server_default="demand")
    title: Mapped[str] = mapped_column(sa.String(200))
    text: Mapped[str] = mapped_column(sa.Text)
    address: Mapped[str] = mapped_column(sa.String(200), default="", server_default="")
    category_id: Mapped[int | None] = mapped_column(sa.ForeignKey("category.id"))
    tier: Mapped[str | None] = mapped_column(sa.String(12))
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    """Where it arose."""
    path: Mapped[str] = mapped_column(PathText)
    lead_unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"))
    """Who holds the lead leg."""
    first_unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"))
    """首问负责: the first unit that signed."""
    state: Mapped[str] = mapped_column(sa.String(16), default=State.SUBMITTED)
    anonymous: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    submitted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    accept_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    respond_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The resident's own promise: never moves, never resets."""
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    disposal_mode: Mapped[str | None] = mapped_column(sa.String(16))
    credited_unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    credited_person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    """Fixed at settlement; a rating counts for these, whoever holds the ticket later."""
    rate_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The date that matters now: acceptance, signing, settlement, rating, archive."""
    remind_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    """When the sweep has to look at it again."""
    clock_mode: Mapped[str] = mapped_column(sa.String(16), default=ClockMode.NATURAL)
    policy_version: Mapped[int] = mapped_column(default=0)
    reopened: Mapped[int] = mapped_column(default=0, server_default="0")
    merged_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ticket.id"))
    in_litigation: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    follow_up: Mapped[str | None] = mapped_column(sa.String(8))
    """`due` once it is settled and chosen to be asked about, then `done`."""
    call_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it is due: from its settlement on, or at the next try."""
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    unit: Mapped[Unit] = relationship(foreign_keys=[unit_id])
    lead_unit: Mapped[Unit | None] = relationship(foreign_keys=[lead_unit_id])
    category: Mapped[Category | None] = relationship()
    legs: Mapped[list[Leg]] = relationship(back_populates="ticket", order_by=Leg.seq)
    attachments: Mapped[list[Attachment]] = relationship(back_populates="ticket", order_by=Attachment.id)
    events: Mapped[list[TicketEvent]] = relationship(back_populates="ticket", order_by=TicketEvent.id)
    reporters: Mapped[list[Reporter]] = relationship(
        back_populates="ticket", order_by=Reporter.id, foreign_keys=[Reporter.ticket_id]
    )
    ratings: Mapped[list[Rating]] = relationship(back_populates="ticket", order_by=Rating.id)
    applications: Mapped[list[Application]] = relationship(back_populates="ticket", order_by=Application.id)
    meetings: Mapped[list[Meeting]] = relationship(back_populates="ticket", order_by=Meeting.id)
    supervisions: Mapped[list[Supervision]] = relationship(back_populates="ticket", order_by=Supervision.id)
    follow_ups: Mapped[list[FollowUp]] = relationship(back_populates="ticket", order_by=FollowUp.id)
    mediations: Mapped[list[Mediation]] = relationship(back_populates="ticket", order_by=Mediation.id)
    outcomes: Mapped[list[TicketOutcome]] = relationship(back_populates="ticket", order_by=TicketOutcome.id)
    merged_into: Mapped["Ticket | None"] = relationship(remote_side=[id], back_populates="merged")
    merged: Mapped[list["Ticket"]] = relationship(back_populates="merged_into", order_by=number)

    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return self.number

    @classmethod
    def within(cls, scope: Scope) -> sa.ColumnElement[bool]:
        return reached(cls, scope)

    @classmethod
    def among(cls, scope: Scope) -> sa.ColumnElement[bool]:
        return reachable(scope)

    @classmethod
    def all_of(cls, scope: Scope) -> sa.ColumnElement[bool]:
        return of_states(frozenset(State), scope)

    @classmethod
    def ordered_by(cls, name: str, scope: Scope) -> Any:
        return TicketReach.__table__.c.submitted_at if name == "submitted_at" and one_place(scope) else None

    @property
    def standing(self) -> tuple[str, str | None, datetime | None, str]:
        """State, tier and the date that matters, of which the light is made, and the kind."""
        return self.state, self.tier, self.next_due_at, self.kind

    @property
    def due(self) -> datetime | None:
        """The office's next date. After settlement the dates are the resident's."""
        return None if self.state in CLOSED_STATES else self.next_due_at

    @property
    def lead(self) -> Leg:
        """The leg that answers now. Raises Refusal before the first dispatch."""
        leads = [leg for leg in self.legs if leg.role == LegRole.LEAD]
        if not leads:
            raise Refusal(N_("%(number)s has not been dispatched yet"), number=self.number)
        return leads[-1]

    @property
    def helping(self) -> list[Leg]:
        """Co-handlers that are at work or have done their part for the leg that answers now."""
        return [leg for leg in self.legs if leg.role == LegRole.CO and leg.seq > self.lead.seq and leg.ended is None]

    @property
    def at_the_table(self) -> list[Unit]:
        """The units that a decision about the request concerns: those that have held it in this round."""
        return list({leg.unit_id: leg.unit for leg in self.round}.values())

    @property
    def round(self) -> list[Leg]:
        """Legs since the request came in or was last re-opened."""
        settled = [leg.seq for leg in self.legs if leg.role == LegRole.LEAD and leg.settled_at is not None]
        before = max((seq for seq in settled if seq < self.lead.seq), default=0)
        return [leg for leg in self.legs if leg.seq > before]

    @property
    def meeting(self) -> Meeting | None:
        """The one whose decision is awaited."""
        return next((each for each in self.meetings if each.decided_at is None), None)

    def leg_of(self, by: Actor) -> Leg:
        """The one that lies with the actor's unit, the lead first; the lead for whoever has none."""
        mine = [leg for leg in self.helping if leg.unit_id == by.unit_id]
        return mine[-1] if mine and by.unit_id != self.lead.unit_id else self.lead

    @property
    def asked(self) -> list[Application]:
        """What waits for a decision."""
        return [each for each in self.applications if each.state == ApplicationState.OPEN]

    def accept(self, by: Actor, at: datetime, *, tier: Tier, category: Category | None) -> None:
        """受理: the matter is ours; tier and category are the dispatcher's word, whatever was proposed."""
        self.step(Move.ACCEPT, by, at, public=True)
        self.tier, self.accepted_at = tier, at
        self.category = category or self.category
        self.next_due_at = self.respond_due_at

    def dispatch(self, to: Unit, by: Actor, at: datetime, *, note: str = "") -> Leg:
        """派单: the leg's clocks are fixed here and move only by a granted extension."""
        self.permit(Move.DISPATCH, by)
        may_send(self, to, by, at)
        passing.may_dispatch_to(self, to)
        return self.hand_over(Move.DISPATCH, to, by, at, self.terms(at), note=note)

    def hand_over(
        self, move: Move, to: Unit, by: Actor, at: datetime, terms: LegTerms, *, note: str = "", **columns: Any
    ) -> Leg:
        """A new lead leg; whoever calls has asked who may."""
        leg = Leg.opened(self, to, at, terms, giver_id=by.unit_id, **columns)
        self.lead_unit = to
        self.mark(move, by, at, leg=leg, note=note, public=True, to=to)
        self.next_due_at = leg.sign_due_at
        self.session.flush()
        notices.tell_now(self.session, Event.NEW_LEG, self, leg, at)
        return leg

    def sign(self, by: Actor, at: datetime) -> None:
        """签收: the unit takes it and, if it is the first, answers to the end."""
        leg = self.leg_of(by)
        self.step(Move.SIGN, by, at, leg=leg, public=leg.role == LegRole.LEAD)
        leg.signed_at, leg.handler_id = at, by.person_id
        if leg.role == LegRole.LEAD:
            self.first_unit_id = self.first_unit_id or leg.unit_id
            self.next_due_at = leg.settle_due_at

    def contact(self, by: Actor, at: datetime, *, note: str) -> None:
        """首次响应: the reporter has heard from us."""
        leg = self.leg_of(by)
        self.step(Move.CONTACT, by, at, leg=leg, note=note, public=True)
        leg.first_contact_at = leg.first_contact_at or at

    def submit_result(self, by: Actor, at: datetime, *, result: str, feedback: str) -> None:
        """办理结果: what was done, what the reporter was told, and at least one piece of evidence already attached."""
        self.permit(Move.SUBMIT_RESULT, by)
        leg = self.leg_of(by)
        if leg is self.lead:
            unless_met_about(self)
        if not result.strip() or not feedback.strip():
            raise Refusal(N_("Write both what was done and what the reporter was told"))
        if not leg.attachments:
            raise Refusal(N_("Attach at least one picture or document as evidence before submitting the result"))
        self.step(Move.SUBMIT_RESULT, by, at, leg=leg, note=result)
        leg.result, leg.feedback, leg.handler_id = result.strip(), feedback.strip(), by.person_id
        leg.first_contact_at = leg.first_contact_at or at
        leg.result_at = at
        if leg is self.lead:
            self.next_due_at = None
        notices.tell_now(self.session, Event.TO_REVIEW, self, leg, at)

    def send_back(self, by: Actor, at: datetime, *, reason: str) -> None:
        """审核退回: handling goes on and the time of the review is given back."""
        self.permit(Move.SEND_BACK, by)
        leg = self.leg_of(by)
        if not reason.strip():
            raise Refusal(N_("Say what is missing, so that the handler can mend it"))
        said = self.step(Move.SEND_BACK, by, at, leg=leg, note=reason)
        if leg.result_at is not None:
            said.data = leg.give_back(leg.result_at, at, load_calendar(self.session))
        leg.result_at = None
        if leg is self.lead:
            self.next_due_at = leg.settle_due_at
        notices.tell_now(self.session, Event.SENT_BACK, self, leg, at, reason=reason)

    def settle(self, by: Actor, at: datetime, *, mode: str, kept: bool = False) -> None:
        """办结 by the unit's leader. The clock stopped when the result came in; credit is fixed now. `kept` is what the
        leader says of a promise."""
        self.permit(Move.SETTLE, by)
        leg, lead = self.leg_of(by), self.lead
        if leg is lead:
            settling.may_settle(self, mode, kept=kept)
        self.step(Move.SETTLE, by, at, leg=leg, note=leg.feedback, public=leg is lead)
        leg.settled_at, leg.disposal_mode = leg.result_at or at, mode
        if leg is lead:
            settling.settled(self, by, at)
            notices.tell_now(self.session, Event.PLEASE_RATE, self, None, at)
        else:
            settling.lapse(self, at, leg)

    def rate(self, reporter: Reporter, given: Opinion, by: Actor, at: datetime, *, noted_by: str = "") -> Rating:
        """评价, once per reporter and settlement, within the window. A bad one re-opens the request. `noted_by` is who
        was told it on the telephone."""
        if reporter.has_rated(self.lead):
            raise Refusal(N_("You have already rated this request"))
        if self.rate_until is not None and at >= self.rate_until:
            raise Refusal(N_("The time for rating this request is over"))
        policy, told = load_policy(self.session), {"noted_by": noted_by} if noted_by else {}
        said: dict[str, Any] = {"stars": given.stars, **told}
        self.step(Move.RATE, by, at, note=given.comment, public=True, data=said)
        verified = noted_by or reporter.verification != Verification.NONE
        scored = bool(verified) or policy.score_unverified_stars
        rating = Rating.of(self.lead, given, at, scored=scored, shared=bool(self.helping))
        self.ratings.append(rating)
        rating.reporter = reporter
        self.next_due_at = None if self.meeting else at + timedelta(days=policy.archive_after_days)
        if given.is_bad(policy):
            self.reopen(at)
        return rating

    def reopen(self, at: datetime) -> None:
        """重办 with a fresh limit: the leg before keeps its settlement and rating, the ticket is settled no longer. As
        often as the office allows; after that units meet."""
        self.permit(Move.REOPEN, SYSTEM)
        if self.meeting is not None:
            return
        if self.reopened >= load_policy(self.session).reopen_at_most:
            meetings.call(self, MeetingCause.THIRD_REOPENING, SYSTEM, at)
            return
        leg = Leg.opened(self, settling.first_responsible(self), at, self.terms(at))
        self.mark(Move.REOPEN, SYSTEM, at, leg=leg, public=True, to=leg.unit)
        self.lead_unit, self.next_due_at = leg.unit, leg.sign_due_at
        self.begin_again()
        self.reopened += 1
        self.session.flush()
        notices.tell_now(self.session, Event.REOPENED, self, leg, at)

    def begin_again(self) -> None:
        self.settled_at = self.rate_until = self.disposal_mode = self.credited_unit_id = self.credited_person_id = None
        self.follow_up = self.call_at = None

    def expire_rating(self, by: Actor, at: datetime) -> None:
        """Silence is no praise: the window closes without stars."""
        kept = timedelta(days=load_policy(self.session).archive_after_days)
        self.step(Move.EXPIRE_RATING, by, at)
        self.next_due_at = at + kept

    def archive(self, by: Actor, at: datetime) -> None:
        self.step(Move.ARCHIVE, by, at)
        self.next_due_at = None
        call_no_more(self)

    def step(self, move: Move, by: Actor, at: datetime, *, leg: Leg | None = None, **event: Any) -> TicketEvent:
        self.permit(move, by, leg)
        return self.mark(move, by, at, leg=leg, **event)

    def mark(self, move: Move, by: Actor, at: datetime, *, leg: Leg | None = None, **event: Any) -> TicketEvent:
        """Writes what a move does to the states, and the line of the record. A co-handler's leg moves by itself."""
        target, apart = MOVES[move].target, leg is not None and leg.role == LegRole.CO
        before = State(leg.state) if leg is not None and apart else State(self.state)
        if target and leg is not None and leg.ended is None:
            leg.state, leg.remind_at = target, at
        if target and not apart:
            self.state = target
        self.remind_at = at
        return self.record(move, by, at, state_before=before, state_after=target or before, leg=leg, **event)

    def record(self, action: str, by: Actor, at: datetime, **event: Any) -> TicketEvent:
        """A line of the record and nothing else."""
        said = TicketEvent.of(action, by, at, **{"state_before": self.state, "state_after": self.state} | event)
        with self.session.no_autoflush:  # the caller has yet to write what the new state asks for
            self.events.append(said)
        return said

    def permit(self, move: Move, by: Actor, leg: Leg | None = None) -> None:
        """Raises the Refusal that a try would meet; buttons are greyed by it too."""
        whose = MOVES[move].whose
        held = leg or (self.leg_of(by) if whose in OF_A_LEG and self.legs else None)
        apart = held is not None and held.role == LegRole.CO and whose is not Whose.LEAD
        check(move, State(held.state if held is not None and apart else self.state), by.roles)
        STANDING[whose](self, by, held)
        CONDITIONS[move](self)

    def terms(self, at: datetime) -> LegTerms:
        """A first leg signs by the resident's own promise, however late it was dispatched."""
        tier = Tier(self.tier or Tier.MINOR)
        fresh = LegTerms.fresh(self.session, tier, at)
        unsigned = all(leg.signed_at is None for leg in self.legs)
        first = unsigned and tier is not Tier.EMERGENCY and self.respond_due_at is not None
        promised = (fresh.counted or {}) | {"sign": "promise"}
        return replace(fresh, sign_due_at=self.respond_due_at, counted=promised) if first else fresh

    @property
    def session(self) -> Session:
        session = object_session(self)
        if session is None:
            raise RuntimeError("a ticket moves only inside a session")
        return session

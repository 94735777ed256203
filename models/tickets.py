"""民情工单: one resident's matter from asking to rating. Each method is the only door to its change of state."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, object_session, relationship

from models import notices
from models.acting import SYSTEM, Actor, Scope, beyond_scope, district_of
from models.attachments import Attachment
from models.calendar import load_calendar
from models.categories import Category
from models.events import TicketEvent
from models.legs import Leg, LegRole, LegTerms
from models.numbers import new_tracking_code, next_number
from models.policies import load_policy, policy_version
from models.ratings import Opinion, Rating, Reporter, Verification
from models.reach import TicketReach
from models.scope import Scoped, district_index, filled_index, of_states, one_place, reachable, reached
from models.types import PathText, UtcDateTime, dated, one_of
from models.units import Unit
from rules import deadlines, workdays
from rules.deadlines import Tier
from rules.dispatching import may_dispatch
from rules.lifecycle import CLOSED_STATES, MOVES, REOPENED_AT_MOST, SETTLED_STATES, Move, State, check, never_own_doing
from rules.policy import ClockMode
from rules.refusals import N_, Refusal
from rules.reminders import Event
from rules.units import UnitKind

OF_THE_PLACE = frozenset({Move.ACCEPT, Move.DISPATCH})
OF_A_REVIEWER = frozenset({Move.SEND_BACK, Move.SETTLE})
OF_THE_HOLDER = frozenset({Move.SIGN, Move.CONTACT, Move.SUBMIT_RESULT}) | OF_A_REVIEWER


@dataclass(frozen=True)
class Draft:
    """What anyone asks with. `source` is a code of the dictionary."""

    title: str
    text: str
    unit: Unit
    source: str
    category: Category | None = None
    reporter_name: str = ""
    reporter_mobile: str = ""
    address: str = ""
    kind: str = "demand"
    channel: str = "online"
    external_id: str | None = None
    anonymous: bool = False


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
        *(filled_index(f"ix_ticket_{name}", name) for name in ("submitted_by_id", "first_unit_id")),
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
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    unit: Mapped[Unit] = relationship(foreign_keys=[unit_id])
    lead_unit: Mapped[Unit | None] = relationship(foreign_keys=[lead_unit_id])
    category: Mapped[Category | None] = relationship()
    legs: Mapped[list[Leg]] = relationship(back_populates="ticket", order_by=Leg.seq)
    attachments: Mapped[list[Attachment]] = relationship(back_populates="ticket", order_by=Attachment.id)
    events: Mapped[list[TicketEvent]] = relationship(back_populates="ticket", order_by=TicketEvent.id)
    reporters: Mapped[list[Reporter]] = relationship(back_populates="ticket", order_by=Reporter.id)
    ratings: Mapped[list[Rating]] = relationship(back_populates="ticket", order_by=Rating.id)

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

    def accept(self, by: Actor, at: datetime, *, tier: Tier, category: Category | None) -> None:
        """受理: the matter is ours; tier and category are the dispatcher's word, whatever was proposed."""
        self._move(Move.ACCEPT, by, at, public=True)
        self.tier, self.accepted_at = tier, at
        self.category = category or self.category
        self.next_due_at = self.respond_due_at

    def dispatch(self, to: Unit, by: Actor, at: datetime, *, note: str = "") -> Leg:
        """派单: the leg's clocks are fixed here and move only by a granted extension."""
        self.permit(Move.DISPATCH, by)
        self._may_dispatch(to, by, at)
        leg = Leg.opened(self, to, at, self._terms(at))
        self.lead_unit = to
        self._move(Move.DISPATCH, by, at, leg=leg, note=note, public=True, to=to)
        self.next_due_at = leg.sign_due_at
        self._session().flush()
        notices.tell_now(self._session(), Event.NEW_LEG, self, leg, at)
        return leg

    def sign(self, by: Actor, at: datetime) -> None:
        """签收: the unit takes it and, if it is the first, answers to the end."""
        leg = self.lead
        self._move(Move.SIGN, by, at, leg=leg, public=True)
        leg.signed_at, leg.handler_id = at, by.person_id
        self.first_unit_id = self.first_unit_id or leg.unit_id
        self.next_due_at = leg.settle_due_at

    def contact(self, by: Actor, at: datetime, *, note: str) -> None:
        """首次响应: the reporter has heard from us."""
        leg = self.lead
        self._move(Move.CONTACT, by, at, leg=leg, note=note, public=True)
        leg.first_contact_at = leg.first_contact_at or at

    def submit_result(self, by: Actor, at: datetime, *, result: str, feedback: str) -> None:
        """办理结果: what was done, what the reporter was told, and at least one piece of evidence already attached."""
        self.permit(Move.SUBMIT_RESULT, by)
        leg = self.lead
        if not result.strip() or not feedback.strip():
            raise Refusal(N_("Write both what was done and what the reporter was told"))
        if not leg.attachments:
            raise Refusal(N_("Attach at least one picture or document as evidence before submitting the result"))
        self._move(Move.SUBMIT_RESULT, by, at, leg=leg, note=result)
        leg.result, leg.feedback, leg.handler_id = result.strip(), feedback.strip(), by.person_id
        leg.first_contact_at = leg.first_contact_at or at
        leg.result_at, self.next_due_at = at, None
        notices.tell_now(self._session(), Event.TO_REVIEW, self, leg, at)

    def send_back(self, by: Actor, at: datetime, *, reason: str) -> None:
        """审核退回: handling goes on and the time of the review is given back."""
        self.permit(Move.SEND_BACK, by)
        leg = self.lead
        if not reason.strip():
            raise Refusal(N_("Say what is missing, so that the handler can mend it"))
        self._move(Move.SEND_BACK, by, at, leg=leg, note=reason)
        if leg.result_at is not None and leg.settle_due_at is not None:
            mode, calendar = ClockMode(leg.clock_mode), load_calendar(self._session())
            leg.settle_due_at = deadlines.shift_for_pause(leg.settle_due_at, leg.result_at, at, mode, calendar)
        leg.result_at = None
        self.next_due_at = leg.settle_due_at
        notices.tell_now(self._session(), Event.SENT_BACK, self, leg, at, reason=reason)

    def settle(self, by: Actor, at: datetime, *, mode: str) -> None:
        """办结 by the unit's leader. The clock stopped when the result came in; credit is fixed now."""
        self.permit(Move.SETTLE, by)
        leg, policy = self.lead, load_policy(self._session())
        self._move(Move.SETTLE, by, at, leg=leg, note=leg.feedback, public=True)
        leg.settled_at = self.settled_at = leg.result_at or at
        self.disposal_mode = leg.disposal_mode = mode
        self.credited_unit_id, self.credited_person_id = leg.unit_id, leg.handler_id
        self.rate_until = self.next_due_at = at + timedelta(days=policy.rating_window_days)
        notices.tell_now(self._session(), Event.PLEASE_RATE, self, None, at)

    def rate(self, reporter: Reporter, given: Opinion, by: Actor, at: datetime) -> Rating:
        """评价, once per reporter and settlement, within the window. A bad one re-opens the request."""
        if any(each.leg is self.lead for each in reporter.ratings):
            raise Refusal(N_("You have already rated this request"))
        if self.rate_until is not None and at >= self.rate_until:
            raise Refusal(N_("The time for rating this request is over"))
        policy = load_policy(self._session())
        self._move(Move.RATE, by, at, note=given.comment, public=True, data={"stars": given.stars})
        verified = reporter.verification != Verification.NONE
        rating = Rating.of(self.lead, given, at, scored=verified or policy.score_unverified_stars)
        self.ratings.append(rating)
        rating.reporter = reporter
        self.next_due_at = at + timedelta(days=policy.archive_after_days)
        if given.is_bad(policy):
            self.reopen(at)
        return rating

    def reopen(self, at: datetime) -> None:
        """重办 with a fresh limit: the leg before keeps its settlement and rating, the ticket is settled no longer."""
        self.permit(Move.REOPEN, SYSTEM)
        if [event.action for event in self.events].count(Move.REOPEN) == REOPENED_AT_MOST:
            notices.tell_now(self._session(), Event.HARD_CASE, self, None, at)
            return
        leg = Leg.opened(self, self._first_responsible(), at, self._terms(at))
        self._move(Move.REOPEN, SYSTEM, at, leg=leg, public=True, to=leg.unit)
        self.lead_unit, self.next_due_at = leg.unit, leg.sign_due_at
        self.settled_at = self.rate_until = self.disposal_mode = self.credited_unit_id = self.credited_person_id = None
        self._session().flush()
        notices.tell_now(self._session(), Event.REOPENED, self, leg, at)

    def _first_responsible(self) -> Unit:
        """首问负责; who answers today for a unit that is gone."""
        unit = self._session().get_one(Unit, self.first_unit_id) if self.first_unit_id else self.lead.unit
        while unit.valid_to is not None and (heir := unit.successor or unit.parent):
            unit = heir
        return unit

    def expire_rating(self, by: Actor, at: datetime) -> None:
        """Silence is no praise: the window closes without stars."""
        kept = timedelta(days=load_policy(self._session()).archive_after_days)
        self._move(Move.EXPIRE_RATING, by, at)
        self.next_due_at = at + kept

    def archive(self, by: Actor, at: datetime) -> None:
        self._move(Move.ARCHIVE, by, at)
        self.next_due_at = None

    def _move(self, move: Move, by: Actor, at: datetime, *, leg: Leg | None = None, **event: Any) -> None:
        before = State(self.state)
        self.permit(move, by)
        self.state = MOVES[move].target
        if leg is not None:
            leg.state, leg.remind_at = self.state, at
        self.remind_at = at
        said = TicketEvent.of(move, by, at, state_before=before, state_after=self.state, leg=leg, **event)
        with self._session().no_autoflush:  # the caller has yet to write what the new state asks for
            self.events.append(said)

    def permit(self, move: Move, by: Actor) -> None:
        """Raises the Refusal that a try would meet; buttons are greyed by it too."""
        check(move, State(self.state), by.roles)
        if move in OF_THE_PLACE:
            self._responsible_for_place(by)
        elif move in OF_THE_HOLDER and by.unit_id != self.lead.unit_id:
            raise Refusal(N_("Only %(unit)s, which holds this request, can do that"), unit=self.lead.unit_name)
        if move in OF_A_REVIEWER:
            never_own_doing(by.person_id, self.lead.handler_id)

    def _responsible_for_place(self, by: Actor) -> None:
        """A dispatcher acts for the subtree of the own unit."""
        if by.unit_path and not self.path.startswith(by.unit_path):
            raise Refusal(N_("%(number)s lies outside %(unit)s"), number=self.number, unit=by.unit_name)

    def _may_dispatch(self, to: Unit, by: Actor, at: datetime) -> None:
        if not to.lives_on(workdays.local_date(at)):
            raise Refusal(N_("%(unit)s no longer exists; choose its successor"), unit=to.name)
        if district_of(to.path) != district_of(self.path):
            raise Refusal(N_("%(number)s lies outside %(unit)s"), number=self.number, unit=to.name)
        if not by.unit_kind:
            return
        if not may_dispatch(UnitKind(by.unit_kind), by.unit_path, UnitKind(to.kind), to.path):
            raise Refusal(N_("%(from_unit)s cannot dispatch to %(unit)s"), from_unit=by.unit_name, unit=to.name)

    def _terms(self, at: datetime) -> LegTerms:
        """A first leg signs by the resident's own promise, however late it was dispatched."""
        tier = Tier(self.tier or Tier.MINOR)
        fresh = LegTerms.fresh(self._session(), tier, at)
        first = not self.legs and tier is not Tier.EMERGENCY and self.respond_due_at is not None
        return replace(fresh, sign_due_at=self.respond_due_at) if first else fresh

    def _session(self) -> Session:
        session = object_session(self)
        if session is None:
            raise RuntimeError("a ticket moves only inside a session")
        return session


def submit(session: Session, draft: Draft, by: Actor, at: datetime) -> tuple[Ticket, bool]:
    """提交: the resident's clock starts. The same source and external id again return the first ticket and False."""
    if not draft.title.strip() or not draft.text.strip():
        raise Refusal(N_("Say in a few words what it is about, and describe it"))
    if draft.external_id and (known := find_external(session, draft.source, draft.external_id)):
        return known, False
    ticket = filed(session, draft, by, at)
    try:
        with session.begin_nested():
            session.add(ticket)
    except IntegrityError:
        if draft.external_id and (known := find_external(session, draft.source, draft.external_id)):
            return known, False
        raise
    return ticket, True


def filed(session: Session, draft: Draft, by: Actor, at: datetime) -> Ticket:
    """With its number, its tracking code and the promises that start with it."""
    policy, calendar = load_policy(session), load_calendar(session)
    ticket = Ticket(
        number=next_number(session, at),
        tracking_code=new_tracking_code(),
        source=draft.source,
        external_id=draft.external_id,
        channel=draft.channel,
        kind=draft.kind,
        title=draft.title.strip()[:200],
        text=draft.text.strip(),
        address=draft.address.strip(),
        category=draft.category,
        unit=draft.unit,
        path=draft.unit.path,
        state=State.SUBMITTED,
        anonymous=draft.anonymous,
        submitted_by_id=by.person_id,
        submitted_at=at,
        accept_due_at=deadlines.accept_due(at, policy, calendar),
        respond_due_at=deadlines.tier_sign_due(Tier.MINOR, at, policy, calendar),
        clock_mode=policy.clock_mode,
        policy_version=policy_version(session),
        remind_at=at,
    )
    ticket.next_due_at = ticket.accept_due_at
    ticket.reporters.append(Reporter.named(draft.reporter_name.strip(), draft.reporter_mobile.strip()))
    ticket.events.append(TicketEvent.of(Move.SUBMIT, by, at, state_after=State.SUBMITTED, public=True))
    return ticket


def find_external(session: Session, source: str, external_id: str) -> Ticket | None:
    with beyond_scope():
        return session.scalar(sa.select(Ticket).where(Ticket.source == source, Ticket.external_id == external_id))

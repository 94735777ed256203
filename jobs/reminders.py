"""Says what has become due about legs and requests (domain § 10), and notes on each when to look at it again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from jobs.rows import each
from models.calendar import load_calendar
from models.legs import Leg
from models.notices import tell
from models.policies import load_policy
from models.ratings import unheard
from models.supervisions import supervised_from
from models.tickets import Ticket
from rules.deadlines import Tier
from rules.lifecycle import Move, State
from rules.policy import Policy
from rules.reminders import Event, Occasion, around, occasions, steps
from rules.routing import RequestKind
from rules.workdays import Calendar, spoken

SIGN_WARNINGS = 2
"""An emergency's alarms stand for them."""


@dataclass(frozen=True)
class Watch:
    """One event that may have to be spoken of while a request is in its state. `skip` steps were said at once."""

    event: Event
    start: datetime
    due: datetime
    skip: int = 0
    leg: Leg | None = None
    """Whose unit is told of an event of the request."""


def ticket_watches(ticket: Ticket) -> Iterator[Watch]:
    """Before the first leg, and after settlement."""
    if ticket.state in (State.SUBMITTED, State.ACCEPTED) and ticket.accept_due_at is not None:
        yield Watch(Event.NOT_ACCEPTED, ticket.submitted_at, ticket.accept_due_at)
        if ticket.kind == RequestKind.EMERGENCY:
            yield Watch(Event.EMERGENCY, ticket.submitted_at, ticket.accept_due_at)
    elif ticket.state in (State.SETTLED, State.RATED) and ticket.rate_until is not None and unheard(ticket):
        settled = max((event.at for event in ticket.events if event.action == Move.SETTLE), default=None)
        if settled is not None:
            yield Watch(Event.PLEASE_RATE, settled, ticket.rate_until, skip=1)

    for opened in ticket.supervisions:
        if opened.answered_at is None and opened.closed_at is None:
            lead = ticket.lead if ticket.legs else None
            yield Watch(Event.SUPERVISION, opened.opened_at, opened.answer_due_at, skip=1, leg=lead)


def leg_watches(leg: Leg) -> Iterator[Watch]:
    if leg.dispatched_at is None:
        return
    if leg.state == State.DISPATCHED and leg.sign_due_at is not None:
        alarmed = leg.ticket.tier == Tier.EMERGENCY
        yield Watch(Event.SIGN, leg.dispatched_at, leg.sign_due_at, skip=SIGN_WARNINGS if alarmed else 0)
        if alarmed:
            yield Watch(Event.EMERGENCY, leg.dispatched_at, leg.sign_due_at)
    if leg.state == State.SIGNED and leg.signed_at is not None and leg.first_contact_at is None:
        yield Watch(Event.NO_FIRST_CONTACT, leg.signed_at, leg.signed_at)
    if leg.state in (State.DISPATCHED, State.SIGNED, State.HANDLING) and leg.settle_due_at is not None:
        yield Watch(Event.SETTLE, leg.dispatched_at, leg.settle_due_at)
    if leg.state == State.PENDING_REVIEW and leg.result_at is not None:
        yield Watch(Event.NOT_REVIEWED, leg.result_at, leg.result_at)
    if leg.state == State.SUSPENDED and leg.paused_at is not None and leg.resume_at is not None:
        yield Watch(Event.SUSPENSION, leg.paused_at, leg.resume_at)
    if leg.state == State.HANDLING and leg.promise_at is not None:
        yield Watch(Event.PROMISE, leg.dispatched_at, leg.promise_at)


@dataclass(frozen=True)
class Sweep:
    session: Session
    now: datetime
    policy: Policy
    calendar: Calendar

    def ticket(self, ticket_id: int) -> bool:
        ticket = self.session.get_one(Ticket, ticket_id)
        return self.remind(ticket, list(ticket_watches(ticket)), ticket, None, supervised_from(ticket, self.policy))

    def leg(self, leg_id: int) -> bool:
        leg = self.session.get_one(Leg, leg_id)
        return self.remind(leg, list(leg_watches(leg)), leg.ticket, leg)

    def remind(
        self, row: Ticket | Leg, watches: list[Watch], ticket: Ticket, leg: Leg | None, look_at: datetime | None = None
    ) -> bool:
        """`look_at` is when the row has to be looked at for another reason."""
        heard = [self.heard(watch, ticket) for watch in watches]
        coming = [later for later in (look_at, *(later for _, later in heard)) if later is not None]
        if not self.claim(row, min(coming, default=None)):
            return False
        for watch, (latest, _) in zip(watches, heard, strict=True):
            if latest is not None:
                due = spoken(watch.due)
                tell(self.session, watch.event, latest.step, ticket, watch.leg or leg, self.now, latest.bucket, due=due)
        return True

    def heard(self, watch: Watch, ticket: Ticket) -> tuple[Occasion | None, datetime | None]:
        """The latest step that has come, and when the next one comes."""
        chosen = steps(watch.event, self.policy, Tier(ticket.tier) if ticket.tier else None)[watch.skip :]
        return around(occasions(chosen, watch.start, watch.due, self.policy, self.calendar), self.now)

    def claim(self, row: Ticket | Leg, later: datetime | None) -> bool:
        """Every move sets `remind_at`: if it is no longer what was read, the row has gone on meanwhile."""
        table = type(row).__table__
        unmoved = sa.and_(table.c.id == row.id, table.c.remind_at == row.remind_at)
        update = sa.update(table).where(unmoved).values(remind_at=later)
        return self.session.connection().execute(update).rowcount == 1


def remind(session: Session, now: datetime) -> int:
    """How many rows were looked at."""
    sweep = Sweep(session, now, load_policy(session), load_calendar(session))
    tickets = each(session, due_ids(session, Ticket, now), sweep.ticket)
    return tickets + each(session, due_ids(session, Leg, now), sweep.leg)


def due_ids(session: Session, model: type[Ticket] | type[Leg], now: datetime) -> list[int]:
    return list(session.scalars(sa.select(model.id).where(model.remind_at <= now).order_by(model.remind_at)))

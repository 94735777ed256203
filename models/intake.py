"""提交: what anyone asks with becomes a request, with its number, its tracking code and the promises that start."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.acting import Actor, beyond_scope
from models.calendar import load_calendar
from models.categories import Category
from models.events import TicketEvent
from models.numbers import new_tracking_code, next_number
from models.policies import load_policy, policy_version
from models.ratings import Reporter
from models.tickets import Ticket
from models.units import Unit
from rules import deadlines
from rules.deadlines import Tier
from rules.lifecycle import Move, State
from rules.refusals import N_, Refusal


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
        text=draft.text.strip().replace("\r\n", "\n"),
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

"""What the desk is told while it takes a request down: who calls, and what is open already that is like it."""

from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session, load_only

from models.ratings import Reporter
from models.tickets import Ticket
from models.types import keyring
from rules.identity import clean_digits, is_mobile

TAIL = 4
MOST_ROWS, MOST_CALLERS, MOST_EACH = 60, 5, 4
FACE = load_only(Ticket.number, Ticket.title, Ticket.state, Ticket.submitted_at, Ticket.category_id)


@dataclass
class Caller:
    """One number and its requests, the latest first. `reporter` is the entry of the latest."""

    reporter: Reporter
    tickets: list[Ticket] = field(default_factory=list)
    number: int = 0


def may_be_known(typed: str) -> bool:
    """Whole, or its last four digits."""
    digits = clean_digits(typed)
    return is_mobile(digits) or (len(digits) == TAIL and digits.isdigit())


def callers(session: Session, typed: str) -> list[Caller]:
    """Within scope; anonymous reporters keep theirs to themselves."""
    if not may_be_known(typed):
        return []
    asked_in = sa.func.coalesce(Reporter.asked_in_id, Reporter.ticket_id)
    statement = (
        sa.select(Reporter, Ticket)
        .join(Ticket, Ticket.id == asked_in)
        .where(is_of(typed), Ticket.anonymous.is_(False))
        .order_by(Ticket.submitted_at.desc(), Ticket.id.desc())
        .limit(MOST_ROWS)
        .options(FACE)
    )
    found: dict[str | None, Caller] = {}
    for reporter, ticket in session.execute(statement):
        caller = found.setdefault(reporter.mobile_hash, Caller(reporter))
        caller.number += 1
        if len(caller.tickets) < MOST_EACH:
            caller.tickets.append(ticket)
    return list(found.values())[:MOST_CALLERS]


def known_caller(session: Session, key: int, typed: str) -> Reporter | None:
    """The one chosen among the callers of what was typed."""
    asked_in = sa.func.coalesce(Reporter.asked_in_id, Reporter.ticket_id)
    statement = sa.select(Reporter).join(Ticket, Ticket.id == asked_in)
    return session.scalar(statement.where(Reporter.id == key, is_of(typed), Ticket.anonymous.is_(False)))


def is_of(typed: str) -> sa.ColumnElement[bool]:
    digits, keys = clean_digits(typed), keyring()
    if len(digits) == TAIL:
        return Reporter.mobile_tail_hash == keys.tail_hash(digits)
    return Reporter.mobile_hash == keys.hash(digits)

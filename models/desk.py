"""What the desk is told while it takes a request down: who calls, and what is open already that is like it."""

from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session, load_only

from models.categories import Category
from models.ratings import Reporter
from models.scope import under
from models.tickets import Ticket
from models.types import keyring
from models.units import Unit
from models.worklists import OPEN_STATES
from rules.folding import fold, pair_codes
from rules.identity import clean_digits, is_mobile

TAIL = 4
MOST_ROWS, MOST_CALLERS, MOST_EACH = 60, 5, 4
LOOKED_THROUGH, MOST_ALIKE = 200, 5
ALIKE, SAME_CATEGORY = 0.45, 0.2
"""Of the pairs of characters in the title of the draft, the part that stands in another; what the category adds."""
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


def alike(session: Session, title: str, text: str, unit: Unit, category: Category | None) -> list[Ticket]:
    """Open requests of the place that say much the same, the likest first."""
    asked = set(pair_codes(fold("".join(title.split()))))
    if not asked:
        return []
    near = (
        sa.select(Ticket)
        .where(under(Ticket.path, unit.path), Ticket.state.in_(sorted(OPEN_STATES)))
        .order_by(Ticket.submitted_at.desc())
        .limit(LOOKED_THROUGH)
        .options(FACE, load_only(Ticket.text))
    )
    weighed = [(likeness(each, asked, category), each) for each in session.scalars(near)]
    chosen = sorted((pair for pair in weighed if pair[0] >= ALIKE), key=lambda pair: -pair[0])
    return [ticket for _weight, ticket in chosen[:MOST_ALIKE]]


def likeness(ticket: Ticket, asked: set[int], category: Category | None) -> float:
    said = set(pair_codes(fold("".join(f"{ticket.title}{ticket.text}".split()))))
    same = category is not None and ticket.category_id == category.id
    return len(asked & said) / len(asked) + (SAME_CATEGORY if same else 0)

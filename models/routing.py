"""What the duty catalogue proposes for a request, and to whom somebody may dispatch it."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import categories
from models.acting import Actor, beyond_scope, district_of
from models.categories import Category
from models.scope import inside, under
from models.tickets import Ticket
from models.units import Unit, called_like, find_unit
from rules.deadlines import Tier
from rules.dispatching import BELOW, BESIDE
from rules.routing import Duty, Place, Proposal, RequestKind, propose
from rules.units import UnitKind


def proposal(session: Session, ticket: Ticket, category: Category | None) -> Proposal:
    return proposal_at(session, ticket.path, RequestKind(ticket.kind), category)


def proposal_at(session: Session, path: str, kind: RequestKind, category: Category | None) -> Proposal:
    """Of a request that arises there."""
    return propose(category.path if category else None, load_duties(session), place_of(session, path), kind)


def load_duties(session: Session) -> list[Duty]:
    statement = (
        sa.select(Category.path, categories.Duty.tier, Unit.code, categories.Duty.role)
        .join(categories.Duty.category)
        .join(categories.Duty.unit, isouter=True)
        .order_by(categories.Duty.id)
    )
    with beyond_scope():
        rows = session.execute(statement).all()
    return [Duty(path, Tier(tier), code, role == "lead") for path, tier, code, role in rows]


def unit_called(session: Session, code: str) -> Unit:
    with beyond_scope():
        return find_unit(session, code)


def place_of(session: Session, path: str) -> Place:
    with beyond_scope():
        rows = session.execute(sa.select(Unit.kind, Unit.code).where(Unit.code.in_(path.strip("/").split("/")))).all()
    return {UnitKind(kind): code for kind, code in rows}


def targets(session: Session, by: Actor, typed: str, today: date, limit: int, offset: int = 0) -> list[Unit]:
    """Living units that `by` may dispatch to, also beyond what `by` may otherwise see."""
    return _living(session, reachable(by), typed, today, limit, offset)


def neighbours(session: Session, by: Actor, typed: str, today: date, limit: int, offset: int = 0) -> list[Unit]:
    """Living units of the district of `by`."""
    around = inside(Unit.path, district_of(by.unit_path)) if by.unit_path else sa.false()
    return _living(session, around, typed, today, limit, offset)


def _living(
    session: Session, among: sa.ColumnElement[bool], typed: str, today: date, limit: int, offset: int
) -> list[Unit]:
    statement = sa.select(Unit).where(among, Unit.lives_on(today))
    if typed:
        statement = statement.where(called_like(typed))
    with beyond_scope():
        ordered = statement.order_by(sa.func.length(Unit.path), Unit.code)
        return list(session.scalars(ordered.offset(offset).limit(limit)))


def reachable(by: Actor) -> sa.ColumnElement[bool]:
    """The table of rules.dispatching as a condition."""
    if not by.unit_kind:
        return sa.false()
    kind = UnitKind(by.unit_kind)
    if kind is UnitKind.DISTRICT:
        return inside(Unit.path, by.unit_path)
    unit = Unit.metadata.tables["unit"].c
    parent = sa.select(unit.parent_id).where(unit.id == by.unit_id).scalar_subquery()
    return sa.or_(
        Unit.id == by.unit_id,
        sa.and_(under(Unit.path, by.unit_path), Unit.kind.in_(BELOW.get(kind, set()))),
        sa.and_(Unit.parent_id == parent, Unit.kind.in_(BESIDE.get(kind, set()))),
    )

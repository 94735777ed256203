"""What the duty catalogue proposes for a request, and to whom somebody may dispatch it."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from models import categories
from models.acting import Actor, beyond_scope, district_of
from models.categories import Category
from models.changes import Change
from models.scope import inside
from models.tickets import Ticket
from models.units import Unit, called_like, find_unit
from rules.deadlines import Tier
from rules.dispatching import BESIDE, may_dispatch
from rules.routing import Duty, Place, Proposal, RequestKind, propose
from rules.units import UnitKind
from rules.workdays import local_date


def proposal(session: Session, ticket: Ticket, category: Category | None) -> Proposal:
    return proposal_at(session, ticket.path, RequestKind(ticket.kind), category)


def proposal_at(session: Session, path: str, kind: RequestKind, category: Category | None) -> Proposal:
    """Of a request that arises there."""
    duties = load_duties(session, category.path, path) if category else []
    return propose(category.path if category else None, duties, place_of(session, path), kind)


def load_duties(session: Session, category: str, path: str) -> list[Duty]:
    """Of a category and those above it, as far as they hold for a place, with who entered each line last."""
    duty, unit, place = categories.Duty, aliased(Unit), aliased(Unit)
    entered = aliased(Change)
    last = sa.select(sa.func.max(Change.id)).where(Change.subject == "duty", Change.subject_id == duty.id)
    statement = (
        sa.select(Category.path, Category.name, duty.tier, unit.code, duty.role, place.path, entered)
        .join(duty.category)
        .join(unit, duty.unit_id == unit.id, isouter=True)
        .join(place, duty.place_id == place.id, isouter=True)
        .join(entered, sa.and_(entered.id == last.scalar_subquery(), entered.person_id.is_not(None)), isouter=True)
        .where(Category.path.in_(steps(category)), sa.or_(place.path.is_(None), place.path.in_(steps(path))))
        .order_by(duty.id)
    )
    with beyond_scope():
        rows = session.execute(statement).all()
    return [
        Duty(line, Tier(tier), code, role == "lead", where or "", name, *(entry_of(change) if change else ()))
        for line, name, tier, code, role, where, change in rows
    ]


def entry_of(change: Change) -> tuple[str, date]:
    return change.name, local_date(change.at)


def steps(path: str) -> list[str]:
    """`/a/b/` → `/a/`, `/a/b/`."""
    parts = path.strip("/").split("/")
    return [f"/{'/'.join(parts[:number])}/" for number in range(1, len(parts) + 1)]


def proposed_co_units(session: Session, ticket: Ticket) -> list[Unit]:
    """Whom the lead may ask for its part once it has signed: units of the catalogue that do not handle it already."""
    if not ticket.legs or ticket.lead.signed_at is None:
        return []
    involved = {ticket.lead.unit_id, *(leg.unit_id for leg in ticket.helping)}
    codes = proposal(session, ticket, ticket.category).co_units
    with beyond_scope():
        found = {unit.code: unit for unit in session.scalars(sa.select(Unit).where(Unit.code.in_(codes)))}
    return [found[code] for code in codes if found[code].valid_to is None and found[code].id not in involved]


def next_step(unit: Unit | None, by: Actor) -> Unit | None:
    """The unit itself, or the nearest one above it that `by` may dispatch to."""
    with beyond_scope():
        while unit is not None and by.unit_kind and not _reaches(by, unit):
            unit = unit.parent
    return unit


def _reaches(by: Actor, unit: Unit) -> bool:
    return may_dispatch(UnitKind(by.unit_kind), by.unit_path, UnitKind(unit.kind), unit.path)


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
        Unit.parent_id == by.unit_id,
        sa.and_(Unit.parent_id == parent, Unit.kind.in_(BESIDE.get(kind, set()))),
    )

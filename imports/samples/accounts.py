"""Sample accounts: one for each role, held by invented people who belong together."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.accounts import Account, open_account
from models.legs import Leg
from models.people import Employment, Person
from models.units import Unit
from rules.roles import Role
from rules.units import UnitKind

AT_THE_TOP = (UnitKind.DISTRICT, UnitKind.DEPARTMENT)


@dataclass(frozen=True)
class SignIn:
    role: Role
    username: str
    name: str
    unit: str


def open_sample_accounts(session: Session, password: str) -> list[SignIn]:
    """The dispatcher's town holds the village of handler, leader, member and group leader."""
    village = busiest_village(session)
    town = session.get_one(Unit, village.parent_id)
    return [open_one(session, role, place(session, role, village, town), password) for role in Role]


def busiest_village(session: Session) -> Unit:
    """Of the villages with people enough for its four roles, the one with most to do."""
    people = sa.select(Person.unit_id).group_by(Person.unit_id).having(sa.func.count() >= 4)
    staffed = sa.select(Person.unit_id)
    statement = (
        sa.select(Unit)
        .outerjoin(Leg, Leg.unit_id == Unit.id)
        .where(Unit.kind == UnitKind.VILLAGE, Unit.id.in_(people), Unit.parent_id.in_(staffed))
        .group_by(Unit.id)
        .order_by(sa.func.count(Leg.id).desc(), Unit.code)
        .limit(1)
    )
    return session.scalars(statement).one()


def place(session: Session, role: Role, village: Unit, town: Unit) -> list[int]:
    """The units in which to look for somebody, the best first."""
    if role in (Role.HANDLER, Role.UNIT_LEADER, Role.MEMBER, Role.GROUP_LEADER):
        return [village.id]
    if role is Role.DISPATCHER:
        return [town.id]
    top = sa.select(Unit.id).where(Unit.kind.in_(AT_THE_TOP)).order_by(sa.func.length(Unit.path), Unit.code)
    return list(session.scalars(top))


def open_one(session: Session, role: Role, units: list[int], password: str) -> SignIn:
    order = sa.case({unit_id: position for position, unit_id in enumerate(units)}, value=Person.unit_id)
    person = session.scalars(
        sa.select(Person)
        .where(Person.unit_id.in_(units), Person.employment == Employment.ACTIVE)
        .where(Person.id.not_in(sa.select(Account.person_id)))
        .order_by(order, Person.id)
        .limit(1)
    ).one()
    open_account(session, person, role.value, password, {role})
    return SignIn(role, role.value, person.name, person.unit.name)

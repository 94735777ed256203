"""Sample accounts: one for each role, held by invented people who belong together."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.accounts import open_account
from models.legs import Leg
from models.people import Employment, Person
from models.units import Unit
from rules.lifecycle import CLOSED_STATES
from rules.roles import Role
from rules.units import UnitKind


@dataclass(frozen=True)
class SignIn:
    role: Role
    username: str
    name: str
    unit: str


IN_VILLAGE = {Role.HANDLER: "经办", Role.UNIT_LEADER: "书记", Role.MEMBER: "网格员"}
IN_TOWN = {Role.DISPATCHER: "派单员", Role.GROUP_LEADER: "书记"}
IN_DISTRICT = {
    Role.OFFICE: "区调研办主任",
    Role.SUPERVISOR: "督查专员",
    Role.MANAGER: "区领导",
    Role.EVALUATOR: "考核专员",
    Role.SYS_ADMIN: "系统管理员",
    Role.SEC_ADMIN: "安全管理员",
    Role.AUDIT_ADMIN: "审计管理员",
}


def open_sample_accounts(session: Session, password: str) -> list[SignIn]:
    """The dispatcher's town holds the village of handler, leader and member; everybody else works for the district."""
    village = busiest_village(session)
    town = session.get_one(Unit, village.parent_id)
    district = session.get_one(Unit, town.parent_id)
    places = [(town, IN_TOWN), (village, IN_VILLAGE), (district, IN_DISTRICT)]
    return [open_one(session, role, unit, post, password) for unit, posts in places for role, post in posts.items()]


def busiest_village(session: Session) -> Unit:
    """Of the villages that have somebody for every role, the one with most in hand."""
    staffed = (
        sa.select(Person.unit_id)
        .where(Person.post.in_(IN_VILLAGE.values()))
        .group_by(Person.unit_id)
        .having(sa.func.count(Person.post.distinct()) == len(IN_VILLAGE))
    )
    in_hand = sa.func.count(Leg.id)
    statement = (
        sa.select(Unit)
        .outerjoin(Leg, sa.and_(Leg.unit_id == Unit.id, Leg.state.not_in(CLOSED_STATES)))
        .where(Unit.kind == UnitKind.VILLAGE, Unit.id.in_(staffed))
        .group_by(Unit.id)
        .order_by(in_hand.desc(), Unit.code)
        .limit(1)
    )
    return session.scalars(statement).one()


def open_one(session: Session, role: Role, unit: Unit, post: str, password: str) -> SignIn:
    active = Person.employment == Employment.ACTIVE
    candidates = sa.select(Person).where(Person.unit_id == unit.id, Person.post == post, active)
    person = session.scalars(candidates.order_by(Person.id).limit(1)).one()
    open_account(session, person, role.value, password, {role})
    return SignIn(role, role.value, person.name, unit.name)

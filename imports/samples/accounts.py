"""Sample accounts: one to sign in with for each role, held by invented people who belong together, and one without a
password for everybody else who has a part in handling requests, so that every unit has somebody to remind."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.accounts import Account, open_account
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

ELSEWHERE = {
    "经办": Role.HANDLER,
    "书记": Role.UNIT_LEADER,
    "负责人": Role.UNIT_LEADER,
    "派单员": Role.DISPATCHER,
}


def open_sample_accounts(session: Session, password: str) -> list[SignIn]:
    """The dispatcher's town holds the village of handler, leader and member; everybody else works for the district."""
    village = busiest_village(session)
    town = session.get_one(Unit, village.parent_id)
    district = session.get_one(Unit, town.parent_id)
    places = [(town, IN_TOWN), (village, IN_VILLAGE), (district, IN_DISTRICT)]
    rows = [open_one(session, role, unit, post, password) for unit, posts in places for role, post in posts.items()]
    open_others(session)
    return rows


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


def open_others(session: Session) -> None:
    nobody_yet = Person.id.not_in(sa.select(Account.person_id))
    candidates = sa.select(Person).where(Person.post.in_(ELSEWHERE), Person.employment == Employment.ACTIVE, nobody_yet)
    for person in session.scalars(candidates.order_by(Person.id)):
        open_account(session, person, str(person.staff_no), None, {ELSEWHERE[person.post]})

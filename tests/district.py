"""A small district for tests: 富阳区 with two towns, a village in each, a grid, a station and a department, and people."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_appbuilder.security.sqla.models import Role as AbRole
from flask_appbuilder.security.sqla.models import User

from models.accounts import Account
from models.acting import Actor
from models.calendar import seed_calendar
from models.categories import Category, seed_categories
from models.people import Person
from models.policies import seed_policies
from models.terms import seed_terms
from models.tickets import Draft, Ticket, submit
from models.units import Unit
from models.uploads import Upload, keep
from rules.deadlines import Tier
from rules.roles import Role
from rules.workdays import ZONE

DISTRICT, TOWN, OTHER_TOWN = "330111000000", "330111001000", "330111002000"
VILLAGE, OTHER_VILLAGE, GRID = "330111001201", "330111002201", "330111001201-01"
STATION, DEPARTMENT = "330111001-S1", "330111-D1"

UNITS = (
    (DISTRICT, "富阳区", "district", None),
    (TOWN, "富春街道", "town", DISTRICT),
    (OTHER_TOWN, "春江街道", "town", DISTRICT),
    (VILLAGE, "苋浦社区", "village", TOWN),
    (OTHER_VILLAGE, "临江村", "village", OTHER_TOWN),
    (GRID, "苋浦第一网格", "grid", VILLAGE),
    (STATION, "富春城管中队", "station", TOWN),
    (DEPARTMENT, "区建设局", "department", DISTRICT),
)
STAFF = (
    ("dispatcher", "张小派", DISTRICT, Role.DISPATCHER),
    ("town_dispatcher", "钱街派", TOWN, Role.DISPATCHER),
    ("handler", "李经办", VILLAGE, Role.HANDLER),
    ("second_handler", "周二办", VILLAGE, Role.HANDLER),
    ("leader", "王书记", VILLAGE, Role.UNIT_LEADER),
    ("other_handler", "孙邻办", OTHER_VILLAGE, Role.HANDLER),
    ("other_leader", "吴邻书", OTHER_VILLAGE, Role.UNIT_LEADER),
    ("manager", "赵区长", DISTRICT, Role.MANAGER),
    ("supervisor", "郑督查", DISTRICT, Role.SUPERVISOR),
    ("office", "冯调研", DISTRICT, Role.OFFICE),
    ("member", "陈党员", VILLAGE, Role.MEMBER),
)
SUBMITTED = datetime(2026, 9, 18, 9, 0, tzinfo=ZONE)
PDF = b"%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"


def at(text: str) -> datetime:
    """`2026-09-18 17:01`, in the district's own time."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@dataclass(frozen=True)
class District:
    session: Any
    units: dict[str, Unit]
    staff: dict[str, Actor]

    def __getitem__(self, code: str) -> Unit:
        return self.units[code]

    def actor(self, name: str) -> Actor:
        return self.staff[name]

    def submitted(self, when: datetime = SUBMITTED, unit: str = VILLAGE, **columns: Any) -> Ticket:
        columns = {"title": "路灯不亮", "text": "村口的路灯三天没亮了", "source": "portal"} | columns
        columns = {"reporter_name": "何阿姨", "reporter_mobile": "13800001234"} | columns
        return submit(self.session, Draft(unit=self[unit], **columns), Actor(None, "群众"), when)

    def accepted(self, when: datetime = SUBMITTED, tier: Tier = Tier.MICRO, **columns: Any) -> Ticket:
        ticket = self.submitted(when, **columns)
        ticket.accept(self.actor("dispatcher"), when, tier=tier, category=None)
        return ticket

    def dispatched(self, when: datetime = SUBMITTED, to: str = VILLAGE, **columns: Any) -> Ticket:
        ticket = self.accepted(when, **columns)
        ticket.dispatch(self[to], self.actor("dispatcher"), when)
        return ticket

    def signed(self, when: datetime = SUBMITTED, **columns: Any) -> Ticket:
        ticket = self.dispatched(when, **columns)
        ticket.sign(self.actor("handler"), when)
        return ticket

    def with_result(self, when: datetime = SUBMITTED, result_at: datetime | None = None, **columns: Any) -> Ticket:
        ticket = self.signed(when, **columns)
        keep(self.session, ticket, Upload("现场.pdf", PDF), self.actor("handler"), when, leg=ticket.lead)
        ticket.submit_result(self.actor("handler"), result_at or when, result="换了灯泡", feedback="已电话告知")
        return ticket

    def settled(self, when: datetime = SUBMITTED, settled_at: datetime | None = None, **columns: Any) -> Ticket:
        ticket = self.with_result(when, **columns)
        ticket.settle(self.actor("leader"), settled_at or when, mode="on_the_spot")
        return ticket

    def category(self, code: str) -> Category:
        return self.session.query(Category).filter_by(code=code).one()


def build(session: Any) -> District:
    seed_policies(session, SUBMITTED)
    seed_calendar(session, 2025, 2027)
    seed_categories(session)
    seed_terms(session)
    units = hang_units(session)
    roles = {role: session.query(AbRole).filter_by(name=role).one_or_none() or AbRole(name=role) for role in Role}
    people = {login: hire(session, login, name, units[unit], roles[role]) for login, name, unit, role in STAFF}
    session.flush()
    staff = {login: acting(people[login], role) for login, _, _, role in STAFF}
    return District(session, units, staff)


def hang_units(session: Any) -> dict[str, Unit]:
    units: dict[str, Unit] = {}
    for code, name, kind, parent in UNITS:
        unit = Unit(code=code, name=name, kind=kind)
        unit.place(units[parent] if parent else None)
        units[code] = unit
        session.add(unit)
        session.flush()
    return units


def hire(session: Any, login: str, name: str, unit: Unit, role: AbRole) -> Person:
    person = Person(name=name, staff_no=login)
    person.join(unit)
    user = User(first_name=name[1:], last_name=name[0], username=login, email=f"{login}@example.org", active=True)
    user.roles = [role]
    session.add(Account(user=user, person=person))
    return person


def acting(person: Person, role: Role) -> Actor:
    unit = person.unit
    return Actor(person.id, person.name, frozenset({role}), unit.id, unit.name, unit.path, unit.kind)

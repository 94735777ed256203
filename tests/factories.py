"""A small invented district and whatever a test needs in it."""

from dataclasses import dataclass
from itertools import count
from typing import Any

from flask_appbuilder.security.sqla.models import Role as FabRole
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.acting import Actor
from models.households import Household
from models.organisations import Organisation
from models.people import Person
from models.units import Unit, UnitAlias
from rules.roles import Role

numbers = count(1)


@dataclass
class District:
    """清溪区: two towns, three villages (one name in both towns), grids, a department with a station."""

    root: Unit
    town: Unit
    village: Unit
    grid: Unit
    twin: Unit
    far_town: Unit
    far_village: Unit
    far_twin: Unit
    department: Unit
    station: Unit


def unit(session: Session, parent: Unit | None, code: str, name: str, kind: str, **columns: Any) -> Unit:
    made = Unit(code=code, name=name, kind=kind, **columns)
    made.hang_under(parent)
    session.add(made)
    session.flush()
    return made


def build_district(session: Session) -> District:
    root = unit(session, None, "339901000000", "清溪区", "district")
    town = unit(session, root, "339901001000", "青石镇", "town", category="镇")
    far_town = unit(session, root, "339901002000", "白沙乡", "town", category="乡")
    village = unit(session, town, "339901001001", "石桥村", "village", category="村")
    village.aliases.append(UnitAlias(alias="石桥"))
    twin = unit(session, town, "339901001002", "蒋湾村", "village", category="村")
    far_village = unit(session, far_town, "339901002001", "沙口村", "village", category="村")
    far_twin = unit(session, far_town, "339901002002", "蒋湾村", "village", category="村")
    grid = unit(session, village, "339901001001-01", "石桥第一网格", "grid")
    department = unit(session, root, "339901-JTJ", "区交通局", "department")
    station = unit(session, root, "339901-CGZD", "城管青石中队", "station")
    session.flush()
    return District(root, town, village, grid, twin, far_town, far_village, far_twin, department, station)


def make_person(session: Session, unit: Unit, name: str | None = None, **columns: Any) -> Person:
    number = next(numbers)
    person = Person(name=name or f"干部{number}", staff_no=f"T{number:05d}", **columns)
    person.join(unit)
    session.add(person)
    session.flush()
    return person


def make_household(session: Session, unit: Unit, head: str = "石大桥", **columns: Any) -> Household:
    household = Household(head=head, **columns)
    household.lie_in(unit)
    session.add(household)
    session.flush()
    return household


def make_organisation(session: Session, unit: Unit, name: str = "石桥竹编厂", **columns: Any) -> Organisation:
    organisation = Organisation(name=name, **{"kind": "enterprise"} | columns)
    organisation.lie_in(unit)
    session.add(organisation)
    session.flush()
    return organisation


def make_account(session: Session, role: str, unit: Unit, name: str | None = None) -> Account:
    """Tied to a new person of the unit; the password is nothing anyone can type."""
    number = next(numbers)
    fab_role = session.scalar(select(FabRole).where(FabRole.name == role))
    if fab_role is None:
        fab_role = FabRole(name=role)
        session.add(fab_role)
    user = User(
        username=f"{role}{number}",
        first_name=name or f"干部{number}",
        last_name="",
        email=f"{role}{number}@example.invalid",
        active=True,
        password="!",
    )
    session.add(user)
    user.roles = [fab_role]
    account = Account(user=user, person=make_person(session, unit, name))
    session.add(account)
    session.flush()
    return account


def actor(session: Session, role: str, unit: Unit, name: str | None = None) -> Actor:
    account = make_account(session, role, unit, name)
    return Actor(
        account.person_id, account.person.name, frozenset({Role(role)}), unit.id, unit.name, unit.path, unit.kind
    )

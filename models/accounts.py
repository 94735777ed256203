"""Accounts: a FAB user tied to one person, whose unit decides what the account reaches."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import Role as FabRole
from flask_appbuilder.security.sqla.models import User
from sqlalchemy.orm import Mapped, Session, aliased, column_property, joinedload, mapped_column, relationship
from werkzeug.security import generate_password_hash

from models.acting import Absent, Actor, beyond_scope, current
from models.changes import HIDDEN, Tracked, note
from models.people import Person
from models.policies import load_policy
from models.scope import DISTRICT
from models.stand_ins import StandIn
from models.types import UtcDateTime
from models.units import Unit
from rules.passwords import check_password
from rules.policy import Policy
from rules.refusals import N_, Refusal
from rules.roles import NO_BUSINESS, Role, check_together
from rules.workdays import local_date

UNUSABLE = "!"
"""No password has this hash."""


class Account(Tracked, Model):
    __tablename__ = "account"
    UNTRACKED = frozenset({"failures", "epoch", "language"})

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("ab_user.id", ondelete="CASCADE"), unique=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    epoch: Mapped[int] = mapped_column(default=0, server_default="0")
    """Counts sign-outs and password changes: a cookie of an earlier epoch is worth nothing."""
    language: Mapped[str] = mapped_column(sa.String(8), default="zh", server_default="zh")

    user: Mapped[Any] = relationship(User)
    person: Mapped[Person] = relationship()

    user_name: Mapped[str] = column_property(
        sa.select(User.username).where(User.id == user_id).scalar_subquery(), deferred=True
    )
    name: Mapped[str] = column_property(
        sa.select(Person.name).where(Person.id == person_id).scalar_subquery(), deferred=True
    )
    staff_no: Mapped[str | None] = column_property(
        sa.select(Person.staff_no).where(Person.id == person_id).scalar_subquery(), deferred=True
    )
    employment: Mapped[str] = column_property(
        sa.select(Person.employment).where(Person.id == person_id).scalar_subquery(), deferred=True
    )
    in_use: Mapped[bool] = column_property(
        sa.select(User.active).where(User.id == user_id).scalar_subquery(), deferred=True
    )

    def __str__(self) -> str:
        return f"{self.person.name} {self.user.username}"

    def may_try(self, at: datetime) -> bool:
        return self.locked_until is None or self.locked_until <= at

    def failed(self, at: datetime, policy: Policy) -> None:
        self.failures += 1
        if self.failures >= policy.sign_in_failures:
            self.failures, self.locked_until = 0, at + timedelta(minutes=policy.locked_minutes)

    def succeeded(self) -> None:
        self.failures, self.locked_until = 0, None

    def end_sessions(self) -> None:
        self.epoch += 1

    @property
    def active(self) -> bool:
        return bool(self.user.active)

    @property
    def roles(self) -> set[Role]:
        return {Role(role.name) for role in self.user.roles if role.name in set(Role)}

    def give_roles(self, session: Session, roles: set[Role]) -> None:
        """In force from the next request on. Whoever has several accounts holds the roles of them all."""
        acting = current()
        if roles != self.roles and acting is not None and acting.actor.person_id == self.person_id:
            raise Refusal(N_("Nobody gives roles to themselves: another security administrator has to do it"))
        check_together(frozenset(roles | self._roles_beside(session)))
        note(session, self, "roles", sorted(self.roles), sorted(roles))
        self.user.roles = list(session.scalars(sa.select(FabRole).where(FabRole.name.in_(roles))))

    def _roles_beside(self, session: Session) -> set[Role]:
        others = sa.select(Account).where(Account.person_id == self.person_id, Account.id != self.id)
        return {role for account in session.scalars(others) for role in account.roles}

    def sign_out_everywhere(self, session: Session) -> None:
        note(session, self, "epoch", self.epoch, self.epoch + 1)
        self.end_sessions()

    def set_password(self, session: Session, password: str) -> None:
        """Ends every session of the account and lifts a lock."""
        check_password(password, self.user.username, load_policy(session))
        note(session, self, "password", HIDDEN, HIDDEN)
        self.user.password = generate_password_hash(password)
        self.end_sessions()
        self.succeeded()

    def set_active(self, session: Session, *, active: bool) -> None:
        note(session, self, "active", bool(self.user.active), active)
        self.user.active = active
        self.end_sessions()


def open_account(session: Session, person: Person, user_name: str, password: str | None, roles: set[Role]) -> Account:
    """Without a password nobody signs in until one is set."""
    user_name = user_name.strip()
    if not user_name:
        raise Refusal(N_("An account needs a user name"))
    if password is not None:
        check_password(password, user_name, load_policy(session))
    if session.scalar(sa.select(User.id).where(sa.func.lower(User.username) == user_name.lower())):
        raise Refusal(N_("The user name %(name)s is taken"), name=user_name)
    user = User(
        username=user_name,
        last_name=person.name[:1],
        first_name=person.name[1:],
        email=f"{user_name}@account.invalid",
        active=True,
        password=UNUSABLE if password is None else generate_password_hash(password),
    )
    account = Account(user=user, person=person)
    session.add_all([user, account])
    session.flush()
    account.give_roles(session, roles)
    return account


def in_use_by(people: Collection[int]) -> sa.Select[Any]:
    """By district, how many accounts of theirs may sign in."""
    person, account, user = Person.__table__, Account.__table__, User.__table__
    first: Any = sa.literal_column("1")
    length: Any = sa.literal_column(str(DISTRICT))
    district = sa.func.substr(person.c.path, first, length)
    theirs = person.join(account, account.c.person_id == person.c.id).join(user, user.c.id == account.c.user_id)
    found = sa.select(district, sa.func.count()).select_from(theirs)
    return found.where(user.c.active.is_(True), person.c.id.in_(people)).group_by(district)


def account_of(session: Session, user_id: int) -> Account | None:
    """With its user and roles, in one query."""
    at_once = joinedload(Account.user).joinedload(User.roles)
    with beyond_scope():
        return session.scalars(sa.select(Account).where(Account.user_id == user_id).options(at_once)).unique().first()


def holding(*roles: Role) -> sa.Select[int]:
    """People whose account carries one of the roles."""
    carried = User.roles.any(FabRole.name.in_([role.value for role in roles]))
    return (
        sa.select(Person.id)
        .join(Account, Account.person_id == Person.id)
        .join(Account.user)
        .where(User.active.is_(True), carried)
    )


def actor_of(session: Session, user: Any, at: datetime) -> Actor | None:
    """Name, unit and roles of a FAB user's account in one query; None if it is tied to nobody. Whoever stands in for
    an absent handler of the same unit is lent that role."""
    absent, theirs = aliased(Person), aliased(Account)
    at_work = sa.and_(User.active.is_(True), User.roles.any(FabRole.name == Role.HANDLER.value))
    handles = sa.exists().where(theirs.person_id == absent.id, theirs.user.has(at_work))
    with beyond_scope():
        rows = session.execute(
            sa.select(Person.id, Person.name, Unit.id, Unit.name, Unit.path, Unit.kind)
            .add_columns(absent.id, absent.name, handles, absent.unit_id)
            .join(Account, Account.person_id == Person.id)
            .join(Unit, Unit.id == Person.unit_id)
            .outerjoin(StandIn, sa.and_(StandIn.stand_in_id == Person.id, StandIn.lasting(local_date(at))))
            .outerjoin(absent, absent.id == StandIn.absent_id)
            .where(Account.user_id == user.id)
            .order_by(StandIn.id)
        ).all()
    if not rows:
        return None
    known = {role.value for role in Role}
    roles = frozenset(Role(role.name) for role in user.roles if role.name in known)
    absents = [] if roles & NO_BUSINESS else [row[6:9] for row in rows if row[9] == row[2]]
    lent = frozenset({Role.HANDLER} if any(handles for *_who, handles in absents) else ()) - roles
    stands_for = tuple(Absent(key, name) for key, name, _handles in absents)
    row = rows[0]
    return Actor(row[0], row[1], roles | lent, row[2], row[3], row[4], row[5], stands_for, lent)

"""Who may arrange that somebody stands in, and what rules it out: chains, two at once, oneself, another unit."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.accounts import holding
from models.acting import Actor, beyond_scope
from models.locks import hold
from models.people import Person
from models.stand_ins import StandIn
from rules.refusals import N_, Refusal
from rules.roles import NO_BUSINESS, Role


def arrange(session: Session, agreed: StandIn, by: Actor, today: date) -> None:
    may_arrange(agreed, by)
    hold(session.connection(), "stand_ins")
    absent, other = agreed.absent, agreed.stand_in
    if absent.id == other.id:
        raise Refusal(N_("Nobody stands in for themselves"))
    if absent.unit_id != other.unit_id:
        raise Refusal(N_("%(name)s belongs to another unit"), name=other.name)
    if not agreed.from_on <= agreed.to_on or agreed.to_on < today:
        raise Refusal(N_("The last day lies before the first, or is over already"))
    if not holds(session, absent, {Role.HANDLER}):
        raise Refusal(N_("%(name)s is no handler: there is nothing to stand in for"), name=absent.name)
    if not holds(session, other, set(Role) - NO_BUSINESS):
        raise Refusal(N_("%(name)s has no account for handling requests"), name=other.name)
    not_twice(session, agreed)


def may_arrange(agreed: StandIn, by: Actor) -> None:
    """The leader of the unit, or who will be absent."""
    leads = Role.UNIT_LEADER in by.roles and by.unit_id == agreed.absent.unit_id
    if not leads and by.person_id != agreed.absent.id:
        raise Refusal(N_("Only the leader of the unit, or who will be absent, arranges this"))


def take_off(agreed: StandIn, by: Actor, today: date) -> None:
    """What has begun stays on record."""
    may_arrange(agreed, by)
    if agreed.from_on <= today:
        raise Refusal(N_("It has begun: set the last day instead"))


def holds(session: Session, person: Person, roles: set[Role]) -> bool:
    with beyond_scope():
        return (
            session.scalar(sa.select(Person.id).where(Person.id == person.id, Person.id.in_(holding(*roles))))
            is not None
        )


def not_twice(session: Session, agreed: StandIn) -> None:
    absent, other = agreed.absent, agreed.stand_in
    touched = sa.or_(StandIn.absent_id.in_([absent.id, other.id]), StandIn.stand_in_id == absent.id)
    same_days = sa.and_(StandIn.from_on <= agreed.to_on, StandIn.to_on >= agreed.from_on)
    with beyond_scope(), session.no_autoflush:
        found = session.scalars(sa.select(StandIn).where(touched, same_days)).all()
    for each in found:
        if each is agreed:
            continue
        if each.absent_id == absent.id:
            raise Refusal(N_("In that time somebody stands in for %(name)s already"), name=absent.name)
        if each.absent_id == other.id:
            raise Refusal(N_("%(name)s will be absent in that time"), name=other.name)
        raise Refusal(N_("%(name)s stands in for somebody else in that time"), name=absent.name)

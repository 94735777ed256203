"""Notices: one row per key, written in the transaction that causes them; a sender claims and marks them later."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.accounts import holding
from models.acting import Scope, beyond_scope
from models.people import Person
from models.policies import load_policy
from models.ratings import unheard
from models.scope import Scoped, own
from models.stand_ins import stand_ins_for
from models.types import UtcDateTime
from models.units import Unit
from rules.lifecycle import Outside, State
from rules.reminders import Event, Recipient, Step, key, send_at, steps, topic, wording
from rules.roles import Role

if TYPE_CHECKING:
    from models.legs import Leg
    from models.tickets import Ticket


class Notice(Scoped, Model):
    __tablename__ = "notice"
    __table_args__: Any = (
        sa.CheckConstraint("(person_id IS NULL) <> (reporter_id IS NULL)", name="ck_notice_recipient"),
        sa.Index("ix_notice_person_read", "person_id", "read_at"),
        sa.Index("ix_notice_unsent", "sent_at", "deliver_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(120), unique=True)
    """`event:object:recipient:bucket`"""
    event: Mapped[str] = mapped_column(sa.String(32), index=True)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    reporter_id: Mapped[int | None] = mapped_column(sa.ForeignKey("reporter.id", ondelete="CASCADE"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    message: Mapped[str] = mapped_column(sa.String(200))
    """A msgid with named placeholders for `values`."""
    values: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deliver_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """After quiet hours have been taken into account."""
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    person: Mapped[Person | None] = relationship()

    def __str__(self) -> str:
        return self.message % self.values

    @property
    def said(self) -> tuple[str, dict[str, Any]]:
        return self.message, self.values

    @classmethod
    def within(cls, scope: Scope) -> sa.ColumnElement[bool]:
        """One's own, and only once delivered."""
        mine = own(cls.person_id, scope) if scope.told is None else cls.person_id == scope.told
        return sa.and_(mine, cls.sent_at.is_not(None))


def post(session: Session, rows: list[dict[str, Any]]) -> int:
    """Writes the notices whose key is not there yet; returns how many were new."""
    if not rows:
        return 0
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(Notice).values(rows).on_conflict_do_nothing(index_elements=["key"]).returning(Notice.id)
    return len(session.connection().execute(statement).all())


def inform(
    session: Session, event: Event, about: str, told: Mapping[int, Mapping[str, Any]], at: datetime, bucket: str = ""
) -> int:
    """The first step of an event that is about no request: person → the values each is told. `at` makes the bucket
    unless another is given; returns how many are new."""
    policy = load_policy(session)
    step = steps(event, policy)[0]
    row = {
        "event": topic(event, step),
        "ticket_id": None,
        "reporter_id": None,
        "message": step.text,
        "created_at": at,
        "deliver_at": send_at(at, step.kind, policy),
    }
    bucket = bucket or f"{step.name}/{at:%Y%m%dT%H%M%S}"
    rows = [
        {**row, "key": key(event, about, f"person-{person}", bucket), "person_id": person, "values": dict(values)}
        for person, values in told.items()
    ]
    return post(session, rows)


def take_back(session: Session, events: Iterable[Event], about: str) -> None:
    """What was said and has turned out not to be so."""
    for event in events:
        said = Notice.key.startswith(key(event, about, "", "").removesuffix(":"), autoescape=True)
        session.connection().execute(sa.delete(Notice.__table__).where(said))


def holders(session: Session, role: Role) -> list[int]:
    with beyond_scope():
        return list(session.scalars(holding(role)))


def role_holders(session: Session, unit_id: int, role: Role) -> list[int]:
    with beyond_scope():
        return list(session.scalars(holding(role).where(Person.unit_id == unit_id)))


def nearest_with(session: Session, role: Role, path: str) -> int | None:
    """The nearest unit, going up from `path`, that has somebody of the role."""
    with beyond_scope():
        statement = (
            sa.select(Unit.id)
            .join(Person, Person.unit_id == Unit.id)
            .where(Person.id.in_(holding(role)), Unit.code.in_(path.strip("/").split("/")))
            .order_by(sa.func.length(Unit.path).desc())
            .limit(1)
        )
        return session.scalar(statement)


def people_for(
    session: Session, ticket: "Ticket", leg: "Leg | None", roles: Iterable[Recipient], at: datetime
) -> list[int]:
    """A leg's handler once there is one, else all of its unit's; dispatchers (and, before the first leg, their
    leader) and supervisors answer for the place. Whoever stands in for one of them is told too."""
    answering = nearest_with(session, Role.DISPATCHER, ticket.path) if leg is None or Role.DISPATCHER in roles else None
    found: list[int] = []
    for role in roles:
        unit_id = leg.unit_id if leg is not None and role is not Role.DISPATCHER else answering
        if role is Role.SUPERVISOR:
            unit_id = nearest_with(session, role, ticket.path)
        if role is Role.HANDLER and leg is not None and leg.handler_id is not None:
            found.append(leg.handler_id)
        elif isinstance(role, Role) and unit_id is not None:
            found += role_holders(session, unit_id, role)
    return list(dict.fromkeys(found + stand_ins_for(session, found, at))) if found else []


def tell(
    session: Session,
    event: Event,
    step: Step,
    ticket: "Ticket",
    leg: "Leg | None",
    at: datetime,
    bucket: str,
    **values: Any,
) -> int:
    """One notice for each recipient of the step, due at once or after the quiet hours; returns how many are new.
    Reporters read theirs on the portal, which opens to nobody without a telephone number."""
    about = f"leg-{leg.id}" if leg is not None else f"ticket-{ticket.id}"
    row = {
        "event": topic(event, step),
        "ticket_id": ticket.id,
        "message": wording(step, State(ticket.state)),
        "values": {"number": ticket.number, "title": ticket.title, **values},
        "created_at": at,
        "deliver_at": send_at(at, step.kind, load_policy(session)),
    }
    people = people_for(session, ticket, leg, step.to, at)
    rows = [
        {**row, "key": key(event, about, f"person-{person}", bucket), "person_id": person, "reporter_id": None}
        for person in people
    ]
    if Outside.REPORTER in step.to:
        rows += [
            {**row, "key": key(event, about, f"reporter-{each.id}", bucket), "person_id": None, "reporter_id": each.id}
            for each in (unheard(ticket) if event is Event.PLEASE_RATE else ticket.reporters)
            if each.mobile_hash
        ]
    return post(session, rows)


def tell_now(session: Session, event: Event, ticket: "Ticket", leg: "Leg | None", at: datetime, **values: Any) -> None:
    """The first step of an event that has just happened; `at` makes the bucket, for it may happen again."""
    step = steps(event, load_policy(session))[0]
    tell(session, event, step, ticket, leg, at, f"{step.name}/{at:%Y%m%dT%H%M%S}", **values)

"""What a run stands on: the console on the working copy, its accounts, and rows and words to ask for."""

import logging
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_appbuilder.security.sqla.models import Role as FabRole
from flask_appbuilder.security.sqla.models import User
from sqlalchemy.engine import Engine

from app import console
from models import db
from models.accounts import Account, actor_of
from models.acting import Actor
from models.evaluations import active_scheme, compute
from models.legs import Leg
from models.people import Person
from models.scope import under
from models.tickets import Ticket
from models.units import Unit
from rules.periods import month_of
from rules.units import UnitKind
from settings import Settings

SAMPLED, EVERY = 3_000, 97
COMMON = "小区"
"""Stands in about three texts of ten."""
UNKNOWN = "龘靐齉爩"


@dataclass(frozen=True)
class Who:
    """`level` is 0 for an account of the district itself."""

    user_id: int
    user_name: str
    role: str
    epoch: int
    unit_id: int
    path: str
    actor: Actor = field(repr=False)

    @property
    def level(self) -> int:
        return self.path.count("/") - 2


class Ground:
    def __init__(self, settings: Settings):
        self.settings = settings
        self.browsers: dict[str, FlaskClient] = {}
        logging.disable(logging.WARNING)
        self.app: Flask = console(settings)
        self.app.config["WTF_CSRF_ENABLED"] = False
        self.app.appbuilder.sm.limiter.enabled = False  # type: ignore[attr-defined]
        with self.app.app_context():
            self.engine: Engine = db.engine
            self.accounts = all_accounts()

    @cached_property
    def is_city(self) -> bool:
        """Villages of several districts bear one name, which peers find a unit by."""
        with self.app.app_context():
            return count(Unit, Unit.kind == UnitKind.DISTRICT) > 1

    @property
    def measured_by(self) -> str:
        """Work in a server of its own is seen by the clock alone."""
        return "cpu" if self.engine.dialect.name == "sqlite" else "seconds"

    def __enter__(self) -> "Ground":
        return self

    def __exit__(self, *failed: Any) -> None:
        self.engine.dispose()

    @cached_property
    def password(self) -> str:
        """All accounts of the invented district have the same, written in the last column of the table."""
        return self.settings.sign_ins.read_text(encoding="utf-8").strip().splitlines()[-1].split()[-1]

    @cached_property
    def handler(self) -> Who:
        """The handler of the office's district with most in hand whose unit has a leader with an account too."""
        here = [each for each in self.accounts if each.path.startswith(self.who("office").path)]
        led = {each.unit_id for each in here if each.role == "unit_leader"}
        with self.app.app_context():
            held = dict(
                db.session.execute(sa.select(Leg.unit_id, sa.func.count()).group_by(Leg.unit_id)).tuples().all()
            )
        able = [each for each in here if each.role == "handler" and each.unit_id in led]
        return max(able, key=lambda each: (held.get(each.unit_id, 0), -each.user_id))

    def who(self, role: str) -> Who:
        """The one who sees most; `town dispatcher` and `unit_leader` are those of the busiest unit with a handler."""
        if role == "handler":
            return self.handler
        if role == "unit_leader":
            return next(a for a in self.accounts if a.role == role and a.unit_id == self.handler.unit_id)
        if role == "town dispatcher":
            return next(a for a in self.accounts if a.role == "dispatcher" and a.level == 1)
        return min((a for a in self.accounts if a.role == role), key=lambda a: (a.level, a.path, a.user_id))

    def browser(self, role: str) -> FlaskClient:
        """Signed in without the password's cost; without a role, nobody."""
        client = self.app.test_client()
        if role:
            who = self.who(role)
            with client.session_transaction() as cookie:
                cookie.update({"_user_id": str(who.user_id), "_fresh": True, "epoch": who.epoch, "locale": "zh"})
        return client

    def kept_browser(self, role: str) -> FlaskClient:
        if role not in self.browsers:
            self.browsers[role] = self.browser(role)
        return self.browsers[role]

    @cached_property
    def evaluation_id(self) -> int:
        """Of last month, worked out for the district of the office."""
        with self.app.app_context():
            district, scheme = db.session.get_one(Unit, self.rows.district.id), active_scheme(db.session())
            made = compute(db.session(), month_of(clock()).previous(), district, clock(), scheme)
            db.session.commit()
            return made.id

    @cached_property
    def rows(self) -> "Rows":
        with self.app.app_context():
            return Rows(self.who("office").path)


class Rows:
    """Ids, codes and words that the pages are asked with, out of the district of the office."""

    def __init__(self, path: str) -> None:
        here, who, asked = under(Unit.path, path), under(Person.path, path), under(Ticket.path, path)
        self.district = one(sa.select(Unit).where(here, Unit.kind == "district"))
        self.town = one(sa.select(Unit).where(here, Unit.kind == "town").order_by(Unit.code))
        self.village = one(sa.select(Unit).where(here, Unit.kind == "village").order_by(Unit.code))
        self.person = one(sa.select(Person).where(who).order_by(Person.id.desc()))
        self.units, self.people, self.tickets = count(Unit, here), count(Person, who), count(Ticket, asked)
        latest = db.session.scalar(sa.select(sa.func.max(Ticket.submitted_at)).where(asked))
        self.today: date = latest.date()
        in_hand = sa.select(Ticket).where(asked, Ticket.state == "handling", Ticket.category_id.is_not(None))
        self.ticket = one(in_hand.where(Ticket.submitted_at > latest - timedelta(days=20)).order_by(Ticket.id))
        sample = sa.select(Ticket.text).where(asked, Ticket.id % EVERY == 0)
        self.texts = list(db.session.scalars(sample.order_by(Ticket.id).limit(SAMPLED)))

    def common(self, length: int) -> str:
        """The word of that length that stands in most texts; of two characters, the one everybody writes."""
        return COMMON if length == 2 else self.words(length).most_common(1)[0][0]

    def rare(self, length: int) -> str:
        """Stands in one text of the sample."""
        return min(word for word, count in self.words(length).items() if count == 1)

    def words(self, length: int) -> Counter[str]:
        found: Counter[str] = Counter()
        for text in self.texts:
            parts = {text[start : start + length] for start in range(len(text) - length + 1)}
            found.update(part for part in parts if all("一" <= letter <= "鿿" for letter in part))
        return found


def one(statement: Any) -> Any:
    return db.session.scalars(statement.limit(1)).one()


def count(model: Any, condition: Any) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model).where(condition)) or 0


def all_accounts() -> list[Who]:
    statement = (
        sa.select(Account, User, FabRole.name, Unit)
        .join(Account.user)
        .join(User.roles)
        .join(Person, Person.id == Account.person_id)
        .join(Unit, Unit.id == Person.unit_id)
        .where(User.active)
        .order_by(User.id)
    )
    found = []
    for account, user, role, unit in db.session.execute(statement):
        if actor := actor_of(db.session(), user, datetime.now(UTC)):
            found.append(Who(user.id, user.username, role, account.epoch, unit.id, unit.path, actor))
    return found


def clock() -> datetime:
    return datetime.now(UTC)

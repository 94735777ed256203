"""Who acts, when, and over which rows: set once at the border (a web request, a command, a job) and read below it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from flask import g, has_app_context, has_request_context

from rules.roles import MASKED, NO_BUSINESS, WHOLE_DISTRICT, Role


@dataclass(frozen=True)
class Absent:
    """Somebody whose work another does for a while."""

    person_id: int
    name: str


@dataclass(frozen=True)
class Actor:
    """Name and unit are copied into events, which outlive both."""

    person_id: int | None
    name: str
    roles: frozenset[Role] = frozenset()
    unit_id: int | None = None
    unit_name: str = ""
    unit_path: str = ""
    unit_kind: str = ""
    stands_for: tuple[Absent, ...] = ()
    lent: frozenset[Role] = frozenset()
    """Of the roles, those held for an absent colleague alone."""


RESIDENT = Actor(None, "群众")
SYSTEM = Actor(None, "系统")


@dataclass(frozen=True)
class Scope:
    """`paths` are subtrees of units (materialised paths); `person_id` opens that person's own rows besides.

    `journal` is the district whose record of changes may be read, and nothing else of it; `told` the person who reads
    the notices they are sent, and nothing else.
    """

    everything: bool = False
    paths: tuple[str, ...] = ()
    person_id: int | None = None
    masked: bool = True
    journal: str = ""
    told: int | None = None

    def covers(self, path: str) -> bool:
        return self.everything or any(path.startswith(prefix) for prefix in self.paths)


NOTHING = Scope()
EVERYTHING = Scope(everything=True, masked=False)


@dataclass(frozen=True)
class Acting:
    actor: Actor
    scope: Scope
    at: datetime


def scope_for(actor: Actor) -> Scope:
    """An admin of the three has no business rows, whatever else the account may hold."""
    if not actor.unit_path or not actor.roles:
        return NOTHING
    if actor.roles & NO_BUSINESS:
        journal = district_of(actor.unit_path) if Role.AUDIT_ADMIN in actor.roles else ""
        return Scope(journal=journal, told=actor.person_id)
    masked = actor.roles <= MASKED
    if actor.roles & WHOLE_DISTRICT:
        return Scope(paths=(district_of(actor.unit_path),), person_id=actor.person_id, masked=masked)
    if actor.roles & {Role.DISPATCHER, Role.HANDLER, Role.UNIT_LEADER, Role.MANAGER}:
        return Scope(paths=(actor.unit_path,), person_id=actor.person_id, masked=masked)
    return Scope(person_id=actor.person_id, masked=masked)


def district_of(path: str) -> str:
    return f"/{path.split('/')[1]}/"


def current() -> Acting | None:
    acting: Acting | None = g.get("acting") if has_app_context() else None
    return acting


def current_scope() -> Scope:
    """A web request that named nobody sees nothing; outside a request the caller is the installation itself."""
    acting = current()
    if acting is not None:
        return acting.scope
    return NOTHING if has_request_context() else EVERYTHING


def enter(acting: Acting) -> None:
    g.acting = acting


@contextmanager
def acting_as(actor: Actor, at: datetime, scope: Scope = EVERYTHING) -> Iterator[Acting]:
    before = current()
    g.acting = Acting(actor, scope, at)
    try:
        yield g.acting
    finally:
        g.acting = before


@contextmanager
def beyond_scope() -> Iterator[None]:
    """For the console's own look-ups (whom to notify, who leads a unit): what is read here is never shown as such."""
    before = current()
    if before is None:
        yield
        return
    g.acting = Acting(before.actor, EVERYTHING, before.at)
    try:
        yield
    finally:
        g.acting = before

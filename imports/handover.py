"""The open work of those who move or leave: listed, and handed on to somebody of the old unit in the same commit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from imports import roster, staging
from imports.roster import Choice, Goer
from imports.trace import COLUMNS, image, r, row
from models.changes import Change
from models.events import REASSIGNED, TicketEvent
from models.legs import Leg
from models.people import Employment, Person
from models.scope import DISTRICT
from models.tasks import Task
from models.tickets import Ticket
from models.topics import Topic
from models.units import Unit
from rules.lifecycle import State
from rules.research import TopicStage

if TYPE_CHECKING:
    from imports.people import People

person, unit = Person.__table__, Unit.__table__
leg, topic, task, ticket = Leg.__table__, Topic.__table__, Task.__table__, Ticket.__table__
event, change = TicketEvent.__table__, Change.__table__
NOBODY = 0
IN_HAND = [State.DISPATCHED, State.SIGNED, State.HANDLING, State.SUSPENDED]
"""A result that awaits its review stays to the credit of who did it."""
UNDER_WAY = [TopicStage.OPENED, TopicStage.RESEARCH]


@dataclass(frozen=True)
class Held:
    """A column that says who has it in hand, and the one beside it that names them."""

    table: sa.Table
    column: str
    named: str
    open: sa.ColumnElement[bool]


HELD = (
    Held(leg, "handler_id", "", leg.c.state.in_(IN_HAND)),
    Held(topic, "leader_id", "leader_name", topic.c.stage.in_(UNDER_WAY)),
    Held(task, "responsible_id", "responsible_name", sa.not_(task.c.written_off)),
    Held(task, "leader_id", "leader_name", sa.not_(task.c.written_off)),
)


@dataclass(frozen=True)
class Work:
    """`unit_id` is the old unit of who has it. A request is called by its number: whoever imports people need not see
    what it is about."""

    held: Held
    id: int
    person_id: int
    name: str
    unit_id: int
    path: str
    title: str
    ticket_id: int | None

    @property
    def subject(self) -> str:
        return str(self.held.table.name)


@dataclass(frozen=True)
class Heirs:
    """Who may take over, by old unit: id → name; and who does unless somebody else is chosen."""

    named: Mapping[int, dict[int, str]]
    leaders: Mapping[int, int]
    choice: Choice

    def of_unit(self, unit_id: int) -> int:
        wanted = self.choice.by_unit.get(unit_id, self.leaders.get(unit_id, NOBODY))
        return wanted if wanted in self.named.get(unit_id, {}) else NOBODY

    def of(self, person_id: int, unit_id: int) -> int:
        wanted = self.choice.by_person.get(person_id)
        if wanted is None:
            return self.of_unit(unit_id)
        return wanted if wanted in self.named.get(unit_id, {}) else NOBODY


def open_work(kind: "People", goers: Sequence[Goer]) -> list[Work]:
    """Of those who leave, and what those who move had in hand for others than their new unit."""
    known = {goer.id: goer for goer in goers}
    ids = list(known)
    return [
        work
        for held in HELD
        for start in range(0, len(ids), staging.BATCH)
        for work in _of_column(kind, held, known, ids[start : start + staging.BATCH])
    ]


def _of_column(kind: "People", held: Held, known: Mapping[int, Goer], ids: list[int]) -> Iterator[Work]:
    t, at_leg = held.table.c, held.table is leg
    holder = t[held.column]
    title, of_ticket = (ticket.c.number, t.ticket_id) if at_leg else (t.title, sa.null())
    found = kind.connection.execute(
        sa.select(t.id, holder, t.unit_id, t.path, title, of_ticket)
        .select_from(held.table.join(ticket, ticket.c.id == t.ticket_id) if at_leg else held.table)
        .where(held.open, roster.within(kind, t.path), holder.in_(ids))
        .order_by(holder, t.id)
    )
    for key, person_id, unit_id, path, called, ticket_id in found:
        goer = known[person_id]
        if unit_id != goer.to_id:
            yield Work(held, key, person_id, goer.name, goer.unit_id, path, called, ticket_id)


def heirs(kind: "People", choice: Choice, goers: Sequence[Goer], units: set[int]) -> Heirs:
    """People on duty in the old unit who stay, and its leader."""
    p, u = person.c, unit.c
    going, on_duty = {goer.id for goer in goers}, p.employment == Employment.ACTIVE.value
    leads = kind.connection.execute(
        sa.select(u.id, p.id, p.name).join(person, p.id == u.leader_id).where(u.id.in_(units), on_duty)
    ).all()
    found = kind.connection.execute(
        sa.select(p.unit_id, p.id, p.name).where(p.unit_id.in_(units), on_duty).order_by(p.id)
    ).all()
    named: dict[int, dict[int, str]] = {}
    for unit_id, person_id, name in [*leads, *found]:
        if person_id not in going:
            named.setdefault(unit_id, {})[person_id] = name
    return Heirs(named, {unit_id: person_id for unit_id, person_id, _ in leads}, choice)


def hand_on(kind: "People", batch_id: int, choice: Choice) -> dict[str, int]:
    """Before the people are written. `handed` and `stays` pieces of work."""
    goers = roster.goers(kind, choice)
    works = open_work(kind, goers)
    known = heirs(kind, choice, goers, {work.unit_id for work in works})
    given = [(work, heir) for work in works if (heir := known.of(work.person_id, work.unit_id))]
    named = {heir: known.named[work.unit_id][heir] for work, heir in given}
    given = [(work, heir) for work, heir in given if not _led_already(kind, work, named[heir])]
    _keep(kind, batch_id, [work for work, _ in given])
    for work, heir in given:
        _give(kind, work, heir, named[heir])
    _left(kind, batch_id, [work for work, _ in given])
    staging.write(
        kind.connection, event, (_event(kind, batch_id, w, named[h]) for w, h in given if w.held.table is leg)
    )
    staging.write(
        kind.connection, change, (_change(kind, batch_id, w, h, named[h]) for w, h in given if w.held.table is not leg)
    )
    return {"handed": len(given), "stays": len(works) - len(given)}


def _led_already(kind: "People", work: Work, name: str) -> bool:
    """A topic of the same title, of the year and the district, that the heir leads: no two may be alike."""
    if work.held.table is not topic:
        return False
    mine, other = topic.alias(), topic.alias()
    alike = (
        other.c.year == mine.c.year,
        other.c.title == mine.c.title,
        sa.func.substr(other.c.path, 1, DISTRICT) == sa.func.substr(mine.c.path, 1, DISTRICT),
        other.c.leader_name == name,
        other.c.id != mine.c.id,
    )
    return kind.connection.scalar(sa.select(other.c.id).where(mine.c.id == work.id, *alike).limit(1)) is not None


def _keep(kind: "People", batch_id: int, works: list[Work]) -> None:
    for held in HELD:
        t, ids = held.table.c, sorted({work.id for work in works if work.held is held})
        known = sa.exists().where(r.batch_id == batch_id, r.subject == held.table.name, r.row_id == t.id)
        for start in range(0, len(ids), staging.BATCH):
            chosen = sa.select(
                sa.literal(batch_id),
                sa.literal(held.table.name),
                t.id,
                t[held.column],
                sa.false(),
                t.version,
                image(held.table, kind.connection.dialect.name),
            ).where(t.id.in_(ids[start : start + staging.BATCH]), ~known)
            kind.connection.execute(row.insert().from_select(COLUMNS, chosen))


def _give(kind: "People", work: Work, heir: int, name: str) -> None:
    t = work.held.table.c
    values: dict[str, Any] = {work.held.column: heir, "version": t.version + 1}
    if work.held.named:
        values[work.held.named] = name
    kind.connection.execute(sa.update(work.held.table).where(t.id == work.id).values(values))


def _left(kind: "People", batch_id: int, works: list[Work]) -> None:
    for table in (leg, topic, task):
        ids = sorted({work.id for work in works if work.held.table is table})
        left = sa.select(table.c.version).where(table.c.id == r.row_id).scalar_subquery()
        for start in range(0, len(ids), staging.BATCH):
            mine = (r.batch_id == batch_id, r.subject == table.name, r.row_id.in_(ids[start : start + staging.BATCH]))
            kind.connection.execute(sa.update(row).where(*mine).values(version=left))


def _event(kind: "People", batch_id: int, work: Work, heir: str) -> dict[str, Any]:
    by = kind.order.by
    return {
        "ticket_id": work.ticket_id,
        "leg_id": work.id,
        "action": REASSIGNED,
        "at": kind.order.at,
        "person_id": by.person_id,
        "name": by.name,
        "unit_name": by.unit_name,
        "data": {"roster": batch_id, "handler": [work.name, heir]},
    }


def _change(kind: "People", batch_id: int, work: Work, heir: int, name: str) -> dict[str, Any]:
    by, held = kind.order.by, work.held
    return {
        "subject": work.subject,
        "subject_id": work.id,
        "path": work.path,
        "action": "changed",
        "at": kind.order.at,
        "person_id": by.person_id,
        "name": by.name,
        "details": {held.column: [work.person_id, heir], held.named: [work.name, name]},
        "batch_id": batch_id,
    }

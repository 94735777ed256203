"""The open work of those who move or leave, and who of the old unit may take it over. A person decides; what is
proposed counts for nothing until it is taken."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from imports import roster, staging
from imports.roster import Choice, Goer, Heir
from models.accounts import holding
from models.legs import Leg
from models.people import Employment, Person
from models.tasks import Task
from models.tickets import Ticket
from models.topics import Topic
from models.units import Unit
from rules.lifecycle import State
from rules.refusals import N_, Refusal
from rules.research import TopicStage
from rules.roles import Role

if TYPE_CHECKING:
    from imports.people import People

person, unit = Person.__table__, Unit.__table__
leg, topic, task, ticket = Leg.__table__, Topic.__table__, Task.__table__, Ticket.__table__
p, u, g = person.c, unit.c, leg.c
NOBODY = 0
"""The unit keeps the work, and nobody of it has it in hand."""
IN_HAND = [State.DISPATCHED, State.SIGNED, State.HANDLING, State.SUSPENDED]
"""A result that awaits its review stays to the credit of who did it."""
UNDER_WAY = [TopicStage.OPENED, TopicStage.RESEARCH]
LEADS = N_("Suggested: %(name)s, who leads the unit")
LEAST_OF_HANDLERS = N_("Suggested: %(name)s, who has the fewest open requests of the unit's handlers (%(count)s)")
LEAST = N_("Suggested: %(name)s, who has the fewest open requests of the unit (%(count)s)")
COMES = N_("Suggested: %(name)s, who comes to the unit with this file")
ALONE = N_("Suggested: leave it with the unit, of which nobody else is on duty")
UNDECIDED = N_(
    "%(count)s people who move or leave have open work: choose for each of them who takes it over, or take the"
    " suggestions"
)


@dataclass(frozen=True)
class Held:
    """A column that says who has it in hand, and the one beside it that names them."""

    table: sa.Table
    column: str
    named: str
    open: sa.ColumnElement[bool]


HELD = (
    Held(leg, "handler_id", "", g.state.in_(IN_HAND)),
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
class Proposal:
    """`why` is a msgid for `values`."""

    heir: Heir
    why: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Heirs:
    """Who may take over, by old unit: heir → name; who is proposed; and what was said."""

    named: Mapping[int, dict[Heir, str]]
    proposals: Mapping[int, Proposal]
    choice: Choice

    def of_unit(self, unit_id: int) -> Heir | None:
        return self._may(self.choice.by_unit.get(unit_id), unit_id)

    def of(self, person_id: int, unit_id: int) -> Heir | None:
        """None while nobody has said, or whoever was said cannot take it over any more."""
        return self._may(self.choice.by_person.get(person_id, self.choice.by_unit.get(unit_id)), unit_id)

    def _may(self, said: Heir | None, unit_id: int) -> Heir | None:
        return said if said == NOBODY or said in self.named.get(unit_id, {}) else None


@dataclass(frozen=True)
class Plan:
    goers: Sequence[Goer]
    works: Sequence[Work]
    heirs: Heirs

    @cached_property
    def busy(self) -> dict[int, int]:
        """Those with open work → their old unit."""
        return {work.person_id: work.unit_id for work in self.works}

    @cached_property
    def undecided(self) -> dict[int, int]:
        return {who: unit_id for who, unit_id in self.busy.items() if self.heirs.of(who, unit_id) is None}

    def as_proposed(self) -> Choice:
        return self.decided({who: self.heirs.proposals[unit_id].heir for who, unit_id in self.undecided.items()})

    def with_nobody(self) -> Choice:
        return self.decided(dict.fromkeys(self.undecided, NOBODY))

    def decided(self, heirs: Mapping[int, Heir]) -> Choice:
        said = self.heirs.choice
        return replace(said, by_person={**said.by_person, **heirs})

    def refuse_undecided(self) -> None:
        if self.undecided:
            raise Refusal(UNDECIDED, count=len(self.undecided))


def plan(kind: "People", choice: Choice) -> Plan:
    """While the people are not written yet."""
    goers = roster.goers(kind, choice)
    works = open_work(kind, goers)
    return Plan(goers, works, heirs(kind, choice, goers, {work.unit_id for work in works}))


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


def heirs(kind: "People", choice: Choice, goers: Sequence[Goer], units: Collection[int]) -> Heirs:
    """The leader of the old unit, people on duty there who stay, and those who come to it with the file."""
    going = {goer.id for goer in goers}
    leads = {unit_id: lead for unit_id, *lead in _leaders(kind, units) if lead[0] not in going}
    staff = [each for each in _staff(kind, units) if each.id not in going]
    named: dict[int, dict[Heir, str]] = {}
    for unit_id, heir, name in (
        *((unit_id, *lead) for unit_id, lead in leads.items()),
        *((each.unit_id, each.id, each.name) for each in staff),
        *((goer.to_id, goer.id, goer.name) for goer in goers if goer.to_id is not None and goer.to_id in units),
        *roster.joiners(kind, units),
    ):
        named.setdefault(unit_id, {})[heir] = name
    least = {each.unit_id: each for each in sorted(staff, key=_burden, reverse=True)}
    return Heirs(named, {each: _proposal(leads.get(each), least.get(each), named.get(each)) for each in units}, choice)


def _leaders(kind: "People", units: Collection[int]) -> Sequence[Any]:
    led = sa.select(u.id, p.id, p.name).join(person, p.id == u.leader_id)
    return kind.connection.execute(led.where(u.id.in_(units), p.employment == Employment.ACTIVE.value)).all()


def _staff(kind: "People", units: Collection[int]) -> Sequence[Any]:
    """On duty, with how many legs each has in hand and whether each has an account to handle them."""
    handles = p.id.in_(holding(Role.HANDLER)).label("handles")
    held = sa.select(sa.func.count(g.id)).where(g.handler_id == p.id, g.state.in_(IN_HAND)).scalar_subquery()
    found = sa.select(p.unit_id, p.id, p.name, held.label("held"), handles)
    on_duty = p.employment == Employment.ACTIVE.value
    return kind.connection.execute(found.where(p.unit_id.in_(units), on_duty).order_by(p.id)).all()


def _burden(one: Any) -> tuple[bool, int, int]:
    return not one.handles, one.held, one.id


def _proposal(lead: Sequence[Any] | None, least: Any, named: Mapping[Heir, str] | None) -> Proposal:
    if lead is not None:
        return Proposal(lead[0], LEADS, {"name": lead[1]})
    if least is not None:
        why = LEAST_OF_HANDLERS if least.handles else LEAST
        return Proposal(least.id, why, {"name": least.name, "count": least.held})
    for heir, name in (named or {}).items():
        return Proposal(heir, COMES, {"name": name})
    return Proposal(NOBODY, ALONE, {})

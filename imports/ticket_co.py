"""Units that handle a request beside the lead unit: a leg for each, with no time that the ledger does not tell, and no
clock: nobody signs for it or settles it but with the request."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from imports import staging
from imports.convert import Unreadable
from imports.lines import Line
from imports.loading import Loader
from imports.places import Place
from imports.ticket_stage import moves_on, stage
from imports.whereabouts import CLOSED, ENDED
from models.legs import Leg, LegRole
from models.tickets import Ticket
from models.units import Unit
from rules.lifecycle import CLOSED_STATES, SETTLED_STATES, State
from rules.refusals import N_

if TYPE_CHECKING:
    from imports.tickets import Tickets

BETWEEN = re.compile(r"[、，,；;\s]+")
OVER, SETTLED = sorted(CLOSED_STATES), sorted(SETTLED_STATES)
WRITTEN = (staging.NEW, staging.CHANGED)
helping = staging.unlogged(
    sa.Table(
        "ticket_co_line",
        staging.metadata,
        sa.Column("load", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("unit_id", sa.Integer, primary_key=True, autoincrement=False),
    )
)
"""The units of a line."""
ticket, leg, unit = Ticket.__table__, Leg.__table__, Unit.__table__
s, t, h = stage.c, ticket.c, helping.c
COLUMNS = ("load", "seq", "unit_id")


def read(kind: "Tickets", line: Line, lead: Place | None, state: State) -> None:
    """Those beside the lead unit."""
    text = line.values.pop("co", None)
    if not text:
        return
    if lead is None:
        line.wrong("co", "required", N_("Units that help need a lead unit to help: name it too"))
        return
    places = (line.attempt("co", _helper, kind, word, state) for word in BETWEEN.split(text) if word)
    found = {place.id: place.name for place in places if place is not None and place.id != lead.id}
    if found:
        line.values |= {"co": "、".join(found.values()), "co_ids": list(found)}


def _helper(kind: "Tickets", word: str, state: State) -> Place:
    """Raises Unreadable."""
    place = kind.places.meant(word)
    if state not in CLOSED_STATES:
        place = kind.places.today(place)
        if not place.living:
            raise Unreadable(ENDED, CLOSED, unit=place.name)
    if place.living and not kind.reaches(kind.spots[-1], place):
        refused = N_("%(from_unit)s cannot dispatch to %(unit)s")
        raise Unreadable("outside", refused, from_unit=kind.order.by.unit_name, unit=place.name)
    return place


def keep(kind: "Tickets", lines: Iterable[Line], keep_lines: Callable[[Iterable[Line]], None]) -> None:
    """The lines, and afterwards the units of each."""
    found: list[tuple[int, int, int]] = []
    keep_lines(_noting(lines, kind.load, found))
    Loader(kind.connection, helping, COLUMNS).write(found)


def _noting(lines: Iterable[Line], load: int, found: list[tuple[int, int, int]]) -> Iterator[Line]:
    for line in lines:
        found += [(load, line.seq, unit_id) for unit_id in line.values.get("co_ids", ())]
        yield line


def follow(kind: "Tickets") -> None:
    """What is not over goes to whoever has taken over from a unit since the file was read."""
    mine = h.load == kind.load
    for unit_id in kind.connection.scalars(sa.select(h.unit_id).where(mine).distinct()).all():
        place = kind.places.by_id.get(unit_id)
        heir = kind.places.today(place) if place else None
        if heir is None or heir.id in (None, unit_id):
            continue
        other = helping.alias().c
        there = sa.exists().where(other.load == h.load, other.seq == h.seq, other.unit_id == heir.id)
        open_lines = sa.select(s.seq).where(s.load == kind.load, s.state.not_in(OVER))
        kind.connection.execute(
            sa.update(helping).where(mine, h.unit_id == unit_id, h.seq.in_(open_lines), ~there).values(unit_id=heir.id)
        )


def _lacking() -> sa.ColumnElement[bool]:
    """Of a unit of a line: its request has no leg there."""
    other = leg.alias()
    has = sa.exists().where(other.c.ticket_id == s.target_id, other.c.unit_id == h.unit_id)
    return sa.and_(h.load == s.load, h.seq == s.seq, ~has)


def differs() -> sa.ColumnElement[bool]:
    return sa.exists().where(_lacking()).correlate(stage)


def beside() -> tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]]:
    """Names of those that help already, and with those that come."""
    other, come = leg.alias(), unit.alias()
    names = sa.func.aggregate_strings(other.c.unit_name, "、")
    old = sa.select(names).where(other.c.ticket_id == t.id, other.c.role == LegRole.CO.value).correlate(ticket)
    coming = sa.select(sa.func.aggregate_strings(come.c.name, "、")).select_from(
        helping.join(come, come.c.id == h.unit_id)
    )
    before, fresh = old.scalar_subquery(), coming.where(_lacking()).correlate(stage).scalar_subquery()
    return before, sa.func.coalesce(before + "、" + fresh, fresh, before)


def changes(kind: "Tickets") -> dict[int, tuple[Any, Any]]:
    """Request → old and new, of those that units come to help with."""
    found = kind.connection.execute(
        sa.select(s.target_id, *beside()).select_from(kind.current()).where(kind.of_load(staging.CHANGED), differs())
    )
    return {ticket_id: (old, new) for ticket_id, old, new in found}


def add(kind: "Tickets") -> None:
    """After the lead's leg, by which theirs go."""
    lead, other = leg.alias().c, leg.alias().c
    last = sa.select(sa.func.max(other.seq)).where(other.ticket_id == s.target_id).correlate(stage).scalar_subquery()
    columns: dict[str, Any] = {
        "ticket_id": s.target_id,
        "seq": last + sa.func.row_number().over(partition_by=s.target_id, order_by=h.unit_id),
        "role": sa.literal(LegRole.CO.value),
        "unit_id": unit.c.id,
        "unit_name": unit.c.name,
        "path": unit.c.path,
        "state": _going_on(lead.state),
        **{name: lead[name] for name in ("dispatched_at", "settled_at", "clock_mode", "policy_version")},
        "due_unofficial": sa.false(),
        "result": sa.literal(""),
        "feedback": sa.literal(""),
        "version": sa.literal(1),
    }
    chosen = (
        sa.select(*columns.values())
        .select_from(stage)
        .join(helping, _lacking())
        .join(unit, unit.c.id == h.unit_id)
        .join(lead.id.table, sa.and_(lead.ticket_id == s.target_id, lead.seq == 1))
        .where(kind.of_load(*WRITTEN))
        .order_by(s.submitted_at, s.seq, h.unit_id)
    )
    kind.connection.execute(leg.insert().from_select(list(columns), chosen))


def _going_on(state: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """While the lead is suspended the others go on."""
    return sa.case((state == State.SUSPENDED.value, State.HANDLING.value), else_=state)


def move_on(kind: "Tickets") -> None:
    """With the request, before its own state is written."""
    c, is_open = leg.c, s.state.not_in(SETTLED)
    kind.connection.execute(
        sa.update(leg)
        .where(t.id == s.target_id, c.ticket_id == t.id, c.role == LegRole.CO.value)
        .where(kind.of_load(staging.CHANGED), moves_on())
        .values(
            state=_going_on(s.state),
            settled_at=sa.case((is_open, c.settled_at), else_=s.settled_at),
            version=c.version + 1,
        )
    )

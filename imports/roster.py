"""A roster against those on duty: who joins, who moves, who leaves (imports.md, step 9). Missing from the file is
listed; only a person says who of them has left."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from os.path import commonpath
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from imports import staging
from models.people import Employment, Person
from models.scope import under
from models.units import Unit

if TYPE_CHECKING:
    from imports.people import People

person, unit = Person.__table__, Unit.__table__
p, u = person.c, unit.c
Heir = int | str
"""A person's id, or the staff number of somebody who joins with the file and has none yet."""


@dataclass(frozen=True)
class Choice:
    """What a person said on the preview. `whole`: the file names everybody of its units, or of those under a path.
    `ids` have left; where `all_left`, all but these. Heirs take over the open work by unit or by person, 0 is nobody;
    of whom nothing is said, nothing is decided.
    """

    whole: bool = False
    under: str = ""
    all_left: bool = False
    ids: frozenset[int] = frozenset()
    by_unit: Mapping[int, Heir] = field(default_factory=dict)
    by_person: Mapping[int, Heir] = field(default_factory=dict)

    def kept(self) -> dict[str, Any]:
        return {
            "whole": self.whole,
            "under": self.under,
            "all_left": self.all_left,
            "ids": sorted(self.ids),
            "by_unit": {str(key): heir for key, heir in self.by_unit.items()},
            "by_person": {str(key): heir for key, heir in self.by_person.items()},
        }


NOTHING_SAID = Choice()


def said_of(options: Mapping[str, Any]) -> Choice:
    """Of a batch. Rows that are committed behind the others are no whole roster."""
    choice = from_kept(options.get("roster"))
    return replace(choice, whole=False) if options.get("written") else choice


def from_kept(kept: Mapping[str, Any] | None) -> Choice:
    if not kept:
        return NOTHING_SAID
    heirs = {name: {int(key): heir for key, heir in kept[name].items()} for name in ("by_unit", "by_person")}
    return Choice(kept["whole"], kept["under"], kept["all_left"], frozenset(kept["ids"]), **heirs)


@dataclass(frozen=True)
class Listed:
    """Units with the one above them. `to` is the new one of who moves."""

    id: int
    name: str
    staff_no: str
    unit: str
    to: str = ""
    ticked: bool = False


@dataclass(frozen=True)
class Goer:
    """Of the unit `unit_id`; `to_id` is where somebody moves, None where they leave."""

    id: int
    name: str
    unit_id: int
    to_id: int | None


def counts(kind: "People", choice: Choice) -> dict[str, int]:
    """`left`: the leavers who are said to have left, and those whom the file itself says so of."""
    return {
        "joiners": staging.counts(kind.connection, kind.stage, kind.load)[staging.NEW],
        "movers": count(kind, movers(kind)),
        "leavers": count(kind, leavers(kind, choice)),
        "left": count_gone(kind, choice) + count(kind, told(kind)),
    }


def count_gone(kind: "People", choice: Choice, of: int | None = None) -> int:
    """`of`: how many leavers there are, where that is known."""
    if not choice.whole or not choice.all_left:
        return count(kind, gone(kind, choice)) if choice.whole and choice.ids else 0
    every = count(kind, leavers(kind, choice)) if of is None else of
    return every - (count(kind, leavers(kind, choice).where(p.id.in_(choice.ids))) if choice.ids else 0)


def count(kind: "People", chosen: sa.Select[Any]) -> int:
    return kind.connection.scalar(sa.select(sa.func.count()).select_from(chosen.subquery())) or 0


def leavers(kind: "People", choice: Choice) -> sa.Select[Any]:
    """Nobody says of themselves that they have left."""
    return _missing(kind, choice).where(p.id.is_distinct_from(kind.order.by.person_id))


def misses_importer(kind: "People", choice: Choice) -> bool:
    me = kind.order.by.person_id
    return me is not None and count(kind, _missing(kind, choice).where(p.id == me)) > 0


def _missing(kind: "People", choice: Choice) -> sa.Select[Any]:
    """On duty in the units of a whole roster, and not in the file. A row that is wrong may be anybody it resembles."""
    chosen = _goers(sa.null()).where(p.employment == Employment.ACTIVE.value)
    if not choice.whole:
        return chosen.where(sa.false())
    s = kind.stage.c
    named = sa.exists().where(kind.of_load(), s.target_id == p.id)
    resembled = (
        sa.func.coalesce(p[name], "").in_(sa.select(s[name]).where(kind.of_load(staging.ERROR), s[name].is_not(None)))
        for name in ("staff_no", "id_number_hash", "name")
    )
    return chosen.where(_covered(kind, choice), within(kind, p.path), ~named, ~sa.or_(*resembled))


def gone(kind: "People", choice: Choice) -> sa.Select[Any]:
    """The leavers who are said to have left."""
    found = leavers(kind, choice)
    return found.where(p.id.not_in(choice.ids) if choice.all_left else p.id.in_(choice.ids))


def told(kind: "People") -> sa.Select[Any]:
    """Of whom the file itself says that they are no longer on duty."""
    return _changed(kind, sa.null()).where(_leaves(kind))


def movers(kind: "People") -> sa.Select[Any]:
    s = kind.stage.c
    return _changed(kind, s.unit_id).where(s.unit_id != p.unit_id, ~_leaves(kind))


def goers(kind: "People", choice: Choice) -> list[Goer]:
    """Who has left, by word or by the file, and who moves."""
    s = kind.stage.c
    moves = sa.case((_leaves(kind), sa.null()), else_=s.unit_id)
    chosen = [_changed(kind, moves).where(sa.or_(_leaves(kind), s.unit_id != p.unit_id))]
    if choice.whole and (choice.all_left or choice.ids):
        chosen.append(gone(kind, choice))
    return [Goer(*each) for rows in chosen for each in kind.connection.execute(rows)]


def joiners(kind: "People", units: Collection[int]) -> list[tuple[int, str, str]]:
    """Unit, staff number and name of those who join these units; nothing else names them before they are there."""
    s = kind.stage.c
    on_duty = sa.func.coalesce(s.employment, Employment.ACTIVE.value) == Employment.ACTIVE.value
    found = kind.connection.execute(
        sa.select(s.unit_id, s.staff_no, s.name)
        .where(kind.of_load(staging.NEW), s.unit_id.in_(units), s.staff_no.is_not(None), on_duty)
        .order_by(s.seq)
    )
    return [tuple(each) for each in found]


def _goers(to: sa.ColumnElement[Any]) -> sa.Select[Any]:
    to_id = sa.cast(to, sa.Integer).label("to_id")
    return sa.select(p.id.label("person_id"), p.name.label("name"), p.unit_id.label("unit_id"), to_id)


def _changed(kind: "People", to: sa.ColumnElement[Any]) -> sa.Select[Any]:
    return _goers(to).select_from(kind.current()).where(kind.of_load(staging.CHANGED))


def _leaves(kind: "People") -> sa.ColumnElement[bool]:
    stated = sa.func.coalesce(kind.stage.c.employment, Employment.ACTIVE.value)
    return sa.and_(p.employment == Employment.ACTIVE.value, stated != Employment.ACTIVE.value)


def _covered(kind: "People", choice: Choice) -> sa.ColumnElement[bool]:
    if choice.under:
        return under(p.path, choice.under)
    return p.unit_id.in_(_stated(kind).union(_silent(kind)))


def _stated(kind: "People") -> sa.Select[Any]:
    s = kind.stage.c
    return sa.select(s.unit_id).where(kind.of_load(), s.unit_id.is_not(None), s.seq > 0).distinct()


def _silent(kind: "People") -> sa.Select[Any]:
    """Where the file names no unit, those of the people it names."""
    s, named = kind.stage.c, person.alias("named")
    lines = kind.of_load(), s.unit_id.is_(None), s.target_id == named.c.id, s.seq > 0
    return sa.select(named.c.unit_id).where(*lines).distinct()


def units(kind: "People") -> list[tuple[int, str, str]]:
    """Id, name and path of those that occur in the file."""
    ids = {*kind.connection.scalars(_stated(kind)), *kind.connection.scalars(_silent(kind))}
    found = kind.connection.execute(sa.select(u.id, u.name, u.path).where(u.id.in_(ids)).order_by(u.path))
    return [tuple(each) for each in found]


def common_unit(kind: "People", paths: list[str]) -> tuple[str, str] | None:
    """Path and name of the lowest unit within one's own that has them all."""
    if not paths:
        return None
    path = commonpath(paths).rstrip("/") + "/"
    name = kind.connection.scalar(sa.select(u.name).where(u.path == path))
    return (path, name) if name and kind.order.scope.covers(path) else None


def within(kind: "People", path: Any) -> sa.ColumnElement[bool]:
    scope = kind.order.scope
    return sa.true() if scope.everything else sa.or_(sa.false(), *(under(path, each) for each in scope.paths))


def listed(kind: "People", chosen: sa.Select[Any], choice: Choice, limit: int, offset: int = 0) -> list[Listed]:
    rows, to, above, above_to = chosen.subquery(), *(unit.alias() for _ in range(3))
    old, new = called(unit, above), sa.func.coalesce(called(to, above_to), "")
    found = kind.connection.execute(
        sa.select(p.id, p.name, sa.func.coalesce(p.staff_no, ""), old, new)
        .select_from(rows)
        .join(person, p.id == rows.c.person_id)
        .join(unit, u.id == p.unit_id)
        .outerjoin(above, above.c.id == u.parent_id)
        .outerjoin(to, to.c.id == rows.c.to_id)
        .outerjoin(above_to, above_to.c.id == to.c.parent_id)
        .order_by(u.path, p.id)
        .limit(limit)
        .offset(offset)
    )
    return [
        Listed(key, name, number, unit, to, (key in choice.ids) != choice.all_left)
        for key, name, number, unit, to in found
    ]


def called(lower: sa.FromClause, upper: sa.FromClause) -> sa.ColumnElement[str]:
    """With the name of the unit above, unless that is the district: 第一网格 is in every village."""
    tells = sa.and_(upper.c.parent_id.is_not(None), ~lower.c.name.startswith(upper.c.name))
    return sa.case((tells, upper.c.name + lower.c.name), else_=lower.c.name)


def mark_left(kind: "People", choice: Choice) -> int:
    """Those who have left become lines of their own beside the file's: they are written, noted and undone like them."""
    if not choice.whole:
        return 0
    rows = gone(kind, choice).subquery()
    columns: dict[str, Any] = {
        "load": sa.literal(kind.load, sa.BigInteger),
        "seq": -sa.func.row_number().over(order_by=p.id),
        "sheet": sa.literal(""),
        "row": sa.literal(0),
        "op": sa.literal(staging.CHANGED),
        "cleared": sa.literal(""),
        "target_id": p.id,
        "target_version": p.version,
        "employment": sa.literal(Employment.LEFT.value),
    }
    chosen = sa.select(*columns.values()).join(rows, rows.c.person_id == p.id)
    kind.connection.execute(kind.stage.insert().from_select(list(columns), chosen))
    return count(kind, sa.select(kind.stage.c.seq).where(kind.of_load(), kind.stage.c.seq < 0))

"""Where the lines that wait put their rows, by the units of today: these may have moved, merged or ended since a file
was read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from imports import sketch, staging
from imports.cells import CellError
from imports.kind import Kind, Note, Spot
from imports.places import Place, Places
from models.reach import place_of
from models.units import Unit, heirs
from rules.refusals import N_
from rules.workdays import local_date

ENDED = "unit_ended"
CLOSED = N_("“%(unit)s” has been closed and no unit has taken over from it: name the unit that this belongs to today")
GONE = N_("There is no unit “%(unit)s” any more: name the unit that this belongs to today")
FOLLOWED = N_("Since the file was read, units have given way to others, and its rows follow them: %(listed)s")
AT_ONCE, SHOWN = 1_000, 10

unit = Unit.__table__


def match(kind: Kind) -> None:
    """Finds the row of each line. A line follows its unit to wherever that lies, and to whoever has taken over from it,
    unless its row is of the past and remains there; where reading would refuse that, it becomes an error."""
    spots = [Whereabouts(kind, spot) for spot in kind.spots]
    followed = [each for spot in spots if spot.look() for each in spot.follow()]
    kind.match()
    for spot in spots:
        spot.remain()
    kind.refuse([wrong for spot in spots for wrong in spot.wrong()])
    if followed:
        _refuse_twins(kind)
        _tell(kind, followed)


def noted(kind: Kind, options: Mapping[str, Any]) -> dict[str, Any]:
    """What a batch is to keep of that."""
    notes = list(options.get("notes", []))
    fresh = [told for note in kind.told if (told := [note.message, note.values]) not in notes]
    return {"notes": notes + fresh} if fresh else {}


@dataclass(frozen=True)
class Became:
    """What has become of a unit on the stage. `was`: itself, if it is still there; `now`: who answers for it."""

    unit_id: int
    name: str
    was: Place | None
    now: Place | None
    lines: int

    @property
    def is_another(self) -> bool:
        return self.now is not None and self.now.id != self.unit_id


@dataclass(frozen=True)
class Problem:
    """`unit_id` is what the stage has now."""

    became: Became
    unit_id: int
    message: str


class Whereabouts:
    """Of one spot. There are few units that have changed, however many lines there are."""

    def __init__(self, kind: Kind, spot: Spot) -> None:
        self.kind, self.spot, self.connection = kind, spot, kind.connection
        self.today = local_date(kind.order.at)
        self.stage, (self.unit_id, self.there) = kind.stage, spot.unit
        self.became: list[Became] = []

    @cached_property
    def places(self) -> Places:
        """Those of the kind may be as old as the reading."""
        return Places.load(self.kind.session, self.kind.order.scope, self.today)

    def look(self) -> bool:
        """Whether any unit on the stage is not what it was."""
        self.became = [self._became(*each) for each in self._changed()]
        return bool(self.became)

    def follow(self) -> list[Became]:
        """Those whose lines go to another unit."""
        going = [each for each in self.became if self._follows(each)]
        self._write([each for each in going if not each.is_another])
        others = [each for each in going if each.is_another]
        if others:
            self.kind.match()
            leaving = sa.not_(self._lies_there(self.spot.stays))
            counted = {unit_id: count for unit_id, _, count in self._changed(leaving)}
            others = [replace(each, lines=counted[each.unit_id]) for each in others if each.unit_id in counted]
            self._write(others, leaving)
            self.connection.execute(sa.update(self.stage).where(self._open()).values(target_id=None))
        return others

    def remain(self) -> None:
        """Rows of the past, whether their line names the unit in which they lie or whoever has taken over from it."""
        gone = heirs(self.today)
        if not self.connection.scalar(sa.select(sa.exists(sa.select(gone.c.old_id)))):
            return
        s, filled = self.stage.c, self.spot.filled
        differ = sa.or_(*(staged.is_distinct_from(row) for staged, row in filled))
        found = (
            sa.select(s.seq, *(row.label(staged.name) for staged, row in filled))
            .select_from(self.kind.current().join(gone, gone.c.old_id == self.there))
            .where(self._open(), self.spot.stays, self.unit_id.in_([self.there, gone.c.id]), differ)
            .subquery("found")
        )
        same = sa.and_(s.load == self.kind.load, s.seq == found.c.seq)
        self.connection.execute(
            sa.update(self.stage).where(same).values({staged: found.c[staged.name] for staged, _ in filled})
        )

    def wrong(self) -> list[tuple[int, CellError]]:
        """Line and error."""
        problems = {each.unit_id: each for became in self.became if (each := self._problem(became))}
        if not problems:
            return []
        s, units = self.stage.c, dict[str, list[int]]()
        for unit_id, problem in problems.items():
            units.setdefault(problem.message, []).append(unit_id)
        touched = (sa.and_(self.unit_id.in_(ids), sa.not_(self._spared(message))) for message, ids in units.items())
        found = self.connection.execute(
            sa.select(s.seq, s.sheet, s.row, self.unit_id)
            .where(self._open(), self.spot.counts, sa.or_(*touched))
            .order_by(s.seq)
        )
        return [(line.seq, self._error(line.sheet, line.row, problems[line[3]])) for line in found]

    def _changed(self, *conditions: sa.ColumnElement[bool]) -> Sequence[Any]:
        """Unit, path and number of lines."""
        u, staged = unit.c, {"path": self.spot.path, "name": self.spot.name}
        otherwise = [each[0] != u[name] for name, each in staged.items() if each]
        path = sa.func.min(self.spot.path[0]) if self.spot.path else sa.literal("")
        return self.connection.execute(
            sa.select(self.unit_id, path, sa.func.count())
            .select_from(self.stage.outerjoin(unit, u.id == self.unit_id))
            .where(self._open(), self.unit_id.is_not(None), *conditions)
            .where(sa.or_(u.id.is_(None), u.valid_to < self.today, *otherwise))
            .group_by(self.unit_id)
        ).all()

    def _became(self, unit_id: int, path: str, lines: int) -> Became:
        """A unit that is gone altogether may be there under its code: a merger that was taken back leaves it so."""
        code = place_of(path) or f"#{unit_id}"
        was = self.places.by_id.get(unit_id) or self.places.by_code.get(code)
        return Became(unit_id, was.name if was else code, was, self.places.today(was) if was else None, lines)

    def _follows(self, became: Became) -> bool:
        now = became.now
        return now is not None and (not became.is_another or self.kind.reaches(self.spot, now))

    def _write(self, going: Iterable[Became], *conditions: sa.ColumnElement[bool]) -> None:
        rows = [
            {"old_id": each.unit_id, **self.kind.lying(self.spot, each.now, self.places)} for each in going if each.now
        ]
        for start in range(0, len(rows), AT_ONCE):
            named = [sa.column(name, self.stage.c[name].type) for name in rows[0] if name != "old_id"]
            values = sa.values(sa.column("old_id", sa.Integer), *named, name="now")
            now = values.data([tuple(row.values()) for row in rows[start : start + AT_ONCE]]).cte("now")
            mine = sa.and_(self._open(), self.unit_id == now.c.old_id, *conditions)
            self.connection.execute(
                sa.update(self.stage).where(mine).values({each.name: now.c[each.name] for each in named})
            )

    def _open(self) -> sa.ColumnElement[bool]:
        return sa.and_(self.kind.of_load(), self.stage.c.op.is_distinct_from(staging.ERROR))

    def _lies_there(self, *conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
        """Lines whose row lies in the very unit that they name."""
        seq = self.stage.c.seq
        rows = sa.select(seq).select_from(self.kind.current())
        return seq.in_(rows.where(self.kind.of_load(), self.there == self.unit_id, *conditions))

    def _problem(self, became: Became) -> Problem | None:
        now, unit_id = became.now, became.unit_id
        if now is None:
            return Problem(became, unit_id, GONE)
        if not self.kind.reaches(self.spot, now):
            return Problem(became, unit_id, self.spot.beyond if became.is_another else self.spot.moved)
        return None if now.living else Problem(became, now.id or unit_id, CLOSED)

    def _spared(self, message: str) -> sa.ColumnElement[bool]:
        """Lines that a problem does not touch."""
        if message == CLOSED:
            return sa.or_(sa.func.coalesce(self.spot.is_past, sa.false()), self._lies_there())
        return self._lies_there() if message == self.spot.beyond else sa.false()

    def _error(self, sheet: str, row: int, problem: Problem) -> CellError:
        became = problem.became
        heir = became.now.name if became.now else ""
        values = {"unit": became.name, "heir": heir, "from_unit": self.kind.order.by.unit_name}
        said = {name: value for name, value in values.items() if f"%({name})s" in problem.message}
        return CellError(sheet, row, self._column(sheet, became.was), became.name, ENDED, problem.message, said)

    def _column(self, sheet: str, place: Place | None) -> int | None:
        """Of the level that the unit has, or else the nearest that is there."""
        columns = self._columns.get(sheet, {})
        names = [name for name in self.spot.named_by if name in columns]
        nearest = place.kind if place and place.kind in names else next(iter(names), "")
        return columns.get(nearest)

    @cached_property
    def _columns(self) -> dict[str, dict[str, int]]:
        drawn = sketch.load(self.connection, self.kind.load) or {"sheets": []}
        return {sheet["name"]: sheet.get("columns", {}) for sheet in drawn["sheets"]}


def _refuse_twins(kind: Kind) -> None:
    s = kind.stage.c
    for keys in kind.told_apart:
        given = (key.is_not(None) for key in keys)
        nth = sa.func.row_number().over(partition_by=list(keys), order_by=s.seq).label("nth")
        fresh = sa.and_(kind.of_load(), s.op.is_distinct_from(staging.ERROR), s.target_id.is_(None))
        ranked = sa.select(s.seq, nth).where(fresh, *given).subquery("ranked")
        again = s.seq.in_(sa.select(ranked.c.seq).where(ranked.c.nth > 1))
        kind.refuse_lines(again, "twice", N_("An earlier row is about the same entry"))


def _tell(kind: Kind, followed: Sequence[Became]) -> None:
    pairs = [f"{each.name} → {each.now.name}" for each in followed if each.now and each.now.name != each.name]
    listed = list(dict.fromkeys(pairs))
    if listed:
        shown = "、".join(listed[:SHOWN]) + (" …" if len(listed) > SHOWN else "")
        kind.told.append(Note(FOLLOWED, {"listed": shown}))

"""What the pipeline has to know of a noun: its columns, its stage, how a line finds its row, what is written."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from imports import staging, undone
from imports.cells import CellError
from imports.columns import Column
from imports.lines import Line
from imports.loading import Loader
from imports.places import Place, Places
from models.acting import Actor, Scope
from models.imports import ImportBatch
from models.terms import TermKind
from rules.refusals import N_, Refusal
from rules.roles import Role
from rules.workdays import local_date

PLACE = ("load", "seq", "sheet", "row", "cleared", "op")
Span = tuple[int, int]
"""The first and the last."""
Filled = tuple[sa.Column[Any], sa.Column[Any]]
"""A column of the stage, and that of the row which it fills."""
BEYOND = N_("“%(unit)s” is “%(heir)s” today, which lies outside your units: name one of yours, or leave the row out")
MOVED = N_("“%(unit)s” lies outside your units today: name one of yours, or leave the row out")


@dataclass(frozen=True)
class Order:
    """Who imports, over which units, when; `source` and `unit` (a code) fill what the sheet leaves out."""

    by: Actor
    scope: Scope
    at: datetime
    source: str | None = None
    unit: str | None = None
    holder: str | None = None
    """The attempt of a worker that does it."""


@dataclass(frozen=True)
class Part:
    """Rows that belong to a record of the kind and are written with it. What is a `record` of the past stays."""

    table: sa.Table
    owner: str
    """Its column that names the record."""
    record: bool = False
    passing: sa.ColumnElement[bool] = field(default_factory=sa.false)
    """Those of its rows that keep no record from being removed."""


@dataclass(frozen=True)
class Pair:
    """A staged column and the column of the row it fills. `empty` is what 清空 writes, and a new row where the sheet is
    silent. A column that is encrypted is not compared: its hash is."""

    staged: sa.Column[Any]
    target: sa.Column[Any]
    empty: Any = None
    compared: bool = True
    field: str = ""

    @property
    def name(self) -> str:
        return self.field or self.staged.name


@dataclass(frozen=True, eq=False)
class Spot:
    """Where a line puts its row. `named_by`: columns of the sheet that may say so, the nearest first. `counts`: the
    lines that have a say in it."""

    unit: Filled
    named_by: Sequence[str]
    path: Filled | None = None
    name: Filled | None = None
    stays: sa.ColumnElement[bool] = field(default_factory=sa.false)
    """Rows of the past, which remain with a unit that ends."""
    is_past: sa.ColumnElement[bool] = field(default_factory=sa.false)
    """Lines about such rows: they may name a unit that is gone."""
    counts: sa.ColumnElement[bool] = field(default_factory=sa.true)
    anywhere: bool = False
    beyond: str = BEYOND
    moved: str = MOVED
    """Of the heir of a unit, or of the unit itself, that the importer cannot reach any more."""

    @property
    def filled(self) -> list[Filled]:
        return [each for each in (self.unit, self.path, self.name) if each]


@dataclass(frozen=True)
class Note:
    """A sentence about the whole file."""

    message: str
    values: dict[str, str]


class Kind:
    name: ClassVar[str]
    title: ClassVar[str]
    columns: ClassVar[Sequence[Column]]
    sheet_fills: ClassVar[str | None] = None
    """The column a speaking sheet name stands for."""
    places_beside: ClassVar[Sequence[str]] = ()
    """Other columns that say where a row lies."""
    importers: ClassVar[frozenset[Role]] = frozenset({Role.OFFICE})
    face: ClassVar[Sequence[str]]
    """What a preview shows of a line: names of columns, of the sheet or the stage."""
    labels: ClassVar[Mapping[str, Mapping[Any, str]]] = {}
    """Column → what its codes are called."""
    terms: ClassVar[Mapping[str, TermKind]] = {}
    """Column → the dictionary its codes stand in."""
    persons: ClassVar[frozenset[str]] = frozenset()
    """Columns that hold somebody on the roster."""
    stage: ClassVar[sa.Table]
    target: ClassVar[sa.Table]
    pairs: ClassVar[Sequence[Pair]]
    spots: ClassVar[Sequence[Spot]] = ()
    """Compared with the units of today whenever the lines are: see imports.whereabouts."""
    told_apart: ClassVar[Sequence[Sequence[sa.ColumnElement[Any]]]] = ()
    """Columns that no two new lines may have in common. Reading sees to it as long as no unit gives way to another."""
    parts: ClassVar[Sequence[Part]] = ()
    """What else an import writes for a line; undo gives it back with the row. New ones begin at version 1."""
    byproducts: ClassVar[frozenset[str]] = frozenset()
    """Tables whose rows vanish with a record and keep nobody from removing it."""
    changes_units: ClassVar[bool] = False
    slice_of: ClassVar[int | None] = None
    """So many records are written in one transaction; None writes all of them in one."""
    resembled_by: ClassVar[Sequence[str]] = ()
    """Columns of the stage and of the target: a line that is wrong may be about any row that has one of them alike."""
    called: ClassVar[Sequence[str]] = ("name",)
    """Columns of the target by which a person knows a row."""

    def __init__(self, session: Session, order: Order, load: int) -> None:
        self.session = session
        self.connection = session.connection()
        self.order = order
        self.load = load
        self.window: Span | None = None
        """Lines of the sheet that are written now; all of them where nothing is said."""
        self.roots: Span | None = None
        """Ids of records that are taken back now."""
        self.notes: list[Note] = []
        self.told: list[Note] = []
        """What comparing has found out about units that gave way to others."""
        self._laid: dict[tuple[Spot, str], dict[str, Any]] = {}
        self.outcome: dict[str, Any] = {}
        """What the batch is to keep of how it was written."""

    @cached_property
    def places(self) -> Places:
        return Places.load(self.session, self.order.scope, local_date(self.order.at))

    def basis(self) -> str:
        """Of lines that are read against the units there are: how these stood. Once they stand otherwise the file has
        to be read again."""
        return ""

    def staged(self, lines: Iterator[Line]) -> Iterable[Line]:
        """Lines with their values completed and turned into those of the stage, in any order."""
        raise NotImplementedError

    def place(self) -> sa.ColumnElement[str]:
        """Path of the unit that a row of the target belongs to, for the journal."""
        path: sa.ColumnElement[str] = self.target.c.path
        return path

    def match(self) -> None:
        """Sets `target_id` of the lines whose row is already there."""
        raise NotImplementedError

    def check(self) -> None:
        """What only shows once all lines are matched."""

    def differs(self) -> sa.ColumnElement[bool]:
        cleared = self.cleared()
        return sa.or_(
            *(self.wanted(pair, cleared).is_distinct_from(pair.target) for pair in self.pairs if pair.compared)
        )

    def current(self) -> sa.FromClause:
        """What a line is compared with."""
        return self.stage.join(self.target, self.target.c.id == self.stage.c.target_id)

    def beside(self) -> dict[str, tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]]]:
        """Old and new of columns that change a row beside its pairs."""
        return {}

    def noted(self) -> dict[str, tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]]]:
        """Old and new of what the journal keeps beside the pairs, called as the noun's screen calls it."""
        return {}

    def about(self) -> sa.ColumnElement[bool] | None:
        """Rows of the target that the file is about, be they in it or not; None where no file names all there are."""
        return None

    def heed(self, options: Mapping[str, Any]) -> None:
        """What a person chose on the preview beside the rows; after comparing, before anything is written."""

    def write(self, batch_id: int) -> None:
        """Writes new and changed rows with their events; the stage has been compared anew in this transaction. Leaves
        the `target_id` of new lines set."""
        raise NotImplementedError

    def keep(self, lines: Iterable[Line]) -> None:
        """Puts them on the stage."""
        names = [column.name for column in self.stage.c if column.name not in PLACE]
        rows = (
            (
                self.load,
                line.seq,
                line.sheet,
                line.row,
                "".join(f",{name}," for name in sorted(line.cleared)) if line.cleared else "",
                staging.ERROR if line.errors else None,
                *map(line.values.get, names),
            )
            for line in lines
        )
        Loader(self.connection, self.stage, [*PLACE, *names]).write(rows)

    def before_undoing(self, batch: ImportBatch) -> None:
        """What has to be taken back before it shows which rows can be."""

    def steps_by_itself(self) -> sa.ColumnElement[int]:
        """How many versions a traced row has gone on since without anybody's doing."""
        return sa.literal(0)

    def barred(self, batch_id: int) -> dict[str, sa.ColumnElement[bool]]:
        """Code → condition on rows of the target that cannot be taken back, beside what holds for every noun."""
        return {}

    def taken_back(self, batch_id: int) -> None:
        """What undo has to do before the rows are restored, beyond writing back their columns."""

    def note_undone(self, batch_id: int) -> None:
        """Writes to the journal what is about to be restored."""
        undone.note(self, batch_id)

    def touched_since(self, batch: ImportBatch, ids: list[int], subject: str) -> dict[int, tuple[str, datetime]]:
        """Row → who changed it last after the import, and when."""
        return undone.touched_since(self, batch, ids, subject)

    def known_of(self, subject: str, ids: list[int]) -> dict[int, str]:
        """Row → by what a person knows it."""
        t = self.target.c
        found = self.connection.execute(sa.select(t.id, *(t[name] for name in self.called)).where(t.id.in_(ids)))
        return {row_id: " ".join(str(each) for each in names if each) for row_id, *names in found}

    def wanted(self, pair: Pair, cleared: frozenset[str]) -> sa.ColumnElement[Any]:
        """What the row will hold: the sheet's value, else what stands there."""
        value = sa.func.coalesce(pair.staged, pair.target, type_=pair.target.type)
        if pair.name not in cleared:
            return value
        emptied = self.stage.c.cleared.contains(f",{pair.name},", autoescape=True)
        return sa.case((emptied, sa.literal(pair.empty, pair.target.type)), else_=value)

    def cleared(self) -> frozenset[str]:
        found = self.connection.scalars(
            sa.select(self.stage.c.cleared).where(self.of_load(), self.stage.c.cleared != "").distinct()
        )
        return frozenset(name for names in found for name in names.split(",") if name)

    def of_load(self, *ops: str) -> sa.ColumnElement[bool]:
        mine = sa.and_(self.stage.c.load == self.load, within(self.window, self.stage.c.seq))
        return sa.and_(mine, self.stage.c.op.in_(ops)) if ops else mine

    def default_place(self) -> Place | None:
        if not self.order.unit:
            return None
        place = self.places.by_code.get(self.order.unit)
        if place is None:
            raise Refusal(N_("Unit %(code)s does not exist"), code=self.order.unit)
        return place

    def is_unit(self, name: str) -> bool:
        """One that rows may lie in."""
        return bool(self._paths_of(name))

    def lie_together(self, name: str, others: Iterable[str]) -> bool:
        """Whether each of the others may lie above or below the unit of that name."""
        mine = self._paths_of(name)
        theirs = ([place.path for place in self.places.candidates(other)] for other in others)
        return all(any(a.startswith(b) or b.startswith(a) for a in mine for b in paths) for paths in theirs)

    def _paths_of(self, name: str) -> list[str]:
        paths = (place.path for place in self.places.candidates(name))
        return [path for path in paths if self.order.scope.covers(path)]

    def lying(self, spot: Spot, place: Place, places: Places) -> dict[str, Any]:
        """What the stage keeps of a place."""
        known = (place.id, place.path, place.name)
        return {
            each[0].name: value
            for each, value in zip((spot.unit, spot.path, spot.name), known, strict=True)
            if each is not None
        }

    def laid(self, spot: Spot, place: Place) -> dict[str, Any]:
        """The same while a file is read: few places for many lines."""
        if (spot, place.path) not in self._laid:
            self._laid[spot, place.path] = self.lying(spot, place, self.places)
        return self._laid[spot, place.path]

    def reaches(self, spot: Spot, place: Place) -> bool:
        return spot.anywhere or self.order.scope.covers(place.path)

    def put(self, line: Line, spot: Spot, column: str, place: Place) -> None:
        """Where a unit is gone, it shows with the row of the line whether that stays or goes to whom."""
        line.values |= self.laid(spot, place)
        if place.living:
            self.covered(line, column, place.path)

    def covered(self, line: Line, name: str, path: str) -> None:
        if not self.order.scope.covers(path):
            line.wrong(name, "outside", N_("The row lies outside your units"))

    def find(self, *marks: sa.ColumnElement[bool]) -> None:
        """Sets the target of the lines that have none yet."""
        c = self.stage.c
        known = sa.select(sa.func.min(self.target.c.id)).where(*marks).scalar_subquery()
        waiting = sa.and_(self.of_load(), c.target_id.is_(None), c.op.is_distinct_from(staging.ERROR))
        self.connection.execute(sa.update(self.stage).where(waiting).values(target_id=known))

    def found_before(self) -> sa.ColumnElement[bool]:
        """Lines whose row an earlier one has found already."""
        twin, place = self.stage.alias().c, sa.func.row_number()
        ranked = (
            sa.select(twin.seq, place.over(partition_by=twin.target_id, order_by=twin.seq).label("place"))
            .where(twin.load == self.load, twin.target_id.is_not(None))
            .subquery()
        )
        return self.stage.c.seq.in_(sa.select(ranked.c.seq).where(ranked.c.place > 1))

    def refuse_outside(self, message: str) -> None:
        """Lines whose row lies in a unit of others by now."""
        if self.order.scope.everything:
            return
        found = self.stage.c.target_id
        here = sa.select(self.target.c.path).where(self.target.c.id == found).scalar_subquery()
        inside = sa.or_(sa.false(), *(here.startswith(path, autoescape=True) for path in self.order.scope.paths))
        self.refuse_lines(sa.and_(found.is_not(None), sa.not_(inside)), "outside", message)

    def refuse_lines(self, condition: sa.ColumnElement[bool], code: str, message: str) -> None:
        """Turns staged lines into errors of the whole row."""
        c = self.stage.c
        found = self.connection.execute(
            sa.select(c.seq, c.sheet, c.row).where(self.of_load(), c.op.is_distinct_from(staging.ERROR), condition)
        ).all()
        self.refuse([(row.seq, CellError(row.sheet, row.row, None, "", code, message)) for row in found])

    def refuse(self, wrong: Sequence[tuple[int, CellError]]) -> None:
        """Line and error."""
        staging.write_errors(self.connection, self.load, wrong)
        if wrong:
            c = self.stage.c
            self.connection.execute(
                sa.update(self.stage)
                .where(c.load == self.load, c.seq == sa.bindparam("line"))
                .values(op=staging.ERROR),
                [{"line": seq} for seq, _ in wrong],
            )

    def insert(self, pairs: Sequence[Pair], **fixed: sa.ColumnElement[Any]) -> None:
        """New rows out of the stage."""
        columns = {pair.target.name: _or_empty(pair) for pair in pairs} | fixed
        chosen = sa.select(*columns.values()).where(self.of_load(staging.NEW)).order_by(self.stage.c.seq)
        self.connection.execute(self.target.insert().from_select(list(columns), chosen))

    def update(self, pairs: Sequence[Pair], **fixed: sa.ColumnElement[Any]) -> None:
        cleared = self.cleared()
        values = {pair.target.name: self.wanted(pair, cleared) for pair in pairs} | fixed
        self.connection.execute(
            sa.update(self.target)
            .values(values | {"version": self.target.c.version + 1})
            .where(self.target.c.id == self.stage.c.target_id, self.of_load(staging.CHANGED))
        )


def within(span: Span | None, column: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    return column.between(*span) if span else sa.true()


def _or_empty(pair: Pair) -> sa.ColumnElement[Any]:
    if pair.empty is None:
        return pair.staged
    return sa.func.coalesce(pair.staged, sa.literal(pair.empty, pair.target.type), type_=pair.target.type)

"""What keeps a row of an import from being taken back: it has gone on since, or others now depend on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from imports.kind import Kind, Part, within
from imports.trace import last_of, r, row, was
from models.imports import ImportBatch

GONE, CHANGED, NEWER, HELD, LOST, TAKEN = "gone", "changed", "newer", "held", "lost", "taken"
AWAY = "away"
MERGED = "merged"


@dataclass(frozen=True)
class Conflict:
    """`code` as above; `table` what holds it. `who` and `at` tell the latest that happened to it since."""

    row_id: int
    name: str
    code: str
    table: str
    who: str = ""
    at: datetime | None = None


class Search:
    def __init__(self, kind: Kind, batch_id: int) -> None:
        self.kind, self.batch_id = kind, batch_id
        self.t = kind.target.c
        self.dialect = kind.connection.dialect.name
        self.tables = list(kind.target.metadata.tables.values())
        self.parts = {part.table.name for part in kind.parts}

    def mark(self) -> None:
        self.bar(GONE, ~sa.exists().where(self.t.id == r.row_id).correlate(row))
        self.bar(CHANGED, self._other(self.kind.target, r.row_id == self.t.id, r.version + self.kind.steps_by_itself()))
        for part in self.kind.parts:
            for code, condition in self._of_part(part):
                self.bar(code, condition)
        for table, column in self._held_by():
            self.bar(f"{HELD}:{table.name}", sa.and_(r.added, r.row_id.in_(filled(column))))
        for table, held in self._parts_held_by():
            self.bar(f"{HELD}:{table.name}", r.row_id.in_(held))
        for column in self.kind.target.c:
            for key in column.foreign_keys:
                value = was(column, self.dialect)
                lost = sa.and_(value.is_not(None), ~sa.exists().where(key.column == value).correlate(row))
                self.bar(LOST, sa.and_(~r.added, lost))
        for columns in unique_sets(self.kind.target):
            self.bar(TAKEN, sa.and_(~r.added, self._taken(columns)))
        for code, condition in self.kind.barred(self.batch_id).items():
            self.bar(code, condition)
        while self._bar_parents():
            pass

    def bar(self, code: str, condition: sa.ColumnElement[bool]) -> int:
        mine = sa.and_(self.open(), condition)
        return self.kind.connection.execute(sa.update(row).where(mine).values(conflict=code)).rowcount

    def open(self) -> sa.ColumnElement[bool]:
        """Records of the kind that nothing has been found against."""
        return sa.and_(self._records(row), r.conflict.is_(None))

    def _records(self, of: Any) -> sa.ColumnElement[bool]:
        c = of.c
        mine = sa.and_(c.batch_id == self.batch_id, c.subject == self.kind.target.name)
        return sa.and_(mine, within(self.kind.roots, c.row_id))

    @staticmethod
    def _other(table: sa.Table, same: sa.ColumnElement[bool], version: Any) -> sa.ColumnElement[bool]:
        return sa.exists().where(same, table.c.version != version).correlate(row)

    def _of_part(self, part: Part) -> Iterator[tuple[str, sa.ColumnElement[bool]]]:
        p = part.table.c
        last = sa.func.coalesce(last_of(part.table).scalar_subquery(), 0)
        newer = sa.exists().where(p[part.owner] == r.row_id, p.id > last, sa.not_(part.passing)).correlate(row)
        yield f"{NEWER}:{part.table.name}", sa.and_(r.added, newer) if part.record else newer
        if "version" not in p or part.record:
            return
        own = row.alias()
        of_new = sa.select(p[part.owner]).where(p.version != 1, within(self.kind.roots, p[part.owner]))
        of_old = sa.select(own.c.root_id).where(
            own.c.batch_id == self.batch_id,
            within(self.kind.roots, own.c.root_id),
            own.c.subject == part.table.name,
            own.c.row_id == p.id,
            own.c.version != p.version,
        )
        yield CHANGED, sa.or_(sa.and_(r.added, r.row_id.in_(of_new)), r.row_id.in_(of_old))

    def _held_by(self) -> Iterator[tuple[sa.Table, sa.Column[Any]]]:
        """References to records of the kind, apart from their own parts."""
        for table, key in self._references({self.kind.target.name}):
            if table.name not in self.parts and table is not self.kind.target:
                yield table, key.parent

    def _parts_held_by(self) -> Iterator[tuple[sa.Table, sa.Select[Any]]]:
        """Records whose parts, were they removed, would be missed."""
        by_name = {part.table.name: part for part in self.kind.parts}
        for table, key in self._references(self.parts):
            part = by_name[key.column.table.name]
            if table.name in self.parts or table is self.kind.target:
                continue
            p, mine = part.table.c, row.alias()
            leaving = sa.select(mine.c.row_id).where(
                mine.c.batch_id == self.batch_id,
                mine.c.subject == part.table.name,
                mine.c.added,
                within(self.kind.roots, mine.c.root_id),
            )
            fresh = sa.select(mine.c.row_id).where(self._records(mine), mine.c.added)
            going = sa.or_(p[part.owner].in_(fresh), p.id.in_(leaving))
            now = within(self.kind.roots, p[part.owner])
            yield table, sa.select(p[part.owner]).where(p.id.in_(filled(key.parent)), going, now)

    def _references(self, to: set[str]) -> Iterator[tuple[sa.Table, Any]]:
        for table in self.tables:
            for key in table.foreign_keys:
                vanishes = key.ondelete == "CASCADE" and table.name in self.kind.byproducts
                if key.column.table.name in to and table is not row and not vanishes:
                    yield table, key

    def _taken(self, columns: list[sa.Column[Any]]) -> sa.ColumnElement[bool]:
        """Somebody else bears now what the row bore before."""
        other = self.kind.target.alias()
        same = (other.c[column.name] == was(column, self.dialect) for column in columns)
        leaves = self._leaves(other, added=True)
        return sa.exists().where(*same, other.c.id != r.row_id, ~leaves).correlate(row)

    def _leaves(self, record: sa.FromClause, *, added: bool) -> sa.ColumnElement[bool]:
        """Whether it is about to be taken back, as one that was `added` or at all."""
        own = row.alias()
        mine = sa.and_(
            own.c.batch_id == self.batch_id, own.c.subject == self.kind.target.name, own.c.row_id == record.c.id
        )
        kinds = own.c.added if added else sa.true()
        return sa.exists().where(mine, kinds, own.c.conflict.is_(None)).correlate(record)

    def _bar_parents(self) -> int:
        """A record stays while another that stays hangs on it."""
        child = self.kind.target.alias()
        ours = [key for key in self.kind.target.foreign_keys if key.column.table is self.kind.target]
        if not ours:
            return 0
        stays = ~self._leaves(child, added=False)
        hangs = [r.row_id.in_(filled(child.c[key.parent.name]).where(stays)) for key in ours]
        return self.bar(f"{HELD}:{self.kind.target.name}", sa.and_(r.added, sa.or_(*hangs)))


def filled(column: sa.Column[Any]) -> sa.Select[Any]:
    return sa.select(column).where(column.is_not(None))


def unique_sets(table: sa.Table) -> list[list[sa.Column[Any]]]:
    """Columns whose values no two rows share; a place in the tree follows from others."""
    sets = [[column] for column in table.c if column.unique]
    sets += [list(each.columns) for each in table.constraints if isinstance(each, sa.UniqueConstraint)]
    sets += [list(each.columns) for each in table.indexes if each.unique]
    known = {tuple(column.name for column in columns): columns for columns in sets}
    return [columns for names, columns in known.items() if "path" not in names]


def found(kind: Kind, batch: ImportBatch, limit: int | None = None, offset: int = 0) -> list[Conflict]:
    """What was left alone, with what has happened to it since: records of the kind, then what else was written."""
    mine = (r.batch_id == batch.id, r.conflict.is_not(None))
    rows = kind.connection.execute(
        sa.select(r.row_id, r.conflict, r.subject)
        .where(*mine)
        .order_by(r.subject != kind.target.name, r.subject, r.row_id)
        .limit(limit)
        .offset(offset)
    ).all()
    facts: dict[str, tuple[dict[int, str], dict[int, tuple[str, datetime]]]] = {}
    for subject in {each.subject for each in rows}:
        ids = [each.row_id for each in rows if each.subject == subject]
        facts[subject] = kind.known_of(subject, ids), kind.touched_since(batch, ids, subject)
    return [_conflict(each, *facts[each.subject]) for each in rows]


def _conflict(found_row: sa.Row[Any], names: dict[int, str], touched: dict[int, tuple[str, datetime]]) -> Conflict:
    row_id, said, _ = tuple(found_row)
    code, _, table = said.partition(":")
    return Conflict(row_id, names.get(row_id) or f"#{row_id}", code, table, *touched.get(row_id, ()))

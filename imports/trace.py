"""What an import is about to overwrite and what it adds, kept so that it can be taken back; all of it in SQL, so that
what is encrypted is copied as it lies there."""

from typing import Any

import sqlalchemy as sa

from imports import staging
from imports.kind import Kind
from models.imports import ImportBatch, ImportMark, ImportRow
from models.terms import Term

row = ImportRow.__table__
r = row.c
term = Term.__table__
mark = ImportMark.__table__
m = mark.c
COLUMNS = ("batch_id", "subject", "row_id", "root_id", "added", "version", "before")
WORDS_ROOT = 0
"""Words that the dictionary learned belong to no record."""


class Trace:
    """Made before anything is written; `finish` is called after. `again`: the batch has been committed before."""

    def __init__(self, kind: Kind, batch_id: int, *, again: bool) -> None:
        self.kind, self.batch_id, self.connection, self.again = kind, batch_id, kind.connection, again
        self.slice = self._next_slice()
        self.last_word = self._last(term)
        self._keep(kind.target, kind.target.c.id, added=False, rows=self._targets(staging.CHANGED))
        for part in kind.parts:
            if not part.record:
                owner = part.table.c[part.owner]
                self._keep(part.table, owner, added=False, rows=self._is_among(owner, staging.CHANGED))

    def finish(self) -> None:
        kind = self.kind
        self._keep(kind.target, kind.target.c.id, added=True, rows=self._targets(staging.NEW))
        self._left(kind.target)
        for part in kind.parts:
            if not part.record:
                self._left(part.table)
                owner = part.table.c[part.owner]
                fresh = sa.and_(self._is_among(owner, staging.CHANGED), ~self._is_known(part.table))
                self._keep(part.table, owner, added=True, rows=fresh)
        learned = sa.and_(term.c.id > self.last_word, term.c.kind.in_([each.value for each in kind.terms.values()]))
        self._keep(term, sa.literal(WORDS_ROOT), added=True, rows=learned)
        names = {part.table.name: self._last(part.table) for part in kind.parts} | {kind.target.name: 0}
        fixed = {"batch_id": self.batch_id, "slice": self.slice}
        self.connection.execute(
            mark.insert(), [{**fixed, "subject": name, "last": last} for name, last in names.items()]
        )

    def _targets(self, op: str) -> sa.ColumnElement[bool]:
        return self._is_among(self.kind.target.c.id, op)

    def _is_among(self, column: sa.ColumnElement[int], op: str) -> sa.ColumnElement[bool]:
        """PostgreSQL is given the ids as an array, which it makes once, whatever it thinks of the stage."""
        stage = self.kind.stage.c
        ids = sa.select(stage.target_id).where(self.kind.of_load(op), stage.target_id.is_not(None))
        if self.connection.dialect.name == "postgresql":
            return column == sa.any_(sa.func.array(ids.scalar_subquery()))
        return column.in_(ids)

    def _is_known(self, table: sa.Table) -> sa.ColumnElement[bool]:
        return sa.exists().where(r.batch_id == self.batch_id, r.subject == table.name, r.row_id == table.c.id)

    def _next_slice(self) -> int:
        last = self.connection.scalar(sa.select(sa.func.max(m.slice)).where(m.batch_id == self.batch_id))
        return 0 if last is None else last + 1

    def _last(self, table: sa.Table) -> int:
        return self.connection.scalar(sa.select(sa.func.max(table.c.id))) or 0

    def _keep(self, table: sa.Table, root: sa.ColumnElement[Any], *, added: bool, rows: sa.ColumnElement[bool]) -> None:
        """What is kept from an earlier commit of the batch stays: it tells how the row was before both."""
        before = sa.null() if added else image(table, self.connection.dialect.name)
        if self.again:
            rows = sa.and_(rows, ~self._is_known(table))
        chosen = sa.select(
            sa.literal(self.batch_id),
            sa.literal(table.name),
            table.c.id,
            root,
            sa.literal(added),
            _version(table),
            before,
            sa.literal(self.slice),
        ).where(rows)
        self.connection.execute(row.insert().from_select([*COLUMNS, "slice"], chosen))

    def _left(self, table: sa.Table) -> None:
        """At which version the import left what it changed."""
        if "version" in table.c:
            left = sa.select(table.c.version).where(table.c.id == r.row_id).scalar_subquery()
            mine = sa.and_(r.batch_id == self.batch_id, r.subject == table.name)
            written = self._is_among(r.root_id, staging.CHANGED)
            self.connection.execute(sa.update(row).where(mine, written).values(version=left, slice=self.slice))


def as_others_left_it(
    connection: sa.Connection, batch_id: int, table: sa.Table, restored: sa.ColumnElement[bool]
) -> None:
    """Rows that were restored are again as an earlier import left them, which can then be undone as well."""
    earlier, any_row, batch = row.alias(), row.alias(), ImportBatch.__table__.c
    wrote = sa.exists().where(any_row.c.batch_id == batch.id, any_row.c.subject == table.name)
    others = sa.select(batch.id).where(batch.id != batch_id, wrote)
    connection.execute(
        sa.update(earlier)
        .where(
            earlier.c.batch_id.in_(others),
            earlier.c.subject == table.name,
            earlier.c.row_id == r.row_id,
            earlier.c.version == was(table.c.version, connection.dialect.name),
            earlier.c.conflict.is_(None),
            restored,
            table.c.id == r.row_id,
        )
        .values(version=table.c.version)
    )


def last_of(table: sa.Table) -> sa.Select[Any]:
    """When the slice that wrote `row` had been written."""
    same = sa.and_(m.batch_id == r.batch_id, m.slice == r.slice, m.subject == table.name)
    return sa.select(m.last).where(same).correlate(row)


def _version(table: sa.Table) -> sa.ColumnElement[Any]:
    return table.c.version if "version" in table.c else sa.null()


def image(table: sa.Table, dialect: str) -> sa.ColumnElement[Any]:
    """The row as one JSON object."""
    if dialect == "postgresql":
        return sa.func.to_jsonb(table.table_valued())
    pairs = [each for column in table.c for each in (sa.literal_column(f"'{column.name}'"), _plain(column))]
    return sa.func.json_object(*pairs)


def _plain(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    if not is_binary(column):
        return column
    return sa.case((column.is_(None), sa.null()), else_=sa.func.hex(column))


def is_binary(column: sa.Column[Any]) -> bool:
    kind = column.type
    return isinstance(kind.impl if isinstance(kind, sa.types.TypeDecorator) else kind, sa.LargeBinary)


def was(column: sa.Column[Any], dialect: str) -> sa.ColumnElement[Any]:
    """What the image of a row says of one of its columns."""
    if dialect == "postgresql":
        return sa.cast(r.before.op("->>")(sa.literal_column(f"'{column.name}'")), column.type)
    value = sa.func.json_extract(r.before, sa.literal_column(f"'$.{column.name}'"))
    return sa.func.hex_bytes(value) if is_binary(column) else value

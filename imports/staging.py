"""Where a file waits between preview and commit: a schema of its own, so that looking at it locks nothing else."""

import secrets
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import sqlalchemy as sa

from imports import progress
from imports.cells import CellError
from models.engine import PROGRESS, STAGING
from rules.batches import BatchState

BATCH = 2_000
OPS = NEW, CHANGED, SAME, ERROR = "new", "changed", "same", "error"

metadata = sa.MetaData(schema=STAGING)


def stage_table(name: str, *columns: sa.Column[Any]) -> sa.Table:
    """One row a line; `load` tells the file; `op` what would become of it; NULL keeps what is there;
    `target_version` is that of the row it was compared with."""
    return unlogged(
        sa.Table(
            name,
            metadata,
            *_place(),
            sa.Column("op", sa.String(8)),
            sa.Column("target_id", sa.Integer),
            sa.Column("target_version", sa.Integer),
            sa.Column("cleared", sa.Text, nullable=False),
            *columns,
            sa.Index(f"ix_{name}_target", "load", "target_id"),
            sa.Index(f"ix_{name}_op", "load", "op", "seq"),
        )
    )


def _place() -> list[sa.Column[Any]]:
    return [
        sa.Column("load", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sheet", sa.Text, nullable=False),
        sa.Column("row", sa.Integer, nullable=False),
    ]


def unlogged(table: sa.Table) -> sa.Table:
    unlogged = sa.DDL("ALTER TABLE %(fullname)s SET UNLOGGED")
    sa.event.listen(table, "after_create", unlogged.execute_if(dialect="postgresql"))
    return table


errors = unlogged(
    sa.Table(
        "cell_error",
        metadata,
        *_place(),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("column", sa.Integer),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("code", sa.String(24), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("values", sa.JSON, nullable=False),
    )
)


def prepare(connection: sa.Connection) -> None:
    """What lies beside the data."""
    for name, tables in ((STAGING, metadata), (PROGRESS, progress.metadata)):
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text(f"CREATE SCHEMA IF NOT EXISTS {name}"))
        tables.create_all(connection)
        for table in tables.tables.values():
            _widen(connection, table)


def _widen(connection: sa.Connection, table: sa.Table) -> None:
    """What an earlier version made lacks the columns that have come since."""
    known = set(connection.execute(sa.select(sa.text("*")).select_from(table).limit(0)).keys())
    place = connection.dialect.identifier_preparer.format_table(table)
    for column in table.c:
        if column.name not in known:
            made = sa.schema.CreateColumn(column).compile(dialect=connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {place} ADD COLUMN {made}")


def new_load() -> int:
    return secrets.randbits(62)


def write(connection: sa.Connection, table: sa.Table, rows: Iterable[dict[str, Any]]) -> None:
    rest, insert = iter(rows), table.insert()
    while batch := list(islice(rest, BATCH)):
        connection.execute(insert, batch)


def let_others_in(connection: sa.Connection) -> None:
    """SQLite has one writer to the stage: each keeps what it wrote and gives way. A load that is cut off is dropped by
    whoever takes it up again."""
    if connection.dialect.name == "sqlite":
        connection.connection.commit()


def write_errors(connection: sa.Connection, load: int, found: Iterable[tuple[int, CellError]]) -> None:
    """`found`: line and error."""
    taken = connection.scalar(sa.select(sa.func.max(errors.c.number)).where(errors.c.load == load)) or 0
    write(
        connection,
        errors,
        (
            {
                "load": load,
                "seq": seq,
                "number": number,
                "sheet": error.sheet,
                "row": error.row,
                "column": error.column,
                "value": error.value[:500],
                "code": error.code,
                "message": error.message,
                "values": error.values,
            }
            for number, (seq, error) in enumerate(found, taken + 1)
        ),
    )


def read_errors(
    connection: sa.Connection, load: int, limit: int | None = None, offset: int = 0, code: str = ""
) -> Iterator[CellError]:
    c = errors.c
    found = connection.execute(
        sa.select(c.sheet, c.row, c.column, c.value, c.code, c.message, c["values"])
        .where(c.load == load, c.code == code if code else sa.true())
        .order_by(c.seq, c.number)
        .limit(limit)
        .offset(offset)
    )
    return (CellError(*row) for row in found)


def count_by_code(connection: sa.Connection, load: int) -> dict[str, int]:
    number = sa.func.count().label("number")
    found = connection.execute(
        sa.select(errors.c.code, number)
        .where(errors.c.load == load)
        .group_by(errors.c.code)
        .order_by(number.desc(), errors.c.code)
    )
    return dict(found.all())


def errors_of_rows(connection: sa.Connection, load: int, code: str, limit: int) -> Iterator[CellError]:
    """All that is wrong with the first rows that are wrong, or wrong in this way."""
    c = errors.c
    chosen = (
        sa.select(c.seq)
        .where(c.load == load, c.code == code if code else sa.true())
        .distinct()
        .order_by(c.seq)
        .limit(limit)
        .subquery()
    )
    found = connection.execute(
        sa.select(c.sheet, c.row, c.column, c.value, c.code, c.message, c["values"])
        .where(c.load == load, c.seq.in_(sa.select(chosen.c.seq)))
        .order_by(c.seq, c.number)
    )
    return (CellError(*row) for row in found)


def gather_statistics(connection: sa.Connection, table: sa.Table, rows: int) -> None:
    """PostgreSQL takes a table it knows nothing of for small, and reads it again for every row of another."""
    if connection.dialect.name == "postgresql" and rows >= BATCH:
        connection.exec_driver_sql(f"ANALYZE {connection.dialect.identifier_preparer.format_table(table)}")


def counts(connection: sa.Connection, table: sa.Table, load: int) -> dict[str, int]:
    """Of the sheet's own lines."""
    mine = sa.and_(table.c.load == load, table.c.seq > 0)
    found = connection.execute(sa.select(table.c.op, sa.func.count()).where(mine).group_by(table.c.op))
    return {**dict.fromkeys(OPS, 0), **dict(found.all())}


def copy(connection: sa.Connection, load: int, to: int) -> None:
    """What waits there is left as it is."""
    for table in metadata.tables.values():
        others = [column for column in table.c if column is not table.c.load]
        found = sa.select(sa.literal(to, sa.BigInteger), *others).where(table.c.load == load)
        connection.execute(table.insert().from_select([table.c.load, *others], found))


def forget(connection: sa.Connection, load: int, *, errors_too: bool = True) -> None:
    for table in metadata.tables.values():
        if errors_too or table is not errors:
            connection.execute(table.delete().where(table.c.load == load))


def forget_if_over(connection: sa.Connection, load: int, state: BatchState) -> None:
    """What nobody will look at again."""
    if state in (BatchState.CANCELLED, BatchState.FAILED):
        forget(connection, load)

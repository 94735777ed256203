"""A quarter of the ledger as a file, beside its floor: one statement and the rows written by the bare library."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from time import perf_counter
from typing import Any

import sqlalchemy as sa

from models.scope import under
from models.tickets import Ticket
from models.units import Unit
from rules.workdays import start_of
from tests.bench.figures import Figure, Row, Table, whole
from tests.bench.ground import Ground
from tests.bench.timing import Answer, NoAnswer, accepted

LEAD = sa.orm.aliased(Unit)
BATCH = 2_000
SPAN = timedelta(days=91)


def measure(ground: Ground) -> list[Table]:
    table = Table("The ledger of a quarter as a file", ["s", "rows/s", "MB"])
    for kind in ("xlsx", "csv"):
        try:
            table.rows.append(ledger(ground, kind))
        except NoAnswer as problem:
            table.rows.append(Row(kind, [], str(problem)))
    for name, floor in {
        "floor: one statement": bare_rows,
        "floor: csv": bare_csv,
        "floor: zipped rows": bare_zip,
    }.items():
        table.rows.append(told(name, *floor(ground)))
    return [table]


def ledger(ground: Ground, kind: str) -> Row:
    """As the office reads it off the list, once: it takes a good part of a run."""
    start = perf_counter()
    answer = ground.browser("office").get(f"/requests/export/{kind}?_flt_0_submitted_at={since(ground)}")
    size = sum(len(part) for part in answer.response)
    accepted(Answer(answer.status_code, size, answer.headers.get("Location", "")))
    answer.close()
    taken = perf_counter() - start
    return told(kind, taken, sum(1 for _row in rows_of(ground)), size)


def told(name: str, seconds: float, rows: int, size: int) -> Row:
    return Row(name, [Figure(seconds, "s"), whole(rows / seconds), Figure(size / 1e6, "MB")])


def since(ground: Ground) -> date:
    day: date = ground.rows.today - SPAN
    return day


def rows_of(ground: Ground) -> Iterator[Any]:
    start = start_of(since(ground))
    columns = (Ticket.number, Ticket.title, Ticket.state, Unit.name, LEAD.name, Ticket.next_due_at, Ticket.submitted_at)
    statement = (
        sa.select(*columns).join(Unit, Unit.id == Ticket.unit_id).outerjoin(LEAD, LEAD.id == Ticket.lead_unit_id)
    )
    statement = statement.where(under(Ticket.path, ground.rows.district.path), Ticket.submitted_at >= start)
    with ground.engine.connect().execution_options(yield_per=BATCH) as connection:
        yield from connection.execute(statement.order_by(Ticket.submitted_at.desc()))


def bare_rows(ground: Ground) -> tuple[float, int, int]:
    start = perf_counter()
    count = sum(1 for _row in rows_of(ground))
    return perf_counter() - start, count, 0


def bare_csv(ground: Ground) -> tuple[float, int, int]:
    return written(ground, write_csv)


def bare_zip(ground: Ground) -> tuple[float, int, int]:
    return written(ground, write_zip)


def written(ground: Ground, write: Callable[[list[Any]], int]) -> tuple[float, int, int]:
    """The rows at hand: the file alone is timed."""
    rows = list(rows_of(ground))
    start = perf_counter()
    size = write(rows)
    return perf_counter() - start, len(rows), size


def write_csv(rows: list[Any]) -> int:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return len(text.getvalue().encode())


def write_zip(rows: list[Any]) -> int:
    """What a sheet is inside: one compressed part."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out, out.open("sheet1.xml", "w") as part:
        for start in range(0, len(rows), BATCH):
            cells = ("".join(f"<c><is><t>{cell}</t></is></c>" for cell in row) for row in rows[start : start + BATCH])
            part.write("".join(f"<row>{each}</row>" for each in cells).encode())
    return len(target.getvalue())

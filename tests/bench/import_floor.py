"""The least an import takes: the file unpacked and looked through, prepared rows into the same tables, one commit."""

import re
import secrets
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from imports.loading import roomy, words_at_once
from models.legs import Leg
from models.people import Person
from models.ratings import Rating, Reporter
from models.tickets import Ticket
from models.types import UtcDateTime
from models.units import Unit
from tests.bench.ground import Ground
from tests.bench.import_run import Taken

TAG = re.compile(rb"<c ")
AT = datetime(2025, 3, 1, tzinfo=UTC)
CLOCK = {"clock_mode": "natural", "policy_version": 1, "version": 1}
APART = 2**30
"""Between the numbers of requests and those of what belongs to them."""
Rows = Iterator[dict[str, Any]]


def roster_floor(ground: Ground, file: Path, count: int) -> float:
    return floor(ground, file, [(Person.__table__, people(ground.rows.village, count))])


def ledger_floor(ground: Ground, file: Path, count: int) -> float:
    """The request, its leg, its reporter and its stars; the course of events is left out."""
    unit, ticket = ground.rows.village, Ticket.__table__.c
    with ground.engine.connect() as connection:
        first = (connection.scalar(sa.select(sa.func.max(ticket.id))) or 0) + 1
        asked = connection.execute(sa.select(ticket.title, ticket.text).limit(5_000)).tuples().all()
    span = range(first, first + count)
    loads = [
        (Ticket.__table__, tickets(unit, span, asked)),
        (Leg.__table__, legs(unit, span)),
        (Reporter.__table__, reporters(span)),
        (Rating.__table__, ratings(unit, span)),
    ]
    return floor(ground, file, loads)


def people(unit: Unit, count: int) -> Rows:
    for number in range(count):
        yield {
            "staff_no": f"F{number:06}", "name": "王小明", "pinyin": "wxm", "gender": "male",
            "id_number": secrets.token_bytes(47), "id_number_hash": secrets.token_hex(16),
            "mobile": secrets.token_bytes(40), "mobile_hash": secrets.token_hex(16),
            "unit_id": unit.id, "path": unit.path, "post": "网格员", "category": "village",
            "political_status": "party", "joined_on": date(2001, 7, 1), "branch": "石桥党支部",
            "liaison_unit_id": unit.id, "employment": "active", "note": "", "version": 1,
        }  # fmt: skip


def tickets(unit: Unit, span: range, asked: Sequence[tuple[str, str]]) -> Rows:
    for number in span:
        title, text = asked[number % len(asked)]
        yield CLOCK | {
            "id": number, "number": f"F{number}", "tracking_code": f"F{number}", "source": "floor",
            "external_id": f"F{number}", "title": title, "text": text, "unit_id": unit.id, "path": unit.path,
            "lead_unit_id": unit.id, "state": "settled", "submitted_at": AT, "accepted_at": AT, "settled_at": AT,
            "channel": "online", "kind": "demand", "address": "", "anonymous": False, "credited_unit_id": unit.id,
        }  # fmt: skip


def legs(unit: Unit, span: range) -> Rows:
    for number in span:
        yield CLOCK | {
            "id": APART + number, "ticket_id": number, "seq": 1, "role": "lead", "unit_id": unit.id,
            "unit_name": unit.name, "path": unit.path, "dispatched_at": AT, "signed_at": AT, "settled_at": AT,
            "settle_due_at": AT, "sign_due_at": AT, "settle_due_original": AT, "due_unofficial": False,
            "result_at": AT, "result": "", "feedback": "", "state": "settled",
        }  # fmt: skip


def reporters(span: range) -> Rows:
    for number in span:
        yield {
            "id": APART + number, "ticket_id": number, "name": secrets.token_bytes(38),
            "mobile": secrets.token_bytes(40), "mobile_hash": secrets.token_hex(16),
            "mobile_tail_hash": secrets.token_hex(16), "employer": "", "verification": "none",
        }  # fmt: skip


def ratings(unit: Unit, span: range) -> Rows:
    for number in span:
        yield {
            "id": APART + number, "ticket_id": number, "leg_id": APART + number, "reporter_id": APART + number,
            "stars": 5, "tags": "[]", "comment": "", "at": AT, "scored": True, "unit_id": unit.id, "path": unit.path,
        }  # fmt: skip


def floor(ground: Ground, file: Path, loads: Sequence[tuple[Any, Iterable[dict[str, Any]]]]) -> float:
    """What it writes is taken out again, untimed."""
    prepared = [prepare(ground, table, rows) for table, rows in loads]
    with ground.engine.connect() as connection:
        with roomy(connection), Taken() as taken:
            scan(file)
            with words_at_once(connection):
                for table, names, rows in prepared:
                    put(connection, table, names, rows)
            connection.commit()
        take_out(connection)
    return float(taken.told[ground.measured_by])


def put(connection: Connection, table: str, names: list[str], rows: list[tuple[Any, ...]]) -> None:
    """By the shortest way the engine has."""
    listed = ", ".join(names)
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        connection.exec_driver_sql(f"INSERT INTO {table} ({listed}) VALUES ({marks})", rows)
        return
    raw: Any = connection.connection.driver_connection
    with raw.cursor() as cursor, cursor.copy(f"COPY {table} ({listed}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def scan(file: Path) -> int:
    with zipfile.ZipFile(file) as archive:
        return sum(1 for name in archive.namelist() for _tag in TAG.finditer(archive.read(name)))


def prepare(ground: Ground, table: Any, rows: Iterable[dict[str, Any]]) -> tuple[str, list[str], list[tuple[Any, ...]]]:
    """The table, its columns, and rows as the driver takes them."""
    rest = list(rows)
    names = list(rest[0])
    binds = [bind_of(table.c[name], ground) for name in names]
    values = [tuple(bind(row[name]) for name, bind in zip(names, binds, strict=True)) for row in rest]
    return table.name, names, values


def bind_of(column: Any, ground: Ground) -> Callable[[Any], Any]:
    dated = isinstance(column.type, (UtcDateTime, sa.Date))
    bind = column.type.dialect_impl(ground.engine.dialect).bind_processor(ground.engine.dialect) if dated else None
    return bind or (lambda value: value)


def take_out(connection: Connection) -> None:
    """In the order of what leans on what."""
    made = "(SELECT id FROM ticket WHERE source = 'floor')"
    for table in ("rating", "reporter", "leg"):
        connection.exec_driver_sql(f"DELETE FROM {table} WHERE ticket_id IN {made}")
    connection.exec_driver_sql("DELETE FROM ticket WHERE source = 'floor'")
    like = "LIKE 'F%'" if connection.dialect.name == "sqlite" else "LIKE 'F%%'"
    connection.exec_driver_sql(f"DELETE FROM person WHERE staff_no {like}")
    connection.commit()

"""A roster and a ledger from file to committed rows, beside their floor and beside django-import-export.

The floor unpacks the file, looks for its tags, and writes prepared rows into the same tables, with their indexes and
the search index that hangs on them, in one executemany a table and one commit. Times are those of the processor, the
reading process included. Undo's row belongs behind the one of five per cent (at most half of the import).
"""

import json
import os
import re
import secrets
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from imports.places import Places
from models import db
from models.acting import EVERYTHING
from models.changes import Change
from models.legs import Leg
from models.people import Person
from models.ratings import Rating, Reporter
from models.tickets import Ticket
from models.types import UtcDateTime
from tests.bench import rosters
from tests.bench.data import ROOT, environment
from tests.bench.figures import Figure, Row, Table, milliseconds, whole
from tests.bench.ground import Ground, clock
from tests.bench.import_run import Taken
from tests.bench.peer_imports import peers
from tests.bench.timing import NoAnswer, get, median, one_round

TIMES_FLOOR = 6
PREVIEW = 100
PARENT_MB, CHILD_MB = 250, 1_200
LOCKED = 3
COLUMNS = ["s", "CPU s", "× floor", "parent MB", "child MB", "lock s", "slowest read s"]
TAG = re.compile(rb"<c ")


def measure(ground: Ground) -> list[Table]:
    with ground.app.app_context():
        material = rosters.Material.of(ground.engine, Places.load(db.session(), EVERYTHING, clock().date()))
    people, requests = sized(ground)
    roster = rosters.kept(f"roster-{people}", rosters.ROSTER, lambda: rosters.roster(material, people))
    corrected = rosters.kept(
        f"corrected-{people}", rosters.ROSTER, lambda: rosters.roster(material, people, corrected=True)
    )
    ledger = rosters.kept(f"ledger-{requests}", rosters.LEDGER, lambda: rosters.ledger(material, requests))
    table = Table("Spreadsheets in", COLUMNS, note=__doc__.split("\n\n", 1)[1].strip().replace("\n", " "))
    pages = Table("Pages of a preview", ["server ms"])
    written = Table("What a corrected roster writes", ["rows in the file that differ", "rows written"])
    floor = roster_floor(ground, roster, people)
    table.rows.append(floored(f"floor: roster of {people:,} × 20", floor))
    table.rows.append(imported(ground, "people", roster, f"roster of {people:,} × 20", floor, pages))
    table.rows.append(imported(ground, "people", corrected, "the same, 5 % changed", None, pages, written))
    table.rows.append(imported(ground, "people", corrected, "the same again", None, None, written))
    table.rows += peers(ground, corrected, table.rows[1])
    floor = ledger_floor(ground, ledger, requests)
    table.rows.append(floored(f"floor: ledger of {requests:,} × 20", floor))
    table.rows.append(imported(ground, "tickets", ledger, f"ledger of {requests:,} × 20", floor, pages))
    return [table, pages, written]


def sized(ground: Ground) -> tuple[int, int]:
    """In a town as many as it has itself."""
    if ground.rows.people < rosters.PEOPLE // 2:
        return 1_000, 3_500
    return rosters.PEOPLE, int(os.environ.get("MINQING_BENCH_REQUESTS", rosters.REQUESTS))


def floored(name: str, cpu: float) -> Row:
    return Row(name, ["", Figure(cpu, "s", digits=2), *[""] * 5])


def imported(
    ground: Ground,
    kind: str,
    file: Path,
    name: str,
    floor: float | None,
    pages: Table | None,
    written: Table | None = None,
) -> Row:
    with subject(ground, kind, file) as worker:
        read = answered(worker)
        if pages is not None:
            pages.rows.append(preview(ground, read["batch"], read["counts"], name))
        with reading(ground) as reader:
            say(worker)
            done = answered(worker)
        slowest = float(reader[0])
    if written is not None:
        written.rows.append(rows_written(ground, read, name))
    cpu, locked = read["cpu"] + done["cpu"], done["seconds"]
    return Row(
        name,
        [
            Figure(read["seconds"] + done["seconds"], "s", digits=2),
            Figure(cpu, "s", digits=2),
            Figure(cpu / floor, "× floor", TIMES_FLOOR, digits=2) if floor else "",
            whole(max(read["parent"], done["parent"]), "MB", PARENT_MB),
            whole(read["child"], "MB", CHILD_MB),
            Figure(locked, "s lock", LOCKED, digits=2),
            Figure(slowest, "s", digits=2),
        ],
    )


def started(ground: Ground, *words: str) -> "subprocess.Popen[str]":
    given = environment(ground.settings.data_dir, ground.settings.database_url)
    command = [sys.executable, "-m", *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, env=os.environ | given)


@contextmanager
def subject(ground: Ground, kind: str, file: Path) -> Iterator["subprocess.Popen[str]"]:
    with started(ground, "tests.bench.import_run", kind, str(file), ground.who("office").user_name) as worker:
        yield worker


@contextmanager
def reading(ground: Ground) -> Iterator[list[str]]:
    """Holds what the reader says once it has been told to stop."""
    said: list[str] = []
    with started(ground, "tests.bench.import_reader") as reader:
        try:
            yield said
        finally:
            say(reader)
            said.append(reader.stdout.readline() if reader.stdout else "")


def say(process: "subprocess.Popen[str]") -> None:
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()


def answered(worker: "subprocess.Popen[str]") -> dict[str, Any]:
    assert worker.stdout
    line = worker.stdout.readline()
    if not line:
        raise NoAnswer("the import failed")
    return dict(json.loads(line))


def preview(ground: Ground, batch: int, counts: dict[str, int], name: str) -> Row:
    """The first, the middle and the last page of the tab with most rows; the slowest of them."""
    tab = max(counts, key=lambda op: counts[op])
    last = max(counts[tab] - 1, 0) // 50
    browser = ground.browser("office")
    taken = [
        median(one_round(lambda number=number: get(browser, f"/imports/show/{batch}?tab={tab}&page_Rows={number}")))
        for number in (0, last // 2, last)
    ]
    return Row(f"{name}, {tab}", [milliseconds(max(taken), PREVIEW)])


def rows_written(ground: Ground, read: dict[str, Any], name: str) -> Row:
    differ = read["counts"]["new"] + read["counts"]["changed"]
    with ground.engine.connect() as connection:
        count = sa.select(sa.func.count()).where(Change.__table__.c.batch_id == read["batch"])
        made = connection.scalar(count) or 0
    return Row(name, [whole(differ), whole(made, "rows", at_most=differ)])


def roster_floor(ground: Ground, file: Path, count: int) -> float:
    unit = ground.rows.village
    rows = (
        {
            "staff_no": f"F{number:06}",
            "name": "王小明",
            "pinyin": "wxm",
            "gender": "male",
            "id_number": secrets.token_bytes(47),
            "id_number_hash": secrets.token_hex(16),
            "mobile": secrets.token_bytes(40),
            "mobile_hash": secrets.token_hex(16),
            "unit_id": unit.id,
            "path": unit.path,
            "post": "网格员",
            "category": "village",
            "political_status": "party",
            "joined_on": datetime(2001, 7, 1, tzinfo=UTC).date(),
            "branch": "石桥党支部",
            "liaison_unit_id": unit.id,
            "employment": "active",
            "note": "",
            "version": 1,
        }
        for number in range(count)
    )
    return floor(ground, file, [(Person.__table__, rows)])


def ledger_floor(ground: Ground, file: Path, count: int) -> float:
    """The request, its leg, its reporter and its stars; the course of events is left out."""
    unit, at = ground.rows.village, datetime(2025, 3, 1, tzinfo=UTC)
    with ground.engine.connect() as connection:
        first = (connection.scalar(sa.select(sa.func.max(Ticket.__table__.c.id))) or 0) + 1
        asked = connection.execute(sa.select(Ticket.__table__.c.title, Ticket.__table__.c.text).limit(5_000)).all()
    clock = {"clock_mode": "natural", "policy_version": 1, "version": 1}
    span, path = range(first, first + count), {"unit_id": unit.id, "path": unit.path}
    tickets = (
        clock | path | {
            "id": number, "number": f"F{number}", "tracking_code": f"F{number}", "source": "floor",
            "external_id": f"F{number}", "title": asked[number % len(asked)][0], "text": asked[number % len(asked)][1],
            "lead_unit_id": unit.id, "state": "settled", "submitted_at": at, "accepted_at": at, "settled_at": at,
            "channel": "online", "kind": "demand", "address": "", "anonymous": False, "credited_unit_id": unit.id,
        }
        for number in span
    )  # fmt: skip
    legs = (
        clock | path | {
            "id": 2**30 + number, "ticket_id": number, "seq": 1, "role": "lead", "unit_name": unit.name,
            "dispatched_at": at, "signed_at": at, "settled_at": at, "settle_due_at": at, "sign_due_at": at,
            "settle_due_original": at, "due_unofficial": False, "result_at": at, "result": "", "feedback": "",
            "state": "settled",
        }
        for number in span
    )  # fmt: skip
    reporters = (
        {
            "id": 2**30 + number, "ticket_id": number, "name": secrets.token_bytes(38),
            "mobile": secrets.token_bytes(40), "mobile_hash": secrets.token_hex(16), "employer": "",
            "verification": "none",
        }
        for number in span
    )  # fmt: skip
    ratings = (
        path | {
            "id": 2**30 + number, "ticket_id": number, "leg_id": 2**30 + number, "reporter_id": 2**30 + number,
            "stars": 5, "tags": "[]", "comment": "", "at": at, "scored": True,
        }
        for number in span
    )  # fmt: skip
    loads = [
        (Ticket.__table__, tickets),
        (Leg.__table__, legs),
        (Reporter.__table__, reporters),
        (Rating.__table__, ratings),
    ]
    return floor(ground, file, loads)


def floor(ground: Ground, file: Path, loads: Sequence[tuple[Any, Iterable[dict[str, Any]]]]) -> float:
    """What it writes is taken out again, untimed."""
    prepared = [prepare(ground, table, rows) for table, rows in loads]
    with ground.engine.connect() as connection:
        with Taken() as taken:
            scan(file)
            for statement, rows in prepared:
                connection.exec_driver_sql(statement, rows)
            connection.commit()
        take_out(connection)
    return float(taken.told["cpu"])


def scan(file: Path) -> int:
    with zipfile.ZipFile(file) as archive:
        return sum(1 for name in archive.namelist() for _tag in TAG.finditer(archive.read(name)))


def prepare(ground: Ground, table: Any, rows: Iterable[dict[str, Any]]) -> tuple[str, list[tuple[Any, ...]]]:
    """The statement, and rows as the driver takes them."""
    rest = list(rows)
    names, sqlite = list(rest[0]), ground.engine.dialect.name == "sqlite"
    marks = ", ".join(["?" if sqlite else "%s"] * len(names))
    binds = [bind_of(table.c[name], ground) for name in names]
    values = [tuple(bind(row[name]) for name, bind in zip(names, binds, strict=True)) for row in rest]
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})", values


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

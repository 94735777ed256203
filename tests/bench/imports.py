"""A roster and a ledger from file to committed rows, beside their floor and beside django-import-export.

The floor unpacks the file, looks for its tags, and writes prepared rows into the same tables, with their indexes and
the search index that hangs on them, in one executemany (on PostgreSQL one COPY) a table and one commit. What is
compared is the time of the processor, the reading process included; on PostgreSQL, which works by itself, that of the
clock. `lock` is the longest that a change of one request had to wait meanwhile.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from imports.places import Places
from models import db
from models.acting import Scope, district_of
from models.changes import Change
from models.imports import BatchState
from tests.bench import rosters
from tests.bench.data import ROOT, environment
from tests.bench.figures import Figure, Row, Table, milliseconds, whole
from tests.bench.ground import Ground, clock
from tests.bench.import_floor import ledger_floor, roster_floor
from tests.bench.peer_imports import peers
from tests.bench.timing import NoAnswer, get, median, one_round

NOTE = __doc__.split("\n\n", 1)[1].strip().replace("\n", " ")
SHORT = 10_000
"""Requests of the ledger that is always measured."""
TIMES_FLOOR = 6
PREVIEW = 100
PARENT_MB, CHILD_MB = 250, 1_200
LOCKED, HALF = 3, 0.5
COLUMNS = ["s", "CPU s", "× floor", "parent MB", "child MB", "lock s", "slowest read s"]


def measure(ground: Ground) -> list[Table]:
    material = material_of(ground)
    people, requests = sized(ground, SHORT)
    roster = rosters.kept(f"roster-{people}", rosters.ROSTER, lambda: rosters.roster(material, people))
    corrected = rosters.kept(
        f"corrected-{people}", rosters.ROSTER, lambda: rosters.roster(material, people, corrected=True)
    )
    table = Table("Spreadsheets in", COLUMNS, note=NOTE)
    pages = Table("Pages of a preview", ["server ms"])
    written = Table("What a corrected roster writes", ["rows in the file that differ", "rows written"])
    floor = median([roster_floor(ground, roster, people) for _time in range(3)])
    table.rows.append(floored(ground, f"floor: roster of {people:,} × 20", floor))
    all_new = imported(ground, "people", roster, f"roster of {people:,} × 20", floor, pages)
    some = imported(ground, "people", corrected, "the same, 5 % changed", None, pages, written)
    none = imported(ground, "people", corrected, "the same again", None, None, written)
    table.rows += [all_new.row, some.row, none.row]
    if not ground.is_city:
        table.rows += peers(ground, corrected, people, all_new.row)
    table.rows += [taken_back(ground, some, "5 %"), taken_back(ground, all_new, "roster", half=True)]
    table.rows += ledger_rows(ground, material, requests, pages)
    return [table, pages, written]


def measure_ledger(ground: Ground) -> list[Table]:
    """All of a district's requests."""
    material, (_, requests) = material_of(ground), sized(ground, rosters.REQUESTS)
    table, pages = Table("A whole district's ledger", COLUMNS, note=NOTE), Table("Pages of its preview", ["server ms"])
    table.rows += ledger_rows(ground, material, requests, pages)
    return [table, pages]


def ledger_rows(ground: Ground, material: rosters.Material, requests: int, pages: Table) -> list[Row]:
    ledger = rosters.kept(f"ledger-{requests}", rosters.LEDGER, lambda: rosters.ledger(material, requests))
    name, floor = f"ledger of {requests:,} × 20", ledger_floor(ground, ledger, requests)
    past = imported(ground, "tickets", ledger, name, floor, pages, lock=LOCKED)
    return [floored(ground, f"floor: {name}", floor), past.row, taken_back(ground, past, "ledger", half=True)]


def material_of(ground: Ground) -> rosters.Material:
    """Of the district of whoever imports."""
    district = district_of(ground.who("office").path)
    with ground.app.app_context():
        places = Places.load(db.session(), Scope(paths=(district,)), clock().date())
        return rosters.Material.of(ground.engine, places, district)


@dataclass(frozen=True)
class Done:
    row: Row
    batch: int
    cost: float


def sized(ground: Ground, requests: int) -> tuple[int, int]:
    """In a town as many as it has itself."""
    return (1_000, 3_500) if ground.rows.people < rosters.PEOPLE // 2 else (rosters.PEOPLE, requests)


def floored(ground: Ground, name: str, cost: float) -> Row:
    shown: list[Figure | str] = ["", "", *[""] * 5]
    shown[COLUMNS.index("CPU s" if ground.measured_by == "cpu" else "s")] = Figure(cost, "s", digits=2)
    return Row(name, shown)


def imported(
    ground: Ground,
    kind: str,
    file: Path,
    name: str,
    floor: float | None,
    pages: Table | None,
    written: Table | None = None,
    lock: float | None = None,
) -> Done:
    with subject(ground, kind, str(file)) as worker:
        read = answered(worker, BatchState.PREVIEWED)
        if pages is not None:
            pages.rows.append(preview(ground, read["batch"], read["counts"], name))
        with reading(ground) as reader:
            say(worker)
            done = answered(worker, BatchState.COMMITTED)
        slowest, waited = map(float, reader[0].split())
    if written is not None:
        written.rows.append(rows_written(ground, read, name))
    cost = read[ground.measured_by] + done[ground.measured_by]
    cells = [
        Figure(read["seconds"] + done["seconds"], "s", digits=2),
        Figure(read["cpu"] + done["cpu"], "s", digits=2),
        Figure(cost / floor, "× floor", TIMES_FLOOR, digits=2) if floor else "",
        whole(max(read["parent"], done["parent"]), "MB", PARENT_MB),
        whole(read["child"], "MB", CHILD_MB),
        Figure(waited, "s lock", lock, digits=2),
        Figure(slowest, "s", digits=2),
    ]
    return Done(Row(name, cells), read["batch"], cost)


def taken_back(ground: Ground, imported: Done, name: str, *, half: bool = False) -> Row:
    with subject(ground, "undo", str(imported.batch)) as worker, reading(ground) as reader:
        say(worker)
        done = answered(worker, BatchState.UNDONE)
    slowest, waited = map(float, reader[0].split())
    part = Figure(done[ground.measured_by] / imported.cost, "× its import", HALF if half else None, digits=2)
    cells = [
        Figure(done["seconds"], "s", digits=2),
        Figure(done["cpu"], "s", digits=2),
        part,
        whole(done["parent"], "MB", PARENT_MB),
        "",
        Figure(waited, "s lock", digits=2),
        Figure(slowest, "s", digits=2),
    ]
    return Row(f"undo: {name}", cells)


def started(ground: Ground, *words: str) -> "subprocess.Popen[str]":
    given = environment(ground.settings.data_dir, ground.settings.database_url)
    command = [sys.executable, "-m", *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, env=os.environ | given)


@contextmanager
def subject(ground: Ground, kind: str, what: str) -> Iterator["subprocess.Popen[str]"]:
    with started(ground, "tests.bench.import_run", kind, what, ground.who("office").user_name) as worker:
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


def answered(worker: "subprocess.Popen[str]", state: BatchState) -> dict[str, Any]:
    assert worker.stdout
    line = worker.stdout.readline()
    if not line:
        raise NoAnswer("the import failed")
    told = dict(json.loads(line))
    if told["state"] != state:
        raise NoAnswer(f"the import is {told['state']}: {told['said']}")
    return told


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

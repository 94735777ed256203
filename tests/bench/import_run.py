"""One import in a process of its own, as a worker does it: prints what it took to read and compare, waits for a line,
commits, and prints what that took. Or takes one back.

`python -m tests.bench.import_run KIND FILE USERNAME`, `python -m tests.bench.import_run undo BATCH USERNAME`
"""

import json
import os
import resource
import sys
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import click
from sqlalchemy.orm import Session

from app import console
from commands import acting
from commands_imports import user_of
from imports import batches, originals
from imports.kind import Order
from jobs.importing import work_next
from models import db
from models.acting import Acting
from models.imports import BatchState, ImportBatch
from settings import installed, load
from tests.bench.serving import peak_of


def main(kind: str, what: str, username: str) -> None:
    with console(load(os.environ)).app_context(), acting(username) as act:
        session = db.session()
        if kind == "undo":
            batch = session.get_one(ImportBatch, int(what))
            sys.stdin.readline()
            work(session, batch, act, username, BatchState.UNDOING)
        else:
            batch = hand_in(session, kind, Path(what), act, username)
            work(session, batch, act, username)
            sys.stdin.readline()
            work(session, batch, act, username, BatchState.COMMITTING)


def hand_in(session: Session, kind: str, file: Path, act: Acting, username: str) -> ImportBatch:
    sha256 = originals.keep(installed().files_dir, file.read_bytes())
    batch = batches.received(session, kind, file.name, sha256, Order(act.actor, act.scope, act.at), user_of(username))
    session.commit()
    return batch


def work(session: Session, batch: ImportBatch, act: Acting, username: str, to: BatchState | None = None) -> None:
    """Reads it unless something else is asked for; tells what that took and how it ended."""
    with Taken() as taken:
        if to:
            batches.ask(session, batch, Order(act.actor, act.scope, act.at), to, user_of(username))
            session.commit()
        work_next(session, lambda: datetime.now(UTC), batch.id)
    found = {"batch": batch.id, "counts": batch.counts, "state": batch.state, "said": batch.said}
    click.echo(json.dumps(taken.told | found))
    sys.stdout.flush()


class Taken:
    """Seconds on the clock and of the processor, children included, and the peaks of both in MB."""

    def __enter__(self) -> "Taken":
        self.start, self.used = perf_counter(), used()
        return self

    def __exit__(self, *failed: object) -> None:
        self.told: dict[str, Any] = {
            "seconds": perf_counter() - self.start,
            "cpu": used() - self.used,
            "parent": peak_of("self") / 2**20,
            "child": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
        }


def used() -> float:
    return sum(os.times()[:4])


if __name__ == "__main__":
    main(*sys.argv[1:])

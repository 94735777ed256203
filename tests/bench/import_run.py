"""One import in a process of its own, as a worker does it: prints what it took to read and compare, waits for a line,
commits, and prints what that took.

`python -m tests.bench.import_run KIND FILE USERNAME`
"""

import json
import os
import resource
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import click

from app import console
from commands import acting
from imports import run
from imports.kind import Order
from models import db
from settings import load


def main(kind: str, file: Path, username: str) -> None:
    with console(load(os.environ)).app_context(), acting(username) as act:
        session = db.session()
        order = Order(act.actor, act.scope, act.at)
        session.connection()
        with Taken() as read:
            staged = run.stage(session, kind, file.read_bytes(), file.name, order)
            session.commit()
            batch = run.record(session, staged)
            session.commit()
        tell(read.told | {"batch": batch.id, "counts": batch.counts})
        sys.stdin.readline()
        with Taken() as written:
            run.commit(session, batch, order, skip_errors=False)
            session.commit()
        tell(written.told)


class Taken:
    """Seconds on the clock and of the processor, children included, and the peaks of both in MB."""

    def __enter__(self) -> "Taken":
        self.start, self.used = perf_counter(), used()
        return self

    def __exit__(self, *failed: object) -> None:
        self.told: dict[str, Any] = {
            "seconds": perf_counter() - self.start,
            "cpu": used() - self.used,
            "parent": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "child": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
        }


def used() -> float:
    return sum(os.times()[:4])


def tell(found: dict[str, Any]) -> None:
    click.echo(json.dumps(found))
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])

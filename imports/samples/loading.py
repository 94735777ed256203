"""Fills an empty installation with the invented district, through the importer that everybody uses."""

from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from imports import committing, run
from imports.kind import Order
from models.acting import EVERYTHING, SYSTEM
from models.units import Unit

KINDS = ("units", "people", "households", "organisations", "tickets", "visits", "topics", "tasks")
FILES = {kind: Path(__file__).with_name(f"{kind}.xlsx") for kind in KINDS}


def is_empty(session: Session) -> bool:
    return session.scalar(sa.select(Unit.id).limit(1)) is None


def load_samples(session: Session, at: datetime) -> None:
    """All of it or, if anything fails, nothing: the caller commits once."""
    for kind, file in FILES.items():
        order = Order(SYSTEM, EVERYTHING, at)
        batch = run.record(session, run.stage(session, kind, file.read_bytes(), file.name, order))
        committing.commit(session, batch, order, skip_errors=False)

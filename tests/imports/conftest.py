"""An import from bytes to rows, as commands and screens drive it."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy.orm import Session

from imports import committing, run
from imports.choices import NO_CHOICES, Choices
from imports.kind import Order
from models.acting import EVERYTHING, SYSTEM, Actor, Scope
from models.imports import ImportBatch
from models.unit_changes import merge
from tests.factories import actor
from tests.imports.meanwhile import NOON, TODAY
from tests.stage import at


@dataclass
class Loader:
    """`load(kind, data)` previews and, unless a row is wrong, commits."""

    session: Session
    batch: ImportBatch | None = None

    def preview(
        self,
        kind: str,
        data: bytes,
        *,
        by: Actor = SYSTEM,
        scope: Scope = EVERYTHING,
        now: str = "2026-11-20 12:00",
        choices: Choices = NO_CHOICES,
        **options: str,
    ):
        order = Order(by, scope, at(now), **options)
        staged = run.stage(self.session, kind, data, "名册.xlsx", order, choices)
        self.session.commit()
        self.batch = run.record(self.session, staged)
        self.session.commit()
        return order, staged.counts

    def __call__(self, kind: str, data: bytes, *, skip_errors: bool = False, **options) -> dict[str, int]:
        order, counts = self.preview(kind, data, **options)
        if not counts["error"] or skip_errors:
            committing.commit(self.session, self.batch, order, skip_errors=skip_errors)
            self.session.commit()
        return counts

    @property
    def errors(self) -> list[tuple[str, str, str]]:
        return [(error.cell, error.value, error.code) for error in run.errors(self.session, self.batch)]

    @property
    def said(self) -> list[str]:
        return [error.message % error.values for error in run.errors(self.session, self.batch)]

    @property
    def notes(self) -> list[str]:
        return [note.message % note.values for note in run.notes(self.batch)]


@pytest.fixture
def load(session: Session) -> Callable[..., dict[str, int]]:
    return Loader(session)


@pytest.fixture
def office(session, district):
    made = actor(session, "office", district.root, "冯调研")
    session.commit()
    return made


@pytest.fixture
def merging(session, district, office):
    """As the screen of units does it, while imports wait: 石桥村 into 蒋湾村 unless others are named."""

    def merging(old=None, into=None):
        [made] = merge(session, [old or district.village], into or district.twin, TODAY, office, NOON, reason="撤并")
        session.commit()
        return made

    return merging


def counted(new: int = 0, changed: int = 0, same: int = 0, error: int = 0) -> dict[str, int]:
    return {"new": new, "changed": changed, "same": same, "error": error}

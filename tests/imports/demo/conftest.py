"""An invented town on the screen's own engines, loaded as the command loads it."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from imports.demo.load import Loading, Order
from imports.demo.sizes import SIZES, Size
from models import db
from models.acting import SYSTEM, acting_as
from models.types import EXTENSION
from tests.conftest import BACKENDS, Backend

UNTIL = date(2026, 11, 20)
HAMLET = Size(1, 1, 6, 6, 2, 70, 280, 600, 20, 30, 120, 40)
LOADED = datetime(2026, 11, 20, 4, tzinfo=UTC)


def load(app: Flask, size: Size, *, seed: int = 1, processes: int = 0) -> list[str]:
    """What was told while loading."""
    told: list[str] = []
    db.session.remove()
    db.engine.dispose()
    order = Order(size, seed, UNTIL, LOADED, app.extensions[EXTENSION], processes)
    with acting_as(SYSTEM, LOADED):
        Loading(db.session(), order, told.append).load("!")
        db.session.commit()
    db.session.remove()
    db.engine.dispose()
    return told


@pytest.fixture(scope="module", params=BACKENDS)
def town(request: pytest.FixtureRequest, backends: Callable[[str], Backend]) -> Iterator[Session]:
    """Loaded once for the tests of a file, which only read it."""
    app = backends(request.param).fresh()
    with app.app_context():
        load(app, SIZES["town"])
        yield db.session
        db.session.remove()


@pytest.fixture
def ask(town: Session) -> Callable[..., list[Any]]:
    """`ask("SELECT …")` → rows; for what must not be, an empty list."""

    from sqlalchemy import text

    return lambda query, **values: [tuple(row) for row in town.execute(text(query), values)]

"""The database fixtures: SQLite and, where MINQING_TEST_POSTGRES names a cluster, PostgreSQL besides."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from sqlite3 import Connection, connect
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

import settings as config
from app import create_app
from imports import reading
from models import db
from models.engine import BESIDE
from models.search import FREQUENT
from models.similar import RECENT
from tests.factories import District, build_district, make_account
from tests.kept import Kept
from tests.libreoffice import LibreOffice
from tests.readers import Readers
from tests.stage import Browser, at, prepare_database
from tests.way import Way

POSTGRES = os.environ.get("MINQING_TEST_POSTGRES", "")
KEYS = "index=" + "1a" * 32 + ";1=" + "2b" * 32
BACKENDS = ["sqlite", *(["postgresql"] if POSTGRES else [])]


def _wait_for_no_disk(connection: Connection, record: Any) -> None:
    """As fsync=off is for PostgreSQL: only a machine that loses its power would see the difference."""
    for name in ("main", *BESIDE):
        connection.execute(f"PRAGMA {name}.synchronous=OFF")


class Backend:
    """One application for each engine and worker; `fresh` puts the database back to just after `flask init`."""

    def __init__(self, kind: str, folder: Path, worker: str):
        self.kind, self.folder, self.name = kind, folder, f"minqing_{worker}"
        url = f"sqlite:///{folder / 'minqing.db'}" if kind == "sqlite" else self._url(self.name)
        if kind == "postgresql":
            self.kept = Kept(POSTGRES, self.name)
        given = {
            "MINQING_DATA_DIR": str(folder),
            "MINQING_DATABASE_URL": url,
            "MINQING_SECRET_KEY": "only for tests " * 3,
            "MINQING_FIELD_KEYS": KEYS,
        }
        self.settings = config.load(given)
        self.app = create_app(self.settings)
        self.app.test_client_class = Browser
        self.app.config["WTF_CSRF_ENABLED"] = False
        self.app.appbuilder.sm.limiter.enabled = False  # type: ignore[attr-defined]
        if kind == "sqlite":
            with self.app.app_context():
                event.listen(db.engine, "connect", _wait_for_no_disk)
        prepare_database(self.app)
        self.dispose()
        self._keep()

    def fresh(self) -> Flask:
        self.dispose()
        FREQUENT.known.clear()
        RECENT.known.clear()
        self.app.config["WTF_CSRF_ENABLED"] = False
        if self.kind == "sqlite":
            for name in ("minqing.db", "staging.db"):
                self._copy(f"kept-{name}", name)
        else:
            self.kept.back()
        return self.app

    def _keep(self) -> None:
        if self.kind == "postgresql":
            self.kept.keep()
            return
        for name in ("minqing.db", "staging.db"):
            self._copy(name, f"kept-{name}")

    def _copy(self, source: str, target: str) -> None:
        """Page by page, so that a connection that is still open sees no file vanish under it."""
        with closing(connect(self.folder / source)) as old, closing(connect(self.folder / target)) as new:
            new.execute("PRAGMA synchronous=OFF")
            old.backup(new)

    def close(self) -> None:
        self.dispose()
        if self.kind == "postgresql":
            self.kept.close()

    def dispose(self) -> None:
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()

    def _url(self, name: str) -> str:
        return POSTGRES.rsplit("/", 1)[0] + f"/{name}"


@pytest.fixture(scope="session", autouse=True)
def starting() -> Iterator[Callable[..., Any]]:
    """Files are read by forked readers; that is how a reader is started otherwise."""
    started, readers = reading.start, Readers()
    reading.start = readers.start
    yield started
    reading.start = started
    readers.close()


@pytest.fixture
def started_readers(starting: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests to which the process that reads is the matter."""
    monkeypatch.setattr(reading, "start", starting)


@pytest.fixture(scope="session")
def libreoffice(tmp_path_factory: pytest.TempPathFactory) -> LibreOffice:
    own = tmp_path_factory.getbasetemp()
    kept = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "saved_by_libreoffice"
    kept.mkdir(exist_ok=True)
    return LibreOffice(tmp_path_factory.mktemp("libreoffice"), kept)


@pytest.fixture(scope="session")
def backends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Backend]]:
    made: dict[str, Backend] = {}
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")

    def backend(kind: str) -> Backend:
        if kind not in made:
            made[kind] = Backend(kind, tmp_path_factory.mktemp(kind), worker)
        return made[kind]

    yield backend
    for each in made.values():
        each.close()


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest, backends: Callable[[str], Backend]) -> Backend:
    return backends(request.param)


@pytest.fixture
def app(backend: Backend) -> Flask:
    """The application on a database as `flask init` leaves it."""
    return backend.fresh()


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """A session inside an application context, acting for the installation itself."""
    with app.app_context():
        yield db.session
        db.session.rollback()
        db.session.remove()


@pytest.fixture
def district(session: Session) -> District:
    """A small invented district, committed."""
    made = build_district(session)
    session.commit()
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def client_as(app: Flask, session: Session, district: District) -> Callable[..., FlaskClient]:
    """`client_as("handler", district.village)` is signed in as a new account of that role in that unit."""

    def sign_in(role: str, unit: Any) -> FlaskClient:
        account = make_account(session, role, unit)
        session.commit()
        client = app.test_client()
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"], cookie["epoch"] = str(account.user_id), True, account.epoch
        client.account_id = account.id  # type: ignore[attr-defined]
        client.person_id = account.person_id  # type: ignore[attr-defined]
        return client

    return sign_in


@pytest.fixture
def moment() -> Callable[[str], datetime]:
    return at


@pytest.fixture
def way(session: Session, district: District) -> Way:
    """Requests of that district, at whatever point of their way is asked for; not committed."""
    return Way(session, district)

"""Says twice a second that an attempt lives and how far it is, and stops it when somebody wants it stopped."""

import sqlite3
from datetime import UTC, datetime
from threading import Event, Lock, Thread
from typing import Any

from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError

from imports import progress
from imports.batches import Claim
from imports.progress import Progress
from rules.batches import BEAT, LEASE


class Heart:
    def __init__(self, engine: Engine, claim: Claim, told: Progress) -> None:
        self.engine, self.claim, self.told = engine, claim, told
        self.over, self.lock = Event(), Lock()
        self.watched: Any = None
        self.thread = Thread(target=self._beat, daemon=True)

    def __enter__(self) -> "Heart":
        self._say()
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()
        with self.engine.begin() as connection:
            progress.silence(connection, self.claim.holder, datetime.now(UTC) - 100 * LEASE)

    def watch(self, connection: Connection) -> None:
        """What runs there is broken off when the attempt is cancelled."""
        with self.lock:
            self.watched = connection.connection.dbapi_connection

    def let_go(self) -> None:
        with self.lock:
            self.watched = None

    def _beat(self) -> None:
        while not self.over.wait(BEAT.total_seconds()):
            self._say()

    def _say(self) -> None:
        try:
            with self.engine.begin() as connection:
                progress.say(connection, self.claim.holder, datetime.now(UTC), self.told)
                wanted = progress.wants_cancel(connection, self.claim.batch_id)
        except OperationalError:
            return  # the next beat tries again; a lease outlasts many
        if wanted is not None and self.told.cancel(wanted):
            self._break_off()

    def _break_off(self) -> None:
        with self.lock:
            if isinstance(self.watched, sqlite3.Connection):
                self.watched.interrupt()
            elif self.watched is not None:
                self.watched.cancel()

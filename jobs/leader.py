"""Any number of schedulers may run; the one that holds the lock works."""

import fcntl
from pathlib import Path
from typing import IO

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError

LOCK = 0x4D494E51


class FileLeader:
    def __init__(self, path: Path):
        self.path = path
        self.file: IO[bytes] | None = None

    def leads(self) -> bool:
        if self.file is not None:
            return True
        file = self.path.open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self.file = file
        return True

    def resign(self) -> None:
        if self.file is not None:
            self.file.close()
            self.file = None


class PostgresLeader:
    """The lock lives as long as its connection: a leader that is cut off from the database stops leading."""

    def __init__(self, engine: Engine):
        self.engine = engine
        self.connection: Connection | None = None

    def leads(self) -> bool:
        try:
            if self.connection is not None:
                self.connection.execute(sa.text("SELECT 1"))
                return True
            connection = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        except OperationalError:
            self.resign()
            return False
        if connection.scalar(sa.text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LOCK}):
            self.connection = connection
            return True
        connection.close()
        return False

    def resign(self) -> None:
        connection, self.connection = self.connection, None
        if connection is None:
            return
        try:
            connection.execute(sa.text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
            connection.close()
        except OperationalError:
            connection.invalidate()


def leader_for(engine: Engine, data_dir: Path) -> FileLeader | PostgresLeader:
    return PostgresLeader(engine) if engine.dialect.name == "postgresql" else FileLeader(data_dir / "jobs.lock")

"""How often each address has tried: counted together by all web processes of this machine, lost with the file."""

import sqlite3
from contextlib import closing
from pathlib import Path
from time import time
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from limits.storage import Storage

PATIENCE = 5.0
TABLE = "CREATE TABLE IF NOT EXISTS attempt (name TEXT PRIMARY KEY, count INTEGER NOT NULL, until REAL NOT NULL)"
ONE_MORE = """
    INSERT INTO attempt VALUES (:name, :more, :now + :seconds)
    ON CONFLICT (name) DO UPDATE SET count = count + :more RETURNING count
"""


class Attempts(Storage):
    """For Flask-Limiter, which knows it by the scheme of its address."""

    STORAGE_SCHEME = ["attempts"]

    def __init__(self, uri: str, wrap_exceptions: bool = False, **options: Any):
        super().__init__(uri, wrap_exceptions, **options)
        self.path = Path(unquote(urlsplit(uri).path))

    @classmethod
    def address(cls, path: Path) -> str:
        return f"{cls.STORAGE_SCHEME[0]}://{quote(str(path))}"

    @property
    def base_exceptions(self) -> type[Exception]:
        return sqlite3.Error

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        return int(self._asked(ONE_MORE, name=key, more=amount, seconds=expiry) or 0)

    def get(self, key: str) -> int:
        return int(self._asked("SELECT count FROM attempt WHERE name = :name", name=key) or 0)

    def get_expiry(self, key: str) -> float:
        return self._asked("SELECT until FROM attempt WHERE name = :name", name=key) or time()

    def check(self) -> bool:
        return self._asked("SELECT 1") == 1

    def reset(self) -> int | None:
        self._asked("DELETE FROM attempt")
        return None

    def clear(self, key: str) -> None:
        self._asked("DELETE FROM attempt WHERE name = :name", name=key)

    def _asked(self, statement: str, **values: Any) -> Any:
        """The first value of the answer, after what is over was forgotten."""
        now = {"now": time()}
        with closing(sqlite3.connect(self.path, timeout=PATIENCE)) as connection, connection:
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute(TABLE)
            connection.execute("DELETE FROM attempt WHERE until <= :now", now)
            rows = connection.execute(statement, values | now).fetchall()
            return rows[0][0] if rows else None

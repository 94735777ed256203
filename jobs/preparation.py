"""Whether `flask init` has anything to do: a note of the code and the database it last prepared, quick to compare."""

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

from settings import Settings

ROOT = Path(__file__).parents[1]
WATCHED = ("models", "rules", "views")


def is_prepared(settings: Settings) -> bool:
    try:
        noted = json.loads(note(settings).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    revision = noted.pop("revision")
    return noted == fingerprint(settings) and revision == revision_of(settings.database_url)


def note_prepared(settings: Settings) -> None:
    done = fingerprint(settings) | {"revision": revision_of(settings.database_url)}
    note(settings).write_text(json.dumps(done), encoding="utf-8")


def note(settings: Settings) -> Path:
    return settings.data_dir / "prepared.json"


def fingerprint(settings: Settings) -> dict[str, str]:
    files = sorted(path for folder in WATCHED for path in (ROOT / folder).rglob("*.py"))
    stamps = [(str(path), stat.st_mtime_ns, stat.st_size) for path in files for stat in [path.stat()]]
    return {
        "code": hashlib.sha256(repr(stamps).encode()).hexdigest(),
        "database": hashlib.sha256(settings.database_url.encode()).hexdigest(),
    }


def revision_of(database_url: str) -> str | None:
    """Of the migrations in the database; None if there are none."""
    query = "SELECT version_num FROM alembic_version"
    if database_url.startswith("sqlite:///"):
        file = Path(database_url.removeprefix("sqlite:///"))
        if not file.exists():
            return None
        with closing(sqlite3.connect(file)) as connection:
            try:
                return _first(connection.execute(query).fetchone())
            except sqlite3.OperationalError:
                return None
    import psycopg

    with psycopg.connect(database_url.replace("postgresql+psycopg://", "postgresql://")) as served:
        try:
            return _first(served.execute(query).fetchone())
        except psycopg.errors.UndefinedTable:
            return None


def _first(row: tuple[str, ...] | None) -> str | None:
    return row[0] if row else None

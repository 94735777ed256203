"""What a run was measured on: never where."""

import os
import platform
import re
import sqlite3
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import perf_counter

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from werkzeug.security import check_password_hash, generate_password_hash

from tests.bench.timing import median

PACKAGES = ("flask", "flask-appbuilder", "sqlalchemy", "granian", "psycopg", "django", "django-import-export")


def description(engine: Engine) -> str:
    day = datetime.now(UTC).date()
    built = f"{processor()}, {os.cpu_count()} cores, {memory()} GB, on which one scrypt took {scrypt() * 1000:.0f} ms"
    return f"{day}. {built}. {database(engine)}; {', '.join(versions())}."


def processor() -> str:
    told = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""
    found = re.search(r"model name\s*:\s*(.+)", told)
    return found[1] if found else platform.machine()


def memory() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9)


def database(engine: Engine) -> str:
    if engine.dialect.name == "sqlite":
        return f"SQLite {sqlite3.sqlite_version}"
    with engine.connect() as connection:
        return "PostgreSQL " + connection.scalar(sa.text("SHOW server_version")).split()[0]


def versions() -> list[str]:
    found = [f"Python {platform.python_version()}"]
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return found


def scrypt() -> float:
    """Seconds of one password check: how fast the machine was during this run, whatever else was going on."""
    kept, taken = generate_password_hash("how long does it take"), []
    for _time in range(5):
        start = perf_counter()
        check_password_hash(kept, "how long does it take")
        taken.append(perf_counter() - start)
    return median(taken)

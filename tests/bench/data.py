"""The district that is measured: made once by `flask demo`, kept under var/bench, copied for each run."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url

import settings as config
from settings import Settings

ROOT = Path(__file__).parents[2]
CACHE = ROOT / "var" / "bench"
KEPT_DAYS = 7
"""Older data is made again: its last days would no longer be the last days."""
MAKERS = ("imports/demo/**/*.py", "models/search_index.py")


@contextmanager
def working_copy(size: str, url: str | None, given: Path | None) -> Iterator[Settings]:
    """What a run may change as it likes. `given` is a data folder (SQLite) to measure instead of a made one."""
    source = given or made(size, url)
    with TemporaryDirectory(dir=CACHE, prefix="work-") as folder:
        work = Path(folder) / size
        shutil.copytree(source, work)
        served = replaced(url, work.parent.name, template=f"{size}_{key()}") if url else None
        settings = config.load(environment(work, served))
        if given:
            flask(settings, "init")
        try:
            yield settings
        finally:
            if url:
                dropped(url, work.parent.name)


def made(size: str, url: str | None) -> Path:
    folder = CACHE / f"{size}-{'postgresql' if url else 'sqlite'}-{key()}"
    done = folder / "made"
    if done.exists() and time.time() - done.stat().st_mtime < KEPT_DAYS * 86_400:
        click.echo(f"{folder.relative_to(ROOT)}: kept from before")
        return folder
    if folder.exists():
        shutil.rmtree(folder)
    CACHE.mkdir(parents=True, exist_ok=True)
    served = replaced(url, f"{size}_{key()}") if url else None
    start = time.perf_counter()
    flask(config.load(environment(folder, served)), "demo", "--size", size, "--seed", "1")
    click.echo(f"{folder.relative_to(ROOT)}: made in {time.perf_counter() - start:.0f} s")
    done.touch()
    return folder


def key() -> str:
    """Of everything that decides how the data comes out."""
    digest = hashlib.sha256(repr(ScriptDirectory(str(ROOT / "models" / "migrations")).get_heads()).encode())
    for path in sorted(found for pattern in MAKERS for found in ROOT.glob(pattern)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def environment(folder: Path, served: str | None) -> dict[str, str]:
    return {"MINQING_DATA_DIR": str(folder), **({"MINQING_DATABASE_URL": served} if served else {})}


def flask(settings: Settings, *words: str) -> None:
    given = environment(settings.data_dir, settings.database_url)
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", *words], cwd=ROOT, env=os.environ | given, check=True
    )


def named(url: str, suffix: str) -> str:
    """The address of a database of ours beside the one that was given, which is left alone."""
    given = make_url(config.database_url(url, ROOT))
    return given.set(database=f"{given.database}_bench_{suffix}").render_as_string(hide_password=False)


def dropped(url: str, suffix: str) -> None:
    told(url, f'DROP DATABASE IF EXISTS "{make_url(named(url, suffix)).database}" WITH (FORCE)')


def replaced(url: str, suffix: str, template: str = "") -> str:
    address = named(url, suffix)
    copy = f'TEMPLATE "{make_url(named(url, template)).database}"' if template else "TEMPLATE template0 ENCODING 'UTF8'"
    dropped(url, suffix)
    told(url, f'CREATE DATABASE "{make_url(address).database}" {copy}')
    return address


def told(url: str, statement: str) -> None:
    engine = sa.create_engine(config.database_url(url, ROOT), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()

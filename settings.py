"""Every setting of the installation, read once from the environment. What an office decides is a policy row."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from flask import current_app

EXTENSION = "minqing.settings"


@dataclass(frozen=True)
class Settings:
    data_dir: Path
    database_url: str
    secret_key: str = field(repr=False)
    field_keys: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 8080
    language: str = "zh"
    """Of what commands print; a browser has its own."""

    @property
    def files_dir(self) -> Path:
        return self.data_dir / "files"

    @property
    def sign_ins(self) -> Path:
        """The sample accounts and their passwords, readable by its owner alone."""
        return self.data_dir / "sign_ins.txt"


def installed() -> Settings:
    """Those of the running application."""
    settings: Settings = current_app.extensions[EXTENSION]
    return settings


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Missing keys are made once and kept in the data folder, readable by its owner alone."""
    data_dir = Path(environ.get("MINQING_DATA_DIR") or "var").resolve()
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Settings(
        data_dir=data_dir,
        database_url=database_url(environ.get("MINQING_DATABASE_URL"), data_dir),
        secret_key=environ.get("MINQING_SECRET_KEY") or kept_secret(data_dir / "secret_key", secrets.token_urlsafe(48)),
        field_keys=environ.get("MINQING_FIELD_KEYS") or kept_secret(data_dir / "field_keys", new_field_keys()),
        host=environ.get("MINQING_HOST") or "127.0.0.1",
        port=port(environ.get("MINQING_PORT") or "8080"),
        language=language(environ.get("MINQING_LANGUAGE") or "zh"),
    )


def port(text: str) -> int:
    if not re.fullmatch("[0-9]{1,5}", text) or not 0 < int(text) < 2**16:
        raise SystemExit("MINQING_PORT: needs a number from 1 to 65535")
    return int(text)


def language(text: str) -> str:
    if text not in ("zh", "en"):
        raise SystemExit("MINQING_LANGUAGE: needs zh or en")
    return text


def database_url(given: str | None, data_dir: Path) -> str:
    """`postgresql://` is taken to mean the driver that is installed."""
    if not given:
        return f"sqlite:///{data_dir / 'minqing.db'}"
    for scheme in ("postgresql://", "postgres://"):
        if given.startswith(scheme):
            return "postgresql+psycopg://" + given.removeprefix(scheme)
    return given


def new_field_keys() -> str:
    """`index=<hex>;1=<hex>`: the key of the look-up hashes, then numbered keys, of which the highest encrypts."""
    return f"index={secrets.token_hex(32)};1={secrets.token_hex(32)}"


def kept_secret(path: Path, fresh: str) -> str:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii")
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(fresh)
    return fresh

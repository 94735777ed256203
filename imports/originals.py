"""The files themselves, as they came, kept by what they hold."""

import hashlib
import os
from pathlib import Path

from rules.refusals import N_, Refusal


def keep(folder: Path, data: bytes) -> str:
    """Its sha256. What is kept already is not written again."""
    sha256 = hashlib.sha256(data).hexdigest()
    path = path_of(folder, sha256)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{sha256}.{os.getpid()}.{os.urandom(4).hex()}")
        fresh.write_bytes(data)
        fresh.replace(path)
    return sha256


def read(folder: Path, sha256: str) -> bytes:
    try:
        return path_of(folder, sha256).read_bytes()
    except FileNotFoundError:
        raise Refusal(N_("The file of this import is no longer kept here: import it again")) from None


def drop(folder: Path, sha256: str) -> None:
    path_of(folder, sha256).unlink(missing_ok=True)


def path_of(folder: Path, sha256: str) -> Path:
    return folder / "imports" / sha256[:2] / sha256

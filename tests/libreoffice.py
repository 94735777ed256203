"""LibreOffice, with which an office saves a file again."""

import hashlib
import io
import subprocess
import tempfile
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

WHEN = "docProps/core.xml"
"""The part of a workbook that tells when it was written."""


@dataclass
class LibreOffice:
    """The same file is saved in the same form once for all tests. `profile` is of one process; `kept` may be shared."""

    profile: Path
    kept: Path

    def saved(self, data: bytes, to: str) -> bytes:
        return (self.folder(data, to) / f"given.{to}").read_bytes()

    def folder(self, data: bytes, to: str) -> Path:
        """`given.` and whatever ending: for some forms several files."""
        place = self.kept / hashlib.sha256(_content(data) + to.encode()).hexdigest()
        if not place.exists():
            with tempfile.TemporaryDirectory(dir=self.kept) as name:
                out = self._converted(data, to, Path(name))
                with suppress(OSError):
                    out.rename(place)
        return place

    def _converted(self, data: bytes, to: str, folder: Path) -> Path:
        given, out = folder / "given.xlsx", folder / "out"
        given.write_bytes(data)
        command = ["soffice", f"-env:UserInstallation=file://{self.profile}", "--headless", "--convert-to", to]
        subprocess.run([*command, "--outdir", str(out), str(given)], check=True, capture_output=True, timeout=240)
        return out


def _content(workbook: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        parts = [(name, archive.read(name)) for name in archive.namelist() if name != WHEN]
    return b"".join(hashlib.sha256(name.encode()).digest() + hashlib.sha256(part).digest() for name, part in parts)

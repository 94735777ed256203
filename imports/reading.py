"""Sheets and their rows, read by a child process into a spool and taken from there batch by batch."""

import datetime
import os
import pickle
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from imports import guard
from imports.child import BATCH, OUT_OF_MEMORY
from imports.encodings import UNREADABLE, UnreadableText
from imports.hidden import Ranges
from imports.parts import damaged
from imports.sniff import BINARY, FileKind, sniff
from rules.refusals import N_, Refusal

ROOT = Path(__file__).resolve().parent.parent
WALL_SECONDS = 90
HEAD_ROWS = 32
FAILED = 1
"""A reader that stumbled over what it read."""
GAVE_UP = (-signal.SIGABRT, OUT_OF_MEMORY)

Cell = str | float | int | bool | datetime.datetime | datetime.date | datetime.time | datetime.timedelta
Row = tuple[int, list[Cell]]
Started = Callable[[subprocess.Popen[bytes]], None]


@dataclass
class Sheet:
    """`merged` ranges are (first row, first column, last row, last column); `errors` maps (row, column) to `#N/A` …;
    `hidden_rows` are (first, last); `since_1904`: its serial numbers count from that year."""

    name: str
    hidden: bool
    merged: list[tuple[int, int, int, int]]
    errors: dict[tuple[int, int], str]
    hidden_rows: Ranges
    since_1904: bool
    spool: BinaryIO
    offsets: list[int] = field(default_factory=list)

    def rows(self) -> Iterator[Row]:
        for offset in self.offsets:
            self.spool.seek(offset)
            yield from _Plain(self.spool).load()

    @property
    def about(self) -> int:
        """How many rows it has, rounded up."""
        return len(self.offsets) * BATCH

    def head(self) -> list[Row]:
        return [row for row, _ in zip(self.rows(), range(HEAD_ROWS), strict=False)]


class _Plain(pickle.Unpickler):
    """The child has read a stranger's file: nothing but values and dates may come out of it."""

    def find_class(self, module: str, name: str) -> type:
        if module == "datetime" and name in ("datetime", "date", "time", "timedelta"):
            return getattr(datetime, name)
        raise pickle.UnpicklingError(f"{module}.{name}")


@dataclass(frozen=True)
class Workbook:
    sheets: list[Sheet]
    notes: list[str]


@contextmanager
def read(data: bytes, encoding: str = "", started: Started = lambda child: None) -> Iterator[Workbook]:
    """Its rows can be read while the block lasts. The encoding counts for text alone. `started` is given each process
    that reads."""
    kind = sniff(data)
    guard.check(data, kind)
    with tempfile.TemporaryFile() as spool:
        notes = []
        code = _child(kind, "calamine" if kind in BINARY else "text", data, spool, encoding, started)
        if code in GAVE_UP and kind is FileKind.XLSX:
            notes = [N_("The sheet is too sparse for the quick reader and was read the slow way")]
            code = _child(kind, "openpyxl", data, spool, encoding, started)
        del data  # as large as 50 MB, while its rows are read
        if code == FAILED:
            raise damaged()
        if code != 0:
            raise Refusal(N_("The file cannot be read within the limits of memory and time: keep only the table in it"))
        yield Workbook(_sheets(spool), notes)


def _child(kind: FileKind, reader: str, data: bytes, spool: BinaryIO, encoding: str, started: Started) -> int:
    """How the child ended, having written to the spool."""
    spool.seek(0)
    with start(kind, reader, encoding, spool) as child:
        started(child)
        try:
            child.communicate(data, timeout=WALL_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
    return child.returncode


def start(kind: FileKind, reader: str, encoding: str, spool: BinaryIO) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "imports.child", kind.value, reader, encoding],
        stdin=subprocess.PIPE,
        stdout=spool,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env={"PATH": os.defpath, "LANG": "C.UTF-8"},
    )


def _sheets(spool: BinaryIO) -> list[Sheet]:
    sheets: list[Sheet] = []
    spool.seek(0)
    while True:
        match _Plain(spool).load():
            case ("sheet", name, hidden, merged, errors, hidden_rows, since_1904):
                sheets.append(Sheet(name, hidden, merged, errors, hidden_rows, since_1904, spool))
            case ("rows", size):
                sheets[-1].offsets.append(spool.tell())
                spool.seek(size, os.SEEK_CUR)
            case ("refused", message, values):
                raise (UnreadableText if message == UNREADABLE else Refusal)(message, **values)
            case ("end",):
                return sheets

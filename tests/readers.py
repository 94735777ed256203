"""Processes that read files for imports, forked from one in which all that they need is loaded already. Each is as
alone and as limited as one that is started, and begins its work ten times as soon."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from imports import child
from imports.sniff import FileKind

ROOT = Path(__file__).resolve().parent.parent


class Reader:
    """As much of `subprocess.Popen` as they ask for who have a file read."""

    def __init__(self, source: int, told: socket.socket):
        self.source, self.told, self.pid = source, told, int(told.recv(16))
        self.returncode: int | None = None

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: Any) -> None:
        self._wait(None)
        self.told.close()

    def communicate(self, data: bytes, timeout: float) -> None:
        with suppress(BrokenPipeError), open(self.source, "wb") as source:
            source.write(data)
        self._wait(timeout)

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def _wait(self, timeout: float | None) -> None:
        if self.returncode is None:
            if not select.select([self.told], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("reader", timeout or 0)
            self.returncode = os.waitstatus_to_exitcode(int(self.told.recv(16)))


class Readers:
    """Starts them, by way of the process that they are forked from."""

    def __init__(self) -> None:
        self.door, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", "tests.readers", str(theirs.fileno())]
        environment = {"PATH": os.defpath, "LANG": "C.UTF-8"}
        self.origin = subprocess.Popen(
            command, cwd=ROOT, env=environment, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL
        )
        theirs.close()

    def start(self, kind: FileKind, reader: str, encoding: str, spool: BinaryIO) -> Reader:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        source, ours_to_write = os.pipe()
        words = json.dumps([kind.value, reader, encoding]).encode()
        socket.send_fds(self.door, [words], [source, spool.fileno(), theirs.fileno()])
        theirs.close()
        os.close(source)
        return Reader(ours_to_write, ours)

    def close(self) -> None:
        self.door.close()
        self.origin.wait()


def serve(door: socket.socket) -> None:
    """Until it is closed. Between this process and each that reads stands one that tells how that one ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        words, places, _flags, _address = socket.recv_fds(door, 1024, 3)
        if not words:
            return
        if os.fork() == 0:
            door.close()
            attend(json.loads(words), *places)
            return
        for place in places:
            os.close(place)


def attend(words: list[str], source: int, spool: int, teller: int) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        os.close(teller)
        read(*words, source, spool)
        return
    os.close(source)
    with socket.socket(fileno=teller) as told:
        told.send(str(pid).encode())
        told.send(str(os.waitpid(pid, 0)[1]).encode())


def read(kind: str, reader: str, encoding: str, source: int, spool: int) -> None:
    nothing = os.open(os.devnull, os.O_WRONLY)
    for place, number in enumerate((source, spool, nothing)):
        os.dup2(number, place)
        os.close(number)
    child.main(FileKind(kind), reader, encoding, sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    import python_calamine  # noqa: F401

    serve(socket.socket(fileno=int(sys.argv[1])))

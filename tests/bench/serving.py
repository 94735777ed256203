"""The web server as `make run` starts it, and a browser that signs in at its door."""

import os
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from jobs.serving import READY_WITHIN, answers, python, start, stop, wait_until
from settings import Settings
from tests.bench.browser import Browser
from tests.bench.data import environment
from tests.bench.ground import Ground
from tests.bench.timing import NoAnswer


class Server:
    def __init__(self, settings: Settings):
        self.settings = replace(settings, port=free_port())
        self.browsers: dict[str, Browser] = {}
        given = environment(settings.data_dir, settings.database_url)
        os.environ.update(given | {"MINQING_PORT": str(self.settings.port)})
        self.child = start(python("jobs.web"))
        if not wait_until(lambda: answers(self.settings), READY_WITHIN):
            raise NoAnswer("the web server did not start")

    def peak_memory(self) -> int:
        """Bytes of the largest process of the server."""
        listed = subprocess.run(["pgrep", "-P", str(self.child.pid)], capture_output=True, text=True, check=False)
        return max(peak_of(pid) for pid in [str(self.child.pid), *listed.stdout.split()])


def peak_of(pid: str) -> int:
    told = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+) kB", told)[1]) * 1024  # type: ignore[index]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(settings: Settings) -> Iterator[Server]:
    server = Server(settings)
    try:
        yield server
    finally:
        stop([server.child])


def signed_in(server: Server, ground: Ground, role: str) -> Browser:
    """One for each role, kept: the sign-in is slow by intent and limited."""
    if role not in server.browsers:
        browser = Browser(server.settings.port)
        if role:
            browser.sign_in(ground.who(role).user_name, ground.password)
        server.browsers[role] = browser
    return server.browsers[role]

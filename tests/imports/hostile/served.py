"""The console as it is served, and people who use it over HTTP at the same time."""

import os
import re
import secrets
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep
from urllib.parse import urlencode

from jobs import serving

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
PATIENCE = 60


@contextmanager
def served(folder: Path) -> Iterator[tuple[int, list[serving.Child]]]:
    """A new console with the invented district, on a port of its own: its web server, and the worker of its imports."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    given = {"MINQING_DATA_DIR": str(folder), "MINQING_PORT": str(port)}
    before = {name: os.environ.get(name) for name in (*given, "MINQING_DATABASE_URL")}
    os.environ.update(given)
    os.environ.pop("MINQING_DATABASE_URL", None)
    try:
        assert serving.prepare() == 0
        children = [serving.start(serving.python("jobs.web")), serving.start(serving.WORKER)]
        try:
            assert serving.wait_until(lambda: is_up(port), serving.READY_WITHIN)
            yield port, children
        finally:
            serving.stop(children)
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            os.environ.update({name: value} if value is not None else {})


def is_up(port: int) -> bool:
    try:
        return Person(port).get("/healthz")[0] == 200
    except OSError:
        return False


class Person:
    """One jar of cookies and a connection for each question."""

    def __init__(self, port: int):
        self.port, self.cookies = port, dict[str, str]()

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> tuple[int, str, str]:
        """Status, address it leads to, text."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        connection.request(method, path, body, headers | ({"Content-Type": kind} if kind else {}))
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        for value in answer.headers.get_all("Set-Cookie") or []:
            self.cookies |= {key: morsel.value for key, morsel in SimpleCookie(value).items()}
        connection.close()
        return answer.status, answer.headers.get("Location", ""), text

    def get(self, path: str) -> tuple[int, str, str]:
        return self.ask("GET", path)

    def sign_in(self, user_name: str, password: str) -> None:
        form = {"csrf_token": self._token("/login/"), "username": user_name, "password": password}
        status, leads_to, _text = self.ask(
            "POST", "/login/", urlencode(form).encode(), "application/x-www-form-urlencoded"
        )
        assert status == 302
        assert "/login" not in leads_to
        self.get("/lang/en")

    def _token(self, path: str) -> str:
        found = TOKEN.search(self.get(path)[2])
        assert found
        return found[1]

    def upload(self, kind: str, filename: str, data: bytes) -> tuple[int, str, str]:
        mark = secrets.token_hex(16)
        fields = {"csrf_token": self._token(f"/imports/new?kind={kind}"), "kind": kind}
        parts = [f'--{mark}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()]
        parts += [f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n\r\n']
        body = "".join(parts).encode() + data + f"\r\n--{mark}--\r\n".encode()
        return self.ask("POST", "/imports/new", body, f"multipart/form-data; boundary={mark}")

    def told(self, answer: tuple[int, str, str], words: str, within: float) -> bool:
        """At once on the form, or later on the page of the import."""
        status, leads_to, text = answer
        until = monotonic() + within
        while words not in text and status == 302 and monotonic() < until:
            sleep(0.2)
            text = self.get(leads_to)[2]
        return words in text


class Reader:
    """Reads pages without pause, and remembers how long each took and what was not answered."""

    def __init__(self, person: Person, pages: list[str]):
        self.person, self.pages = person, pages
        self.taken: list[tuple[float, str]] = []
        self.wrong: list[tuple[str, str]] = []
        self.stop = Event()

    @contextmanager
    def reading(self) -> Iterator["Reader"]:
        thread = Thread(target=self._read)
        thread.start()
        try:
            yield self
        finally:
            self.stop.set()
            thread.join()

    def _read(self) -> None:
        while not self.stop.is_set():
            for page in self.pages:
                start = monotonic()
                try:
                    status = self.person.get(page)[0]
                except OSError as problem:
                    self.wrong.append((page, repr(problem)))
                    continue
                self.taken.append((monotonic() - start, page))
                if status != 200:
                    self.wrong.append((page, str(status)))
                sleep(0.02)


def processes_under(pid: int) -> list[tuple[int, str]]:
    """(process, command line) of all that descend from it."""
    found = []
    listed = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()[1:]]
    above = {pid}
    for _depth in range(4):
        for own, parent, command in rows:
            if int(parent) in above and int(own) not in above:
                above.add(int(own))
                found.append((int(own), command))
    return found


def peak_mb(pid: int) -> int:
    told = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s+(\d+) kB", told)
    return int(found[1]) >> 10 if found else 0

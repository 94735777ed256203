"""What signs in at the door and asks over HTTP, as a browser would, without its pictures and scripts."""

import re
from collections.abc import Mapping
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from time import perf_counter
from urllib.parse import urlencode

from tests.bench.timing import Answer, NoAnswer

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


IDLE = 10.0
"""Seconds after which a connection is not used again: the server closes those it has not heard of for thirty."""
TOO_LATE = 20


class Browser:
    """One connection, one jar of cookies. An answer later than TOO_LATE seconds is none."""

    def __init__(self, port: int):
        self.connection = HTTPConnection("127.0.0.1", port, timeout=TOO_LATE)
        self.cookies: dict[str, str] = {}
        self.token, self.used = "", perf_counter()

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)[0]

    def post(self, path: str, form: Mapping[str, str]) -> Answer:
        return self.ask("POST", path, form | {"csrf_token": self.token})[0]

    def ask(self, method: str, path: str, form: Mapping[str, str] | None = None) -> tuple[Answer, str]:
        body = urlencode(form) if form is not None else None
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if perf_counter() - self.used > IDLE:
            self.connection.close()
        self.connection.request(method, path, body, headers)
        said = self.connection.getresponse()
        content = said.read()
        self.used = perf_counter()
        for name, value in said.getheaders():
            if name.lower() == "set-cookie":
                self.cookies |= {key: morsel.value for key, morsel in SimpleCookie(value).items()}
        return Answer(said.status, len(content), said.getheader("Location", "")), content.decode("utf-8", "replace")

    def take_token(self, path: str) -> None:
        _answer, page = self.ask("GET", path)
        found = TOKEN.search(page)
        if found is None:
            raise NoAnswer(f"{path} has no form")
        self.token = found[1]

    def sign_in(self, user_name: str, password: str) -> None:
        self.take_token("/login/")
        answer = self.post("/login/", {"username": user_name, "password": password})
        if answer.status != 302 or "/login" in answer.location:
            raise NoAnswer(f"{user_name} was not let in")

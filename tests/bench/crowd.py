"""The second process of a load: asks what it is told at the moments it is told, and says how long each answer took."""

import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

from tests.bench.browser import Browser
from tests.bench.timing import percentile

PEOPLE = 64


@dataclass(frozen=True)
class Ask:
    """`at` in seconds after the start. Without a form it is a read."""

    at: float
    user: str
    path: str
    form: dict[str, str] | None = None


class Crowd:
    """Everybody who asks. Each thread has a connection of its own to each user's session."""

    def __init__(self, order: dict[str, Any]):
        self.port = order["port"]
        self.sessions = {user: self.let_in(name, order["password"]) for user, name in order["users"].items()}
        self.sessions[""] = self.let_in("", "")
        self.mine = threading.local()
        self.taken: list[float] = []
        self.problems: list[str] = []

    def let_in(self, name: str, password: str) -> Browser:
        browser = Browser(self.port)
        if name:
            browser.sign_in(name, password)
        browser.take_token("/requests/list/" if name else "/portal/ask")
        return browser

    def browser(self, user: str) -> Browser:
        own = self.mine.__dict__.setdefault("browsers", {})
        if user not in own:
            own[user] = Browser(self.port)
            own[user].cookies, own[user].token = dict(self.sessions[user].cookies), self.sessions[user].token
        return own[user]

    def ask(self, start: float, ask: Ask) -> None:
        time.sleep(max(0.0, start + ask.at - time.perf_counter()))
        browser = self.browser(ask.user)
        try:
            answer = browser.get(ask.path) if ask.form is None else browser.post(ask.path, ask.form)
            said = f"{answer.status} {answer.location}"
        except (OSError, HTTPException) as problem:
            browser.connection.close()
            said = repr(problem)
        self.taken.append(time.perf_counter() - start - ask.at)
        if not is_right(ask, said):
            self.problems.append(f"{ask.path}: {said}")


def is_right(ask: Ask, said: str) -> bool:
    return said.startswith("200") if ask.form is None else said.startswith("302") and "/login" not in said


def main() -> None:
    order = json.load(sys.stdin)
    crowd = Crowd(order)
    asked = [Ask(*each) for each in order["asked"]]
    start = time.perf_counter() + 0.5
    with ThreadPoolExecutor(PEOPLE) as people:
        for ask in asked:
            time.sleep(max(0.0, start + ask.at - time.perf_counter() - 0.05))
            people.submit(crowd.ask, start, ask)
    lasted = time.perf_counter() - start
    answered, wrong = len(crowd.taken), len(asked) - len(crowd.taken) + len(crowd.problems)
    told = {f"p{share}": percentile(crowd.taken, share / 100) for share in (50, 95, 99)}
    json.dump(told | {"errors": wrong, "rate": answered / lasted, "why": crowd.problems[:5]}, sys.stdout)


if __name__ == "__main__":
    main()

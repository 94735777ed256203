"""How long an answer takes: warm, several times, in several rounds. What is no answer is no measurement."""

import math
import statistics
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

ROUNDS = 3
TIMES = 5
PATIENCE = 1.0
"""Seconds for one page in one round, after which it is not asked again."""

median = statistics.median


class NoAnswer(Exception):
    """The page did not say what it was asked for."""


@dataclass(frozen=True)
class Answer:
    status: int
    size: int
    location: str = ""


@dataclass
class Reading:
    """Seconds of each round's median, bytes and SQL statements of one answer."""

    rounds: list[float]
    size: int = 0
    statements: int | None = None

    @property
    def seconds(self) -> float:
        return median(self.rounds)


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest value that at least `share` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)), 1) - 1]


def accepted(answer: Answer, expected: int = 200) -> Answer:
    if "/login" in answer.location:
        raise NoAnswer("sent to the sign-in page")
    if answer.status != expected:
        raise NoAnswer(f"answered {answer.status} instead of {expected}")
    return answer


def one_round(ask: Callable[[], Answer], times: int = TIMES, *, status: int = 200) -> list[float]:
    """The first is thrown away unless it alone was longer than the patience."""
    first = timed(ask, status)
    if first > PATIENCE:
        return [first]
    taken: list[float] = []
    while len(taken) < times and (not taken or sum(taken) < PATIENCE):
        taken.append(timed(ask, status))
    return taken


def timed(ask: Callable[[], Answer], status: int = 200) -> float:
    start = perf_counter()
    answer = ask()
    taken = perf_counter() - start
    accepted(answer, status)
    return taken


def get(client: FlaskClient, path: str) -> Answer:
    return read(client.get(path))


def post(client: FlaskClient, path: str, **form: Any) -> Answer:
    return read(client.post(path, data=form))


def read(response: TestResponse) -> Answer:
    return Answer(response.status_code, len(response.get_data()), response.headers.get("Location", ""))


class Statements:
    """Counts what an engine is asked while it is watched."""

    def __init__(self, engine: Engine):
        self.engine, self.count = engine, 0

    def _one_more(self, *args: Any) -> None:
        self.count += 1

    @contextmanager
    def watched(self) -> Iterator["Statements"]:
        self.count = 0
        event.listen(self.engine, "before_cursor_execute", self._one_more)
        try:
            yield self
        finally:
            event.remove(self.engine, "before_cursor_execute", self._one_more)

"""Days are written side by side; what a day holds depends on the seed alone, not on who writes it or when."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

from imports.demo.bulk import PACKED, Packed
from imports.demo.cases import Scribe
from imports.demo.days import Today
from imports.demo.evidence import named
from imports.demo.ground import Ground, Office
from imports.demo.moments import Clocks
from imports.demo.searching import SEARCHED

AHEAD = 3
"""Days each process may be ahead of the one that is being kept."""


@dataclass(frozen=True)
class Written:
    """One day by table, as the engine takes it; `evidence` is by key and digest."""

    tables: dict[str, Packed]
    counts: dict[str, int]
    evidence: list[tuple[str, str]]


@dataclass(frozen=True)
class Work:
    """What a process needs for every day."""

    office: Office
    grounds: dict[int, Ground]
    engine: str


class Desk:
    def __init__(self, work: Work):
        self.work, self.clocks = work, Clocks(work.office.policy, work.office.calendar)
        self.repeated: dict[int, Any] = {}

    def write(self, today: Today) -> Written:
        work = self.work
        rows = Scribe(work.office, work.grounds[today.district], self.clocks, self.repeated, today).write()
        counts = {table: len(of_table) for table, of_table in rows.items()}
        rows |= SEARCHED[work.engine](rows["ticket"], rows["leg"])
        return Written(
            {table: PACKED[work.engine](of_table) for table, of_table in rows.items()},
            counts,
            [named(row) for row in rows["attachment"]],
        )


desks: list[Desk] = []
"""The one of a process that writes for another."""


def sit_down(work: Work) -> None:
    desks.append(Desk(work))


def write_one(today: Today) -> Written:
    return desks[0].write(today)


def written(work: Work, days: Iterable[Today], processes: int) -> Iterator[Written]:
    """In the order of the days. Without other processes, here."""
    if not processes:
        yield from map(Desk(work).write, days)
        return
    fresh = get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=fresh, initializer=sit_down, initargs=(work,)) as pool:
        waiting: deque[Future[Written]] = deque()
        for today in days:
            waiting.append(pool.submit(write_one, today))
            if len(waiting) > processes * AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

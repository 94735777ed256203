"""From which end of a list a page is read, and how far."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from views.asking import LAST_PAGE

FARTHEST = 10**6


@dataclass(frozen=True)
class Window:
    backwards: bool = False
    offset: int | None = None
    limit: int | None = None

    @property
    def upto(self) -> int | None:
        return None if self.limit is None else (self.offset or 0) + self.limit

    def direction(self, wanted: str) -> str:
        return {"asc": "desc", "desc": "asc"}[wanted] if self.backwards else wanted

    def in_order(self, found: Iterable[Any]) -> list[Any]:
        return list(found)[:: -1 if self.backwards else 1]


def window(count: int, page: int | None, size: int | None, *, exact: bool, program: bool) -> Window:
    """From the nearer end. LAST_PAGE is the end itself, however far beyond the counting it lies.

    Unless `exact` there are more than were counted. A program reads on until a page is empty; a list shows its last.
    """
    if page is None or size is None:
        return Window()
    page, size = min(max(int(page), LAST_PAGE), FARTHEST), int(size)
    last = max(count - 1, 0) // size
    if page == LAST_PAGE and not exact:
        return Window(True, 0, size)
    if page == LAST_PAGE or (page > last and exact and not program):
        page = last
    after = count - (page + 1) * size
    if not exact or page > last or page * size <= after:
        return Window(False, page * size, size)
    return Window(True, max(after, 0), size + min(after, 0))

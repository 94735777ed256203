"""Requests that may be about the same matter: for one that is being typed, and among all that came in of late."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from models.acting import district_of
from models.categories import Category
from models.policies import load_policy
from models.scope import LOOKED_UP, inside
from models.search import TicketSearch
from models.tickets import Ticket
from models.units import Unit
from models.worklists import OPEN_STATES
from rules.folding import BETWEEN
from rules.lifecycle import State
from rules.similarity import Crowd, Look, Said, clusters, links, shared_words

MOST_READ, AT_ONCE = 6_000, 500
KEPT_SECONDS = 6 * 3600
"""A ledger may change what a request says; after this all are read again."""
SAME_UNIT, SAME_TOWN, SAME_CATEGORY = 0.2, 0.1, 0.1
BEYOND_HELP = frozenset({State.CANCELLED, State.DECLINED})
ALONE = {LOOKED_UP: True}


@dataclass(frozen=True)
class Why:
    same_text: bool
    same_unit: bool
    same_town: bool
    same_category: bool
    shared: str = ""
    """A run of characters that both say."""


class Similar(NamedTuple):
    ticket: Ticket
    score: float
    why: Why


class Recent:
    """Of each district its open requests of the last days, by what they say: read once by each process, and brought up
    to date with every question."""

    def __init__(self) -> None:
        self.known: dict[tuple[Any, str], tuple[float, Look]] = {}
        self.lock = Lock()

    def like(self, session: Session, district: str, since: datetime, said: Said) -> list[tuple[int, float]]:
        there = set(session.scalars(_open_since(district, since), execution_options=ALONE))
        with self.lock:
            return self._look(session, district, there).like(said)

    def _look(self, session: Session, district: str, there: set[int]) -> Look:
        key = session.get_bind().engine, district
        until, look = self.known.get(key, (0.0, Look(Crowd())))
        if monotonic() >= until:
            until, look = monotonic() + KEPT_SECONDS, Look(Crowd())
        crowd = look.crowd
        if crowd.said.keys() != there:
            for gone in crowd.said.keys() - there:
                crowd.drop(gone)
            read(session, crowd, sorted(there - crowd.said.keys()))
            look = Look(crowd)
        self.known[key] = until, look
        return look


RECENT = Recent()


def read(session: Session, crowd: Crowd, keys: list[int]) -> None:
    """From the index of words, where texts stand folded."""
    for first in range(0, len(keys), AT_ONCE):
        part = keys[first : first + AT_ONCE]
        asked = sa.select(TicketSearch.ticket_id, TicketSearch.words).where(TicketSearch.ticket_id.in_(part))
        for key, words in session.execute(asked):
            _number, title, text, _address, _end = words.split(BETWEEN)
            crowd.add(key, Said.folded(title, text))


def similar(
    session: Session,
    title: str,
    text: str,
    unit: Unit | None,
    category: Category | None,
    at: datetime,
    *,
    most: int = 5,
    but: int | None = None,
) -> list[Similar]:
    """Open requests of the district and of the last days that are like what is typed, those of the same place first.
    Only what the account sees. `but` is the request itself, where it is one already."""
    said = Said.of(title, text)
    if unit is None or not said.is_enough:
        return []
    since = at - timedelta(days=load_policy(session).cluster_days)
    found = dict(RECENT.like(session, district_of(unit.path), since, said))
    found.pop(but, None)  # type: ignore[arg-type]
    asked = sa.select(Ticket).where(Ticket.id.in_(found)).options(joinedload(Ticket.unit), joinedload(Ticket.category))
    near = []
    for ticket in session.scalars(asked) if found else []:
        why = _why(ticket, said, unit, category)
        near.append(Similar(ticket, found[ticket.id] + _nearness(why), why))
    near.sort(key=lambda each: (-each.score, -each.ticket.id))
    return [each._replace(why=_in_words(each, title, text)) for each in near[:most]]


def _open_since(district: str, since: datetime) -> sa.Select[int]:
    """The latest of them, by the index that holds state, time and path."""
    here = inside(Ticket.path, district)
    state = Ticket.state.in_(sorted(OPEN_STATES))
    return sa.select(Ticket.id).where(state, Ticket.submitted_at >= since, here).limit(MOST_READ)


def _why(ticket: Ticket, said: Said, unit: Unit, category: Category | None) -> Why:
    return Why(
        same_text=Said.of(ticket.title, ticket.text).text == said.text,
        same_unit=ticket.unit_id == unit.id,
        same_town=town_of(ticket.path) == town_of(unit.path),
        same_category=category is not None and ticket.category_id == category.id,
    )


def _nearness(why: Why) -> float:
    place = SAME_UNIT if why.same_unit else SAME_TOWN if why.same_town else 0
    return place + (SAME_CATEGORY if why.same_category else 0)


def _in_words(each: Similar, title: str, text: str) -> Why:
    return Why(**{**vars(each.why), "shared": shared_words([title + text, each.ticket.title + each.ticket.text])})


def town_of(path: str) -> str:
    """`/district/town/`, or the unit itself where it stands right below the district."""
    return "/".join(path.split("/")[:3])


@dataclass(frozen=True)
class Cluster:
    """`tickets` are ids, that of the one all others are like first."""

    district: str
    tickets: list[int]


def repeats(session: Session, since: datetime) -> list[Cluster]:
    """Of all that came in since, whatever has become of them but for those withdrawn or declined: two or more that say
    the same, where place or kind is the same too, or the text to the letter."""
    asked = sa.select(Ticket.id, Ticket.path, Ticket.category_id).where(
        Ticket.submitted_at >= since, Ticket.state.not_in(sorted(BEYOND_HELP))
    )
    districts: dict[str, dict[int, tuple[str, int | None]]] = {}
    for key, path, category_id in session.execute(asked, execution_options=ALONE):
        districts.setdefault(district_of(path), {})[key] = town_of(path), category_id
    return [
        Cluster(district, tickets)
        for district, where in sorted(districts.items())
        for tickets in _grouped(session, where)
    ]


def _grouped(session: Session, where: dict[int, tuple[str, int | None]]) -> list[list[int]]:
    crowd = Crowd()
    read(session, crowd, sorted(where))

    def together(one: int, other: int) -> bool:
        (town, category), (town_of_other, category_of_other) = where[one], where[other]
        same_category = category is not None and category == category_of_other
        return town == town_of_other or same_category or crowd.said[one].text == crowd.said[other].text

    return clusters(links(crowd, together), 2)

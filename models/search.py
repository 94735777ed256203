"""Requests that say a word, found without reading them all."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import g, has_request_context
from flask_appbuilder import Model
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, Query, Session, mapped_column

from models.acting import Scope, beyond_scope
from models.reach import place_of
from models.scope import is_district
from models.search_index import APART, mark
from models.tickets import Ticket
from models.units import Unit
from models.worklists import COUNTED_TO
from rules.folding import BETWEEN, fold, pair_codes, pairs
from rules.units import UnitKind

RARE, DENSE = 5_000, 40_000
"""Up to RARE hits, their rows are fetched and put in order. From DENSE on, reading the list from its beginning meets a
page of them soonest. In between, the list is read in its order against the set of hits."""
COUNTED = COUNTED_TO + 1
"""On PostgreSQL: below, hits are fetched and put in order; from there on, the list is read from its beginning."""
LISTED_AT: Any = sa.literal_column("ticket_search.listed_at").label("listed_at")
INTEGERS, TEXTS = postgresql.ARRAY(sa.Integer), postgresql.ARRAY(sa.Text)


PAIRS = sa.table("ticket_pairs", sa.column("rowid", sa.Integer), sa.column("ticket_pairs"))


class TicketSearch(Model):
    """Kept by triggers (models.search_index)."""

    __tablename__ = "ticket_search"

    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True)
    marks: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    """What narrows a search: units that reach it, state and the like (models.search_index)."""
    words: Mapped[str] = mapped_column(sa.Text)
    """Number, title, text and address, folded."""


@dataclass(frozen=True)
class Question:
    """What is typed, whose requests are meant, and what else is asked of them as far as the index knows it."""

    typed: str
    scope: Scope
    among: frozenset[tuple[str, Collection[Any]]] = frozenset()
    """Columns of MARKED, each with the values it may have."""
    title_alone: bool = False

    @property
    def words(self) -> list[str]:
        typed = [self.typed.strip()] if self.title_alone else self.typed.split()
        return [fold(word) for word in typed if word]


@dataclass(frozen=True)
class Hits:
    number: int
    """Up to DENSE, on PostgreSQL up to COUNTED."""
    keys: Any
    """A JSON list; on PostgreSQL an array, the latest first."""


def mentions(session: Session, asked: Question, *, counting: bool = False) -> sa.ColumnElement[bool]:
    """Requests in which each of the typed words stands, whole or as a part, in whatever script it was written.

    What else is asked may leave out others, but need not: it is for the statement to say. `counting` says that all of
    them will be gone through, not one page.
    """
    if not asked.words:
        return sa.true()
    if session.get_bind().dialect.name == "postgresql":
        return _on_postgres(session, asked)
    return sa.and_(*(_on_sqlite(session, word, asked, counting=counting) for word in asked.words))


def how_many(session: Session, asked: Question, most: int) -> int | None:
    """Of the whole scope and all that is asked besides, counted to `most`; None where the index alone cannot tell."""
    words = asked.words
    if session.get_bind().dialect.name == "postgresql":
        return min(postgres_hits(session, asked).number, most)
    return min(hits(session, words[0], asked).number, most) if len(words) == 1 else None


def _on_postgres(session: Session, asked: Question) -> sa.ColumnElement[bool]:
    found = postgres_hits(session, asked)
    if found.number < COUNTED:
        return Ticket.id == sa.any_(sa.literal(found.keys, postgresql.ARRAY(sa.Integer)))
    return (
        sa.select(sa.and_(*_says(asked))).where(TicketSearch.ticket_id == Ticket.id).correlate(Ticket).scalar_subquery()
    )


def by_time(session: Session, asked: Question, direction: str) -> Query[Any] | None:
    """Ids in the order of submission, where the index alone knows all that is asked; None where it does not."""
    if session.get_bind().dialect.name != "postgresql":
        return None
    found, upward = postgres_hits(session, asked), direction == "asc"
    if found.number < COUNTED:
        keys = (
            sa.func.unnest(sa.literal(found.keys, INTEGERS))
            .table_valued("key", with_ordinality="place")
            .render_derived()
        )
        return session.query(keys.c.key).order_by(keys.c.place.desc() if upward else keys.c.place)
    order = (column.asc() if upward else column.desc() for column in (LISTED_AT, TicketSearch.ticket_id))
    marked = (sa.func.coalesce(each, sa.false()) for each in _marked(session, asked))
    return session.query(TicketSearch.ticket_id).filter(*_says(asked), *marked).order_by(*order)


def postgres_hits(session: Session, asked: Question) -> Hits:
    """Looked for once in a request."""
    known: dict[Any, Hits] = g.setdefault("hits", {}) if has_request_context() else {}
    if asked not in known:
        indexed = sa.select(TicketSearch.ticket_id, LISTED_AT).where(*_indexed(session, asked))
        found = indexed.limit(COUNTED).subquery()
        by_time = postgresql.aggregate_order_by(found.c.ticket_id, found.c.listed_at.desc(), found.c.ticket_id.desc())
        counted = sa.select(sa.func.count(), sa.func.array_agg(by_time)).select_from(found)
        number, keys = session.execute(counted).one()
        known[asked] = Hits(number, keys or [])
    return known[asked]


def _indexed(session: Session, asked: Question) -> Iterator[sa.ColumnElement[bool]]:
    """A word of two characters is a pair; of any other it is only known then where it may stand."""
    column = sa.literal_column(f"ticket_search.{'title_pairs' if asked.title_alone else 'pairs'}", INTEGERS)
    codes = sorted({code for word in asked.words for code in pair_codes(word)})
    if codes:
        yield column.contains(codes)
    if not all(map(is_pair, asked.words)):
        yield from _says(asked)
    yield from _marked(session, asked)


def _says(asked: Question) -> Iterator[sa.ColumnElement[bool]]:
    said = sa.func.split_part(TicketSearch.words, BETWEEN, 2) if asked.title_alone else TicketSearch.words
    return (sa.func.strpos(said, word) > 0 for word in asked.words)


def _marked(session: Session, asked: Question) -> Iterator[sa.ColumnElement[bool]]:
    marks = sa.func.string_to_array(TicketSearch.marks, sa.literal_column(f"'{APART}'"), type_=TEXTS)
    if asked.scope.paths and is_part(session, asked.scope):
        yield marks.overlap([place_of(path) for path in asked.scope.paths])
    for name, values in sorted(asked.among):
        yield marks.overlap([f"{name}={value}" for value in sorted(values)])


def is_pair(word: str) -> bool:
    """Beyond the basic plane several characters share a number."""
    return len(word) == 2 and max(word) <= "\uffff"


def _on_sqlite(session: Session, word: str, asked: Question, *, counting: bool) -> sa.ColumnElement[bool]:
    found = hits(session, word, asked)
    if found.number < DENSE:
        keys = sa.select(sa.func.json_each(found.keys).table_valued("value").c.value)
        return (Ticket.id if found.number <= RARE else Ticket.id + 0).in_(keys)
    if counting or asked.title_alone:
        return (Ticket.id + 0).in_(sa.select(PAIRS.c.rowid).where(_matches(session, word, asked)))
    said = sa.func.instr(TicketSearch.words, word) > 0
    return sa.exists().where(TicketSearch.ticket_id == Ticket.id, said)


def hits(session: Session, word: str, asked: Question) -> Hits:
    """Looked for once in a request."""
    known: dict[Any, Hits] = g.setdefault("hits", {}) if has_request_context() else {}
    if (word, asked) not in known:
        found = sa.select(PAIRS.c.rowid).where(_matches(session, word, asked)).limit(DENSE).subquery()
        counted = sa.select(sa.func.count(), sa.func.json_group_array(found.c.rowid)).select_from(found)
        known[word, asked] = Hits(*session.execute(counted).one())
    return known[word, asked]


def is_part(session: Session, scope: Scope) -> bool:
    """Whether there is anything beyond the scope: the mark of the one district stands on every request."""
    if scope.everything or not all(map(is_district, scope.paths)):
        return not scope.everything
    known: dict[Any, Any] = g.setdefault("districts", {}) if has_request_context() else {}
    if scope.paths not in known:
        with beyond_scope():
            found = session.scalars(sa.select(Unit.path).where(Unit.kind == UnitKind.DISTRICT))
        known[scope.paths] = bool(set(found) - set(scope.paths))
    return bool(known[scope.paths])


def _matches(session: Session, word: str, asked: Question) -> sa.ColumnElement[bool]:
    """A folded text holds no quotation mark that could end the phrase."""
    phrase = f'"{pairs(word)}"' if len(word) > 1 else f'"{word}" *'
    said = f"{'title' if asked.title_alone else '{title pairs}'} : {phrase}"
    narrowed = [[fold(place_of(path)) for path in asked.scope.paths]] if is_part(session, asked.scope) else []
    narrowed += [[mark(name, value) for value in sorted(values)] for name, values in sorted(asked.among)]
    marks = ["marks : (" + " OR ".join(f'"{one}"' for one in each) + ")" for each in narrowed if each]
    return PAIRS.c.ticket_pairs.op("MATCH")(" AND ".join([said, *marks]))

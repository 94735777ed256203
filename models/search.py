"""Requests that say a word, found without reading them all."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from math import ceil
from time import monotonic
from typing import Any

import sqlalchemy as sa
from flask import g, has_request_context
from flask_appbuilder import Model
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, Query, Session, mapped_column

from models.acting import Scope, beyond_scope
from models.reach import place_of
from models.scope import LOOKED_UP, is_district
from models.search_index import APART, ID_BITS, LEVELS, WIDER, mark
from models.terms import Term, TermKind
from models.tickets import Ticket
from models.units import Unit
from models.worklists import COUNTED_TO, OPEN_STATES
from rules.folding import BETWEEN, fold, pair_codes, pairs
from rules.units import UnitKind

FEW, RARE, DENSE = 500, 5_000, COUNTED_TO + 1
"""From DENSE on, hits are not told one by one: reading the list from its beginning meets a page of them soonest. Below,
they are put in order; from RARE on, or from FEW on where only open requests are meant, SQLite finds rows by what else
is asked and holds them against the set of hits."""
KEPT_SECONDS, MOST_FREQUENT = 60, 1_000
NEAR = 1_000
"""So deep into a list, reading it from its beginning is no longer the shorter way."""
FIRST_DAYS, SPANNED_DAYS = 7, 448
"""On PostgreSQL, the latest days looked at before all of them: a word of which these hold enough is frequent."""
ALONE = {LOOKED_UP: True}
"""The index is asked within the scope by its marks."""
LISTED_AT: Any = sa.literal_column("ticket_search.listed_at").label("listed_at")
A_NUMBER = re.compile(r"(?=.*\d).{1,64}")
INTEGERS, TEXTS = postgresql.ARRAY(sa.Integer), postgresql.ARRAY(sa.Text)

PAIRS = sa.table("ticket_pairs", sa.column("rowid", sa.Integer), sa.column("ticket_pairs"))
KEY = PAIRS.c.rowid.op("&", return_type=sa.Integer())(sa.literal_column(str((1 << ID_BITS) - 1))).label("key")


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

    @property
    def open_alone(self) -> bool:
        return any(name == "state" and OPEN_STATES.issuperset(values) for name, values in self.among)


@dataclass(frozen=True)
class Hits:
    number: int
    """Up to DENSE."""
    keys: str
    """A JSON list; on PostgreSQL the text of an array, the latest first. Neither is taken apart on its way."""
    days: int | None = None
    """The latest so many hold DENSE of them; None where it takes all there are."""


def mentions(session: Session, asked: Question, *, counting: bool = False) -> sa.ColumnElement[bool]:
    """Requests in which each of the typed words stands, whole or as a part, in whatever script it was written.

    What else is asked may leave out others, but need not: it is for the statement to say. `counting` says that all of
    them will be gone through, not one page.
    """
    if not asked.words:
        return sa.true()
    found = hits(session, asked)
    if session.get_bind().dialect.name == "postgresql":
        return _on_postgres(asked, found)
    return _on_sqlite(session, asked, found, counting=counting)


def how_many(session: Session, asked: Question, most: int) -> int:
    """Of the whole scope and all that is asked besides, counted to `most`."""
    if session.get_bind().dialect.name == "postgresql":
        return min(hits(session, asked).number, most)
    counted = sa.select(sa.literal(1)).select_from(PAIRS).where(_matches(session, asked)).limit(most).subquery()
    return session.scalar(sa.select(sa.func.count()).select_from(counted), execution_options=ALONE) or 0


def by_time(session: Session, asked: Question, direction: str, upto: int | None = None) -> Query[Any]:
    """Ids in the order of submission, by the index alone: it must know all that is asked. Read `upto` so many, if at
    all so far.

    On SQLite requests of the same minute stand in the order of their ids.
    """
    upward = direction == "asc"
    if session.get_bind().dialect.name != "postgresql":
        place = PAIRS.c.rowid
        return session.query(KEY).filter(_matches(session, asked)).order_by(place.asc() if upward else place.desc())
    found = hits(session, asked)
    if found.number < DENSE:
        keys = (
            sa.func.unnest(sa.cast(sa.literal(found.keys, sa.Text), INTEGERS))
            .table_valued("key", with_ordinality="place")
            .render_derived()
        )
        return session.query(keys.c.key).order_by(keys.c.place.desc() if upward else keys.c.place)
    if not upward and upto and NEAR < upto < DENSE:
        return _of_latest(session, asked, found)
    order = (column.asc() if upward else column.desc() for column in (LISTED_AT, TicketSearch.ticket_id))
    marked = (sa.func.coalesce(each, sa.false()) for each in _marked(session, asked))
    return session.query(TicketSearch.ticket_id).filter(*_says(asked), *marked).order_by(*order)


def called_elsewhere(session: Session, typed: str) -> list[int]:
    """Requests that bear just this number where they came from, whoever may see them: by way of the index that begins
    with the source."""
    number = "".join(unicodedata.normalize("NFKC", typed).split())
    if not A_NUMBER.fullmatch(number):
        return []
    term, ticket = Term.__table__.c, Ticket.__table__.c
    connection = session.connection()
    sources = connection.scalars(sa.select(term.code).where(term.kind == TermKind.SOURCE.value)).all()
    written = {number, number.upper(), number.lower()}
    found = sa.select(ticket.id).where(ticket.source.in_(sources), ticket.external_id.in_(sorted(written)))
    return list(connection.scalars(found))


class Frequent:
    """What was found to be frequent a moment ago, by database: nobody counts it again for each page of a list. That it
    is so is kept, not which requests say it."""

    def __init__(self) -> None:
        self.known: dict[tuple[Any, Question], tuple[float, Hits]] = {}

    def recall(self, engine: Any, asked: Question) -> Hits | None:
        until, found = self.known.get((engine, asked), (0.0, None))
        return found if monotonic() < until else None

    def keep(self, engine: Any, asked: Question, found: Hits) -> None:
        if found.number >= DENSE:
            if len(self.known) >= MOST_FREQUENT:
                self.known.clear()
            self.known[engine, asked] = (monotonic() + KEPT_SECONDS, replace(found, keys=""))


FREQUENT = Frequent()


def hits(session: Session, asked: Question) -> Hits:
    """Looked for once in a request."""
    known: dict[Any, Hits] = g.setdefault("hits", {}) if has_request_context() else {}
    if asked not in known:
        engine = session.get_bind().engine
        found = FREQUENT.recall(engine, asked)
        if found is None:
            found = (_postgres_hits if engine.dialect.name == "postgresql" else _sqlite_hits)(session, asked)
            FREQUENT.keep(engine, asked, found)
        known[asked] = found
    return known[asked]


def _of_latest(session: Session, asked: Question, found: Hits) -> Query[Any]:
    """An offset keeps the planner from reading the list from its beginning after all."""
    latest = sa.select(TicketSearch.ticket_id, LISTED_AT).where(*_indexed(session, asked), *_within(found.days))
    rows = latest.offset(0).subquery().c
    return session.query(rows.ticket_id).order_by(rows.listed_at.desc(), rows.ticket_id.desc())


def _postgres_hits(session: Session, asked: Question) -> Hits:
    """A word that is frequent of late is known to be so by that alone. Open requests are mostly late ones anyway."""
    days = FIRST_DAYS
    while days <= SPANNED_DAYS and not asked.open_alone:
        counted = sa.select(TicketSearch.ticket_id).where(*_indexed(session, asked), *_within(days))
        least = sa.select(sa.func.count()).select_from(counted.limit(DENSE).subquery())
        number = session.scalar(least, execution_options=ALONE) or 0
        if number >= DENSE:
            return Hits(number, "{}", days)
        if days > FIRST_DAYS or not number:
            break
        days = ceil(days * DENSE / number * 1.25)
    found = sa.select(TicketSearch.ticket_id, LISTED_AT).where(*_indexed(session, asked)).limit(DENSE).subquery()
    latest_first = postgresql.aggregate_order_by(found.c.ticket_id, found.c.listed_at.desc(), found.c.ticket_id.desc())
    keys = sa.cast(sa.func.array_agg(latest_first), sa.Text)
    number, listed = session.execute(sa.select(sa.func.count(), keys).select_from(found), execution_options=ALONE).one()
    return Hits(number, listed or "{}")


def _within(days: int | None) -> Iterator[sa.ColumnElement[bool]]:
    """At least so many, in a dozen spans or one more."""
    if days is None:
        return
    level = next(level for level in range(LEVELS) if days <= 12 << WIDER * level)
    latest = sa.func.search_latest(level, days, type_=INTEGERS)
    yield sa.func.search_spans(LISTED_AT.element, type_=INTEGERS).overlap(latest)


def _on_postgres(asked: Question, found: Hits) -> sa.ColumnElement[bool]:
    if found.number < DENSE:
        return Ticket.id == sa.any_(sa.cast(sa.literal(found.keys, sa.Text), INTEGERS))
    return (
        sa.select(sa.and_(*_says(asked))).where(TicketSearch.ticket_id == Ticket.id).correlate(Ticket).scalar_subquery()
    )


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


def _sqlite_hits(session: Session, asked: Question) -> Hits:
    found = sa.select(KEY).where(_matches(session, asked)).limit(DENSE).subquery()
    listed = sa.select(sa.func.count(), sa.func.json_group_array(found.c.key))
    return Hits(*session.execute(listed, execution_options=ALONE).one())


def _on_sqlite(session: Session, asked: Question, found: Hits, *, counting: bool) -> sa.ColumnElement[bool]:
    if found.number < DENSE:
        keys = sa.select(sa.func.json_each(found.keys).table_valued("value").c.value)
        return (Ticket.id if found.number <= (FEW if asked.open_alone else RARE) else Ticket.id + 0).in_(keys)
    if counting or asked.title_alone:
        return (Ticket.id + 0).in_(sa.select(KEY).where(_matches(session, asked)))
    said = (sa.func.instr(TicketSearch.words, word) > 0 for word in asked.words)
    return sa.exists().where(TicketSearch.ticket_id == Ticket.id, *said)


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


def _matches(session: Session, asked: Question) -> sa.ColumnElement[bool]:
    """A folded text holds no quotation mark that could end the phrase."""
    where = "title" if asked.title_alone else "{title pairs}"
    phrases = [f'"{pairs(word)}"' if len(word) > 1 else f'"{word}" *' for word in asked.words]
    narrowed = [[fold(place_of(path)) for path in asked.scope.paths]] if is_part(session, asked.scope) else []
    narrowed += [[mark(name, value) for value in sorted(values)] for name, values in sorted(asked.among)]
    marks = ["marks : (" + " OR ".join(f'"{one}"' for one in each) + ")" for each in narrowed if each]
    said = " AND ".join([*(f"{where} : {phrase}" for phrase in phrases), *marks])
    return PAIRS.c.ticket_pairs.op("MATCH")(said)

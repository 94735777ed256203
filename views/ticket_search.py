"""How requests are looked for: by work list and by words."""

from collections.abc import Collection, Iterable
from typing import Any, cast

import sqlalchemy as sa
from flask_appbuilder.models.filters import BaseFilter, Filters
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Query

from models import db
from models.acting import current_scope
from models.numbers import beginning
from models.ratings import asked_from
from models.scope import LOOKED_UP, inside, one_district, one_place
from models.search import Question, by_time, called_elsewhere, how_many, mentions
from models.search_index import MARKED
from models.tickets import Ticket
from models.waiting import at_a_unit, due_of_mine, moment_at, parts
from models.worklists import COUNTED_TO, counts, find_list, lists_for
from rules.identity import clean_digits, is_mobile
from views.asking import as_key, once
from views.dues import OwnPart, policy
from views.kit.context import me, now
from views.kit.filters import Contains, Is, Related, counting
from views.kit.interface import ScopedInterface

Marks = frozenset[tuple[str, Collection[Any]]]


class InQueue(BaseFilter):
    """One work list, exactly as its count has it."""

    name, arg_name = _("queue"), "queue"

    def apply(self, query: Query[Any], value: str) -> Query[Any]:
        queue = find_list(value, me())
        return query if queue is None else query.filter(queue.condition(me(), moment_at(now(), policy())))


class Mentions(BaseFilter):
    """Words of the request, the whole number it has where it came from, or that of the telephone it was asked from."""

    name, arg_name = _("mentions"), "q"

    def apply(self, query: Query[Any], value: Question) -> Query[Any]:
        found = mentions(db.session(), value, counting=counting(query))
        if may_be_asked_from(value):
            found |= Ticket.id.in_(asked_from(clean_digits(value.typed)))
        if numbered := from_elsewhere(value):
            found |= Ticket.id.in_(numbered)
        return query.filter(found)


def from_elsewhere(value: Question) -> list[int]:
    return cast("list[int]", once(("elsewhere", value), lambda: called_elsewhere(db.session(), value.typed)))


def may_be_asked_from(value: Question) -> bool:
    return is_mobile(clean_digits(value.typed)) and not value.scope.masked


def marks_asked(filters: Filters) -> Marks:
    """Of all that is asked of a list, what the index of words knows too."""
    return frozenset(found for way, value in filters.get_filters_values() for found in marks_of(way, value))


def marks_of(way: BaseFilter, value: Any) -> list[tuple[str, Collection[Any]]]:
    if isinstance(way, InQueue) and (queue := find_list(value, me())):
        return [("state", tuple(sorted(queue.states)))]
    column = f"{way.column_name}_id" if isinstance(way, Related) else way.column_name
    if column not in MARKED or not isinstance(way, Is | Related):
        return []
    asked = value if isinstance(value, list) else [value]
    return [(column, (str(as_key(one) if isinstance(way, Related) else one),)) for one in asked]


def questions_of(way: BaseFilter, value: Any, among: Marks = frozenset()) -> list[Question]:
    if isinstance(way, Mentions):
        return [value]
    if not isinstance(way, Contains) or way.column_name != "title":
        return []
    asked = value if isinstance(value, list) else [value]
    return [Question(one, current_scope(), among, title_alone=True) for one in asked]


def in_title(typed: str, *, counting: bool) -> sa.ColumnElement[bool]:
    return mentions(db.session(), Question(typed, current_scope(), title_alone=True), counting=counting)


def in_number(typed: str, *, counting: bool) -> sa.ColumnElement[bool]:
    if (found := beginning(Ticket.number, typed.strip())) is not None:
        return found
    return mentions(db.session(), Question(typed, current_scope()), counting=counting)


class TicketRows(ScopedInterface):
    def __init__(self, obj: Any = Ticket, session: Any = None, **options: Any) -> None:
        """FAB makes the interfaces of related nouns by the same class."""
        says = {"title": in_title, "number": in_number} if obj is Ticket else None
        super().__init__(obj, session, says=says, **options)
        self.exactly = ("title",) if obj is Ticket else ()

    def apply_order_by(self, query: Query[Any], order_column: str, order_direction: str, *a: Any, **kw: Any) -> Any:
        """Requests of one state by their time, as an index has them; by number they would have to be sorted. A unit
        that helps is shown its own date."""
        if order_column == "next_due_at" and at_a_unit(me()):
            dates: tuple[Any, ...] = (due_of_mine(me()), Ticket.id)
            return query.order_by(*(each.asc() if order_direction == "asc" else each.desc() for each in dates))
        if order_column != "state" or one_place(current_scope()) is not None:
            return super().apply_order_by(query, order_column, order_direction, *a, **kw)
        by = (Ticket.state, Ticket.submitted_at, Ticket.id)
        return query.order_by(*(each.asc() if order_direction == "asc" else each.desc() for each in by))

    def get_values(self, lst: Iterable[Any], list_columns: list[str]) -> list[dict[str, Any]]:
        """Of what the unit helps with, how its own part stands."""
        rows = list(lst)
        values = super().get_values(rows, list_columns)
        if rows and "due" in list_columns and at_a_unit(me()):
            mine = parts(db.session(), me(), [row.id for row in rows])
            for row, shown in zip(rows, values, strict=True):
                if row.id in mine:
                    state, due = mine[row.id]
                    shown |= {"state": state, "due": OwnPart(due), "standing": (state, row.tier, due, row.kind)}
        return values

    def query_count(self, query: Query[Any], filters: Any = None, select_columns: list[str] | None = None) -> int:
        """A work list is counted as on its tab; what is asked of nothing but the index of words is counted there."""
        asked = filters.get_filters_values() if filters else []
        if len(asked) == 1 and isinstance(asked[0][0], InQueue):
            return counted()[asked[0][1]]
        if question := alone(filters):
            return how_many(self.session, question, COUNTED_TO + 1)
        return super().query_count(query, filters, select_columns)

    def keys(
        self, query: Query[Any], filters: Any = None, column: str = "", *asked: Any, upto: int | None = None
    ) -> Query[Any]:
        """In order of time, an index that knows all that is asked is read alone, however deep the page lies."""
        if (listed := self._listed(filters, column, *asked, upto=upto)) is None:
            return super().keys(query, filters, column, *asked)
        return listed.execution_options(**{LOOKED_UP: True})

    def _listed(self, filters: Any, column: str, direction: str = "", *, upto: int | None) -> Query[Any] | None:
        scope = current_scope()
        if column == "submitted_at" and (question := alone(filters)):
            return by_time(self.session, question, direction, upto)
        if filters and filters.values:
            return None
        order, district = Ticket.ordered_by(column, scope), one_district(scope)
        if order is not None:
            listed = self.session.query(order.table.c.ticket_id).filter(Ticket.all_of(scope))
        elif district is not None and column == "submitted_at":
            listed = self.session.query(Ticket.id).filter(inside(Ticket.path, district))
        else:
            return None
        return cast("Query[Any]", self.apply_order_by(listed, column, direction, add_pk=True))


def alone(filters: Any) -> Question | None:
    """What is asked for by words, if the index of words knows all the rest as well."""
    asked = filters.get_filters_values() if filters else []
    questions = [question for way, value in asked for question in questions_of(way, value, marks_asked(filters))]
    others = [(way, value) for way, value in asked if not questions_of(way, value)]
    if len(questions) != 1 or not questions[0].words or may_be_asked_from(questions[0]):
        return None
    if not questions[0].title_alone and from_elsewhere(questions[0]):
        return None
    scoped = questions[0].scope.everything or questions[0].scope.paths
    known = all(marks_of(way, value) and not isinstance(way, InQueue) for way, value in others)
    return questions[0] if scoped and known else None


def counted() -> dict[str, int]:
    """The work lists of whoever asks."""
    at = moment_at(now(), policy())
    return once("work lists", lambda: counts(db.session(), lists_for(me()), me(), current_scope(), at))

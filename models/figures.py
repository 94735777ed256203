"""The figures of domain § 8. One definition each serves the sums, the scores and the list of cases behind them."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from models.acting import beyond_scope, district_of
from models.credits import Credit
from models.follow_ups import Answered, FollowUp
from models.legs import Leg, LegRole
from models.ratings import Rating
from models.scope import inside, is_district, under
from models.tickets import Ticket
from models.units import Unit
from rules.lifecycle import SETTLED_STATES, State
from rules.scoring import SATISFIED_FROM
from rules.units import UnitKind

TERRITORY = frozenset({UnitKind.TOWN, UnitKind.VILLAGE, UnitKind.GRID, UnitKind.MICRO_GRID, UnitKind.ESTATE})
"""A place answers for what lies in it. The district, departments and the like answer for their own cases alone."""

GONE = (State.DECLINED, State.MERGED, State.CANCELLED)
NOT_YET_ACCEPTED = (State.SUBMITTED, *GONE)
STOPPED = (State.RETURNED, State.SUSPENDED, *GONE)


class Outcome(StrEnum):
    MET = "met"
    MISSED = "missed"
    UNKNOWN = "unknown"


Expression = sa.SQLColumnExpression[Any]


@dataclass(frozen=True)
class Count:
    numerator: int = 0
    denominator: int = 0
    unknown: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(
            self.numerator + other.numerator, self.denominator + other.denominator, self.unknown + other.unknown
        )


@dataclass(frozen=True)
class Window:
    """A period, seen at a moment: what had not come about by then is not counted."""

    start: datetime
    end: datetime
    as_of: datetime

    def due(self, moment: Expression) -> Expression:
        """24:00 of the last day still belongs to it."""
        return sa.and_(moment > self.start, moment <= min(self.end, self.as_of))

    def happened(self, moment: Expression) -> Expression:
        return sa.and_(moment >= self.start, moment < self.end, moment <= self.as_of)


@dataclass(frozen=True)
class Way:
    """Where cases are counted: rows of `source`, in which `counted` is told by an index."""

    source: sa.FromClause
    counted: Expression


@dataclass(frozen=True)
class Share:
    """Other units that answer for a case of `source` besides. A place that answers for several of them has it once."""

    source: sa.FromClause
    counted: Expression
    unit_id: Expression
    path: Expression


@dataclass(frozen=True)
class Figure:
    """Cases are rows of `source` that are `counted`; those not `known` are told apart, the `met` are the numerator."""

    source: sa.FromClause
    key: Expression
    ways: tuple[Way, ...]
    """Each case lies on one of them."""
    unit_id: Expression
    known: Expression
    met: Expression
    due_at: Expression
    done_at: Expression
    path: Expression
    answering: bool = True
    """Whether the path is the answering unit's. Otherwise it is that of the place it arose in, of the same district."""
    share: Share | None = None

    def counted(self, place: str, units: sa.Select[Any]) -> Expression:
        """Those the units below a path answer for. Each way goes by its own index; one condition for all knows none."""
        near = inside(self.path, place if self.answering else district_of(place))
        found = [sa.select(self.key).select_from(way.source).where(way.counted, near) for way in self.ways]
        answered = [each.where(self.unit_id.in_(units)).correlate(None) for each in found]
        if self.share is not None:
            mine = sa.and_(self.share.counted, inside(self.path, district_of(place)), self.share.unit_id.in_(units))
            answered.append(sa.select(self.key).select_from(self.share.source).where(mine).correlate(None))
        return self.key.in_(sa.union_all(*answered))

    def below(self, path: str) -> Expression:
        if self.answering or is_district(path):
            return inside(self.path, path)
        answering = self.unit_id.in_(sa.select(Unit.id).where(under(Unit.path, path)))
        return sa.and_(inside(self.path, district_of(path)), answering)


LEG, TICKET, RATING, CREDIT, CALL = (sa.inspect(noun).selectable for noun in (Leg, Ticket, Rating, Credit, FollowUp))
"""Tables, into which the net is not cast: it is cast once, over the requests that are shown or counted."""
LEG_OF_TICKET = sa.join(LEG, TICKET, LEG.c.ticket_id == TICKET.c.id)


def sign(window: Window) -> Figure:
    """签收: unsigned is late, unless the leg ended before it was due. A leg that went on without a sign time comes from
    an old ledger, in which those who help have no clock."""
    unsigned = sa.or_(LEG.c.state == State.DISPATCHED, LEG.c.ended_at.is_not(None))
    signed_sometime = sa.or_(LEG.c.signed_at.is_not(None), unsigned)
    in_time = sa.or_(LEG.c.signed_at.is_not(None), LEG.c.ended_at.is_(None), LEG.c.ended_at > LEG.c.sign_due_at)
    led = sa.and_(LEG.c.sign_due_at.is_(None), LEG.c.role == LegRole.LEAD)
    undated = sa.and_(led, window.due(TICKET.c.submitted_at))
    return Figure(
        source=LEG_OF_TICKET,
        key=LEG.c.id,
        ways=(Way(LEG, sa.and_(window.due(LEG.c.sign_due_at), in_time)), Way(LEG_OF_TICKET, undated)),
        unit_id=LEG.c.unit_id,
        path=LEG.c.path,
        known=sa.and_(LEG.c.sign_due_at.is_not(None), signed_sometime),
        met=LEG.c.signed_at <= LEG.c.sign_due_at,
        due_at=LEG.c.sign_due_at,
        done_at=LEG.c.signed_at,
    )


def on_time(window: Window) -> Figure:
    """按时办结: lead legs by the due date in force. The clock stands still while a result is reviewed or the request is
    suspended; a leg that was returned or handed on is answered for by the next."""
    paused = sa.and_(LEG.c.state == State.PENDING_REVIEW, LEG.c.result_at <= LEG.c.settle_due_at)
    stopped = sa.or_(paused, LEG.c.state.in_(STOPPED))
    running = sa.and_(LEG.c.role == LegRole.LEAD, sa.case((stopped, sa.false()), else_=sa.true()))
    settled_sometime = sa.or_(LEG.c.settled_at.is_not(None), LEG.c.state.not_in(SETTLED_STATES))
    undated = sa.and_(LEG.c.settle_due_at.is_(None), window.due(LEG.c.settled_at))
    return Figure(
        source=LEG_OF_TICKET,
        key=LEG.c.id,
        ways=(Way(LEG, sa.and_(window.due(LEG.c.settle_due_at), running)), Way(LEG, sa.and_(undated, running))),
        unit_id=LEG.c.unit_id,
        path=LEG.c.path,
        known=sa.and_(LEG.c.settle_due_at.is_not(None), settled_sometime),
        met=LEG.c.settled_at <= LEG.c.settle_due_at,
        due_at=LEG.c.settle_due_at,
        done_at=LEG.c.settled_at,
    )


def settle(window: Window) -> Figure:
    """办结: a ledger's time of registration stands for acceptance; before dispatch nobody answers for a ticket yet."""
    taken = TICKET.c.state.not_in(NOT_YET_ACCEPTED)
    undated = sa.and_(TICKET.c.accepted_at.is_(None), window.happened(TICKET.c.submitted_at))
    return Figure(
        source=TICKET,
        key=TICKET.c.id,
        ways=(Way(TICKET, sa.and_(window.happened(TICKET.c.accepted_at), taken)), Way(TICKET, sa.and_(undated, taken))),
        unit_id=sa.func.coalesce(TICKET.c.lead_unit_id, TICKET.c.unit_id),
        path=TICKET.c.path,
        answering=False,
        known=TICKET.c.lead_unit_id.is_not(None),
        met=TICKET.c.settled_at <= window.as_of,
        due_at=sa.null(),
        done_at=TICKET.c.settled_at,
    )


def satisfaction(window: Window) -> Figure:
    """满意: for the unit that settled it, and as much for each that helped, as fixed at settlement."""
    counted = sa.and_(window.happened(RATING.c.at), RATING.c.scored)
    helped = sa.and_(CREDIT.c.settlement_id == RATING.c.leg_id, CREDIT.c.role == LegRole.CO)
    return Figure(
        source=sa.join(RATING, TICKET, RATING.c.ticket_id == TICKET.c.id),
        key=RATING.c.id,
        ways=(Way(RATING, counted),),
        unit_id=RATING.c.unit_id,
        path=RATING.c.path,
        known=sa.true(),
        met=RATING.c.stars >= SATISFIED_FROM,
        due_at=sa.null(),
        done_at=RATING.c.at,
        share=Share(
            source=sa.join(RATING, CREDIT, helped),
            counted=sa.and_(counted, RATING.c.shared),
            unit_id=CREDIT.c.unit_id,
            path=CREDIT.c.path,
        ),
    )


def resolve(window: Window) -> Figure:
    """解决: of the reporters who were reached by telephone, those who called it resolved."""
    reached = sa.and_(window.happened(CALL.c.at), CALL.c.outcome != Answered.UNREACHED)
    return Figure(
        source=sa.join(CALL, TICKET, CALL.c.ticket_id == TICKET.c.id),
        key=CALL.c.id,
        ways=(Way(CALL, reached),),
        unit_id=CALL.c.unit_id,
        path=CALL.c.path,
        known=sa.true(),
        met=CALL.c.outcome == Answered.RESOLVED,
        due_at=sa.null(),
        done_at=CALL.c.at,
    )


FIGURES: Mapping[str, Callable[[Window], Figure]] = {
    "sign": sign,
    "on_time": on_time,
    "settle": settle,
    "satisfaction": satisfaction,
    "resolve": resolve,
}

Counts = dict[str, Count]


def figures(
    session: Session, district_path: str, period_start: datetime, period_end: datetime, as_of: datetime
) -> dict[int, Counts]:
    """By unit id, for units that have cases: a place with all that lies in it, any other unit by itself."""
    window = Window(period_start, period_end, as_of)
    made = {key: make(window) for key, make in FIGURES.items()}
    own = {key: _own(session, figure, district_path) for key, figure in made.items()}
    with beyond_scope():
        rows = session.execute(sa.select(Unit.id, Unit.path, Unit.kind).where(under(Unit.path, district_path)))
        answering = _answering([(row.id, row.path, row.kind) for row in rows])
    found: dict[int, Counts] = defaultdict(lambda: dict.fromkeys(FIGURES, Count()))
    for key, by_unit in own.items():
        for unit_id, count in by_unit.items():
            for each in answering[unit_id]:
                found[each][key] += count
    for key, figure in made.items():
        for held_by, helped_by, count in _shared(session, figure, district_path):
            besides = {each for unit_id in helped_by for each in answering[unit_id]}
            for each in besides.difference(answering[held_by]):
                found[each][key] += count
    return dict(found)


def overall(
    session: Session,
    path: str,
    period_start: datetime,
    period_end: datetime,
    as_of: datetime,
    keys: Collection[str] = FIGURES,
) -> Counts:
    """Everything at and below a unit, whoever answers for it, as a workbench shows it."""
    window = Window(period_start, period_end, as_of)
    found = {}
    with beyond_scope():
        for key in keys:
            figure = FIGURES[key](window)
            counted = session.execute(sa.union_all(*_sums(figure, path), *_besides(figure, path)))
            found[key] = sum((_count(*row) for row in counted), start=Count())
    return found


def _own(session: Session, figure: Figure, path: str) -> dict[int, Count]:
    found: dict[int, Count] = defaultdict(Count)
    by_unit = [each.add_columns(figure.unit_id).group_by(figure.unit_id) for each in _sums(figure, path)]
    with beyond_scope():
        for met, known, counted, unit_id in session.execute(sa.union_all(*by_unit)):
            found[unit_id] += _count(met, known, counted)
    return found


def _shared(session: Session, figure: Figure, path: str) -> Iterator[tuple[int, set[int], Count]]:
    """Who has each case that others share, who they are, and what it counts."""
    if (share := figure.share) is None:
        return
    columns: list[Any] = [figure.key, figure.unit_id, share.unit_id, *_weights(figure)]
    asked = sa.select(*columns).select_from(share.source).where(share.counted, inside(figure.path, path))
    told: dict[int, tuple[int, set[int], Count]] = {}
    with beyond_scope():
        for key, held_by, helped_by, met, known in session.execute(asked):
            told.setdefault(key, (held_by, set(), _count(met, known, 1)))[1].add(helped_by)
    yield from told.values()


def _besides(figure: Figure, path: str) -> list[sa.Select[Any]]:
    """Cases of others that units at or below the path share, as `_sums` has them; a district has them all anyway."""
    if (share := figure.share) is None or is_district(path):
        return []
    near = (inside(figure.path, district_of(path)), under(share.path, path), sa.not_(under(figure.path, path)))
    columns: list[Any] = [figure.key, *(each.label(name) for each, name in zip(_weights(figure), "mk", strict=True))]
    found = sa.select(*columns).select_from(share.source).where(share.counted, *near).distinct().subquery()
    summed: list[Any] = [sa.func.sum(found.c.m), sa.func.sum(found.c.k), sa.func.count()]
    return [sa.select(*summed).select_from(found)]


def _weights(figure: Figure) -> list[Any]:
    """1 for a case that is met, 1 for one that is known."""
    return [sa.case((each, 1), else_=0) for each in (sa.and_(figure.known, figure.met), figure.known)]


def _count(met: int | None, known: int | None, counted: int) -> Count:
    return Count(met or 0, known or 0, counted - (known or 0))


def _sums(figure: Figure, path: str) -> list[sa.Select[Any]]:
    """For each way of the figure how many are met, known and counted; null where nothing is counted."""
    columns: list[Any] = [*map(sa.func.sum, _weights(figure)), sa.func.count()]
    return [sa.select(*columns).select_from(way.source).where(way.counted, figure.below(path)) for way in figure.ways]


def _answering(units: Collection[tuple[int, str, str]]) -> dict[int, list[int]]:
    """Unit → the units that answer for its cases: itself and the places around it."""
    places = {path: unit_id for unit_id, path, kind in units if kind in TERRITORY}
    return {
        unit_id: [places[path] for path in _upward(path) if path in places] if kind in TERRITORY else [unit_id]
        for unit_id, path, kind in units
    }


def _upward(path: str) -> list[str]:
    """The path itself and every path above it."""
    parts = path.strip("/").split("/")
    return ["/" + "/".join(parts[:depth]) + "/" for depth in range(len(parts), 0, -1)]


def cases(figure: Figure, unit: Unit, only: Outcome | None = None) -> sa.Select[Any]:
    """The rows behind a figure of the unit: `Ticket`, `due_at`, `done_at`, `outcome`. Scope applies."""
    found = _behind(_told(figure), figure, unit)
    return found if only is None else found.where(_outcome(figure) == only.value)


def cases_of(figure: Figure, keys: Collection[int]) -> sa.Select[Any]:
    """The same rows for some of the keys that `outcomes` gives."""
    return _told(figure).where(figure.key.in_(keys))


def outcomes(figure: Figure, unit: Unit) -> sa.Select[Any]:
    """`key` and `outcome` of each of those cases, in their order. Scope applies."""
    columns: list[Any] = [figure.key.label("key"), _outcome(figure).label("outcome"), Ticket.id.label("ticket_id")]
    return _behind(_in_order(sa.select(*columns), figure), figure, unit)


def _told(figure: Figure) -> sa.Select[Any]:
    columns: list[Any] = [
        Ticket,
        figure.due_at.label("due_at"),
        figure.done_at.label("done_at"),
        _outcome(figure).label("outcome"),
    ]
    return _in_order(sa.select(*columns).options(joinedload(Ticket.unit)), figure)


def _in_order(statement: sa.Select[Any], figure: Figure) -> sa.Select[Any]:
    return statement.select_from(figure.source).order_by(Ticket.submitted_at, Ticket.id, figure.key)


def _behind(statement: sa.Select[Any], figure: Figure, unit: Unit) -> sa.Select[Any]:
    mine = Unit.id == unit.id
    if unit.kind in TERRITORY:
        mine = sa.and_(under(Unit.path, unit.path), Unit.kind.in_(TERRITORY))
    units = sa.select(Unit.id).where(mine)
    return statement.where(figure.counted(unit.path, units))


def _outcome(figure: Figure) -> Expression:
    return sa.case(
        (sa.not_(figure.known), Outcome.UNKNOWN.value), (figure.met, Outcome.MET.value), else_=Outcome.MISSED.value
    )

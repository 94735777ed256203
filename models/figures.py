"""The figures of domain § 8. One definition each serves the sums, the scores and the list of cases behind them."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.acting import beyond_scope
from models.legs import Leg, LegRole
from models.ratings import Rating
from models.scope import under
from models.tickets import Ticket
from models.units import Unit
from rules.lifecycle import SETTLED_STATES, State
from rules.scoring import SATISFIED_FROM
from rules.units import UnitKind

TERRITORY = frozenset({UnitKind.TOWN, UnitKind.VILLAGE, UnitKind.GRID, UnitKind.MICRO_GRID, UnitKind.ESTATE})
"""A place answers for what lies in it. The district, departments and the like answer for their own cases alone."""

GONE = (State.DECLINED, State.MERGED, State.CANCELLED)
NOT_YET_ACCEPTED = (State.SUBMITTED, *GONE)


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
class Figure:
    """Cases are rows of `source` that are `counted`; those not `known` are told apart, the `met` are the numerator."""

    source: sa.FromClause
    unit_id: Expression
    counted: Expression
    known: Expression
    met: Expression
    due_at: Expression
    done_at: Expression


def sign(window: Window) -> Figure:
    """签收: unsigned is late. A leg that went on without a sign time comes from an old ledger."""
    signed_sometime = sa.or_(Leg.signed_at.is_not(None), Leg.state == State.DISPATCHED)
    return Figure(
        source=sa.join(Leg, Ticket, Leg.ticket_id == Ticket.id),
        unit_id=Leg.unit_id,
        counted=window.due(sa.func.coalesce(Leg.sign_due_at, Ticket.submitted_at)),
        known=sa.and_(Leg.sign_due_at.is_not(None), signed_sometime),
        met=Leg.signed_at <= Leg.sign_due_at,
        due_at=Leg.sign_due_at,
        done_at=Leg.signed_at,
    )


def on_time(window: Window) -> Figure:
    """按时办结: lead legs by the due date in force. The clock stands still while a result is reviewed."""
    paused = sa.and_(Leg.state == State.PENDING_REVIEW, Leg.result_at <= Leg.settle_due_at)
    settled_sometime = sa.or_(Leg.settled_at.is_not(None), Leg.state.not_in(SETTLED_STATES))
    return Figure(
        source=sa.join(Leg, Ticket, Leg.ticket_id == Ticket.id),
        unit_id=Leg.unit_id,
        counted=sa.and_(
            Leg.role == LegRole.LEAD,
            window.due(sa.func.coalesce(Leg.settle_due_at, Leg.settled_at)),
            sa.case((paused, sa.false()), else_=sa.true()),
        ),
        known=sa.and_(Leg.settle_due_at.is_not(None), settled_sometime),
        met=Leg.settled_at <= Leg.settle_due_at,
        due_at=Leg.settle_due_at,
        done_at=Leg.settled_at,
    )


def settle(window: Window) -> Figure:
    """办结: a ledger's time of registration stands for acceptance; before dispatch nobody answers for a ticket yet."""
    accepted_at = sa.func.coalesce(Ticket.accepted_at, Ticket.submitted_at)
    return Figure(
        source=sa.inspect(Ticket).selectable,
        unit_id=sa.func.coalesce(Ticket.lead_unit_id, Ticket.unit_id),
        counted=sa.and_(window.happened(accepted_at), Ticket.state.not_in(NOT_YET_ACCEPTED)),
        known=Ticket.lead_unit_id.is_not(None),
        met=Ticket.settled_at <= window.as_of,
        due_at=sa.null(),
        done_at=Ticket.settled_at,
    )


def satisfaction(window: Window) -> Figure:
    return Figure(
        source=sa.join(Rating, Ticket, Rating.ticket_id == Ticket.id),
        unit_id=Rating.unit_id,
        counted=sa.and_(window.happened(Rating.at), Rating.scored),
        known=sa.true(),
        met=Rating.stars >= SATISFIED_FROM,
        due_at=sa.null(),
        done_at=Rating.at,
    )


FIGURES: Mapping[str, Callable[[Window], Figure]] = {
    "sign": sign,
    "on_time": on_time,
    "settle": settle,
    "satisfaction": satisfaction,
}

Counts = dict[str, Count]


def figures(
    session: Session, district_path: str, period_start: datetime, period_end: datetime, as_of: datetime
) -> dict[int, Counts]:
    """By unit id, for units that have cases: a place with all that lies in it, any other unit by itself."""
    window = Window(period_start, period_end, as_of)
    own = {key: _own(session, make(window), district_path) for key, make in FIGURES.items()}
    with beyond_scope():
        rows = session.execute(sa.select(Unit.id, Unit.path, Unit.kind).where(under(Unit.path, district_path)))
        answering = _answering([(row.id, row.path, row.kind) for row in rows])
    found: dict[int, Counts] = defaultdict(lambda: dict.fromkeys(FIGURES, Count()))
    for key, by_unit in own.items():
        for unit_id, count in by_unit.items():
            for each in answering[unit_id]:
                found[each][key] += count
    return dict(found)


def overall(session: Session, path: str, period_start: datetime, period_end: datetime, as_of: datetime) -> Counts:
    """Everything at and below a unit, whoever answers for it: the four figures of a workbench."""
    window = Window(period_start, period_end, as_of)
    return {key: sum(_own(session, make(window), path).values(), start=Count()) for key, make in FIGURES.items()}


def _own(session: Session, figure: Figure, path: str) -> dict[int, Count]:
    def number(condition: Expression) -> Expression:
        return sa.func.sum(sa.case((condition, 1), else_=0))

    known, unknown = number(figure.known), number(sa.not_(figure.known))
    columns: list[Any] = [figure.unit_id.label("unit_id"), number(sa.and_(figure.known, figure.met)), known, unknown]
    statement = (
        sa.select(*columns)
        .select_from(figure.source)
        .join(Unit, Unit.id == figure.unit_id)
        .where(figure.counted, under(Unit.path, path))
        .group_by(figure.unit_id)
    )
    with beyond_scope():
        return {unit_id: Count(*counts) for unit_id, *counts in session.execute(statement)}


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
    columns: list[Any] = [
        Ticket,
        figure.due_at.label("due_at"),
        figure.done_at.label("done_at"),
        _outcome(figure).label("outcome"),
    ]
    found = _behind(sa.select(*columns), figure, unit).order_by(Ticket.submitted_at, Ticket.id)
    return found if only is None else found.where(_outcome(figure) == only.value)


def outcomes(figure: Figure, unit: Unit) -> sa.Select[Any]:
    """How many of those cases came out how."""
    columns: list[Any] = [_outcome(figure).label("outcome"), sa.func.count().label("number")]
    return _behind(sa.select(*columns), figure, unit).group_by("outcome")


def _behind(statement: sa.Select[Any], figure: Figure, unit: Unit) -> sa.Select[Any]:
    mine = Unit.id == unit.id
    if unit.kind in TERRITORY:
        mine = sa.and_(under(Unit.path, unit.path), Unit.kind.in_(TERRITORY))
    units = sa.select(Unit.id).where(mine)
    return statement.select_from(figure.source).where(figure.counted, figure.unit_id.in_(units))


def _outcome(figure: Figure) -> Expression:
    return sa.case(
        (sa.not_(figure.known), Outcome.UNKNOWN.value), (figure.met, Outcome.MET.value), else_=Outcome.MISSED.value
    )

"""调休: what the office enters of a year's days off and made-up days, and what of the open due dates goes along."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.acting import Actor
from models.calendar import CalendarDay, CalendarYear, check_year, load_calendar
from models.events import IMPORTED, RECOUNTED, TicketEvent
from models.legs import Leg, LegRole, due_moved, is_unofficial
from models.locks import hold
from models.receipts import MOVING, Ground, settle_steps
from models.tickets import Ticket
from models.types import UtcDateTime
from rules.lifecycle import CLOSED_STATES, State
from rules.policy import ClockMode
from rules.receipt import Counted, Step, last_day, outcome, replay
from rules.refusals import N_, Refusal
from rules.workdays import Calendar, end_of, local_date, start_of

LEG, TICKET, EVENT = Leg.__table__, Ticket.__table__, TicketEvent.__table__
OVER = sorted(CLOSED_STATES | {State.RETURNED})
CALENDAR = "calendar"
SLICE = 1_000
COLUMNS = (
    *("id", "ticket_id", "seq", "unit_id", "unit_name", "path", "role", "dispatched_at", "signed_at", "settle_due_at"),
    *("settle_due_original", "clock_mode", "policy_version", "counted", "promise_at"),
)
OPEN = sa.and_(LEG.c.state.not_in(OVER), LEG.c.ended.is_(None), LEG.c.settle_due_at.is_not(None))


class CalendarChange(Model):
    """What was entered at once, and how many due dates went along."""

    __tablename__ = "calendar_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    days: Mapped[list[list[Any]]] = mapped_column(sa.JSON)
    """Day, whether it is worked (nothing: as weekends have it) and its name."""
    official: Mapped[list[int]] = mapped_column(sa.JSON)
    """Years that somebody called complete."""
    moved: Mapped[int] = mapped_column(default=0)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


@dataclass(frozen=True)
class Entry:
    """A day as it shall stand; `working` is empty where plain weekends shall hold."""

    day: date
    working: bool | None
    name: str = ""


@dataclass(frozen=True)
class DueMove:
    """A leg whose date to settle by would be another one."""

    leg_id: int
    ticket_id: int
    unit_name: str
    path: str
    old: datetime
    new: datetime


def with_entries(calendar: Calendar, entries: Collection[Entry], official: Collection[int]) -> Calendar:
    working = dict(calendar.working)
    for entry in entries:
        working.pop(entry.day, None)
        if entry.working is not None:
            working[entry.day] = entry.working
    return replace(calendar, working=working, official_years=calendar.official_years | set(official))


def due_moves(session: Session, calendar: Calendar, *, lock: bool = False) -> Iterator[DueMove]:
    """Open legs whose date is told by known steps that come out otherwise by that calendar. Natural days never do."""
    ground, known = Ground.of(session), dict[tuple[Any, ...], datetime | None]()
    events = _moving_events(session)
    for row in session.execute(_open_legs(lock=lock)).all():
        steps = settle_steps(row, row.tier, events.get(row.id, ()), ground)
        if outcome(steps, ground.calendar) != row.settle_due_at or not steps[0].known:
            continue
        new = _replayed(steps, calendar, known)
        if new is not None and new != row.settle_due_at:
            yield DueMove(row.id, row.ticket_id, row.unit_name, row.path, row.settle_due_at, new)


def _open_legs(*, lock: bool) -> sa.Select[Any]:
    chosen = sa.select(*(LEG.c[name] for name in COLUMNS), TICKET.c.tier).join(TICKET, TICKET.c.id == LEG.c.ticket_id)
    chosen = chosen.where(OPEN, LEG.c.clock_mode != ClockMode.NATURAL.value, TICKET.c.state.not_in(OVER))
    chosen = chosen.order_by(LEG.c.settle_due_at, LEG.c.id)
    return chosen.with_for_update(of=LEG) if lock else chosen


def _moving_events(session: Session) -> Mapping[int, Sequence[Any]]:
    """Of each open leg what has moved its date, and what of it a ledger told."""
    e = EVENT.c
    first = sa.select(LEG.c.id).where(LEG.c.ticket_id == e.ticket_id, LEG.c.seq == 1).scalar_subquery()
    held = sa.case((e.action == IMPORTED, first), else_=e.leg_id).label("leg_id")
    named = sa.select(e.action, e.at, e.name, e.data, e.ticket_id, e.leg_id.label("own"), held)
    open_legs = sa.select(LEG.c.ticket_id).where(OPEN, LEG.c.clock_mode != ClockMode.NATURAL.value)
    asked = named.where(e.action.in_([str(action) for action in MOVING]), e.ticket_id.in_(open_legs)).order_by(e.id)
    found: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(asked):
        found[row.leg_id].append(_Told(row.leg_id, row.action, row.at, row.name, row.data))
    return found


@dataclass(frozen=True)
class _Told:
    """As much of an event as the steps ask for."""

    leg_id: int
    action: str
    at: datetime
    name: str
    data: dict[str, Any] | None

    @property
    def from_ledger(self) -> bool:
        return "batch" in (self.data or {})


def _replayed(
    steps: Sequence[Step], calendar: Calendar, known: dict[tuple[Any, ...], datetime | None]
) -> datetime | None:
    """Most legs are told by one step, and most of those begin on the same few days."""
    [first, *others] = steps
    if others or not isinstance(first, Counted):
        return replay(steps, calendar)
    key = (local_date(first.start), first.days, first.mode)
    if key not in known:
        known[key] = first.after(None, calendar)
    return known[key]


def enter(
    session: Session, entries: Collection[Entry], official: Collection[int], by: Actor, at: datetime, *, move: bool
) -> CalendarChange:
    """Into the calendar. Due dates that are stored stay as they are unless it is said that they go along."""
    hold(session.connection(), CALENDAR)
    for entry in entries:
        check_year(entry.day.year)
    _write_days(session, entries)
    _call_official(session, {entry.day.year for entry in entries}, official)
    change = CalendarChange(at=at, person_id=by.person_id, name=by.name, moved=0, official=sorted(official))
    change.days = [[entry.day.isoformat(), entry.working, entry.name] for entry in entries]
    session.add(change)
    session.flush()
    if move:
        calendar = load_calendar(session)
        moves = list(due_moves(session, calendar, lock=True))
        change.moved = len(moves)
        _move(session, change, moves, calendar, by, at)
    tell_unofficial(session)
    session.expire_all()
    return change


def _write_days(session: Session, entries: Collection[Entry]) -> None:
    asked = sa.select(CalendarDay).where(CalendarDay.day.in_([entry.day for entry in entries]))
    there = {row.day: row for row in session.scalars(asked)}
    for entry in entries:
        row = there.get(entry.day)
        if entry.working is None:
            if row is not None:
                session.delete(row)
        elif row is None:
            session.add(CalendarDay(day=entry.day, working=entry.working, name=entry.name))
        else:
            row.working, row.name = entry.working, entry.name or row.name
    session.flush()


def _call_official(session: Session, years: Collection[int], official: Collection[int]) -> None:
    """Only what somebody calls complete is; a year that is new to the calendar is not."""
    there = {row.year: row for row in session.scalars(sa.select(CalendarYear))}
    for year in {*years, *official}:
        if year not in there:
            there[year] = CalendarYear(year=year, official=False)
            session.add(there[year])
        if year in official:
            there[year].official = True
    session.flush()


def tell_unofficial(session: Session) -> None:
    """Each open leg says whether its date lies in a year that nobody has published."""
    years = session.scalars(sa.select(CalendarYear.year).where(CalendarYear.official)).all()
    due, first = LEG.c.settle_due_at, date(min(years, default=2000), 1, 1)
    spans = [sa.and_(due > start_of(date(year, 1, 1)), due <= end_of(date(year, 12, 31))) for year in years]
    official = sa.or_(sa.false(), *spans)
    for unofficial, which in ((True, sa.not_(official)), (False, official)):
        session.execute(
            sa.update(LEG)
            .where(OPEN, LEG.c.due_unofficial.is_(not unofficial), which, due > start_of(first))
            .values(due_unofficial=unofficial)
        )


def unofficial_dues(session: Session) -> dict[int, int]:
    """Year → how many open due dates lie in it, of years that are not official."""
    asked = sa.select(LEG.c.settle_due_at).where(OPEN, LEG.c.due_unofficial)
    found: dict[int, int] = defaultdict(int)
    for (due,) in session.execute(asked):
        found[last_day(due).year] += 1
    return dict(sorted(found.items()))


def _move(
    session: Session, change: CalendarChange, moves: Sequence[DueMove], calendar: Calendar, by: Actor, at: datetime,
    *, back: bool = False,
) -> None:  # fmt: skip
    """In slices; a leg that has moved since it was read stays."""
    said = {"calendar": change.id, **({"back": True} if back else {})}
    for start in range(0, len(moves), SLICE):
        part = moves[start : start + SLICE]
        rows = [
            {"leg": each.leg_id, "ticket": each.ticket_id, "old": each.old, "new": each.new,
             "unofficial": is_unofficial(each.new, calendar)}
            for each in part
        ]  # fmt: skip
        session.connection().execute(_LEGS, [row | {"now": at} for row in rows])
        session.connection().execute(_TICKETS, [row | {"now": at} for row in rows])
        held = sa.select(TICKET.c.id, TICKET.c.state).where(TICKET.c.id.in_([each.ticket_id for each in part]))
        states = {row.id: row.state for row in session.execute(held)}
        session.connection().execute(
            sa.insert(EVENT),
            [
                {
                    "ticket_id": each.ticket_id, "leg_id": each.leg_id, "action": RECOUNTED, "at": at,
                    "state_before": states[each.ticket_id], "state_after": states[each.ticket_id],
                    "person_id": by.person_id, "name": by.name, "unit_name": by.unit_name,
                    "data": said | due_moved(each.old, each.new),
                }
                for each in part
            ],
        )  # fmt: skip


def _moment(name: str) -> sa.BindParameter[datetime]:
    return sa.bindparam(name, type_=UtcDateTime())


_LEGS = (
    sa.update(LEG)
    .where(LEG.c.id == sa.bindparam("leg"), LEG.c.settle_due_at == _moment("old"))
    .values(
        settle_due_at=_moment("new"),
        due_unofficial=sa.bindparam("unofficial", type_=sa.Boolean),
        remind_at=_moment("now"),
        version=LEG.c.version + 1,
    )
)
_TICKETS = (
    sa.update(TICKET)
    .where(
        TICKET.c.id == sa.bindparam("ticket"),
        TICKET.c.next_due_at == _moment("old"),
        sa.exists().where(LEG.c.id == sa.bindparam("leg"), LEG.c.role == LegRole.LEAD.value),
    )
    .values(next_due_at=_moment("new"), remind_at=_moment("now"), version=TICKET.c.version + 1)
)
"""Where it is the date of the lead that matters now."""


def take_back(session: Session, change: CalendarChange, by: Actor, at: datetime) -> int:
    """The dates that went along stand again as before, where nothing else has moved them since. The calendar stays."""
    hold(session.connection(), CALENDAR)
    if not change.moved:
        raise Refusal(N_("No due date went along with this change of the calendar"))
    if change.undone_at is not None:
        raise Refusal(N_("%(name)s has taken this move back already"), name=change.undone_by)
    moves = list(_moved_by(session, change))
    _move(session, change, moves, load_calendar(session), by, at, back=True)
    change.undone_at, change.undone_by = at, by.name
    session.flush()
    session.expire_all()
    return len(moves)


def _moved_by(session: Session, change: CalendarChange) -> Iterator[DueMove]:
    e, later = EVENT.c, EVENT.alias().c
    moved_since = sa.exists().where(
        later.leg_id == e.leg_id, later.id > e.id, later.action.in_([str(action) for action in MOVING])
    )
    asked = (
        sa.select(e.ticket_id, e.data, *(LEG.c[name] for name in ("id", "unit_name", "path", "settle_due_at")))
        .join(LEG, LEG.c.id == e.leg_id)
        .where(e.action == RECOUNTED, e.at == change.at, OPEN, ~moved_since)
        .with_for_update(of=LEG)
    )
    for row in session.execute(asked).all():
        old, new = map(datetime.fromisoformat, row.data["due"])
        if row.data["calendar"] == change.id and row.settle_due_at == new:
            yield DueMove(row.id, row.ticket_id, row.unit_name, row.path, new, old)

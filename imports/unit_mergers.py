"""Units that a list merges into others: what of it has been done already, what the rules refuse, and the way back."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from imports import staging
from imports.cells import CellError
from imports.conflicts import HELD, MERGED
from imports.kind import Note, Order
from imports.trace import r, row
from models.imports import ImportBatch
from models.unit_changes import UnitChange, check_merge, merge
from models.unit_moving import check_term
from models.units import Unit, find_unit
from rules.refusals import N_, Refusal
from rules.unit_changes import ChangeState, check_date
from rules.workdays import local_date

if TYPE_CHECKING:
    from imports.units import Units

KEPT = "mergers"
"""Among a batch's options: ids of the changes that it made."""
REASON = "导入《%s》"
AHEAD = N_(
    "Units to be merged into others: %(count)s. What is open there, units below and people move along;"
    " what is closed stays with the old unit"
)
LATER = N_("Units to be merged into others on a day to come: %(count)s. Until then all stays as it is")
DONE = N_(
    "Units merged into others: %(count)s. What was open there, units below and people moved along;"
    " what was closed stayed with the old unit"
)
PLANNED = N_("Units planned to merge on a day to come: %(count)s. Each plan can be withdrawn on the page of its unit")
AFTERWARDS = {AHEAD: DONE, LATER: PLANNED}
"""What is announced → what is said of it once it is committed."""
NOT_YET = N_("%(unit)s is not here yet, so nothing of it can merge: leave the row out, or empty this cell")
unit = Unit.__table__
u = unit.c
AS_WRITTEN = ("code", "name", "kind", "path", "closed", "into_code", "merged_on")
LEFT = ("id", "name", "kind", "path", "valid_from", "valid_to", "successor_id")
Said = Mapping[str, Any]


class Mergers:
    """`rows`: code → what the file says of the unit, by column of the stage."""

    def __init__(self, session: Session, order: Order, rows: Mapping[str, Said]) -> None:
        self.session, self.order, self.rows = session, order, rows
        self.today = local_date(order.at)
        self.asked = [code for code, said in rows.items() if said.get("into_code")]
        codes = {*self.asked, *(rows[code]["into_code"] for code in self.asked)}
        self.known = {each.code: each for each in session.scalars(sa.select(Unit).where(Unit.code.in_(codes)))}
        ids = [self.known[code].id for code in self.asked if code in self.known]
        planned = sa.select(UnitChange).where(UnitChange.unit_id.in_(ids), UnitChange.state == ChangeState.PLANNED)
        self.planned = {change.unit_id: change for change in session.scalars(planned)}

    def is_settled(self, code: str) -> bool:
        """It has merged there already, or is going to on its day."""
        said, old = self.rows[code], self.known.get(code)
        if old is None:
            return False
        plan = self.planned.get(old.id)
        if plan is not None:
            return said["into_code"] == (plan.into and plan.into.code) and _agrees(said, plan.from_date)
        if old.valid_to is None or old.lives_on(self.today):
            return False
        return said["into_code"] in _heirs(old) and _agrees(said, old.valid_to + timedelta(1))

    def refused(self, code: str) -> tuple[str, Refusal] | None:
        """The column that is wrong, and why."""
        said = self.rows[code]
        day = said.get("merged_on") or self.today
        if code not in self.known:
            return "into", Refusal(NOT_YET, unit=said["name"])
        if said["into_code"] not in self.known and said["into_code"] not in self.rows:
            return "into", Refusal(N_("There is no unit “%(unit)s”"), unit=said["into_code"])
        old, into = self._left(code), self._left(said["into_code"])
        column = "merged_on"
        try:
            check_date(day, self.today)
            check_term([old], day)
            column = "into"
            check_merge(self.session, old, into, day, self.order.by)
        except Refusal as refusal:
            return column, refusal
        return None

    def _left(self, code: str) -> Unit:
        """The unit as the import leaves it, in no session."""
        known, said = self.known.get(code), self.rows.get(code, {})
        values = {name: said[name] for name in ("name", "kind", "path") if said.get(name)}
        if known is not None:
            values = {name: getattr(known, name) for name in LEFT} | values
        if said.get("closed") is False:
            values |= {"valid_to": None, "successor_id": None}
        return Unit(code=code, **values)


def _agrees(said: Said, from_date: date) -> bool:
    return said.get("merged_on") in (None, from_date)


def _heirs(old: Unit) -> set[str]:
    """Codes of all that took over from it, one from the other."""
    codes: set[str] = set()
    heir = old.successor
    while heir is not None and heir.code not in codes:
        codes.add(heir.code)
        heir = heir.successor
    return codes


def judge(kind: "Units") -> None:
    """Which of the lines that wait are to merge; what is refused by now becomes an error of its row."""
    lines = _waiting(kind)
    mergers = Mergers(kind.session, kind.order, {line["code"]: line for line in lines})
    merges: list[dict[str, Any]] = []
    wrong: list[tuple[int, CellError]] = []
    days: list[date] = []
    for line in (mergers.rows[code] for code in mergers.asked):
        settled = mergers.is_settled(line["code"])
        refused = None if settled else mergers.refused(line["code"])
        if refused:
            why = refused[1]
            said = {name: str(value) for name, value in why.values.items()}
            wrong.append((line["seq"], CellError(line["sheet"], line["row"], None, "", "merger", why.message, said)))
        else:
            merges.append({"line": line["seq"], "yes": not settled})
            days += [] if settled else [line["merged_on"] or mergers.today]
    if merges:
        one = sa.and_(kind.stage.c.load == kind.load, kind.stage.c.seq == sa.bindparam("line"))
        kind.connection.execute(sa.update(kind.stage).where(one).values(merges=sa.bindparam("yes")), merges)
    kind.refuse(wrong)
    _tell(kind, AHEAD, sum(day <= mergers.today for day in days))
    _tell(kind, LATER, sum(day > mergers.today for day in days))


def _waiting(kind: "Units") -> Sequence[Said]:
    """Lines that name a successor, and those of the successors."""
    s, other = kind.stage.c, kind.stage.alias()
    named = sa.select(other.c.into_code).where(other.c.load == kind.load, other.c.into_code.is_not(None))
    found = kind.connection.execute(
        sa.select(s.seq, s.sheet, s.row, *(s[name] for name in AS_WRITTEN)).where(
            kind.of_load(),
            s.op.is_distinct_from(staging.ERROR),
            sa.or_(s.into_code.is_not(None), s.code.in_(named)),
        )
    )
    return [dict(line) for line in found.mappings()]


def _tell(kind: "Units", message: str, count: int) -> None:
    if count:
        kind.notes.append(Note(message, {"count": str(count)}))


def carry_out(kind: "Units", batch_id: int) -> None:
    """As the screen of units does."""
    s, session, order = kind.stage.c, kind.session, kind.order
    found = kind.connection.execute(
        sa.select(s.code, s.into_code, s.merged_on)
        .where(kind.of_load(staging.CHANGED), s.merges.is_(True))
        .order_by(s.seq)
    ).all()
    if not found:
        return
    session.expire_all()
    batch = session.get_one(ImportBatch, batch_id)
    made = [change for change in _changes(session, batch) if _is_untouched(session, change)]
    with _in_step(kind, batch_id):
        for code, into_code, from_date in found:
            old, into = find_unit(session, code), find_unit(session, into_code)
            day, reason = from_date or local_date(order.at), REASON % batch.filename
            made += merge(session, [old], into, day, order.by, order.at, reason=reason)
        for change in made:
            change.count_from_now(session)
    kind.outcome[KEPT] = sorted({*batch.options.get(KEPT, []), *(change.id for change in made)})


def _changes(session: Session, batch: ImportBatch) -> Sequence[UnitChange]:
    """Of the batch, save what somebody took back."""
    mine = sa.select(UnitChange).where(UnitChange.id.in_(batch.options.get(KEPT, [])))
    return session.scalars(mine.where(UnitChange.state != ChangeState.TAKEN_BACK).order_by(UnitChange.id)).all()


def take_back(kind: "Units", batch: ImportBatch) -> None:
    """The last first. What moved with a merger only seems to hold on to a new unit, so that is judged anew."""
    mine = sa.and_(r.batch_id == batch.id, r.subject == unit.name)
    kind.connection.execute(sa.update(row).where(mine, r.conflict.startswith(f"{HELD}:")).values(conflict=None))
    kept: list[UnitChange] = []
    waiting: list[UnitChange] = []
    for change in _changes(kind.session, batch):
        (waiting if _is_untouched(kind.session, change) else kept).append(change)
    with _in_step(kind, batch.id):
        while waiting:
            change = waiting.pop()
            if not _taken_back(kind, change):
                kept.append(change)
                continue
            for earlier in waiting:
                earlier.count_from_now(kind.session)
    ids = [change.unit_id for change in kept]
    kind.connection.execute(sa.update(row).where(mine, r.row_id.in_(ids)).values(conflict=MERGED))
    kind.session.expire_all()


def _is_untouched(session: Session, change: UnitChange) -> bool:
    try:
        change.check_unchanged(session)
    except Refusal:
        return False
    return True


def _taken_back(kind: "Units", change: UnitChange) -> bool:
    """What has not come to pass yet is withdrawn. The import leaves no change behind that it had made."""
    session, order = kind.session, kind.order
    try:
        with session.begin_nested():
            if change.state == ChangeState.PLANNED:
                change.withdraw(order.by)
            elif change.state == ChangeState.DONE:
                change.take_back(session, order.by, order.at)
            session.delete(change)
    except Refusal:
        return False
    return True


@contextmanager
def _in_step(kind: "Units", batch_id: int) -> Iterator[None]:
    """Units that are as the batch left them are so afterwards too, at whatever version."""
    mine = sa.and_(r.batch_id == batch_id, r.subject == unit.name, r.row_id == u.id, r.version == u.version)
    kind.session.flush()
    ids = kind.connection.scalars(sa.select(r.row_id).where(mine)).all()
    yield
    kind.session.flush()
    if ids:
        this = sa.and_(r.batch_id == batch_id, r.subject == unit.name, r.row_id == sa.bindparam("unit"))
        version = sa.select(u.version).where(u.id == r.row_id).scalar_subquery()
        kind.connection.execute(sa.update(row).where(this).values(version=version), [{"unit": each} for each in ids])

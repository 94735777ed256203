"""An import as a row that people and workers hand each other. Nothing here commits."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from imports import progress, staging
from imports.kind import Order
from models.acting import Scope
from models.imports import ImportBatch, half_undone
from models.locks import hold
from rules.batches import AT_WORK, CANCELLED_TO, MOST_ATTEMPTS, BatchState, before
from rules.refusals import N_, Refusal

CUT_OFF = N_("The attempt before ended unexpectedly; nothing of it was kept. This was attempt %(number)s")
CUT_OFF_HALF_WAY = N_("The attempt before ended unexpectedly; this one goes on from where that was")

DECIDED = N_("This import is already done or discarded")
QUICKER = N_("Somebody else has corrected or decided this import in the meantime: look at it again")
HALF_LEFT = N_(
    "Several attempts to take this back ended unexpectedly. A part of it is still in the data: undo it again"
)
BUSY = (BatchState.COMMITTING.value, BatchState.UNDOING.value)

batch = ImportBatch.__table__
b = batch.c


@dataclass(frozen=True)
class Claim:
    """What an attempt has taken upon itself. `stale` is the place in the stage of the attempt before, 0 for none.
    What is `half_undone` is not to be stopped any more."""

    batch_id: int
    state: BatchState
    holder: str
    attempt: int
    stale: int
    half_undone: bool

    @property
    def exhausted(self) -> bool:
        return self.attempt > MOST_ATTEMPTS


def received(
    session: Session, kind: str, filename: str, sha256: str, order: Order, user_id: int | None = None
) -> ImportBatch:
    """A file that waits to be read. An order by no account is the installation's own."""
    made = ImportBatch(
        kind=kind,
        state=BatchState.WAITING,
        filename=PurePath(filename).name[:200],
        sha256=sha256,
        path="" if order.scope.everything else next(iter(order.scope.paths), ""),
        options={"load": 0, "source": order.source, "unit": order.unit, "notes": [], "user": user_id},
        person_id=order.by.person_id,
        name=order.by.name,
        created_at=order.at,
        asked_at=order.at,
    )
    session.add(made)
    session.flush()
    progress.forget_wish(session.connection(), made.id)
    return made


def move(
    session: Session, row: ImportBatch, order: Order, to: BatchState, *, was: BatchState | None = None, **values: Any
) -> None:
    """The first statement writes: of two people who decide on one batch, one is told that it is decided, and so is an
    attempt that was taken for dead."""
    may_decide(row, order)
    if not pass_on(session.connection(), row.id, order.holder, to, was=was, **values):
        session.refresh(row)
        raise _too_late(row)
    session.expire(row)


def refuse_unless_in(row: ImportBatch, states: Collection[BatchState]) -> None:
    if row.state not in states:
        raise _too_late(row)


def _too_late(row: ImportBatch) -> Refusal:
    return Refusal(QUICKER if row.at_work else DECIDED)


def is_theirs(row: ImportBatch, scope: Scope) -> bool:
    return scope.everything or bool(row.path and scope.covers(row.path))


def may_decide(row: ImportBatch, order: Order) -> None:
    if not is_theirs(row, order.scope):
        raise Refusal(N_("This import was prepared for units that are not all yours"))


def refuse_unread(row: ImportBatch) -> None:
    if row.stopped:
        message, values = row.stopped
        raise Refusal(message, **values)


def refuse_errors(row: ImportBatch, *, skip_errors: bool) -> None:
    if row.error and not skip_errors:
        raise Refusal(
            N_("%(count)s rows are wrong: correct them, or choose to import the others alone"), count=row.error
        )


def keep_options(connection: sa.Connection, batch_id: int, options: Mapping[str, Any]) -> None:
    connection.execute(sa.update(batch).where(b.id == batch_id).values(options=dict(options)))


def keep_progress(connection: sa.Connection, batch_id: int, options: Mapping[str, Any]) -> None:
    """An attempt that has got on was not in vain, however it ends."""
    connection.execute(sa.update(batch).where(b.id == batch_id).values(options=dict(options), attempts=0))


def still_held(connection: sa.Connection, batch_id: int, holder: str | None) -> None:
    """Writes first, so that nobody else can take the batch before the transaction ends. Raises Refusal when somebody
    has."""
    mine = sa.and_(b.id == batch_id, b.taken_by.is_not_distinct_from(holder), b.state.in_(AT_WORK))
    if connection.execute(sa.update(batch).where(mine).values(taken_by=b.taken_by)).rowcount != 1:
        raise Refusal(DECIDED)


def pass_on(
    connection: sa.Connection,
    batch_id: int,
    holder: str | None,
    to: BatchState,
    *,
    was: BatchState | None = None,
    **values: Any,
) -> bool:
    """Whoever held it lets go of it. From the state it `was` in, or any that `to` may follow."""
    allowed = [state.value for state in ([was] if was else before(to))]
    moved = connection.execute(
        sa.update(batch)
        .where(b.id == batch_id, b.state.in_(allowed), b.taken_by.is_not_distinct_from(holder))
        .values(state=to.value, taken_by=None, **values)
    )
    return moved.rowcount == 1


def ask(session: Session, row: ImportBatch, order: Order, to: BatchState, user_id: int | None, **task: Any) -> None:
    """Leaves it to a worker. Raises Refusal where it is no longer as it was when it was looked at."""
    refuse_unless_in(row, before(to))
    if row.half_written and to is not BatchState.UNDOING:
        raise Refusal(HALF_LEFT)
    was, load = BatchState(row.state), row.options["load"]
    move(session, row, order, to, was=was, asked_at=order.at, attempts=0, taken_at=None)
    if row.options["load"] != load:
        raise Refusal(QUICKER)
    row.options = lasting(row.options) | {"user": user_id} | task
    progress.forget_wish(session.connection(), row.id)


def lasting(options: Mapping[str, Any]) -> dict[str, Any]:
    """Without what the last worker was to do and had to say."""
    return {name: value for name, value in options.items() if name not in ("task", "said")}


def way_back(row: ImportBatch, state: BatchState, to: Mapping[BatchState, BatchState]) -> BatchState:
    """What slices have been written is taken back before anything else; what was to be read again is what it was."""
    if state is BatchState.COMMITTING and row.half_written:
        return BatchState.UNDOING
    return BatchState(row.came_from) if state is BatchState.REREADING else to[state]


def drop_unread(connection: sa.Connection, options: Mapping[str, Any], to: BatchState) -> None:
    """What was staged by an attempt that has come to nothing."""
    staging.forget_if_over(connection, int(options["load"]), to)
    if load := options.get("task", {}).get("load"):
        staging.forget(connection, load)


def refuse_to_stop(row: ImportBatch) -> None:
    if row.half_undone:
        raise Refusal(N_("This is being taken back and cannot be stopped half-way: wait until it is done"))


def cancel_unless_taken(session: Session, row: ImportBatch, order: Order) -> bool:
    """For a batch that no worker has; a worker that has it is to be asked through `progress`."""
    state = BatchState(row.state)
    if state not in CANCELLED_TO or row.taken_by is not None or row.half_written:
        return False
    to = way_back(row, state, CANCELLED_TO)
    move(session, row, order, to, was=state)
    drop_unread(session.connection(), row.options, to)
    row.options = {name: value for name, value in row.options.items() if name != "task"}
    return True


def take(session: Session, now: datetime, only: int | None = None) -> Claim | None:
    """The oldest batch that no living attempt has; two workers never take the same one, nor do two write the same kind
    at once."""
    connection = session.connection()
    waiting = sa.select(b.id, b.kind, b.state, b.taken_by, b.taken_at, b.attempts, b.options)
    at_work = waiting.where(b.state.in_(AT_WORK)).order_by(b.asked_at, b.id)
    if not connection.execute(at_work.limit(1)).first():
        return None
    hold(connection, "imports")
    rows = connection.execute(at_work).all()
    heard = {row.id: progress.heard(connection, row.taken_by, row.taken_at) for row in rows}
    alive = {row.id for row in rows if (last := heard[row.id]) and last.lives(now)}
    busy = {row.kind for row in rows if row.id in alive and row.state in BUSY}
    for row in rows:
        barred = row.id in alive or (row.state in BUSY and row.kind in busy) or only not in (None, row.id)
        if not barred and (claim := _claimed(connection, row, now)):
            return claim
    return None


def _claimed(connection: sa.Connection, row: Any, now: datetime) -> Claim | None:
    holder = f"{staging.new_load():x}"
    state = BatchState.READING if row.state == BatchState.WAITING else BatchState(row.state)
    fresh, stale = _places(state, row.options)
    told = {"said": _said_of_the_dead(state, row)} if row.taken_by is not None else {}
    taken = connection.execute(
        sa.update(batch)
        .where(b.id == row.id, b.state == row.state, b.taken_by.is_not_distinct_from(row.taken_by))
        .values(
            state=state.value,
            taken_by=holder,
            taken_at=now,
            attempts=b.attempts + 1,
            options=row.options | fresh | told,
        )
    )
    half = half_undone(state, row.options)
    return Claim(row.id, state, holder, row.attempts + 1, stale, half) if taken.rowcount == 1 else None


def _said_of_the_dead(state: BatchState, row: Any) -> Any:
    """Why a commit is being taken back is to be known to the end."""
    if state is BatchState.UNDOING and "sliced" in row.options:
        return row.options.get("said")
    gone_on = "sliced" in row.options or half_undone(state, row.options)
    return [CUT_OFF_HALF_WAY, {}] if gone_on else [CUT_OFF, {"number": row.attempts + 1}]


def _places(state: BatchState, options: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
    """A reading attempt stages into a place of its own, so that one that comes back from the dead spoils nothing: the
    options that name it, and the place of the attempt before."""
    fresh = {"load": staging.new_load()}
    match state:
        case BatchState.READING:
            return fresh, int(options["load"])
        case BatchState.REREADING:
            return {"task": options["task"] | fresh}, int(options["task"].get("load", 0))
    return {}, 0

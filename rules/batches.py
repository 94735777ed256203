"""The way of an import: the states it may be in, what may follow each, and where a cancelled step leads back to."""

from datetime import timedelta
from enum import StrEnum

from rules.refusals import N_


class BatchState(StrEnum):
    WAITING = "waiting"
    READING = "reading"
    PREVIEWED = "previewed"
    REREADING = "rereading"
    COMMITTING = "committing"
    COMMITTED = "committed"
    UNDOING = "undoing"
    UNDONE = "undone"
    CANCELLED = "cancelled"
    DISCARDED = "discarded"
    FAILED = "failed"


W, R, P, C = BatchState.WAITING, BatchState.READING, BatchState.PREVIEWED, BatchState.COMMITTING
DONE, U = BatchState.COMMITTED, BatchState.UNDOING
AGAIN = BatchState.REREADING

NEXT: dict[BatchState, frozenset[BatchState]] = {
    W: frozenset({R, BatchState.CANCELLED, BatchState.FAILED}),
    R: frozenset({R, P, BatchState.CANCELLED, BatchState.FAILED}),
    P: frozenset({W, P, AGAIN, C, DONE, BatchState.DISCARDED}),
    AGAIN: frozenset({P, DONE}),
    C: frozenset({P, DONE, U}),
    DONE: frozenset({P, AGAIN, U, BatchState.UNDONE}),
    U: frozenset({DONE, BatchState.UNDONE, P}),
    BatchState.UNDONE: frozenset(),
    BatchState.CANCELLED: frozenset(),
    BatchState.DISCARDED: frozenset(),
    BatchState.FAILED: frozenset(),
}
"""What is committed is previewed again only with corrections of the rows that stayed out, or when a commit that was
broken off half-way has been taken back."""
AT_WORK = frozenset({W, R, AGAIN, C, U})
"""A worker has it, or is to take it."""
CANCELLED_TO = {W: BatchState.CANCELLED, R: BatchState.CANCELLED, AGAIN: P, C: P, U: DONE}
GIVEN_UP_TO = {W: BatchState.FAILED, R: BatchState.FAILED, AGAIN: P, C: P, U: DONE}
"""What was committed before it was to be read again is so afterwards too."""

BATCH_STATE_LABELS = {
    BatchState.WAITING: N_("Waiting to be read"),
    BatchState.READING: N_("Being read"),
    BatchState.PREVIEWED: N_("Previewed"),
    BatchState.REREADING: N_("Being read again"),
    BatchState.COMMITTING: N_("Being committed"),
    BatchState.COMMITTED: N_("Committed"),
    BatchState.UNDOING: N_("Being undone"),
    BatchState.UNDONE: N_("Undone"),
    BatchState.CANCELLED: N_("Import cancelled"),
    BatchState.DISCARDED: N_("Discarded"),
    BatchState.FAILED: N_("Could not be read"),
}

LEASE = timedelta(seconds=20)
"""A worker that has not been heard of for so long is taken for dead."""
BEAT = timedelta(seconds=0.5)
MOST_ATTEMPTS = 3
TOLD_AFTER = timedelta(seconds=8)
"""Who waited longer has probably left the page, and gets a notice."""


def before(state: BatchState) -> frozenset[BatchState]:
    """The states that `state` may follow."""
    return frozenset(each for each, following in NEXT.items() if state in following)

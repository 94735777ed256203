"""Takes up what imports wait for, one batch at a time: reading and comparing, once or again, committing, undoing."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from imports import batches, broken_off, corrections, originals, progress, run, staging
from imports.batches import Claim
from imports.broken_off import CANCELLED, DATABASE_FAILED, EXHAUSTED
from imports.choices import from_kept
from imports.committing import Overtaken, commit
from imports.kind import Order
from imports.progress import Cancelled, Progress
from imports.rereading import Rereading
from imports.undo import undo
from jobs.heart import Heart
from models.accounts import account_of, actor_of
from models.acting import EVERYTHING, SYSTEM, Acting, acting_as, scope_for
from models.imports import ImportBatch
from models.notices import post
from rules.batches import CANCELLED_TO, GIVEN_UP_TO, TOLD_AFTER, BatchState
from rules.refusals import N_, Refusal
from settings import installed

log = structlog.get_logger()

Clock = Callable[[], datetime]
NO_ACCOUNT = N_("Whoever asked for this has no account in use any more")
NEWS = {
    BatchState.PREVIEWED: N_("%(file)s has been read and compared: look at the preview"),
    BatchState.FAILED: N_("%(file)s could not be read"),
    BatchState.COMMITTED: N_("%(file)s has been imported"),
    BatchState.UNDONE: N_("The import of %(file)s has been undone"),
}
NEWS_OF_REREADING = N_("%(file)s is no longer being read again: look at what came of it")
NEWS_OF_TAKING_BACK = N_("The import of %(file)s was broken off: look at what came of it")


def work_all(session: Session, clock: Clock) -> int:
    """Until nothing waits; how many steps were done."""
    done = 0
    while work_next(session, clock):
        done += 1
    return done


def work_next(session: Session, clock: Clock, only: int | None = None) -> bool:
    with acting_as(SYSTEM, clock()):
        claim = batches.take(session, clock(), only)
        session.commit()
        if claim is not None:
            Attempt(session, claim, clock).make()
    return claim is not None


class Attempt:
    def __init__(self, session: Session, claim: Claim, clock: Clock) -> None:
        self.session, self.claim, self.clock = session, claim, clock
        self.told = Progress(gives_way=True)
        if claim.half_undone:
            self.told.go_through()
        self.heart = Heart(session.get_bind().engine, claim, self.told)

    def make(self) -> None:
        with self.heart:
            try:
                self._make()
            except Cancelled:
                self._back(CANCELLED_TO, CANCELLED, {"name": self.told.cancelled_by})
            except Overtaken as refusal:
                self._compare_again(refusal)
            except Refusal as refusal:
                self._give_up(refusal)
            except OperationalError:
                self._broken_off()
            except SQLAlchemyError:
                log.exception("import failed", batch=self.claim.batch_id)
                self._give_up(Refusal(DATABASE_FAILED))
            except BaseException:
                self.session.rollback()
                self._leave_to_others()
                raise

    def _make(self) -> None:
        batch, order = self._begin()
        files = corrections.named(batch)
        with self._as(order):
            STEPS[self.claim.state](self, batch, order)
            self._tell(batch)
        self._keep()
        corrections.drop_unused(self.session, installed().files_dir, files)

    def _begin(self) -> tuple[ImportBatch, Order]:
        """What an attempt that died had staged is dropped first."""
        if self.claim.stale:
            staging.forget(self.session.connection(), self.claim.stale)
            self.session.commit()
        if self.claim.exhausted:
            raise Refusal(batches.HALF_LEFT if self.claim.half_undone else EXHAUSTED)
        batch = self.session.get_one(ImportBatch, self.claim.batch_id)
        by = self._asked_by(batch)
        if not batch.half_undone:
            run.may_import(by.actor, batch.kind)
        self.heart.watch(self.session.connection())
        self.told.check()
        return batch, run.order_of(batch, by.actor, by.scope, by.at, holder=self.claim.holder)

    def _asked_by(self, batch: ImportBatch) -> Acting:
        """With the rights of today; whoever has lost them keeps nothing from being taken back to its end. Only the
        command line asks in nobody's name."""
        user_id = batch.options.get("user")
        everybody = Acting(SYSTEM, EVERYTHING, self.clock())
        if batch.options.get("user", batch.person_id) is None:
            return everybody
        account = account_of(self.session, user_id) if user_id is not None else None
        actor = actor_of(self.session, account.user, self.clock()) if account is not None and account.active else None
        by = None if actor is None else Acting(actor, scope_for(actor), self.clock())
        if batch.half_undone and (by is None or not batches.is_theirs(batch, by.scope)):
            return everybody
        if by is None:
            raise Refusal(NO_ACCOUNT)
        return by

    @staticmethod
    def _as(order: Order) -> AbstractContextManager[Acting]:
        return acting_as(order.by, order.at, order.scope)

    def read(self, batch: ImportBatch, order: Order) -> None:
        load, choices = int(batch.options["load"]), from_kept(batch.options.get("choices"))
        choices = replace(choices, remember=batch.options.get("remember", False))
        staged = run.stage(
            self.session, batch.kind, kept(batch.sha256), batch.filename, order, choices, load=load, told=self.told
        )
        self._keep()
        batches.move(self.session, batch, order, BatchState.PREVIEWED, **run.outcome(batch, staged))
        run.keep_columns(self.session, staged)

    def reread(self, batch: ImportBatch, order: Order) -> None:
        take = Rereading(self.session, batch, order, kept, self.told).stage()
        self._keep()
        take()

    def commit(self, batch: ImportBatch, order: Order) -> None:
        skip = bool(batch.options.get("skip_errors"))
        commit(self.session, batch, order, skip_errors=skip, told=self.told)

    def undo(self, batch: ImportBatch, order: Order) -> None:
        undo(self.session, batch, order, self.told)

    def _keep(self) -> None:
        """From here on nothing is broken off."""
        self.heart.let_go()
        self.told.check()
        self.session.commit()

    def _give_up(self, refusal: Refusal) -> None:
        if self.told.cancelled:
            self._back(CANCELLED_TO, CANCELLED, {"name": self.told.cancelled_by})
        else:
            self._back(GIVEN_UP_TO, refusal.message, refusal.values)

    def _broken_off(self) -> None:
        """By whoever cancels it, or because the database was busy for too long: then somebody tries again."""
        if self.told.cancelled:
            self._back(CANCELLED_TO, CANCELLED, {"name": self.told.cancelled_by})
            return
        self.session.rollback()
        log.exception("import broken off", batch=self.claim.batch_id)
        self._leave_to_others()

    def _leave_to_others(self) -> None:
        self.heart.let_go()
        table = ImportBatch.__table__
        self.session.connection().execute(
            sa.update(table)
            .where(table.c.id == self.claim.batch_id, table.c.taken_by == self.claim.holder)
            .values(taken_by=None)
        )
        self.session.commit()

    def _back(self, to: dict[BatchState, BatchState], message: str, values: dict[str, Any]) -> None:
        """To where the batch came from, with a sentence. Who was taken for dead has nothing to say any more."""
        self.heart.let_go()
        self.session.rollback()
        batch = self.session.get_one(ImportBatch, self.claim.batch_id)
        options, state = batch.options, batches.way_back(batch, self.claim.state, to)
        told, files = broken_off.why(message) if state is BatchState.UNDOING else message, corrections.named(batch)
        said = batches.lasting(options) | {"said": [told, plain(values)]}
        connection = self.session.connection()
        if batches.pass_on(connection, batch.id, self.claim.holder, state, options=said, attempts=0):
            self.session.expire(batch)
            batches.drop_unread(connection, options, state)
            self._tell(batch)
        self.session.commit()
        progress.forget_wish(self.session.connection(), batch.id)
        self.session.commit()
        corrections.drop_unused(self.session, installed().files_dir, files)

    def _compare_again(self, refusal: Refusal) -> None:
        """Somebody else was quicker: what is left to do is shown before anything is written. A list of units has to be
        read again first."""
        self.session.rollback()
        try:
            batch, order = self._begin()
            if run.KINDS[batch.kind].changes_units:
                raise refusal
            with self._as(order):
                said = batch.options | {"said": [AGAIN, {}]}
                run.compare_again(self.session, batch, order, options=said)
            self._keep()
        except (Cancelled, Refusal):
            self._back(GIVEN_UP_TO, refusal.message, refusal.values)

    def _tell(self, batch: ImportBatch) -> None:
        """Whoever waited long is told where everything else is told."""
        at, state = self.clock(), BatchState(batch.state)
        if batch.person_id is None or state not in NEWS or batch.asked_at is None or at < batch.asked_at + TOLD_AFTER:
            return
        row = {
            "key": f"import:batch-{batch.id}:person-{batch.person_id}:{state}-{batch.asked_at:%Y%m%dT%H%M%S}",
            "event": "import",
            "person_id": batch.person_id,
            "message": self._news(state),
            "values": {"file": batch.filename, "batch": batch.id},
            **dict.fromkeys(("created_at", "deliver_at", "sent_at"), at),
        }
        post(self.session, [row])

    def _news(self, state: BatchState) -> str:
        if self.claim.state is BatchState.REREADING:
            return NEWS_OF_REREADING
        taken_back = self.claim.state is BatchState.UNDOING and state is BatchState.PREVIEWED
        return NEWS_OF_TAKING_BACK if taken_back else NEWS[state]


AGAIN = N_("The data changed before this was committed, so nothing was written; it has been compared again")
STEPS: dict[BatchState, Callable[[Attempt, ImportBatch, Order], None]] = {
    BatchState.READING: Attempt.read,
    BatchState.REREADING: Attempt.reread,
    BatchState.COMMITTING: Attempt.commit,
    BatchState.UNDOING: Attempt.undo,
}


def kept(sha256: str) -> bytes:
    return originals.read(installed().files_dir, sha256)


def plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, int) else str(value) for name, value in values.items()}

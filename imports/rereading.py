"""What a worker does when a file is read, or its rows are compared, once more. All of it is staged beside what waits;
the batch is changed by the last step alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from imports import batches, corrections, diff, missing, progress, run, sketch, staging, whereabouts
from imports.choices import Choices, from_kept
from imports.corrections import Fetch
from imports.kind import Order
from imports.progress import Progress
from models.imports import BatchState, ImportBatch
from rules.refusals import N_

CORRECT, WITHDRAW, COLUMNS, COMPARE = "correct", "withdraw", "columns", "compare"
DONE = {
    CORRECT: N_("The corrected rows have taken their place"),
    WITHDRAW: N_("The corrections were withdrawn; what was committed stays"),
    COLUMNS: N_("Read again with these columns; nothing was written yet"),
    COMPARE: N_("Compared with today's data"),
}
Take = Callable[[], None]
"""Lets the batch go on with what was staged."""


def has_gone_well(batch: ImportBatch) -> bool:
    return batch.said is not None and batch.said[0] in DONE.values()


@dataclass(frozen=True)
class Rereading:
    """The task of the batch: what to `do`; `files`, the corrections to lay over it; `choices` and whether to `remember`
    them; whether to `apply` them at once; `given`, what is said for the whole file; `load`, where to stage."""

    session: Session
    batch: ImportBatch
    order: Order
    fetch: Fetch
    told: Progress

    def stage(self) -> Take:
        """Raises Refusal."""
        task = self.batch.task
        take = STEPS[task["do"]](self, task)

        def taken() -> None:
            take()
            done = {"said": [DONE[task["do"]], {}]} if task.get("apply", True) and not self.batch.stopped else {}
            self.batch.options = batches.lasting(self.batch.options) | done

        return taken

    def correct(self, task: dict[str, Any]) -> Take:
        return self._restage(task["files"], task["load"])

    def columns(self, task: dict[str, Any]) -> Take:
        given = task.get("given", {})
        choices = replace(from_kept(task["choices"]), remember=task["remember"])
        take = replace(self, order=replace(self.order, **given))._read(choices, task["load"])

        def taken() -> None:
            take()
            self.batch.options = self.batch.options | given

        return taken

    def compare(self, task: dict[str, Any]) -> Take:
        """By the file itself where the rows that waited are gone, or hang on each other as units do."""
        before, place = int(self.batch.options["load"]), int(task["load"])
        connection = self.session.connection()
        if run.KINDS[self.batch.kind].changes_units:
            return self._restage(corrections.files_of(self.batch), place)
        if not self.batch.written and sketch.load(connection, before) is None:
            return self._read(from_kept(self.batch.options.get("choices")), place)
        self.told.enter(progress.COMPARING)
        staging.copy(connection, before, place)
        staging.let_others_in(connection)
        kind = run.KINDS[self.batch.kind](self.session, self.order, place)
        staging.gather_statistics(connection, kind.stage, sum(self.batch.counts.values()))
        counts: dict[str, Any] = diff.compare(kind)
        run.refuse_if_gone(counts)
        noted = whereabouts.noted(kind, self.batch.options) | missing.noted(kind)
        options = self.batch.options | noted | {"load": place}
        return lambda: self._take(before, options, counts)

    def _restage(self, files: Sequence[str], place: int) -> Take:
        found = corrections.stage_again(
            self.session, self.batch, self.order, files, self.fetch, place=place, told=self.told
        )
        if self.batch.task["do"] == COMPARE:
            run.refuse_if_gone(found.staged.counts)
        return lambda: corrections.replace(self.session, self.batch, self.order, found)

    def _take(self, before: int, options: dict[str, Any], counts: dict[str, Any]) -> None:
        batches.move(self.session, self.batch, self.order, BatchState.PREVIEWED, options=options, **counts)
        staging.forget(self.session.connection(), before)

    def _read(self, choices: Choices, place: int) -> Take:
        batch = self.batch
        laid = corrections.laid(self.session, batch, corrections.files_of(batch), self.fetch)
        staged = run.stage(
            self.session,
            batch.kind,
            self.fetch(batch.sha256),
            batch.filename,
            self.order,
            choices,
            amendments=laid,
            load=place,
            told=self.told,
        )
        return lambda: run.read_again(self.session, batch, staged)


STEPS: dict[str, Callable[[Rereading, dict[str, Any]], Take]] = {
    CORRECT: Rereading.correct,
    WITHDRAW: Rereading.correct,
    COLUMNS: Rereading.columns,
    COMPARE: Rereading.compare,
}

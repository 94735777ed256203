"""What workers do for an import: how it is asked for, watched, cancelled and taken back."""

from dataclasses import dataclass
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_appbuilder import expose, has_access
from flask_babel import gettext, ngettext

from imports import batches, conflicts, corrections, progress
from imports.conflicts import Conflict
from imports.undo import may_undo
from models import db
from models.imports import BATCH_STATE_LABELS, BatchState, ImportBatch
from rules.batches import LEASE
from rules.refusals import N_
from settings import installed
from views.asking import asked_number
from views.import_columns import way_on
from views.import_files import ask, of_batch, order_for
from views.import_roster import refuse_undecided, taken_back_too
from views.kit.context import now
from views.saving import attempt
from views.words import sentences

PAGE = 50
WHY = {
    conflicts.GONE: N_("It was removed in the meantime"),
    conflicts.CHANGED: N_("It was changed in the meantime"),
    conflicts.NEWER: N_("Something was added to it in the meantime: %(what)s"),
    conflicts.HELD: N_("Others depend on it: %(what)s"),
    conflicts.LOST: N_("What it referred to before is no longer there"),
    conflicts.TAKEN: N_("Another entry bears its number now"),
    conflicts.MERGED: N_("It has merged, and what moved along has been worked on since"),
    conflicts.AWAY: N_("Whoever had it before could not be given back what they held"),
}
HOLDERS = {
    "account": N_("Account"),
    "unit": N_("Unit"),
    "unit_alias": N_("Other names"),
    "unit_change": N_("Mergers and splits"),
    "person": N_("Person"),
    "household": N_("Resident households"),
    "organisation": N_("Organisations"),
    "ticket": N_("Requests"),
    "leg": N_("Handling by a unit"),
    "ticket_event": N_("A step on its way"),
    "rating": N_("Rating"),
    "reporter": N_("Reporter"),
    "attachment": N_("Attachments"),
    "duty": N_("Duty"),
    "category": N_("Categories"),
    "category_suggestion": N_("Suggestions of categories"),
    "visit": N_("Visits"),
    "visitor": N_("Visits"),
    "topic": N_("Topics"),
    "stand_in": N_("Stand-in"),
    "application": N_("Application"),
    "meeting": N_("Meeting"),
    "meeting_unit": N_("Meeting"),
    "supervision": N_("Supervision"),
    "follow_up": N_("Follow-up call"),
    "mediation": N_("Mediation"),
    "credit": N_("Credit"),
    "ticket_outcome": N_("Outcomes"),
    "common_issue": N_("Common issues"),
    "common_issue_member": N_("Common issues"),
    "calendar_change": N_("Changes of the calendar"),
    "call_script": N_("What to say"),
    "reply_template": N_("Reply template"),
    "task": N_("Tasks"),
    "evaluation_score": N_("Evaluation"),
    "policy_version": N_("Policies"),
    "header_choice": N_("Columns"),
    "notice": N_("Notice"),
    "change": N_("Audit log"),
    "import_batch": N_("Import"),
}
OTHERS = N_("Other entries")


@dataclass(frozen=True)
class Working:
    """`percent` is None where nobody knows how much is left."""

    state: str
    words: str
    percent: int | None
    hint: str = ""
    may_be_cancelled: bool = True


class AtWork:
    """Mixed into the screen of imports."""

    @expose("/progress/<pk>")
    @has_access
    def progress(self, pk: Any) -> Response:
        """A piece of the page; once the work is over, the page itself."""
        batch: ImportBatch = self._row(pk)  # type: ignore[attr-defined]
        if batch.at_work:
            return make_response(render_template("imports/working.html", working=working(batch)))
        if way := way_on(batch):
            return Response(status=204, headers={"HX-Redirect": way})
        return Response(status=204, headers={"HX-Refresh": "true"})

    @expose("/cancel/<pk>", methods=["POST"])
    @has_access
    def cancel(self, pk: Any) -> Any:
        return self._do(pk, ask_to_cancel)

    @expose("/commit/<pk>", methods=["POST"])
    @has_access
    def commit(self, pk: Any) -> Any:
        return self._do(pk, lambda batch: ask_to_commit(batch, skip_errors=False))

    @expose("/commit-good/<pk>", methods=["POST"])
    @has_access
    def commit_good(self, pk: Any) -> Any:
        return self._do(pk, lambda batch: ask_to_commit(batch, skip_errors=True))

    @expose("/undo/<pk>", methods=["POST"])
    @has_access
    def undo(self, pk: Any) -> Any:
        return self._do(pk, ask_to_undo)

    def _do(self, pk: Any, do: Any) -> Any:
        batch = self._row(pk)  # type: ignore[attr-defined]
        if problem := attempt(lambda: do(batch)):
            flash(problem, "danger")
        return redirect(url_for("ImportView.show", pk=pk, then=request.args.get("then")))


def ask_to_commit(batch: ImportBatch, *, skip_errors: bool) -> None:
    batches.refuse_errors(batch, skip_errors=skip_errors)
    refuse_undecided(batch)
    ask(batch, BatchState.COMMITTING, skip_errors=skip_errors)


def ask_to_undo(batch: ImportBatch) -> None:
    may_undo(batch)
    ask(batch, BatchState.UNDOING)


def ask_to_cancel(batch: ImportBatch) -> None:
    """The worker hears of it without waiting for the data; where there is none, that is all it takes."""
    order = order_for(batch)
    batches.may_decide(batch, order)
    batches.refuse_to_stop(batch)
    if batch.at_work:
        progress.ask_to_cancel(db.session.connection(), batch.id, order.by.name)
        db.session.commit()
        files = corrections.named(batch)
        if batches.cancel_unless_taken(db.session(), batch, order):
            db.session.commit()
            corrections.drop_unused(db.session(), installed().files_dir, files)


def working(batch: ImportBatch) -> Working | None:
    if not batch.at_work:
        return None
    state, later = gettext(BATCH_STATE_LABELS[BatchState(batch.state)]), ""
    if batch.half_written and batch.state == BatchState.UNDOING:
        state = gettext("Being taken back")
        later = gettext("After that the import waits in the preview as before, and can be committed again.")
    connection = db.session.connection()
    if who := progress.wants_cancel(connection, batch.id):
        said = gettext("It is being cancelled; %(name)s asked for it", name=who)
        return Working(state, said, None, may_be_cancelled=False)
    open_to_it = not batch.half_undone
    heard = progress.heard(connection, batch.taken_by, batch.taken_at)
    if heard is None or not heard.lives(now()):
        return Working(state, gettext("Waiting for a worker"), None, hint(batch) or later, open_to_it)
    words = gettext(heard.phase)
    if heard.total:
        words += " " + gettext("%(done)s of about %(total)s", done=f"{heard.done:,}", total=f"{heard.total:,}")
    return Working(state, words, heard.percent, later, open_to_it)


def hint(batch: ImportBatch) -> str:
    if batch.taken_by is not None:
        return gettext("The worker that had it has ended; another takes it up in a moment.")
    if batch.asked_at is not None and now() > batch.asked_at + LEASE:
        return gettext("No worker has taken it up yet: whoever runs the console has to start one (flask jobs work).")
    return ""


def undo_action(batch: ImportBatch) -> list[dict[str, Any]]:
    if batch.state != BatchState.COMMITTED or not ("trace" in batch.options or batch.half_written):
        return []
    sure = gettext(
        "Undo this import? %(new)s new entries are removed and %(changed)s changed ones get back what they held."
        " What has gone on since is left alone and listed.",
        new=f"{batch.new:,}",
        changed=f"{batch.changed:,}",
    )
    sure = sentences(sure, taken_back_too(batch))
    url = url_for("ImportView.undo", pk=batch.id)
    return [
        {"label": gettext("Undo"), "url": url, "method": "post", "icon": "fa-rotate-left", "danger": True}
        | {"confirm": sure}
    ]


class Left:
    """What could not be taken back, by the page."""

    def __init__(self, batch: ImportBatch) -> None:
        self.count = batch.left
        self.number = asked_number("page_Left", 0, 100_000)
        self.size = max(asked_number("psize_Left", PAGE, 2 * PAGE), 1)
        self.rows = conflicts.found(of_batch(batch), batch, self.size, self.number * self.size) if self.count else []


def why(conflict: Conflict) -> str:
    return gettext(WHY[conflict.code], what=gettext(HOLDERS.get(conflict.table, OTHERS)))


def stayed_in_words(batch: ImportBatch) -> str:
    return ngettext(
        "What had been written was taken back, but for %(num)s record that has been worked on since: it stays.",
        "What had been written was taken back, but for %(num)s records that have been worked on since: they stay.",
        batch.stayed["left"],
    )


def undone_in_words(batch: ImportBatch) -> str:
    undone = batch.undone
    said = gettext("%(removed)s removed, %(restored)s restored.", **undone)
    left = undone.get("left", 0)
    return sentences(said, ngettext("%(num)s was left alone.", "%(num)s were left alone.", left) if left else "")

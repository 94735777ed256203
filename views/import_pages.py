"""What is shown of one import: its counts as tabs, its rows by the page, what may be done with it."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from flask import current_app, request, url_for
from flask_babel import gettext, ngettext

from imports import preview, run, staging
from imports.cells import CellError
from imports.choices import from_kept
from imports.encodings import LABELS
from imports.headers import plain
from imports.kind import Note
from imports.mapping import How
from imports.passed import WHY_LABELS
from imports.rereading import has_gone_well
from models import db
from models.imports import BatchState, ImportBatch
from models.units import Unit
from rules.batches import AT_WORK
from rules.refusals import N_, Refusal, Term
from views.asking import asked_number
from views.import_columns import HOW_LABELS
from views.import_corrections import asked_code, chips, correcting, waits_again
from views.import_files import kind_title, meant_words, of_batch, original_of
from views.import_roster import about_to_leave, awaited, handed_in_words, roster_of
from views.import_work import Left, stayed_in_words, undo_action, undone_in_words, why, working
from views.saving import say
from views.words import sentences

PAGE, SHEETS_NAMED = 50, 3
RESULTS = {
    "units": "UnitView.list",
    "people": "PersonView.list",
    "households": "HouseholdView.list",
    "organisations": "OrganisationView.list",
    "tickets": "TicketView.list",
    "visits": "VisitView.list",
    "topics": "TopicView.list",
    "tasks": "TaskView.list",
    "categories": "CategoryView.list",
    "duties": "DutyView.list",
}
MISSING = "missing"
TAB_LABELS = {
    staging.ERROR: N_("Errors"),
    staging.NEW: N_("New"),
    staging.CHANGED: N_("Changed"),
    staging.SAME: N_("Unchanged"),
    MISSING: N_("Missing from the file"),
}


@dataclass(frozen=True)
class Matched:
    """One of our columns and the heading it was read from; `sheets` names those where it is so, if it is not all."""

    sheets: str
    title: str
    heading: str
    how: str


class BatchPage:
    def __init__(self, batch: ImportBatch) -> None:
        self.batch = batch
        self.open = batch.state == BatchState.PREVIEWED
        self.counts = batch.counts | {MISSING: batch.missing or 0}
        self.tab = self._asked_tab()
        self.code = asked_code(batch) if self.tab == staging.ERROR else ""
        self.number = asked_number("page_Rows", 0, 100_000)
        self.size = max(asked_number("psize_Rows", PAGE, 2 * PAGE), 1)

    @cached_property
    def shown_tabs(self) -> list[str]:
        """What is decided keeps only its errors."""
        if self.open:
            whole = self.batch.missing is not None
            return [] if self.batch.stopped else [op for op in TAB_LABELS if whole or op != MISSING]
        return [staging.ERROR] if run.count_errors(db.session(), self.batch) else []

    def _asked_tab(self) -> str:
        """Or the first that has rows."""
        asked = request.args.get("tab", "")
        filled = [op for op in self.shown_tabs if self.counts[op]]
        return asked if asked in self.shown_tabs else next(iter([*filled, *self.shown_tabs]), "")

    @property
    def tabs(self) -> list[dict[str, Any]]:
        return [
            {
                "label": gettext(TAB_LABELS[op]),
                "count": self.counts[op],
                "active": op == self.tab,
                "href": url_for("ImportView.show", pk=self.batch.id, tab=op),
            }
            for op in self.shown_tabs
        ]

    @cached_property
    def count(self) -> int:
        return (
            run.count_errors(db.session(), self.batch, self.code)
            if self.tab == staging.ERROR
            else self.counts[self.tab]
        )

    @cached_property
    def errors(self) -> list[CellError]:
        return run.errors(db.session(), self.batch, self.size, self.number * self.size, self.code)

    @property
    def chips(self) -> list[dict[str, Any]]:
        return chips(self.batch, self.code)

    @cached_property
    def rows(self) -> list[preview.Row]:
        return preview.page(of_batch(self.batch), self.tab, limit=self.size, offset=self.number * self.size)

    @cached_property
    def missing(self) -> list[preview.Missing]:
        """A page of those that the file leaves out."""
        offset = self.number * self.size
        return preview.missing_page(of_batch(self.batch), limit=self.size, offset=offset) if self.count else []


def said(problem: CellError | Note) -> str:
    return say(Refusal(problem.message, **problem.values))


def worded(text: str) -> str:
    return gettext(text) if isinstance(text, Term) else text


def how_before(title: str, heading: str) -> How:
    """Of imports that did not say."""
    return How.EXACT if plain(title) == plain(heading) else How.SYNONYM


def columns_of(batch: ImportBatch) -> list[Matched]:
    """Each once, however many sheets have it."""
    how = batch.options.get("how", {})
    found: dict[tuple[str, str, How], list[str]] = {}
    for sheet, headings in batch.mapping.items():
        for title, heading in headings.items():
            found_by = How(how.get(sheet, {}).get(title, how_before(title, heading)))
            found.setdefault((title, heading, found_by), []).append(sheet)
    return [
        Matched(sheets_named(names, batch), title, heading, gettext(HOW_LABELS[found_by]))
        for (title, heading, found_by), names in found.items()
    ]


def sheets_named(names: list[str], batch: ImportBatch) -> str:
    """Nothing for all there are."""
    if len(names) == len(batch.mapping):
        return ""
    return "、".join(names[:SHEETS_NAMED]) + ("…" if len(names) > SHEETS_NAMED else "")


def passed_over(batch: ImportBatch) -> list[tuple[str, int]]:
    """Rows that were no data, by sort."""
    counts: Counter[str] = sum((Counter(found) for found in batch.options.get("passed", {}).values()), Counter())
    return [(gettext(label), counts[why]) for why, label in WHY_LABELS.items() if counts[why]]


def said_of_file(batch: ImportBatch) -> list[str]:
    """What a person said of it beside its columns."""
    choices = from_kept(batch.options.get("choices"))
    found = [f"{gettext('Encoding')} {LABELS[choices.encoding]}"] if choices.encoding else []
    for name in dict.fromkeys([*choices.sheets, *batch.mapping]):
        sheet = choices.of(name)
        if sheet.header:
            found.append(gettext("“%(sheet)s”: headings in row %(row)s, by hand", sheet=name, row=sheet.header[0]))
        if sheet.hidden_rows:
            found.append(gettext("“%(sheet)s”: hidden rows are read too", sheet=name))
    return found


def imported_before(batch: ImportBatch) -> ImportBatch | None:
    """The same file, committed earlier."""
    return db.session.scalar(
        sa.select(ImportBatch)
        .where(
            ImportBatch.sha256 == batch.sha256,
            ImportBatch.kind == batch.kind,
            ImportBatch.state == BatchState.COMMITTED.value,
            ImportBatch.id != batch.id,
        )
        .order_by(ImportBatch.id.desc())
        .limit(1)
    )


def imported_beside(batch: ImportBatch) -> ImportBatch | None:
    """The same file, on its way in somebody else's hands."""
    return db.session.scalar(
        sa.select(ImportBatch)
        .where(
            ImportBatch.sha256 == batch.sha256,
            ImportBatch.kind == batch.kind,
            ImportBatch.state.in_([*AT_WORK, BatchState.PREVIEWED]),
            ImportBatch.id != batch.id,
        )
        .order_by(ImportBatch.id.desc())
        .limit(1)
    )


def unit_chosen(batch: ImportBatch) -> str:
    """For rows that name none, when the file was uploaded."""
    code = batch.options.get("unit")
    return (code and db.session.scalar(sa.select(Unit.name).where(Unit.code == code))) or ""


def result_of(batch: ImportBatch) -> str | None:
    """The list in which the rows stand now."""
    endpoint = RESULTS.get(batch.kind, "")
    return url_for(endpoint) if endpoint in current_app.view_functions else None


def actions_on(batch: ImportBatch, undecided: int = 0) -> list[dict[str, Any]]:
    """`undecided` people have open work that nobody takes over."""
    if batch.state != BatchState.PREVIEWED:
        return undo_action(batch)
    discard = _button(batch, "discard", gettext("Discard"), "fa-trash")
    discard |= {"danger": True, "confirm": gettext("Discard this import? Nothing of it is written.")}
    columns = {"label": gettext("Change the columns"), "url": url_for("ImportColumnsView.columns", pk=batch.id)}
    columns["icon"] = "fa-table-columns"
    if batch.stopped:
        return [columns | {"label": gettext("Say which columns are which"), "primary": True}, discard]
    good = batch.new + batch.changed
    leaving = about_to_leave(batch)
    rows = ngettext("Commit %(count)s row", "Commit %(count)s rows", good, count=f"{good:,}")
    if leaving:
        left = gettext("mark %(count)s as left", count=leaving)
        rows = gettext("%(commit)s, %(left)s", commit=rows, left=left) if good else left[0].upper() + left[1:]
    whole = _button(batch, "commit", rows, "fa-check")
    open_work = gettext("for %(count)s people with open work nobody is chosen", count=undecided) if undecided else ""
    found = [whole | {"primary": True, "disabled_reason": _barred(batch, good + leaving) or open_work}]
    if batch.error and good:
        found.append(_button(batch, "commit_good", gettext("Commit the %(count)s good rows only", count=f"{good:,}")))
        found[-1]["disabled_reason"] = open_work
        stay_out = ngettext(
            "%(count)s row with errors stays out. Commit the others?",
            "%(count)s rows with errors stay out. Commit the others?",
            batch.error,
            count=f"{batch.error:,}",
        )
        found[-1]["confirm"] = stay_out
    found.append(_button(batch, "compare", gettext("Compare again"), "fa-rotate"))
    if waits_again(batch):
        return [*found, _button(batch, "withdraw", gettext("Withdraw the corrections"), "fa-rotate-left")]
    return [*found, columns, discard]


def _button(batch: ImportBatch, does: str, label: str, icon: str = "") -> dict[str, Any]:
    return {"label": label, "url": url_for(f"ImportView.{does}", pk=batch.id), "method": "post", "icon": icon}


def _barred(batch: ImportBatch, good: int) -> str:
    if batch.error:
        return ngettext("%(count)s row is wrong", "%(count)s rows are wrong", batch.error, count=f"{batch.error:,}")
    return "" if good else gettext("nothing would change")


STEPS = {
    BatchState.WAITING: 1,
    BatchState.READING: 1,
    BatchState.PREVIEWED: 3,
    BatchState.REREADING: 3,
    BatchState.COMMITTING: 4,
    BatchState.COMMITTED: 5,
    BatchState.UNDOING: 5,
}


def step_of(batch: ImportBatch) -> int | None:
    """From upload to commit; beyond the last when all are done, None where the import has come to its end otherwise."""
    step = STEPS.get(BatchState(batch.state))
    if batch.stopped and step == STEPS[BatchState.PREVIEWED]:
        return 2
    return STEPS[BatchState.COMMITTING] if batch.half_written else step


def page_of(batch: ImportBatch) -> dict[str, Any]:
    """What the template is given."""
    page, roster = BatchPage(batch), roster_of(batch)
    return {
        "title": batch.filename,
        "batch": batch,
        "kind": kind_title(batch.kind),
        "page": page,
        "mending": correcting(batch, page.code),
        "written": waits_again(batch),
        "notes": [said(note) for note in run.notes(batch)],
        "columns": columns_of(batch),
        "counts": {name: f"{count:,}" for name, count in batch.counts.items()},
        "before": imported_before(batch),
        "stopped": said(Note(*batch.stopped)) if batch.stopped else "",
        "meant": meant_words(batch),
        "passed": passed_over(batch),
        "chosen": said_of_file(batch),
        "unit": unit_chosen(batch),
        "beside": imported_beside(batch),
        "working": working(batch),
        "told": said(Note(*batch.said)) if batch.said else "",
        "well": has_gone_well(batch),
        "then": request.args.get("then"),
        "left": Left(batch),
        "why": why,
        "roster": roster,
        "awaited": awaited(batch),
        "handed": handed_in_words(batch),
        "undone": undone_in_words(batch) if batch.undone else "",
        "stayed": stayed_in_words(batch) if batch.stayed else "",
        "step": step_of(batch),
        "actions": actions_on(batch, len(roster.plan.undecided) if roster else 0),
        "result": result_of(batch),
        "record": RESULTS[batch.kind].replace(".list", ".show"),
        "original": url_for("ImportView.original", pk=batch.id) if original_of(batch).exists() else None,
        "said": said,
        "sentences": sentences,
        "worded": worded,
    }

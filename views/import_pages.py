"""What is shown of one import: its counts as tabs, its rows by the page, what may be done with it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from flask import current_app, request, url_for
from flask_babel import gettext, ngettext

from imports import preview, run, staging
from imports.cells import CellError
from imports.headers import plain
from imports.kind import Note
from models import db
from models.imports import BatchState, ImportBatch
from rules.refusals import N_, Refusal, Term
from views.asking import asked_number
from views.import_corrections import asked_code, chips, correcting, waits_again
from views.import_files import kind_title, of_batch, original_of
from views.saving import say

PAGE = 50
RESULTS = {"units": "UnitView.list", "people": "PersonView.list", "tickets": "TicketView.list"}
TAB_LABELS = {
    staging.ERROR: N_("Errors"),
    staging.NEW: N_("New"),
    staging.CHANGED: N_("Changed"),
    staging.SAME: N_("Unchanged"),
}


@dataclass(frozen=True)
class Matched:
    """One of our columns and the heading it was read from."""

    sheet: str
    title: str
    heading: str
    exact: bool


class BatchPage:
    def __init__(self, batch: ImportBatch) -> None:
        self.batch = batch
        self.open = batch.state == BatchState.PREVIEWED
        self.counts = batch.counts
        self.tab = self._asked_tab()
        self.code = asked_code(batch) if self.tab == staging.ERROR else ""
        self.number = asked_number("page_Rows", 0, 100_000)
        self.size = max(asked_number("psize_Rows", PAGE, 2 * PAGE), 1)

    @cached_property
    def shown_tabs(self) -> list[str]:
        """What is decided keeps only its errors."""
        if self.open:
            return list(TAB_LABELS)
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


def said(problem: CellError | Note) -> str:
    return say(Refusal(problem.message, **problem.values))


def worded(text: str) -> str:
    return gettext(text) if isinstance(text, Term) else text


def columns_of(batch: ImportBatch) -> list[Matched]:
    return [
        Matched(sheet, title, heading, plain(title) == plain(heading))
        for sheet, headings in batch.mapping.items()
        for title, heading in headings.items()
    ]


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


def result_of(batch: ImportBatch) -> str | None:
    """The list in which the rows stand now."""
    endpoint = RESULTS.get(batch.kind, "")
    return url_for(endpoint) if endpoint in current_app.view_functions else None


def actions_on(batch: ImportBatch) -> list[dict[str, Any]]:
    if batch.state != BatchState.PREVIEWED:
        return []
    good = batch.new + batch.changed
    whole = _button(batch, "commit", ngettext("Commit %(num)s row", "Commit %(num)s rows", good), "fa-check")
    found = [whole | {"primary": True, "disabled_reason": _barred(batch, good)}]
    if batch.error and good:
        found.append(_button(batch, "commit_good", gettext("Commit the %(count)s good rows only", count=good)))
        found[-1]["confirm"] = gettext("%(count)s rows with errors stay out. Commit the others?", count=batch.error)
    found.append(_button(batch, "compare", gettext("Compare again"), "fa-rotate"))
    if waits_again(batch):
        return [*found, _button(batch, "withdraw", gettext("Withdraw the corrections"), "fa-rotate-left")]
    discard = _button(batch, "discard", gettext("Discard"), "fa-trash")
    return [*found, discard | {"danger": True, "confirm": gettext("Discard this import? Nothing of it is written.")}]


def _button(batch: ImportBatch, does: str, label: str, icon: str = "") -> dict[str, Any]:
    return {"label": label, "url": url_for(f"ImportView.{does}", pk=batch.id), "method": "post", "icon": icon}


def _barred(batch: ImportBatch, good: int) -> str:
    if batch.error:
        return gettext("%(count)s rows are wrong", count=batch.error)
    return "" if good else gettext("nothing would change")


def page_of(batch: ImportBatch) -> dict[str, Any]:
    """What the template is given."""
    page = BatchPage(batch)
    return {
        "title": batch.filename,
        "batch": batch,
        "kind": kind_title(batch.kind),
        "page": page,
        "mending": correcting(batch, page.code),
        "written": waits_again(batch),
        "notes": [said(note) for note in run.notes(batch)],
        "columns": columns_of(batch),
        "before": imported_before(batch),
        "actions": actions_on(batch),
        "result": result_of(batch),
        "original": url_for("ImportView.original", pk=batch.id) if original_of(batch).exists() else None,
        "said": said,
        "worded": worded,
    }

"""The wrong rows of an import: out to Excel, and back into the same batch."""

from pathlib import PurePath
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_babel import gettext

from imports import batches, corrections, originals, run
from imports.amendments import read_corrections
from imports.error_book import MOST_ROWS, error_book
from imports.error_words import ERROR_WORDS, OTHER
from imports.guard import MAX_BYTES
from imports.kind import Order
from imports.rereading import CORRECT, WITHDRAW
from jobs.importing import kept
from models import db
from models.imports import BatchState, ImportBatch
from rules.refusals import N_, Refusal
from settings import installed
from views.downloads import attached
from views.import_files import ask_again, order_for, sent
from views.saving import say

OPEN = {state.value for state in corrections.OPEN}
SMALL = 1 << 20
"""Bytes that are looked at before they are kept."""


def laid_beside(batch: ImportBatch, data: bytes) -> list[str]:
    """The corrections of the batch and these, which are kept. What is small and no error workbook is told so at once.
    Raises Refusal."""
    batches.refuse_unless_in(batch, corrections.OPEN)
    if not data:
        raise Refusal(N_("Choose a file"))
    if len(data) <= SMALL:
        read_corrections(batch.id, data)
    fresh = originals.keep(installed().files_dir, data)
    return [*(name for name in corrections.files_of(batch) if name != fresh), fresh]


def take_in(batch: ImportBatch, data: bytes) -> None:
    files = laid_beside(batch, data)
    try:
        ask_again(batch, CORRECT, files=files)
    except Refusal:
        corrections.drop_unused(db.session(), installed().files_dir, files[-1:])
        raise


def give_up(batch: ImportBatch) -> None:
    if waits_again(batch):
        ask_again(batch, WITHDRAW, files=corrections.withdrawn(batch))


def asked_code(batch: ImportBatch) -> str:
    code = request.args.get("code", "")
    return code if code in run.count_by_code(db.session(), batch) else ""


def chips(batch: ImportBatch, chosen: str) -> list[dict[str, Any]]:
    """All errors, then those of each code, if there is more than one."""
    found = run.count_by_code(db.session(), batch)
    every = [("", gettext("All"), sum(found.values()))]
    named = [(code, gettext(ERROR_WORDS.get(code, OTHER)), count) for code, count in found.items()]
    return [
        {
            "label": label,
            "count": count,
            "active": code == chosen,
            "href": url_for("ImportView.show", pk=batch.id, tab="error", code=code or None),
        }
        for code, label, count in ([*every, *named] if len(named) > 1 else [])
    ]


def correcting(batch: ImportBatch, code: str) -> dict[str, Any] | None:
    """What the page offers for the wrong rows; None where there is nothing to correct or no file to read."""
    if batch.state not in OPEN or not batch.error:
        return None
    if not originals.path_of(installed().files_dir, batch.sha256).is_file():
        return None
    return {
        "download": url_for("ImportView.error_book", pk=batch.id, code=code or None),
        "upload": url_for("ImportView.correct", pk=batch.id),
        "first": MOST_ROWS if batch.error > MOST_ROWS else 0,
        "most": MAX_BYTES,
    }


def waits_again(batch: ImportBatch) -> dict[str, int] | None:
    """What was committed before the corrections came that wait now."""
    return batch.written if batch.state == BatchState.PREVIEWED else None


class Correcting:
    """The part of the imports' screens that mends."""

    @expose("/errors/<pk>")
    @has_access
    def error_book(self, pk: Any) -> Any:
        batch = self._row(pk)  # type: ignore[attr-defined]
        try:
            return book_of(batch, asked_code(batch))
        except Refusal as refusal:
            flash(say(refusal), "danger")
            return redirect(url_for("ImportView.show", pk=pk))

    @expose("/correct/<pk>", methods=["POST"])
    @has_access
    def correct(self, pk: Any) -> Any:
        file = request.files.get("file")
        return self._do(pk, lambda batch: take_in(batch, sent(file) if file else b""))  # type: ignore[attr-defined]

    @expose("/withdraw/<pk>", methods=["POST"])
    @has_access
    def withdraw(self, pk: Any) -> Any:
        return self._do(pk, give_up)  # type: ignore[attr-defined]


def workbook_of(batch: ImportBatch, order: Order, code: str = "") -> bytes:
    """Its wrong rows, in the language of whoever asks."""
    laid = corrections.amendments(batch, kept)
    worded = lambda message, values: say(Refusal(message, **values))  # noqa: E731
    return error_book(db.session(), batch, order, kept(batch.sha256), laid, worded, code)


def book_of(batch: ImportBatch, code: str) -> Response:
    data = workbook_of(batch, order_for(batch), code)
    return attached(data, "xlsx", gettext("%(name)s, to correct", name=PurePath(batch.filename).stem))

"""The wrong rows of an import: out to Excel, and back into the same batch."""

import hashlib
from functools import partial
from pathlib import PurePath
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_babel import gettext

from imports import corrections, originals, run
from imports.error_book import MOST_ROWS, error_book
from imports.error_words import ERROR_WORDS, OTHER
from imports.guard import MAX_BYTES
from models import db
from models.imports import BatchState, ImportBatch
from rules.refusals import N_, Refusal
from settings import installed
from views.downloads import attached
from views.import_files import order_for
from views.saving import saved, say

OPEN = {state.value for state in corrections.OPEN}


def kept(sha256: str) -> bytes:
    try:
        return originals.path_of(installed().files_dir, sha256).read_bytes()
    except FileNotFoundError:
        raise Refusal(N_("The file of this import is no longer kept here: upload it again")) from None


def take_in(batch: ImportBatch, data: bytes) -> None:
    """Reads and compares before anything is kept. Raises Refusal."""
    fresh = hashlib.sha256(data).hexdigest()
    files = [*(name for name in corrections.files_of(batch) if name != fresh), fresh]
    restage(batch, files, fresh, data)


def give_up(batch: ImportBatch) -> None:
    restage(batch, corrections.withdrawn(batch))


def restage(batch: ImportBatch, files: list[str], fresh: str = "", data: bytes = b"") -> None:
    session, order = db.session(), order_for(batch)
    found = corrections.stage_again(session, batch, order, files, lambda name: data if name == fresh else kept(name))
    session.commit()
    if data:
        originals.keep(installed().files_dir, data)
    corrections.replace(session, batch, order, found)


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
        batch = self._row(pk)  # type: ignore[attr-defined]
        file = request.files.get("file")
        data = file.read(MAX_BYTES + 1) if file else b""
        if data:
            saved(partial(take_in, batch, data), gettext("The corrected rows have taken their place"))
        else:
            flash(gettext("Choose a file"), "danger")
        return redirect(url_for("ImportView.show", pk=pk))

    @expose("/withdraw/<pk>", methods=["POST"])
    @has_access
    def withdraw(self, pk: Any) -> Any:
        batch = self._row(pk)  # type: ignore[attr-defined]
        if waits_again(batch):
            saved(partial(give_up, batch), gettext("The corrections were withdrawn; what was committed stays"))
        return redirect(url_for("ImportView.show", pk=pk))


def book_of(batch: ImportBatch, code: str) -> Response:
    laid = corrections.amendments(batch, kept)
    worded = lambda message, values: say(Refusal(message, **values))  # noqa: E731
    data = error_book(db.session(), batch, order_for(batch), kept(batch.sha256), laid, worded, code)
    return attached(data, "xlsx", gettext("%(name)s, to correct", name=PurePath(batch.filename).stem))

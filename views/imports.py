"""Imports 导入: spreadsheets in, from upload over preview to commit, and what came in before."""

from functools import reduce
from typing import Any

from flask import Response, abort, flash, redirect, request, send_file, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.models.sqla.filters import FilterInFunction
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from imports import run
from imports.guard import MAX_BYTES
from models import db
from models.imports import BATCH_STATE_LABELS, BatchState, ImportBatch
from rules.refusals import N_
from views.downloads import attached
from views.import_columns import ask_to_compare, way_on
from views.import_corrections import Correcting
from views.import_files import (
    NEEDS,
    Incoming,
    blank_form,
    kind_title,
    my_kinds,
    order_for,
    original_of,
    sample_of,
    template_name,
    template_of,
)
from views.import_pages import page_of
from views.import_roster import asked, keep
from views.import_work import AtWork
from views.kit.interface import ScopedInterface
from views.kit.views import READ, READ_ONLY, WRITE, ScopedView
from views.saving import attempt, saved

COUNTS = {
    "new": N_("new %(count)s"),
    "changed": N_("changed %(count)s"),
    "same": N_("same %(count)s"),
    "error": N_("wrong %(count)s"),
    "left": N_("left alone %(count)s"),
}
WAITS = {"columns": N_("Waits for its columns"), "corrections": N_("Corrections wait")}
FACE = ["filename", "id", "created_at", "kind", "standing", "outcome", "name", "short_sha256"]


def kind_choices() -> list[tuple[str, str]]:
    return [(name, kind_title(name)) for name in run.KINDS]


def in_words(outcome: dict[str, int]) -> str:
    """Nothing for none."""
    counted = [gettext(words, count=f"{outcome[name]:,}") for name, words in COUNTS.items() if outcome[name]]
    return reduce(_beside, counted) if counted else ""


def _beside(first: str, second: str) -> str:
    return gettext("%(first)s, %(second)s", first=first, second=second)


def standing_in_words(standing: tuple[str, str, str]) -> str:
    state, undone_by, waits = standing
    label = gettext(WAITS[waits] if waits else BATCH_STATE_LABELS[BatchState(state)])
    return gettext("%(state)s by %(name)s", state=label, name=undone_by) if undone_by else label


class ImportView(AtWork, Correcting, ScopedView):
    route_base = "/imports"
    datamodel = ScopedInterface(ImportBatch)
    exclude_route_methods = READ_ONLY
    method_permission_name = {
        **dict.fromkeys(("upload", "commit", "commit_good", "compare", "discard", "sample", "template"), WRITE),
        **dict.fromkeys(("cancel", "undo", "correct", "withdraw", "roster"), WRITE),
        **dict.fromkeys(("original", "progress", "error_book"), READ),
    }
    base_filters = [["kind", FilterInFunction, my_kinds]]
    list_title, show_title = _("Import history"), _("Import")
    list_template = "imports/list.html"
    label_columns = {
        "created_at": _("Uploaded"),
        "filename": _("File"),
        "id": _("Import number"),
        "kind": _("Kind"),
        **dict.fromkeys(("state", "standing"), _("State")),
        "outcome": _("Outcome"),
        "name": _("By"),
        "short_sha256": _("Fingerprint"),
    }
    choices = {"kind": kind_choices, "state": BATCH_STATE_LABELS}
    formatters_columns = {"outcome": in_words, "standing": standing_in_words}
    list_columns = show_columns = FACE
    search_columns = ["filename", "kind", "state", "name", "created_at"]
    order_columns = ["created_at", "filename", "id", "kind", "name"]
    base_order = ("created_at", "desc")

    @expose("/new", methods=["GET", "POST"])
    @has_access
    def upload(self) -> Any:
        if not my_kinds():
            abort(403)
        form = blank_form(request.args.get("kind", ""))
        if form.validate_on_submit():
            incoming = Incoming(form)
            if (problem := attempt(incoming.prepare)) is None:
                return redirect(url_for("ImportView.show", pk=incoming.batch_id))
            form.file.errors = [problem]
        return self.render_template(
            "imports/upload.html", title=_("Import a file"), form=form, needs=NEEDS, most=MAX_BYTES
        )

    @expose("/show/<pk>")
    @has_access
    def show(self, pk: Any) -> Any:
        batch = self._row(pk)
        if "then" in request.args and not batch.at_work:
            return redirect(way_on(batch) or url_for("ImportView.show", pk=pk))
        return self.render_template("imports/batch.html", **page_of(batch))

    @expose("/compare/<pk>", methods=["POST"])
    @has_access
    def compare(self, pk: Any) -> Any:
        return self._do(pk, ask_to_compare)

    @expose("/discard/<pk>", methods=["POST"])
    @has_access
    def discard(self, pk: Any) -> Any:
        batch = self._row(pk)
        stays, nothing = gettext("Discarded; what stays is listed here"), gettext("Discarded; nothing was written")
        saved(lambda: run.discard(db.session(), batch, order_for(batch)), stays if batch.left else nothing)
        return redirect(url_for("ImportView.show", pk=pk))

    @expose("/roster/<pk>", methods=["POST"])
    @has_access
    def roster(self, pk: Any) -> Any:
        batch = self._row(pk)
        if problem := attempt(lambda: keep(batch)):
            flash(problem, "danger")
        return redirect(url_for("ImportView.show", pk=pk, **asked(), _anchor="roster"))

    @expose("/original/<pk>")
    @has_access
    def original(self, pk: Any) -> Response:
        batch = self._row(pk)
        path = original_of(batch)
        if not path.is_file():
            abort(404)
        return send_file(path, "application/octet-stream", as_attachment=True, download_name=batch.filename)

    @expose("/sample/<string:kind>")
    @has_access
    def sample(self, kind: str) -> Response:
        if kind not in my_kinds():
            abort(404)
        return send_file(sample_of(kind), as_attachment=True, download_name=f"{kind_title(kind)}.xlsx")

    @expose("/template/<string:kind>")
    @has_access
    def template(self, kind: str) -> Response:
        if kind not in my_kinds():
            abort(404)
        return attached(template_of(kind), "xlsx", template_name(kind))

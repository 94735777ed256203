"""Columns 对应列: which column of a file fills which of ours, looked at and changed before anything is written."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.models.sqla.filters import FilterInFunction
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from imports import batches, remembered, run, sketch
from imports.cells import letters
from imports.choices import NO_CHOICES, NOT_IN_FILE, Choices, SheetChoice, from_kept
from imports.columns import Column
from imports.encodings import LABELS
from imports.mapping import How, unused
from imports.passed import WHY_LABELS, Why
from imports.rereading import COLUMNS, COMPARE, has_gone_well
from models import db
from models.imports import BatchState, ImportBatch
from rules.refusals import N_, Refusal
from views.asking import as_key
from views.import_corrections import waits_again
from views.import_files import WholeFileForm, ask_again, given_before, kind_title, meant_words, my_kinds, order_for
from views.kit.interface import ScopedInterface
from views.kit.views import WRITE, ScopedView
from views.saving import attempt, say

HOW_LABELS = {
    How.SAVED: N_("saved"),
    How.EXACT: N_("exact"),
    How.SYNONYM: N_("synonym"),
    How.BY_HAND: N_("by hand"),
}
MOST_HEADER_ROWS = 30


@dataclass(frozen=True)
class Ours:
    """One of our columns: `at` is what fills it, 0 for nothing; `alike` has a heading that resembles it."""

    column: Column
    at: int
    how: str
    alike: int
    filled_by_sheet: bool


class SheetPage:
    """A sheet as it was drawn when the file was read, with those that have the same headings."""

    def __init__(self, drawn: dict[str, Any], columns: list[Column], index: int) -> None:
        self.drawn, self.columns, self.index = drawn, columns, index
        self.alike: list[dict[str, Any]] = []

    @cached_property
    def headings(self) -> dict[int, str]:
        return dict(self.drawn.get("headings", []))

    @cached_property
    def ours(self) -> list[Ours]:
        found, alike = self.drawn.get("columns", {}), self.drawn.get("alike", {})
        places = {heading: at for at, heading in self.headings.items()}
        how = self.drawn.get("how", {})
        rows = [
            Ours(
                column,
                found.get(column.name, NOT_IN_FILE),
                gettext(HOW_LABELS[How(how[column.name])]) if column.name in how else "",
                places.get(alike.get(column.name, ""), NOT_IN_FILE),
                column.name == self.drawn.get("fills"),
            )
            for column in self.columns
        ]
        return sorted(rows, key=lambda each: not each.column.required)

    @property
    def hidden_rows(self) -> int | None:
        """How many were left out; 0 where nobody has counted; None where there are none to choose."""
        if count := self.drawn["passed"].get(Why.HIDDEN):
            return int(count)
        unsure = self.drawn["with_hidden"] or not self.drawn["read"]
        return 0 if self.drawn["hidden_rows"] and unsure else None

    @cached_property
    def unused(self) -> list[tuple[int, str]]:
        return unused(self.drawn.get("columns", {}), self.headings)

    def samples(self, at: int) -> str:
        """Three of its values, or nothing for none."""
        return "　".join(self.drawn.get("samples", {}).get(str(at), []))


class ColumnsPage:
    def __init__(self, batch: ImportBatch) -> None:
        self.batch = batch
        self.choices = from_kept(batch.options.get("choices"))
        self.columns = list(run.KINDS[batch.kind].columns)

    @cached_property
    def drawn(self) -> dict[str, Any] | None:
        return sketch.load(db.session().connection(), int(self.batch.options["load"]))

    @cached_property
    def sheets(self) -> list[SheetPage]:
        found = self.drawn["sheets"] if self.drawn else []
        return [SheetPage(each, self.columns, index) for index, each in enumerate(found)]

    @cached_property
    def groups(self) -> list[SheetPage]:
        """One for all sheets that are read and have the same headings."""
        leaders: dict[str, SheetPage] = {}
        for sheet in self.sheets:
            if sheet.drawn["used"] and sheet.drawn["header"]:
                leader = leaders.setdefault(str(sheet.drawn["headings"]), sheet)
                leader.alike.append(sheet.drawn)
        return list(leaders.values())

    @cached_property
    def unheaded(self) -> list[SheetPage]:
        """Sheets to be read of which nobody knows where their headings stand; the first of all if none is read."""
        found = [sheet for sheet in self.sheets if not sheet.drawn["blank"] and not sheet.drawn["header"]]
        return [sheet for sheet in found if sheet.drawn["used"]] or ([] if self.groups else found[:1])

    @property
    def is_chosen(self) -> bool:
        """Whether anything was said of the file."""
        return self.choices != NO_CHOICES

    @property
    def has_sheets_to_choose(self) -> bool:
        return len(self.sheets) > 1 or any(each.drawn["hidden"] or each.hidden_rows is not None for each in self.sheets)

    @property
    def offers(self) -> list[tuple[str, str, str]]:
        return [(code, LABELS[code], line) for code, line in (self.drawn or {}).get("offers", [])]


class Chosen:
    """What was sent from the screen, upon what was chosen before."""

    def __init__(self, page: ColumnsPage) -> None:
        self.page, self.form = page, request.form

    def choices(self) -> Choices:
        if encoding := self.form.get("encoding"):
            return Choices(encoding=encoding)
        if "header" in self.form:
            return self._with_header()
        if self.form.get("automatically"):
            return NO_CHOICES
        return self._with_columns()

    def _with_header(self) -> Choices:
        """`header` is the sheet's place and the row: 0:3."""
        place, _colon, row = self.form["header"].partition(":")
        index, first = self._number(place, len(self.page.sheets) - 1), self._number(row, MOST_HEADER_ROWS)
        last = first + (self.form.get(f"rows-{index}") == "2")
        alike = {leader.index: leader.alike for leader in self.page.groups}
        chosen = self.page.choices
        for name in [drawn["name"] for drawn in alike.get(index, [self.page.sheets[index].drawn])]:
            chosen = chosen.having(name, replace(chosen.of(name), used=True, header=(first, last), columns=None))
        return chosen

    def _with_columns(self) -> Choices:
        chosen = replace(self.page.choices, headings={}, remember="remember" in self.form)
        columns = {drawn["name"]: self._columns_of(leader) for leader in self.page.groups for drawn in leader.alike}
        for sheet in self.page.sheets:
            name = sheet.drawn["name"]
            before = chosen.of(name)
            said = SheetChoice(
                f"use-{sheet.index}" in self.form and not sheet.drawn["blank"],
                f"hidden-{sheet.index}" in self.form,
                before.header,
                columns.get(name, before.columns),
            )
            chosen = chosen.having(name, said)
        return chosen

    def _columns_of(self, leader: SheetPage) -> dict[str, int]:
        return {
            column.name: self._number(self.form.get(f"map-{leader.index}-{column.name}", "0"), max(leader.headings))
            for column in self.page.columns
        }

    @staticmethod
    def _number(text: str, most: int) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) <= most):
            abort(400)
        return int(text)


def ask_to_read_again(batch: ImportBatch, choices: Choices, **given: Any) -> None:
    batches.refuse_unless_in(batch, [BatchState.PREVIEWED])
    if waits_again(batch):
        raise Refusal(N_("A part of this import is committed already: its columns stay as they are"))
    said = {"choices": choices.kept(), "remember": choices.remember, "apply": "apply" in request.form}
    ask_again(batch, COLUMNS, **said, **given)


def given_now(batch: ImportBatch) -> dict[str, Any]:
    """Only the button that reads with the columns sends it."""
    if "new_source" not in request.form and "place" not in request.form:
        return {}
    form = WholeFileForm()
    if not form.validate():
        abort(400)
    return {"given": form.given(batch.kind)}


def ask_to_forget(batch: ImportBatch, fingerprint: str) -> None:
    ask_to_read_again(batch, NO_CHOICES)
    remembered.forget(db.session(), batch.kind, order_for(batch), fingerprint)


def ask_to_compare(batch: ImportBatch) -> None:
    batches.refuse_unless_in(batch, [BatchState.PREVIEWED])
    batches.refuse_unread(batch)
    ask_again(batch, COMPARE)


def way_on(batch: ImportBatch) -> str | None:
    """Where whoever watches a batch being read goes on: back to the columns unless those chosen there were to be read
    at once, or to them for the first time. None where the batch's own page has something to say."""
    if batch.state != BatchState.PREVIEWED:
        return None
    chosen = request.args.get("then") == "columns"
    if batch.said and not chosen:
        return None
    certain = has_gone_well(batch) if chosen else _is_certain(batch)
    return url_for("ImportView.show" if certain else "ImportColumnsView.columns", pk=batch.id)


def _is_certain(batch: ImportBatch) -> bool:
    return not batch.stopped and not any(group.drawn["alike"] for group in ColumnsPage(batch).groups)


class ImportColumnsView(ScopedView):
    route_base = "/imports"
    datamodel = ScopedInterface(ImportBatch)
    include_route_methods = {"columns", "forget"}
    exclude_route_methods = {"add", "edit"}
    method_permission_name = dict.fromkeys(("columns", "forget"), WRITE)
    base_filters = [["kind", FilterInFunction, my_kinds]]
    list_columns = show_columns = search_columns = ["filename"]
    label_columns = {"filename": _("File")}

    @expose("/columns/<pk>", methods=["GET", "POST"])
    @has_access
    def columns(self, pk: Any) -> Any:
        batch = self._row(pk)
        if batch.state != BatchState.PREVIEWED or waits_again(batch):
            return redirect(url_for("ImportView.show", pk=pk))
        if request.method == "POST":
            choices, given = Chosen(ColumnsPage(batch)).choices(), given_now(batch)
            return self._asked(batch, lambda: ask_to_read_again(batch, choices, **given))
        return self.render_template("imports/columns.html", **page_of(batch))

    @expose("/forget/<pk>", methods=["POST"])
    @has_access
    def forget(self, pk: Any) -> Any:
        """What was remembered of the headings of one sheet."""
        batch = self._row(pk)
        page, index = ColumnsPage(batch), as_key(request.form.get("sheet", ""))
        sheet = next((each for each in page.sheets if each.index + 1 == index), None) or abort(404)
        return self._asked(batch, lambda: ask_to_forget(batch, sheet.drawn.get("fingerprint", "")))

    @staticmethod
    def _asked(batch: ImportBatch, ask: Callable[[], None]) -> Any:
        key = batch.id
        if problem := attempt(ask):
            flash(problem, "danger")
            return redirect(url_for("ImportColumnsView.columns", pk=key))
        return redirect(url_for("ImportView.show", pk=key, then="columns"))


def page_of(batch: ImportBatch) -> dict[str, Any]:
    stopped, told = batch.stopped, batch.said
    return {
        "title": gettext("Columns of the file"),
        "batch": batch,
        "kind": kind_title(batch.kind),
        "page": ColumnsPage(batch),
        "form": given_before(batch),
        "stopped": say(Refusal(stopped[0], **stopped[1])) if stopped else "",
        "meant": meant_words(batch),
        "told": say(Refusal(told[0], **told[1])) if told and not has_gone_well(batch) else "",
        "why": {code.value: gettext(label) for code, label in WHY_LABELS.items()},
        "moment_of": datetime.fromisoformat,
        "labels": LABELS,
        "letters": letters,
        "title_of": {column.name: column.title for column in run.KINDS[batch.kind].columns},
    }

"""A spreadsheet on its way in: what is asked of whoever uploads it, and what becomes of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask_appbuilder.fieldwidgets import BS3TextFieldWidget, Select2Widget
from flask_appbuilder.forms import DynamicForm
from flask_babel import force_locale, gettext
from flask_babel import lazy_gettext as _
from flask_login import current_user
from flask_wtf.file import FileField, FileRequired
from werkzeug.datastructures import FileStorage
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import Length, Optional

import imports
from imports import batches, originals, run
from imports.guard import MAX_BYTES
from imports.kind import Kind, Order
from imports.template_book import template_book
from models import db
from models.acting import current_scope
from models.imports import BatchState, ImportBatch
from models.terms import TermKind
from models.tickets import Ticket
from models.units import Unit
from rules.refusals import N_, Refusal
from settings import installed
from views.kit.context import me, now
from views.kit.forms import ChoiceWidget, RowField
from views.kit.interface import ScopedInterface
from views.terms import in_use, words_of

SAMPLES = Path(imports.__file__).parent / "samples"
NEEDS = {
    "units": _("Names, with codes or parent units: towns, villages, grids, departments"),
    "people": _("Names, units, and a staff number, ID number or mobile number to identify each person"),
    "households": _("Heads and villages or grids, with a household number or an address to know each household by"),
    "organisations": _("Names and villages or grids, with credit codes: enterprises, institutions, projects"),
    "tickets": _("The number and time of each request; handling, settlement and satisfaction if known"),
    "visits": _("Day, visitor and visited of each visit; what was heard, how it was handled, a field note"),
    "topics": _("Title and leader of each topic; lead unit, stage, due date and result"),
    "categories": _("Up to three levels of names, with codes if there are any"),
    "duties": _("Categories with the unit that leads, those that help, the tier and the place it holds for"),
    "tasks": _("Title and lead unit of each task; people in charge, due date, benefit, cost and progress"),
}


def my_kinds() -> list[str]:
    return [name for name, kind in run.KINDS.items() if me().roles & kind.importers]


def kind_title(name: str) -> str:
    return gettext(run.KINDS[name].title)


def meant_words(batch: ImportBatch) -> str:
    """What somebody may have meant who chose another kind for the file."""
    if not batch.stopped or not batch.options.get("meant"):
        return ""
    return gettext(
        "By its headings this is a file of “%(kind)s”: if it is, cancel, and choose that kind when you upload it.",
        kind=kind_title(batch.options["meant"]),
    )


def sources() -> list[tuple[str, str]]:
    return [("", gettext("As the sheet says")), *words_of(TermKind.SOURCE, in_use)()]


class WholeFileForm(DynamicForm):
    """What is said once for all rows of a file that do not say it themselves."""

    source = SelectField(
        _("Source"),
        choices=sources,
        description=_("Where requests come from whose row does not say so; with the number it tells them apart"),
        validators=[Optional()],
        widget=Select2Widget(),
    )
    new_source = StringField(
        _("New source"),
        description=_("Only if the source is not in the list: its name joins the dictionary"),
        validators=[Optional(), Length(max=32)],
        widget=BS3TextFieldWidget(),
    )
    unit = RowField(
        _("Unit"),
        description=_("Where requests arose whose row names no place"),
        datamodel=ScopedInterface(Ticket),
        col_name="unit",
        validators=[Optional()],
        widget=ChoiceWidget("Unit"),
    )
    place = RowField(
        _("Unit"),
        description=_("To which rows belong that name no unit; leave it empty where every row names one"),
        datamodel=ScopedInterface(Ticket),
        col_name="unit",
        validators=[Optional()],
        widget=ChoiceWidget("Unit"),
    )

    def given(self, kind: str) -> dict[str, str | None]:
        ledger = kind == "tickets"
        source = (self.new_source.data or "").strip() or self.source.data or None
        unit = self.unit.data if ledger else self.place.data
        return {"source": source if ledger else None, "unit": unit.code if unit is not None else None}


def given_before(batch: ImportBatch) -> WholeFileForm:
    source, code = batch.options.get("source"), batch.options.get("unit")
    unit = db.session.scalar(sa.select(Unit).where(Unit.code == code)) if code else None
    named = {"source": source} if source in dict(sources()) else {"new_source": source}
    return WholeFileForm(**named, unit=unit, place=unit)


class UploadForm(WholeFileForm):
    kind = RadioField(_("What the file holds"))
    file = FileField(
        _("File"),
        description=_(
            "xlsx, xls, xlsb, ods, csv, tsv or txt, or a table that another system saved as a page or as XML;"
            " up to %(limit)s MB",
            limit=MAX_BYTES >> 20,
        ),
        validators=[FileRequired(_("Choose a file"))],
    )


def blank_form(kind: str) -> UploadForm:
    kinds = my_kinds()
    form = UploadForm(unit=my_place(), kind=kind if kind in kinds else kinds[0])
    form.kind.choices = [(name, kind_title(name)) for name in kinds]
    return form


def my_place() -> Unit | None:
    """The top of what I work for."""
    path = next(iter(current_scope().paths), None)
    return db.session.scalar(sa.select(Unit).where(Unit.path == path)) if path else None


def order_for(batch: ImportBatch) -> Order:
    return run.order_of(batch, me(), current_scope(), now())


def of_batch(batch: ImportBatch) -> Kind:
    return run.of_batch(db.session(), batch, order_for(batch))


def ask(batch: ImportBatch, to: BatchState, **task: Any) -> None:
    user: Any = current_user
    batches.ask(db.session(), batch, order_for(batch), to, user.id, **task)


def ask_again(batch: ImportBatch, do: str, **task: Any) -> None:
    """Leaves it to a worker to read it, or to compare its rows, once more."""
    ask(batch, BatchState.REREADING, task={"from": batch.state, "do": do, **task})


def sent(file: FileStorage) -> bytes:
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise Refusal(N_("The file is larger than %(limit)s MB"), limit=MAX_BYTES >> 20)
    return data


@dataclass
class Incoming:
    form: UploadForm
    batch_id: int = 0

    def prepare(self) -> None:
        """Keeps the file as it came, for a worker to read. Raises Refusal."""
        kind, file, order = self.form.kind.data, self.form.file.data, self.order()
        run.may_import(order.by, kind)
        sha256 = originals.keep(installed().files_dir, sent(file))
        user: Any = current_user
        self.batch_id = batches.received(db.session(), kind, printable(file.filename), sha256, order, user.id).id

    def order(self) -> Order:
        return Order(me(), current_scope(), now(), **self.form.given(self.form.kind.data))


def printable(filename: str) -> str:
    return "".join(filter(str.isprintable, filename))


def original_of(batch: ImportBatch) -> Path:
    return originals.path_of(installed().files_dir, batch.sha256)


def sample_of(kind: str) -> Path:
    return SAMPLES / f"{kind}.xlsx"


def template_of(kind: str) -> bytes:
    """A sheet is for people in the district: Chinese, whoever downloads it."""
    with force_locale("zh"):
        return template_book(db.session(), kind, Order(me(), current_scope(), now()), kind_title(kind))


def template_name(kind: str) -> str:
    return gettext("%(kind)s, to fill in", kind=kind_title(kind))

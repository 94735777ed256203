"""Dictionaries 字典: the words an office may add to."""

from collections.abc import Callable
from typing import Any

from flask import g
from flask_appbuilder.fieldwidgets import Select2ManyWidget, Select2Widget
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from wtforms import SelectField, SelectMultipleField
from wtforms.validators import Optional

from models import db
from models.terms import TERM_KIND_LABELS, Term, TermKind
from views.dues import in_language
from views.kit.forms import Choices
from views.kit.interface import ScopedInterface
from views.kit.views import ScopedView

FACE = ["kind", "code", "label", "label_en", "position", "active", "at_desk"]


class TermView(ScopedView):
    route_base = "/terms"
    datamodel = ScopedInterface(Term)
    choices = {"kind": TERM_KIND_LABELS}
    list_title, show_title, add_title, edit_title = _("Dictionaries"), _("Word"), _("Add a word"), _("Edit word")
    label_columns = {
        "kind": _("Dictionary"),
        "code": _("Code"),
        "label": _("Word"),
        "label_en": _("Word in English"),
        "position": _("Position"),
        "active": _("In use"),
        "at_desk": _("Offered at the desk"),
    }
    description_columns = {"at_desk": _("Of sources alone: whether one can choose it when taking down a request")}
    list_columns = show_columns = add_columns = FACE
    edit_columns = ["label", "label_en", "position", "active", "at_desk"]
    search_columns = ["kind", "label", "code", "active"]
    base_order = ("kind", "asc")


def every(term: Term) -> bool:
    return True


def in_use(term: Term) -> bool:
    return term.active


def at_desk(term: Term) -> bool:
    return term.active and term.at_desk


def words_of(kind: TermKind, among: Callable[[Term], bool] = every) -> Choices:
    """Codes and words of one dictionary, in the reader's language; all dictionaries are read once a request.

    Whatever is stored is called by its word; forms offer those `in_use` or `at_desk`.
    """

    def words() -> list[tuple[str, str]]:
        if "terms" not in g:
            columns = (Term.kind, Term.code, Term.label, Term.label_en, Term.active, Term.at_desk)
            g.terms = db.session.execute(select(*columns).order_by(Term.position, Term.id)).all()
        chosen = [term for term in g.terms if term.kind == kind and among(term)]
        return [(term.code, in_language(term.label, term.label_en)) for term in chosen]

    return words


class WordField(SelectField):
    """Offers the words in use, and the one that is there already."""

    widget = Select2Widget()

    def __init__(self, label: Any, kind: TermKind, **kwargs: Any) -> None:
        words = words_of(kind)
        super().__init__(label, [Optional()], choices=lambda: [("", ""), *words()], **kwargs)
        self.kind = kind

    def iter_choices(self) -> Any:
        offered = {"", *dict(words_of(self.kind, in_use)())}
        return [choice for choice in super().iter_choices() if choice.value in offered or choice.selected]


class WordsField(SelectMultipleField):
    """Several of the words in use, and those that are there already."""

    widget = Select2ManyWidget()

    def __init__(self, label: Any, kind: TermKind, **kwargs: Any) -> None:
        super().__init__(label, [Optional()], choices=lambda: list(words_of(kind)()), **kwargs)
        self.kind = kind

    def iter_choices(self) -> Any:
        offered = dict(words_of(self.kind, in_use)())
        return [choice for choice in super().iter_choices() if choice.value in offered or choice.selected]

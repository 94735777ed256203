"""Dictionaries 字典: the words an office may add to."""

from flask import g
from flask_babel import get_locale
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from models import db
from models.terms import TERM_KIND_LABELS, Term, TermKind
from views.kit.forms import Choices
from views.kit.interface import ScopedInterface
from views.kit.views import ScopedView

FACE = ["kind", "code", "label", "label_en", "position", "active"]


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
    }
    list_columns = show_columns = add_columns = FACE
    edit_columns = ["label", "label_en", "position", "active"]
    search_columns = ["kind", "label", "code", "active"]
    base_order = ("kind", "asc")


def words_of(kind: TermKind) -> Choices:
    """Codes and words of one dictionary, in the reader's language; all dictionaries are read once a request."""

    def offered() -> list[tuple[str, str]]:
        if "terms" not in g:
            g.terms = db.session.scalars(select(Term).where(Term.active).order_by(Term.position, Term.id)).all()
        english = str(get_locale()) == "en"
        return [(term.code, (english and term.label_en) or term.label) for term in g.terms if term.kind == kind]

    return offered

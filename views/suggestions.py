"""Suggestions of categories beside the forms in which one is chosen: nothing is filled in until somebody takes it."""

from dataclasses import dataclass

from flask import request
from flask_appbuilder import expose, has_access
from flask_appbuilder.baseviews import BaseView
from flask_babel import gettext

from models import db
from models.acting import district_of
from models.categories import Category
from models.suggesting import Suggestion, note_choice, suggestions
from models.tickets import Ticket
from views.dues import in_language
from views.kit.context import me, now

LEAST_LETTERS = 4
"""Of a text that is still being typed."""


@dataclass(frozen=True)
class Offered:
    code: str
    name: str
    percent: str
    confidence: str


def offered(path: str, title: str, text: str) -> list[Offered]:
    return [_in_words(each) for each in suggestions(db.session(), path, title, text)]


def _in_words(found: Suggestion) -> Offered:
    confidence = gettext("confidence %(percent)s %%", percent=found.confidence)
    return Offered(found.category.code, called(found.category), f"{found.confidence} %", confidence)


def called(category: Category) -> str:
    """With all that stands above it, in the reader's language."""
    return " / ".join(in_language(each.name, each.name_en) for each in category.line)


def count(ticket: Ticket, seen: str) -> None:
    """`seen`: the code of the category that stood first on the form, if any did."""
    guessed = suggestions(db.session(), ticket.path, ticket.title, ticket.text) if seen else []
    if guessed and guessed[0].category.code == seen:
        note_choice(db.session(), ticket, guessed[0], now())


class SuggestionView(BaseView):
    """For a text that is not a request yet. It is posted, so that it stands in no address."""

    route_base = "/suggestions"
    class_permission_name = "Ticket"
    method_permission_name = {"suggest": "write"}

    @expose("/of-text", methods=["POST"])
    @has_access
    def suggest(self) -> str:
        title, text = (request.form.get(name, "").strip()[:5000] for name in ("title", "text"))
        path = me().unit_path
        enough = path and len(title + text) >= LEAST_LETTERS
        found = offered(district_of(path), title, text) if enough else []
        return self.render_template("tickets/suggestion.html", suggestions=found)

"""Every page in Chinese, read as its user reads it: no English word is left over."""

import re
from html.parser import HTMLParser

import pytest
import sqlalchemy as sa
from flask_appbuilder.security.sqla.models import User

from models.categories import Category
from models.terms import Term
from models.tickets import Ticket
from models.units import Unit
from rules.roles import Role
from tests.factories import unit
from tests.views.foreign import plant
from tests.views.test_scope_walk import Walk, home

ENGLISH = re.compile(r"[A-Za-z]{2,}")
ALLOWED = {
    "English": "the way out of Chinese, for those who read English",
    "Excel": "as everybody calls it",
    "Word": "as everybody calls it",
    "CSV": "as everybody calls it",
    "csv": "the ending of a file",
    "pdf": "the ending of a file",
    "xls": "the ending of a file",
    "xlsx": "the ending of a file",
    "ods": "the ending of a file",
    "tsv": "the ending of a file",
    "txt": "the ending of a file",
    "xlsb": "the ending of a file",
    "XML": "as everybody calls it",
    "PDF": "as everybody calls it",
    "JPEG": "as everybody calls it",
    "PNG": "as everybody calls it",
    "WebP": "as everybody calls it",
    "MB": "a unit of size",
    "Ctrl": "a key on the keyboard",
    "Shift": "a key on the keyboard",
    "Alt": "a key on the keyboard",
    "Enter": "a key on the keyboard",
    "Esc": "a key on the keyboard",
    "SHA": "the name of the seal on a sheet",
}
READ_ALOUD = {"placeholder", "title", "aria-label", "alt", "data-empty", "data-confirm"}
SILENT = {"script", "style", "template"}
VOID = {"input", "img", "br", "hr", "meta", "link", "source", "wbr"}


class Reader(HTMLParser):
    """What a person sees or hears of a page; what people typed themselves stands in elements marked `data-typed`."""

    def __init__(self) -> None:
        super().__init__()
        self.silent: list[str] = []
        self.heard: list[str] = []

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        if tag not in VOID and (self.silent or tag in SILENT or "data-typed" in named):
            self.silent.append(tag)
        if not self.silent:
            self.heard += [value for name, value in attributes if name in READ_ALOUD and value]
            if tag == "input" and named.get("type") in ("submit", "button"):
                self.heard.append(named.get("value") or "")

    def handle_endtag(self, tag):
        if self.silent and self.silent[-1] == tag:
            self.silent.pop()

    def handle_data(self, data):
        if not self.silent:
            self.heard.append(data)


def english_on(page: str, names: set[str]) -> set[str]:
    reader = Reader()
    reader.feed(page)
    text = " ".join(reader.heard)
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, " ")
    return {word for word in ENGLISH.findall(text) if word not in ALLOWED}


def test_the_reader_finds_english_where_people_would(app):
    page = (
        '<p title="Hover">Text <b data-typed>Typed <i>in</i></b></p><script>code</script><input placeholder="Search">'
    )
    assert english_on(page, set()) == {"Hover", "Text", "Search"}


@pytest.fixture
def planted(session, district):
    grid = unit(session, district.village, "339901001001-09", "石桥第九网格", "grid")
    made = plant(session, district.village, grid, "本村")
    session.commit()
    return made


@pytest.mark.parametrize("role", [*Role, None])
def test_no_page_speaks_english(app, session, client_as, client, district, planted, role):
    browser = client_as(role, home(district, role)) if role else client
    names = typed_names(session)
    walk, left_over, pages = Walk(app, planted, ()), {}, 0
    for rule in walk.rules:
        if "GET" not in rule.methods or "/api/" in rule.rule or rule.endpoint.startswith("LanguageView"):
            continue
        for address in walk.addresses(rule, planted):
            answer = browser.get(address, headers={"Accept": "text/html"}, follow_redirects=True)
            if answer.mimetype == "text/html":
                pages += 1
                if words := english_on(answer.get_data(as_text=True), names):
                    left_over.setdefault(rule.endpoint, set()).update(words)
    assert pages >= 10
    assert left_over == {}


def typed_names(session) -> set[str]:
    """User names, numbers, codes and the words an office keeps for its English readers are nobody's mistake."""
    columns = (
        User.username,
        Category.name_en,
        Term.code,
        Term.label_en,
        Ticket.tracking_code,
        Unit.code,
    )
    return {str(value) for column in columns for value in session.scalars(sa.select(column)) if value}

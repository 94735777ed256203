"""Every text of ours stands in the Chinese catalogue, and so does what FAB's own leaves out."""

import io
import re
from pathlib import Path

import flask_appbuilder
import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None, "N_": None}
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2"), ("templates/**.html", "jinja2")]
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    return read_po(io.BytesIO((ROOT / "views/translations/zh/LC_MESSAGES/messages.po").read_bytes()))


def texts_below(folder: Path) -> set[str]:
    rows = extract_from_dir(str(folder), method_map=METHODS, keywords=KEYWORDS)
    return {row[2] if isinstance(row[2], str) else row[2][0] for row in rows}


def our_texts() -> set[str]:
    found: set[str] = set()
    for folder in ("rules", "models", "imports", "exports", "jobs", "views"):
        found |= texts_below(ROOT / folder)
    for file in ("app.py", "commands.py", "commands_books.py", "commands_imports.py"):
        found |= {str(row[1]) for row in extract_from_file("python", str(ROOT / file), keywords=KEYWORDS)}
    return found


def untranslated(texts: set[str], catalogue: Catalog) -> set[str]:
    done = {message.id if isinstance(message.id, str) else message.id[0] for message in catalogue if message.string}
    return texts - done


def test_every_text_of_ours_has_its_chinese(catalogue):
    texts = our_texts()
    assert len(texts) > 200
    assert sorted(untranslated(texts, catalogue)) == []


def test_every_text_that_fab_leaves_in_english_has_its_chinese(catalogue):
    fab = Path(flask_appbuilder.__file__).parent
    theirs = read_po(io.BytesIO((fab / "translations/zh/LC_MESSAGES/messages.po").read_bytes()))
    left_out = untranslated(texts_below(fab), theirs)
    assert len(left_out) >= 20
    assert sorted(untranslated(left_out, catalogue)) == []


def test_a_translation_keeps_its_placeholders(catalogue):
    broken = []
    for message in catalogue:
        asked = message.id if isinstance(message.id, str) else message.id[-1]
        given = message.string if isinstance(message.string, str) else message.string[0]
        if message.id and set(PLACEHOLDER.findall(asked)) != set(PLACEHOLDER.findall(given)):
            broken.append(asked)
    assert broken == []


def test_nothing_in_the_catalogue_is_left_over(catalogue):
    used = our_texts() | texts_below(Path(flask_appbuilder.__file__).parent)
    ids = {message.id if isinstance(message.id, str) else message.id[0] for message in catalogue if message.id}
    assert sorted(ids - used) == []

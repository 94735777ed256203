"""The lines that wait, as people look at them before they decide: a page at a time, personal data masked."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from imports import missing, staging
from imports.kind import Kind, Pair
from models.categories import Category
from models.people import Person
from models.terms import Term as DictionaryTerm
from models.units import Unit
from rules.identity import mask_id_number, mask_mobile, mask_name
from rules.refusals import N_, Term
from rules.workdays import ZONE

LONGEST = 120
HASH = "_hash"
MASKS: dict[str, Callable[[str], str]] = {
    "id_number": mask_id_number,
    "mobile": mask_mobile,
    "telephone": mask_mobile,
    "reporter_mobile": mask_mobile,
    "reporter_name": mask_name,
}
PEOPLE = {"visitor": "visitor_name", "leader": "leader_name", "responsible": "responsible_name"}
"""Ids of people → the column that names them."""
PLACES = ("unit", "village", "lead", "liaison_unit", "place")
TITLED_AS = {"path": "parent", "name": "third", **PEOPLE}
YES, NO = Term(N_("Yes")), Term(N_("No"))


@dataclass(frozen=True)
class Cell:
    """`title` is the heading of our own sheets. `old` is None unless the line changes the cell."""

    title: str
    text: str
    old: str | None = None


@dataclass(frozen=True)
class Row:
    sheet: str
    row: int
    face: list[Cell]
    changes: list[Cell]


@dataclass(frozen=True)
class Missing:
    """A record that the file leaves out."""

    id: int
    face: list[Cell]


def page(kind: Kind, op: str, *, limit: int, offset: int) -> list[Row]:
    """Lines that are new, changed or the same. Only changed ones have changes."""
    face = {name: _staged(kind, name) for name in kind.face}
    changes = _changes(kind) if op == staging.CHANGED else {}
    c = kind.stage.c
    before = [old.label(f"old_{number}") for number, (old, _) in enumerate(changes.values())]
    after = [new.label(f"new_{number}") for number, (_, new) in enumerate(changes.values())]
    shown = [column.label(f"face_{number}") for number, column in enumerate(face.values())]
    found = kind.connection.execute(
        sa.select(c.sheet, c.row, *shown, *before, *after)
        .select_from(kind.current() if changes else kind.stage)
        .where(kind.of_load(op), c.seq > 0)
        .order_by(c.seq)
        .limit(limit)
        .offset(offset)
    ).all()
    rows = [tuple(each) for each in found]
    named = [*face, *changes, *changes]
    words = _Words(kind, [each for _, _, *values in rows for each in _apart(named, values)])
    return [words.row(each, list(face), list(changes)) for each in rows]


def missing_page(kind: Kind, *, limit: int, offset: int) -> list[Missing]:
    t = kind.target.c
    face = {name: t[name] if name in t else _pair(kind, name).target for name in kind.face}
    chosen = missing.rows(kind, *(column.label(f"face_{number}") for number, column in enumerate(face.values())))
    if chosen is None:
        return []
    rows = [tuple(each) for each in kind.connection.execute(chosen.order_by(t.id).limit(limit).offset(offset))]
    words = _Words(kind, [each for _, *values in rows for each in _apart(list(face), values)])
    return [Missing(row_id, words.cells(list(face), values)) for row_id, *values in rows]


def _pair(kind: Kind, name: str) -> Pair:
    return next(pair for pair in kind.pairs if pair.name == name)


def _staged(kind: Kind, name: str) -> sa.ColumnElement[Any]:
    if name in kind.stage.c:
        return kind.stage.c[name]
    return _pair(kind, name).staged


def _changes(kind: Kind) -> dict[str, tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]]]:
    cleared = kind.cleared()
    pairs = [_open(kind, pair) for pair in kind.pairs if pair.compared]
    return {pair.name: (pair.target, kind.wanted(pair, cleared)) for pair in pairs} | kind.beside()


def _open(kind: Kind, pair: Pair) -> Pair:
    """What is compared by its hash is shown from what was encrypted."""
    if not pair.target.name.endswith(HASH):
        return pair
    return Pair(kind.stage.c[pair.name], pair.target.table.c[pair.target.name.removesuffix(HASH)], field=pair.name)


class _Words:
    """Values as they read: names for numbers, labels for codes, moments as an office writes them. `shown` are all that
    there are on the page, each with the name of its column."""

    def __init__(self, kind: Kind, shown: Sequence[tuple[str, Any]]) -> None:
        self.kind = kind
        self.titles = {column.name: column.title for column in kind.columns}
        u, p = Unit.__table__.c, Person.__table__.c
        self.people_in = {*PEOPLE, *kind.persons}
        self.people = self._names(p.id, p.name, (value for name, value in shown if name in self.people_in))
        self.places = self._names(u.id, u.name, (value for name, value in shown if name in PLACES))
        self.by_code = self._names(u.code, u.name, (_above(value) for name, value in shown if name == "path"))
        c = Category.__table__.c
        self.categories: dict[int, str] = dict(kind.connection.execute(sa.select(c.id, c.name)).all())
        self.terms = {name: self._labels(term) for name, term in kind.terms.items()}

    def _names(self, key: sa.Column[Any], name: sa.Column[Any], wanted: Iterable[Any]) -> dict[Any, str]:
        asked = {each for each in wanted if isinstance(each, key.type.python_type)}
        return dict(self.kind.connection.execute(sa.select(key, name).where(key.in_(asked))).all()) if asked else {}

    def _labels(self, term: str) -> dict[str, str]:
        c = DictionaryTerm.__table__.c
        rows = self.kind.connection.execute(sa.select(c.code, c.label).where(c.kind == term))
        return dict(rows.all())

    def row(self, values: Sequence[Any], face: list[str], changes: list[str]) -> Row:
        sheet, number, *rest = values
        shown, rest = rest[: len(face)], rest[len(face) :]
        before, after = rest[: len(changes)], rest[len(changes) :]
        moved = (
            Cell(self.title(name), self.text(name, new), self.text(name, old))
            for name, old, new in zip(changes, before, after, strict=True)
            if _differ(old, new)
        )
        return Row(sheet, number, self.cells(face, shown), list(moved))

    def cells(self, names: list[str], values: Iterable[Any]) -> list[Cell]:
        return [Cell(self.title(name), self.text(name, value)) for name, value in zip(names, values, strict=True)]

    def title(self, name: str) -> str:
        return self.titles.get(name) or self.titles[TITLED_AS[name]]

    def text(self, name: str, value: Any) -> str:
        """A Term where it is a msgid."""
        if value is None or value == "":
            return ""
        if isinstance(value, list):
            return "、".join(self.text(name, each) for each in value)
        if name in MASKS:
            return MASKS[name](value)
        if name in self.kind.labels:
            return Term(self.kind.labels[name].get(value, value))
        return self.terms[name].get(value, value) if name in self.terms else self._plain(name, value)

    def _plain(self, name: str, value: Any) -> str:
        match value:
            case bool():
                return YES if value else NO
            case datetime():
                return f"{value.astimezone(ZONE):%Y-%m-%d %H:%M}"
            case date():
                return f"{value:%Y-%m-%d}"
            case int() if name == "category":
                return self.categories.get(value, "")
            case int() if name in PLACES:
                return self.places.get(value, "")
            case int() if name in self.people_in:
                return self.people.get(value, "")
            case str() if name == "path":
                return self._parent(value)
        text = str(value)
        return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"

    def _parent(self, path: str) -> str:
        """By name; by code where it is new itself."""
        code = _above(path)
        return self.by_code.get(code, code)


def _apart(names: Sequence[str], values: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    for name, value in zip(names, values, strict=True):
        yield from ((name, each) for each in (value if isinstance(value, list) else [value]))


def _above(path: str | None) -> str:
    return (path or "").strip("/").rpartition("/")[0].rpartition("/")[2]


def _differ(old: Any, new: Any) -> bool:
    return (None if old == "" else old) != (None if new == "" else new)

"""People as sheets and forms name them: by staff number, by name, or by a name with either or a unit in brackets."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models.acting import Scope, beyond_scope, district_of
from models.people import Employment, Person
from models.scope import under
from models.units import Unit
from rules.identity import half_width

SEPARATORS = re.compile(r"[、,，;；/\n]+")
AND_OTHERS = re.compile(r"(等|一行)[0-9一二三四五六七八九十]*人?$")
BRACKETED = re.compile(r"(?P<name>[^()]+)\((?P<hint>[^()]+)\)")
SEPARATOR = "、"


@dataclass(frozen=True)
class Entry:
    id: int
    name: str
    staff_no: str
    path: str
    unit: str
    active: bool

    @property
    def described(self) -> str:
        return f"{self.name}（{self.unit} {self.staff_no}）".replace(" ）", "）")


def plain(text: str) -> str:
    """王　芳 is 王芳."""
    return "".join(half_width(text).split())


def names_in(text: str) -> list[str]:
    """Those that a cell lists. Blanks part names only where each part could be one: 王 芳 is one name."""
    parts = SEPARATORS.split(half_width(text))
    if len(parts) == 1:
        words = parts[0].split()
        parts = words if all(len(word) > 1 for word in words) else parts
    found = (AND_OTHERS.sub("", plain(part)) for part in parts)
    return list(dict.fromkeys(name for name in found if name))


class Roster:
    def __init__(self, entries: Iterable[Entry]) -> None:
        self.by_number: dict[str, Entry] = {}
        self.by_name: dict[str, list[Entry]] = {}
        for entry in entries:
            if entry.staff_no:
                self.by_number[entry.staff_no] = entry
            self.by_name.setdefault(plain(entry.name), []).append(entry)

    @classmethod
    def load(cls, session: Session, scope: Scope, names: Collection[str] | None = None) -> "Roster":
        """Everybody in scope, or of them only those who bear one of the names."""
        return cls(entries_of(session, scope, names))

    @classmethod
    def by_unit(cls, session: Session, scope: Scope) -> dict[str, "Roster"]:
        """By the path of the unit."""
        found: dict[str, list[Entry]] = {}
        for entry in entries_of(session, scope):
            found.setdefault(entry.path, []).append(entry)
        return {path: cls(entries) for path, entries in found.items()}

    def candidates(self, text: str, path: str = "") -> list[Entry]:
        """Whom the text may mean: people on duty before others, those of the unit before those from elsewhere."""
        written = plain(text)
        if written in self.by_number:
            return [self.by_number[written]]
        name, hint = written, ""
        if bracketed := BRACKETED.fullmatch(written):
            name, hint = bracketed["name"], bracketed["hint"]
        found = self.by_name.get(name, [])
        for better in (
            [entry for entry in found if hint and hint in (entry.staff_no, plain(entry.unit))],
            [entry for entry in found if hint and hint in entry.unit],
            [entry for entry in found if entry.active],
            [entry for entry in found if path and entry.path.startswith(path)],
        ):
            found = [entry for entry in found if entry in better] or found
        return found

    def only(self, text: str, path: str = "") -> int | None:
        """The one whom it can mean."""
        found = self.candidates(text, path)
        return found[0].id if len(found) == 1 else None


def entries_of(session: Session, scope: Scope, names: Collection[str] | None = None) -> Iterator[Entry]:
    p, u = Person.__table__.c, Unit.__table__.c
    active = p.employment == Employment.ACTIVE.value
    columns = (p.id, p.name, sa.func.coalesce(p.staff_no, ""), p.path, u.name, active)
    rows = sa.select(*columns).select_from(Person.__table__.join(Unit.__table__, u.id == p.unit_id)).order_by(p.id)
    if not scope.everything:
        rows = rows.where(sa.or_(sa.false(), *(under(p.path, path) for path in scope.paths)))
    if names is not None:
        rows = rows.where(sa.or_(p.name.in_(names), p.staff_no.in_(names)))
    return (Entry(*row) for row in session.execute(rows))


def person_named(session: Session, name: str, path: str) -> Person | None:
    """The one person of the district whom the name can mean, those of the unit first."""
    found = Roster.load(session, Scope(paths=(district_of(path),)), [name]).only(name, path)
    with beyond_scope():
        return session.get(Person, found) if found else None

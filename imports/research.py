"""What visit logs, lists of topics and lists of tasks have in common: a unit, people by name, guesses for new rows."""

from collections import Counter
from collections.abc import Hashable, Mapping
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from imports.kind import Note, Order, Pair, Spot
from imports.lines import Line
from imports.located import Located
from imports.persons import alone
from imports.places import Place
from imports.research_words import code_of
from imports.seen import Seen
from models.reach import place_of
from models.roster import Entry, Roster
from models.scope import district_part
from rules.refusals import N_

NAMED = 12


def spot_of(stage: sa.Table, target: sa.Table, stays: sa.ColumnElement[bool], is_past: sa.ColumnElement[bool]) -> Spot:
    """A guess has nothing to say of a row that is there."""
    s, t = stage.c, target.c
    said = sa.or_(s.target_id.is_(None), sa.not_(sa.func.coalesce(s.guessed, "").contains(",unit,")))
    return Spot((s.unit_id, t.unit_id), ("unit",), (s.path, t.path), stays=stays, is_past=is_past, counts=said)


class Research(Located):
    nowhere = N_("Nothing says which unit this row belongs to")
    guesses: ClassVar[Mapping[str, str]] = {}
    """Column of the stage → what it is called when it was concluded for a new row, the sheet being silent."""

    def __init__(self, session: Session, order: Order, load: int) -> None:
        super().__init__(session, order, load)
        self.roster = Roster.load(session, order.scope)
        self.known: dict[tuple[str, str], list[Entry]] = {}
        self.strangers = Counter[str]()
        self.seen = Seen()
        self.default = self.default_place()

    def located(self, line: Line, column: str = "unit") -> Place | None:
        text = line.values.pop(column, None)
        return line.attempt(column, self.places.meant, text) if text else None

    def lies_in(self, line: Line, place: Place | None, column: str = "unit") -> None:
        if place is not None:
            self.put(line, self.spots[0], column, place)

    def near(self, place: Place | None) -> str:
        """Path where its people are today."""
        return self.places.today(place).path if place else ""

    def unit_of(self, somebody: Entry | None) -> Place | None:
        return self.places.by_code.get(place_of(somebody.path)) if somebody else None

    def person(self, line: Line, column: str, text: str, path: str) -> Entry | None:
        """Whom the name means; nobody for one that is not on the roster, which is kept as it is written."""
        if (text, path) not in self.known:
            self.known[text, path] = self.roster.candidates(text, path)
        found = self.known[text, path]
        if not found:
            self.strangers[text] += 1
            return None
        one: Entry | None = line.attempt(column, alone, found, text)
        return one

    def named(self, line: Line, column: str, key: str, path: str) -> Entry | None:
        """The one person of a column. A name of nobody on the roster takes the place of whoever stood there."""
        text = line.values.get(column)
        if not text:
            line.cleared |= {key} if column in line.cleared else set()
            return None
        found = self.person(line, column, text, path)
        if found is None:
            line.cleared.add(key)
        else:
            line.values[column], line.values[f"{key}_id"] = found.name, found.id
        return found

    def worded(self, line: Line, name: str, words: Mapping[str, str]) -> None:
        text = line.values.pop(name, None)
        if text is None:
            return
        line.values[name] = code_of(text, words)
        if line.values[name] is None:
            known = "、".join(words)
            line.wrong(name, "word", N_("“%(word)s” is unknown here; write one of: %(known)s"), word=text, known=known)

    def guess(self, line: Line, name: str, value: object) -> None:
        """For a new row; what is there already keeps what it has."""
        if value is not None and line.values.get(name) is None:
            line.values[name] = value
            line.values["guessed"] = f"{line.values.get('guessed') or ','}{name},"

    def once(self, line: Line, column: str, *key: Hashable) -> None:
        if None not in key:
            self.seen.check(line, [(column, key)])

    def tell_of_strangers(self) -> None:
        if self.strangers:
            listed = "、".join(f"{name}（{count}）" for name, count in self.strangers.most_common(NAMED))
            self.notes.append(Note(N_("Not on the roster, and kept as names alone: %(listed)s"), {"listed": listed}))

    def same_district(self) -> sa.ColumnElement[bool]:
        """Of a line and a row, as the indexes of a district have it."""
        same: sa.ColumnElement[bool] = district_part(self.target.c.path) == district_part(self.stage.c.path)
        return same

    def wanted(self, pair: Pair, cleared: frozenset[str]) -> sa.ColumnElement[Any]:
        value = super().wanted(pair, cleared)
        guess = self.guesses.get(pair.staged.name)
        if guess is None:
            return value
        return sa.case((self.stage.c.guessed.contains(f",{guess},"), pair.target), else_=value)

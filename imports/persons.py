"""The one person whom a cell names, by the rule of the roster."""

from collections.abc import Sequence
from functools import cached_property

from sqlalchemy.orm import Session

from imports.convert import Unreadable
from imports.places import Place
from models.acting import Scope, district_of
from models.roster import Entry, Roster
from rules.refusals import N_

SHOWN = 5


def alone(found: Sequence[Entry], text: str) -> Entry:
    """Raises Unreadable where nobody or more than one person may be meant."""
    if not found:
        raise Unreadable("unknown_person", N_("Nobody on the roster is called “%(name)s”"), name=text)
    if len(found) > 1:
        raise Unreadable(
            "ambiguous_person",
            N_("“%(name)s” may be any of %(count)s people: %(candidates)s; write the staff number instead"),
            name=text,
            count=str(len(found)),
            candidates="、".join(entry.described for entry in found[:SHOWN]),
        )
    return found[0]


class Districts:
    """Everybody of the district a row lies in, those of the importer's own units before others."""

    def __init__(self, session: Session, scope: Scope) -> None:
        self.session, self.own = session, next(iter(scope.paths), "")
        self.rosters: dict[str, Roster] = {}

    def find(self, text: str, district: str) -> int:
        if district not in self.rosters:
            self.rosters[district] = Roster.load(self.session, Scope(paths=(district,)))
        return alone(self.rosters[district].candidates(text, self.own), text).id


class Staff:
    """Those of one unit, on duty or not: an old ledger names whom it knew."""

    def __init__(self, session: Session, scope: Scope) -> None:
        self.session, self.scope = session, scope

    @cached_property
    def by_path(self) -> dict[str, Roster]:
        districts = tuple({district_of(path): None for path in self.scope.paths})
        return Roster.by_unit(self.session, Scope(everything=self.scope.everything, paths=districts))

    def find(self, text: str, unit: Place) -> int:
        known = self.by_path.get(unit.path)
        found = known.candidates(text) if known else []
        if not found:
            said = N_("Nobody of %(unit)s on the roster is called “%(name)s”")
            raise Unreadable("unknown_person", said, unit=unit.name, name=text)
        return alone(found, text).id

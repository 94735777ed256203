"""People as sheets write them: by staff number, or by a name that is theirs alone within the district."""

import re
from dataclasses import dataclass
from functools import cached_property

import sqlalchemy as sa

from imports.convert import Unreadable
from imports.places import Places
from models.acting import district_of
from models.people import Employment, Person
from rules.refusals import N_

SHOWN = 5
BRACKETED = re.compile(r"^(?P<name>[^()（）]+)[(（](?P<number>[^()（）]+)[)）]$")


@dataclass(frozen=True)
class Known:
    id: int
    staff_no: str
    path: str
    active: bool


class Persons:
    def __init__(self, connection: sa.Connection, places: Places) -> None:
        self.connection, self.places = connection, places

    @cached_property
    def by_name(self) -> dict[str, list[Known]]:
        c = Person.__table__.c
        found: dict[str, list[Known]] = {}
        for row in self.connection.execute(sa.select(c.id, c.staff_no, c.path, c.employment, c.name).order_by(c.id)):
            known = Known(row.id, row.staff_no or "", row.path, row.employment == Employment.ACTIVE)
            found.setdefault(row.name, []).append(known)
        return found

    @cached_property
    def by_staff_no(self) -> dict[str, Known]:
        return {known.staff_no: known for alike in self.by_name.values() for known in alike if known.staff_no}

    def find(self, text: str, path: str) -> int:
        """`path` is that of a unit of the district meant. Raises Unreadable for a name that nobody or more than one
        person bears. Of those alike, whoever is on duty, and whoever is the importer's own, comes before others."""
        district, said = district_of(path), BRACKETED.match(text)
        name, number = (said["name"].strip(), said["number"].strip()) if said else (text, text)
        one = self.by_staff_no.get(number)
        if one is not None and one.path.startswith(district):
            return one.id
        alike = [each for each in self.by_name.get(name, ()) if each.path.startswith(district)]
        alike = [each for each in alike if each.active] or alike
        alike = [each for each in alike if self.places.scope.covers(each.path)] or alike
        if not alike:
            raise Unreadable("unknown_person", N_("Nobody on the roster is called “%(name)s”"), name=text)
        if len(alike) > 1:
            raise Unreadable(
                "ambiguous_person",
                N_("“%(name)s” may be any of %(count)s people: %(candidates)s; write the staff number instead"),
                name=text,
                count=str(len(alike)),
                candidates="、".join(self.described(each, name) for each in alike[:SHOWN]),
            )
        return alike[0].id

    def described(self, known: Known, name: str) -> str:
        unit = self.places.by_code.get(known.path.rstrip("/").rpartition("/")[2])
        return f"{unit.name if unit else ''}{name}（{known.staff_no}）"

"""Units as sheets write them: by code, by a name or alias that is theirs alone, or by names strung together."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import sqlalchemy as sa
from sqlalchemy.orm import Session

from imports.convert import Unreadable
from models.acting import Scope
from models.units import Unit, UnitAlias
from rules.identity import half_width
from rules.refusals import N_
from rules.units import CODE_LENGTH, LEVEL_ENDS, UnitKind, pad_code

SEPARATORS = re.compile(r"[\s/\\>·、,，\-—]+")
COMMITTEES = (
    "村民委员会",
    "村委会",
    "社区居民委员会",
    "社区居委会",
    "居民委员会",
    "居委会",
    "街道办事处",
    "镇人民政府",
    "乡人民政府",
)
SHOWN = 5


@dataclass(frozen=True)
class Place:
    id: int | None
    code: str
    name: str
    kind: str
    path: str
    living: bool = True
    heir_id: int | None = None


def plain(text: str) -> str:
    return SEPARATORS.sub("", half_width(text)).casefold()


def full_code(text: str) -> str:
    """Division codes are padded to 12 digits; the codes of grids and departments stay as they are."""
    code = half_width(text).strip()
    return pad_code(code) if code.isascii() and code.isdigit() and len(code) in LEVEL_ENDS else code


def short_forms(name: str) -> set[str]:
    """平畈村委会 is also called 平畈村 and 平畈."""
    for ending in COMMITTEES:
        if name.endswith(ending) and len(name) > len(ending):
            stem = name.removesuffix(ending)
            return {stem, stem + ending[0], *([stem + "社区"] if "社区" in ending else [])}
    return {name.removesuffix("村")} if name.endswith("村") and len(name) > 2 else set()


class Places:
    def __init__(self, places: Iterable[Place], aliases: Iterable[tuple[str, str]], scope: Scope) -> None:
        """`aliases`: code and alias."""
        self.scope = scope
        self.by_code = {place.code: place for place in places}
        self.aliases: dict[str, set[str]] = {}
        for code, alias in aliases:
            self.aliases.setdefault(code, set()).add(alias)
        self.found: dict[str, list[Place]] = {}
        self.sole: dict[tuple[str, str], Place] = {}
        self.homes: dict[str, str] = {}

    @classmethod
    def load(cls, session: Session, scope: Scope, today: date) -> "Places":
        unit, alias = Unit.__table__, UnitAlias.__table__
        living = Unit.lives_on(today)
        rows = session.execute(
            sa.select(unit.c.id, unit.c.code, unit.c.name, unit.c.kind, unit.c.path, living, unit.c.successor_id)
        )
        places = [Place(*row) for row in rows]
        named = session.execute(sa.select(unit.c.code, alias.c.alias).join(alias, alias.c.unit_id == unit.c.id))
        return cls(places, named.all(), scope)

    def add(self, place: Place) -> None:
        """A unit of the file itself; takes the place of the one with the same code."""
        known = self.by_code.get(place.code)
        names = self.by_name
        self.by_code[place.code] = place
        for form in self._forms(place):
            bearers = names.setdefault(form, [])
            if known is not None and known in bearers:
                bearers.remove(known)
            bearers.append(place)
        self.found.clear()
        self.sole.clear()

    @cached_property
    def by_name(self) -> dict[str, list[Place]]:
        names: dict[str, list[Place]] = {}
        for place in self.by_code.values():
            for form in self._forms(place):
                names.setdefault(form, []).append(place)
        return names

    def _forms(self, place: Place) -> set[str]:
        names = {place.name, *self.aliases.get(place.code, ())}
        return {form for name in names for form in map(plain, (name, *short_forms(name))) if form}

    def find(self, text: str, under: str = "", now: Callable[[], str] = str) -> Place:
        """Who answers today for the unit that is meant."""
        return self.today(self.meant(text, under, now))

    def meant(self, text: str, under: str = "", now: Callable[[], str] = str) -> Place:
        """The unit itself, be it gone. Raises Unreadable for a name that no unit or more than one unit bears, unless
        one of them is at the path where the row stands `now`."""
        if (text, under) not in self.sole:
            living = self._living(text, under)
            if len(living) > 1 and (path := now()):
                here = [place for place in living if place.path == path]
                if len(here) == 1:
                    return here[0]
            self.sole[text, under] = self._sole(text, living)
        return self.sole[text, under]

    def named(self, text: str, now: str) -> Place:
        """The unit itself, be it gone; of several the one whose path is `now`."""
        living = self._living(text, "")
        here = [place for place in self.candidates(text) if place.path == now]
        return here[0] if here else self._sole(text, living)

    def _living(self, text: str, under: str) -> list[Place]:
        candidates = [place for place in self.candidates(text) if place.path.startswith(under)]
        own = [place for place in candidates if self.scope.covers(place.path)] or candidates
        return [place for place in own if place.living] or own

    def _sole(self, text: str, living: list[Place]) -> Place:
        if not living:
            raise Unreadable("unknown_unit", N_("There is no unit “%(unit)s”"), unit=text)
        if len(living) > 1:
            raise Unreadable(
                "ambiguous_unit",
                N_("“%(unit)s” may be any of %(count)s units: %(candidates)s; write its code instead"),
                unit=text,
                count=str(len(living)),
                candidates="、".join(self.described(place) for place in living[:SHOWN]),
            )
        return living[0]

    @cached_property
    def by_id(self) -> dict[int | None, Place]:
        return {place.id: place for place in self.by_code.values() if place.id is not None}

    def home(self, place: Place) -> str:
        """Path of the village it lies in; of what lies in no village, its own."""
        if place.path not in self.homes:
            codes = place.path.strip("/").split("/")
            above = (number for number, code in enumerate(codes, 1) if self._is_village(code))
            number = next(above, len(codes))
            self.homes[place.path] = f"/{'/'.join(codes[:number])}/"
        return self.homes[place.path]

    def _is_village(self, code: str) -> bool:
        known = self.by_code.get(code)
        return known is not None and known.kind == UnitKind.VILLAGE

    def today(self, place: Place) -> Place:
        """Who took over from a unit that is gone."""
        passed = {place.code}
        while not place.living and (heir := self.by_id.get(place.heir_id)) and heir.code not in passed:
            passed.add(heir.code)
            place = heir
        return place

    def described(self, place: Place) -> str:
        parent = self.by_code.get(place.path.rstrip("/").rsplit("/", 2)[-2])
        return f"{parent.name if parent else ''}{place.name}（{place.code}）"

    def candidates(self, text: str) -> list[Place]:
        if text not in self.found:
            code = self.by_code.get(self._code(text))
            self.found[text] = [code] if code else self._named(plain(text))
        return self.found[text]

    @staticmethod
    def _code(text: str) -> str:
        return text.ljust(CODE_LENGTH, "0") if text.isdigit() and len(text) in LEVEL_ENDS else text

    def _named(self, name: str) -> list[Place]:
        """富春街道平畈村 is the 平畈村 that lies under 富春街道."""
        if name in self.by_name:
            return self.by_name[name]
        found = {}
        for cut in range(2, len(name)):
            for upper in self.by_name.get(name[:cut], ()):
                for lower in self._named(name[cut:]):
                    if lower.path.startswith(upper.path) and lower.path != upper.path:
                        found[lower.code] = lower
        return list(found.values())

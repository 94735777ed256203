"""What files of households and of organisations have in common: units, telephones, who stands there already."""

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from imports import missing
from imports.kind import Spot
from imports.lines import Line
from imports.located import Located
from imports.places import Place, Places
from imports.seen import Seen
from imports.where import STEPS, Where, last_named
from models.acting import district_of
from models.scope import district_part
from models.types import PathText, Sealed, keyring
from rules.refusals import N_
from rules.roles import Role


def placed_columns(table: str) -> tuple[sa.Column[Any], ...]:
    """Of a stage. `home` to `home_end` is the village, or else the unit, within which a name tells rows apart."""
    return (
        sa.Column("telephone", Sealed(f"{table}.telephone")),
        sa.Column("telephone_hash", sa.String(32)),
        sa.Column("unit_id", sa.Integer),
        sa.Column("path", sa.String(160)),
        sa.Column("district", PathText),
        sa.Column("home", PathText),
        sa.Column("home_end", PathText),
        sa.Column("note", sa.Text),
    )


def spot_of(stage: sa.Table, target: sa.Table) -> Spot:
    s, t = stage.c, target.c
    return Spot((s.unit_id, t.unit_id), STEPS[::-1], (s.path, t.path))


class PlacedKind(Located):
    sheet_fills = "village"
    places_beside = ("town", "unit")
    nowhere = N_("Nothing says in which village, grid or unit this lies")
    importers = frozenset({Role.OFFICE, Role.DISPATCHER})

    def complete(self, line: Line, place: Place | None) -> None:
        """Turns the line's words into what its stage keeps."""
        raise NotImplementedError

    def marks(self, line: Line) -> Iterator[tuple[str, str]]:
        """What no two lines may have alike: column and mark. None at all is an error."""
        raise NotImplementedError

    def no_mark(self, line: Line) -> None:
        raise NotImplementedError

    def staged(self, lines: Iterator[Line]) -> Iterable[Line]:
        where, seen = Where(self.places, self.default_place()), Seen()
        fallback = self._only_district()
        for line in lines:
            values, place = line.values, where.take(line)
            values["district"] = fallback
            if place is not None:
                self.put(line, self.spots[0], last_named(line), place)
            if values.get("telephone"):
                values["telephone_hash"] = keyring().hash(values["telephone"])
            self.complete(line, place)
            marks = list(self.marks(line))
            if not marks and not line.errors:
                self.no_mark(line)
            seen.check(line, marks)
            yield line

    def lying(self, spot: Spot, place: Place, places: Places) -> dict[str, Any]:
        home = places.home(place)
        within = {"district": district_of(place.path), "home": home, "home_end": home[:-1] + "0"}
        return super().lying(spot, place, places) | within

    def about(self) -> sa.ColumnElement[bool]:
        return missing.in_units_named(self)

    def _only_district(self) -> str | None:
        """For rows that name no unit."""
        paths = self.order.scope.paths or [place.path for place in self.places.by_code.values()]
        districts = {district_of(path) for path in paths}
        return districts.pop() if len(districts) == 1 else None

    @property
    def in_district(self) -> sa.ColumnElement[bool]:
        """By way of the indexes that begin with the district."""
        inside: sa.ColumnElement[bool] = district_part(self.target.c.path) == self.stage.c.district
        return inside

    @property
    def at_home(self) -> sa.ColumnElement[bool]:
        path, s = self.target.c.path, self.stage.c
        return sa.and_(path >= s.home, path < s.home_end)

    def several(self, *marks: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
        """Lines that found a row by these marks, which others have too."""
        alike = sa.select(sa.func.count()).select_from(self.target).where(*marks).correlate(self.stage)
        return sa.and_(self.stage.c.target_id.is_not(None), alike.scalar_subquery() > 1)

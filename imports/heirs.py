"""Who takes over the open work of those who go, as a command line says it: as suggested, nobody, or by a table of
staff numbers."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import sqlalchemy as sa

from imports import handover
from imports.encodings import decode
from imports.handover import NOBODY, Plan
from imports.roster import Choice, Heir
from models.people import Person
from models.units import Unit
from rules.refusals import N_, Refusal

if TYPE_CHECKING:
    from imports.people import People

AS_SUGGESTED, TO_NOBODY = "suggested", "nobody"
WORDS = (AS_SUGGESTED, TO_NOBODY)
NAMED = 5
NOT_BUSY = N_("Row %(row)s of the heirs: nobody with open work who moves or leaves has staff number %(number)s")
NOT_THERE = N_("Row %(row)s of the heirs: nobody who stays on duty in %(unit)s has staff number %(number)s")
Row = tuple[int, str, str]
"""Its number in the file, the staff number of who goes and that of the heir, empty for nobody."""


def rows_of(data: bytes) -> list[Row]:
    """Of a csv in any encoding we read."""
    text = decode(data)
    found = csv.reader(io.StringIO(text), delimiter="\t" if "\t" in text else ",")
    cells = ((number, [cell.strip() for cell in row]) for number, row in enumerate(found, 1))
    return [(number, row[0], row[1] if len(row) > 1 else "") for number, row in cells if row and row[0]]


def decide(kind: "People", choice: Choice, given: str | Sequence[Row]) -> Choice:
    """One of the words, or the rows of a table; empty for nothing said. Raises Refusal while somebody is undecided."""
    plan = handover.plan(kind, choice)
    if given == AS_SUGGESTED:
        return plan.as_proposed()
    if given == TO_NOBODY:
        return plan.with_nobody()
    said = plan.decided(_Table(kind, plan).read(given)) if not isinstance(given, str) else choice
    if left := handover.plan(kind, said).undecided:
        names = {work.person_id: work.name for work in plan.works}
        raise Refusal(
            N_(
                "%(count)s people who move or leave have open work (%(names)s): say who takes it over with --heirs"
                " suggested, --heirs nobody, or --heirs FILE.csv with two columns, the staff number of who goes and"
                " that of the heir (empty for nobody)"
            ),
            count=len(left),
            names="、".join([names[who] for who in left][:NAMED]) + ("…" if len(left) > NAMED else ""),
        )
    return said


class _Table:
    def __init__(self, kind: "People", plan: Plan) -> None:
        self.kind, self.plan = kind, plan
        offered = {heir for named in plan.heirs.named.values() for heir in named if isinstance(heir, int)}
        self.ids = self._numbered({*plan.busy, *offered})

    def _numbered(self, people: Iterable[int]) -> dict[str, int]:
        p = Person.__table__.c
        found = sa.select(p.staff_no, p.id).where(p.id.in_(list(people)), p.staff_no.is_not(None))
        return dict(self.kind.connection.execute(found).all())

    def read(self, rows: Sequence[Row]) -> dict[int, Heir]:
        """A first row that is about nobody holds the headings."""
        heirs: dict[int, Heir] = {}
        for place, (number, goer, heir) in enumerate(rows):
            who = self.ids.get(goer)
            if who is None or who not in self.plan.busy:
                if place == 0:
                    continue
                raise Refusal(NOT_BUSY, row=number, number=goer)
            heirs[who] = self._heir(number, heir, self.plan.busy[who])
        return heirs

    def _heir(self, row: int, number: str, unit_id: int) -> Heir:
        if not number:
            return NOBODY
        offered = self.plan.heirs.named.get(unit_id, {})
        for heir in (self.ids.get(number), number):
            if heir is not None and heir in offered:
                return heir
        unit = Unit.__table__.c
        called = self.kind.connection.scalar(sa.select(unit.name).where(unit.id == unit_id))
        raise Refusal(NOT_THERE, row=row, unit=called, number=number)

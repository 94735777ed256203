"""A year of an invented district's visits: firms by day, homes by night, by those who go there."""

from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from random import Random

from imports.demo import texts
from imports.demo.bulk import PACKED, Bulk
from imports.demo.days import shared, year_before
from imports.demo.grammar import all_compiled, one_of
from imports.demo.phrases import TROUBLES, visits
from imports.demo.places import Place, Row, Tree, firm_name
from imports.demo.sizes import Size
from imports.demo.staff import PERSON_COLUMNS, Staff
from imports.demo.words import GIVEN, SURNAMES
from models.roster import SEPARATOR
from rules.research import ObjectKind, Outcome, VisitKind
from rules.workdays import Calendar

COLUMNS = {
    "visit": (
        *("id", "visited_on", "visited_at", "kind", "visitor_id", "visitor_name", "companions", "object_kind"),
        *("object_name", "address", "unit_id", "path", "outcome", "content", "handling", "to_ticket", "field_note"),
        "version",
    ),
    "visitor": ("visit_id", "seq", "name", "person_id"),
}
WEEKEND, HOLIDAY = 0.35, 0.15
DAY_HOURS = (30, 100, 120, 70, 12, 20, 90, 110, 80, 25)
"""From 8:00 on."""
NIGHT_HOURS = (60, 100, 45)
"""From 19:00 on."""
KINDS = tuple(
    zip(
        VisitKind,
        accumulate((0.76, 0.13, 0.02, 0.015, 0.015, 0.025, 0.01, 0.015, 0.01)),
        strict=True,
    )
)
WORRIES, CALM, HANDLED, NOTES = map(all_compiled, (visits.WORRIES, visits.CALM, visits.HANDLED, visits.NOTES))
NOTE_SHARE, RAISED, REFUSED, ABSENT, HANDED_ON = 0.008, 0.22, 0.008, 0.03, 0.55
LEADING = ("区领导", "书记", "负责人")


@dataclass(frozen=True, slots=True)
class Visitor:
    id: int
    name: str
    post: str
    unit_id: int
    path: str


@dataclass(frozen=True, slots=True)
class Visited:
    kind: ObjectKind
    name: str
    address: str


class Researchers:
    """Everybody on duty, by the village they go to: their liaison village, else the one they work in."""

    def __init__(self, tree: Tree, staff: Staff) -> None:
        at = {name: PERSON_COLUMNS.index(name) for name in PERSON_COLUMNS}
        self.villages = {village.id: village for village in tree.living_villages}
        self.by_village: dict[int, list[Visitor]] = {}
        self.leading: list[Visitor] = []
        self.of_unit: dict[int, list[Visitor]] = {}
        for row in staff.rows:
            if row[at["employment"]] != "active":
                continue
            one = Visitor(*(row[at[name]] for name in ("id", "name", "post", "unit_id", "path")))  # type: ignore[arg-type]
            place = row[at["liaison_unit_id"]] or one.unit_id
            self.of_unit.setdefault(one.unit_id, []).append(one)
            if place in self.villages:
                self.by_village.setdefault(int(str(place)), []).append(one)
            if one.post in LEADING:
                self.leading.append(one)


class Log:
    def __init__(self, people: Researchers, size: Size, chance: Random, first_id: int) -> None:
        self.people, self.size, self.chance, self.next_id = people, size, chance, first_id
        self.villages = [self.people.villages[each] for each in sorted(self.people.by_village)]
        self.grounds: dict[int, dict[ObjectKind, list[Visited]]] = {}

    def write(self, bulk: Bulk, until: date, calendar: Calendar) -> None:
        packed = PACKED[bulk.engine]
        rows: dict[str, list[Row]] = {"visit": [], "visitor": []}
        for day, count in self.days(until, calendar):
            for visit, went in (self.visit(day) for _ in range(count)):
                rows["visit"].append(visit)
                rows["visitor"] += went
        for table, found in rows.items():
            bulk.write(table, COLUMNS[table], packed(found))

    def days(self, until: date, calendar: Calendar) -> Iterator[tuple[date, int]]:
        days = year_before(until)
        weights = [
            (HOLIDAY if calendar.working.get(day) is False else 1 if calendar.is_workday(day) else WEEKEND)
            * self.chance.lognormvariate(0, 0.15)
            for day in days
        ]
        yield from zip(days, shared(self.size.visits, weights), strict=True)

    def visit(self, day: date) -> tuple[Row, list[Row]]:
        chance = self.chance
        village = self.villages[int(chance.random() * len(self.villages))]
        people = self.people.by_village[village.id]
        drawn = chance.random()
        kind = next((kind for kind, up_to in KINDS if drawn < up_to), VisitKind.DAY_VISIT)
        visited = self.whom(village, kind)
        lead, *others = self.party(people)
        outcome, content, handling = self.heard(village, visited)
        slots = texts.scene(village, chance) if chance.random() < NOTE_SHARE else None
        visit_id, self.next_id = self.next_id, self.next_id + 1
        row = (
            *(visit_id, day.isoformat(), self.time_of(kind), kind.value, lead.id, lead.name),
            *(SEPARATOR.join(each.name for each in others), visited.kind.value, visited.name, visited.address),
            *(village.id, village.path, outcome.value, content, handling),
            outcome is Outcome.ISSUE_RAISED and chance.random() < HANDED_ON,
            *(one_of(NOTES, chance.random, slots) if slots else "", 1),
        )
        return row, [(visit_id, seq, each.name, each.id) for seq, each in enumerate((lead, *others), 1)]

    def party(self, people: list[Visitor]) -> list[Visitor]:
        """Two in three go alone or by two."""
        wanted = min(len(people), 1 + int(self.chance.random() * 2.2))
        first = int(self.chance.random() * len(people))
        return [people[(first + turn) % len(people)] for turn in range(wanted)]

    def time_of(self, kind: VisitKind) -> str:
        chance = self.chance.random
        hours, first = (NIGHT_HOURS, 19) if kind is VisitKind.NIGHT_TALK else (DAY_HOURS, 8)
        added = list(accumulate(hours))
        return f"{first + bisect(added, chance() * added[-1]):02d}:{int(chance() * 12) * 5:02d}:00.000000"

    def whom(self, village: Place, kind: VisitKind) -> Visited:
        """By day mostly firms, by night people at home."""
        drawn, found = self.chance.random(), ObjectKind.HOUSEHOLD
        if kind is VisitKind.DAY_VISIT and drawn < 0.62:
            found = ObjectKind.ENTERPRISE
        elif kind is not VisitKind.NIGHT_TALK and drawn < 0.75:
            found = ObjectKind.INSTITUTION if drawn < 0.72 else ObjectKind.SOCIAL_ORGANISATION
        among = self.ground_of(village)[found]
        return among[int(self.chance.random() * len(among))]

    def ground_of(self, village: Place) -> dict[ObjectKind, list[Visited]]:
        """The same firms and homes all year, more in a community."""
        if village.id not in self.grounds:
            chance, many = self.chance, 3 if village.is_urban else 2
            firms = {firm_name(chance) + chance.choice(visits.FIRM_TRADES) + "有限公司" for _ in range(7 * many)}
            firms |= {chance.choice(SURNAMES) + chance.choice(GIVEN) + chance.choice(visits.SHOPS) for _ in range(many)}
            road = village.roads[0]
            self.grounds[village.id] = {
                ObjectKind.ENTERPRISE: [
                    Visited(ObjectKind.ENTERPRISE, name, f"{road}{1 + int(chance.random() * 380)}号")
                    for name in sorted(firms)
                ],
                ObjectKind.HOUSEHOLD: [self.home(village) for _ in range(30 * many)],
                ObjectKind.INSTITUTION: [
                    Visited(ObjectKind.INSTITUTION, village.name + name, road) for name in visits.INSTITUTIONS
                ],
                ObjectKind.SOCIAL_ORGANISATION: [
                    Visited(ObjectKind.SOCIAL_ORGANISATION, village.name + name, road) for name in visits.SOCIETIES
                ],
            }
        return self.grounds[village.id]

    def home(self, village: Place) -> Visited:
        chance = self.chance
        name = chance.choice(SURNAMES) + "".join(chance.choice(GIVEN) for _ in range(1 + (chance.random() < 0.8)))
        return Visited(ObjectKind.HOUSEHOLD, name, texts.scene(village, chance)[0])

    def heard(self, village: Place, visited: Visited) -> tuple[Outcome, str, str]:
        chance = self.chance
        drawn = chance.random()
        if drawn < REFUSED + ABSENT:
            return (Outcome.REFUSED if drawn < REFUSED else Outcome.ABSENT), "", ""
        slots = texts.scene(village, chance)
        if drawn > RAISED:
            return Outcome.LISTENED, one_of(CALM, chance.random, slots), ""
        firm = visited.kind is ObjectKind.ENTERPRISE
        facts = WORRIES if firm else texts.SAYINGS[int(chance.random() * len(TROUBLES))].facts
        return Outcome.ISSUE_RAISED, one_of(facts, chance.random, slots), one_of(HANDLED, chance.random, slots)

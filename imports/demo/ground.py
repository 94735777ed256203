"""What is needed to write a day's requests, in this process or another: the rules, and each district's people."""

from bisect import bisect
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import accumulate
from random import Random

from imports.demo.days import Incident
from imports.demo.phrases import TROUBLES
from imports.demo.places import Place, Tree
from imports.demo.staff import Crew, Staff, Worker
from models.types import Keyring
from rules.deadlines import Tier
from rules.policy import Policy
from rules.roles import Role
from rules.workdays import Calendar

Holders = dict[int, dict[Role, list[int]]]
FLAVOURED = 9.0


@dataclass(frozen=True)
class Office:
    """`end` is the moment the record ends with, in seconds; `pictures` are size, digest and kind of evidence."""

    seed: str
    end: int
    policy: Policy
    policy_version: int
    calendar: Calendar
    keys: Keyring
    categories: dict[str, tuple[int, Tier]]
    pictures: list[tuple[int, str, str]]
    evidence_share: float


@dataclass
class Ground:
    """One district. `holders` are the people with accounts, by unit and role."""

    number: int
    villages: list[Place]
    weights: list[int]
    grids: dict[int, list[Place]]
    leads: dict[tuple[int, str], int]
    crews: dict[int, Crew]
    holders: Holders
    incidents: dict[date, list[Incident]]
    firms: frozenset[int]

    @cached_property
    def accounts(self) -> frozenset[int]:
        return frozenset(one for roles in self.holders.values() for people in roles.values() for one in people)

    @cached_property
    def supervisors(self) -> list[int]:
        return [one for roles in self.holders.values() for one in roles.get(Role.SUPERVISOR, [])]

    @cached_property
    def mixes(self) -> dict[tuple[str, bool], list[float]]:
        """How often each trouble happens, added up, by weather and by kind of village."""
        found = {}
        for flavour in {"", *(trouble.flavour for trouble in TROUBLES)}:
            for urban in (False, True):
                found[flavour, urban] = list(accumulate(weights(flavour, urban=urban)))
        return found

    def village(self, chance: Random) -> Place:
        return self.villages[bisect(self.weights, chance.random() * self.weights[-1])]

    def trouble(self, flavour: str, village: Place, chance: Random) -> int:
        mix = self.mixes.get((flavour, village.is_urban)) or self.mixes["", village.is_urban]
        return bisect(mix, chance.random() * mix[-1])

    def lead(self, asked: str, village: Place, chance: Random) -> Crew:
        if asked == "grid" or (asked == "village" and chance.random() < 0.22):
            grids = self.grids.get(village.id)
            return self.crews[grids[int(chance.random() * len(grids))].id if grids else village.id]
        return self.crews[village.id if asked == "village" else self.lead_of_town(asked, village)]

    def lead_of_town(self, asked: str, village: Place) -> int:
        town = village.parent.id if village.parent else 0
        return town if asked == "town" else self.leads.get((town, asked)) or self.leads[0, asked]

    def dispatchers(self, village: Place, crew: Crew) -> tuple[Crew, list[Worker]]:
        """The town's, or the district's where the town may not hand over."""
        town = village.parent
        place = town.parent if town is not None and crew.unit_id in self.firms else town
        found = self.crews[place.id if place else 0]
        return found, found.hands[Role.DISPATCHER]


def weights(flavour: str, *, urban: bool) -> list[float]:
    return [
        each.weight
        * (each.urban if urban else 1)
        * ((FLAVOURED if each.flavour == flavour else 0.25) if each.flavour else 1)
        for each in TROUBLES
    ]


def ground(tree: Tree, staff: Staff, holders: Holders, incidents: dict[date, list[Incident]]) -> Ground:
    villages = tree.living_villages
    grids: dict[int, list[Place]] = {}
    for grid in tree.grids:
        grids.setdefault(grid.parent.id if grid.parent else 0, []).append(grid)
    leads = {(0, place.name): place.id for place in tree.departments}
    for station in tree.stations:
        town = station.parent
        if town is not None:
            leads[town.id, station.name.removeprefix(town.name.removesuffix(town.category))] = station.id
    return Ground(
        tree.number,
        villages,
        list(accumulate((village.households or 0) * (2 if village.is_urban else 1) for village in villages)),
        grids,
        leads,
        staff.crews,
        holders,
        incidents,
        frozenset(place.id for place in tree.departments if place.kind == "firm"),
    )

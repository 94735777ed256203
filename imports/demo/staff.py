"""The invented roster: who sits where, who takes part in handling requests, and how well each unit does it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from imports.demo.places import Place, Row, Tree
from imports.demo.sizes import Size
from imports.demo.words import GIVEN, SURNAMES
from imports.people import initial
from models.types import Keyring
from rules.identity import ID_CHECK_DIGITS, ID_WEIGHTS
from rules.roles import Role
from rules.units import UnitKind

PERSON_COLUMNS = (
    *("id", "staff_no", "name", "pinyin", "gender", "id_number", "id_number_hash", "mobile", "mobile_hash", "unit_id"),
    *("path", "post", "category", "political_status", "joined_on", "branch", "liaison_unit_id", "employment"),
    *("note", "version"),
)
POSTS: dict[UnitKind, tuple[tuple[str, Role | None], ...]] = {
    UnitKind.DISTRICT: (
        *(("区领导", Role.MANAGER), ("区领导", Role.MANAGER), ("区调研办主任", Role.OFFICE)),
        *(("调研办科员", Role.OFFICE), ("派单员", Role.DISPATCHER), ("派单员", Role.DISPATCHER)),
        *(("派单员", Role.DISPATCHER), ("督查专员", Role.SUPERVISOR), ("督查专员", Role.SUPERVISOR)),
        *(("考核专员", Role.EVALUATOR), ("考核专员", Role.EVALUATOR), ("系统管理员", Role.SYS_ADMIN)),
        *(("安全管理员", Role.SEC_ADMIN), ("审计管理员", Role.AUDIT_ADMIN)),
    ),
    UnitKind.TOWN: (
        *(("书记", Role.GROUP_LEADER), ("负责人", Role.UNIT_LEADER), ("派单员", Role.DISPATCHER)),
        *(("派单员", Role.DISPATCHER), ("经办", Role.HANDLER), ("经办", Role.HANDLER), ("经办", Role.HANDLER)),
    ),
    UnitKind.DEPARTMENT: (
        *(("负责人", Role.UNIT_LEADER), ("业务科长", Role.MEMBER)),
        *(("经办", Role.HANDLER), ("经办", Role.HANDLER), ("经办", Role.HANDLER)),
    ),
    UnitKind.FIRM: (("负责人", Role.UNIT_LEADER), ("经办", Role.HANDLER), ("经办", Role.HANDLER)),
    UnitKind.STATION: (("负责人", Role.UNIT_LEADER), ("经办", Role.HANDLER), ("经办", Role.HANDLER)),
    UnitKind.VILLAGE: (
        *(("书记", Role.UNIT_LEADER), ("经办", Role.HANDLER), ("经办", Role.HANDLER), ("网格员", Role.MEMBER)),
    ),
    UnitKind.GRID: (("网格长", Role.UNIT_LEADER), ("网格员", Role.HANDLER)),
    UnitKind.MICRO_GRID: (("微网格长", None),),
    UnitKind.ESTATE: (),
}  # fmt: skip
CADRES = frozenset({UnitKind.DISTRICT, UnitKind.TOWN, UnitKind.DEPARTMENT, UnitKind.STATION})
AGENCY_SHARE = 8_400 / 38_400  # s0


@dataclass(slots=True)
class Worker:
    """`pace` is 1 for most; a slow hand takes longer over everything."""

    id: int
    name: str
    pace: float = 1.0


@dataclass(slots=True)
class Crew:
    """A unit's people who handle requests, and its ways."""

    unit_id: int
    unit_name: str
    path: str
    punctual: float
    quality: float
    hands: dict[Role, list[Worker]] = field(default_factory=dict)


@dataclass
class Staff:
    rows: list[Row] = field(default_factory=list)
    crews: dict[int, Crew] = field(default_factory=dict)
    posts: list[tuple[Role, int, Place]] = field(default_factory=list)
    """Role, person and unit of everybody who has one, units in the order of the tree."""


class Recruiter:
    def __init__(self, tree: Tree, size: Size, first_id: int, keys: Keyring, chance: Random):
        self.tree, self.size, self.keys, self.chance = tree, size, keys, chance
        self.next_id, self.first_id = first_id, first_id
        self.born: set[str] = set()
        self.staff = Staff()

    def recruit(self) -> Staff:
        for place in self.tree.all:
            if place.merged_into is None:
                self.man(place)
        missing = self.size.people - (self.next_id - self.first_id)
        for place, post in self.others(missing):
            self.hire(place, post)
        return self.staff

    def man(self, place: Place) -> None:
        crew = self.crew(place)
        for post, role in POSTS[place.kind]:
            worker = self.hire(place, post)
            if role is not None:
                crew.hands.setdefault(role, []).append(worker)
                self.staff.posts.append((role, worker.id, place))
            if role in (Role.UNIT_LEADER, Role.MANAGER) or role is None:
                place.leader = place.leader if place.leader[0] else (worker.id, worker.name)
        if place.kind is not UnitKind.MICRO_GRID:
            self.staff.crews[place.id] = crew

    def crew(self, place: Place) -> Crew:
        """Most do well; some hardly."""
        punctual = 0.995 - 0.195 * self.chance.random() ** 2.2
        return Crew(place.id, place.name, place.path, punctual, self.chance.betavariate(4, 2))

    def others(self, number: int) -> Iterator[tuple[Place, str]]:
        """Cadres in the offices, party members in villages and firms."""
        offices = [self.tree.root, *self.tree.departments, *self.tree.stations, *self.tree.towns]
        cadres = max(0, round(self.size.people * AGENCY_SHARE) - len(offices) * 5)
        for _ in range(number):
            if self.chance.random() * number < cadres:
                yield self.chance.choice(offices), self.chance.choice(("科员", "主任科员", "副科长", "办事员", "干部"))
            else:
                yield self.chance.choice(self.tree.living_villages), "党员"

    def hire(self, place: Place, post: str) -> Worker:
        chance, person_id = self.chance, self.next_id
        self.next_id += 1
        woman = chance.random() < 0.42
        name = chance.choice(SURNAMES) + "".join(chance.choice(GIVEN) for _ in range(1 + (chance.random() < 0.8)))
        born = date(1962, 1, 1) + timedelta(chance.randrange(14_500))
        number = self.id_number(born, woman=woman)
        mobile = f"140{self.tree.number % 10}{person_id - self.first_id:07d}"
        self.staff.rows.append(
            (
                *(person_id, f"{self.tree.root.code[:6]}{person_id - self.first_id + 1:05d}", name),
                *("".join(map(initial, name)), "female" if woman else "male"),
                *(self.keys.seal(number, "person.id_number"), self.keys.hash(number)),
                *(self.keys.seal(mobile, "person.mobile"), self.keys.hash(mobile)),
                *(place.id, place.path, post),
                *self.standing(place, post, born),
                *("active" if post not in ("党员", "科员", "干部") else self.employment(), "", 1),
            )
        )
        return Worker(person_id, name, 1 + 2.5 * (chance.random() < 0.06))

    def employment(self) -> str:
        drawn = self.chance.random()
        return "active" if drawn < 0.9 else "retired" if drawn < 0.97 else "left"

    def standing(self, place: Place, post: str, born: date) -> Row:
        """Category, political status, since when, branch, liaison village."""
        chance = self.chance
        cadre = place.kind in CADRES
        party = post == "党员" or chance.random() < 0.8
        joined = date(born.year + chance.randint(20, 30), chance.randint(1, 12), chance.randint(1, 28)).isoformat()
        liaison = chance.choice(self.tree.living_villages).id if cadre and chance.random() < 0.4 else None
        return (
            self.category(place, post),
            "party_member" if party else chance.choice(("masses", "youth_league", "probationary")),
            joined if party else None,
            f"{place.name}党支部" if party else "",
            liaison,
        )

    def category(self, place: Place, post: str) -> str:
        if place.kind in CADRES:
            return "district_cadre" if post in ("区领导", "书记", "负责人") else "agency_cadre"
        if post.endswith(("网格员", "网格长")):
            return "grid_staff"
        return "two_new_member" if self.chance.random() < 0.3 else "village_member"

    def id_number(self, born: date, *, woman: bool) -> str:
        """Nobody's: no county has the code the tree begins with."""
        while True:
            sequence = 2 * self.chance.randrange(500) + (not woman)
            digits = f"{self.tree.root.code[:6]}{born:%Y%m%d}{sequence:03d}"
            if digits not in self.born:
                self.born.add(digits)
                return digits + check_digit(digits)


def check_digit(digits: str) -> str:
    return ID_CHECK_DIGITS[sum(int(digit) * weight for digit, weight in zip(digits, ID_WEIGHTS, strict=True)) % 11]

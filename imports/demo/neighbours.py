"""The invented households and organisations of a district: where they live or work, and who looks after them."""

from itertools import accumulate
from random import Random

from imports.demo.places import Place, Row, Tree, firm_name
from imports.demo.staff import Staff
from imports.demo.words import GIVEN, SURNAMES
from models.types import Keyring
from rules.identity import credit_code_check
from rules.organisations import OrganisationKind

HOUSEHOLD_COLUMNS = (
    *("id", "number", "head", "telephone", "telephone_hash", "unit_id", "path", "registered_address"),
    *("present_address", "estate", "building", "entrance", "room", "door", "labels", "note", "version"),
)
ORGANISATION_COLUMNS = (
    *("id", "name", "credit_code", "kind", "legal_person", "contact", "telephone", "telephone_hash", "address"),
    *("industry", "staff_count", "unit_id", "path", "liaison_id", "note", "version"),
)
LABELS = ("lone_elderly", "disabled", "allowance", "veteran", "near_allowance", "illness", "left_behind", "public_care")
LABELLED_SHARE, REACHABLE_SHARE, LOOKED_AFTER_SHARE = 0.09, 0.86, 0.6

Line = tuple[str, str, str]
TRADES: dict[OrganisationKind, tuple[int, str, tuple[Line, ...]]] = {
    OrganisationKind.ENTERPRISE: (
        42,
        "91",
        (
            ("{firm}机械有限公司", "制造业", "厂区"),
            ("{firm}纸业有限公司", "制造业", "厂区"),
            ("{firm}建材有限公司", "批发和零售业", "仓库"),
            ("{firm}物流有限公司", "交通运输业", "仓库"),
            ("{firm}科技有限公司", "信息技术服务业", "楼"),
            ("{firm}茶叶专业合作社", "农业", "山场"),
            ("{firm}物业服务有限公司", "房地产业", "楼"),
        ),
    ),
    OrganisationKind.SOLE_TRADER: (
        38,
        "92",
        (
            ("{village}{person}小吃店", "住宿和餐饮业", "号"),
            ("{village}{person}百货店", "批发和零售业", "号"),
            ("{village}{person}五金店", "批发和零售业", "号"),
            ("{village}{person}理发店", "居民服务业", "号"),
            ("{village}{person}民宿", "住宿和餐饮业", "号"),
        ),
    ),
    OrganisationKind.INSTITUTION: (
        7,
        "12",
        (("{village}卫生服务站", "卫生", "号"), ("{village}幼儿园", "教育", "号"), ("{village}小学", "教育", "号")),
    ),
    OrganisationKind.SOCIAL: (
        8,
        "52",
        (
            ("{village}老年协会", "社会组织", "号"),
            ("{firm}志愿服务队", "社会组织", "号"),
            ("{village}乡贤联谊会", "社会组织", "号"),
        ),
    ),
    OrganisationKind.PROJECT: (
        5,
        "",
        (
            ("{village}道路改造工程", "项目", ""),
            ("{village}污水管网工程", "项目", ""),
            ("{village}产业园二期", "项目", ""),
        ),
    ),
}
"""Kind → how many of a hundred, how its credit codes begin, and (name, industry, word of the address)."""


class Neighbours:
    def __init__(self, tree: Tree, staff: Staff, keys: Keyring, chance: Random):
        self.tree, self.staff, self.keys, self.chance = tree, staff, keys, chance
        self.villages = tree.living_villages
        self.named: set[str] = set()
        self.grids: dict[int, list[Place]] = {}
        for grid in tree.grids:
            self.grids.setdefault(grid.parent.id if grid.parent else 0, []).append(grid)

    def households(self, number: int, first_id: int) -> list[Row]:
        """Each village has its share by its size."""
        shares = shared(number, [village.households or 1 for village in self.villages])
        villages = [village for village, share in zip(self.villages, shares, strict=True) for _ in range(share)]
        return [self.household(turn, first_id + turn, village) for turn, village in enumerate(villages)]

    def organisations(self, number: int, first_id: int) -> list[Row]:
        shares = shared(number, [2 if village.is_urban else 1 for village in self.villages])
        villages = [village for village, share in zip(self.villages, shares, strict=True) for _ in range(share)]
        return [self.organisation(turn, first_id + turn, village) for turn, village in enumerate(villages)]

    def household(self, turn: int, key: int, village: Place) -> Row:
        chance, place = self.chance, self.place(village)
        telephone = f"141{self.tree.number % 10}{turn:07d}" if chance.random() < REACHABLE_SHARE else None
        present, door = (
            self.flat(village) if chance.random() < (0.8 if village.is_urban else 0.05) else self.house(village)
        )
        registered = present if chance.random() < 0.8 else self.house(chance.choice(self.villages))[0]
        labels = f",{chance.choice(LABELS)}," if chance.random() < LABELLED_SHARE else ""
        return (
            *(key, f"{self.tree.root.code[:6]}{turn + 1:06d}", self.person()),
            *self.sealed(telephone, "household.telephone"),
            *(place.id, place.path, registered, present, *door, labels, "", 1),
        )

    def place(self, village: Place) -> Place:
        """Most lie in a grid."""
        grids = self.grids.get(village.id)
        return self.chance.choice(grids) if grids and self.chance.random() < 0.92 else village

    def flat(self, village: Place) -> tuple[str, Row]:
        chance, estate = self.chance, self.chance.choice(village.estates)
        building, entrance = str(chance.randint(1, 24)), str(chance.randint(1, 4))
        room = f"{chance.randint(1, 18)}0{chance.randint(1, 4)}"
        return f"{village.name}{estate}{building}幢{entrance}单元{room}室", (estate, building, entrance, room, "")

    def house(self, village: Place) -> tuple[str, Row]:
        road, door = self.chance.choice(village.roads), str(self.chance.randint(1, 320))
        return f"{village.name}{road}{door}号", ("", "", "", "", door)

    def organisation(self, turn: int, key: int, village: Place) -> Row:
        chance, person, place = self.chance, self.person(), self.place(village)
        kind, named, industry, word = self.trade(village, person)
        prefix = TRADES[kind][1]
        code = self.credit_code(prefix, turn) if prefix else None
        telephone = f"142{self.tree.number % 10}{turn:07d}" if chance.random() < REACHABLE_SHARE else None
        address = f"{village.name}{chance.choice(village.roads)}{chance.randint(1, 320)}号{word.removeprefix('号')}"
        staff = {OrganisationKind.SOLE_TRADER: 6, OrganisationKind.ENTERPRISE: 180}.get(kind, 40)
        return (
            *(key, named, code, kind.value, person, person if chance.random() < 0.5 else self.person()),
            *self.sealed(telephone, "organisation.telephone"),
            *(address, industry, chance.randint(1, staff), place.id, place.path, self.liaison(village), "", 1),
        )

    def trade(self, village: Place, person: str) -> tuple[OrganisationKind, str, str, str]:
        """Kind, name, industry and word of the address; no name twice."""
        chance = self.chance
        while True:
            kind = chance.choices(list(TRADES), [share for share, _, _ in TRADES.values()])[0]
            name, industry, word = chance.choice(TRADES[kind][2])
            named = name.format(firm=self.tree.root.aliases[0] + firm_name(chance), village=village.name, person=person)
            if named not in self.named:
                self.named.add(named)
                return kind, named, industry, word

    def credit_code(self, prefix: str, turn: int) -> str:
        """Nobody's: no county has the code the tree begins with."""
        stem = f"{prefix}{self.tree.root.code[:6]}MA{self.tree.number % 10}{turn:06d}"
        return stem + credit_code_check(stem)

    def liaison(self, village: Place) -> int | None:
        workers = [worker for hands in self.staff.crews[village.id].hands.values() for worker in hands]
        return self.chance.choice(workers).id if self.chance.random() < LOOKED_AFTER_SHARE else None

    def sealed(self, telephone: str | None, context: str) -> Row:
        return (self.keys.seal(telephone, context), self.keys.hash(telephone)) if telephone else (None, None)

    def person(self) -> str:
        chance = self.chance
        return chance.choice(SURNAMES) + "".join(chance.choice(GIVEN) for _ in range(1 + (chance.random() < 0.8)))


def shared(number: int, weights: list[int]) -> list[int]:
    """`number` dealt out by weight; the parts add up."""
    ends = [number * upto // sum(weights) for upto in accumulate(weights)]
    return [end - start for start, end in zip([0, *ends], ends, strict=False)]

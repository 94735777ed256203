"""The invented tree: district, towns, villages, grids, micro-grids, estates, departments, stations and state firms."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, cycle, product
from random import Random

from imports.demo.sizes import Size
from imports.demo.words import DISTRICTS, ESTATES, FIRMS, ROADS, TOWNS, VILLAGES
from rules.units import UnitKind

Row = tuple[object, ...]

UNIT_COLUMNS = (
    *("id", "code", "name", "kind", "category", "parent_id", "path", "leader_id", "leader_name", "phone", "extent"),
    *("households", "population", "valid_from", "valid_to", "successor_id", "version"),
)

DEPARTMENTS = (
    *("区调研办", "区城市管理局", "区交通运输局", "区住房和城乡建设局", "区综合行政执法局", "区生态环境分局"),
    *("区医疗保障局", "区人力社保局", "区教育局", "区农业农村局", "区民政局", "区卫生健康局", "区应急管理局"),
    *("区市场监管局", "区规划和自然资源局", "区水利局", "区公安分局", "区文化广电旅游体育局", "区信访局"),
    *("区经济和信息化局", "区商务局", "区司法局", "区财政局", "区税务局", "区退役军人事务局", "区消防救援大队"),
    *("区残疾人联合会", "区总工会", "区妇女联合会", "区行政服务中心"),
)  # fmt: skip
STATE_FIRMS = ("区水务集团", "区公交公司", "区供电公司", "区城建集团", "区燃气公司", "区环境集团", "区交投集团",
               "区文旅集团", "区通信公司", "区粮食公司", "区农投集团", "区热力公司")  # fmt: skip
STATIONS = ("供电所", "卫生院", "司法所", "城管中队")
SHORT = {"区城市管理局": "城管局", "区交通运输局": "交通局", "区住房和城乡建设局": "住建局", "区农业农村局": "农业局"}
CHINESE = "零一二三四五六七八九十"
MERGED = 6
"""Villages of a district that no longer are; a town has one."""


@dataclass(slots=True)
class Place:
    id: int
    code: str
    name: str
    kind: UnitKind
    path: str
    parent: "Place | None" = None
    category: str = ""
    households: int | None = None
    phone: str = ""
    leader: tuple[int | None, str] = (None, "")
    merged_into: "Place | None" = None
    aliases: tuple[str, ...] = ()
    roads: tuple[str, ...] = ()
    estates: tuple[str, ...] = ()

    @property
    def is_urban(self) -> bool:
        return self.category == "社区"

    def row(self, ended: str) -> Row:
        """`ended` is the last day of the villages that merged."""
        gone = self.merged_into
        return (
            *(self.id, self.code, self.name, self.kind.value, self.category, self.parent.id if self.parent else None),
            *(self.path, *self.leader, self.phone, "", self.households),
            *(round(self.households * 2.7) if self.households else None, None),
            *((ended, gone.id) if gone else (None, None)),
            1,
        )  # fmt: skip


@dataclass
class Tree:
    """One district."""

    number: int
    root: Place
    towns: list[Place] = field(default_factory=list)
    villages: list[Place] = field(default_factory=list)
    grids: list[Place] = field(default_factory=list)
    estates: list[Place] = field(default_factory=list)
    micro_grids: list[Place] = field(default_factory=list)
    departments: list[Place] = field(default_factory=list)
    stations: list[Place] = field(default_factory=list)

    @property
    def all(self) -> list[Place]:
        """Parents first."""
        return [
            *(self.root, *self.towns, *self.departments, *self.stations, *self.villages),
            *(*self.estates, *self.grids, *self.micro_grids),
        ]  # fmt: skip

    @property
    def living_villages(self) -> list[Place]:
        return [village for village in self.villages if village.merged_into is None]


class Grower:
    def __init__(self, number: int, size: Size, first_id: int, chance: Random):
        self.size, self.chance, self.ids = size, chance, count(first_id)
        self.code = f"3399{number:02d}"
        self.names = named(VILLAGES, chance)
        self.estate_names = cycle(named(ESTATES, chance))
        name = DISTRICTS[(number - 1) % len(DISTRICTS)]
        root = Place(next(self.ids), f"{self.code}000000", f"{name}区", UnitKind.DISTRICT, f"/{self.code}000000/")
        root.aliases = (name,)
        self.tree = Tree(number, root)

    def grow(self) -> Tree:
        tree = self.tree
        tree.towns = [self.town(number) for number in range(1, self.size.towns + 1)]
        tree.departments = [self.office(number, name) for number, name in enumerate((*DEPARTMENTS, *STATE_FIRMS), 1)]
        tree.stations = [self.station(town, name) for town in tree.towns for name in STATIONS]
        self.settle_villages()
        self.add_estates()
        self.add_grids()
        left = self.size.units - len(tree.all)
        tree.micro_grids = [self.micro_grid(tree.grids[n % len(tree.grids)], n) for n in range(left)]
        return tree

    def below(self, parent: Place, code: str, name: str, kind: UnitKind, category: str = "") -> Place:
        place = Place(next(self.ids), code, name, kind, f"{parent.path}{code}/", parent, category)
        if kind not in (UnitKind.DEPARTMENT, UnitKind.STATION, UnitKind.FIRM):
            place.households = self.chance.randint(900, 6000) if kind is UnitKind.VILLAGE else None
        return place

    def town(self, number: int) -> Place:
        name = TOWNS[(number + self.size.towns * (self.tree.number - 1)) % len(TOWNS)]
        category = "街道" if name.endswith("街道") else name[-1]
        town = self.below(self.tree.root, f"{self.code}{number:03d}000", name, UnitKind.TOWN, category)
        town.aliases = (name.removesuffix(category),)
        return self.reachable(town)

    def reachable(self, place: Place) -> Place:
        place.phone = f"6339{self.chance.randrange(10_000):04d}"
        return place

    def office(self, number: int, name: str) -> Place:
        kind = UnitKind.FIRM if name in STATE_FIRMS else UnitKind.DEPARTMENT
        place = self.below(self.tree.root, f"{self.code}-{number:02d}", name, kind)
        place.aliases = (SHORT.get(name, name.removeprefix("区")),)
        return self.reachable(place)

    def station(self, town: Place, name: str) -> Place:
        full = town.name.removesuffix(town.category) + name
        code = f"{town.code[:9]}-{STATIONS.index(name) + 1}"
        return self.reachable(self.below(town, code, full, UnitKind.STATION))

    def settle_villages(self) -> None:
        """The first towns are streets, where most villages are communities; few villages have merged into the next."""
        towns, chance = self.tree.towns, self.chance
        for number in range(self.size.villages):
            town = towns[number % len(towns)]
            urban = chance.random() < (0.85 if town.category == "街道" else 0.12)
            stem, category = next(self.names), "社区" if urban else "村"
            code = f"{town.code[:9]}{number // len(towns) + 1:03d}"
            village = self.below(town, code, stem + category, UnitKind.VILLAGE, category)
            village.aliases = (stem, f"{stem}{'居' if urban else '村'}委会")
            self.furnish(village)
            self.tree.villages.append(village)
        living = self.tree.villages
        for gone in range(MERGED if len(towns) > 1 else 1):
            living[-1 - gone].merged_into = living[gone]

    def furnish(self, village: Place) -> None:
        chance = self.chance
        first, last = ROADS
        roads = chance.randint(4, 7)
        village.roads = tuple(road_name(first, last, chance) for _ in range(roads))
        names = [next(self.estate_names) for _ in range(chance.randint(4, 8) if village.is_urban else 2)]
        village.estates = tuple(name + ("小区" if chance.random() < 0.28 else "") for name in names)
        self.reachable(village)

    def add_estates(self) -> None:
        urban = [village for village in self.tree.living_villages if village.is_urban] or self.tree.living_villages
        for number in range(self.size.estates):
            village, turn = urban[number % len(urban)], number // len(urban)
            name = village.estates[turn % len(village.estates)]
            place = self.below(village, f"{village.code}9{turn:02d}", name, UnitKind.ESTATE)
            place.households = self.chance.randint(200, 1800)
            self.tree.estates.append(place)

    def add_grids(self) -> None:
        villages = self.tree.living_villages
        for number in range(self.size.grids):
            village, turn = villages[number % len(villages)], number // len(villages) + 1
            grid = self.below(village, f"{village.code}{turn:03d}", f"第{numeral(turn)}网格", UnitKind.GRID)
            grid.households = self.chance.randint(150, 480)
            self.tree.grids.append(grid)

    def micro_grid(self, grid: Place, number: int) -> Place:
        turn = number // len(self.tree.grids) + 1
        place = self.below(grid, f"{grid.code}{turn:02d}", f"{numeral(turn)}号微网格", UnitKind.MICRO_GRID)
        place.households = self.chance.randint(25, 80)
        return place


def named(characters: tuple[str, str], chance: Random) -> Iterator[str]:
    """Every pair once, in any order."""
    pairs = [a + b for a, b in product(*map(dict.fromkeys, characters)) if a != b]
    chance.shuffle(pairs)
    return iter(pairs)


def road_name(first: str, last: tuple[str, ...], chance: Random) -> str:
    at = 2 * chance.randrange(len(first) // 2)
    return first[at : at + 2] + chance.choice(last)


def firm_name(chance: Random) -> str:
    return chance.choice(FIRMS) + chance.choice(FIRMS)


def numeral(number: int) -> str:
    """Up to 99."""
    if number <= 10:
        return CHINESE[number]
    tens, ones = divmod(number, 10)
    return f"{CHINESE[tens] if tens > 1 else ''}十{CHINESE[ones] if ones else ''}"

"""Writes the sample workbooks anew: `python -m imports.samples.make`.

The names and codes of towns and villages are facts and are taken over from the units.xlsx that is there; everything
else is invented and depends on the seed alone.
"""

import io
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from openpyxl import Workbook, load_workbook

from imports.samples import catalogue_books, research_books
from imports.samples.neighbours import VILLAGES, household_book, organisation_book
from imports.samples.office_books import book, save
from imports.samples.words import GIVEN, MATTERS, SPOTS, SURNAMES, Matter
from rules.identity import ID_CHECK_DIGITS, ID_WEIGHTS

FOLDER = Path(__file__).parent
SEED = 20261120
FIRST_DAY, LAST_DAY = date(2026, 8, 20), date(2026, 11, 20)
NO_COUNTY = "339901"
DISTRICT = ("330111000000", "富阳区")
LATELY = 45
PEOPLE, REQUESTS, STAFFED_VILLAGES, GRIDDED_VILLAGES = 300, 200, 40, 60

DEPARTMENTS = (
    ("FY-DYB", "区调研办", "部门", "调研办"), ("FY-CGJ", "区城市管理局", "部门", "城管局"),
    ("FY-JTJ", "区交通运输局", "部门", "交通局"), ("FY-ZJJ", "区住房和城乡建设局", "部门", "住建局"),
    ("FY-ZFJ", "区综合行政执法局", "部门", "执法局"), ("FY-STJ", "区生态环境分局", "部门", "环保局"),
    ("FY-YBJ", "区医疗保障局", "部门", "医保局"), ("FY-RSJ", "区人力社保局", "部门", "人社局"),
    ("FY-JYJ", "区教育局", "部门", "教育局"), ("FY-NYJ", "区农业农村局", "部门", "农业局"),
    ("FY-MZJ", "区民政局", "部门", "民政局"), ("FY-WJJ", "区卫生健康局", "部门", "卫健局"),
    ("FY-YJJ", "区应急管理局", "部门", "应急局"), ("FY-SJJ", "区市场监管局", "部门", "市监局"),
    ("FY-SWJT", "区水务集团", "国企", "水务集团"), ("FY-GDS", "富春供电所", "站所", "供电所"),
    ("FY-SFS", "富春司法所", "站所", "司法所"), ("FY-WSY", "富春卫生院", "站所", "卫生院"),
    ("FY-CGZ", "富春城管中队", "站所", "城管中队"), ("FY-XFZ", "富春消防站", "站所", "消防站"),
)  # fmt: skip

UNIT_HEAD = (
    "序号",
    "统计用区划代码",
    "名称",
    "层级",
    "上级代码",
    "所属镇街",
    "别名",
    "负责人",
    "联系电话",
    "户数",
    "人口数",
)
PEOPLE_HEAD = (
    ("序号", ""), ("工号", ""), ("基本信息", "姓名"), ("基本信息", "性别"), ("基本信息", "身份证号码"),
    ("联系方式", "手机号码"), ("所在单位", ""), ("职务", ""), ("人员类别", ""), ("党员信息", "政治面貌"),
    ("党员信息", "入党时间"), ("党员信息", "党支部"), ("联系村社", ""), ("在职状态", ""), ("备注", ""),
)  # fmt: skip
TICKET_HEAD = (
    "序号", "工单编号", "来源", "问题分类", "标题", "主要内容", "反映人", "联系电话", "街乡镇", "村社区", "发生地址",
    "反映时间", "受理时间", "派单时间", "签收时间", "主办单位", "经办人", "办结时间", "办理结果", "是否解决",
    "满意度", "评价时间", "状态",
)  # fmt: skip


Handlers = Mapping[str, list[str]]
"""By unit."""


@dataclass(frozen=True)
class Area:
    code: str
    name: str
    kind: str
    town: str

    @property
    def is_village(self) -> bool:
        return self.kind in ("村", "社区")

    @property
    def called(self) -> str:
        """A name that tells villages of one name apart."""
        return f"{self.town}{self.name}" if self.is_village else self.name


def main() -> None:
    areas = real_areas(FOLDER / "units.xlsx")
    chance = random.Random(SEED)
    villages = [area for area in areas if area.is_village]
    staffed = chance.sample(villages, STAFFED_VILLAGES)
    save(FOLDER / "units.xlsx", unit_book(areas, chance))
    people = people_book(areas, staffed, chance)
    save(FOLDER / "people.xlsx", people)
    save(FOLDER / "tickets.xlsx", ticket_book(staffed, handlers_of(people), chance))
    for kind, made in (research_books.books(people) | catalogue_books.books()).items():
        save(FOLDER / f"{kind}.xlsx", made)
    visited = [(village.town, village.called) for village in staffed[:VILLAGES]]
    save(FOLDER / "households.xlsx", household_book(visited, chance))
    save(FOLDER / "organisations.xlsx", organisation_book(visited, chance))


def real_areas(path: Path) -> list[Area]:
    """Towns and villages of the workbook that is there."""
    rows = load_workbook(io.BytesIO(path.read_bytes())).worksheets[0].iter_rows(min_row=4, values_only=True)
    cells = [[str(cell or "") for cell in row] for row in rows]
    return [Area(row[1], row[2], row[3], row[5]) for row in cells if row[3] in ("街道", "镇", "乡", "村", "社区")]


def unit_book(areas: Sequence[Area], chance: random.Random) -> Workbook:
    rows: list[Sequence[object]] = [(*DISTRICT, "区", "", "", "富阳", "", "", "", "")]
    rows += [(a.code, a.name, a.kind, DISTRICT[0], "", "", "", "", "", "") for a in areas if not a.is_village]
    for a in areas:
        if a.is_village:
            rows.append((a.code, a.name, a.kind, f"{a.code[:9]}000", a.town, "", "", "", "", ""))
    villages = [area for area in areas if area.is_village]
    for village in sorted(chance.sample(villages, GRIDDED_VILLAGES), key=lambda area: area.code):
        for number, word in enumerate("一二", 1):
            households = chance.randint(60, 320)
            rows.append(
                (
                    f"{village.code}{number:03d}",
                    f"第{word}网格",
                    "网格",
                    village.code,
                    village.town,
                    "",
                    invented(chance),
                    mobile(5000 + len(rows)),
                    households,
                    round(households * 2.7),
                )
            )
    rows += [
        (code, name, kind, DISTRICT[0], "", alias, "", f"6339{chance.randint(1000, 9999)}", "", "")
        for code, name, kind, alias in DEPARTMENTS
    ]
    return book(
        "单位网格名册",
        "富阳区单位与网格名册（示例）",
        [UNIT_HEAD],
        numbered(rows),
        (6, 18, 22, 8, 16, 14, 12, 10, 14, 8, 8),
    )


def people_book(areas: Sequence[Area], staffed: Sequence[Area], chance: random.Random) -> Workbook:
    posts: list[tuple[str, str, str]] = [
        (DISTRICT[1], post, "区管干部")
        for post in (
            "区领导",
            "区调研办主任",
            "派单员",
            "督查专员",
            "考核专员",
            "系统管理员",
            "安全管理员",
            "审计管理员",
        )
    ]
    for _, name, _, _ in DEPARTMENTS:
        posts += [(name, post, "机关干部") for post in ("负责人", "业务科长", "经办", "经办")]
    for area in areas:
        if not area.is_village:
            posts += [(area.name, post, "机关干部") for post in ("书记", "派单员", "经办")]
    for village in staffed:
        posts += [(village.called, post, "村社党员") for post in ("书记", "经办", "网格员")]
    posts += [(village.called, "党员", "村社党员") for village in staffed][: PEOPLE - len(posts)]
    rows = [person(number, *post, staffed, chance) for number, post in enumerate(posts[:PEOPLE], 1)]
    upper, lower = zip(*PEOPLE_HEAD, strict=True)
    widths = (6, 10, 10, 6, 22, 14, 22, 14, 12, 12, 12, 22, 22, 10, 10)
    return book("干部党员花名册", "富阳区干部党员花名册（示例）", [upper, lower], numbered(rows), widths)


def person(
    number: int, unit: str, post: str, category: str, staffed: Sequence[Area], chance: random.Random
) -> tuple[str, ...]:
    born = date(1964, 1, 1) + timedelta(chance.randrange(12_500))
    woman = chance.random() < 0.42
    member = chance.random() < 0.85
    joined = f"{born.year + chance.randint(20, 30)}.{chance.randint(1, 12)}.{chance.randint(1, 28)}" if member else ""
    liaison = chance.choice(staffed).called if category != "村社党员" and chance.random() < 0.5 else ""
    return (
        f"FY{number:04d}",
        invented(chance),
        "女" if woman else "男",
        id_number(born, number * 2 + 1 - woman),
        mobile(number),
        unit,
        post,
        category,
        "中共党员" if member else "群众",
        joined,
        f"{unit}党支部" if member else "",
        liaison,
        "在职",
        "",
    )


def handlers_of(roster: Workbook) -> Handlers:
    found: dict[str, list[str]] = {}
    for row in roster.worksheets[0].iter_rows(min_row=5, values_only=True):
        name, unit, post = (str(row[at]) for at in (2, 6, 7))
        if post == "经办":
            found.setdefault(unit, []).append(name)
    return found


def ticket_book(staffed: Sequence[Area], handlers: Handlers, chance: random.Random) -> Workbook:
    days = (LAST_DAY - FIRST_DAY).days
    minutes_of_day = 24 * 60
    lately = [chance.randrange((days - 6) * minutes_of_day, days * minutes_of_day) for _ in range(LATELY)]
    asked = sorted([*lately, *(chance.randrange(days * minutes_of_day) for _ in range(REQUESTS - LATELY))])
    start = datetime.combine(FIRST_DAY, time())
    rows = []
    for number, minutes in enumerate(asked, 1):
        at = office_day(start + timedelta(minutes=minutes))
        rows.append(request(number, at, chance.choice(staffed), chance.choice(MATTERS), handlers, chance))
    widths = (6, 14, 8, 12, 26, 50, 10, 14, 12, 16, 20, 18, 18, 18, 18, 20, 10, 18, 36, 8, 10, 18, 10)
    return book("民情工单台账", "富阳区民情工单台账（示例）", [TICKET_HEAD], numbered(rows), widths)


def office_day(at: datetime) -> datetime:
    """Residents ask between six in the morning and ten at night."""
    return at.replace(hour=6 + at.hour * 16 // 24)


def request(
    number: int, at: datetime, village: Area, matter: Matter, handlers: Handlers, chance: random.Random
) -> tuple[str, ...]:
    spot = chance.choice(SPOTS)
    which = chance.randrange(len(matter.requests))
    title, text = (part.format(spot=spot) for part in matter.requests[which])
    lead = {"": village.called, "镇": village.town}.get(matter.lead, matter.lead)
    staff, course = handlers[lead], Course.of(at, 3 if not matter.lead else 7, chance)
    stars = (
        ("非常满意", "满意", "满意", "非常满意", "基本满意", "非常满意", "不满意")[chance.randrange(7)]
        if course.rated
        else ""
    )
    return (
        f"MQ2026-{number:04d}",
        chance.choice(("电话", "居民门户", "走访", "阵地")),
        matter.category,
        title,
        text,
        chance.choice(SURNAMES) + chance.choice(("先生", "女士")),
        mobile(2000 + number),
        village.town,
        village.called,
        spot,
        shown(at),
        shown(course.accepted),
        shown(course.dispatched),
        shown(course.signed),
        lead if course.dispatched else "",
        staff[number % len(staff)] if course.signed else "",
        shown(course.settled),
        matter.results[which] if course.settled or course.state == "待审核" else "",
        ("是", "是", "是", "部分")[chance.randrange(4)] if stars else "",
        stars,
        shown(course.rated),
        course.state,
    )


@dataclass
class Course:
    """How far a request has come by the last day, and when each step was taken."""

    state: str
    accepted: datetime | None = None
    dispatched: datetime | None = None
    signed: datetime | None = None
    settled: datetime | None = None
    rated: datetime | None = None

    @classmethod
    def of(cls, at: datetime, days: int, chance: random.Random) -> "Course":
        now = datetime.combine(LAST_DAY, time(12))
        accepted = at + timedelta(minutes=chance.randint(5, 60))
        dispatched = accepted + timedelta(minutes=chance.randint(5, 50))
        signed = dispatched + timedelta(
            minutes=chance.randint(10, 300) if chance.random() < 0.9 else chance.randint(480, 900)
        )
        late = chance.random() < 0.08
        settled = signed + timedelta(
            hours=chance.randint(24 * days, 24 * days + 60) if late else chance.randint(4, 20 * days)
        )
        rated = settled + timedelta(hours=chance.randint(2, 120)) if chance.random() < 0.7 else None
        slow = chance.random() < 0.25
        if settled < now and not (slow and at > now - timedelta(days=20)):
            rated = rated if rated and rated < now else None
            closed = settled < now - timedelta(days=7)
            return cls(
                "已评价" if rated else "未评价" if closed else "已办结", accepted, dispatched, signed, settled, rated
            )
        return cls.under_way(at, accepted, dispatched, signed, now, chance)

    @classmethod
    def under_way(
        cls,
        at: datetime,
        accepted: datetime,
        dispatched: datetime,
        signed: datetime,
        now: datetime,
        chance: random.Random,
    ) -> "Course":
        recent = at > now - timedelta(days=3)
        if recent and chance.random() < 0.6:
            state = chance.choice(("待受理", "待派单", "待签收"))
            return cls(
                state,
                accepted if state != "待受理" and accepted < now else None,
                dispatched if state == "待签收" and dispatched < now else None,
            ).settled_words(now)
        return cls(chance.choice(("已签收", "办理中", "办理中", "待审核")), accepted, dispatched, signed).settled_words(
            now
        )

    def settled_words(self, now: datetime) -> "Course":
        """The state that the times allow."""
        if self.signed and self.signed >= now:
            self.signed = None
        if self.dispatched is None:
            self.state = "待派单" if self.accepted else "待受理"
        elif self.signed is None:
            self.state = "待签收"
        return self


def shown(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else ""


def invented(chance: random.Random) -> str:
    return chance.choice(SURNAMES) + "".join(chance.sample(GIVEN, chance.choice((1, 2, 2))))


def mobile(number: int) -> str:
    return f"1990000{number:04d}"


def id_number(born: date, number: int) -> str:
    """Of a county that does not exist."""
    stem = f"{NO_COUNTY}{born:%Y%m%d}{number % 1000:03d}"
    weighted = sum(int(digit) * weight for digit, weight in zip(stem, ID_WEIGHTS, strict=False))
    return stem + ID_CHECK_DIGITS[weighted % 11]


def numbered(rows: Sequence[Sequence[object]]) -> list[Sequence[object]]:
    return [(number, *row) for number, row in enumerate(rows, 1)]


if __name__ == "__main__":
    main()

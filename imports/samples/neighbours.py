"""The sample rosters of households and organisations: invented, of villages that exist."""

import random
from collections.abc import Sequence

from openpyxl import Workbook

from imports.samples.office_books import book
from imports.samples.words import GIVEN, SURNAMES
from rules.identity import credit_code_check

HOUSEHOLDS, ORGANISATIONS, VILLAGES = 240, 80, 12
NO_COUNTY = "339901"
HOUSEHOLD_HEAD = (
    *(("序号", ""), ("户号", ""), ("户主姓名", ""), ("联系电话", ""), ("所属镇街", ""), ("所属村社", "")),
    *(("户籍地址", ""), ("现住址", "常住地址"), ("现住址", "小区"), ("现住址", "楼栋"), ("现住址", "单元")),
    *(("现住址", "室号"), ("现住址", "门牌号"), ("特殊群体", ""), ("备注", "")),
)
ORGANISATION_HEAD = (
    *("序号", "单位名称", "统一社会信用代码", "类型", "法定代表人", "联系人", "联系电话", "经营地址", "所属行业"),
    *("从业人数", "所属镇街", "所属村社", "联系干部", "备注"),
)
LABELS = ("独居老人", "低保户", "残疾人家庭", "退役军人家庭", "独居老人、残疾人家庭", "大病困难家庭")
TRADES = (
    ("{firm}机械配件有限公司", "91", "企业", "制造业"), ("{firm}纸业有限公司", "91", "企业", "制造业"),
    ("{firm}信息技术有限公司", "91", "企业", "信息技术服务业"),
    ("{village}{person}小吃店", "92", "个体工商户", "餐饮业"),
    ("{village}{person}五金店", "92", "个体工商户", "零售业"), ("{firm}竹笋专业合作社", "93", "农民专业合作社", "农业"),
    ("{village}老年协会", "51", "社会团体", "社会组织"), ("{village}卫生服务站", "12", "事业单位", "卫生"),
    ("{village}道路提升工程", "", "项目", "建设项目"),
)  # fmt: skip
FIRMS = ("恒泰", "瑞丰", "宏达", "诚信源", "益佳", "通联", "顺祥", "金利", "科远", "隆盛")
STAFF = 100
"""Staff numbers of the sample roster that belong to departments begin below this."""


def household_book(villages: Sequence[tuple[str, str]], chance: random.Random) -> Workbook:
    """`villages`: town and village, by the names that tell them apart."""
    rows = [household(number, *chance.choice(villages), chance) for number in range(1, HOUSEHOLDS + 1)]
    upper, lower = zip(*HOUSEHOLD_HEAD, strict=True)
    widths = (6, 14, 10, 14, 12, 20, 30, 34, 12, 8, 8, 8, 8, 20, 10)
    return book("住户名册", "富阳区住户名册（示例）", [upper, lower], rows, widths)


def household(number: int, town: str, village: str, chance: random.Random) -> tuple[object, ...]:
    place = village.removeprefix(town)
    door = str(chance.randint(1, 180))
    flat = (
        f"{chance.choice('锦翠桂兰')}园",
        f"{chance.randint(1, 16)}",
        f"{chance.randint(1, 3)}",
        f"{chance.randint(2, 11)}01",
    )
    in_flat = chance.random() < 0.4
    present = f"{place}{flat[0]}{flat[1]}幢{flat[2]}单元{flat[3]}室" if in_flat else f"{place}{door}号"
    return (
        *(number, f"{NO_COUNTY}{number:06d}", person(chance), f"1990000{7000 + number:04d}", town, village),
        *(present if chance.random() < 0.7 else f"{place}{chance.randint(181, 300)}号", present),
        *(flat if in_flat else ("", "", "", "")),
        *("" if in_flat else door, chance.choice(LABELS) if chance.random() < 0.15 else "", ""),
    )


def organisation_book(villages: Sequence[tuple[str, str]], chance: random.Random) -> Workbook:
    rows: list[tuple[object, ...]] = []
    named: set[object] = set()
    while len(rows) < ORGANISATIONS:
        row = organisation(len(rows) + 1, *chance.choice(villages), chance)
        if row[1] not in named:
            named.add(row[1])
            rows.append(row)
    widths = (6, 28, 22, 14, 12, 10, 14, 28, 14, 10, 12, 20, 12, 10)
    return book("企业单位名录", "富阳区企业和单位名录（示例）", [ORGANISATION_HEAD], rows, widths)


def organisation(number: int, town: str, village: str, chance: random.Random) -> tuple[object, ...]:
    name, prefix, kind, industry = chance.choice(TRADES)
    place, owner = village.removeprefix(town), person(chance)
    stem = f"{prefix}{NO_COUNTY}MA0{number:06d}"
    return (
        *(number, name.format(firm=f"富阳{chance.choice(FIRMS)}", village=place, person=owner)),
        *(
            stem + credit_code_check(stem) if prefix else "",
            kind,
            owner,
            owner if chance.random() < 0.6 else person(chance),
        ),
        *(f"1990000{8000 + number:04d}", f"{place}{chance.randint(1, 180)}号", industry, chance.randint(1, 90)),
        *(town, village, f"FY{chance.randint(9, STAFF):04d}" if chance.random() < 0.6 else "", ""),
    )


def person(chance: random.Random) -> str:
    return chance.choice(SURNAMES) + "".join(chance.sample(GIVEN, chance.choice((1, 2, 2))))

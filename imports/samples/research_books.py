"""The sample log of visits, list of topics and list of tasks, about the people of the sample roster."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from openpyxl import Workbook

from imports.samples.office_books import book
from imports.samples.words import GIVEN, SURNAMES

SEED = 20261121
VISITS, TOPICS, TASKS = 120, 24, 36
LAST_DAY = date(2026, 11, 19)
VISIT_HEAD = (
    ("序号", ""), ("走访时间", ""), ("走访类别", ""), ("走访人员", "走访人"), ("走访人员", "同行人员"),
    ("走访对象", ""), ("所属村社", ""), ("地址", ""), ("反映问题", ""), ("办理情况", ""), ("是否转工单", ""),
    ("手记", ""),
)  # fmt: skip
TOPIC_HEAD = (
    *("序号", "年度", "课题名称", "领题领导", "职务", "牵头单位", "配合单位", "完成时限", "进展", "成果形式"),
    *("成果转化", "备注"),
)
TASK_HEAD = (
    ("序号", ""), ("年度", ""), ("民生实事", ""), ("清单类型", ""), ("举措", ""), ("责任分工", "责任单位"),
    ("责任分工", "认领党员"), ("责任分工", "责任领导"), ("完成时限", ""), ("受益情况", "受益户数"),
    ("受益情况", "受益人数"),
    ("资金（万元）", ""), ("进展情况", ""), ("是否销号", ""), ("销号日期", ""), ("验收人", ""),
)  # fmt: skip
FIRMS = ("恒达机械有限公司", "联丰纺织有限公司", "瑞祥食品有限公司", "通源建材有限公司", "顺泰包装有限公司")
SAID = (
    ("一线工人难招，宿舍也不够", "已对接人社局，安排专场招聘"),
    ("夏天用电负荷不够，空压机不敢全开", "供电所已现场勘查，排入增容计划"),
    ("楼道灯坏了半个月没人修", "社区已更换灯泡"),
    ("老人去镇上看病公交要等一个多小时", "已转交通部门研究加密班次"),
    ("生产正常，没有困难", ""),
    ("家中情况正常，对村里工作满意", ""),
)
SUBJECTS = ("物业管理难题", "村集体增收", "企业用工", "农村养老服务", "停车难治理", "山区公交")
ACTIONS = ("路灯改造", "老年食堂开办", "公交候车亭修缮", "健身广场翻新", "机耕路硬化", "饮用水管更新")


@dataclass(frozen=True)
class Somebody:
    number: str
    name: str
    unit: str
    post: str
    liaison: str


def books(roster: Workbook) -> dict[str, Workbook]:
    """By kind."""
    chance = random.Random(SEED)
    rows = roster.worksheets[0].iter_rows(min_row=5, values_only=True)
    people = [Somebody(*(str(row[at] or "") for at in (1, 2, 6, 7, 12))) for row in rows]
    return {
        "visits": visits([one for one in people if one.liaison], chance),
        "topics": topics([one for one in people if one.post in ("区领导", "负责人", "书记")], chance),
        "tasks": tasks([one for one in people if one.post == "网格员"], people, chance),
    }


def numbered(rows: Sequence[Sequence[object]]) -> list[Sequence[object]]:
    return [(number, *row) for number, row in enumerate(rows, 1)]


def visits(people: Sequence[Somebody], chance: random.Random) -> Workbook:
    rows = []
    for number in range(VISITS):
        day = LAST_DAY - timedelta(days=number * 2 // 3)
        one, night = chance.choice(people), chance.random() < 0.3
        hour = chance.choice((19, 20)) if night else chance.choice((9, 10, 14, 15, 16))
        family = chance.choice(SURNAMES) + "".join(chance.sample(GIVEN, 2))
        said, done = chance.choice(SAID)
        rows.append(
            (
                f"{day.year}/{day.month}/{day.day} {hour}:{chance.randrange(12) * 5:02d}:00",
                "夜谈" if night else "昼访",
                one.number,
                chance.choice(people).number if chance.random() < 0.4 else "",
                family if night or chance.random() < 0.4 else f"{family[0]}氏{chance.choice(FIRMS)}",
                one.liaison,
                f"{chance.randint(1, 18)}组{chance.randint(1, 90)}号",
                said,
                done,
                "是" if done and chance.random() < 0.3 else "否",
                "坐下来聊，才听得到真话。" if chance.random() < 0.1 else "",
            )
        )
    widths = (6, 18, 10, 10, 12, 24, 22, 14, 34, 30, 12, 26)
    upper, lower = zip(*VISIT_HEAD, strict=True)
    return book("走访台账", "富阳区昼访夜谈走访台账（示例）", [upper, lower], numbered(rows), widths)


def topics(leaders: Sequence[Somebody], chance: random.Random) -> Workbook:
    rows = []
    for number in range(TOPICS):
        one, stage = leaders[number], chance.choice(("开题", "调研中", "调研中", "已结题", "已转化"))
        done = stage.startswith("已")
        rows.append(
            (
                *("2026", f"{one.unit}{SUBJECTS[number % len(SUBJECTS)]}调研", one.number, one.post, one.unit),
                *(leaders[-1 - number].unit, chance.choice(("2026年6月底", "2026年9月底", "2026年底")), stage),
                *("调研报告", "形成工作方案并推广" if stage == "已转化" else "", "重点" if done else ""),
            )
        )
    widths = (6, 8, 34, 10, 12, 20, 20, 14, 10, 12, 22, 8)
    return book("调研课题", "富阳区2026年度调研课题一览表（示例）", [TOPIC_HEAD], numbered(rows), widths)


def tasks(members: Sequence[Somebody], people: Sequence[Somebody], chance: random.Random) -> Workbook:
    leaders = [one for one in people if one.post == "书记"]
    rows = []
    for number in range(TASKS):
        one, done, households = members[number], chance.random() < 0.5, chance.randint(20, 300)
        rows.append(
            (
                *("2026", f"{one.unit}{ACTIONS[number % len(ACTIONS)]}", chance.choice(("民生实事", "任务清单"))),
                *("先摸底后实施，党员认领，每月一报", one.unit, one.number, leaders[number % len(leaders)].number),
                *(chance.choice(("2026年6月30日", "2026年10月底", "2026年底")), str(households)),
                *(str(round(households * 2.7)), f"{chance.randint(5, 600) / 10}"),
                *("已完工" if done else "施工中", "是" if done else "否"),
                *(f"2026.{chance.randint(6, 11)}.{chance.randint(1, 19)}" if done else "", "村监会" if done else ""),
            )
        )
    widths = (6, 8, 34, 12, 30, 22, 10, 10, 14, 10, 10, 12, 12, 10, 12, 12)
    upper, lower = zip(*TASK_HEAD, strict=True)
    return book("民生实事清单", "富阳区2026年民生实事清单（示例）", [upper, lower], numbered(rows), widths)

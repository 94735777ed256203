"""Cells and rows of every kind of import, as Hypothesis draws them."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

from hypothesis import strategies as st

from imports import convert, research_words, ticket_words
from imports.run import KINDS
from rules.lifecycle import State
from rules.workdays import ZONE
from tests.imports.test_organisations import CODE, OTHER
from tests.imports.test_people import ID
from tests.imports.test_tickets import HEAD as LEDGER_HEAD
from tests.imports.test_tickets import NOT_YET, OPEN
from tests.imports.test_tickets import row as answered

LETTERS = "王小明平畈路灯不亮𠀀𪚥éÅ(（“”·:：.…#%&<>/\\'\" 12aBＡ"
"""No sign that parts the cells of a text file: which of them does is guessed by how many there are."""


def in_one_line(text):
    return " ".join(text.split())


TEXTS = st.text(LETTERS, min_size=1, max_size=10).map(in_one_line).filter(lambda text: text and text[0] not in "'")
NAMES = st.sampled_from(["王小明", "李四", "𠮷田一", "欧阳·海", "a,b;c|d", "“引号”"]) | TEXTS


def same(strategy):
    """Pairs of what stands in the cell and what it is read as."""
    return strategy.map(lambda value: (value, value))


MOMENTS = st.datetimes(datetime(1901, 1, 1), datetime(2099, 12, 31)).map(  # noqa: DTZ001
    lambda at: at.replace(second=0, microsecond=0)
)
SPRING = date(2026, 3, 5)
EVENING = datetime(2026, 3, 5, 18, 30)  # noqa: DTZ001
CELLS = {
    convert.text: same(NAMES),
    convert.long_text: same(NAMES | st.tuples(TEXTS, TEXTS).map("\n".join)),
    convert.code: same(st.text("0123456789ABCx", min_size=1, max_size=10)) | st.sampled_from([(17, "17")]),
    convert.id_number: st.just((ID, ID)),
    convert.credit_code: same(st.sampled_from([CODE, OTHER])),
    convert.mobile: st.sampled_from([("13800138000", "13800138000"), (13900139000, "13900139000")]),
    convert.phone: st.sampled_from([("0571-63310000", "057163310000"), (13800138000, "13800138000")]),
    convert.households: same(st.integers(0, 10**6)) | st.just(("12户", 12)),
    convert.heads: same(st.integers(0, 10**6)) | st.just(("3人", 3)),
    convert.number: st.integers(0, 10**6).map(lambda n: (n / 4, Decimal(n) / 4)),
    convert.flag: st.sampled_from([("是", True), ("否", False), ("√", True)]),
    convert.day: same(st.dates(date(1900, 3, 1), date(2099, 12, 31))),
    convert.wall_clock: same(MOMENTS),
    convert.moment: MOMENTS.map(lambda at: (at, at.replace(tzinfo=ZONE).astimezone(UTC))),
    research_words.clock: st.sampled_from([("19:30", time(19, 30)), ("晚上7点半", time(19, 30))]),
    research_words.year: st.sampled_from([("2026", 2026), ("2026年", 2026), (2025, 2025)]),
    research_words.deadline: st.sampled_from(
        [("2026年6月底前", date(2026, 6, 30)), ("2026年底", date(2026, 12, 31)), (date(2026, 5, 1), date(2026, 5, 1))]
    ),
    research_words.written_off: st.sampled_from([("是", True), ("未完成", False), (SPRING, SPRING)]),
    ticket_words.due: st.sampled_from([("3天", 3), (7, 7), (EVENING, EVENING.replace(tzinfo=ZONE).astimezone(UTC))]),
    ticket_words.resolved: st.sampled_from([("是", "yes"), ("部分解决", "partly"), ("否", "no")]),
    ticket_words.stars: st.sampled_from([("满意", 4), ("★★★", 3), (5, 5)]),
    ticket_words.state: st.sampled_from([("已办结", State.SETTLED), ("办理中", State.HANDLING)]),
}
"""By converter; together they are the converters of all columns of all kinds."""


def cell_of(column):
    filled = CELLS[column.convert]
    return filled if column.required else st.none().map(lambda nothing: (nothing, nothing)) | filled


def tables_of(kind, least, most):
    """Rows of pairs, one for each column of ours."""
    return st.lists(st.tuples(*map(cell_of, KINDS[kind].columns)), min_size=least, max_size=most)


def tables(least=1, most=4):
    """One for each kind."""
    return st.fixed_dictionaries({kind: tables_of(kind, least, most) for kind in KINDS})


VILLAGES = ["石桥村", "沙口村", "青石镇蒋湾村", "石桥第一网格", "区交通局"]
LIVED_IN = VILLAGES[:4]
WORDS = st.sampled_from(["", "", "清空", "主任", "网格员", "𠮷田", "“引号”", "a,b;c'd"]) | TEXTS
SAID = st.sampled_from(["", "路灯不亮", "第一行\n第二行", "𠮷田"]) | TEXTS
TELEPHONES = st.sampled_from(["", "清空", "13800138000", "0571-63391234"])
PEOPLE = st.sampled_from(["", "清空", "王小明", "T1", "过路人", "林海"])
WHO = st.sampled_from(["王小明", "T1", "过路人", "林海"])
YES_OR_NO = st.sampled_from(["", "是", "否"])
COUNTS = st.sampled_from(["", "清空", 0, 12, 86])
DUE = st.sampled_from(["", "清空", "2026年底", "2026-05-01"])


def one_of(*words):
    return st.sampled_from(words)


LEDGER = st.builds(
    lambda number, shape, more, helpers: [
        *answered(工单编号=number, **(shape | more)),
        "" if shape is OPEN else helpers,
    ],
    st.sampled_from([f"H-{n}" for n in range(6)]),
    st.sampled_from([{}, OPEN, NOT_YET, {"满意度": ""}]),
    st.fixed_dictionaries(
        {
            "标题": one_of("路灯不亮", "井盖松动", "𠮷田路灯"),
            "来源": one_of("热线", "问政", "新来源"),
            "反映人": one_of("张三", "李四", ""),
            "联系电话": one_of(13800138000.0, 13900139000.0, ""),
            "村社区": one_of("石桥村", "蒋湾村"),
        }
    ),
    one_of("", "", "沙口村", "区交通局、石桥村"),
)
HEADS = {
    "units": ["代码", "名称", "上级代码", "层级", "别名", "负责人", "是否撤销", "并入", "撤并日期"],
    "people": [
        *("工号", "姓名", "性别", "身份证号码", "手机号码", "所在单位", "职务", "人员类别", "入党时间", "联系村社"),
    ],
    "households": [
        *("户号", "户主", "联系电话", "户籍地址", "现住址", "小区", "楼栋", "室号", "所属村社", "特殊群体", "备注"),
    ],
    "organisations": [
        *("名称", "统一社会信用代码", "类型", "法定代表人", "联系电话", "地址", "员工数", "所属村社", "联系干部"),
        "备注",
    ],
    "tickets": [*LEDGER_HEAD, "协办单位"],
    "visits": [
        *("走访日期", "走访人", "走访对象", "时间", "走访类别", "同行人员", "对象类型", "所属村社", "地址", "走访结果"),
        *("反映问题", "是否转工单", "手记"),
    ],
    "topics": [
        *("年度", "课题名称", "领题领导", "职务", "牵头单位", "配合单位", "课题阶段", "完成时限", "进展", "成果转化"),
    ],
    "tasks": [
        *("年度", "事项名称", "责任单位", "序号", "清单类型", "举措", "责任人", "责任领导", "完成时限", "受益户数"),
        *("资金(万元)", "是否销号", "销号日期", "验收人"),
    ],
}
ROWS = {
    "units": st.tuples(
        one_of(*(f"3399010010{n:02d}" for n in (1, 2, 3)), "339901003000", "339901003001", "339901001001-01"),
        one_of("石桥村", "新村", "东村", "改名村"),
        one_of("339901001000", "339901002000", "339901003000", "339901001001", "339901000000", ""),
        one_of("村", "镇", "网格", ""),
        one_of("", "甲", "甲、乙", "石桥"),
        one_of("", "清空", "李四"),
        one_of("", "", "是", "否"),
        one_of("", "", "339901001002", "339901001003", "沙口村", "白沙乡蒋湾村", "339901002000"),
        one_of("", "", "2026-11-01", "2026-12-20"),
    ),
    "people": st.tuples(
        one_of(*(f"A{n}" for n in range(8))),
        one_of("王小明", "李四", "𠮷田一", "欧阳·海"),
        one_of("男", "女", ""),
        one_of("", "清空"),
        one_of("", "清空", "13800138000", "13900139000"),
        one_of(*VILLAGES),
        WORDS,
        WORDS,
        one_of("", "清空", "2001.7.1"),
        one_of("", "清空", "沙口村"),
    ),
    "households": st.tuples(
        one_of(*map(str, range(1, 8))),
        one_of("石大桥", "丁香", "𠮷田一"),
        TELEPHONES, WORDS, WORDS,
        one_of("", "清空", "锦园"), one_of("", "3"), one_of("", "清空", "501"),
        one_of(*LIVED_IN),
        one_of("", "清空", "低保户", "老兵家庭、独居老人", "乡贤家庭"),
        SAID,
    ),
    "organisations": st.tuples(
        one_of("石桥竹编厂", "石桥小吃店", "溪边公司", "路灯项目"),
        one_of("", "", CODE, OTHER, "清空"),
        one_of("企业", "个体工商户", "社会组织", "项目", ""),
        WORDS, TELEPHONES, WORDS, COUNTS,
        one_of(*LIVED_IN),
        one_of("", "清空", "T1", "林海"),
        SAID,
    ),
    "tickets": LEDGER,
    "visits": st.tuples(
        one_of("2026-06-18", "2026.6.19", "2026年6月20日"),
        WHO,
        one_of("张大爷", "清溪恒达机械有限公司", "村口小店"),
        one_of("", "19:30", "9:00"),
        one_of("", "昼访", "夜谈"),
        one_of("", "清空", "林海", "李芳、赵强", "过路人，T1"),
        one_of("", "户", "企业"),
        one_of("", *LIVED_IN),
        WORDS,
        one_of("", "已听取", "反映问题", "未遇"),
        SAID, YES_OR_NO, SAID,
    ),
    "topics": st.tuples(
        one_of("2025", "2026年"),
        one_of("夜间照明", "镇文旅发展", "𠮷田"),
        WHO,
        WORDS,
        one_of("", "青石镇", "区交通局", "石桥村"),
        one_of("", "清空", "青石镇，白沙乡"),
        one_of("", "开题", "调研", "结题"),
        DUE, SAID, SAID,
    ),
    "tasks": st.tuples(
        one_of("2025", "2026"),
        one_of("路灯改造", "停车场", "𠮷田"),
        one_of("石桥村", "区交通局", "青石镇"),
        one_of("", "01", "2"),
        one_of("", "清空", "民生实事", "停车难"),
        SAID, PEOPLE, PEOPLE, DUE, COUNTS,
        one_of("", "清空", 12.5, "6"),
        YES_OR_NO,
        one_of("", "清空", "2026-03-05"),
        WORDS,
    ),
}  # fmt: skip
KEYS = {"visits": 3, "topics": 3, "tasks": 3}
"""How many of the first cells tell a row apart, where it is not one."""


def rows_of(kind):
    """No two about the same thing: those would be errors."""
    return st.lists(ROWS[kind], max_size=8, unique_by=lambda cells: tuple(cells[: KEYS.get(kind, 1)]))

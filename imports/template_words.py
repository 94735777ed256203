"""What a template says of each column and how its worked example fills it. Everybody in it is invented."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from imports import books, convert, research_words, ticket_words
from imports.columns import Column, Converter
from rules.workdays import ZONE

Value = str | int | date | datetime


def _at(day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


HOW: Mapping[Converter, str] = {
    convert.text: "文字",
    convert.long_text: "文字，可以分行（Alt+Enter）",
    convert.code: "编号，可含字母、数字和短横；本列是文本，开头的 0 不会丢",
    convert.digits: "数字编号；本列是文本，开头的 0 不会丢",
    convert.id_number: "18 位身份证号，末位可为 X；本列是文本，不会变成科学计数",
    convert.mobile: "11 位手机号码",
    convert.phone: "手机或座机号码，座机可带区号：0571-63310000",
    **dict.fromkeys((convert.households, convert.heads), "整数"),
    convert.number: "数字",
    convert.flag: "填“是”或“否”",
    convert.day: "日期：2026-03-05，也可写 2026.3.5 或 2026年3月5日",
    convert.wall_clock: "日期：2026-03-05，也可写 2026.3.5 或 2026年3月5日；后面可以带时间：2026-03-05 19:30",
    convert.moment: "日期和时间：2026-03-05 09:30，也可写 2026.3.5 9:30 或 2026年3月5日9时30分；只有日期也可以",
    research_words.clock: "时间：19:30，也可写 晚上7点半",
    research_words.year: "年份：2026，也可写 2026年",
    research_words.deadline: "日期：2026-12-31，也可写 2026.12.31、2026年12月底前 或 2026年底；只写到月的算到月底",
    research_words.written_off: "填“是”或“否”，或销号的日期：2026-03-05",
    ticket_words.due: "限期：日期或日期和时间（2026-03-05、2026-03-05 18:00），或天数如“3天”",
}
WHEN: frozenset[Converter] = books.DATED | {research_words.clock, research_words.year}
"""Of columns whose cells say, while one stands on them, how a time is written."""
PLACE = "单位的名称、别名或代码；有重名时连同上级一起写，如“青石镇石桥村”"
BY_NAME: Mapping[str, str] = {
    **dict.fromkeys(("unit", "village", "lead", "liaison_unit", "parent"), PLACE),
    "town": "镇街的名称或代码",
    "place": f"只在哪个镇街或村社适用：{PLACE}。不填为全区适用",
    "co": f"协助主办单位办理的单位，几个单位用顿号隔开：{PLACE}。可以不填",
    "aliases": "其他叫法，用顿号隔开：平畈、平畈村委会",
    "kind": "从下拉列表中选",
    "handler": "主办单位里经办这件工单的人：姓名或工号，重名时填工号。可以不填",
    "into": f"撤并到哪个单位：{PLACE}。不撤并的单位不填；提交后下级网格、人员和未办结的工单随之转入",
    "merged_on": "新格局的第一天：2026-03-05，也可写 2026.3.5 或 2026年3月5日；不填为导入当天。"
    "配合“并入”，或配合“是否撤销”填“是”时填写",
}

EXAMPLES: Mapping[str, Mapping[str, Value]] = {
    "units": {
        "code": "339901001001001", "name": "第一网格", "kind": "网格", "parent_code": "339901001001",
        "town": "青石镇", "aliases": "桥头片", "leader": "王小明", "phone": "13800138000",
        "extent": "东至溪边，西至公路", "households": 86, "population": 232, "closed": "否",
    },
    "people": {
        "staff_no": "A001", "name": "王小明", "gender": "男", "id_number": "11010519491231002X",
        "mobile": "13800138000", "unit": "青石镇石桥村", "post": "书记", "category": "村社党员",
        "political_status": "中共党员", "joined_on": date(2001, 7, 1), "branch": "石桥村党支部",
        "liaison_unit": "青石镇石桥村", "employment": "在职", "note": "",
    },
    "tickets": {
        "external_id": "H-20261120-001", "source": "电话", "category": "路灯照明", "title": "村口路灯不亮",
        "text": "村口两盏路灯已经三天不亮，晚上走路不便。", "reporter_name": "张三", "reporter_mobile": "13800138000",
        "village": "石桥村", "town": "青石镇", "address": "石桥村村口",
        "submitted_at": _at(20, 9, 0), "accepted_at": _at(20, 9, 20),
        "dispatched_at": _at(20, 9, 40), "signed_at": _at(20, 10, 30),
        "lead": "青石镇石桥村", "due": "3天", "settled_at": _at(21, 16, 30),
        "result": "已更换灯泡，恢复照明。", "resolved": "是", "stars": "满意",
        "rated_at": _at(22, 8, 0), "state": "已评价",
    },
    "households": {
        "number": "SQ-0012", "head": "王大有", "telephone": "13800138000", "registered_address": "石桥村 12 号",
        "present_address": "石桥村 12 号", "estate": "溪边小区", "building": "3 幢", "entrance": "2 单元",
        "room": "402", "door": "12 号", "village": "石桥村", "town": "青石镇", "labels": "", "note": "",
    },
    "organisations": {
        "name": "青石镇竹编工坊", "credit_code": "", "kind": "个体工商户", "legal_person": "王小明", "contact": "李四",
        "telephone": "0571-63310000", "address": "石桥村村口", "industry": "竹制品制造", "staff_count": 12,
        "village": "石桥村", "town": "青石镇", "liaison": "", "note": "",
    },
    "visits": {
        "visited_on": date(2026, 11, 20), "visited_at": "19:30", "kind": "夜谈", "visitor_name": "王小明",
        "companions": "李四", "visitor_unit": "青石镇", "object_name": "张大爷", "object_kind": "户",
        "unit": "青石镇石桥村", "address": "石桥村文化礼堂", "outcome": "反映问题",
        "content": "村口两盏路灯不亮。", "handling": "已转办。", "to_ticket": "是", "field_note": "",
    },
    "topics": {
        "year": "2026", "title": "山区村夜间照明怎样管得住", "leader_name": "王小明", "post": "副镇长",
        "unit": "青石镇", "supporting": "区城市管理局", "stage": "调研", "due_on": "2026年12月底前",
        "progress": "已走访 6 个村。", "result_form": "调研报告", "result_use": "", "note": "",
    },
    "tasks": {
        "year": "2026", "serial": "01", "title": "石桥村村道加装路灯 20 盏", "list_kind": "",
        "measures": "勘查、立杆、通电。", "unit": "青石镇石桥村", "responsible_name": "王小明", "leader_name": "李四",
        "due_on": "2026年12月底前", "households": 86, "people": 232, "cost": 6,
        "progress": "已立杆 12 盏。", "written_off": "否", "accepted_by": "", "note": "",
    },
    "categories": {
        "code": "", "first": "城乡建设", "second": "市政管理", "third": "路灯照明", "name_en": "Street lights",
        "active": "是",
    },
    "duties": {
        "category": "路灯照明", "tier": "小事", "unit": "区城市管理局", "role": "主办", "co": "青石镇", "place": "",
        "basis": "市政设施管理办法",
    },
}  # fmt: skip
OFFERED: Mapping[tuple[str, str], Sequence[str]] = {
    ("organisations", "kind"): ("企业", "个体工商户", "单位", "社会组织", "项目"),
    ("visits", "kind"): (
        "昼访", "夜谈", "蹲点", "座谈会", "民情沟通会", "慰问", "宣讲", "现场办公", "现场勘查",
    ),
    ("visits", "object_kind"): ("户", "企业", "单位", "社会组织", "项目", "个人"),
    ("visits", "outcome"): ("已听取", "反映问题", "拒访", "未遇"),
    ("topics", "stage"): ("开题", "调研", "结题", "成果转化"),
    ("tasks", "written_off"): ("是", "否"),
}  # fmt: skip
"""Words of columns that take others besides."""
BY_CONVERTER: Mapping[Converter, Value] = {
    convert.code: "A001",
    convert.digits: "001",
    convert.id_number: "11010519491231002X",
    convert.mobile: "13800138000",
    convert.phone: "0571-63310000",
    convert.households: 12,
    convert.heads: 12,
    convert.number: 12,
    convert.flag: "是",
    convert.day: date(2026, 3, 5),
    convert.moment: datetime(2026, 3, 5, 9, 30, tzinfo=ZONE),
}
LIKELY: Mapping[str, Value] = {"name": "王小明", "unit": "青石镇石桥村", "village": "石桥村", "town": "青石镇"}

SAME: Mapping[str, str] = {
    "units": "怎样认出同一个单位：按代码；没有代码的按上级和名称。上级可以写在同一张表里，先后不限。",
    "people": "怎样认出同一个人：按工号；没有工号的按身份证号；都没有的按姓名加手机。三样里至少要有一样。",
    "households": "怎样认出同一户：按户号；没有户号的按村社、户主和地址（现住址、户籍地址，或小区、楼栋、门牌各列）。",
    "organisations": "怎样认出同一个对象：按统一社会信用代码；没有的按村社和名称。",
    "tickets": "怎样认出同一件工单：按来源加工单编号。来源各行相同的，可以不填本列，上传时选择。",
    "visits": "怎样认出同一次走访：按走访日期、走访人和走访对象。",
    "topics": "怎样认出同一个课题：按年度、课题名称和领题领导。不填年度的，取工作表名称里的年份，或当年。",
    "categories": "怎样认出同一个分类：按代码；没有代码的按各级名称。上级不在表里也不在系统里的，一并新建。",
    "duties": "怎样认出同一条职责：按事项分类、分工和适用范围；协办的再加单位。协办单位也可以另起一行，分工填“协办”。",
    "tasks": "怎样认出同一件事项：按年度、事项名称和责任单位。不填年度的，取工作表名称、完成时限里的年份，或当年。",
}


def example(kind: str, column: Column, words: list[str]) -> Value:
    """Of a kind without examples of its own, what a column of this sort may hold."""
    own = EXAMPLES.get(kind, {})
    if column.name in own or (own and not column.required):
        return own.get(column.name, "")
    if words:
        return words[0]
    likely = BY_CONVERTER.get(column.convert, LIKELY.get(column.name, ""))
    return likely or (f"某{column.title}" if column.required else "")


def how(column: Column, words: list[str], *, fixed: bool) -> str:
    said = [BY_NAME.get(column.name) or HOW.get(column.convert, "文字")]
    if words and column.name not in BY_NAME and column.convert not in WHEN:
        listed = "、".join(words[:8]) + ("等" if len(words) > 8 else "")
        said = [f"从下拉列表中选：{listed}"] if fixed else [f"可从下拉列表中选（{listed}），也可填新的"]
    if column.longest:
        said.append(f"不超过 {column.longest} 字")
    return "；".join(said)


def written(value: Value) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return f"{value:%Y-%m-%d}" if isinstance(value, date) else str(value)

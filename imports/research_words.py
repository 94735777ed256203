"""Words of visit logs, lists of topics and lists of tasks, and what a row leaves to be concluded."""

import datetime
import re
from calendar import monthrange
from collections.abc import Mapping

from imports import convert
from imports.convert import Unreadable, column_of
from rules.identity import half_width
from rules.refusals import N_
from rules.research import ObjectKind, Outcome, TopicStage, VisitKind

VISIT_KINDS = {
    "昼访": VisitKind.DAY_VISIT, "日访": VisitKind.DAY_VISIT, "走访": VisitKind.DAY_VISIT, "入户": VisitKind.DAY_VISIT,
    "入户走访": VisitKind.DAY_VISIT, "上门走访": VisitKind.DAY_VISIT, "企业走访": VisitKind.DAY_VISIT,
    "夜谈": VisitKind.NIGHT_TALK, "夜访": VisitKind.NIGHT_TALK, "蹲点": VisitKind.STAY_IN, "驻村": VisitKind.STAY_IN,
    "蹲点调研": VisitKind.STAY_IN, "座谈会": VisitKind.SYMPOSIUM, "座谈": VisitKind.SYMPOSIUM,
    "民情沟通会": VisitKind.SENTIMENT_MEETING, "沟通会": VisitKind.SENTIMENT_MEETING, "慰问": VisitKind.CONDOLENCE,
    "走访慰问": VisitKind.CONDOLENCE, "宣讲": VisitKind.LECTURE, "党课": VisitKind.LECTURE,
    "宣讲/党课": VisitKind.LECTURE, "宣讲(党课)": VisitKind.LECTURE, "现场办公": VisitKind.ON_SITE_OFFICE,
    "现场勘查": VisitKind.SITE_SURVEY, "现场踏勘": VisitKind.SITE_SURVEY, "勘查": VisitKind.SITE_SURVEY,
}  # fmt: skip
OBJECT_KINDS = {
    "户": ObjectKind.HOUSEHOLD, "家庭": ObjectKind.HOUSEHOLD, "农户": ObjectKind.HOUSEHOLD,
    "居民": ObjectKind.HOUSEHOLD, "村民": ObjectKind.HOUSEHOLD, "企业": ObjectKind.ENTERPRISE,
    "个体工商户": ObjectKind.ENTERPRISE, "单位": ObjectKind.INSTITUTION, "机关": ObjectKind.INSTITUTION,
    "社会组织": ObjectKind.SOCIAL_ORGANISATION, "社会团体": ObjectKind.SOCIAL_ORGANISATION,
    "项目": ObjectKind.PROJECT, "个人": ObjectKind.INDIVIDUAL, "干部": ObjectKind.INDIVIDUAL,
    "党员": ObjectKind.INDIVIDUAL, "群众": ObjectKind.INDIVIDUAL,
}  # fmt: skip
OUTCOMES = {
    "已听取": Outcome.LISTENED, "正常": Outcome.LISTENED, "已走访": Outcome.LISTENED, "无诉求": Outcome.LISTENED,
    "无": Outcome.LISTENED, "反映问题": Outcome.ISSUE_RAISED, "有诉求": Outcome.ISSUE_RAISED,
    "有问题": Outcome.ISSUE_RAISED, "拒访": Outcome.REFUSED, "拒绝": Outcome.REFUSED, "未遇": Outcome.ABSENT,
    "不在家": Outcome.ABSENT, "无人在家": Outcome.ABSENT,
}  # fmt: skip
STAGES = {
    "开题": TopicStage.OPENED, "已开题": TopicStage.OPENED, "未开始": TopicStage.OPENED, "调研": TopicStage.RESEARCH,
    "调研中": TopicStage.RESEARCH, "正在调研": TopicStage.RESEARCH, "结题": TopicStage.CONCLUDED,
    "已结题": TopicStage.CONCLUDED, "已完成": TopicStage.CONCLUDED, "成果转化": TopicStage.APPLIED,
    "已转化": TopicStage.APPLIED, "转化中": TopicStage.APPLIED,
}  # fmt: skip
FIRMS = re.compile(r"(公司|企业|集团|工厂|厂|店|超市|商行|合作社|农场|经营部|工作室|酒店|民宿)$")
INSTITUTIONS = re.compile(r"(局|委|办|院|所|学校|小学|中学|幼儿园|中心|站|银行|支行|村委会|居委会|社区|村|街道|镇|乡)$")
SOCIETIES = re.compile(r"(协会|商会|学会|基金会|志愿者?队|联合会)$")
PROJECTS = re.compile(r"(项目|工程|工地)$")
ENDINGS = (
    (FIRMS, ObjectKind.ENTERPRISE),
    (SOCIETIES, ObjectKind.SOCIAL_ORGANISATION),
    (PROJECTS, ObjectKind.PROJECT),
    (INSTITUTIONS, ObjectKind.INSTITUTION),
)
EVENING = datetime.time(18)
DONE = frozenset({"已销号", "销号", "已完成", "完成", "已办结", "办结"})
OPEN = frozenset({"未销号", "未完成", "进行中", "推进中", "办理中", "正在推进", "持续推进"})
YEAR = re.compile(r"((?:19|20|21)\d\d)(?:年度?)?")
TIME = re.compile(r"(上午|早上|下午|傍晚|晚上)?(\d{1,2})(?::|时|点)(半|\d{1,2})?分?(?::\d{1,2})?")
AFTER_NOON = ("下午", "傍晚", "晚上")
YEAR_END = re.compile(r"(\d{4})年?(?:年底|年末|底|末)")
MONTH_END = re.compile(r"(\d{4})(?:[-/.]|年)(\d{1,2})月?(?:底|末)?")
BEFORE = re.compile(r"(之前|以前|前)$")
YEARS = range(1949, 2120)


def code_of(text: str, words: Mapping[str, str]) -> str | None:
    """A word of the sheet, or the code itself."""
    written = "".join(half_width(text).split())
    return str(words[written]) if written in words else written if written in words.values() else None


def kind_of_object(name: str) -> ObjectKind:
    """By how the name ends; a name that tells nothing is somebody's."""
    plain = re.sub(r"[（(][^（()）]*[)）]$", "", name)
    return next((kind for ending, kind in ENDINGS if len(plain) > 3 and ending.search(plain)), ObjectKind.HOUSEHOLD)


def kind_of_visit(at: datetime.time | None) -> VisitKind:
    return VisitKind.NIGHT_TALK if at is not None and at >= EVENING else VisitKind.DAY_VISIT


@column_of
def clock(cell: object) -> datetime.time:
    """A time of day, with or without a day before it."""
    if isinstance(cell, datetime.time):
        return cell.replace(microsecond=0)
    if isinstance(cell, float) and 0 <= cell < 1:
        return (convert.EPOCH + datetime.timedelta(seconds=round(cell * 86_400))).time()
    written = "".join(half_width(str(cell)).split())
    if found := TIME.fullmatch(written):
        hour, minute = int(found[2]), 30 if found[3] == "半" else int(found[3] or 0)
        if found[1] in AFTER_NOON and (hour < 12 or (hour == 12 and found[1] != "下午")):
            hour += 12
        if hour < 24 and minute < 60:
            return datetime.time(hour, minute)
    try:
        at = convert.wall_clock(cell)
    except Unreadable:
        at = None
    if isinstance(at, datetime.datetime) and at.time() != datetime.time():
        return at.time()
    raise Unreadable("time", N_("This is not a time of day: write it as 19:30"))


@column_of
def year(cell: object) -> int:
    if isinstance(cell, datetime.date):
        return cell.year
    found = YEAR.fullmatch(str(convert.code(cell)))
    if found is None or int(found[1]) not in YEARS:
        raise Unreadable("year", N_("This is not a year: write it as 2026"))
    return int(found[1])


@column_of
def deadline(cell: object) -> datetime.date:
    """The last day of what it names: 2026年6月底前 is 30 June."""
    if isinstance(cell, str):
        written = BEFORE.sub("", "".join(half_width(cell).split()))
        if found := YEAR_END.fullmatch(written):
            return datetime.date(int(found[1]), 12, 31)
        found = MONTH_END.fullmatch(written)
        if found and int(found[1]) in YEARS and 1 <= int(found[2]) <= 12:
            number, month = int(found[1]), int(found[2])
            return datetime.date(number, month, monthrange(number, month)[1])
        cell = written
    return convert.day(cell)  # type: ignore[return-value]  # no blank comes this far


@column_of
def written_off(cell: object) -> bool | datetime.date:
    """Whether, or on which day."""
    if isinstance(cell, datetime.date):
        return convert.day(cell)  # type: ignore[return-value]
    written = "".join(str(convert.text(cell)).split())
    if written in DONE or written in OPEN:
        return written in DONE
    try:
        return bool(convert.flag(cell))
    except Unreadable:
        pass
    try:
        return convert.day(cell)  # type: ignore[return-value]
    except Unreadable:
        raise Unreadable("flag", N_("Write 是 or 否, or the day")) from None


def year_in(name: str) -> int | None:
    """Of a sheet's or a file's name: 2026年民生实事."""
    found = re.search(r"(?<!\d)(20\d\d)(?!\d)", name)
    return int(found[1]) if found else None

"""How ledgers word states, satisfaction and limits."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from imports.convert import Unreadable, column_of, is_blank, moment, text
from models.ratings import Resolved
from rules.lifecycle import STATE_LABELS, State
from rules.refusals import N_
from rules.workdays import ZONE

WORDS = {
    State.SUBMITTED: ("待受理", "未受理", "已提交", "已登记", "新建"),
    State.ACCEPTED: ("已受理", "受理", "待派单", "待分派"),
    State.DISPATCHED: ("已派单", "待签收", "已交办", "已派发", "已分派", "已转办", "转办", "已分办"),
    State.SIGNED: ("已签收", "签收"),
    State.HANDLING: (
        "办理中", "处理中", "在办", "处置中", "未办结", "未完成", "未回复", "重办中", "延期", "已延期", "延期办理",
        "申请延期", "延期中", "督办中", "逾期未办结", "超期",
    ),
    State.PENDING_REVIEW: ("待审核", "待办结", "待审结", "审核中"),
    State.RETURNED: ("已退单", "退单", "退回", "已退回", "退件", "待重派", "退回重派"),
    State.SUSPENDED: ("已挂起", "挂起", "挂起中", "暂停", "已暂停", "暂缓", "暂缓办理", "中止"),
    State.SETTLED: (
        "已办结", "办结", "已答复", "已回复", "已办理", "已结案", "结案", "完成", "已完成", "已回访", "已关闭", "关闭",
    ),
    State.RATED: ("已评价", "已评"),
    State.UNRATED: ("未评价", "逾期未评", "超时未评价"),
    State.ARCHIVED: ("已归档", "归档"),
    State.DECLINED: ("不予受理", "不受理", "不予办理", "已拒绝", "非受理范围"),
    State.MERGED: ("已并案", "并案", "并案处理", "合并", "已合并", "重复件", "重复工单", "重复"),
    State.CANCELLED: ("已撤诉", "撤诉", "已撤销", "撤销", "撤回", "已撤回", "撤单", "已取消", "取消", "作废", "已作废"),
}  # fmt: skip
STATES = {word: state for state, words in WORDS.items() for word in (*words, state.value, STATE_LABELS[state])}
OFFERED = tuple(words[0] for words in WORDS.values())

SATISFACTION = {
    "非常满意": 5, "很满意": 5, "十分满意": 5, "满意": 4, "比较满意": 4, "是": 4, "基本满意": 3, "一般": 3,
    "不满意": 2, "不太满意": 2, "否": 2, "非常不满意": 1, "很不满意": 1,
}  # fmt: skip
NO_OPINION = frozenset({"未评价", "未评", "无", "/", "-", "—", "未回访"})
RESOLVED = {
    "是": Resolved.YES, "已解决": Resolved.YES, "解决": Resolved.YES, "√": Resolved.YES, "部分": Resolved.PARTLY,
    "部分解决": Resolved.PARTLY, "否": Resolved.NO, "未解决": Resolved.NO, "×": Resolved.NO,
}  # fmt: skip
DAYS = re.compile(r"(\d{1,3})(?:\.0)?\s*(?:个)?(?:工作日|天|日)?")


@column_of
def state(cell: object) -> State:
    word = str(text(cell))
    if word not in STATES:
        raise Unreadable(
            "state",
            N_("“%(word)s” is not a state of a request; choose from: %(known)s"),
            word=word,
            known="、".join(words[0] for words in WORDS.values()),
        )
    return STATES[word]


def state_by_times(values: Mapping[str, Any]) -> State:
    """Where no state is named."""
    if values.get("settled_at"):
        return State.SETTLED
    if values.get("signed_at"):
        return State.HANDLING
    if values.get("dispatched_at"):
        return State.DISPATCHED
    return State.SUBMITTED


@column_of
def stars(cell: object) -> int | None:
    word = str(text(cell))
    if word in NO_OPINION:
        return None
    if set(word) <= {"★", "☆"}:
        given = word.count("★")
    elif (figure := re.fullmatch(r"([1-5])(?:\.0)?\s*(?:颗?星|分)?", word)) is not None:
        given = int(figure[1])
    else:
        given = SATISFACTION.get(word, 0)
    if not 1 <= given <= 5:
        raise Unreadable("stars", N_("Write one to five stars or how satisfied the reporter was"))
    return given


@column_of
def resolved(cell: object) -> str:
    word = str(text(cell))
    if word not in RESOLVED:
        raise Unreadable(
            "word", N_("“%(word)s” is unknown here; write one of: %(known)s"), word=word, known="、".join(RESOLVED)
        )
    return RESOLVED[word].value


@column_of
def due(cell: object) -> datetime | int:
    """A number of days, or the moment when the time is over: a day counts to its end."""
    days = DAYS.fullmatch(str(text(cell)))
    if days:
        return int(days[1])
    limit = moment(cell)
    if is_blank(cell) or not isinstance(limit, datetime):
        raise Unreadable("date", N_("This is not a date: write it as 2026-03-05"))
    return limit + timedelta(days=1) if is_midnight(limit) else limit


def is_midnight(at: datetime) -> bool:
    return at.astimezone(ZONE).strftime("%H:%M:%S") == "00:00:00"

"""Dictionary: the words an office may add to (sources, person categories, rating tags …)."""

from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.changes import Tracked
from models.types import one_of
from rules.refusals import N_


class TermKind(StrEnum):
    SOURCE = "source"
    PERSON_CATEGORY = "person_category"
    POLITICAL_STATUS = "political_status"
    RATING_TAG = "rating_tag"
    DISPOSAL_MODE = "disposal_mode"
    TASK_LIST = "task_list"
    HOUSEHOLD_LABEL = "household_label"
    RETURN_REASON = "return_reason"
    EXTENSION_REASON = "extension_reason"
    SUSPENSION_REASON = "suspension_reason"
    PROMISE_REASON = "promise_reason"
    DECLINE_REASON = "decline_reason"
    EXCLUSION_REASON = "exclusion_reason"


TERM_KIND_LABELS = {
    TermKind.SOURCE: N_("Source"),
    TermKind.PERSON_CATEGORY: N_("Category of person"),
    TermKind.POLITICAL_STATUS: N_("Political status"),
    TermKind.RATING_TAG: N_("Reason given with a rating"),
    TermKind.DISPOSAL_MODE: N_("Disposal mode"),
    TermKind.TASK_LIST: N_("List of tasks"),
    TermKind.HOUSEHOLD_LABEL: N_("Special group"),
    TermKind.RETURN_REASON: N_("Reason to return"),
    TermKind.EXTENSION_REASON: N_("Reason to extend"),
    TermKind.SUSPENSION_REASON: N_("Reason to suspend"),
    TermKind.PROMISE_REASON: N_("Reason for a promise"),
    TermKind.DECLINE_REASON: N_("Reason not to accept"),
    TermKind.EXCLUSION_REASON: N_("Reason to leave a rating out"),
}

SEED = {
    TermKind.SOURCE: [
        ("portal", "居民门户", "Residents' portal"),
        ("phone", "电话", "Telephone"),
        ("venue", "阵地", "Venue"),
        ("visit", "走访", "Visit"),
        ("night_talk", "夜谈", "Night talk"),
        ("api", "接口", "Other system"),
        ("import", "导入", "Import"),
    ],
    TermKind.PERSON_CATEGORY: [
        ("district_cadre", "区管干部", "District-managed cadre"),
        ("agency_cadre", "机关干部", "Agency cadre"),
        ("village_member", "村社党员", "Village party member"),
        ("two_new_member", "两新党员", "Two-new party member"),
        ("grid_staff", "网格员", "Grid staff"),
    ],
    TermKind.POLITICAL_STATUS: [
        ("party_member", "中共党员", "Party member"),
        ("probationary", "预备党员", "Probationary member"),
        ("youth_league", "共青团员", "Youth League member"),
        ("masses", "群众", "Non-party"),
    ],
    TermKind.RATING_TAG: [
        ("fast", "办得快", "Fast"),
        ("polite", "态度好", "Polite"),
        ("thorough", "办得实", "Thorough"),
        ("slow", "办得慢", "Slow"),
        ("rude", "态度差", "Impolite"),
        ("unsolved", "没解决", "Not solved"),
    ],
    TermKind.DISPOSAL_MODE: [
        ("on_the_spot", "现场办", "On the spot"),
        ("coordinated", "协调办", "Coordinated"),
        ("assigned", "交办", "Assigned"),
        ("supervised", "督办", "Supervised"),
        ("explained", "解释说服", "Explained"),
    ],
    TermKind.TASK_LIST: [
        ("livelihood", "民生实事", "Livelihood task"),
        ("hard_problem", "十大攻坚难题", "Ten hard problems"),
        ("hardship", "十大专项解民难", "Ten campaigns against hardship"),
        ("care", "十大关爱暖人心", "Ten acts of care"),
        ("measure", "惠民举措", "Measure for the people"),
        ("issue", "问题清单", "Issue list"),
        ("task", "任务清单", "Task list"),
        ("duty", "责任清单", "Duty list"),
    ],
    TermKind.HOUSEHOLD_LABEL: [
        ("allowance", "低保户", "On subsistence allowance"),
        ("near_allowance", "低保边缘户", "Little above the allowance"),
        ("public_care", "特困供养", "In public care"),
        ("disabled", "残疾人家庭", "With a disabled member"),
        ("lone_elderly", "独居老人", "Elderly person living alone"),
        ("left_behind", "留守儿童", "With children left behind"),
        ("bereaved", "失独家庭", "Lost their only child"),
        ("illness", "大病困难家庭", "In need through illness"),
        ("veteran", "退役军人家庭", "Family of a veteran"),
    ],
    TermKind.RETURN_REASON: [
        ("not_ours", "不属本单位职责", "Not this unit's duty"),
        ("other_place", "不在本辖区", "Not in this unit's area"),
        ("unclear", "诉求不清、无法核实", "Cannot be understood or verified"),
        ("duplicate", "已有单位在办", "Another unit handles it already"),
    ],
    TermKind.EXTENSION_REASON: [
        ("complex", "情况复杂", "Complicated"),
        ("several_units", "涉及多个单位", "Several units are involved"),
        ("works", "工程施工需要时间", "Works take their time"),
        ("expert", "需检测、鉴定", "Needs testing or an expert opinion"),
        ("weather", "天气原因", "Weather"),
    ],
    TermKind.SUSPENSION_REASON: [
        ("season", "季节限制", "Season"),
        ("tender", "招标采购", "Tender"),
        ("court", "司法程序", "Court proceedings"),
        ("reporter", "等待诉求人", "Waits for the reporter"),
    ],
    TermKind.PROMISE_REASON: [
        ("budget", "列入计划、落实资金", "Planned, waiting for funds"),
        ("works", "分期实施", "Done in stages"),
        ("season", "待季节适宜", "Waits for the season"),
    ],
    TermKind.DECLINE_REASON: [
        ("not_public", "不属受理范围", "Outside what is accepted"),
        ("legal", "已进入法定程序", "In legal proceedings already"),
        ("settled", "同一事项已办结", "The same matter is settled"),
        ("taken_back", "诉求人撤回", "The reporter takes it back"),
        ("abuse", "内容虚假或恶意", "Untrue or malicious"),
    ],
    TermKind.EXCLUSION_REASON: [
        ("not_about_us", "评价对象不是本单位", "Not about this unit"),
        ("beyond_law", "诉求超出法律政策", "Beyond law and policy"),
        ("mistaken", "误评", "Rated by mistake"),
        ("malicious", "恶意差评", "Malicious"),
    ],
}

AT_DESK = frozenset({"phone", "venue", "visit", "night_talk"})


class Term(Tracked, Model):
    __tablename__ = "term"
    __table_args__: Any = (sa.UniqueConstraint("kind", "code"), one_of("term", "kind", TermKind))

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(24), index=True)
    code: Mapped[str] = mapped_column(sa.String(32))
    label: Mapped[str] = mapped_column(sa.String(60))
    label_en: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")
    position: Mapped[int] = mapped_column(default=0, server_default="0")
    active: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    at_desk: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """A source that is chosen when a request is taken down."""

    def __str__(self) -> str:
        return self.label


def seed_terms(session: Session) -> None:
    for kind, rows in SEED.items():
        for position, (code, label, label_en) in enumerate(rows):
            at_desk = kind is TermKind.SOURCE and code in AT_DESK
            session.add(Term(kind=kind, code=code, label=label, label_en=label_en, position=position, at_desk=at_desk))

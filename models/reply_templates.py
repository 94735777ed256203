"""Reply templates 答复模板: words kept ready for a contact, a result, a request that is not accepted."""

from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from flask_appbuilder import Model
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.categories import Category
from models.changes import Tracked
from models.types import one_of
from rules.refusals import N_
from rules.replies import check_places


class ReplyStep(StrEnum):
    CONTACT = "contact"
    RESULT = "result"
    DECLINE = "decline"


REPLY_STEP_LABELS = {
    ReplyStep.CONTACT: N_("First contact"),
    ReplyStep.RESULT: N_("Answer to the reporter"),
    ReplyStep.DECLINE: N_("Do not accept"),
}


class ReplyTemplate(Tracked, Model):
    __tablename__ = "reply_template"
    __table_args__: Any = (one_of("reply_template", "step", ReplyStep),)

    id: Mapped[int] = mapped_column(primary_key=True)
    category_id: Mapped[int | None] = mapped_column(sa.ForeignKey("category.id"), index=True)
    """Empty: for every category. Those below it use it too."""
    step: Mapped[str] = mapped_column(sa.String(12), index=True)
    title: Mapped[str] = mapped_column(sa.String(60))
    text: Mapped[str] = mapped_column(sa.Text)
    active: Mapped[bool] = mapped_column(default=True, server_default=sa.true())

    category: Mapped[Category | None] = relationship()

    def __str__(self) -> str:
        return self.title

    def check(self) -> None:
        check_places(self.text)


def replies_for(session: Session, step: ReplyStep, category: Category | None) -> list[ReplyTemplate]:
    """Those of the category itself, then of the ones above it, then those for all."""
    length = sa.func.length(Category.path)
    statement = (
        sa.select(ReplyTemplate)
        .join(Category, ReplyTemplate.category_id == Category.id, isouter=True)
        .where(
            ReplyTemplate.step == step,
            ReplyTemplate.active,
            sa.or_(ReplyTemplate.category_id.is_(None), Category.path.in_(up_from(category))),
        )
        .order_by(sa.func.coalesce(length, 0).desc(), ReplyTemplate.id)
    )
    return list(session.scalars(statement))


def up_from(category: Category | None) -> list[str]:
    codes = category.path.strip("/").split("/") if category else []
    return [f"/{'/'.join(codes[:count])}/" for count in range(1, len(codes) + 1)]


SEED = (
    (
        ReplyStep.CONTACT,
        None,
        "电话已接通",
        "已于{日期}致电，告知您反映的“{标题}”由{单位}办理，编号{编号}，办理情况会及时告诉您。",
    ),
    (ReplyStep.CONTACT, None, "约定上门", "已于{日期}致电，约好到现场查看“{标题}”，请保持电话畅通。"),
    (
        ReplyStep.CONTACT,
        None,
        "暂未接通",
        "{日期}两次致电无人接听，已发短信说明由{单位}办理，编号{编号}，稍后再联系您。",
    ),
    (
        ReplyStep.RESULT,
        None,
        "已办好",
        "您反映的“{标题}”（编号{编号}）已于{日期}办好。如有不满意，请在评价时告诉我们。{单位}",
    ),
    (
        ReplyStep.RESULT,
        None,
        "说明政策",
        "您反映的“{标题}”（编号{编号}），{单位}已核实。按现行政策目前不能办理，原因是：。感谢您的理解。",
    ),
    (
        ReplyStep.RESULT,
        "30",
        "设施已修复",
        "您反映的“{标题}”，{单位}已于{日期}到现场修复，请查看。之后再出现问题，可凭编号{编号}联系我们。",
    ),
    (
        ReplyStep.DECLINE,
        None,
        "请向主管部门提出",
        "您反映的“{标题}”（编号{编号}）不属于受理范围，请向有关主管部门提出，联系方式：。{日期}",
    ),
)


def seed_replies(session: Session) -> None:
    known = {each.code: each for each in session.scalars(sa.select(Category).where(Category.parent_id.is_(None)))}
    for step, code, title, text in SEED:
        session.add(ReplyTemplate(step=step, category=known.get(code or ""), title=title, text=text))
